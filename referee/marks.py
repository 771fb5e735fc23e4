"""The marks, as nbgrader's gradebook has them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nbgrader.api import (
    BaseCell,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select

from referee.collect import find_submissions
from referee.course import Course
from referee.journal import latest_lines
from referee.outcomes import Outcome


@dataclass(frozen=True)
class Mark:
    """Points of a question: the sum of its test cells. `score` is None until it is graded."""

    score: float | None
    max_score: float


@dataclass(frozen=True)
class Marks:
    """What a student has for an assignment. `status` says what became of the submission."""

    student: str
    status: str
    score: float | None
    max_score: float
    questions: dict[str, Mark]


@cache
def question_of(grade_id: str) -> str:
    """The question that a test cell belongs to: `dropout` for dropout-hidden-2."""
    return re.split("-(?:visible|hidden)", grade_id)[0]


def read_marks(course: Course, assignment: str) -> list[Marks]:
    """The marks of every student the gradebook or submitted/ knows, sorted by student."""
    with_folder = {submission.student for submission in find_submissions(course, assignment)}
    outcomes = {name: line.outcome for name, line in latest_lines(course, assignment).items()}
    with course.gradebook() as gradebook:
        max_scores: dict[str, float] = {}
        for book in gradebook.find_assignment(assignment).notebooks:
            for cell in book.grade_cells:
                question = question_of(cell.name)
                max_scores[question] = max_scores.get(question, 0.0) + cell.max_score
        max_scores = {question: points for question, points in max_scores.items() if points > 0}
        scores = _scores(gradebook, assignment)
        students = with_folder | set(gradebook.db.scalars(select(Student.id)))
    marks = []
    for student in sorted(students):
        outcome = outcomes.get(student)
        of_nbgrader = (
            outcome is None
            and course.path(  # autograded without Referee's command
                course.directory.autograded_directory, student, assignment
            ).is_dir()
        )
        has_marks = (outcome is not None and outcome.has_marks) or of_nbgrader
        if student in scores and has_marks:
            status, found = outcome or Outcome.GRADED, scores[student]
        else:
            status, found = _without_marks(outcome, student in with_folder), None
        marks.append(_marks(student, status, found, max_scores))
    return marks


def _without_marks(outcome: Outcome | None, has_folder: bool) -> Outcome:
    if outcome is not None and not outcome.has_marks:
        return outcome
    return Outcome.PENDING if has_folder else Outcome.MISSING


def _scores(gradebook: Gradebook, assignment: str) -> dict[str, dict[str, float]]:
    """Points by student and question, of those students who have all of their cells graded."""
    scores: dict[str, dict[str, float]] = {}
    incomplete = set()
    for student, name, auto, by_hand, points in _grades(gradebook, assignment):
        if auto is None and by_hand is None:
            incomplete.add(student)
        questions = scores.setdefault(student, {})
        questions[question_of(name)] = questions.get(question_of(name), 0.0) + points
    return {student: found for student, found in scores.items() if student not in incomplete}


def _grades(
    gradebook: Gradebook, assignment: str
) -> Iterator[tuple[str, str, float | None, float | None, float]]:
    """Student, cell, points by the autograder, by hand, and what counts, of each graded cell."""
    rows = gradebook.db.execute(
        select(
            SubmittedAssignment.student_id,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.score,
        )
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(Notebook, BaseCell.notebook_id == Notebook.id)
        .where(SubmittedAssignment.assignment_id == gradebook.find_assignment(assignment).id)
    )
    yield from map(tuple, rows)


def _marks(
    student: str, status: str, scores: dict[str, float] | None, max_scores: dict[str, float]
) -> Marks:
    questions = {
        question: Mark(None if scores is None else scores.get(question, 0.0), points)
        for question, points in max_scores.items()
    }
    total = None if scores is None else sum(scores.values())
    return Marks(student, str(status), total, sum(max_scores.values()), questions)
