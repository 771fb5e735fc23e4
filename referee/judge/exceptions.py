"""Exceptions of calls of a student's code: those it raised, and those of calls that were lost."""

import builtins
import os
import signal
from dataclasses import dataclass
from enum import Enum

from referee.boundary.messages import Raised


class Loss(Enum):
    """Why a call had no answer; in the sentences, {your} is "your" or "the"."""

    TAKES_TOO_LONG = "{your} code takes too long"
    DOES_NOTHING = "{your} code waits for something that never comes"
    PROCESS_ENDED = "{your} code ended its own process"
    UNREADABLE = "the answer of {your} code cannot be read"
    MAKES_NO_SENSE = "the answer of {your} kernel makes no sense"
    KERNEL_ENDED = "{your} notebook's kernel has ended"
    OBJECT_LOST = "what {your} code returned earlier was lost with its process"


@dataclass(frozen=True)
class ProcessEnd:
    """How a fork has ended, as the student's kernel says; a student could make it say anything."""

    status: int | None = None  # as by os.wait

    @property
    def by_cpu_time(self) -> bool:
        """Whether it used more CPU time than it may."""
        return self._signal == signal.SIGXCPU

    @property
    def _signal(self) -> int | None:
        return (
            os.WTERMSIG(self.status)
            if self.status is not None and os.WIFSIGNALED(self.status)
            else None
        )

    def __str__(self) -> str:
        """How a sentence about it goes on."""
        if self.status is None:
            return ""
        if self._signal is None:
            return f" (exit code {os.WEXITSTATUS(self.status)})"
        return ENDS.get(self._signal, f" (signal {self._signal})")


ENDS: dict[int, str] = {
    signal.SIGXCPU: ": it used more CPU time than a test may",
    signal.SIGSEGV: " (segmentation fault)",
    signal.SIGABRT: " (aborted)",
}


class CallLost(Exception):  # noqa: N818 - an answer that did not come is no error of ours
    """A call had no answer, or none that can be read. The next call is made in another fork.

    `detail` may quote what the student's side sent; the sentences do not.
    """

    def __init__(self, loss: Loss, end: ProcessEnd | None = None, detail: str = "") -> None:
        self.loss = loss
        self.end = end or ProcessEnd()
        self.detail = detail
        super().__init__(self.for_student)

    @property
    def hung(self) -> bool:
        """Whether the call took longer than it may, by wall-clock or by CPU time."""
        slow = (Loss.TAKES_TOO_LONG, Loss.DOES_NOTHING)
        return self.loss in slow or self.end.by_cpu_time

    @property
    def by_wall_time_alone(self) -> bool:
        """Whether other programs of the machine may be to blame."""
        return self.loss is Loss.TAKES_TOO_LONG

    @property
    def for_student(self) -> str:
        """The sentence that a student reads."""
        return self.loss.value.format(your="your") + str(self.end)

    @property
    def for_teacher(self) -> str:
        """The sentence that a teacher reads."""
        return self.loss.value.format(your="the") + str(self.end)


# Builtin exceptions that a message is enough to make.
EXCEPTIONS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(
        kind, StopIteration | StopAsyncIteration | UnicodeError | ExceptionGroup | Warning
    )
}


class StudentError(RuntimeError):
    """An exception of the student's code that is of none of Python's usual types."""


def rebuilt(raised: Raised) -> Exception:
    """An exception of the student's code, for a test to catch; `raised` is its attribute."""
    error = EXCEPTIONS.get(raised.type, StudentError)(raised.message)
    error.raised = raised  # type: ignore[attr-defined]
    return error


def raised_by_student(error: BaseException) -> Raised | None:
    """What the student's code raised, if this exception comes from there."""
    raised = getattr(error, "raised", None)
    return raised if isinstance(raised, Raised) else None
