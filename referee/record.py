"""What is recorded: marks, from nbgrader's gradebook, and the journal of how grading went."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from nbgrader.api import MissingEntry, SubmittedAssignment

from referee.course import Course

GRADED = "graded"
INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Mark:
    """Points of a question: the sum of its test cells. `score` is None until it is graded."""

    score: float | None
    max_score: float


@dataclass(frozen=True)
class Marks:
    """What a student has for an assignment. `status` is "graded", or says why it is not."""

    student: str
    status: str
    score: float | None
    max_score: float
    questions: dict[str, Mark]


@dataclass(frozen=True)
class JournalLine:
    """How the grading of one submission went.

    `status` is "graded", or says why not; "interrupted" stands while it is under way.
    """

    student: str
    assignment: str
    status: str
    reason: str
    seconds: float
    fingerprint: str
    log: str = ""
    notes: tuple[str, ...] = ()  # what was restored, left out or stopped
    sandboxed: bool = True


def question_of(grade_id: str) -> str:
    """The question that a test cell belongs to: `dropout` for dropout-hidden-2."""
    return re.split("-(?:visible|hidden)", grade_id)[0]


def read_marks(course: Course, assignment: str) -> list[Marks]:
    """The marks of every student the gradebook or submitted/ knows, sorted by student."""
    with course.gradebook() as gradebook:
        cells = [
            cell
            for book in gradebook.find_assignment(assignment).notebooks
            for cell in book.grade_cells
        ]
        max_scores: dict[str, float] = {}
        for cell in cells:
            question = question_of(cell.name)
            max_scores[question] = max_scores.get(question, 0.0) + cell.max_score
        max_scores = {question: points for question, points in max_scores.items() if points > 0}

        submitted = course.root / course.directory.submitted_directory
        with_folder = {path.parent.name for path in submitted.glob(f"*/{assignment}")}
        statuses = {line.student: line.status for line in read_journal(course, assignment)}
        marks = []
        for student in sorted(with_folder | {student.id for student in gradebook.students}):
            try:
                submission = gradebook.find_submission(assignment, student)
            except MissingEntry:
                submission = None
            scores = _scores(submission)
            executed = course.path(
                course.directory.autograded_directory, student, assignment
            ).is_dir()
            journalled = statuses.get(student, GRADED)
            if scores is not None and executed and journalled != INTERRUPTED:
                status = GRADED
            elif journalled != GRADED:
                status = journalled
            else:
                status = "pending" if student in with_folder else "missing"
            marks.append(_marks(student, status, scores if status == GRADED else None, max_scores))
        return marks


def _scores(submission: SubmittedAssignment | None) -> dict[str, float] | None:
    """Points by question, or None where a cell has not been graded yet."""
    if submission is None:
        return None
    scores: dict[str, float] = {}
    for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
        if grade.auto_score is None and grade.manual_score is None:
            return None
        question = question_of(grade.name)
        scores[question] = scores.get(question, 0.0) + grade.score
    return scores


def _marks(
    student: str, status: str, scores: dict[str, float] | None, max_scores: dict[str, float]
) -> Marks:
    questions = {
        question: Mark(None if scores is None else scores.get(question, 0.0), points)
        for question, points in max_scores.items()
    }
    total = None if scores is None else sum(scores.values())
    return Marks(student, status, total, sum(max_scores.values()), questions)


def journal_path(course: Course) -> Path:
    """The file with one JSON line for each time a submission was graded."""
    return course.root / course.directory.autograded_directory / "journal.jsonl"


def read_journal(course: Course, assignment: str) -> Iterator[JournalLine]:
    """The journal's lines of an assignment, oldest first, less any cut short by a crash."""
    path = journal_path(course)
    journal = path.read_text(errors="replace") if path.exists() else ""
    for text in journal.splitlines():
        try:
            line = JournalLine(**json.loads(text))
        except (ValueError, TypeError):
            continue
        if line.assignment == assignment:
            yield line


def append_to_journal(course: Course, line: JournalLine) -> None:
    """Add a line to the journal."""
    path = journal_path(course)
    path.parent.mkdir(exist_ok=True)
    with path.open("a+b") as journal:
        if size := journal.seek(0, os.SEEK_END):
            journal.seek(size - 1)
            if journal.read() != b"\n":  # a crash cut the last line short; it must not swallow this
                journal.write(b"\n")
        journal.write(json.dumps(asdict(line)).encode() + b"\n")
