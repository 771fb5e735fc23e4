"""Writing a student's feedback page: their own work and the author's words, no hidden test.

A page is made of an executed notebook and of marks, and takes no kernel. It ends with a stamp: what
it was made of, so that a page which is out of date can be recognised.
"""

import hashlib
import html
import json
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades
from traitlets.utils.importstring import import_item

from referee import __version__
from referee.feedback.code import Budget
from referee.feedback.content import content_of
from referee.feedback.exporter import FeedbackExporter, has_own_template, with_policy
from referee.feedback.hide import (
    describe_pictures,
    hide_tests,
    keep_formatting_short,
    name_what_is_not_shown,
)
from referee.feedback.look import FOLDER
from referee.feedback.pictures import attach_pictures, pictures_in
from referee.feedback.reasons import parsed
from referee.feedback.render import FILES, rendered_page
from referee.feedback.safe_texts import safe_text
from referee.judge.verdict import Verdict
from referee.model.assignment import Assignment, AssignmentNotebook
from referee.model.questions import questions_of
from referee.model.work import NotebookMarks, ShownMarks
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import time_to_show
from referee.text import name_of

# What of nbgrader_config.py makes a difference to pages, and not to marks.
SECTIONS = ("GenerateFeedback", "HTMLExporter", "FeedbackExporter", "TemplateExporter")
STAMP = "<!-- made of {} -->\n"
STAMP_LENGTH = len(STAMP.format("0" * 64))


class FeedbackPages:
    """Writes the pages of an assignment, as GenerateFeedback does where the course has a template.

    `look` says what pages are made with, the same on all machines; see page_look.
    """

    def __init__(self, course: Course, assignment: Assignment, look: str) -> None:
        self._assignment = assignment
        self._questions = questions_of(assignment)
        self._look = look
        self._pictures = pictures_in(course.materials(assignment.name))
        converter = GenerateFeedback(coursedir=course.directory, parent=course.app)
        self._exporter = _exporter(converter)
        kinds = [
            import_item(step) if isinstance(step, str) else step for step in converter.preprocessors
        ]
        self._own_steps = [kind for kind in kinds if not _is_done_here(kind)]
        for kind in kinds if self._has_own_template else []:
            if not _is_done_here(kind) or issubclass(kind, CSSHTMLHeaderPreprocessor):
                self._exporter.register_preprocessor(kind, enabled=True)

    def prepare(self) -> None:
        """Format once what the notebooks of a class have in common."""
        budget = Budget()
        for notebook in self._assignment.notebooks:
            for text in notebook.texts:  # Markdown or code, nobody says which
                safe_text(text)
                budget.coloured(text)
            for cell in notebook.cells:
                if cell.tested and cell.source == cell.released:
                    parsed(cell.released)

    def page(self, nb: NotebookNode, notebook: AssignmentNotebook, marks: ShownMarks) -> bytes:
        """The page of an executed notebook; the notebook stays as it is."""
        alone = len(self._assignment.notebooks) == 1
        content = content_of(
            nb, notebook, self._questions, marks, self._assignment.name, alone=alone
        )
        shown = nbformat.from_dict(nb)
        hide_tests(shown, notebook)
        keep_formatting_short(shown)
        describe_pictures(shown)
        name_what_is_not_shown(shown)
        attach_pictures(shown, self._pictures)
        score, max_score = _put_marks(shown, marks)
        resources = {
            "metadata": {"name": notebook.name},
            "unique_key": notebook.name,
            "output_files_dir": f"{notebook.name}_files",
            "nbgrader": {
                "notebook": notebook.name,
                "score": score - marks.late_penalty,
                "max_score": max_score,
                "late_penalty": marks.late_penalty,
            },
        }
        if self._has_own_template:
            page, _ = self._exporter.from_notebook_node(shown, resources)
            return self._stamped(with_policy(page), marks)
        for kind in self._own_steps:
            shown, resources = kind(parent=self._exporter, enabled=True)(shown, resources)
        return self._stamped(rendered_page(content, shown), marks)

    @cached_property
    def _has_own_template(self) -> bool:
        return type(self._exporter) is not FeedbackExporter or has_own_template(self._exporter)

    def plain_page(
        self, nb: NotebookNode, notebook: AssignmentNotebook, marks: ShownMarks
    ) -> bytes:
        """A page with the marks and the verdicts as text, for a notebook that cannot be shown."""
        shown, name = nbformat.from_dict(nb), notebook.name
        hide_tests(shown, notebook)
        score, max_score = _put_marks(shown, marks)
        lines = [f"{name}: {score - marks.late_penalty:g} of {max_score:g} points"]
        if marks.late_penalty:
            lines.append(f"Late: {marks.late_penalty:g} points less")
        for cell in shown.cells:
            about = cell.metadata.get("nbgrader", {})
            if "points" in about:
                waits = marks.points.get(about.grade_id, 0.0) is None
                score_of = "to be marked, out" if waits else f"{about.score:g}"
                lines.append(f"{about.grade_id}: {score_of} of {about.points:g}")
                lines += [
                    f"    {Verdict.read(output).for_student}"
                    for output in cell.get("outputs", ())
                    if output.output_type == "error"
                ]
            if about.get("comment"):
                lines.append(f"{about.grade_id}: {about.comment}")
        text = html.escape("\n".join(lines))
        page = f"<!DOCTYPE html>\n<meta charset=utf-8>\n<title>{html.escape(name)}</title>\n"
        return self._stamped(f"{page}<pre>{text}</pre>", marks)

    def is_current(self, page: Path, marks: ShownMarks) -> bool:
        """Whether a page was made of these marks, with this template and these options."""
        expected = STAMP.format(self._digest(marks)).encode()
        try:
            with page.open("rb") as file:
                file.seek(-STAMP_LENGTH, 2)
                return file.read() == expected
        except OSError:
            return False

    def _stamped(self, page: str, marks: ShownMarks) -> bytes:
        return f"{page}\n{STAMP.format(self._digest(marks))}".encode(errors="replace")

    def _digest(self, marks: ShownMarks) -> str:
        made_of = [self._look, asdict(marks)]
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def page_look(course: Course) -> str:
    """A hash of what pages are made with: the version, the options, and the template's file.

    The head computes it and hands it to workers, for options may name folders.
    """
    converter = GenerateFeedback(coursedir=course.directory, parent=course.app)
    template = _exporter(converter).template.filename
    content = Path(template).read_bytes() if template and Path(template).is_file() else b""
    ours = [(FOLDER / name).read_text() for name in FILES]
    settings = {name: course.app.config.get(name, {}) for name in SECTIONS}
    made_with = [__version__, ours, settings, hashlib.sha256(content).hexdigest()]
    text = json.dumps(made_with, sort_keys=True, default=name_of)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_done_here(kind: type) -> bool:
    """Whether a step of GenerateFeedback is done by the pages themselves."""
    ours = kind.__module__.startswith("referee.")
    return ours or issubclass(kind, GetGrades | CSSHTMLHeaderPreprocessor)


def _exporter(converter: GenerateFeedback) -> HTMLExporter:
    kind = converter.exporter_class
    if kind is HTMLExporter or not issubclass(kind, HTMLExporter):
        kind = FeedbackExporter  # HTMLExporter is nbgrader's default
    exporter = kind(parent=converter, config=converter.config)
    exporter.sanitize_html = True  # students' scripts do not run in it
    return exporter


def marks_to_show(
    marks: NotebookMarks, student: str = "", handed_in: datetime | None = None
) -> ShownMarks:
    """The autograder's marks as a student reads them, while no human has given any."""
    return ShownMarks(
        dict(marks.points),
        dict(marks.comments),
        marks.late_penalty or 0.0,
        student=student,
        handed_in=time_to_show(handed_in),
    )


def _put_marks(nb: NotebookNode, marks: ShownMarks) -> tuple[float, float]:
    """Put points and comments into a notebook's metadata; return its score and what it could be."""
    score, max_score = marks.extra_credit, 0.0
    for cell in nb.cells:
        about: Any = cell.metadata.get("nbgrader")
        if about is None:
            continue
        if "points" in about:
            about.score = marks.points.get(about.grade_id) or 0.0
            score, max_score = score + about.score, max_score + about.points
        if about.grade_id in marks.comments:
            about.comment = marks.comments[about.grade_id]
    return score, max_score
