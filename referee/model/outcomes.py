"""What can become of a submission: a small closed set, with a reason for the teacher."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Outcome(StrEnum):
    """How the grading of a submission ended; `scores` and the journal say it in these words.

    Of several things that happened, the one with the highest `rank` counts: they are in order.
    """

    GRADED = "graded"
    LATE = "late"
    LOST_CELLS = "graded, some cells failed"  # cells that ended the kernel, or were deleted
    OUT_OF_TIME = "out of time"
    OUT_OF_MEMORY = "out of memory"
    # From here on, there are no marks.
    NOT_A_NOTEBOOK = "not a notebook"
    UNREADABLE = "unreadable"
    UNKNOWN_STUDENT = "unknown student"
    WRONG_ASSIGNMENT = "wrong assignment"
    GRADER_FAULT = "grader fault"
    MISSING = "missing"
    PENDING = "pending"  # not graded yet

    @classmethod
    def _missing_(cls, value: object) -> "Outcome | None":
        return FORMER_NAMES.get(value) if isinstance(value, str) else None

    @property
    def rank(self) -> int:
        """How much it matters beside others that happened to the same submission."""
        return list(Outcome).index(self)

    @property
    def has_marks(self) -> bool:
        """Whether the submission was graded, even if some of its cells failed."""
        return self.rank <= Outcome.OUT_OF_MEMORY.rank


FORMER_NAMES = {"graded with lost cells": Outcome.LOST_CELLS}  # in journals of version 0.2


class Cause(Enum):
    """Why cells or calls of a submission were stopped or lost, and the outcome that this has."""

    TIME = Outcome.OUT_OF_TIME, 1
    MEMORY = Outcome.OUT_OF_MEMORY, 2
    FILES = Outcome.LOST_CELLS, 3
    PROCESSES = Outcome.LOST_CELLS, 4
    KERNEL_ENDED = Outcome.LOST_CELLS, 5
    CALL_LOST = Outcome.LOST_CELLS, 6
    CELL_MISSING = Outcome.LOST_CELLS, 7
    NOT_WATCHED = Outcome.LOST_CELLS, 8

    def __init__(self, outcome: Outcome, _: int) -> None:
        self.outcome = outcome  # what it makes of the submission


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong while a submission ran; the reason is for the teacher."""

    cause: Cause
    reason: str

    @property
    def outcome(self) -> Outcome:
        """What it makes of the submission."""
        return self.cause.outcome


class Refused(Exception):  # noqa: N818 - a submission that cannot be graded is no error of ours
    """A submission cannot be graded, for a reason that its teacher understands."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
