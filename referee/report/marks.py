"""The marks, as nbgrader's gradebook has them."""

from dataclasses import dataclass

from referee.collect.submissions import find_submissions
from referee.model.outcomes import Outcome
from referee.model.questions import question_of
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import CellScore, read_scores
from referee.record.journal import latest_lines


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


def read_marks(course: Course, assignment: str) -> list[Marks]:
    """The marks of every student the gradebook or submitted/ knows, sorted by student."""
    with_folder = {submission.student for submission in find_submissions(course, assignment)}
    outcomes = {name: line.outcome for name, line in latest_lines(course, assignment).items()}
    found = read_scores(course, assignment)
    max_scores: dict[str, float] = {}
    for cell, points in found.max_scores.items():
        max_scores[question_of(cell)] = max_scores.get(question_of(cell), 0.0) + points
    max_scores = {question: points for question, points in max_scores.items() if points > 0}
    scores = _by_question(found.cells)
    marks = []
    for student in sorted(with_folder | found.students):
        outcome = outcomes.get(student)
        if student in scores and _has_marks(course, assignment, student, outcome):
            status, questions = outcome or Outcome.GRADED, scores[student]
            marks.append(_marks(student, status, questions, max_scores))
        else:
            status = _without_marks(outcome, student in with_folder)
            marks.append(_marks(student, status, None, max_scores))
    return marks


def _has_marks(course: Course, assignment: str, student: str, outcome: Outcome | None) -> bool:
    """Whether the last grading gave marks, also if it was nbgrader's own command that graded."""
    if outcome is not None:
        return outcome.has_marks
    return course.path(course.directory.autograded_directory, student, assignment).is_dir()


def _without_marks(outcome: Outcome | None, has_folder: bool) -> Outcome:
    if outcome is not None and not outcome.has_marks:
        return outcome
    return Outcome.PENDING if has_folder else Outcome.MISSING


def _by_question(cells: list[CellScore]) -> dict[str, dict[str, float]]:
    """Points by student and question, of those students who have all of their cells graded."""
    scores: dict[str, dict[str, float]] = {}
    incomplete = set()
    for cell in cells:
        if cell.auto is None and cell.by_hand is None:
            incomplete.add(cell.student)
        questions = scores.setdefault(cell.student, {})
        question = question_of(cell.cell)
        questions[question] = questions.get(question, 0.0) + cell.counts
    return {student: found for student, found in scores.items() if student not in incomplete}


def _marks(
    student: str, status: str, scores: dict[str, float] | None, max_scores: dict[str, float]
) -> Marks:
    questions = {
        question: Mark(None if scores is None else scores.get(question, 0.0), points)
        for question, points in max_scores.items()
    }
    total = None if scores is None else sum(scores.values())
    return Marks(student, str(status), total, sum(max_scores.values()), questions)
