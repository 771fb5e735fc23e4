"""Who of a group gets what: the marks of each student's cells, before and after."""

from dataclasses import dataclass, replace

from referee.errors import RefereeError
from referee.feedback.content import answer_cells
from referee.marking.points import Amount, CellPoints, shared
from referee.model.assignment import AssignmentNotebook
from referee.model.marking import Change, HandMark, Place
from referee.model.questions import Question
from referee.nbgrader.by_hand import HandMarks
from referee.report.messages import Hit

BETWEEN_COMMENTS = "\n\n"
LEFT_OUT = "left out by --except"
BY_HAND = "marked by hand already: --overwrite changes it"
HAS_IT = "nothing to change"


@dataclass(frozen=True)
class Gift:
    """What to give to a group: points (an Amount), a comment, or both; by whom, and why.

    `overwrite` also changes points that a human has given. With `extra_credit`, points that the
    question has no room for are given as that. Students in `without` get nothing.
    """

    points: str
    comment: str
    by: str
    why: str
    overwrite: bool = False
    extra_credit: bool = False
    without: tuple[str, ...] = ()

    def require_something(self) -> None:
        """Refuse what gives nothing, or without a reason.

        Raises:
            RefereeError: what is missing, and what to do.

        """
        if not self.points and not self.comment.strip():
            raise RefereeError(
                "there is nothing to give: say --points +2, -1, =3 or back, or --comment TEXT."
            )
        if not self.why.strip():
            raise RefereeError("say --why TEXT. It is kept in the log; students do not read it.")
        require_name(self.by)


def require_name(by: str) -> None:
    """Refuse to give or take back anything in nobody's name.

    Raises:
        RefereeError: there is no name.

    """
    if not by.strip():
        raise RefereeError("say --by NAME: the log keeps who has given or taken back what.")


@dataclass(frozen=True)
class Given:
    """What a student gets: points of the question before and after, extra credit included.

    `rest` are points that the question had no room for; `why_not` says why there are no changes.
    """

    student: str
    before: float
    after: float
    rest: float = 0.0
    changes: tuple[Change, ...] = ()
    why_not: str = ""

    @property
    def comment(self) -> bool:
        """Whether there is a comment among it."""
        return any(change.new.comment != change.old.comment for change in self.changes)


class Plan:
    """Says who of a group gets what, by the marks as they are."""

    def __init__(
        self, notebook: AssignmentNotebook, question: Question, gift: Gift, marks: HandMarks
    ) -> None:
        self._notebook = notebook
        self._question = question
        self._gift = gift
        self._marks = marks
        self._amount = Amount.parse(gift.points) if gift.points else None
        self._comment = gift.comment.strip()
        self._most = {cell.name: cell.points or 0.0 for cell in notebook.cells}

    def of(self, hit: Hit) -> Given:
        """What a student of the group gets.

        Raises:
            RefereeError: nbgrader has no place for a comment.

        """
        student, before = hit.student, self._total(hit.student, {})
        if student in self._gift.without:
            return Given(student, before, before, why_not=LEFT_OUT)
        new, rest = self._with_points(hit, before)
        theirs = (self._mark(student, cell) for cell in new)
        if not self._gift.overwrite and any(
            mark.points is not None or mark.extra for mark in theirs
        ):
            return Given(student, before, before, why_not=BY_HAND)
        if self._comment:
            self._add_comment(hit, new)
        changes = tuple(
            Change(student, self._notebook.name, cell, self._mark(student, cell), mark)
            for cell, mark in new.items()
        )
        why_not = "" if changes else HAS_IT
        return Given(student, before, self._total(student, new), rest, changes, why_not)

    def _with_points(self, hit: Hit, before: float) -> tuple[dict[str, HandMark], float]:
        """The marks of the cells that get other points, and what none of them had room for."""
        if self._amount is None:
            return {}, 0.0
        cells = self._cells(hit)
        more = self._amount.more(before, hit.lost)
        shares = shared(more, [self._points(hit.student, cell) for cell in cells])
        new = {
            cell: replace(self._mark(hit.student, cell), points=points, waits=False)
            for cell, points in shares.points.items()
        }
        if self._gift.extra_credit and shares.rest > 0 and cells:
            mark = new.get(cells[0], self._mark(hit.student, cells[0]))
            new[cells[0]] = replace(mark, extra=(mark.extra or 0.0) + shares.rest)
            return new, 0.0
        return new, shares.rest

    def _cells(self, hit: Hit) -> list[str]:
        """The question's cells that have points, those first that lost them for this reason."""
        cells = dict.fromkeys((*hit.cells, *self._question.cells))
        return [cell for cell in cells if self._counts(hit.student, cell) is not None]

    def _add_comment(self, hit: Hit, new: dict[str, HandMark]) -> None:
        """Put the comment behind the one that is there, if it is not a part of it already."""
        cell = self._cell_for_comment(hit)
        mark = new.get(cell, self._mark(hit.student, cell))
        there = mark.comment or ""
        if not f"{BETWEEN_COMMENTS}{there}".endswith(f"{BETWEEN_COMMENTS}{self._comment}"):
            both = BETWEEN_COMMENTS.join(filter(None, (there, self._comment)))
            new[cell] = replace(mark, comment=both)

    def _cell_for_comment(self, hit: Hit) -> str:
        """The answer above the first test that failed; the question's first one, if none did."""
        names = [cell.name for cell in self._notebook.cells]
        first = min(map(names.index, hit.cells), default=0)
        cells = [
            cell
            for cell in answer_cells(self._notebook, self._question.name)
            if self._marks.can_have_comment(self._place(hit.student, cell))
        ]
        if not cells:
            raise RefereeError(
                f"{self._question.label} has no cell to fill in, so that nbgrader has no place for "
                "a comment. Give points only."
            )
        return max(
            (cell for cell in cells if names.index(cell) < first), key=names.index, default=cells[0]
        )

    def _total(self, student: str, new: dict[str, HandMark]) -> float:
        """The points of the question, with new marks of some of its cells."""
        total = 0.0
        for cell in self._question.cells:
            mark = new.get(cell, self._mark(student, cell))
            points = self._counts(student, cell) if mark.points is None else mark.points
            total += 0.0 if points is None else points + (mark.extra or 0.0)
        return total

    def _points(self, student: str, cell: str) -> CellPoints:
        return CellPoints(cell, self._counts(student, cell) or 0.0, self._most[cell])

    def _counts(self, student: str, cell: str) -> float | None:
        """The points of a cell, without extra ones; None if a human has yet to give them."""
        place = self._place(student, cell)
        by_hand = self._marks.mark(place).points
        return self._marks.auto(place) if by_hand is None else by_hand

    def _mark(self, student: str, cell: str) -> HandMark:
        return self._marks.mark(self._place(student, cell))

    def _place(self, student: str, cell: str) -> Place:
        return student, self._notebook.name, cell
