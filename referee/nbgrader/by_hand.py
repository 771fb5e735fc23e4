"""What humans have given for the cells of an assignment, as formgrader writes it: read and changed.

The tables are those of `schema.REVISION`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from referee.errors import RefereeError
from referee.model.marking import Change, HandMark, Place
from referee.nbgrader.course import Course, GradebookUnavailableError
from referee.nbgrader.rows import (
    ASSIGNMENTS,
    CELLS,
    COMMENTS,
    GRADES,
    NOTEBOOKS,
    SUBMISSIONS,
    SUBMITTED_NOTEBOOKS,
)


@dataclass
class _Cell:
    """A cell of a submission: what a human has given, the autograder's points, and its rows."""

    mark: HandMark = field(default_factory=HandMark)
    auto: float | None = None
    grade: str = ""
    comment: str = ""


class HandMarks:
    """All that humans have given for an assignment, which nobody else can change meanwhile."""

    def __init__(self, db: Session, assignment: str) -> None:
        self._db = db
        self._cells: dict[Place, _Cell] = {}
        self._read(assignment)

    def mark(self, place: Place) -> HandMark:
        """What a human has given for a cell of a submission."""
        return self._cells.get(place, _Cell()).mark

    def auto(self, place: Place) -> float | None:
        """The autograder's points."""
        return self._cells.get(place, _Cell()).auto

    def can_have_comment(self, place: Place) -> bool:
        """Whether nbgrader has a place for a comment there."""
        return bool(self._cells.get(place, _Cell()).comment)

    def write(self, changes: Iterable[Change]) -> None:
        """Change marks; it counts once it is committed."""
        for change in changes:
            cell = self._cells[change.place]
            new = change.new
            if cell.grade:
                # Whatever was the case before: who has no points at all waits for a human.
                waits = new.waits or (new.points is None and cell.auto is None)
                self._put(
                    GRADES,
                    cell.grade,
                    manual_score=new.points,
                    extra_credit=new.extra,
                    needs_manual_grade=waits,
                )
            if cell.comment:
                self._put(COMMENTS, cell.comment, manual_comment=new.comment)
            cell.mark = new

    def commit(self) -> None:
        """Keep what was written."""
        self._db.commit()

    def _put(self, table: Table, row: str, **values: object) -> None:
        self._db.execute(update(table).where(table.c.id == row).values(values))

    def _read(self, assignment: str) -> None:
        columns = (
            GRADES.c.auto_score,
            GRADES.c.manual_score,
            GRADES.c.extra_credit,
            GRADES.c.needs_manual_grade,
        )
        for place, row, (auto, points, extra, waits) in self._locked(GRADES, assignment, *columns):
            self._cells[place] = _Cell(HandMark(points, extra, waits=waits), auto, grade=row)
        for place, row, (text,) in self._locked(COMMENTS, assignment, COMMENTS.c.manual_comment):
            cell = self._cells.setdefault(place, _Cell())
            cell.mark, cell.comment = replace(cell.mark, comment=text), row

    def _locked(
        self, table: Table, assignment: str, *columns: Column[Any]
    ) -> Iterator[tuple[Place, str, list[Any]]]:
        """The rows of an assignment: place, id, and columns. Nobody changes them from now on."""
        submitted = (
            select(SUBMITTED_NOTEBOOKS.c.id)
            .join(SUBMISSIONS, SUBMITTED_NOTEBOOKS.c.assignment_id == SUBMISSIONS.c.id)
            .join(ASSIGNMENTS, SUBMISSIONS.c.assignment_id == ASSIGNMENTS.c.id)
            .where(ASSIGNMENTS.c.name == assignment)
        )
        mine = table.c.notebook_id.in_(submitted)
        # A write that changes nothing: SQLite has no other lock, and it locks with the first one.
        self._db.execute(update(table).where(mine).values(id=table.c.id))
        rows = (
            select(SUBMISSIONS.c.student_id, NOTEBOOKS.c.name, CELLS.c.name, table.c.id, *columns)
            .select_from(table)
            .join(CELLS, table.c.cell_id == CELLS.c.id)
            .join(SUBMITTED_NOTEBOOKS, table.c.notebook_id == SUBMITTED_NOTEBOOKS.c.id)
            .join(NOTEBOOKS, SUBMITTED_NOTEBOOKS.c.notebook_id == NOTEBOOKS.c.id)
            .join(SUBMISSIONS, SUBMITTED_NOTEBOOKS.c.assignment_id == SUBMISSIONS.c.id)
            .where(mine)
        )
        for student, notebook, cell, row, *values in self._db.execute(rows):
            yield (student, notebook, cell), row, values


@contextmanager
def locked_hand_marks(course: Course, assignment: str) -> Iterator[HandMarks]:
    """What humans have given for an assignment. What is written without a commit is forgotten.

    Raises:
        RefereeError: another program uses the gradebook, say; no mark was changed.

    """
    try:
        with course.gradebook() as gradebook:
            try:
                yield HandMarks(gradebook.db, assignment)
            finally:
                gradebook.db.rollback()
    except GradebookUnavailableError as error:
        raise RefereeError(f"no mark was changed: {error}") from error
