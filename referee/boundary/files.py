"""Files that a student's code has written, as they cross: how many, how large, of which names.

They are in the notebook's folder, or below a folder for the temporary files of tests, which has the
same path for the test and for the student's code.

Text and arrays cross with their content; what has no suffix is text if it is UTF-8. Of other files,
such as pictures and programs, only the name and the size do: reading them takes code that a hostile
file could abuse.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Self

import numpy as np

from referee.boundary.frame import BoundaryError

MAX_FILES = 200
MAX_BYTES = 16 * 2**20  # of all contents together
MAX_SIZE = 2**40  # bytes of a file that crosses without its content
READABLE = {
    *(".txt", ".csv", ".tsv", ".json", ".jsonl", ".md", ".tex", ".log", ".dat"),
    *(".html", ".xml", ".svg", ".yaml", ".yml", ".npy", ".npz"),
}
NAME = re.compile(r"[^\W_][\w .()+=@-]{0,99}")
MAX_PARTS = 5  # of a path
OF_TESTS = "of-tests"  # the name of the folder with temporary files of tests


@dataclass(frozen=True)
class WrittenFile:
    """A file of the notebook's folder, or a temporary one of a test's.

    `path` is relative, with slashes, or absolute; `stamp` is another one when the file has changed;
    `content` are its bytes, or None if they do not cross.
    """

    path: str
    stamp: int
    size: int
    content: Any = None

    @classmethod
    def read(cls, plain: Any, temporary: str = "") -> Self:
        """Check what came; `temporary` is the folder that a path may be in if it is absolute.

        Raises:
            BoundaryError: it is no such file, or leads somewhere else.

        """
        match plain:
            case (str(path), int(stamp), int(size), content) if may_cross(path, temporary):
                pass
            case _:
                raise BoundaryError("it has written a file that is none")
        if content is None and 0 <= size <= MAX_SIZE:
            return cls(path, stamp, size)
        if type(content) is np.ndarray and content.dtype == np.uint8 and content.ndim == 1:
            if not is_readable(path, content.tobytes()):
                raise BoundaryError("it has written a file whose content does not cross")
            return cls(path, stamp, content.size, content.tobytes())
        raise BoundaryError("it has written a file of no content")


def may_cross(path: str, temporary: str = "") -> bool:
    """Whether a path stays in its folder, and has ordinary names only."""
    if temporary:
        path = path.removeprefix(f"{temporary}/")
    parts = path.split("/")
    return len(parts) <= MAX_PARTS and all(NAME.fullmatch(part) for part in parts)


def may_be_readable(path: str) -> bool:
    """Whether a file of this name crosses with its content, or could."""
    suffix = PurePosixPath(path).suffix.lower()
    return not suffix or suffix in READABLE


def is_readable(path: str, content: bytes) -> bool:
    """Whether a file crosses with this content."""
    if PurePosixPath(path).suffix:
        return may_be_readable(path)
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def is_of_tests(path: str) -> bool:
    """Whether an absolute path is below a folder for temporary files of tests."""
    parts = path.split("/")
    return OF_TESTS in parts[:-1] and ".." not in parts


def read_all(plain: Any, temporary: str = "") -> list[WrittenFile]:
    """Check the files that came.

    Raises:
        BoundaryError: they are too many or too large, or none.

    """
    if type(plain) is not list or len(plain) > MAX_FILES:
        raise BoundaryError("it has written too many files")
    files = [WrittenFile.read(each, temporary) for each in plain]
    if sum(file.size for file in files if file.content is not None) > MAX_BYTES:
        raise BoundaryError("it has written too large files")
    return files
