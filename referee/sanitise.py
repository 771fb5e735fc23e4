"""Sanitising a submission: bringing back the cells of the assignment that it lacks."""

from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SourceCell
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum


class RestoreMissingCells(NbGraderPreprocessor):
    """Insert the provided, solution and test cells that a student deleted, as they were released.

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
