"""What a batch tells its user while it is under way."""

from collections.abc import Mapping
from typing import Protocol

from referee.record.journal import JournalLine


class WorkersView(Protocol):
    """The workers, as far as they can be looked at."""

    @property
    def doing(self) -> Mapping[str, tuple[str, str]]:
        """The student and the cell that each worker was last seen at, by its address."""


class BatchView(Protocol):
    """What a batch tells its user while it is under way."""

    def recorded(self, line: JournalLine, *, now: bool) -> None:
        """A submission is done, `now` or in an earlier run."""

    def watch(self, workers: WorkersView) -> None:
        """These are the workers."""

    def say(self, text: str) -> None:
        """Something that a user should know."""
