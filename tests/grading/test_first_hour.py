"""The guide of a teacher's first hour, followed line by line in an empty folder."""

import csv
import re
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.support.guides import DOCS
from tests.support.reader import Reader

GUIDE = (DOCS / "first-hour.md").read_text()
STEPS = re.split(r"^## (?=\d\. )", GUIDE, flags=re.MULTILINE)[1:]
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE_BEGINS = "```python"
UNWRITTEN = "    # YOUR CODE HERE\n    raise NotImplementedError()"

pytestmark = pytest.mark.xdist_group("guides")


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
