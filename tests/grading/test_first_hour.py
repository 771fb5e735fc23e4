"""The guide of a teacher's first hour, followed line by line in an empty folder."""

import csv
import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from referee.nbgrader.course import Course
from referee.report.marks import Marks, read_marks
from tests.support.course import BIN
from tests.support.guides import BLOCK, DOCS

GUIDE = (DOCS / "first-hour.md").read_text()
STEPS = re.split(r"^## (?=\d\. )", GUIDE, flags=re.MULTILINE)[1:]
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE_BEGINS = "```python"
UNWRITTEN = "    # YOUR CODE HERE\n    raise NotImplementedError()"
# Done before, or tested elsewhere.
INSTALLING = re.compile(r"python3 -m venv|source |pip install|referee doctor")

pytestmark = pytest.mark.xdist_group("guides")


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


def test_first_hour_of_a_teacher(tmp_path: Path) -> None:
    """One test, because each step needs the ones before it."""
    install, make, release, try_tests, student, by_hand, give_back = STEPS
    new_test, mistake = CODE.findall(GUIDE)
    reader = Reader(tmp_path)
    reader.type(install + make + release)

    # The master's own solution has all points, and with a new test, too.
    try_them, try_again = try_tests.split(CODE_BEGINS)
    assert "has 3 of 3 points" in reader.type(try_them)
    reader.edit("source/ps1/problem1.ipynb", "for various inputs.", "", new_test.strip())
    tried = reader.type(try_again)
    assert "is released again" in tried and "has 3 of 3 points" in tried

    # A student makes the guide's mistake.
    copy, grade = student.split(CODE_BEGINS)
    reader.type(copy)
    reader.edit("submitted/ada/ps1/problem1.ipynb", "def squares(", UNWRITTEN, mistake.rstrip())
    assert "squares(1) == [1]" in reader.type(grade), "the line that failed"
    assert reader.points("ada")["Q1"] == 0
    assert (reader.folder / "feedback/ada/ps1/problem1.html").exists()
    assert (reader.folder / "report/ps1.html").exists()

    # A mark by hand, as formgrader writes it into the gradebook.
    with Gradebook(f"sqlite:///{reader.folder / 'gradebook.db'}", "course101") as gradebook:
        marked = gradebook.find_grade("part-a", "problem2", "ps1", "ada")
        marked.manual_score, marked.needs_manual_grade = 1, False
        gradebook.find_comment("part-a", "problem2", "ps1", "ada").manual_comment = "Well!"
        gradebook.db.commit()
    assert "1*" in reader.type(by_hand)
    assert "Well!" in (reader.folder / "feedback/ada/ps1/problem2.html").read_text()

    # Marks go out.
    reader.type(give_back.split("\n## ")[0])
    with (reader.folder / "ps1.csv").open(encoding="utf-8-sig") as file:
        assert {row["student"] for row in csv.DictReader(file)} == {"ada"}
