"""A graded class of the toy course, recorded as workers' results are, without any kernel."""

import copy
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from referee.judge.verdict import Verdict
from referee.model.outcomes import Outcome
from referee.model.work import CellTime, NotebookMarks, Result, to_bytes
from referee.nbgrader.course import Course
from referee.record.recorder import GradedSubmission, Recorder
from tests.support.pages import failed
from tests.support.toy import CONFIG, NAME, RIGHT, WITH_REFEREE, ToyCourse, by_hand, make_toy
from tests.support.toy import question as question_of_toy

MASTER = [
    nbformat.v4.new_markdown_cell("## 1. Doubling (5 points)"),
    *question_of_toy("double", "assert double(21) == 42, 'double: of a whole number'"),
    nbformat.v4.new_markdown_cell("## 2. Halving (5 points)"),
    *question_of_toy("halve", "assert halve(5.0) == 2.5, 'halve: of a fraction'"),
    nbformat.v4.new_markdown_cell("## 3. In words (3 points)"),
    by_hand("explain", 3),
]
WORTH = {"double-visible": 1, "double-hidden": 4, "halve-visible": 1, "halve-hidden": 4}
WHOLE, FRACTION = "double: of a whole number", "halve: of a fraction"
EVIL = "<script>alert(1)</script>"


def make_class(root: Path) -> ToyCourse:
    """A course whose third question waits for a human, with no student yet."""
    return make_toy(root, CONFIG + WITH_REFEREE, MASTER)


def result(
    student: str,
    said: dict[str, str] | None = None,
    *,
    untouched: bool = False,
    notes: tuple[str, ...] = (),
) -> Result:
    """A result in which tests failed with these sentences, by cell; all others passed."""
    said = said or {}
    points: dict[str, float | None] = {
        cell: 0.0 if cell in said else float(worth) for cell, worth in WORTH.items()
    }
    nb = nbformat.v4.new_notebook(cells=list(_executed(said, untouched)))
    return Result(
        student,
        Outcome.GRADED,
        notes=notes,
        seconds=2.0,
        cells=(CellTime("double-hidden", 1.5, 0.5),),
        marks={NAME: NotebookMarks(points | {"explain": None}, {})},
        autograded={f"{NAME}.ipynb": nbformat.writes(nb).encode()},
        feedback={f"{NAME}.html": b"<title>a page</title>"},
    )


def refused(student: str, outcome: Outcome, reason: str) -> Result:
    """A result without marks."""
    return Result(student, outcome, reason)


def record(
    toy: ToyCourse,
    *results: Result,
    late: dict[str, float] | None = None,
    explained: dict[str, float] | None = None,
) -> Course:
    """Hand in and record results: who was so many seconds late, and what a human gave for Q3."""
    course = Course.open(toy.root)
    for each in results:
        (toy.root / "submitted" / each.student.replace("/", "") / NAME).mkdir(parents=True)
    graded = [
        GradedSubmission(to_bytes(each), each, "", {}, late=(late or {}).get(each.student, 0.0))
        for each in results
    ]
    with Recorder(course, NAME) as recorder:
        recorder.record(recorder.keep(graded))
    with toy.gradebook() as gradebook:
        for student, points in (explained or {}).items():
            gradebook.find_grade("explain", NAME, NAME, student).manual_score = points
        gradebook.db.commit()
    return course


def _executed(said: dict[str, str], untouched: bool) -> Iterator[NotebookNode]:
    for cell in MASTER:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        made = copy.deepcopy(cell)
        if name in RIGHT:
            head = RIGHT[name].split("\n")[0]
            made.source = (
                f"{head}\n    # YOUR CODE HERE\n    raise NotImplementedError()"
                if untouched
                else RIGHT[name]
            )
        elif name == "explain" and untouched:
            made.source = "YOUR ANSWER HERE"
        if name in said:
            lines = (f"{name}, line 1: assert", f"AssertionError: {said[name]}")
            made = failed(made, Verdict(said[name], lines, "AssertionError", said[name]))
        yield made
