"""`referee new`: a course that can be checked, graded and given back as it is."""

from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from referee.cli import referee
from referee.starter.new import ASSIGNMENT, COURSE
from tests.support.course import SampleCourse, lost
from tests.support.guides import DOCS
from tests.support.reader import Reader

GUIDE = (DOCS / "your-course.md").read_text()

pytestmark = pytest.mark.xdist_group("check")


def new(folder: Path) -> tuple[int, str]:
    """Run `referee new`; return its exit code, and what it says."""
    result = CliRunner().invoke(referee, ["new", str(folder)])
    return result.exit_code, str(result.exception or result.output)


def test_new_course_is_sound_and_can_be_graded(tmp_path: Path) -> None:
    """One test, because each step needs the ones before it."""
    printed = Reader(tmp_path).type(GUIDE.split("## No course yet?")[1])
    assert f"{ASSIGNMENT} is sound." in printed and "own solution has all 5 points" in printed
    course = SampleCourse(tmp_path / "my-course", ASSIGNMENT)

    scores = course.scores()
    assert (scores["ada"]["score"], scores["ada"]["to_be_marked"]) == (5, 3)
    assert lost(scores["ben"])["warm_days"] == 1
    page = (course.root / f"feedback/ben/{ASSIGNMENT}/{ASSIGNMENT}.html").read_text()
    assert "their order is not" in page and "BEGIN HIDDEN" not in page

    # nbgrader's own commands work in it, too, and give the same marks.
    course.run("nbgrader", "autograde", ASSIGNMENT, "--force", "--log-level=ERROR")
    course.run("nbgrader", "generate_feedback", ASSIGNMENT, "--force", "--log-level=ERROR")
    assert course.scores() == scores


def test_new_course_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, said = new(tmp_path)
    assert code == 1 and "not an empty folder" in said
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_submissions_of_the_new_course_have_nothing_hidden_in_them() -> None:
    for path in (COURSE / "submitted").rglob("*.ipynb"):
        sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
        assert "HIDDEN TESTS\n" not in "\n".join(sources) and "SOLUTION" not in "\n".join(sources)
