"""What is known of a submission without reading it: whether it has changed, how slow it may be."""

import hashlib
import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

from referee.collect.files import walk

LOOP = re.compile(rb'(?:"|\\n)\s*(for|while)\b')  # a line of a notebook that begins a loop
MAX_SEARCHED = 2**23  # bytes of a notebook; one with less than a hundred pictures
MAX_HASHED = 2**28  # bytes of a file; a sparse one of a terabyte would take hours


def loops_in(folder: Path) -> tuple[int, int]:
    """How many lines of a submission's notebooks begin a while loop, and how many another one.

    This hints at how long it takes: while loops may not end, and for loops are slow.
    """
    loops: Counter[bytes] = Counter()
    for path in walk(folder):
        with suppress(OSError):
            if path.suffix == ".ipynb" and not path.is_symlink() and path.is_file():
                with path.open("rb") as file:
                    loops.update(LOOP.findall(file.read(MAX_SEARCHED)))
    return loops[b"while"], loops[b"for"]


def state_of(folder: Path, *, materials: bool = False) -> str:
    """A hash of the names and contents of all files in a folder.

    Of files that cannot be read, only the names count, of those too large to be taken, size and
    time; links are not followed. Of an assignment's `materials`, the notebooks do not count, and
    links do lead somewhere.
    """
    digest = hashlib.sha256()
    for path in sorted(walk(folder)):
        if materials and path.suffix == ".ipynb":
            continue
        digest.update(os.fsencode(path.relative_to(folder)) + b"\0")
        try:
            if path.is_symlink() and not materials:
                digest.update(os.fsencode(path.readlink()))
            elif path.is_file() and path.stat().st_size > MAX_HASHED:
                digest.update(f"{path.stat().st_size} {path.stat().st_mtime_ns}".encode())
            elif path.is_file():
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError:
            digest.update(b"unreadable")
        digest.update(b"\0")
    return digest.hexdigest()
