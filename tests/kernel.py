"""The master notebook in a real kernel, with ways to swap cells and see which tests pass."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from referee.record import question_of
from tests.solutions import MASTER, read_solution

# Cells that train on MNIST, or draw what was learned: executed only where a test needs them.
TRAININGS = ("training", "loss", "batch-statistics", "misclassified", "play")
PICTURES = ("grid", "dropout-picture", "batchnorm-picture")


class ReferenceKernel:
    """A kernel in which the cells of the master notebook, solutions included, have been run."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client
        self.cells = {cell.id: cell for cell in client.nb.cells}

    def run(self, source: str) -> str:
        """Run code; return the error it ended with, as one line, or nothing."""
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        try:
            self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        finally:
            self.client.nb.cells.pop()
        errors = [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]
        return errors[0] if errors else ""

    def run_cell(self, cell_id: str) -> str:
        """Run a cell of the master notebook; return its error, or nothing."""
        return self.run(self.cells[cell_id].source)

    def value(self, expression: str) -> Any:
        """The value of an expression that is plain data."""
        cell = nbformat.v4.new_code_cell(expression)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        self.client.nb.cells.pop()
        return ast.literal_eval(cell.outputs[0].data["text/plain"])

    def test_cells(self) -> list[str]:
        """The ids of the test cells, those of the trainings excepted."""
        return [
            cell_id
            for cell_id, cell in self.cells.items()
            if cell.metadata.get("nbgrader", {}).get("grade") and not cell_id.startswith(TRAININGS)
        ]

    def failing(self, test_cells: list[str]) -> list[str]:
        """Those of the test cells that end with an error now."""
        return [cell_id for cell_id in test_cells if self.run_cell(cell_id)]

    @contextmanager
    def solution(self, path: Path) -> Iterator[None]:
        """Lay a solution file over the reference solution, and take it away again."""
        sections = read_solution(path)
        for source in sections.values():
            self.run(source)
        try:
            yield
        finally:
            for cell_id in sections:
                self.run_cell(cell_id)


@contextmanager
def reference_kernel() -> Iterator[ReferenceKernel]:
    """Start a kernel and run the master notebook in it, without trainings and pictures."""
    notebook = nbformat.read(MASTER, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        allow_errors=True,
        resources={"metadata": {"path": str(MASTER.parent)}},
    )
    client.extra_arguments = ["--log-level=ERROR"]
    with client.setup_kernel():
        kernel = ReferenceKernel(client)
        for cell_id, cell in kernel.cells.items():
            if cell.cell_type == "code" and not cell_id.startswith(TRAININGS + PICTURES):
                error = kernel.run_cell(cell_id)
                assert not error, f"cell {cell_id} of the master notebook: {error}"
        yield kernel


def questions_of(test_cells: list[str]) -> set[str]:
    """The questions that the test cells belong to."""
    return {question_of(cell_id) for cell_id in test_cells}
