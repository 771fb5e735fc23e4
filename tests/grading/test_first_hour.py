"""The guide of a teacher's first hour, followed line by line in an empty folder."""

import csv
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from referee.nbgrader.course import Course
from referee.report.marks import Marks, read_marks
from tests.support.course import BIN
from tests.support.guides import BLOCK, DOCS, PLACEHOLDER

GUIDE = (DOCS / "first-hour.md").read_text()
STEPS = re.split(r"^## (?=\d\. )", GUIDE, flags=re.MULTILINE)[1:]
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What has been done for the tests: the environment, of which `referee doctor` has its own test.
INSTALLING = re.compile(r"python3 -m venv|source |pip install|referee doctor")

pytestmark = pytest.mark.xdist_group("guides")


def lines_of(step: str) -> Iterator[str]:
    for _, block in BLOCK.findall(step):
        yield from (line[2:] for line in block.splitlines())


class Reader:
    """Types what the guide says, and edits notebooks as one does in JupyterLab."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def type_lines_of(self, number: int, until: str = "") -> str:
        """Type the commands of a step, up to one that is typed later; return what they print."""
        printed = ""
        for line in lines_of(STEPS[number - 1].split(until)[0] if until else STEPS[number - 1]):
            assert INSTALLING.match(line) or not PLACEHOLDER.search(line)
            if line.startswith("cd "):
                self.folder /= line.removeprefix("cd ")
            elif not INSTALLING.match(line):
                printed += self._run(line)
        return printed

    def _run(self, line: str) -> str:
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

    def edit(self, notebook: str, cell: str, old: str, new: str) -> None:
        """Replace a part of a cell."""
        path = self.folder / notebook
        found = nbformat.read(path, as_version=4)
        (edited,) = [
            each
            for each in found.cells
            if each.metadata.get("nbgrader", {}).get("grade_id") == cell
        ]
        assert old in edited.source
        edited.source = edited.source.replace(old, new)
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
    reader = Reader(tmp_path)
    new_test, mistake = CODE.findall(GUIDE)
    for step in (1, 2, 3):
        reader.type_lines_of(step)

    # 4. The master's own solution loses points where the guide says so, and not with a new test.
    again = "```python"
    assert "del squares" in reader.type_lines_of(4, until=again)
    notebook, test_cell = "source/ps1/problem1.ipynb", "sum_of_squares_uses_squares"
    assert reader.points("the-master")["Q4"] == 0
    old = nbformat.read(reader.folder / notebook, as_version=4)
    (source,) = [cell.source for cell in old.cells if "relies on squares." in cell.source]
    reader.edit(notebook, test_cell, source, new_test.strip())
    rest_of_4 = STEPS[3].split(again)[1]
    (grade,) = lines_of(rest_of_4)
    assert "is released again" in reader._run(grade)
    points = reader.points("the-master")
    assert [points[label] for label in ("Q1", "Q2", "Q3", "Q4")] == [1, 1, 0.5, 0.5]
    assert points["Q5"] is None

    # 5. A student makes the guide's mistake.
    copying, grading = STEPS[4].split(again)
    for line in lines_of(copying):
        reader._run(line)
    reader.edit(
        "submitted/ada/ps1/problem1.ipynb",
        "squares",
        "    # YOUR CODE HERE\n    raise NotImplementedError()",
        mistake.rstrip(),
    )
    printed = "".join(map(reader._run, lines_of(grading)))
    assert "squares(1) == [1]" in printed, "the line that failed"
    assert reader.points("ada")["Q1"] == 0
    assert (reader.folder / "feedback/ada/ps1/problem1.html").exists()
    assert (reader.folder / "report/ps1.html").exists()

    # 6. A mark by hand, which formgrader writes into the gradebook.
    with Gradebook(f"sqlite:///{reader.folder / 'gradebook.db'}", "course101") as gradebook:
        grade_by_hand = gradebook.find_grade("part-a", "problem2", "ps1", "the-master")
        grade_by_hand.manual_score, grade_by_hand.needs_manual_grade = 1, False
        gradebook.find_comment("part-a", "problem2", "ps1", "the-master").manual_comment = "Well!"
        gradebook.db.commit()
    assert "1*" in reader.type_lines_of(6)
    assert "Well!" in (reader.folder / "feedback/the-master/ps1/problem2.html").read_text()

    # 7. Marks go out, and the student who was none goes.
    reader.type_lines_of(7)
    with (reader.folder / "ps1.csv").open(encoding="utf-8-sig") as file:
        assert {row["student"] for row in csv.DictReader(file)} == {"ada", "the-master"}
    assert {row.student for row in reader.marks()} == {"ada"}
