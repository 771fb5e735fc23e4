"""Sanitising a submission: its graded cells as the assignment has them, whatever happened to them.

Nothing that the submission claims about its cells is believed: which cell is which is found out by
grade ids, cell ids and content, and all metadata comes from the gradebook.
"""

from collections.abc import Sequence
from logging import Logger, LoggerAdapter
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from referee.assignment import AssignmentCell, AssignmentNotebook
from referee.errors import RefereeError
from referee.outcomes import Outcome, Trouble

Log = Logger | LoggerAdapter[Any]
MISSING = "# This cell was missing from the submission."


class RestoreCells(NbGraderPreprocessor):
    """Bring the assignment's cells back: their metadata, their order, and those that are gone.

    A student's own cells stay behind the cell that they followed, and are no more than that.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Put the cells in the assignment's order.

        Raises:
            RefereeError: the notebook is a link, which could lead to the master itself.

        """
        names = resources["nbgrader"]
        path = Path(resources["metadata"]["path"]) / f"{names['notebook']}.ipynb"
        if path.is_symlink():
            raise RefereeError(f"{path} is a link to something else, which is not read")
        with Gradebook(names["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
            restore(nb, AssignmentNotebook.of(notebook), self.log)
        return nb, resources


def restore(nb: NotebookNode, notebook: AssignmentNotebook, log: Log) -> None:
    """Give a submitted notebook the assignment's cells; what had to be restored is logged."""
    found = recognise(nb.cells, notebook.cells)
    followers = _followers(nb.cells, found)
    cells = followers.pop("", [])
    for ours in notebook.cells:
        cell = nb.cells[found[ours.name]] if ours.name in found else None
        if cell is None:
            cell = _missing_cell(ours, log)
        _set_type(cell, ours.cell_type)
        if ours.locked:
            cell.source = ours.source
        cell.metadata = _metadata(ours)
        cells += [cell, *followers.pop(ours.name, [])]
    if list(found.values()) != sorted(found.values()):
        log.warning("cells were in another order, which is restored")
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
            cell.metadata = NotebookNode()
            followers.setdefault(last, []).append(cell)
    return followers


def _missing_cell(ours: AssignmentCell, log: Log) -> NotebookNode:
    """A cell that stands for one that is gone.

    What was released of a solution cell is not brought back: it could replace what the student has
    written elsewhere.
    """
    log.warning("cell %s was missing and is restored", ours.name)
    if ours.solution:
        trouble = Trouble(Outcome.LOST_CELLS, f"cell {ours.name} was missing")
        log.warning(trouble.reason, extra={"trouble": trouble})
    new = nbformat.v4.new_code_cell if ours.cell_type == "code" else nbformat.v4.new_markdown_cell
    return new(MISSING if ours.solution else ours.source)


def _set_type(cell: NotebookNode, cell_type: str) -> None:
    cell.cell_type = cell_type
    cell.pop("attachments", None)
    if cell_type == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _metadata(ours: AssignmentCell) -> NotebookNode:
    """A cell's metadata as the gradebook has it."""
    marks = {
        "schema_version": 3,
        "grade_id": ours.name,
        "grade": ours.graded,
        "solution": ours.solution,
        "locked": ours.locked,
        "task": ours.task,
        "cell_type": ours.cell_type,
        "checksum": ours.checksum,
    }
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


def remove_links(folder: Path, submitted: Path, materials: Path) -> list[str]:
    """Remove what a submission had as links, and nbgrader has copied from where they lead.

    `folder` has the copies of the submission's own files and of the assignment's, which may be
    links in their own folder. Returns the names of what was removed.
    """
    removed = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_dir():
            path.chmod(0o755)
        if path.is_dir() or path.suffix == ".ipynb" or (materials / name).exists():
            continue
        way = [submitted / part for part in [name, *name.parents]]
        linked = any(place.is_symlink() for place in way[:-1])
        if linked or not way[0].is_file() or way[0].stat().st_nlink > 1:
            path.unlink()
            removed.append(str(name))
        else:
            path.chmod(0o644)  # for the user that student code runs as
    return removed
