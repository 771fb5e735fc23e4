"""The guide for courses that exist, followed in one with nbgrader's own configuration."""

import re
import shutil
from pathlib import Path

import nbgrader
import pytest

from referee.doctor.course import check_wiring, open_course
from referee.doctor.finding import OK, WARNING
from tests.support.guides import DOCS
from tests.support.reader import Reader

GUIDE = (DOCS / "your-course.md").read_text()
STEPS = re.split(r"^## (?:\d\. )?", GUIDE, flags=re.MULTILINE)[1:]

QUICKSTART = """
c = get_config()
c.CourseDirectory.course_id = "course"
c.IncludeHeaderFooter.header = "source/header.ipynb"
"""

pytestmark = pytest.mark.xdist_group("guides")


def test_course_with_nbgraders_own_configuration_is_graded_as_it_is(tmp_path: Path) -> None:
    """One test, because each step needs the ones before it."""
    install, check, grade, go_on, wire, *_ = STEPS
    root = tmp_path / "course"
    # As `nbgrader quickstart course` leaves it, which takes ten seconds; see test_first_hour.
    example = Path(nbgrader.__file__).parent / "docs/source/user_guide/source"
    shutil.copytree(example, root / "source")
    (root / "nbgrader_config.py").write_text(QUICKSTART)
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
