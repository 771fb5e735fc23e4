"""The files that the student's code has written, for test cells that read them, and vice versa."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from referee.boundary.files import (
    MAX_BYTES,
    MAX_FILES,
    MAX_PARTS,
    is_readable,
    may_be_readable,
    may_cross,
)


def files_since(known: dict[str, int], temporary: str = "") -> list[tuple[str, int, int, Any]]:
    """The files of the working folder, and of a test's, that are not known with their stamps.

    If there is no room for all, the newest ones: what the code has written, not what was handed in.
    """
    found: list[tuple[str, int, int, Any]] = []
    room = MAX_BYTES
    here = Path.cwd()
    paths = _files_of([here, Path(temporary)] if temporary else [here])
    files = [(path, path.stat()) for path in paths]
    for path, status in sorted(files, key=lambda file: -file[1].st_mtime_ns):
        name = str(path.relative_to(here) if path.is_relative_to(here) else path)
        if known.get(name) in (0, status.st_mtime_ns) or not may_cross(name, temporary):
            continue
        content = None
        if may_be_readable(name) and status.st_size <= room:
            written = path.read_bytes()
            if is_readable(name, written):
                content = np.frombuffer(written, np.uint8)
                room -= content.size
        found.append((name, status.st_mtime_ns, status.st_size, content))
        if len(found) == MAX_FILES:
            break
    return found


def write_file(path: str, content: Any, gone: bool) -> int:
    """Have a file of a test's at this path, or a folder, or not any more; its stamp."""
    place = Path(path)
    if gone:
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        return 0
    if content is None:
        place.mkdir(parents=True, exist_ok=True)
        return 0
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content.tobytes())
    return place.stat().st_mtime_ns


def _files_of(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from _ordinary_files(folder, MAX_PARTS)


def _ordinary_files(folder: Path, depth: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
            elif depth > 1 and entry.is_dir(follow_symlinks=False):
                yield from _ordinary_files(Path(entry.path), depth - 1)
