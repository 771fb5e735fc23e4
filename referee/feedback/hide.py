"""Taking out of an executed notebook what its student should not read, or a page cannot show."""

from collections.abc import Collection

from nbformat import NotebookNode

from referee.judge.verdict import Verdict
from referee.model.assignment import AssignmentNotebook
from referee.notebook.pictures import NOT_SHOWN, PICTURES

MAX_TEXT = 20_000  # characters of a text cell that are formatted
MAX_TEXTS = 100_000  # of all of them together; what formats them takes the square of it
FORMATTED = {"text/markdown": MAX_TEXT, "text/latex": MAX_TEXT, "text/html": 50_000}
MAX_PICTURES = 2**24  # characters of pasted pictures on a page, each as often as it is shown
PLAIN = "text/plain"
ALTERNATIVE = "a picture that this cell drew"
WORDS = {  # for what a page cannot show, by the beginning of its kind
    "image/": "a picture",
    "audio/": "a sound",
    "video/": "a film",
    "application/pdf": "a figure in PDF",
    "application/vnd.jupyter.widget": "a widget",
    "application/vnd.plotly": "an interactive figure",
    "application/vnd.vega": "an interactive figure",
    "application/vnd.bokeh": "an interactive figure",
    "application/javascript": "something interactive",
}


def hide_tests(nb: NotebookNode, notebook: AssignmentNotebook) -> None:
    """Leave of each of the assignment's cells what students have of it, and of outputs as much.

    Of a cell that is hidden in part, only the verdict's line for the student is left: what the cell
    printed, or computed last, may tell what is hidden.
    """
    known = {cell.name: cell for cell in notebook.cells if not cell.solution and not cell.task}
    for cell in nb.cells:
        ours = known.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if ours is None or cell.source == ours.released:
            continue
        cell.source = ours.released.strip()
        if cell.cell_type == "code":
            cell.outputs = [
                Verdict.read(output).output_for_student()
                for output in cell.outputs
                if output.output_type == "error"
            ]


def keep_formatting_short(nb: NotebookNode) -> None:
    """Have text that would take minutes to format shown as it is, in cells and in outputs."""
    room, room_of_pictures = MAX_TEXTS, MAX_PICTURES
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            sizes = [len(str(picture)) for picture in cell.get("attachments", {}).values()]
            room_of_pictures -= max(sizes, default=0) * cell.source.count("attachment:")
            if room_of_pictures < 0:
                cell.pop("attachments", None)
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
            for kind in PICTURES.keys() & output.get("data", {}).keys():
                output.metadata.setdefault(kind, NotebookNode()).alt = ALTERNATIVE


def name_what_is_not_shown(nb: NotebookNode, without: Collection[str] = ()) -> None:
    """Say in words what a cell has displayed that a page cannot show, under what stands for it.

    `without` are kinds that others can show, and this page cannot.
    """
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            if (data := output.get("data")) is None:
                continue
            kinds = [
                *output.metadata.get(NOT_SHOWN, ()),
                *(kind for kind in without if kind in data),
            ]
            if kinds:
                said = ", ".join(f"{_words(kind)} ({kind})" for kind in kinds)
                lines = filter(None, (data.get(PLAIN), f"(not shown here: {said})"))
                data[PLAIN] = "\n".join(lines)


def _words(kind: str) -> str:
    return next((words for start, words in WORDS.items() if kind.startswith(start)), "something")
