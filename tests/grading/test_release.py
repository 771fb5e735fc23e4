"""Releasing an assignment: a failure costs nothing."""

import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode

from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.nbgrader.release import release
from tests.support.toy import NAME, NOTEBOOK, ToyCourse, cells, given

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own


@pytest.fixture
def graded(toy: ToyCourse) -> ToyCourse:
    """A course whose gradebook has a submission, so that nbgrader refuses other cells."""
    with toy.gradebook() as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(NAME, "ada")
    return toy


def broken() -> list[NotebookNode]:
    """Cells that nbgrader refuses: two of them have one grade id."""
    first = given("imports", "import numpy as np")
    first.id = "first"
    return [first, *cells()]


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(course: ToyCourse) -> str:
    """Why the release fails; it leaves release/ as it was."""
    before = files_in(course.root / "release" / NAME)
    with pytest.raises(RefereeError) as error:
        release(Course.open(course.root), NAME)
    assert files_in(course.root / "release" / NAME) == before
    assert [path.name for path in (course.root / "release").iterdir()] == [NAME]
    return str(error.value)


def test_failed_release_leaves_the_old_one_and_names_the_master(toy: ToyCourse) -> None:
    toy.write_master(broken())
    told = refused(toy)
    assert "Duplicate grade id: imports" in told
    assert f"Correct {toy.root / 'source' / NOTEBOOK} and run again" in told


def test_release_with_cells_that_the_gradebook_refuses_leaves_the_old_one(
    graded: ToyCourse,
) -> None:
    graded.write_master(cells()[:-1])
    told = refused(graded)
    assert "there are submissions associated with it" in told
    assert "bring the cells back" in told


def test_release_that_a_killed_run_has_put_aside_is_brought_back(toy: ToyCourse) -> None:
    released = toy.root / "release" / NAME
    before = files_in(released)
    shutil.copytree(released, released.with_name(f".{NAME}-before"))
    (released / f"{NAME}.ipynb").write_text("half of a notebook")
    toy.write_master(broken())
    with pytest.raises(RefereeError):
        release(Course.open(toy.root), NAME)
    assert files_in(released) == before
