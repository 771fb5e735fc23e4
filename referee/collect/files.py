"""Looking through folders that others have filled, whatever they have put there."""

import os
from collections.abc import Iterator
from pathlib import Path

MAX_DEPTH = 50  # folders in folders; no notebook needs more
MAX_SHOWN = 10  # files that a reason names


def walk(folder: Path) -> Iterator[Path]:
    """All files, folders and other things in a folder and below.

    Links are named, not followed; a folder that cannot be looked into, or is deeper than MAX_DEPTH,
    seems empty.
    """
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        if not os.access(place, os.R_OK | os.X_OK):
            continue
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue
        yield from (place / entry.name for entry in entries)
        if len(place.parts) - len(folder.parts) < MAX_DEPTH:
            folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
            waiting += [place / name for name in folders]


def notebooks_in(folder: Path) -> list[Path]:
    """The notebooks in a folder and those below it, less what Jupyter keeps for itself."""
    return sorted(
        path
        for path in walk(folder)
        if path.name.endswith(".ipynb")
        and not path.is_symlink()
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def what_is_there(folder: Path) -> str:
    """The notebooks in a folder, or what else is in it, in words."""
    found = notebooks_in(folder) or sorted(folder.iterdir())
    return listed(found, folder) or "an empty folder"


def listed(paths: list[Path], folder: Path) -> str:
    """Some files of a folder, in words."""
    names = [shown(path, folder) for path in paths[:MAX_SHOWN]]
    more = len(paths) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def shown(path: Path, folder: Path) -> str:
    """A file's name as one line of text; a folder's ends with a slash."""
    name = os.fsencode(path.relative_to(folder)).decode(errors="replace")
    name = name if len(name) < 200 else f"{name[:200]}..."
    name += "/" if path.is_dir() and not path.is_symlink() else ""
    return name if name.isprintable() else repr(name)
