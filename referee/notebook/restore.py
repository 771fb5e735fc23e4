"""Restoring a submission: its graded cells as the assignment has them, whatever happened to them.

Nothing that the submission claims about its cells is believed: which cell is which is found out by
grade ids, cell ids and content, and all metadata comes from the gradebook.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode

from referee.model.assignment import AssignmentCell, AssignmentNotebook
from referee.model.events import Events
from referee.model.outcomes import Cause

DEFINITION = re.compile(r"^def (\w+)", re.MULTILINE)
DEFINED = re.compile(r"^(?:def|async def|class) (\w+)", re.MULTILINE)
MOST_NAMED = 3  # cells of a submission that a note names
MISSING = "# This cell was missing from the submission."
SKIP = "skip-execution"  # the tag of cells that nbclient, and so nbgrader, does not run


def restore(nb: NotebookNode, notebook: AssignmentNotebook, events: Events) -> None:
    """Bring the assignment's cells back: their metadata, their order, and those that are gone.

    A student's own cells stay behind the cell that they followed, and are no more than that.
    """
    found = recognise(nb.cells, notebook.cells)
    _note_missing([cell for cell in notebook.cells if cell.name not in found], nb.cells, events)
    above = _own_cells_above_answers(nb.cells, notebook, found)
    followers = _followers(nb.cells, found)
    cells = followers.pop("", [])
    for ours in notebook.cells:
        cell = nb.cells[found[ours.name]] if ours.name in found else None
        if cell is None:
            cell = _missing_cell(ours)
        _set_type(cell, ours.cell_type)
        if ours.locked:
            cell.source = ours.source
        cell.metadata = _metadata(ours, notebook.schema_version)
        own = followers.pop(ours.name, [])
        if ours.answer and cell.source == ours.source:
            _let_wait(cell, ours.name, _has_own_text(own, notebook), ours.name in above, events)
        cells += [cell, *own]
    if list(found.values()) != sorted(found.values()):
        events.note("cells were in another order, which is restored")
    _give_ids(cells, nb.nbformat_minor)
    nb.cells = cells
    kernel = nb.metadata.get("kernelspec")
    nb.metadata = NotebookNode(kernelspec=kernel) if kernel else NotebookNode()


def is_some_of(cells: Sequence[NotebookNode], sources: Sequence[AssignmentCell]) -> bool:
    """Whether any cell of a submission can be recognised as one of the assignment."""
    names = {source.name for source in sources}
    contents = {source.source.strip() for source in sources} - {""}
    return any(
        _grade_id(cell) in names or _cell_id(cell) in names or _content(cell) in contents
        for cell in cells
    )


def recognise(cells: Sequence[NotebookNode], sources: Sequence[AssignmentCell]) -> dict[str, int]:
    """Which cell of a submission is which cell of the assignment: positions by grade id.

    A grade id counts more than a cell id, that more than the same content. Of several cells with
    one grade id, which copying a cell makes, the last one counts that is not as it was released.
    """
    found: dict[str, int] = {}
    taken: set[int] = set()
    for mark in (_grade_id, _cell_id, _content):
        positions: dict[Any, list[int]] = {}
        for position, cell in enumerate(cells):
            if position not in taken:
                positions.setdefault(mark(cell), []).append(position)
        for source in sources:
            wanted = source.source.strip() if mark is _content else source.name
            same = [p for p in positions.get(wanted, ()) if p not in taken]
            if not wanted or not same or source.name in found:
                continue
            changed = [p for p in same if _content(cells[p]) != source.source.strip()]
            found[source.name] = (changed or same)[-1]
            taken.add(found[source.name])
    return {source.name: found[source.name] for source in sources if source.name in found}


def functions_of(cell: AssignmentCell) -> set[str]:
    """The functions that students write in a cell, where the release has nothing of them, too."""
    return set(DEFINITION.findall(cell.source)) or set(cell.defines)


def is_skipped(cell: Mapping[str, Any]) -> bool:
    """Whether a cell has the tag of cells that are not run."""
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and SKIP in tags


def _grade_id(cell: NotebookNode) -> Any:
    claimed = cell.metadata.get("nbgrader")
    return claimed.get("grade_id") if isinstance(claimed, dict) else None


def _cell_id(cell: NotebookNode) -> Any:
    return cell.get("id")


def _content(cell: NotebookNode) -> Any:
    return cell.source.strip()


def _followers(cells: list[NotebookNode], found: dict[str, int]) -> dict[str, list[NotebookNode]]:
    """A student's own cells, by the grade id of the assignment's cell that they come after."""
    names = {position: name for name, position in found.items()}
    followers: dict[str, list[NotebookNode]] = {}
    last = ""
    for position, cell in enumerate(cells):
        if position in names:
            last = names[position]
        else:
            cell.metadata = NotebookNode(tags=[SKIP]) if is_skipped(cell) else NotebookNode()
            followers.setdefault(last, []).append(cell)
    return followers


def _own_cells_above_answers(
    cells: list[NotebookNode], notebook: AssignmentNotebook, found: Mapping[str, int]
) -> set[str]:
    """The answers right above which a student's own cells stand, below a text of the release.

    Those that stand below another cell of the assignment could belong to that.
    """
    names = {position: name for name, position in found.items()}
    released = {text.strip() for text in notebook.texts} - {""}
    above = set[str]()
    for ours in notebook.cells:
        position = found.get(ours.name, 0) - 1
        own = []
        while position >= 0 and position not in names and _content(cells[position]) not in released:
            own.append(cells[position])
            position -= 1
        is_below_text = position < 0 or _content(cells[position]) in released
        if ours.answer and is_below_text and any(map(_content, own)):
            above.add(ours.name)
    return above


def _let_wait(cell: NotebookNode, name: str, below: bool, above: bool, events: Events) -> None:
    """Have a human look at an untouched answer that own cells stand next to."""
    if below or above:
        # nbgrader would take it for unanswered, by this checksum.
        del cell.metadata.nbgrader["checksum"]
        where = "follow it" if below else "stand above it"
        events.note(f"{name} is as it was released, and own cells {where}: look there")


def _has_own_text(cells: list[NotebookNode], notebook: AssignmentNotebook) -> bool:
    """Whether there is something in these cells that is not in the release."""
    released = {text.strip() for text in notebook.texts} | {""}
    return any(_content(cell) not in released for cell in cells)


def _note_missing(
    missing: list[AssignmentCell], cells: Sequence[NotebookNode], events: Events
) -> None:
    """Say which cells are gone; nothing is lost where their functions stand in other cells."""
    defined = {name for cell in cells for name in DEFINED.findall(cell.source)}
    asked = [(cell, functions_of(cell)) for cell in missing if cell.solution]
    found = [cell for cell, wanted in asked if wanted and wanted <= defined]
    for cell, _ in asked:
        if cell not in found:
            events.trouble(Cause.CELL_MISSING, f"cell {cell.name} was missing")
    if found:
        events.note(f"{_some_of(found)}: found in cells of the student's own")
    names = [cell.name for cell in missing if cell not in found]
    if len(names) > MOST_NAMED:
        shown = ", ".join(names[:MOST_NAMED])
        events.note(f"{len(names)} cells were missing and are restored: {shown} and others")
    else:
        for name in names:
            events.note(f"cell {name} was missing and is restored")


def _some_of(cells: list[AssignmentCell]) -> str:
    names = ", ".join(cell.name for cell in cells[:MOST_NAMED])
    return f"{names} and others" if len(cells) > MOST_NAMED else names


def _missing_cell(ours: AssignmentCell) -> NotebookNode:
    """A cell that stands for one that is gone.

    What was released of a solution cell is not brought back: it could replace what the student has
    written elsewhere.
    """
    new = nbformat.v4.new_code_cell if ours.cell_type == "code" else nbformat.v4.new_markdown_cell
    return new(MISSING if ours.solution else ours.source)


def _set_type(cell: NotebookNode, cell_type: str) -> None:
    cell.cell_type = cell_type
    if cell_type != "markdown":
        cell.pop("attachments", None)
    if cell_type == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _metadata(ours: AssignmentCell, schema_version: int) -> NotebookNode:
    """A cell's metadata as the gradebook has it."""
    marks = {
        "schema_version": schema_version,
        "grade_id": ours.name,
        "grade": ours.graded,
        "solution": ours.solution,
        "locked": ours.locked,
        "task": ours.task,
        "cell_type": ours.cell_type,
    }
    if ours.checksum:
        marks["checksum"] = ours.checksum
    if ours.points is not None:
        marks["points"] = ours.points
    return nbformat.from_dict({"nbgrader": marks})


def _give_ids(cells: list[NotebookNode], minor: int) -> None:
    """Make cell ids what the notebook's format asks for: none before 4.5, and unique ones since."""
    used: set[Any] = set()
    for cell in cells:
        if minor < 5:
            cell.pop("id", None)
        elif cell.get("id") in used or "id" not in cell:
            cell.id = f"restored-{len(used)}"
        used.add(cell.get("id"))
