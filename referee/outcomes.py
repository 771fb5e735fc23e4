"""What can become of a submission: a small closed set, with a reason for the teacher."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How the grading of a submission ended; `scores` and the journal say it in these words."""

    GRADED = "graded"
    LOST_CELLS = "graded with lost cells"  # cells that ended the kernel, or were deleted
    LATE = "late"
    OUT_OF_TIME = "out of time"
    OUT_OF_MEMORY = "out of memory"
    NOT_A_NOTEBOOK = "not a notebook"
    UNREADABLE = "unreadable"
    WRONG_ASSIGNMENT = "wrong assignment"
    GRADER_FAULT = "grader fault"
    MISSING = "missing"
    PENDING = "pending"  # not graded yet

    @property
    def has_marks(self) -> bool:
        """Whether the submission was graded, be it without the cells that were lost."""
        return self in MARKED


MARKED = (
    Outcome.GRADED,
    Outcome.LOST_CELLS,
    Outcome.LATE,
    Outcome.OUT_OF_TIME,
    Outcome.OUT_OF_MEMORY,
)


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong while a submission ran, and cost it what it says."""

    outcome: Outcome
    reason: str


class Refused(Exception):  # noqa: N818 - a submission that cannot be graded is no error of ours
    """A submission cannot be graded, for a reason that its teacher understands."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
