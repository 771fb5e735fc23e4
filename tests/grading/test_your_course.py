"""The guide for courses that exist, followed in one with nbgrader's own configuration."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from referee.doctor.course import check_wiring, open_course
from referee.doctor.finding import OK, WARNING
from tests.support.course import BIN
from tests.support.guides import DOCS
from tests.support.reader import Reader

GUIDE = (DOCS / "your-course.md").read_text()
STEPS = re.split(r"^## (?:\d\. )?", GUIDE, flags=re.MULTILINE)[1:]

pytestmark = pytest.mark.xdist_group("guides")


def test_course_with_nbgraders_own_configuration_is_graded_as_it_is(tmp_path: Path) -> None:
    """One test, because each step needs the ones before it."""
    install, check, grade, go_on, wire, *_ = STEPS
    subprocess.run([BIN / "nbgrader", "quickstart", "course"], cwd=tmp_path, check=True)
    root = tmp_path / "course"
    reader = Reader(root)
    reader.type(install)
    course, _ = open_course(root)
    assert course is not None
    assert check_wiring(course.app.config).outcome == WARNING, "which is no problem"

    assert "ps1 is sound." in reader.type(check)
    shutil.copytree(root / "release/ps1", root / "submitted/ada/ps1")
    printed = reader.type(grade.replace("STUDENT", "ada"))
    assert "own solution has all 3 points" in printed and "squares" in printed
    assert reader.points("ada")["Q1"] == 0
    reader.type(go_on)
    assert (root / "feedback/ada/ps1/problem1.html").exists()

    reader.type(wire)
    course, _ = open_course(root)
    assert course is not None
    assert check_wiring(course.app.config).outcome == OK
