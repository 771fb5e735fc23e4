"""Marks as rows of nbgrader's tables, several submissions at once.

Making nbgrader's objects of them costs more than all else that is done for a submission. The tables
are those of `schema.REVISION`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from os import urandom
from typing import Any, Self

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from referee.model.assignment import PYTHON, language_of
from referee.model.outcomes import Outcome
from referee.model.work import NotebookMarks, Result
from referee.nbgrader.course import Course, gradebook_error
from referee.nbgrader.gradebook import points_of_tests
from referee.nbgrader.students import name_by_id

Penalties = Mapping[str, float | None]  # points, by notebook
NO_MARKS = NotebookMarks({}, {}, None)
ASSIGNMENTS, NOTEBOOKS, CELLS, STUDENTS, SUBMISSIONS, SUBMITTED_NOTEBOOKS, GRADES, COMMENTS = (
    kind.__table__
    for kind in (
        AssignmentRow, Notebook, BaseCell, Student,
        SubmittedAssignment, SubmittedNotebook, Grade, Comment,
    )
)  # fmt: skip


class GradebookWriter:
    """A connection to the gradebook that marks are written over; a context manager."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def __enter__(self) -> Self:
        self._opened = self._course.gradebook()
        self._db = self._opened.__enter__().db
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.__exit__(None, None, None)

    def write(
        self, assignment: str, results: list[Result], unchanged: Collection[str] = ()
    ) -> None:
        """Write the marks of results in one transaction.

        Marks that humans gave are to be looked at again, unless what the student has handed in is
        `unchanged`.

        Raises:
            GradebookUnavailableError: nothing is written, for another program uses it, say.

        """
        self._commit(lambda: write_marks(self._db, assignment, results, unchanged))

    def points_of_tests(self, assignment: str, students: Collection[str]) -> dict[str, float]:
        """What tests have given these students, by student."""
        return points_of_tests(self._db, assignment, students)

    def write_penalties(self, assignment: str, penalties: Mapping[str, Penalties]) -> None:
        """Write what being late costs, by student and notebook, in one transaction.

        Raises:
            GradebookUnavailableError: nothing is written, for another program uses it, say.

        """
        self._commit(lambda: write_penalties(self._db, assignment, penalties))

    def _commit(self, write: Callable[[], None]) -> None:
        """Write all of it or nothing."""
        try:
            write()
            self._db.commit()
        except DatabaseError as error:
            self._db.rollback()
            if (known := gradebook_error(self._course.directory.db_url, error)) is None:
                raise
            raise known from error
        except BaseException:
            self._db.rollback()
            raise
        self._db.expunge_all()


def write_marks(
    db: Session, assignment: str, results: list[Result], unchanged: Collection[str] = ()
) -> None:
    """Write the marks of results; points and comments that humans gave stay. The caller commits.

    Points that humans gave to those who have handed in something else are to be looked at again.
    """
    row = select(ASSIGNMENTS.c.id).where(ASSIGNMENTS.c.name == assignment)
    assignment_id = db.scalars(row).one()
    due = _with_submission(db, assignment_id, results)
    strangers = {each.student for each in results if each.outcome is Outcome.UNKNOWN_STUDENT}
    # As nbgrader does of all whom it tries to grade.
    _add_students(db, [each.student for each in results if each.student not in strangers])
    submissions = _put(
        db,
        SUBMISSIONS,
        [{"assignment_id": assignment_id, "student_id": result.student} for result in due],
    )
    handed_in = {
        submissions[assignment_id, result.student]: {"timestamp": result.handed_in}
        for result in due
        if result.handed_in or result.time_unclear
    }
    _update(db, SUBMISSIONS, handed_in)
    for notebook in _notebooks(db, assignment_id):
        marks = {
            submissions[assignment_id, result.student]: result.marks.get(notebook.name, NO_MARKS)
            for result in due
        }
        stay = {
            submissions[assignment_id, each.student] for each in due if each.student in unchanged
        }
        _write_notebook(db, notebook, marks, stay)


def write_penalties(db: Session, assignment: str, penalties: Mapping[str, Penalties]) -> None:
    """Write what being late costs notebooks that were handed in, by student and notebook."""
    rows = (
        select(SUBMITTED_NOTEBOOKS.c.id, SUBMISSIONS.c.student_id, NOTEBOOKS.c.name)
        .join(SUBMISSIONS, SUBMITTED_NOTEBOOKS.c.assignment_id == SUBMISSIONS.c.id)
        .join(NOTEBOOKS, SUBMITTED_NOTEBOOKS.c.notebook_id == NOTEBOOKS.c.id)
        .join(ASSIGNMENTS, SUBMISSIONS.c.assignment_id == ASSIGNMENTS.c.id)
        .where(ASSIGNMENTS.c.name == assignment, SUBMISSIONS.c.student_id.in_(penalties))
    )
    new = {
        row: {"late_submission_penalty": penalties[student][notebook]}
        for row, student, notebook in db.execute(rows)
        if notebook in penalties[student]
    }
    _update(db, SUBMITTED_NOTEBOOKS, new)


def _with_submission(db: Session, assignment_id: str, results: list[Result]) -> list[Result]:
    """The results that have marks, and those of students who had some before."""
    students = [result.student for result in results]
    rows = select(SUBMISSIONS.c.student_id).where(
        SUBMISSIONS.c.assignment_id == assignment_id, SUBMISSIONS.c.student_id.in_(students)
    )
    recorded = set(db.scalars(rows))
    return [each for each in results if each.outcome.has_marks or each.student in recorded]


def _add_students(db: Session, students: list[str]) -> None:
    """Make the students whom the gradebook does not know yet, and let all have a name."""
    known = set(db.scalars(select(STUDENTS.c.id).where(STUDENTS.c.id.in_(students))))
    if new := [{"id": student} for student in students if student not in known]:
        db.execute(insert(STUDENTS), new)
    name_by_id(db)


@dataclass
class _Notebook:
    """A notebook's cells that have points, and those that have comments: names by id."""

    id: str
    name: str
    graded: dict[str, str] = field(default_factory=dict)
    commented: dict[str, str] = field(default_factory=dict)


def _notebooks(db: Session, assignment_id: str) -> list[_Notebook]:
    """The notebooks of an assignment that are graded: marks of other languages' stay."""
    rows = select(NOTEBOOKS.c.id, NOTEBOOKS.c.name, NOTEBOOKS.c.kernelspec).where(
        NOTEBOOKS.c.assignment_id == assignment_id
    )
    notebooks = {
        row.id: _Notebook(row.id, row.name)
        for row in db.execute(rows)
        if language_of(row.kernelspec) == PYTHON
    }
    for cell in db.execute(select(CELLS).where(CELLS.c.notebook_id.in_(notebooks))):
        notebook = notebooks[cell.notebook_id]
        if cell.type in ("GradeCell", "TaskCell"):
            notebook.graded[cell.id] = cell.name
        if cell.type in ("SolutionCell", "TaskCell"):
            notebook.commented[cell.id] = cell.name
    return list(notebooks.values())


def _write_notebook(
    db: Session, notebook: _Notebook, marks: dict[str, NotebookMarks], unchanged: set[str]
) -> None:
    """Write the marks of one notebook in submissions, given by their ids."""
    submitted = _put(
        db,
        SUBMITTED_NOTEBOOKS,
        [
            {
                "assignment_id": submission,
                "notebook_id": notebook.id,
                "late_submission_penalty": each.late_penalty,
            }
            for submission, each in marks.items()
        ],
    )
    by_id = {submitted[submission, notebook.id]: each for submission, each in marks.items()}
    manual = select(GRADES.c.notebook_id, GRADES.c.cell_id, GRADES.c.needs_manual_grade).where(
        GRADES.c.manual_score.is_not(None),
        GRADES.c.notebook_id.in_(by_id),
        GRADES.c.cell_id.in_(notebook.graded),  # with which the index begins
    )
    stay = {submitted[submission, notebook.id] for submission in unchanged}
    by_hand = {(row, cell): row not in stay or waits for row, cell, waits in db.execute(manual)}
    _put(
        db,
        GRADES,
        [
            {
                "notebook_id": row,
                "cell_id": cell,
                "auto_score": each.points.get(name),
                "needs_manual_grade": by_hand.get((row, cell), each.points.get(name) is None),
            }
            for row, each in by_id.items()
            for cell, name in notebook.graded.items()
        ],
    )
    _put(
        db,
        COMMENTS,
        [
            {"notebook_id": row, "cell_id": cell, "auto_comment": each.comments.get(name)}
            for row, each in by_id.items()
            for cell, name in notebook.commented.items()
        ],
    )


def _put(db: Session, table: Table, rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Insert rows, or update those that exist; return the ids of all by their keys.

    All rows have the same columns, of which the first two are the key.
    """
    if not rows:
        return {}
    key_column, other_key_column, *columns = (table.c[name] for name in rows[0])
    by_key = {(row[key_column.name], row[other_key_column.name]): row for row in rows}
    existing = select(key_column, other_key_column, table.c.id).where(
        key_column.in_({key for key, _ in by_key}),
        other_key_column.in_({other_key for _, other_key in by_key}),
    )
    ids = {(key, other_key): row_id for key, other_key, row_id in db.execute(existing)}
    if columns:
        _update(db, table, {ids[key]: by_key[key] for key in by_key.keys() & ids.keys()})
    # Like the ids that nbgrader makes, which take ten times as long.
    new = {key: row | {"id": urandom(16).hex()} for key, row in by_key.items() if key not in ids}
    if new:
        db.execute(insert(table), list(new.values()))
    return ids | {key: row["id"] for key, row in new.items()}


def _update(db: Session, table: Table, rows: dict[str, dict[str, Any]]) -> None:
    """Update rows, given by their ids."""
    if rows:
        statement = update(table).where(table.c.id == bindparam("row_id"))
        db.execute(statement, [row | {"row_id": row_id} for row_id, row in rows.items()])
