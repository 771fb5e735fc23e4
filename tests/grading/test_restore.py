"""Restoring, as `nbgrader autograde` and `referee grade` do it: by the gradebook's cells."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from referee.errors import RefereeError
from referee.plugins import RestoreCells
from tests.support.damage import AFTER, ANSWER, BEFORE, DAMAGE, managed, submission
from tests.support.toy import NAME, NOTEBOOK, ToyCourse


def restored(course: ToyCourse, notebook: NotebookNode, folder: Path) -> NotebookNode:
    """What nbgrader's step makes of a notebook that lies in this folder."""
    gradebook = f"sqlite:///{course.root / 'gradebook.db'}"
    names = {"db_url": gradebook, "notebook": NAME, "assignment": NAME}
    resources = {"nbgrader": names, "metadata": {"path": str(folder)}}
    return RestoreCells().preprocess(notebook, resources)[0]


def test_damaged_notebooks_have_the_gradebooks_cells_again(
    released_toy: ToyCourse, tmp_path: Path
) -> None:
    master = nbformat.read(released_toy.root / "source" / NOTEBOOK, as_version=4)
    for damage in DAMAGE:
        notebook = submission()
        damage(notebook)
        result = restored(released_toy, notebook, tmp_path)
        assert managed(result) == managed(master), damage.__name__
        assert {ANSWER, BEFORE, AFTER} <= {cell.source for cell in result.cells}, damage.__name__
        nbformat.validate(result)


def test_notebook_that_is_a_link_is_not_restored(released_toy: ToyCourse, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.ipynb").symlink_to(released_toy.root / "source" / NOTEBOOK)
    with pytest.raises(RefereeError, match="is a link"):
        restored(released_toy, submission(), tmp_path)


def test_notebook_that_is_a_link_is_not_read(toy: ToyCourse) -> None:
    folder = toy.root / "submitted/linker" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").symlink_to(toy.root / "source" / NOTEBOOK)
    toy.grade()
    entry = toy.scores()["linker"]
    assert (entry["status"], entry["score"]) == ("unreadable", None)
