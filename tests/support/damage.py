"""A submission with answers and cells of the student's own, and what happens to notebooks."""

import copy
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode

from referee.model.assignment import AssignmentCell, AssignmentNotebook
from tests.support.toy import NAME, cells

ANSWER = "def double(x): return x + x"
BEFORE, AFTER = "before = 1", "after = double"


def assignment_notebook() -> AssignmentNotebook:
    """The toy course's notebook as the gradebook has it, but for hidden regions and checksums."""
    return AssignmentNotebook(NAME, None, 3, tuple(map(_assignment_cell, cells())))


def _assignment_cell(cell: NotebookNode) -> AssignmentCell:
    mark = cell.metadata.nbgrader
    return AssignmentCell(
        name=mark.grade_id,
        cell_type=cell.cell_type,
        locked=mark.locked,
        source=cell.source,
        released=cell.source,
        checksum="",
        points=mark.get("points"),
        solution=mark.solution,
        task=mark.task,
    )


def submission() -> NotebookNode:
    """A submission in which `double` is answered, with an own cell before it and one after it."""
    notebook = nbformat.v4.new_notebook(cells=cells())
    place = position(notebook, "double")
    notebook.cells[place].source = ANSWER
    notebook.cells.insert(place, nbformat.v4.new_code_cell(BEFORE))
    notebook.cells.insert(place + 2, nbformat.v4.new_code_cell(AFTER))
    return notebook


def position(notebook: NotebookNode, cell_id: str) -> int:
    """Where the cell with this id is."""
    return next(i for i, cell in enumerate(notebook.cells) if cell.get("id") == cell_id)


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


DAMAGE: list[Callable[[NotebookNode], None]] = [
    strip_metadata, strip_ids, strip_locked_cells_of_all, reverse, retype, duplicate, claim,
    fill_with_nonsense,
]  # fmt: skip
