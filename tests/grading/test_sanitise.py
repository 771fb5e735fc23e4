"""Sanitising: which cell is which, whatever happened to a notebook on its way."""

import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from referee.grade.layout import remove_links
from referee.nbgrader.course import Course
from referee.notebook.restore import MISSING
from referee.plugins import RestoreCells
from tests.support.course import make_course
from tests.support.solutions import ASSIGNMENT, NOTEBOOK, RELEASE


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course that knows the assignment."""
    sample = make_course(tmp_path_factory.mktemp("course"))
    sample.run("nbgrader", "generate_assignment", ASSIGNMENT)
    return Course.open(sample.root)


@pytest.fixture
def submission() -> NotebookNode:
    """A submission in which dropout is solved, with two cells of the student's own."""
    notebook = nbformat.read(RELEASE, as_version=4)
    place = position(notebook, "dropout")
    notebook.cells[place].source = "def dropout(A, p, mode='train'): return A, (p, mode, None)"
    notebook.cells.insert(place, nbformat.v4.new_code_cell("before = 1"))
    notebook.cells.insert(place + 2, nbformat.v4.new_code_cell("after = dropout"))
    return notebook


def position(notebook: NotebookNode, cell_id: str) -> int:
    return next(i for i, cell in enumerate(notebook.cells) if cell.get("id") == cell_id)


def restored(course: Course, notebook: NotebookNode) -> NotebookNode:
    names = {"db_url": course.directory.db_url, "notebook": ASSIGNMENT, "assignment": ASSIGNMENT}
    resources = {"nbgrader": names, "metadata": {"path": str(RELEASE.parent)}}
    return RestoreCells().preprocess(notebook, resources)[0]


def managed(notebook: NotebookNode) -> list[tuple[str, str, float | None]]:
    """The assignment's cells: grade id, type and points."""
    return [
        (mark.grade_id, cell.cell_type, mark.get("points"))
        for cell in notebook.cells
        if (mark := cell.metadata.get("nbgrader"))
    ]


def strip_metadata(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata = NotebookNode()


def strip_ids(notebook: NotebookNode) -> None:
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.pop("id", None)


def strip_locked_cells_of_all(notebook: NotebookNode) -> None:
    strip_ids(notebook)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("locked"):
            cell.metadata = NotebookNode()


def reverse(notebook: NotebookNode) -> None:
    notebook.cells.reverse()


def retype(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.cell_type = "raw"
            del cell["outputs"], cell["execution_count"]


def duplicate(notebook: NotebookNode) -> None:
    notebook.cells = [copy.deepcopy(cell) for cell in notebook.cells for _ in range(2)]


def claim(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if mark := cell.metadata.get("nbgrader"):
            mark.update(grade=True, solution=True, locked=False, points=1000, checksum="forged")


def fill_with_nonsense(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = ["no", {"mapping": True}]


DAMAGE = [
    strip_metadata, strip_ids, strip_locked_cells_of_all, reverse, retype, duplicate, claim,
    fill_with_nonsense,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damaged_notebook_has_its_cells_again(
    course: Course, submission: NotebookNode, damage: Callable[[NotebookNode], None]
) -> None:
    whole = managed(restored(course, copy.deepcopy(submission)))
    damage(submission)
    result = restored(course, submission)
    assert managed(result) == whole
    nbformat.validate(result)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_loses_no_code_of_the_student(
    course: Course, submission: NotebookNode, damage: Callable[[NotebookNode], None]
) -> None:
    damage(submission)
    result = restored(course, submission)
    code = [cell.source for cell in result.cells if "dropout(A, p" in cell.source]
    assert code
    assert {"before = 1", "after = dropout"} <= {cell.source for cell in result.cells}


def test_own_cells_stay_behind_the_cell_they_followed(
    course: Course, submission: NotebookNode
) -> None:
    result = restored(course, submission)
    place = position(result, "dropout")
    assert result.cells[place + 1].source == "after = dropout"


def test_missing_solution_cell_does_not_replace_what_was_written_elsewhere(
    course: Course, submission: NotebookNode
) -> None:
    del submission.cells[position(submission, "dropout")]
    result = restored(course, submission)
    marks = {cell.metadata.nbgrader.grade_id: cell for cell in result.cells if cell.metadata}
    assert marks["dropout"].source == MISSING


def test_own_cell_that_claims_to_be_a_test_is_none(
    course: Course, submission: NotebookNode
) -> None:
    forged = copy.deepcopy(submission.cells[position(submission, "dropout-hidden")])
    forged.metadata.nbgrader.grade_id = "a-test-of-my-own"
    forged.id, forged.source = "mine", "100"
    submission.cells.insert(3, forged)
    result = restored(course, submission)
    assert result.cells[position(result, "mine")].metadata == {}


def test_links_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    submitted, materials, copied = (tmp_path / name for name in ("submitted", "source", "copied"))
    for folder in (submitted / "own", materials, copied / "own"):
        folder.mkdir(parents=True)
    (submitted / "data.csv").write_text("own")
    (submitted / "own/data.csv").write_text("own")
    (submitted / "linked.txt").symlink_to(secret)
    (submitted / "hard.txt").hardlink_to(secret)
    (submitted / "folder").symlink_to(tmp_path)
    for name in ("data.csv", "own/data.csv", "linked.txt", "hard.txt", "digits.py"):
        (copied / name).write_text("copied")
    (copied / "folder").mkdir()
    (copied / "folder/secret.txt").write_text("secret")
    (materials / "digits.py").symlink_to(secret)

    assert remove_links(copied, submitted, materials) == [
        "folder/secret.txt", "hard.txt", "linked.txt",
    ]  # fmt: skip
    left = {str(path.relative_to(copied)) for path in copied.rglob("*") if path.is_file()}
    assert left == {"data.csv", "own/data.csv", "digits.py"}


def test_notebook_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    sample = make_course(tmp_path)
    folder = tmp_path / "submitted/linker" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").symlink_to(tmp_path / "source" / NOTEBOOK)
    sample.run("referee", "grade", ASSIGNMENT)
    entry = sample.scores()["linker"]
    assert (entry["status"], entry["score"]) == ("unreadable", None)
