"""Moodle, "Download all submissions": Ada Lovelace_1234_assignsubmission_file_/notebook.ipynb.

1234 is the number that the grading worksheet calls Participant 1234. Moodle writes no underscores
in names. Where submissions are not in folders, the notebook's name follows in the same name. Where
students hand in as groups, name and number are the group's. What was typed in on the platform is in
Ada Lovelace_1234_assignsubmission_onlinetext_/onlinetext.html.
"""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from referee.collect.archives import Archive
from referee.collect.people import Identity
from referee.collect.platforms.owner import Owner

NAME = re.compile(
    r"(?P<prefix>(?P<name>[^_]*)_(?P<participant>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?)"
    r"(?P<file>.*)"
)

NOT_IN_NAMES = re.compile(r"[\x00-\x1f&<>\"`|':\\/_]")


class Moodle:
    """The names of an archive of Moodle."""

    name = "Moodle"

    @staticmethod
    def prefix(who: Identity) -> str:
        """What Moodle puts before the names of a participant's files."""
        return f"{NOT_IN_NAMES.sub(' ', who.name)}_{who.uid}_assignsubmission_file/"

    def __init__(self, archive: Archive, assignment: str, notebooks: Collection[str]) -> None:
        """Moodle has all in the names."""

    def owners(self, path: PurePosixPath) -> list[Owner]:
        """Whose a file is: the first name that is Moodle's counts, what is below is a student's."""
        for place, part in enumerate(path.parts[:2]):
            found = NAME.fullmatch(part)
            is_file = place == len(path.parts) - 1
            if found and bool(found["file"]) == is_file:
                below = [found["file"]] if is_file else path.parts[place + 1 :]
                who = Identity(name=found["name"], uid=found["participant"])
                prefix = found["prefix"] + ("" if is_file else "/")
                typed = found["kind"] == "onlinetext"
                return [Owner(who, PurePosixPath(*below), prefix=prefix, typed=typed)]
        return []


def is_group(name: str, group: str) -> bool:
    """Whether a name in an archive is that of a group."""
    return bool(group) and _letters(name) == _letters(group)


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
