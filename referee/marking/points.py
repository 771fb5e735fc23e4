"""How many points to give or take, and which cells of a question get them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from referee.errors import RefereeError

AMOUNT = re.compile(r"(?P<sign>[+=-])(?P<points>\d{1,6}(?:\.\d{1,6})?)")
BACK = "back"
NOTHING = 1e-9  # points: less than this is rounding


@dataclass(frozen=True)
class Amount:
    """What to do to the points of a question: `+`, `-` or `=` so many, or `back`: what was lost."""

    sign: str
    points: float

    @classmethod
    def parse(cls, text: str) -> "Amount":
        """Read `+2`, `-1.5`, `=3` or `back`.

        Raises:
            RefereeError: it is something else.

        """
        if text == BACK:
            return cls(BACK, 0.0)
        found = AMOUNT.fullmatch(text)
        if found is None:
            raise RefereeError(
                f"--points {text} is not clear. Use +2 for two points more, -1 for one less, =3 "
                "for three in all, or back for what was lost for this reason."
            )
        return cls(found["sign"], float(found["points"]))

    def more(self, now: float, lost: float) -> float:
        """How many points more a question gets that has so many `now`, `lost` of them for a reason.

        The result is negative if points are taken.
        """
        return {
            "+": self.points,
            "-": -self.points,
            "=": self.points - now,
            BACK: lost,
        }[self.sign]


@dataclass(frozen=True)
class CellPoints:
    """A cell, the points that it has, and its maximum."""

    name: str
    points: float
    most: float


@dataclass(frozen=True)
class Shares:
    """The new points of the cells that change, by name; `rest` is what no cell had room for."""

    points: dict[str, float]
    rest: float


def shared(more: float, cells: Iterable[CellPoints]) -> Shares:
    """Give the cells so many points more, or less: each as much as it has room for, in turn.

    No cell gets less than 0 or more than its maximum; one that has more already keeps it.
    """
    new: dict[str, float] = {}
    for cell in cells:
        room = cell.most - cell.points if more > 0 else -cell.points
        step = min(more, max(0.0, room)) if more > 0 else max(more, min(0.0, room))
        if abs(step) > NOTHING:
            new[cell.name] = cell.points + step
            more -= step
    return Shares(new, more if abs(more) > NOTHING else 0.0)
