"""What nbgrader's gradebook knows: the assignment, its students, and the marks so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
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
from sqlalchemy import func, select

from referee.model.assignment import Assignment, AssignmentCell, AssignmentNotebook
from referee.model.work import ShownMarks
from referee.nbgrader.course import Course
from referee.nbgrader.hidden import HiddenTests
from referee.nbgrader.released import Released, ReleasedNotebooks


def read_assignment(course: Course, name: str) -> Assignment:
    """An assignment as the gradebook has it."""
    with course.gradebook() as gradebook:
        return _assignment(gradebook, name, hidden_tests(course, name), released(course, name))


def hidden_tests(course: Course, assignment: str) -> HiddenTests:
    """What takes the hidden tests of an assignment out of its cells."""
    release = course.path(course.directory.release_directory, ".", assignment)
    return HiddenTests(course.app.config, release)


def released(course: Course, assignment: str) -> ReleasedNotebooks:
    """The notebooks of an assignment as students have them."""
    release = course.path(course.directory.release_directory, ".", assignment)
    return ReleasedNotebooks(release, course.materials(assignment))


def _assignment(
    gradebook: Gradebook, name: str, hidden: HiddenTests, released: ReleasedNotebooks
) -> Assignment:
    found = gradebook.find_assignment(name)
    due = found.duedate.isoformat() if found.duedate else ""
    notebooks = (notebook_of(book, hidden, released.of(book.name)) for book in found.notebooks)
    return Assignment(name, due, tuple(notebooks))


def notebook_of(notebook: Notebook, hidden: HiddenTests, released: Released) -> AssignmentNotebook:
    """A notebook of an assignment, from its row in the gradebook and from its release."""
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
            released.headings.get(cell.name, ""),
        )
        for cell in notebook.source_cells
    ]
    return AssignmentNotebook(
        notebook.name, notebook.kernelspec, SCHEMA_VERSION, tuple(cells), released.texts
    )


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
            hidden, texts = hidden_tests(course, assignment), released(course, assignment)
            state = cls(_assignment(gradebook, assignment, hidden, texts))
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
    """Points of a marked cell: by the autograder, by a human, and what counts, extra credit added.

    None is for a human to give; until then it counts as 0, and extra credit does not count.
    """

    student: str
    notebook: str
    cell: str
    auto: float | None
    by_hand: float | None
    extra: float | None
    counts: float

    @property
    def waits(self) -> bool:
        """Whether a human has to mark it."""
        return self.auto is None and self.by_hand is None


@dataclass(frozen=True)
class Scores:
    """The gradebook's scores of an assignment; `late_penalties` are by student."""

    students: set[str]
    late_penalties: dict[str, float]
    cells: list[CellScore]


def read_scores(course: Course, assignment: str) -> Scores:
    """The scores of all marked cells of all submissions."""
    with course.gradebook() as gradebook:
        found = gradebook.find_assignment(assignment)
        rows = select(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.score,
        )
        cells = [CellScore(*row) for row in _of_assignment(gradebook, rows, Grade, found)]
        penalties: dict[str, float] = {}
        for row in gradebook.db.execute(_submitted_notebooks(found)):
            penalty = row.late_submission_penalty or 0.0
            penalties[row.student_id] = penalties.get(row.student_id, 0.0) + penalty
        students = set(gradebook.db.scalars(select(Student.id)))
    return Scores(students, penalties, cells)


def _submitted_notebooks(assignment: AssignmentRow) -> Any:
    """Selects the notebooks that were handed in for an assignment, and what being late cost."""
    return (
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Notebook.name,
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .where(SubmittedAssignment.assignment_id == assignment.id)
    )


@dataclass(frozen=True)
class SubmittedPoints:
    """A notebook that was handed in: when, with which extension in seconds, points and penalty."""

    student: str
    notebook: str
    handed_in: datetime | None
    extension: float | None
    points: float
    penalty: float | None


def read_submitted_points(course: Course, assignment: str) -> list[SubmittedPoints]:
    """The points and penalties of all notebooks that were handed in."""
    with course.gradebook() as gradebook:
        found = gradebook.find_assignment(assignment)
        sums = (
            select(Grade.notebook_id, func.sum(Grade.score))
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .where(SubmittedAssignment.assignment_id == found.id)
            .group_by(Grade.notebook_id)
        )
        points = dict(map(tuple, gradebook.db.execute(sums)))
        return [
            SubmittedPoints(
                row.student_id,
                row.name,
                row.timestamp,
                row.extension.total_seconds() if row.extension else None,
                points.get(row.id, 0.0),
                row.late_submission_penalty,
            )
            for row in gradebook.db.execute(_submitted_notebooks(found))
        ]


def read_shown_marks(course: Course, assignment: str) -> dict[str, dict[str, ShownMarks]]:
    """Points and comments that students may read, by student and notebook; humans' come first."""
    marks: dict[str, dict[str, ShownMarks]] = {}
    with course.gradebook() as gradebook:
        found = gradebook.find_assignment(assignment)
        for row in gradebook.db.execute(_submitted_notebooks(found)):
            shown = ShownMarks({}, {}, row.late_submission_penalty or 0.0)
            marks.setdefault(row.student_id, {})[row.name] = shown
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
