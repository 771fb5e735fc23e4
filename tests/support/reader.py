"""Somebody who follows a guide: types what it says, and edits notebooks as in JupyterLab."""

import os
import re
import subprocess
from pathlib import Path

import nbformat

from referee.nbgrader.course import Course
from referee.report.marks import Marks, read_marks
from tests.support.course import BIN
from tests.support.guides import BLOCK

# Done before, or tested elsewhere.
INSTALLING = re.compile(r"python3 -m venv|source |pip install|referee doctor")


class Reader:
    """Types what the guide says, and edits notebooks as one does in JupyterLab."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def type(self, part: str) -> str:
        """Type the commands of a part of the guide, one after another; return what they print."""
        printed = ""
        for _, block in BLOCK.findall(part):
            for line in block.splitlines():
                printed += self._type_line(line.removeprefix("$ "))
        return printed

    def _type_line(self, line: str) -> str:
        if INSTALLING.match(line):
            return ""
        if line.startswith("cd "):
            self.folder /= line.removeprefix("cd ")
            return ""
        path = os.pathsep.join([str(BIN), os.environ["PATH"]])
        result = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=os.environ | {"PATH": path, "COLUMNS": "140"},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, f"{line}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def edit(self, notebook: str, cell_with: str, old: str, new: str) -> None:
        """Replace a part of the one cell that has this text; all of it if no part is given."""
        path = self.folder / notebook
        found = nbformat.read(path, as_version=4)
        (cell,) = [each for each in found.cells if cell_with in each.source]
        assert old in cell.source
        cell.source = cell.source.replace(old or cell.source, new)
        nbformat.write(found, path)

    def points(self, student: str) -> dict[str, float | None]:
        """The points of a student by label."""
        (row,) = [each for each in self.marks() if each.student == student]
        return {each.label: each.score for each in row.questions.values()}

    def marks(self) -> list[Marks]:
        """The table of marks."""
        return read_marks(Course.open(self.folder), "ps1")
