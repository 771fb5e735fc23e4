"""Running a submission's cells: nbgrader's own execution, less its unfairness to warnings."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute as NbGraderExecute
from nbgrader.utils import is_grade


class Execute(NbGraderExecute):
    """Execute the notebook; what a test cell says on stderr is not a failure.

    nbgrader gives no credit for a test cell with any output on stderr, so a right answer that
    emits a NumPy warning scores 0. Only an error is an error: the text stays, as plain output.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Execute one cell."""
        cell, resources = super().preprocess_cell(cell, resources, index)
        if is_grade(cell):
            for output in cell.get("outputs", []):
                if output.output_type == "stream":
                    output.name = "stdout"
        return cell, resources
