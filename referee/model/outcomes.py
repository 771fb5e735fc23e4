"""What can become of a submission: a small closed set, with a reason for the teacher."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How the grading of a submission ended; `scores` and the journal say it in these words.

    Of several things that happened, the one with the highest `rank` counts: they are in order.
    """

    GRADED = "graded"
    LATE = "late"
    NEEDS_MARKING = "needs marking"  # by a human, who may have marked some of it; in tables only
    NOTEBOOK_MISSING = "graded, a notebook is missing"
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


class Cause(StrEnum):
    """Why cells or calls of a submission were stopped or lost."""

    TIME = "time"
    WALL_TIME = "wall-clock time"  # and nothing else, which other programs may be to blame for
    MEMORY = "memory"
    FILES = "files"
    PROCESSES = "processes"
    KERNEL_ENDED = "kernel ended"
    CALL_LOST = "call lost"
    CELL_MISSING = "cell missing"
    NOTEBOOK_MISSING = "notebook missing"
    NOT_WATCHED = "not watched"
    GRADING_ENDED = "grading ended"

    @property
    def outcome(self) -> Outcome:
        """What it makes of the submission."""
        by_cause = {
            Cause.TIME: Outcome.OUT_OF_TIME,
            Cause.WALL_TIME: Outcome.OUT_OF_TIME,
            Cause.MEMORY: Outcome.OUT_OF_MEMORY,
            Cause.NOTEBOOK_MISSING: Outcome.NOTEBOOK_MISSING,
        }
        return by_cause.get(self, Outcome.LOST_CELLS)


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
