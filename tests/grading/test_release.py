"""Releasing an assignment: a failure costs nothing, and a notebook can be added after grading."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.nbgrader.release import release
from tests.support.course import lost
from tests.support.toy import NAME, NOTEBOOK, RIGHT, ToyCourse, cells, given, solution
from tests.support.toy import test as make_test

SECOND = [solution("answer", "answer = 42"), make_test("asked", "assert answer == 42", 2)]
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


@pytest.mark.parametrize("command", ["grade", "check"])
def test_cell_that_is_in_the_master_twice_is_named(graded: ToyCourse, command: str) -> None:
    graded.submit("ada", {})
    graded.write_master([*cells(), cells()[-1]])
    refused = graded.completed("referee", command, NAME)
    assert refused.returncode == 1
    assert "more than one cell with the ID" in refused.stderr


@pytest.mark.parametrize("name", ["", ".", "../source/toy"])
def test_what_is_no_name_of_an_assignment_is_not_released(toy: ToyCourse, name: str) -> None:
    refused = toy.completed("referee", "grade", name)
    assert f"there is no assignment '{name}': it is no name of a folder" in refused.stderr
    assert f"There are: {NAME}" in refused.stderr


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


def test_file_in_source_that_is_no_notebook_is_named(toy: ToyCourse) -> None:
    toy.submit("ada", RIGHT)
    (toy.root / f"source/{NAME}/notes.ipynb").write_text("to do")
    result = toy.completed("referee", "grade", NAME)
    assert result.returncode == 1
    assert f"source/{NAME}/notes.ipynb is not a notebook" in result.stderr
    assert "Correct it, or take it out of source/" in result.stderr


def test_notebook_added_after_grading_is_released_and_graded(toy: ToyCourse) -> None:
    toy.submit("bob", RIGHT)
    toy.grade()
    toy.write_master(SECOND, notebook="second")
    second = toy.submit("ada", RIGHT).with_name("second.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=SECOND), second)

    assert "second.ipynb is new in the source of toy" in " ".join(toy.grade().split())
    scores = toy.scores()
    assert (scores["ada"]["score"], scores["ada"]["max_score"]) == (12, 12)
    assert lost(scores["bob"]) == {"asked": 0}
    assert scores["bob"]["status"] == "graded, a notebook is missing"


def test_notebook_that_is_gone_is_named_and_can_be_left_out(toy: ToyCourse) -> None:
    toy.submit("ada", RIGHT)
    toy.write_master(SECOND, notebook="second")
    release(Course.open(toy.root), NAME)
    (toy.root / f"source/{NAME}/second.ipynb").unlink()
    told = toy.completed("referee", "grade", NAME).stderr
    assert "second.ipynb: not there any more" in told
    assert f"run `referee release {NAME}`" in told
    assert toy.run("referee", "release", NAME) == f"release/{NAME} is made of source/{NAME}\n"
    assert not (toy.root / f"release/{NAME}/second.ipynb").exists()
    assert toy.scores()["ada"]["max_score"] == 10, "its points are gone too"


def test_notebook_without_cells_of_nbgrader_is_no_change(toy: ToyCourse) -> None:
    toy.submit("ada", RIGHT)
    toy.write_master([], notebook="Untitled")
    assert "is new" not in toy.grade()
