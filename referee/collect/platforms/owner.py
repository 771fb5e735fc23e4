"""What a platform's names say of a file: whose it is, when it was handed in, what it was called."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from referee.collect.archives import Archive
from referee.collect.people import Identity


@dataclass(frozen=True)
class Owner:
    """Whose a file is.

    `file` is what it was called when it was handed in. Of several attempts, the one with the
    largest `attempt` counts. `time` is of the course's zone if it has none. `late` is what the
    platform says. `prefix` is what the platform has put before the file's name, and looks for when
    it takes feedback back. What is `typed` was typed in on the platform, and is not taken.
    """

    who: Identity
    file: PurePosixPath
    attempt: int = 0
    time: datetime | None = None
    late: bool = False
    prefix: str = ""
    typed: bool = False


class Unclear(Exception):  # noqa: N818 - a name that cannot be read is no error of ours
    """A file's name is the platform's, but does not say for certain whose it is."""


class Platform(Protocol):
    """Reads the names of one archive."""

    name: str

    def __init__(self, archive: Archive, assignment: str, notebooks: Collection[str]) -> None:
        """Look at the archive as a whole, for example at a list that lies in it.

        `notebooks` are the names of the assignment's, without endings.
        """

    def owners(self, path: PurePosixPath) -> list[Owner]:
        """Whose a file is: several for a group, nobody if its name is not the platform's.

        Raises:
            Unclear: it could be two.

        """
