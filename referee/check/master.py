"""What a master says of itself without being run: who binds which name, and its messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from referee.check.messages import Remark, thin_messages
from referee.judge.names import Binding, bindings
from referee.nbgrader.hidden import HiddenTests
from referee.notebook.definitions import as_python
from referee.notebook.syntax import syntax_tree


@dataclass(frozen=True)
class Place:
    """Where a name is bound: a cell's number from 0, and whether it is a solution's."""

    number: int
    cell: str
    in_solution: bool
    how: Binding


@dataclass(frozen=True)
class CellRemarks:
    """The remarks on the messages of a test cell."""

    notebook: str
    cell: str
    remarks: tuple[Remark, ...]


class MasterNotebook:
    """A master notebook, with its solutions."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.cells: list[NotebookNode] = nbformat.read(path, as_version=4).cells

    @cached_property
    def places(self) -> dict[str, list[Place]]:
        """Where each name is bound."""
        found: dict[str, list[Place]] = {}
        for number, cell in enumerate(self.cells):
            if cell.cell_type != "code":
                continue
            about = cell.metadata.get("nbgrader", {})
            solution = bool(about.get("solution"))
            label = about.get("grade_id") or f"code cell {number + 1}"
            for name, how in bindings(cell.source).items():
                found.setdefault(name, []).append(Place(number, label, solution, how))
        return found

    @cached_property
    def broken(self) -> list[tuple[str, int, str]]:
        """Code cells with a syntax error: their names, the line, and their text."""
        found = []
        for number, cell in enumerate(self.cells):
            if cell.cell_type != "code" or cell.source.lstrip().startswith("%%"):
                continue
            try:
                syntax_tree(as_python(cell.source))
            except SyntaxError as error:
                label = cell.metadata.get("nbgrader", {}).get("grade_id")
                found.append((label or f"code cell {number + 1}", error.lineno or 1, cell.source))
        return found

    def number_of(self, grade_id: str) -> int:
        """The number of a cell, from 0; that of a cell which is not there is behind all others."""
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in self.cells]
        return names.index(grade_id) if grade_id in names else len(names)

    def written_by_students(self) -> set[str]:
        """The names that solution cells bind, but for imports."""
        return {
            name
            for name, places in self.places.items()
            if any(each.in_solution and each.how is not Binding.IMPORT for each in places)
        }

    def remarks(self, hidden: HiddenTests) -> Iterator[CellRemarks]:
        """What is to be improved in the messages of its test cells, in their order."""
        for cell in self.cells:
            about = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and about.get("grade") and not about.get("solution"):
                found = thin_messages(cell.source, hidden.removed_from(cell.source))
                yield CellRemarks(self.name, about.grade_id, tuple(found))
