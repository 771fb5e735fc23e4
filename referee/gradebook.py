"""nbgrader's gradebook: what it knows before anything is graded, and how marks get into it."""

from dataclasses import dataclass, field
from os import urandom
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
from nbgrader.utils import parse_utc
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from referee.assignment import Assignment
from referee.course import Course
from referee.work import NotebookMarks, Result

NO_MARKS = NotebookMarks({}, {}, None)
ASSIGNMENTS, NOTEBOOKS, CELLS, STUDENTS, SUBMISSIONS, SUBMITTED_NOTEBOOKS, GRADES, COMMENTS = (
    kind.__table__
    for kind in (
        AssignmentRow, Notebook, BaseCell, Student,
        SubmittedAssignment, SubmittedNotebook, Grade, Comment,
    )
)  # fmt: skip


@dataclass
class Known:
    """What the gradebook knows before anything is graded."""

    assignment: Assignment
    extensions: dict[str, float] = field(default_factory=dict)  # seconds, by student
    by_hand: dict[str, Any] = field(default_factory=dict)  # points and comments that humans gave

    @classmethod
    def read(cls, course: Course, assignment: str) -> Self:
        """Read it."""
        with course.gradebook() as gradebook:
            found = Assignment.read(gradebook, assignment)
            known = cls(found)
            known._read_submissions(gradebook, gradebook.find_assignment(assignment))
        return known

    def _read_submissions(self, gradebook: Gradebook, assignment: AssignmentRow) -> None:
        submissions = gradebook.db.query(SubmittedAssignment).filter_by(assignment_id=assignment.id)
        for submission in submissions.filter(SubmittedAssignment.extension.is_not(None)):
            self.extensions[submission.student_id] = submission.extension.total_seconds()
        grades = gradebook.db.query(Grade).filter(
            Grade.manual_score.is_not(None) | Grade.extra_credit.is_not(None)
        )
        for grade in grades:
            given = self._given_by_hand(grade, assignment)
            given |= {"points": grade.manual_score, "extra": grade.extra_credit}
        for comment in gradebook.db.query(Comment).filter(Comment.manual_comment.is_not(None)):
            given = self._given_by_hand(comment, assignment)
            given |= {"comment": comment.manual_comment}

    def _given_by_hand(self, row: Grade | Comment, assignment: AssignmentRow) -> dict[str, Any]:
        if row.notebook.assignment.assignment_id != assignment.id:
            return {}
        notebooks = self.by_hand.setdefault(row.notebook.assignment.student_id, {})
        return notebooks.setdefault(row.notebook.name, {}).setdefault(row.cell.name, {})


def marked_students(course: Course, assignment: str) -> set[str]:
    """The students who have marks of an assignment in the gradebook."""
    with course.gradebook() as gradebook:
        rows = select(SubmittedAssignment.student_id).join(SubmittedAssignment.assignment)
        return set(gradebook.db.scalars(rows.where(AssignmentRow.name == assignment)))


def write_marks(db: Session, assignment: str, results: list[tuple[Result, str]]) -> None:
    """Write the marks of results, each with the time it was handed in, empty where nobody says.

    Points and comments that humans gave stay. Rows are written as such, several results at once:
    making nbgrader's objects of them costs more than all else that is done for a submission. The
    caller commits.
    """
    row = select(ASSIGNMENTS.c.id).where(ASSIGNMENTS.c.name == assignment)
    assignment_id = db.scalars(row).one()
    due = _with_submission(db, assignment_id, results)
    _add_students(db, [result.student for result, _ in due])
    submissions = _put(
        db,
        SUBMISSIONS,
        [{"assignment_id": assignment_id, "student_id": result.student} for result, _ in due],
    )
    handed_in = {
        submissions[assignment_id, result.student]: {"timestamp": parse_utc(timestamp)}
        for result, timestamp in due
        if timestamp
    }
    _update(db, SUBMISSIONS, handed_in)
    for notebook in _notebooks(db, assignment_id):
        marks = {
            submissions[assignment_id, result.student]: result.marks.get(notebook.name, NO_MARKS)
            for result, _ in due
        }
        _write_notebook(db, notebook, marks)


def _with_submission(
    db: Session, assignment_id: str, results: list[tuple[Result, str]]
) -> list[tuple[Result, str]]:
    """The results that have marks, and those of students who had some before."""
    students = [result.student for result, _ in results]
    rows = select(SUBMISSIONS.c.student_id).where(
        SUBMISSIONS.c.assignment_id == assignment_id, SUBMISSIONS.c.student_id.in_(students)
    )
    there = set(db.scalars(rows))
    return [each for each in results if each[0].outcome.has_marks or each[0].student in there]


def _add_students(db: Session, students: list[str]) -> None:
    """Make the students whom the gradebook does not know yet."""
    known = set(db.scalars(select(STUDENTS.c.id).where(STUDENTS.c.id.in_(students))))
    if new := [{"id": student} for student in students if student not in known]:
        db.execute(insert(STUDENTS), new)


@dataclass
class _Notebook:
    """A notebook's cells that have points, and those that have comments: names by id."""

    id: str
    name: str
    graded: dict[str, str] = field(default_factory=dict)
    commented: dict[str, str] = field(default_factory=dict)


def _notebooks(db: Session, assignment_id: str) -> list[_Notebook]:
    """The notebooks of an assignment."""
    rows = select(NOTEBOOKS.c.id, NOTEBOOKS.c.name).where(
        NOTEBOOKS.c.assignment_id == assignment_id
    )
    notebooks = {row.id: _Notebook(row.id, row.name) for row in db.execute(rows)}
    for cell in db.execute(select(CELLS).where(CELLS.c.notebook_id.in_(notebooks))):
        notebook = notebooks[cell.notebook_id]
        if cell.type in ("GradeCell", "TaskCell"):
            notebook.graded[cell.id] = cell.name
        if cell.type in ("SolutionCell", "TaskCell"):
            notebook.commented[cell.id] = cell.name
    return list(notebooks.values())


def _write_notebook(db: Session, notebook: _Notebook, marks: dict[str, NotebookMarks]) -> None:
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
    manual = select(GRADES.c.notebook_id, GRADES.c.cell_id).where(
        GRADES.c.manual_score.is_not(None), GRADES.c.notebook_id.in_(by_id)
    )
    by_hand = {(row, cell) for row, cell in db.execute(manual)}
    _put(
        db,
        GRADES,
        [
            {
                "notebook_id": row,
                "cell_id": cell,
                "auto_score": each.points.get(name),
                "needs_manual_grade": (row, cell) in by_hand or each.points.get(name) is None,
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
    """Insert rows, or update those that are there; return the ids of all by their keys.

    All rows have the same columns, of which the first two are the key.
    """
    if not rows:
        return {}
    first, second, *others = (table.c[name] for name in rows[0])
    keyed = {(row[first.name], row[second.name]): row for row in rows}
    ones, twos = ({key[place] for key in keyed} for place in (0, 1))
    there = select(first, second, table.c.id).where(first.in_(ones), second.in_(twos))
    ids = {(one, two): row_id for one, two, row_id in db.execute(there)}
    if others:
        old = {ids[key]: keyed[key] for key in keyed.keys() & ids.keys()}
        _update(db, table, old)
    # Like the ids that nbgrader makes, which take ten times as long.
    new = {key: row | {"id": urandom(16).hex()} for key, row in keyed.items() if key not in ids}
    if new:
        db.execute(insert(table), list(new.values()))
    return ids | {key: row["id"] for key, row in new.items()}


def _update(db: Session, table: Table, rows: dict[str, dict[str, Any]]) -> None:
    """Update rows, given by their ids."""
    if rows:
        statement = update(table).where(table.c.id == bindparam("row_id"))
        db.execute(statement, [row | {"row_id": row_id} for row_id, row in rows.items()])
