"""What nbgrader's gradebook knows: the assignment, its students, and the marks so far."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.nbgraderformat import SCHEMA_VERSION
from sqlalchemy import select

from referee.model.assignment import Assignment, AssignmentCell, AssignmentNotebook
from referee.model.work import ShownMarks
from referee.nbgrader.course import Course
from referee.nbgrader.headings import Headings
from referee.nbgrader.hidden import HiddenTests

NO_HEADINGS: Mapping[str, str] = MappingProxyType({})


def read_assignment(course: Course, name: str) -> Assignment:
    """An assignment as the gradebook has it."""
    with course.gradebook() as gradebook:
        return _assignment(gradebook, name, hidden_tests(course, name), headings(course, name))


def hidden_tests(course: Course, assignment: str) -> HiddenTests:
    """What takes the hidden tests of an assignment out of its cells."""
    release = course.path(course.directory.release_directory, ".", assignment)
    return HiddenTests(course.app.config, release)


def headings(course: Course, assignment: str) -> Headings:
    """What finds the headings of an assignment's cells."""
    release = course.path(course.directory.release_directory, ".", assignment)
    return Headings(release, course.materials(assignment))


def _assignment(
    gradebook: Gradebook, name: str, hidden: HiddenTests, headings: Headings
) -> Assignment:
    found = gradebook.find_assignment(name)
    due = found.duedate.isoformat() if found.duedate else ""
    notebooks = (notebook_of(book, hidden, headings.of(book.name)) for book in found.notebooks)
    return Assignment(name, due, tuple(notebooks))


def notebook_of(
    notebook: Notebook, hidden: HiddenTests, headings: Mapping[str, str] = NO_HEADINGS
) -> AssignmentNotebook:
    """A notebook of an assignment, from its row in the gradebook, and its cells' headings."""
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    cells = [
        AssignmentCell(
            cell.name,
            cell.cell_type,
            cell.locked,
            cell.source or "",
            hidden.removed_from(cell.source or "", notebook.name, cell.name),
            cell.checksum,
            points.get(cell.name),
            cell.name in solutions,
            cell.name in tasks,
            headings.get(cell.name, ""),
        )
        for cell in notebook.source_cells
    ]
    return AssignmentNotebook(notebook.name, notebook.kernelspec, SCHEMA_VERSION, tuple(cells))


@dataclass(frozen=True)
class Given:
    """What a human has given for a cell: points in place of the autograder's, and extra ones."""

    points: float | None
    extra: float


@dataclass
class GradebookState:
    """What the gradebook knows before anything is graded; `given` is by student, notebook, cell."""

    assignment: Assignment
    students: set[str] = field(default_factory=set)
    extensions: dict[str, float] = field(default_factory=dict)  # seconds, by student
    given: dict[str, dict[str, dict[str, Given]]] = field(default_factory=dict)

    @classmethod
    def read(cls, course: Course, assignment: str) -> Self:
        """Read it."""
        with course.gradebook() as gradebook:
            hidden, titles = hidden_tests(course, assignment), headings(course, assignment)
            state = cls(_assignment(gradebook, assignment, hidden, titles))
            state.students = set(gradebook.db.scalars(select(Student.id)))
            state._read_submissions(gradebook, gradebook.find_assignment(assignment))
        return state

    def _read_submissions(self, gradebook: Gradebook, assignment: AssignmentRow) -> None:
        submissions = gradebook.db.query(SubmittedAssignment).filter_by(assignment_id=assignment.id)
        for submission in submissions.filter(SubmittedAssignment.extension.is_not(None)):
            self.extensions[submission.student_id] = submission.extension.total_seconds()
        by_humans = select(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.manual_score,
            Grade.extra_credit,
        ).where(Grade.manual_score.is_not(None) | Grade.extra_credit.is_not(None))
        for student, notebook, cell, points, extra in _of_assignment(
            gradebook, by_humans, Grade, assignment
        ):
            cells = self.given.setdefault(student, {}).setdefault(notebook, {})
            cells[cell] = Given(points, extra or 0.0)


def _of_assignment(
    gradebook: Gradebook, rows: Any, kind: type[Grade | Comment], assignment: AssignmentRow
) -> Iterator[tuple[Any, ...]]:
    """Rows about the grades or comments of one assignment."""
    joined = (
        rows.join(SubmittedNotebook, kind.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(BaseCell, kind.cell_id == BaseCell.id)
        .join(Notebook, BaseCell.notebook_id == Notebook.id)
        .where(SubmittedAssignment.assignment_id == assignment.id)
    )
    yield from map(tuple, gradebook.db.execute(joined))


def marked_students(course: Course, assignment: str) -> set[str]:
    """The students who have marks of an assignment in the gradebook."""
    with course.gradebook() as gradebook:
        rows = select(SubmittedAssignment.student_id).join(SubmittedAssignment.assignment)
        return set(gradebook.db.scalars(rows.where(AssignmentRow.name == assignment)))


@dataclass(frozen=True)
class CellScore:
    """Points of a graded cell: by the autograder, by a human, and what counts."""

    student: str
    cell: str
    auto: float | None
    by_hand: float | None
    counts: float


@dataclass(frozen=True)
class Scores:
    """The gradebook's scores of an assignment; `max_scores` are by cell, in their order."""

    students: set[str]
    max_scores: dict[str, float]
    cells: list[CellScore]


def read_scores(course: Course, assignment: str) -> Scores:
    """The scores of all graded cells of all submissions."""
    with course.gradebook() as gradebook:
        found = gradebook.find_assignment(assignment)
        max_scores = {
            cell.name: cell.max_score for book in found.notebooks for cell in book.grade_cells
        }
        rows = select(
            SubmittedAssignment.student_id,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.score,
        )
        cells = [CellScore(*row) for row in _of_assignment(gradebook, rows, Grade, found)]
        students = set(gradebook.db.scalars(select(Student.id)))
    return Scores(students, max_scores, cells)


def read_shown_marks(course: Course, assignment: str) -> dict[str, dict[str, ShownMarks]]:
    """Points and comments that students may read, by student and notebook; humans' come first."""
    marks: dict[str, dict[str, ShownMarks]] = {}
    with course.gradebook() as gradebook:
        found = gradebook.find_assignment(assignment)
        penalties = (
            select(
                SubmittedAssignment.student_id,
                Notebook.name,
                SubmittedNotebook.late_submission_penalty,
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .where(SubmittedAssignment.assignment_id == found.id)
        )
        for student, notebook, penalty in gradebook.db.execute(penalties):
            marks.setdefault(student, {})[notebook] = ShownMarks({}, {}, penalty or 0.0)
        columns = SubmittedAssignment.student_id, Notebook.name, BaseCell.name
        points = select(*columns, Grade.score)
        for student, notebook, cell, score in _of_assignment(gradebook, points, Grade, found):
            marks[student][notebook].points[cell] = score
        comments = select(*columns, Comment.auto_comment, Comment.manual_comment)
        for student, notebook, cell, auto, manual in _of_assignment(
            gradebook, comments, Comment, found
        ):
            marks[student][notebook].comments[cell] = manual or auto
    return marks
