"""Running a submission's cells: nbgrader's own execution, less its unfairness to warnings."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute as NbGraderExecute
from nbgrader.utils import is_grade
from traitlets import Integer


class Execute(NbGraderExecute):
    """Execute the notebook; what a test cell says on stderr is not a failure.

    nbgrader gives no credit for a test cell with any output on stderr, so a right answer that
    emits a NumPy warning scores 0. Only an error is an error: the text stays, as plain output.
    """

    max_output = Integer(
        10_000_000, help="Characters of output that are kept of a cell; the rest is dropped."
    ).tag(config=True)

    _said = 0  # characters of output of the cell that is running

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Keep a message of output, unless the cell has said too much."""
        content = msg["content"]
        self._said += len(content.get("text", "")) + len(str(content.get("data", "")))
        if self._said > self.max_output and msg["msg_type"] != "error":
            return None
        return super().output(outs, msg, display_id, cell_index)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Execute one cell."""
        self._said = 0
        cell, resources = super().preprocess_cell(cell, resources, index)
        if is_grade(cell):
            for output in cell.get("outputs", []):
                if output.output_type == "stream":
                    output.name = "stdout"
        return cell, resources
