"""What nbgrader's gradebook knows: the assignment, its students, and the marks so far."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
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
from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import Session

from referee.errors import RefereeError
from referee.model.assignment import Assignment, AssignmentCell, AssignmentNotebook
from referee.model.work import ShownMarks
from referee.nbgrader.course import Course
from referee.nbgrader.hidden import HiddenTests
from referee.nbgrader.released import Released, ReleasedNotebooks
from referee.nbgrader.students import full_names


def read_assignment(course: Course, name: str) -> Assignment:
    """An assignment as the gradebook has it."""
    with course.gradebook(only_read=True) as gradebook:
        return assignment_of(gradebook, name, hidden_tests(course, name), released(course, name))


def hidden_tests(course: Course, assignment: str) -> HiddenTests:
    """What takes the hidden tests of an assignment out of its cells."""
    release = course.path(course.directory.release_directory, ".", assignment)
    return HiddenTests(course.app.config, release)


def released(course: Course, assignment: str) -> ReleasedNotebooks:
    """The notebooks of an assignment as students have them."""
    release = course.path(course.directory.release_directory, ".", assignment)
    return ReleasedNotebooks(release, course.materials(assignment))


def assignment_of(
    gradebook: Gradebook, name: str, hidden: HiddenTests, released: ReleasedNotebooks
) -> Assignment:
    """An assignment as an open gradebook has it."""
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
            cell.checksum or "",  # nbgrader computes none for a task that is not locked
            points.get(cell.name),
            cell.name in solutions,
            cell.name in tasks,
            released.headings.get(cell.name, ""),
            released.imports.get(cell.name, ""),
            released.own_imports.get(cell.name, ""),
            released.reads.get(cell.name, ()),
            released.defines.get(cell.name, ()),
            released.classes.get(cell.name, ()),
            released.writes.get(cell.name, ()),
            released.saves.get(cell.name, ()),
            released.methods.get(cell.name, ()),
            released.changes.get(cell.name, ()),
        )
        for cell in notebook.source_cells
    ]
    return AssignmentNotebook(
        notebook.name, notebook.kernelspec, SCHEMA_VERSION, tuple(cells), released.texts
    )


def gradable(assignment: Assignment) -> Assignment:
    """What of an assignment can be graded: its notebooks in Python.

    Raises:
        RefereeError: there is nothing.

    """
    if assignment.in_python.notebooks or not assignment.notebooks:
        return assignment.in_python
    languages = sorted({notebook.language for notebook in assignment.notebooks})
    raise RefereeError(
        f"no notebook of {assignment.name!r} is in Python, but in {', '.join(languages)}. Referee "
        "grades Python; its marks stay as they are. Choose a Python kernel in the master, or grade "
        "it by hand."
    )


def refusal(notebook: AssignmentNotebook) -> str:
    """What is said of a notebook that is not in Python."""
    return (
        f"{notebook.name}.ipynb is in {notebook.language}, and not graded: Referee grades Python. "
        "Its marks stay as they are."
    )


@dataclass(frozen=True)
class Given:
    """What a human has given for a cell: points in place of the autograder's, and extra ones."""

    points: float | None
    extra: float


@dataclass
class GradebookState:
    """What the gradebook knows before anything is graded; `given` is by student, notebook, cell.

    `assignment` is what of it can be graded; `in_other_languages` are its other notebooks.
    """

    assignment: Assignment
    in_other_languages: tuple[AssignmentNotebook, ...] = ()
    students: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)  # full names, of those that have one
    extensions: dict[str, float] = field(default_factory=dict)  # seconds, by student
    given: dict[str, dict[str, dict[str, Given]]] = field(default_factory=dict)

    @classmethod
    def read(cls, course: Course, assignment: str) -> Self:
        """Read it."""
        with course.gradebook(only_read=True) as gradebook:
            hidden, texts = hidden_tests(course, assignment), released(course, assignment)
            whole = assignment_of(gradebook, assignment, hidden, texts)
            state = cls(gradable(whole), whole.in_other_languages)
            state.students = students_of(gradebook.db)
            state.names = full_names(gradebook)
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


def students_of(db: Session) -> set[str]:
    """The ids of all students that the gradebook has."""
    return set(db.scalars(select(Student.id)))


def points_of_tests(
    db: Session, assignment: str, students: Collection[str] | None = None
) -> dict[str, float]:
    """What tests have given in an assignment, by student; of all who have marks, or of some."""
    # Its notebooks and cells are named for the indexes, which begin with them.
    # Without these, SQLite reads all grades that there are.
    of_it = select(Notebook.id).join(Notebook.assignment).where(AssignmentRow.name == assignment)
    cells = select(BaseCell.id).where(BaseCell.notebook_id.in_(of_it))
    submitted, notebook = SubmittedAssignment.id, SubmittedNotebook
    of_student = and_(notebook.assignment_id == submitted, notebook.notebook_id.in_(of_it))
    of_notebook = and_(Grade.notebook_id == notebook.id, Grade.cell_id.in_(cells))
    rows = (
        select(SubmittedAssignment.student_id, func.coalesce(func.sum(Grade.auto_score), 0.0))
        .join(SubmittedAssignment.assignment)
        .outerjoin(notebook, of_student)
        .outerjoin(Grade, of_notebook)
        .where(AssignmentRow.name == assignment)
        .group_by(SubmittedAssignment.student_id)
    )
    if students is not None:
        rows = rows.where(SubmittedAssignment.student_id.in_(students))
    return dict(map(tuple, db.execute(rows)))


@dataclass(frozen=True)
class CellScore:
    """Points of a marked cell: by the autograder, by a human, and what counts, extra credit added.

    None is for a human to give; until then it counts as 0, and extra credit does not count.
    `needs_look` is the gradebook's flag for a human.
    """

    student: str
    notebook: str
    cell: str
    auto: float | None
    by_hand: float | None
    extra: float | None
    counts: float
    needs_look: bool = False

    @property
    def waits(self) -> bool:
        """Whether a human has to mark it."""
        return self.auto is None and self.by_hand is None

    @property
    def is_of_another_work(self) -> bool:
        """Whether a human has marked it, and something else was handed in since."""
        return self.needs_look and self.by_hand is not None


@dataclass(frozen=True)
class Scores:
    """The gradebook's scores of an assignment; `late_penalties` are by student."""

    students: set[str]
    late_penalties: dict[str, float]
    cells: list[CellScore]


def read_scores(course: Course, assignment: str) -> Scores:
    """The scores of all marked cells of all submissions."""
    with course.gradebook(only_read=True) as gradebook:
        found = gradebook.find_assignment(assignment)
        rows = select(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.score,
            Grade.needs_manual_grade,
        )
        cells = [CellScore(*row) for row in _of_assignment(gradebook, rows, Grade, found)]
        penalties: dict[str, float] = {}
        for row in gradebook.db.execute(_submitted_notebooks(found)):
            penalty = row.late_submission_penalty or 0.0
            penalties[row.student_id] = penalties.get(row.student_id, 0.0) + penalty
        students = students_of(gradebook.db)
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
    with course.gradebook(only_read=True) as gradebook:
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
    """What students may read of their marks, by student and notebook; humans' come first."""
    with course.gradebook(only_read=True) as gradebook:
        return shown_marks(gradebook, assignment)


def shown_marks(
    gradebook: Gradebook, assignment: str, student: str | None = None
) -> dict[str, dict[str, ShownMarks]]:
    """The same of an open gradebook, of one student or of all."""
    found, names = gradebook.find_assignment(assignment), full_names(gradebook)
    one = SubmittedAssignment.student_id == student if student is not None else true()
    marks: dict[str, dict[str, ShownMarks]] = {}
    for row in gradebook.db.execute(_submitted_notebooks(found).where(one)):
        marks.setdefault(row.student_id, {})[row.name] = ShownMarks(
            {},
            {},
            row.late_submission_penalty or 0.0,
            student=names.get(row.student_id, row.student_id),
            handed_in=time_to_show(row.timestamp),
        )
    columns = SubmittedAssignment.student_id, Notebook.name, BaseCell.name
    grades = select(*columns, Grade.auto_score, Grade.manual_score, Grade.extra_credit).where(one)
    for owner, notebook, cell, auto, by_hand, extra in _of_assignment(
        gradebook, grades, Grade, found
    ):
        mine = marks[owner][notebook]
        mine.points[cell] = points = auto if by_hand is None else by_hand
        marks[owner][notebook] = replace(
            mine,
            extra_credit=mine.extra_credit + (0.0 if points is None else extra or 0.0),
            by_hand=tuple(sorted({*mine.by_hand, *([] if by_hand is None else [cell])})),
        )
    comments = select(*columns, Comment.auto_comment, Comment.manual_comment).where(one)
    for owner, notebook, cell, auto, by_hand in _of_assignment(gradebook, comments, Comment, found):
        marks[owner][notebook].comments[cell] = by_hand or auto
    return marks


def time_to_show(moment: datetime | None) -> str:
    """A time in UTC to the minute, as ISO 8601 writes it, or nothing."""
    return f"{moment:%Y-%m-%dT%H:%MZ}" if moment else ""
