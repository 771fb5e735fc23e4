"""What is sent to a worker for one submission, and what comes back: plain data, as bytes.

The types of what comes back are checked when the bytes are read.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from referee.model.outcomes import Outcome

T = TypeVar("T")
# Files of a submission that `nbgrader release_feedback` reads beside its feedback pages.
BESIDE_PAGES = ("timestamp.txt", "submission_secret.txt")


@dataclass(frozen=True)
class SubmittedFile:
    """A file as it was handed in, by the name that it has there."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Work:
    """A submission to be graded.

    `notebooks` are by the name of the notebook that each is taken for; `missing` says of those that
    are not there what was found instead. `handed_in` is in UTC, and None where nobody says, or if
    it is `time_unclear`; `full_name` is empty where it is not known.
    """

    student: str
    notebooks: dict[str, SubmittedFile]
    files: dict[str, bytes]
    notes: tuple[str, ...] = ()
    handed_in: datetime | None = None
    missing: tuple[str, ...] = ()
    time_unclear: bool = False
    full_name: str = ""


@dataclass(frozen=True)
class NotebookMarks:
    """Points and comments of a notebook, by cell; None is for a human to fill in."""

    points: dict[str, float | None]
    comments: dict[str, str | None]
    late_penalty: float | None = None


@dataclass(frozen=True)
class CellTime:
    """How long a cell took: seconds, and CPU seconds of the sandbox.

    `memory` is the most that the sandbox was seen with, in bytes, and 0 if the cell was too short.
    """

    cell: str
    seconds: float
    cpu: float
    memory: int = 0


@dataclass(frozen=True)
class Result:
    """What became of a submission.

    `autograded` and `feedback` are the contents of its folders in there; `log` is kept of those
    that could not be graded. Whether it was late does not count here. `busy` if something was lost
    to wall-clock time alone, for which other programs of the machine may be to blame.
    """

    student: str
    outcome: Outcome
    reason: str = ""
    notes: tuple[str, ...] = ()
    log: str = ""
    seconds: float = 0.0
    handed_in: datetime | None = None
    cells: tuple[CellTime, ...] = ()
    marks: dict[str, NotebookMarks] = field(default_factory=dict)
    autograded: dict[str, bytes] = field(default_factory=dict)
    feedback: dict[str, bytes] = field(default_factory=dict)
    sandboxed: bool = True
    busy: bool = False
    time_unclear: bool = False

    def __repr__(self) -> str:
        """A line; all else is in the fields, whole notebooks and pages among them."""
        parts = [f"{self.student}: {self.outcome}", *([self.reason] if self.reason else [])]
        for name, marks in self.marks.items():
            given = sum(points or 0.0 for points in marks.points.values())
            waiting = sum(points is None for points in marks.points.values())
            parts.append(f"{name} {given:g} points" + (f", {waiting} to be marked" * bool(waiting)))
        if self.notes:
            parts.append(f"{len(self.notes)} notes")
        return f"<Result of {'; '.join(parts)}; {self.seconds:.1f} s>"


@dataclass(frozen=True)
class ShownMarks:
    """What a student reads of a notebook's marks, those of humans included.

    Points are by cell, without extra credit, and None waits for a human; `by_hand` are the cells
    that a human has marked. `student` is a name, and `handed_in` a time in UTC, if they are known.
    """

    points: dict[str, float | None]
    comments: dict[str, str | None]
    late_penalty: float = 0.0
    extra_credit: float = 0.0
    by_hand: tuple[str, ...] = ()
    student: str = ""
    handed_in: str = ""


@dataclass(frozen=True)
class PageWork:
    """Feedback pages to be written anew: executed notebooks, and marks to show, by notebook."""

    student: str
    executed: dict[str, bytes]
    marks: dict[str, ShownMarks]


@dataclass(frozen=True)
class Pages:
    """The feedback pages of a submission, by file name; `problem` says what is wrong with them."""

    student: str
    feedback: dict[str, bytes] = field(default_factory=dict)
    problem: str = ""


def to_bytes(value: object) -> bytes:
    """One of the above as MessagePack."""
    return msgspec.msgpack.encode(value)


def from_bytes(kind: type[T], content: bytes) -> T:
    """Read what to_bytes wrote.

    Raises:
        msgspec.ValidationError: it is not of this kind.

    """
    return msgspec.msgpack.decode(content, type=kind)
