"""Canvas, "Download submissions": lovelaceada_LATE_USER_FILE_notebook-2.ipynb.

USER and FILE are Canvas's numbers. The name has lost all but letters, digits and underscores. Where
grading is anonymous, it is LATE_anon_CODE_FILE_notebook.ipynb.
"""

import re
from collections import Counter
from collections.abc import Collection
from pathlib import PurePosixPath

from referee.collect.archives import Archive
from referee.collect.people import Identity
from referee.collect.platforms.owner import Owner, Unclear
from referee.text import in_nfc

NAME = re.compile(
    r"(?P<prefix>(?P<name>.+?)(?P<late>_late)?_(?P<user>\d{1,18})_(?P<number>\d{1,18})_)(?P<file>.+)",
    re.IGNORECASE,
)
ANONYMOUS = re.compile(
    r"(?P<prefix>(?P<late>LATE_)?(?P<user>anon_[0-9A-Za-z]{5})_(?P<number>\d{1,18})_)(?P<file>.+)"
)
DIGITS = re.compile(r"\d+_")
# Canvas counts the files of a name that somebody hands in: notebook-1.ipynb, notebook-2.ipynb.
COUNTED = re.compile(r"-\d+(?=\.\w+$)")


class Canvas:
    """The names of an archive of Canvas."""

    name = "Canvas"

    def __init__(self, archive: Archive, assignment: str, notebooks: Collection[str]) -> None:
        """Canvas has all in the names."""
        self._notebooks = {in_nfc(name) for name in notebooks}
        found = (_parts(path) for path in archive.sizes)
        self._same = Counter((each["user"], _uncounted(each["file"])) for each in found if each)

    def owners(self, path: PurePosixPath) -> list[Owner]:
        """Whose a file is."""
        found = _parts(path)
        if found is None:
            return []
        file = self._file(found)
        # Ada_77 could be a name that somebody has chosen, and 77 the number of somebody else.
        if DIGITS.match(found["file"]) and not self._is_expected(file):
            raise Unclear(
                "its name has more than two numbers, and the student's could be "
                f"{found['user']} or {found['number']}; rename it so that it has two"
            )
        anonymous = found.re is ANONYMOUS
        return [
            Owner(
                Identity(id=found["user"], uid=found["user"])
                if anonymous
                else Identity(name=found["name"], uid=found["user"]),
                PurePosixPath(file),
                attempt=int(found["number"]),
                late=bool(found["late"]),
                prefix=found["prefix"],
            )
        ]

    def _file(self, found: re.Match[str]) -> str:
        """What the student has called a file: without a count, unless it is no count of Canvas.

        part-1.ipynb and part-2.ipynb may be two notebooks of the assignment, and data-1.csv and
        data-2.csv two files.
        """
        file, uncounted = found["file"], _uncounted(found["file"])
        if self._is_expected(file):
            return file
        alone = self._same[found["user"], uncounted] == 1
        return uncounted if alone or self._is_expected(uncounted) else file

    def _is_expected(self, file: str) -> bool:
        name = PurePosixPath(file)
        return name.suffix == ".ipynb" and in_nfc(name.stem) in self._notebooks


def _parts(path: PurePosixPath) -> re.Match[str] | None:
    if len(path.parts) > 2:
        return None
    return ANONYMOUS.fullmatch(path.name) or NAME.fullmatch(path.name)


def _uncounted(file: str) -> str:
    return COUNTED.sub("", file)
