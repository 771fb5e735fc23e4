"""Copying the small course that comes with Referee into a folder of a teacher's."""

import shutil
from pathlib import Path

from referee.errors import RefereeError

COURSE = Path(__file__).parent / "course"
ASSIGNMENT = "temperatures"


def make_course(folder: Path) -> Path:
    """Make a course in a folder that is new or empty; return the folder.

    Raises:
        RefereeError: there is something in it, or it cannot be written.

    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefereeError(f"{folder} is there already, and not an empty folder. Name another one.")
    try:
        shutil.copytree(
            COURSE,
            folder,
            copy_function=shutil.copyfile,  # with the rights of new files, whatever ours are
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    except OSError as error:
        reason = error.strerror or error
        raise RefereeError(f"{folder} cannot be written: {reason}. Name another one.") from error
    return folder
