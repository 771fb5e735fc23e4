"""Folders named after students: STUDENT/notebook.ipynb, or nbgrader's STUDENT/ASSIGNMENT/...

All of them may be in another folder, as happens when a folder is zipped.
"""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from referee.collect.archives import Archive
from referee.collect.people import Identity
from referee.collect.platforms.owner import Owner
from referee.text import in_nfc

OF_GRADESCOPE = re.compile(r"submission_\d+")  # whose list is missing or damaged


class Plain:
    """The folders of an archive that no platform has made."""

    name = "folders"

    def __init__(self, archive: Archive, assignment: str, notebooks: Collection[str]) -> None:
        """Find the folder that has the students' folders in it."""
        self._assignment = in_nfc(assignment)
        books = [path for path in archive.sizes if path.suffix == ".ipynb"]
        folders = [self._without_assignment(path)[:-1] for path in books]
        self._top: tuple[str, ...] = ()
        while folders and all(len(parts) > len(self._top) + 1 for parts in folders):
            here = {parts[: len(self._top) + 1] for parts in folders}
            if len(here) > 1:
                break
            self._top = next(iter(here))

    def owners(self, path: PurePosixPath) -> list[Owner]:
        """Whose a file is."""
        parts = self._without_assignment(path)
        if parts[: len(self._top)] != self._top or len(parts) < len(self._top) + 2:
            return []
        student, *below = parts[len(self._top) :]
        if OF_GRADESCOPE.fullmatch(student):
            return []
        return [Owner(Identity(id=student, uid=student), PurePosixPath(*below))]

    def _without_assignment(self, path: PurePosixPath) -> tuple[str, ...]:
        """The parts of a path, less the folder that nbgrader has below a student's."""
        parts = path.parts
        for place in range(1, len(parts) - 1):
            if parts[place] == self._assignment:
                return parts[:place] + parts[place + 1 :]
        return parts
