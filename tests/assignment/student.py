"""`python -m tests.assignment.student FOLDER`: the release as a student has it after solving it."""

import shutil
import sys
from pathlib import Path

import nbformat

from tests.support.solutions import BANK, RELEASE, apply_solution


def main(folder: Path) -> None:
    """Copy the release to the folder and fill in a right solution."""
    shutil.copytree(RELEASE.parent, folder)
    solution = BANK / "right/vectorised.py"
    nbformat.write(
        apply_solution(nbformat.read(RELEASE, as_version=4), solution), folder / RELEASE.name
    )


main(Path(sys.argv[1]))
