"""Feedback pages of notebooks that were never run: cells, and how each has ended."""

import copy
import html
import re
from typing import Any

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config

from referee.feedback.content import content_of
from referee.feedback.hide import describe_pictures, hide_tests, keep_formatting_short
from referee.feedback.render import rendered_page
from referee.judge.verdict import Verdict
from referee.model.assignment import Assignment, AssignmentCell, AssignmentNotebook
from referee.model.questions import questions_of
from referee.model.work import ShownMarks
from referee.nbgrader.hidden import HiddenTests
from referee.nbgrader.released import headings_in

BOOK = "book"


def notebook_of(cells: list[NotebookNode]) -> AssignmentNotebook:
    """The assignment's notebook as the gradebook has it, of a master's cells."""
    hidden, heading, found = HiddenTests(Config()), "", []
    for cell in cells:
        if cell.cell_type == "markdown":
            heading = [heading, *headings_in(cell.source)][-1]
        if "nbgrader" in cell.metadata:
            about, released = cell.metadata.nbgrader, hidden.removed_from(cell.source)
            found.append(
                AssignmentCell(
                    about.grade_id,
                    cell.cell_type,
                    about.locked,
                    cell.source,
                    released,
                    "",
                    about.get("points"),
                    about.solution,
                    about.task,
                    heading,
                )
            )
    return AssignmentNotebook(BOOK, None, 3, tuple(found))


def failed(cell: NotebookNode, verdict: Verdict) -> NotebookNode:
    """The cell with the output of a test that has failed."""
    return showing(cell, verdict.to_output())


def showing(cell: NotebookNode, *outputs: NotebookNode) -> NotebookNode:
    """The cell with these outputs."""
    shown = copy.deepcopy(cell)
    shown.outputs = list(outputs)
    return shown


def displayed(data: dict[str, str]) -> NotebookNode:
    """An output that shows this."""
    return nbformat.v4.new_output("display_data", data=data)


def page_of(
    master: list[NotebookNode], executed: list[NotebookNode] | None = None, **marks: Any
) -> str:
    """The page of an executed notebook; all tests have no points unless `points` says otherwise."""
    notebook = notebook_of(master)
    points = {cell.name: 0.0 for cell in notebook.cells if cell.points is not None}
    shown = ShownMarks(points | marks.pop("points", {}), marks.pop("comments", {}), **marks)
    nb = nbformat.v4.new_notebook(cells=copy.deepcopy(executed or master))
    questions = questions_of(Assignment("homework", "", (notebook,)))
    content = content_of(nb, notebook, questions, shown, "homework")
    hide_tests(nb, notebook)
    keep_formatting_short(nb)
    describe_pictures(nb)
    return rendered_page(content, nb)


def section(page: str, title: str) -> str:
    """What a part of the page says, by the beginning of its heading; empty if there is none."""
    parts = re.split(r"<h2[^>]*>", page)[1:]
    found = [text_of(part.split("</section>")[0]) for part in parts]
    return next((" ".join(text.split()) for text in found if text.strip().startswith(title)), "")


def text_of(page: str) -> str:
    """What a page says, without its style."""
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", "", page, flags=re.DOTALL))
