"""The public API: one notebook graded by a program."""

from pathlib import Path

import pytest

import referee
from referee.errors import RefereeError
from referee.model.outcomes import Outcome
from tests.support.toy import NAME, RIGHT, ToyCourse, make_toy

pytestmark = pytest.mark.xdist_group("api")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    return make_toy(tmp_path_factory.mktemp("api"))


def test_one_notebook_is_graded_and_nothing_is_recorded(course: ToyCourse) -> None:
    path = course.submit("ada", RIGHT | {"halve": "def halve(x): return x"})
    result = referee.grade_notebook(path, NAME, course=course.root)
    assert result.outcome == Outcome.GRADED
    assert result.marks[NAME].points == {
        "double-visible": 1.0, "double-hidden": 4.0, "halve-visible": 1.0, "halve-hidden": 0.0,
    }  # fmt: skip
    assert "halve: of a fraction" in result.feedback[f"{NAME}.html"].decode()
    assert not (course.root / "autograded").exists()
    assert repr(result).startswith("<Result of student: graded; toy 6 points; ")
    assert len(repr(result)) < 60


def test_configuration_of_the_current_folder_is_another_courses(
    course: ToyCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nbgrader_config.py").write_text("raise SystemExit('another course')")
    monkeypatch.chdir(tmp_path)
    path = course.submit("bob", RIGHT)
    assert referee.grade_notebook(path, NAME, course=course.root).outcome == Outcome.GRADED


def test_what_is_no_notebook_is_an_outcome(course: ToyCourse, tmp_path: Path) -> None:
    (tmp_path / "essay.ipynb").write_text("Dear teacher")
    result = referee.grade_notebook(tmp_path / "essay.ipynb", NAME, course=course.root)
    assert (result.outcome, result.marks) == (Outcome.NOT_A_NOTEBOOK, {})


def test_file_or_assignment_that_does_not_exist_is_an_error(course: ToyCourse) -> None:
    with pytest.raises(RefereeError, match=r"nowhere\.ipynb cannot be read"):
        referee.grade_notebook("nowhere.ipynb", NAME, course=course.root)
    with pytest.raises(RefereeError, match="no assignment 'other'"):
        referee.grade_notebook("nowhere.ipynb", "other", course=course.root)
