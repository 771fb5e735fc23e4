"""Sanitising a submission: bringing back what it lacks of the assignment's cells."""

from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SourceCell
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum


class RestoreCells(NbGraderPreprocessor):
    """Bring back the metadata of cells that lost it, and the cells that a student deleted.

    nbgrader can bring back test cells only, and fails where the cell before one is gone too.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Insert each missing cell behind the one that precedes it in the assignment."""
        course = resources["nbgrader"]
        with Gradebook(course["db_url"]) as gradebook:
            source = gradebook.find_notebook(course["notebook"], course["assignment"])
            points = {cell.name: cell.max_score for cell in source.grade_cells}
            solutions = {cell.name for cell in source.solution_cells}
            _recognise(nb, {cell.name: cell for cell in source.source_cells}, points, solutions)
            place = 0
            for cell in source.source_cells:
                position = _position(nb, cell.name)
                if position is None:
                    self.log.warning("Cell %s was missing and is restored", cell.name)
                    nb.cells.insert(
                        place, _cell(cell, points.get(cell.name), cell.name in solutions)
                    )
                    position = place
                place = position + 1
        return nb, resources


def _recognise(
    nb: NotebookNode, sources: dict[str, SourceCell], points: dict[str, float], solutions: set[str]
) -> None:
    """Give back their metadata to cells that lost it but kept their id.

    Other editors strip metadata; and of a duplicated cell, nbgrader leaves an empty rest.
    """
    for cell in nb.cells:
        if not cell.metadata.get("nbgrader"):
            cell.metadata.pop("nbgrader", None)
            source = sources.get(cell.get("id", ""))
            if source is not None and _position(nb, source.name) is None:
                restored = _cell(source, points.get(source.name), source.name in solutions)
                cell.metadata.nbgrader = restored.metadata.nbgrader


def _position(nb: NotebookNode, grade_id: str) -> int | None:
    for index, cell in enumerate(nb.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return index
    return None


def _cell(source: SourceCell, points: float | None, solution: bool) -> NotebookNode:
    """A cell of the assignment, made from what the gradebook knows of it."""
    new = nbformat.v4.new_code_cell if source.cell_type == "code" else nbformat.v4.new_markdown_cell
    cell = new(source.source)
    cell.metadata.nbgrader = {
        "schema_version": 3,
        "grade_id": source.name,
        "grade": points is not None,
        "solution": solution,
        "locked": source.locked,
        "task": False,
        "cell_type": source.cell_type,
    }
    if points is not None:
        cell.metadata.nbgrader.points = points
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    return cell
