"""Writing so that a crash or a power cut leaves either all of it or nothing."""

import ctypes
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path


def sync_all(folder: Path) -> None:
    """Make all that was written to the file system of a folder safe from a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None).syncfs(opened):
            os.sync()
    finally:
        os.close(opened)


def sync_folder(folder: Path) -> None:
    """Make the names of the files in a folder safe from a power cut, as fsync does contents."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def mount_of(folder: Path) -> str:
    """The number of the mount that a folder is in, as Linux counts them."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        about = Path(f"/proc/self/fdinfo/{opened}").read_text()
    finally:
        os.close(opened)
    return next(line for line in about.splitlines() if line.startswith("mnt_id:"))


def replace_folder(
    files: dict[str, bytes],
    folder: Path,
    staging: Path,
    finish: Callable[[Path], None] = lambda _: None,
) -> None:
    """Replace a folder by one with these files, or by none; the last step is a rename.

    `finish` is done to the new one before.
    """
    shutil.rmtree(staging, ignore_errors=True)
    for name, content in files.items():
        path = staging / "new" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if folder.exists() or folder.is_symlink():
        staging.mkdir(exist_ok=True)
        folder.rename(staging / "old")
    if files:
        folder.parent.mkdir(parents=True, exist_ok=True)
        finish(staging / "new")
        (staging / "new").rename(folder)
    shutil.rmtree(staging, ignore_errors=True)


def append_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Add lines to a file, for good."""
    path.parent.mkdir(exist_ok=True)
    with path.open("a+b") as file:
        if size := file.seek(0, os.SEEK_END):
            file.seek(size - 1)
            if file.read() != b"\n":  # a crash cut the last line short; it must not swallow this
                file.write(b"\n")
        for line in lines:
            file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def replace_file(
    path: Path, content: bytes, staging: Path, finish: Callable[[Path], None] = lambda _: None
) -> None:
    """Replace a file, whatever it is, in one step; `finish` is done to the new one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        staging.write_bytes(content)
        finish(staging)
        staging.replace(path)
    except OSError as error:
        error.filename = error.filename or str(path)  # a full disk does not say for which file
        raise
