"""Canvas, "Download submissions": lovelaceada_LATE_USER_FILE_notebook-2.ipynb.

USER and FILE are Canvas's numbers. The name has lost all but letters, digits and underscores.
"""

import re
from pathlib import PurePosixPath

from referee.collect.archives import Archive
from referee.collect.people import Identity
from referee.collect.platforms.owner import Owner, Unclear

NAME = re.compile(
    r"(?P<prefix>(?P<name>.+?)(?P<late>_late)?_(?P<user>\d{1,18})_(?P<number>\d{1,18})_)(?P<file>.+)",
    re.IGNORECASE,
)
DIGITS = re.compile(r"\d+_")
# Canvas counts the files of a name that somebody hands in: notebook-1.ipynb, notebook-2.ipynb.
COUNTED = re.compile(r"-\d+(?=\.\w+$)")


class Canvas:
    """The names of an archive of Canvas."""

    name = "Canvas"

    def __init__(self, archive: Archive, assignment: str) -> None:
        """Canvas has all in the names."""

    def owners(self, path: PurePosixPath) -> list[Owner]:
        """Whose a file is."""
        found = NAME.fullmatch(path.name)
        if found is None or len(path.parts) > 2:
            return []
        # Ada_77 could be a name that somebody has chosen, and 77 the number of somebody else.
        if DIGITS.match(found["file"]):
            raise Unclear(
                f"its name has three numbers, and the student's could be {found['user']} or "
                f"{found['number']}; rename it so that it has two"
            )
        return [
            Owner(
                Identity(name=found["name"], uid=found["user"]),
                PurePosixPath(COUNTED.sub("", found["file"])),
                attempt=int(found["number"]),
                late=bool(found["late"]),
                prefix=found["prefix"],
            )
        ]
