"""Blackboard, "Assignment file download": HW1_adal_attempt_2026-07-10-12-30-00_notebook.ipynb.

Beside it lies HW1_adal_attempt_2026-07-10-12-30-00.txt, which says "Name: Ada Lovelace (adal)".
The time is in the zone of the institution.
"""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import PurePosixPath

from referee.collect.archives import Archive, Damaged
from referee.collect.people import Identity
from referee.collect.platforms.owner import Owner

# The first _attempt_ counts: what follows is what a student has called the file.
NAME = re.compile(
    r"(?P<attempt>(?P<who>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5}))(?:_(?P<file>.+)|\.txt)"
)
FIRST_LINE = re.compile(r"\s*Name:\s*(?P<name>.*)\((?P<login>[^()]+)\)\s*$")
MAX_TEXT, MAX_LINE = 2**20, 500  # bytes, characters


class Blackboard:
    """The names of an archive of Blackboard, with what its text files say."""

    name = "Blackboard"

    def __init__(self, archive: Archive, assignment: str, notebooks: Collection[str]) -> None:
        """Read who has made each attempt, from the text files."""
        self._who: dict[str, Identity] = {}
        self._before_logins: set[str] = set()  # what the assignment is called in the names
        for path in archive.sizes:
            found = NAME.fullmatch(path.name)
            if found and not found["file"]:
                with suppress(Damaged):
                    text = archive.read(path, MAX_TEXT).decode(errors="replace").lstrip("\ufeff")
                    # Only the first line: further below is what the student has written.
                    first = next(iter(text.splitlines()), "")[:MAX_LINE]
                    if said := FIRST_LINE.match(first):
                        login, name = said["login"].strip(), said["name"].strip()
                        self._who[found["attempt"]] = Identity(login=login, name=name, uid=login)
                        before = found["who"].removesuffix(f"_{login}")
                        self._before_logins.update({before} - {found["who"]})

    def owners(self, path: PurePosixPath) -> list[Owner]:
        """Whose a file is."""
        found = NAME.fullmatch(path.name)
        if found is None or len(path.parts) > 2:
            return []
        login = self._login(found["who"])
        who = self._who.get(found["attempt"], Identity(login=login, uid=login))
        try:
            time = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")
        except ValueError:
            return []
        attempt = int(found["time"].replace("-", ""))
        file = PurePosixPath(found["file"] or path.name)
        return [Owner(who, file, attempt, time, typed=not found["file"])]

    def _login(self, who: str) -> str:
        """The login in a name; without any text file that says another's, it has no underscore."""
        for before in self._before_logins:
            if who.startswith(f"{before}_"):
                return who.removeprefix(f"{before}_")
        return who.rpartition("_")[2]
