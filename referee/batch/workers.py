"""What workers are to a batch, wherever they are."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from referee.batch.jobs import Job


class Workers(Protocol):
    """They do jobs. `doing` says at what each was last seen: (student, cell)."""

    @property
    def doing(self) -> Mapping[str, tuple[str, str]]:
        """The student and the cell, by the name of the worker."""

    def run(
        self, jobs: Iterator[Job], stopping: Callable[[], bool], say: Callable[[str], None]
    ) -> Iterator[list[tuple[str, bytes]]]:
        """Do jobs, and yield (student, result as bytes) as they come, some at a time.

        When `stopping` says so, what is running is the last. `say` tells the user of a lack of
        workers.

        Raises:
            RefereeError: there are no workers, for too long.

        """
