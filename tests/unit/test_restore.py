"""Restoring: which cell is which, whatever happened to a notebook on its way."""

import copy
from collections.abc import Callable
from dataclasses import replace

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.nbgraderformat.v3 import MetadataValidatorV3

from referee.model.events import Events
from referee.notebook.restore import MISSING, SKIP, is_skipped, restore
from tests.support.damage import (
    AFTER,
    ANSWER,
    BEFORE,
    DAMAGE,
    assignment_notebook,
    managed,
    position,
    submission,
)
from tests.support.toy import cells

WHOLE = managed(nbformat.v4.new_notebook(cells=cells()))


def restored(notebook: NotebookNode, events: Events | None = None) -> NotebookNode:
    """The notebook with the assignment's cells as they should be."""
    restore(notebook, assignment_notebook(), events or Events())
    return notebook


def test_whole_notebook_stays_as_it_is() -> None:
    events = Events()
    result = restored(submission(), events)
    assert managed(result) == WHOLE
    assert [cell.source for cell in result.cells] == [cell.source for cell in submission().cells]
    assert (events.notes, events.troubles) == ([], [])


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damaged_notebook_has_its_cells_again(damage: Callable[[NotebookNode], None]) -> None:
    notebook = submission()
    damage(notebook)
    result = restored(notebook)
    assert managed(result) == WHOLE
    nbformat.validate(result)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_loses_no_code_of_the_student(damage: Callable[[NotebookNode], None]) -> None:
    notebook = submission()
    damage(notebook)
    assert {ANSWER, BEFORE, AFTER} <= {cell.source for cell in restored(notebook).cells}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_locked_cells_are_the_masters_after_any_damage(
    damage: Callable[[NotebookNode], None],
) -> None:
    notebook = submission()
    damage(notebook)
    locked = {cell.id: cell.source for cell in cells() if cell.metadata.nbgrader.locked}
    restored(notebook)
    assert locked == {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in notebook.cells
        if cell.metadata and cell.metadata.nbgrader.locked
    }


def test_own_cells_stay_behind_the_cell_they_followed() -> None:
    result = restored(submission())
    place = position(result, "double")
    assert result.cells[place - 1].source == BEFORE
    assert result.cells[place + 1].source == AFTER


def test_own_cell_keeps_the_tag_that_it_is_not_run() -> None:
    notebook = submission()
    place = position(notebook, "double")
    notebook.cells[place + 1].metadata.tags = ["skip-execution", "hide-input"]
    result = restored(notebook)
    assert result.cells[position(result, "double") + 1].metadata == {"tags": [SKIP]}


@pytest.mark.parametrize("name", ["double", "double-hidden"])
def test_tag_does_not_keep_a_cell_of_the_assignment_from_running(name: str) -> None:
    notebook = submission()
    notebook.cells[position(notebook, name)].metadata.tags = ["skip-execution"]
    result = restored(notebook)
    assert not is_skipped(result.cells[position(result, name)])


@pytest.mark.parametrize("tags", ["skip-execution", 1, None, {"skip-execution": 1}, [["a"]]])
def test_tags_of_another_form_are_none(tags: object) -> None:
    assert not is_skipped({"metadata": {"tags": tags}})


def test_missing_solution_cell_does_not_replace_what_was_written_elsewhere() -> None:
    notebook = submission()
    del notebook.cells[position(notebook, "double")]
    events = Events()
    result = restored(notebook, events)
    marks = {cell.metadata.nbgrader.grade_id: cell for cell in result.cells if cell.metadata}
    assert marks["double"].source == MISSING
    assert [trouble.reason for trouble in events.troubles] == ["cell double was missing"]
    assert events.notes == ["cell double was missing and is restored"]


def test_nothing_is_lost_where_an_own_cell_has_the_function() -> None:
    notebook = submission()
    notebook.cells[position(notebook, "double")].metadata = NotebookNode()
    notebook.cells[position(notebook, "double")].id = "mine"
    events = Events()
    restored(notebook, events)
    assert events.troubles == []
    assert events.notes == ["double: found in cells of the student's own"]


@pytest.mark.parametrize("answer", [ANSWER, "class double: pass", "async def double(x): pass"])
def test_nothing_is_lost_where_the_release_has_nothing_of_the_function(answer: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(answer)])
    whole = assignment_notebook()
    asked = next(cell for cell in whole.cells if cell.name == "double")
    asked = replace(asked, source="# YOUR CODE HERE", defines=("double",))
    events = Events()
    restore(notebook, replace(whole, cells=(asked,)), events)
    assert events.troubles == []


def test_many_missing_cells_are_one_note() -> None:
    notebook = submission()
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata]
    events = Events()
    restored(notebook, events)
    assert events.notes == [
        "7 cells were missing and are restored: imports, double, double-visible and others"
    ]


def test_order_that_is_restored_is_said() -> None:
    notebook = submission()
    notebook.cells.reverse()
    events = Events()
    restored(notebook, events)
    assert events.notes == ["cells were in another order, which is restored"]


def test_own_cell_that_claims_to_be_a_test_is_none() -> None:
    notebook = submission()
    forged = copy.deepcopy(notebook.cells[position(notebook, "double-hidden")])
    forged.metadata.nbgrader.grade_id = "a-test-of-my-own"
    forged.id, forged.source = "mine", "100"
    notebook.cells.insert(3, forged)
    result = restored(notebook)
    assert result.cells[position(result, "mine")].metadata == {}


def test_cell_without_a_checksum_is_valid_for_nbgrader() -> None:
    MetadataValidatorV3().validate_nb(restored(submission()))
