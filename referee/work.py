"""What is sent to a worker for one submission, and what comes back: plain data, as bytes."""

from dataclasses import dataclass, field
from typing import Any

import msgpack

from referee.outcomes import Outcome


@dataclass(frozen=True)
class Work:
    """A submission to be graded.

    `notebooks` are files as they were handed in, name and content, by the name of the notebook that
    each is taken for; `by_hand` has the points and comments that humans gave, by notebook and
    cell; `extension` is in seconds.
    """

    student: str
    notebooks: dict[str, tuple[str, bytes]]
    files: dict[str, bytes]
    notes: tuple[str, ...] = ()
    by_hand: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    extension: float | None = None

    def to_bytes(self) -> bytes:
        """The work as bytes."""
        return msgpack.packb(self, default=vars)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Work":
        """Read what to_bytes wrote."""
        plain = msgpack.unpackb(content)
        return cls(**plain | {"notes": tuple(plain["notes"])})


@dataclass(frozen=True)
class NotebookMarks:
    """Points and comments of a notebook, by cell; None is for a human to fill in."""

    points: dict[str, float | None]
    comments: dict[str, str | None]
    late_penalty: float | None


@dataclass(frozen=True)
class CellTime:
    """How long a cell took: seconds, and CPU seconds of the sandbox."""

    cell: str
    seconds: float
    cpu: float


@dataclass(frozen=True)
class Result:
    """What became of a submission.

    `autograded` and `feedback` are the contents of its folders in there; `log` is kept of those
    that could not be graded.
    """

    student: str
    outcome: Outcome
    reason: str = ""
    notes: tuple[str, ...] = ()
    log: str = ""
    seconds: float = 0.0
    cells: tuple[CellTime, ...] = ()
    marks: dict[str, NotebookMarks] = field(default_factory=dict)
    autograded: dict[str, bytes] = field(default_factory=dict)
    feedback: dict[str, bytes] = field(default_factory=dict)
    sandboxed: bool = True

    def to_bytes(self) -> bytes:
        """The result as bytes."""
        return msgpack.packb(self, default=vars)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Result":
        """Read what to_bytes wrote."""
        return cls.from_plain(msgpack.unpackb(content, strict_map_key=False))

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Result":
        """The result of what MessagePack has made of its bytes."""
        plain["outcome"] = Outcome(plain["outcome"])
        plain["notes"] = tuple(plain["notes"])
        plain["cells"] = tuple(CellTime(**cell) for cell in plain["cells"])
        plain["marks"] = {name: NotebookMarks(**marks) for name, marks in plain["marks"].items()}
        return cls(**plain)
