"""Files that a test writes, for the student's code to which the test says their names.

`open("in.txt", "w").write("a b")`, then `words("in.txt")`: in one process, the function finds the
file. So before such a call it is written in the notebook's folder, too, and a temporary file at its
own path; and before later ones, if it has changed since, for an object can have been made with its
name. What a test names in no call, results that it compares with for example, stays here.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from referee.boundary.files import MAX_BYTES, may_cross
from referee.boundary.messages import Write

MOST_TEXTS = 1000  # values of a call among which names are looked for
MOST_NAMES = 1000  # of earlier calls
LONGEST = 255  # characters of one of these
FOLDER = "folder"


class FilesOfTest:
    """The files and folders below a folder that test cells have written, moved or deleted.

    And those in `temporary`, by their absolute paths.
    """

    def __init__(self, folder: Path, temporary: str = "") -> None:
        self._folder = folder
        self._temporary = temporary
        self._told: dict[str, Any] = {}  # by path, each as the student's code has it
        self._names: set[str] = set()  # that calls were given, among other texts

    def meet(self, path: str, *, is_students: bool) -> None:
        """A test is about to write a file, or to delete it; it may be the student's until then."""
        if may_cross(path, self._temporary) and path not in self._told:
            self._told[path] = self._state(path) if is_students else None

    def has_met(self, path: str) -> bool:
        """Whether a test has written a file, or deleted it."""
        return path in self._told

    def are_named(self, passed: Iterable[Any]) -> bool:
        """Whether a call names one of them in what it passes."""
        return bool(self._told) and any(
            os.path.normpath(text) in self._told for text in texts_in(passed) if text
        )

    def has_come(self, path: str) -> None:
        """A file is here now as the student's code has it."""
        if path in self._told:
            self._told[path] = self._state(path)

    def news(self, passed: Iterable[Any]) -> list[Write]:
        """Of those that a call names in what it passes, what the student's code has not got yet."""
        news: list[Write] = []
        names = {os.path.normpath(text) for text in texts_in(passed) if text}
        short = [name for name in names if len(name) <= LONGEST]
        self._names.update(short[: MOST_NAMES - len(self._names)])
        names |= self._names
        for path, known in [*self._told.items()]:
            is_named = any(_is_for(path, name) for name in names)
            is_above = any(name.startswith(f"{path}/") for name in names)
            state = self._state(path) if is_named or is_above else known
            if state == known or not (is_named or state == FOLDER):
                continue
            self._told[path] = state
            content = None
            if state not in (None, FOLDER):
                content = np.frombuffer((self._folder / path).read_bytes(), np.uint8)
            news.append(Write(path, content, gone=state is None))
        return news

    def _state(self, path: str) -> Any:
        """What changes with a file; none, if there is none, or one that is too large to cross."""
        place = self._folder / path
        if place.is_dir():
            return FOLDER
        if not place.is_file() or place.stat().st_size > MAX_BYTES:
            return None
        return place.stat().st_mtime_ns, place.stat().st_size


def texts_in(passed: Iterable[Any]) -> Iterator[str]:
    """The texts and paths among values that are passed, and in their lists and dictionaries."""
    left = list(passed)
    for _ in range(MOST_TEXTS):
        if not left:
            return
        value = left.pop()
        if isinstance(value, str) or issubclass(type(value), PurePath):
            yield str(value)
        elif type(value) is dict:
            left += value.values()
        elif type(value) in (list, tuple, set):
            left += value


def _is_for(path: str, name: str) -> bool:
    """Whether a name is that of a file, also without its suffix, or of a folder that it is in."""
    without_suffix = str(PurePath(path).with_suffix(""))
    return name in (path, without_suffix) or path.startswith(f"{name}/")
