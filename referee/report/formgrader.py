"""What formgrader's page of a submission says of marks that were given to a group.

Only teachers see this page. nbgrader itself keeps no more than a comment, which students read.
"""

import html
from collections.abc import Iterable

import nbformat
from nbformat import NotebookNode

from referee.model.marking import Marking
from referee.text import printable_line

NOTE = '<div class="alert alert-info" role="note"><b>Given to a group</b> (number {}): {}</div>'


def say_who_marked(
    notebook: NotebookNode, name: str, markings: Iterable[Marking], student: str
) -> None:
    """Put a text cell before the first cell that a marking has changed: by whom, when and why.

    `markings` are those that the student still has; those of other notebooks are left out.
    """
    for marking in markings:
        cells = {
            change.cell
            for change in marking.changes
            if (change.student, change.notebook) == (student, name)
        }
        place = next(
            (
                place
                for place, cell in enumerate(notebook.cells)
                if cell.metadata.get("nbgrader", {}).get("grade_id") in cells
            ),
            0,
        )
        if cells:
            said = html.escape(printable_line(marking.in_words()))
            note = nbformat.v4.new_markdown_cell(NOTE.format(marking.number, said))
            notebook.cells.insert(place, note)
