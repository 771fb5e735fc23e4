"""The master notebook in a sandboxed kernel, with ways to swap cells and to judge tests."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.utils import is_grade, is_locked, is_solution

from referee.grade.kernel import StudentKernel
from referee.judge.cells import TestCell
from referee.judge.judge import Judge
from referee.model.limits import Limits
from referee.model.questions import question_of
from referee.nbgrader.course import Course
from referee.nbgrader.hidden import HiddenTests
from tests.support.solutions import MASTER, REPO, read_solution

# Cells that train on MNIST, or draw what was learned: executed only where a test needs them.
TRAININGS = (
    *("training", "loss", "batch-statistics", "misclassified"),
    *("experiment", "play", "check"),
)
PICTURES = ("grid", "dropout-picture", "batchnorm-picture")


class ReferenceKernel:
    """A kernel in which the cells of the master notebook, solutions included, have been run."""

    def __init__(self, kernel: StudentKernel, notebook: nbformat.NotebookNode) -> None:
        self.kernel = kernel
        self.cells = {cell.id: cell for cell in notebook.cells}
        self.judge = Judge(MASTER.parent)
        self.callers = cache(self._callers)

    def run(self, source: str) -> str:
        """Run code; return the error it ended with, as one line, or nothing."""
        return _error(self.kernel.run(source))

    def run_cell(self, cell_id: str) -> str:
        """Run a cell of the master notebook that is no test; return its error, or nothing."""
        if is_solution(self.cells[cell_id]):
            self.judge.meet_solution(self.cells[cell_id].source)
        elif is_locked(self.cells[cell_id]):
            self.judge.provide(self.cells[cell_id].source)
        return self.run(self.cells[cell_id].source)

    def judged(self, cell_id: str) -> list[nbformat.NotebookNode]:
        """The outputs of a test cell."""
        cell = self.cells[cell_id]
        hidden = HiddenTests(self.kernel.config).removed_from(cell.source) != cell.source
        test = TestCell(cell_id, cell.source, cell.metadata.nbgrader.points, hidden)
        return self.kernel.judge(test, self.judge)

    def value(self, expression: str) -> Any:
        """The value of an expression that is plain data."""
        (output,) = self.kernel.run(expression)
        return ast.literal_eval(output.data["text/plain"])

    def test_cells(self) -> list[str]:
        """The ids of the test cells, those of the trainings excepted."""
        return [
            cell_id
            for cell_id, cell in self.cells.items()
            if is_grade(cell) and not cell_id.startswith(TRAININGS)
        ]

    def hidden_tests(self) -> list[str]:
        """The ids of those that students do not have."""
        return [cell_id for cell_id in self.test_cells() if "-hidden" in cell_id]

    def failing(self, test_cells: list[str]) -> list[str]:
        """Those of the test cells that end with an error now."""
        return [cell_id for cell_id in test_cells if _error(self.judged(cell_id))]

    def _callers(self, cell_id: str) -> list[str]:
        """The hidden tests that call, be it indirectly, a function that a solution cell defines."""
        names = [node.name for node in _functions(self.cells[cell_id].source)]
        for name in names:
            self.run(
                f"def reporting(function=globals()[{name!r}]):\n"
                "    def report(*args, **kwargs):\n"
                "        print('THIS FUNCTION WAS CALLED')\n"
                "        return function(*args, **kwargs)\n"
                "    return report\n"
                f"{name} = reporting()"
            )
        callers = [
            test for test in self.hidden_tests() if "FUNCTION WAS CALLED" in str(self.judged(test))
        ]
        self.run_cell(cell_id)
        return callers

    @contextmanager
    def solution(self, path: Path) -> Iterator[list[str]]:
        """Lay a solution file over the reference solution, and take it away again.

        Lends the hidden tests that it can make a difference to.
        """
        sections = read_solution(path)
        concerned = {test for cell_id in sections for test in self.callers(cell_id)}
        for source in sections.values():
            self.run(source)
        try:
            yield [test for test in self.hidden_tests() if test in concerned]
        finally:
            for cell_id in sections:
                self.run_cell(cell_id)


@contextmanager
def reference_kernel() -> Iterator[ReferenceKernel]:
    """Start a kernel and run the master notebook in it, without trainings, pictures and tests."""
    config = Course.open(REPO).app.config
    with StudentKernel(MASTER.parent, Limits(), config) as student:
        kernel = ReferenceKernel(student, nbformat.read(MASTER, as_version=4))
        for cell_id, cell in kernel.cells.items():
            skipped = is_grade(cell) or cell_id.startswith(TRAININGS + PICTURES)
            if cell.cell_type == "code" and not skipped:
                error = kernel.run_cell(cell_id)
                assert not error, f"cell {cell_id} of the master notebook: {error}"
        yield kernel


def questions_of(test_cells: list[str]) -> set[str]:
    """The questions that the test cells belong to."""
    return {question_of(cell_id) for cell_id in test_cells}


def _error(outputs: list[nbformat.NotebookNode]) -> str:
    errors = [f"{out.ename}: {out.evalue}" for out in outputs if out.output_type == "error"]
    return errors[0] if errors else ""


def _functions(source: str) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
