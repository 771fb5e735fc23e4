"""Walking through folders that others have filled, whatever they have put there."""

import os
from collections.abc import Iterator
from pathlib import Path

MAX_DEPTH = 50  # folders in folders; no notebook needs more


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
