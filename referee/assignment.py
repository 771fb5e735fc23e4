"""An assignment as plain data: what its gradebook says of its notebooks' cells."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from nbgrader.api import Gradebook, Notebook


@dataclass(frozen=True)
class AssignmentCell:
    """A cell that students are to find in their notebook; `points` is None if it has no grade."""

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str
    points: float | None
    solution: bool
    task: bool

    @property
    def graded(self) -> bool:
        """Whether it is a test, or an answer that a human grades."""
        return self.points is not None and not self.task


@dataclass(frozen=True)
class AssignmentNotebook:
    """A notebook of an assignment, with its cells in order; the kernelspec is JSON."""

    name: str
    kernelspec: str | None
    cells: tuple[AssignmentCell, ...]

    @classmethod
    def of(cls, notebook: Notebook) -> Self:
        """What the gradebook knows of a notebook."""
        points = {
            cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)
        }
        solutions = {cell.name for cell in notebook.solution_cells}
        tasks = {cell.name for cell in notebook.task_cells}
        cells = [
            AssignmentCell(
                cell.name,
                cell.cell_type,
                cell.locked,
                cell.source or "",
                cell.checksum,
                points.get(cell.name),
                cell.name in solutions,
                cell.name in tasks,
            )
            for cell in notebook.source_cells
        ]
        return cls(notebook.name, notebook.kernelspec, tuple(cells))


@dataclass(frozen=True)
class Assignment:
    """An assignment; `due` is a time in UTC, ISO 8601, or empty."""

    name: str
    due: str
    notebooks: tuple[AssignmentNotebook, ...]

    @classmethod
    def read(cls, gradebook: Gradebook, name: str) -> Self:
        """Read it from the gradebook."""
        found = gradebook.find_assignment(name)
        due = found.duedate.isoformat() if found.duedate else ""
        return cls(name, due, tuple(AssignmentNotebook.of(book) for book in found.notebooks))

    def to_plain(self) -> dict[str, Any]:
        """It as dictionaries and lists."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Read what to_plain wrote."""
        notebooks = [
            AssignmentNotebook(
                book["name"],
                book["kernelspec"],
                tuple(AssignmentCell(**cell) for cell in book["cells"]),
            )
            for book in plain["notebooks"]
        ]
        return cls(plain["name"], plain["due"], tuple(notebooks))
