"""ILIAS, "Download all submissions": Blatt 1/Abgaben/Lovelace_Ada_adal_1234/notebook.ipynb.

adal is the login and 1234 the number of ILIAS. Groups have a folder `Team 5` around theirs. A file
that was late is called "Late Submission - notebook.ipynb", in the language of the course.

ILIAS writes names in ASCII: umlauts with an e, other letters without their accents if HTML has a
name for them, and underscores for all others: Ana Kovačević is Kova__evi___Ana.
"""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from referee.collect.archives import Archive
from referee.collect.people import Identity
from referee.collect.platforms.owner import Owner

FOLDER = re.compile(r"(?P<who>.*_.*_.+)_(?P<number>\d+)")
# Whose names have no underscores; a login may have some.
PARTS = re.compile(r"(?P<last>[^_]+)_(?P<first>[^_]+)_(?P<login>[^_].*)")
LATE = re.compile(r"(?:Late Submission|Versp(?:ä|ae|a)tete Abgabe) - (?=.)", re.IGNORECASE)


class Ilias:
    """The names of an archive of ILIAS."""

    name = "ILIAS"

    def __init__(self, archive: Archive, assignment: str, notebooks: Collection[str]) -> None:
        """ILIAS has all in the names."""

    def owners(self, path: PurePosixPath) -> list[Owner]:
        """Whose a file is: the first folder that has a student's name counts."""
        for place, part in enumerate(path.parts[:-1][:4]):
            if found := FOLDER.fullmatch(part):
                late = LATE.match(path.name)
                name = path.name[late.end() :] if late else path.name
                who = _identity(found["who"], found["number"])
                below = PurePosixPath(*path.parts[place + 1 : -1], name)
                return [Owner(who, below, late=bool(late), prefix=f"{part}/")]
        return []


def _identity(folder: str, number: str) -> Identity:
    """Who a folder says; several could be meant where there are more than two underscores."""
    several = folder if folder.count("_") > 2 else ""
    if parts := PARTS.fullmatch(folder):
        name = f"{parts['last']}, {parts['first']}"
        return Identity(login=parts["login"], name=name, uid=number, folder=several)
    return Identity(name=folder, uid=number, folder=folder)
