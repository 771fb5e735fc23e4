"""Taking out of an executed notebook what its student should not read, or a page cannot show."""

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from referee.judge.verdict import Verdict
from referee.nbgrader.hidden import HiddenTests

MAX_TEXT = 20_000  # characters of a text cell that are formatted
MAX_TEXTS = 100_000  # of all of them together; what formats them takes the square of it
FORMATTED = {"text/markdown": MAX_TEXT, "text/latex": MAX_TEXT, "text/html": 50_000}
PICTURES = {"image/png", "image/jpeg"}
ALTERNATIVE = "a picture that this cell drew"


def hide_tests(nb: NotebookNode, hidden: HiddenTests) -> None:
    """Leave of each test what students have of it, and of its outputs what is meant for them.

    Of a test that is hidden in part, only the verdict's line for the student is left: what the test
    printed, or computed last, may tell what is hidden.
    """
    for cell in nb.cells:
        if cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
            continue
        released = hidden.removed_from(cell.source)
        if released != cell.source:
            cell.source = released.strip()
            cell.outputs = [
                Verdict.read(output).output_for_student()
                for output in cell.outputs
                if output.output_type == "error"
            ]


def keep_formatting_short(nb: NotebookNode) -> None:
    """Have text that would take minutes to format shown as it is, in cells and in outputs."""
    room = MAX_TEXTS
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            room -= len(cell.source)
            if len(cell.source) > MAX_TEXT or room < 0:
                cell.cell_type = "raw"
        for output in cell.get("outputs", ()):
            for kind, most in FORMATTED.items():
                text = output.get("data", {}).get(kind, "")
                room -= len(text)
                if len(text) > most or (text and room < 0):
                    output.data.setdefault("text/plain", text)
                    del output.data[kind]


def describe_pictures(nb: NotebookNode) -> None:
    """Give pictures a text for those who cannot see them."""
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            for kind in PICTURES & output.get("data", {}).keys():
                output.metadata.setdefault(kind, NotebookNode()).alt = ALTERNATIVE
