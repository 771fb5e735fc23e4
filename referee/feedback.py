"""What a student's feedback page shows: their own work and the author's words, no hidden test."""

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?(### END HIDDEN TESTS[^\n]*\n?|\Z)", re.DOTALL)


MAX_TEXT = 20_000  # characters of a text cell that are formatted
MAX_TEXTS = 100_000  # of all of them together; what formats them takes the square of it


class HideTests(NbGraderPreprocessor):
    """Take hidden tests out of a feedback page, and what their outputs tell of them."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Prepare the notebook; text that would take minutes to format is shown as it is."""
        room = MAX_TEXTS
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                room -= len(cell.source)
                if len(cell.source) > MAX_TEXT or room < 0:
                    cell.cell_type = "raw"
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Leave of a cell with hidden tests its visible part, and the author's message."""
        if cell.cell_type == "code" and is_grade(cell) and HIDDEN.search(cell.source):
            cell.source = HIDDEN.sub("", cell.source).strip()
            cell.outputs = [
                _for_student(output) for output in cell.outputs if output.output_type == "error"
            ]
        return cell, resources


def _for_student(output: NotebookNode) -> NotebookNode:
    """An error with only the line that the judge wrote for the student."""
    told = output.traceback[:1]
    return NotebookNode(output_type="error", ename="", evalue="", traceback=told)
