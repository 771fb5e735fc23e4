"""What a student's feedback page shows: their own work and the author's words, no hidden test."""

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?(### END HIDDEN TESTS[^\n]*\n?|\Z)", re.DOTALL)


class HideTests(NbGraderPreprocessor):
    """Take hidden tests out of a feedback page, and what their outputs tell of them."""

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
