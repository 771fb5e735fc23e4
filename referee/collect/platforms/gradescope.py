"""Gradescope, "Export submissions": assignment_9_export/submission_123/notebook.ipynb.

submission_metadata.yml says of each folder who has submitted it (several for a group) and when.
"""

import re
from collections.abc import Collection
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import yaml
from dateutil.parser import parse  # type: ignore[import-untyped]

from referee.collect.archives import Archive, Damaged
from referee.collect.people import Identity
from referee.collect.platforms.owner import Owner, Unclear
from referee.text import one_line

LIST = "submission_metadata.yml"
MAX_LIST = 2**27  # bytes; it repeats the results of all tests
# It makes texts, lists and dictionaries of whatever is there, and never objects.
Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Gradescope:
    """The folders of an archive of Gradescope, and its list of submissions."""

    name = "Gradescope"

    def __init__(self, archive: Archive, assignment: str, notebooks: Collection[str]) -> None:
        """Read the list that is highest in the folders: one below is a student's."""
        lists = [path for path in archive.sizes if path.name == LIST]
        self._top = min(lists, key=lambda path: len(path.parts)).parent if lists else None
        self._submissions: dict[str, Any] = {}
        self._damaged = ""
        if self._top is not None:
            try:
                found = yaml.load(archive.read(self._top / LIST, MAX_LIST), Loader)
            except (Damaged, yaml.YAMLError, RecursionError) as error:
                self._damaged = f"{LIST} cannot be read, export it again: {one_line(error)}"
            else:
                self._submissions = found if isinstance(found, dict) else {}

    def owners(self, path: PurePosixPath) -> list[Owner]:
        """Whose a file is: all who have submitted it together.

        Raises:
            Unclear: the list is damaged.

        """
        if self._top is None or not path.is_relative_to(self._top):
            return []
        if self._damaged:
            raise Unclear(self._damaged)
        below = path.relative_to(self._top)
        about = self._submissions.get(below.parts[0])
        if len(below.parts) < 2 or not isinstance(about, dict):
            return []
        submitters = about.get(":submitters")
        time = _time(about.get(":created_at"))
        return [
            Owner(
                _identity(each),
                PurePosixPath(*below.parts[1:]),
                attempt=int(re.sub(r"\D", "", below.parts[0])[:18] or 0),
                time=time,
                prefix=below.parts[0],
            )
            for each in (submitters if isinstance(submitters, list) else [])
            if isinstance(each, dict)
        ]


def _identity(submitter: dict[str, Any]) -> Identity:
    said = {key: _text(submitter.get(f":{key}")) for key in ("sid", "email", "name")}
    # An e-mail address is what Gradescope knows people by.
    uid = said["email"] or said["sid"] or said["name"]
    return Identity(id=said["sid"], email=said["email"], name=said["name"], uid=uid)


def _text(value: object) -> str:
    """A text that can be written: YAML may have halves of characters."""
    return value.encode(errors="replace").decode().strip() if isinstance(value, str) else ""


def _time(text: object) -> datetime | None:
    try:
        found: datetime = parse(str(text)[:64])
    except (ValueError, OverflowError):
        return None
    return found
