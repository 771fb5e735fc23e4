"""What a check finds, as plain data, and read from what became of the master and its release."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from referee.batch.rehearsal import LostPoints, lost_points
from referee.check.master import MasterNotebook
from referee.check.remedies import Failure, remedy
from referee.judge.judge import why_unreadable
from referee.judge.magics import NotInTests
from referee.judge.places import NotComparable
from referee.judge.verdict import Verdict
from referee.model.assignment import Assignment
from referee.model.explanation import METADATA, explanation_from
from referee.model.limits import Limits
from referee.model.work import Result

WORD = re.compile(r"\w+")
OURS = (NotInTests.__name__, NotComparable.__name__)  # say what cannot be judged; their names less
Cell = tuple[str, str]  # a notebook and one of its cells


@dataclass(frozen=True)
class CellFinding:
    """A test that is not as it should be: it loses points, fails, or gives points for nothing.

    `line` is 0 where it is not known, and `source` what stands there.
    """

    notebook: str
    cell: str
    points: float
    max_points: float
    line: int
    source: str
    reason: str
    remedy: str


def failing_without_points(assignment: Assignment, result: Result) -> list[LostPoints]:
    """The tests that fail and are worth nothing: they cost no points, and mislead students."""
    executed = _executed(result)
    found = []
    for notebook in assignment.notebooks:
        for cell in notebook.cells:
            tried = executed.get(notebook.name, {}).get(cell.name)
            if cell.tested and not cell.points and tried and _verdict_of(tried)[0]:
                found.append(LostPoints(notebook.name, cell, 0.0))
    return found


def failures(
    assignment: Assignment,
    result: Result,
    failed: Iterable[LostPoints],
    masters: Mapping[str, MasterNotebook],
    limits: Limits,
    stock: Mapping[Cell, bool] | None = None,
) -> list[CellFinding]:
    """What is wrong with tests that fail with the master's own solution, and what to do about each.

    `stock` says which of them pass as stock nbgrader runs them.
    """
    executed = _executed(result)
    found = []
    for lost in failed:
        cell = executed.get(lost.notebook, {}).get(lost.cell.name)
        verdict, line, source = _verdict_of(cell)
        if not line and (unreadable := why_unreadable(lost.cell.source)) is not None:
            line = unreadable[0]
            source = lost.cell.source.split("\n")[line - 1]
        failure = Failure(
            lost.cell.name,
            lost.points,
            lost.cell.points or 0.0,
            verdict,
            (stock or {}).get((lost.notebook, lost.cell.name)),
            masters[lost.notebook],
            assignment.name,
            limits,
        )
        found.append(_finding(lost, line, source, _reason(verdict), remedy(failure)))
    return found


def given_away(
    assignment: Assignment, result: Result, masters: Mapping[str, MasterNotebook]
) -> Iterator[CellFinding]:
    """The tests that give points to the release as students get it."""
    lost = {(each.notebook, each.cell.name): each for each in lost_points(assignment, result)}
    for notebook in assignment.notebooks:
        if notebook.name not in result.marks:
            continue
        written = masters[notebook.name].written_by_students()
        for cell in notebook.cells:
            worth = cell.points or 0.0
            at = lost.get((notebook.name, cell.name))
            points = worth if at is None else at.points
            if not cell.tested or points <= 0:
                continue
            if written & set(WORD.findall(cell.source)):
                reason = "it gives points for the release, before a student has written anything"
                remedy = "Test something that the release does not do yet."
            else:
                reason = "it passes whatever a student does: it looks at nothing that they write"
                remedy = "Have it call what students write, or give it 0 points."
            given = LostPoints(notebook.name, cell, points)
            yield _finding(given, 0, "", reason, remedy)


def _finding(lost: LostPoints, line: int, source: str, reason: str, remedy: str) -> CellFinding:
    worth = lost.cell.points or 0.0
    return CellFinding(
        lost.notebook, lost.cell.name, lost.points, worth, line, source, reason, remedy
    )


def _executed(result: Result) -> dict[str, dict[str, NotebookNode]]:
    """The cells of all executed notebooks, by notebook and grade id."""
    return {
        name.removesuffix(".ipynb"): _cells(content)
        for name, content in result.autograded.items()
        if name.endswith(".ipynb")
    }


def _cells(content: bytes) -> dict[str, NotebookNode]:
    """The cells of an executed notebook, by grade id."""
    cells: Iterable[NotebookNode] = nbformat.reads(content.decode(), as_version=4).cells
    return {cell.metadata.get("nbgrader", {}).get("grade_id", ""): cell for cell in cells}


def _verdict_of(cell: NotebookNode | None) -> tuple[Verdict | None, int, str]:
    """How a test has ended, and the line in which it did."""
    if cell is None:
        return Verdict.stopped("it was not run"), 0, ""
    errors = [output for output in cell.get("outputs", ()) if output.output_type == "error"]
    verdict = Verdict.read(errors[0]) if errors else None
    explanation = explanation_from(cell.metadata.get(METADATA))
    if explanation is not None and explanation.line is not None:
        return verdict, explanation.line.number, explanation.line.source
    return verdict, 0, ""


def _reason(verdict: Verdict | None) -> str:
    if verdict is None:
        return "its last line gives less than all points"
    message = verdict.message.strip()
    if message and verdict.name in OURS:
        return message
    return f"{verdict.name}: {message}" if message else verdict.name
