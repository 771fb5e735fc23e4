"""The remarks on an assignment's master notebooks."""

from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from referee.check.messages import Remark, thin_messages
from referee.nbgrader.course import Course
from referee.nbgrader.hidden import HiddenTests
from referee.nbgrader.release import require_source


@dataclass(frozen=True)
class CellRemarks:
    """The remarks on a test cell."""

    notebook: str
    cell: str
    remarks: tuple[Remark, ...]


def check_masters(course: Course, assignment: str) -> list[CellRemarks]:
    """The test cells of an assignment, in order, with what is to be improved in each.

    Raises:
        RefereeError: there is no such assignment.

    """
    hidden = HiddenTests(course.app.config)
    found = []
    for path in sorted(require_source(course, assignment).glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if _is_test(cell):
                remarks = thin_messages(cell.source, hidden.removed_from(cell.source))
                found.append(
                    CellRemarks(path.stem, cell.metadata.nbgrader.grade_id, tuple(remarks))
                )
    return found


def _is_test(cell: NotebookNode) -> bool:
    about = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and about.get("grade") and not about.get("solution"))
