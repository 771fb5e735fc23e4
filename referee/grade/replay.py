"""What a new kernel has to repeat of the last one, and how much of everything is left for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from referee.model.limits import Limits
from referee.model.outcomes import Cause


@dataclass(frozen=True)
class CellStep:
    """A cell was run."""

    name: str
    source: str


@dataclass(frozen=True)
class GuardStep:
    """A function that has hung in a test is given less time from now on: seconds."""

    function: str
    cpu: float
    wall: float


@dataclass(frozen=True)
class RandomStep:
    """The generators go on from these states, in which a visible test has left them."""

    states: Any


Step = CellStep | GuardStep | RandomStep


class Stop(Enum):
    """Why no more cells are run: the cause, and a sentence with {your} for "your" or "the"."""

    KERNEL = Cause.KERNEL_ENDED, "{your} notebook's kernel was ended too often"
    WALL = Cause.WALL_TIME, "{your} notebook took more than {limit:g} seconds"
    CPU = Cause.TIME, "{your} notebook used more than {limit:g} CPU seconds"

    def __init__(self, cause: Cause, sentence: str) -> None:
        self.cause = cause
        self.sentence = sentence


@dataclass(frozen=True)
class Stopped:
    """Why no more cells are run, with the limit that was reached, if one was."""

    stop: Stop
    limit: float = 0.0

    @property
    def cause(self) -> Cause:
        """What a teacher's table counts it as."""
        return self.stop.cause

    @property
    def for_student(self) -> str:
        """The sentence that a student reads."""
        return self.stop.sentence.format(your="your", limit=self.limit)

    @property
    def for_teacher(self) -> str:
        """The sentence that a teacher reads."""
        return self.stop.sentence.format(your="the", limit=self.limit)


@dataclass
class Budget:
    """What a notebook may use in all of its kernels; `cpu_seconds` says what it has used."""

    limits: Limits
    cpu_seconds: Callable[[], float]
    start: float = field(default_factory=time.monotonic)

    def exceeded(self) -> Stopped | None:
        """The limit that the notebook has reached."""
        if time.monotonic() - self.start > self.limits.notebook_wall:
            return Stopped(Stop.WALL, self.limits.notebook_wall)
        if self.cpu_seconds() > self.limits.notebook_cpu:
            return Stopped(Stop.CPU, self.limits.notebook_cpu)
        return None
