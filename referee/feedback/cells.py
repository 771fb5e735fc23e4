"""The cells of a notebook as HTML: code, texts, and what they have shown."""

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from referee.feedback.clean import clean_html
from referee.feedback.code import Budget
from referee.feedback.content import CellMarks, Content
from referee.feedback.hide import ALTERNATIVE
from referee.feedback.reasons import plain
from referee.feedback.safe_texts import safe_text
from referee.judge.verdict import Verdict
from referee.notebook.pictures import PICTURES, SVG

KINDS = ("text/html", "text/latex", SVG, *PICTURES, "text/markdown", "text/plain")
MAX_PRINTED = 8000  # characters of a text that a cell has shown
MAX_PRINTED_OF_ALL = 80_000  # of all of them together
SHORTEST = 400  # of one for which there is no more room
WIDE = 32  # characters of a line that a phone has room for
HEADING = re.compile(r"<(/?)h([1-6])([ >])")
EMPTY_HEADING = re.compile(r"<h([1-6])>\s*</h\1>")
TOP = 3  # the level of a notebook's first headings: below the page's, and its part's


@dataclass(frozen=True)
class ShownCell:
    """A cell on the page: what it is called there, its HTML, and whether that is folded.

    `marks` are those of a cell of the assignment that is marked.
    """

    anchor: str
    name: str
    kind: str  # code, text, or test
    content: str
    folded: bool
    outputs: tuple[str, ...]
    failed: bool
    marks: CellMarks | None


def shown_cells(nb: NotebookNode, content: Content, budget: Budget) -> tuple[ShownCell, ...]:
    """The cells of a notebook, from which what students should not read is gone."""
    headings, printed, cells = Headings(), _Printed(), []
    for number, cell in enumerate(nb.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        marks = content.cells.get(name)
        tested = marks is not None and marks.tested
        code = cell.cell_type == "code"
        if code:
            shown = box(budget.coloured(cell.source)) if cell.source.strip() else ""
        elif cell.cell_type == "markdown":
            shown = _text(headings.below(safe_text(cell.source, cell.get("attachments"))))
        else:
            shown = box(html.escape(cell.source))
        cells.append(
            ShownCell(
                anchor_of(name) if marks else f"cell-{number}",
                name,
                "test" if tested else "code" if code else "text",
                shown,
                code and tested,
                tuple(headings.below(each) for each in _outputs(cell, tested, printed)),
                any(output.output_type == "error" for output in cell.get("outputs", ())),
                marks if marks and (marks.marked or tested) else None,
            )
        )
    return tuple(cells)


def anchor_of(cell: str) -> str:
    """What a page's links call a cell of the assignment: names may have blanks."""
    return "cell-" + re.sub(r"[^\w.-]", lambda found: f"_{ord(found[0]):x}_", cell)


def box(code: str) -> str:
    """Preformatted text; keys can scroll it where it may be too wide."""
    wide = any(len(line) > WIDE for line in code.splitlines())
    return f'<pre tabindex="0">{code}</pre>' if wide else f"<pre>{code}</pre>"


def _text(page: str) -> str:
    """A text, which keys can scroll where something in it may be too wide."""
    wide = any(part in page for part in ("<table", "<pre", '<math display="block"'))
    focus = ' tabindex="0"' if wide else ""
    return f'<div class="text"{focus}>{page}</div>'


class _Printed:
    """Texts that cells have shown, as much of them as a page has room for."""

    def __init__(self) -> None:
        self._left = MAX_PRINTED_OF_ALL

    def box(self, text: str) -> str:
        """A text: its beginning and its end, if it is long."""
        text = plain(text)
        room = max(SHORTEST, min(MAX_PRINTED, self._left))
        self._left -= min(room, len(text))
        if len(text) > room:
            start, end = text[: room * 3 // 4], text[-room // 4 :]
            text = f"{start}\n... {len(text) - room:,} characters are left out here ...\n{end}"
        return box(html.escape(text))


def _outputs(cell: NotebookNode, tested: bool, printed: _Printed) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        match output.output_type:
            case "stream":
                yield printed.box(output.text)
            case "error" if tested:
                verdict = Verdict.read(output)
                yield printed.box("\n".join((verdict.for_student, *verdict.for_teacher)))
            case "error":
                yield printed.box("\n".join(output.traceback))
            case _:
                yield from _displayed(output, printed)


def _displayed(output: NotebookNode, printed: _Printed) -> Iterator[str]:
    """What a cell has displayed, in the first of its kinds that a page can show."""
    kind = next((kind for kind in KINDS if output.get("data", {}).get(kind)), None)
    if kind is None:
        return
    data = output.data[kind]
    match kind:
        case "text/html":
            yield _text(clean_html(data))
        case "text/latex" | "text/markdown":
            yield _text(safe_text(data))
        case "text/plain":
            yield printed.box(data)
        case _:
            encoded = base64.b64encode(data.encode()).decode() if kind == SVG else data
            about = output.metadata.get(kind) or {} if kind in PICTURES else {}
            sides = {side: about.get(side) for side in ("width", "height")}
            size = "".join(f' {side}="{n}"' for side, n in sides.items() if type(n) is int)
            source = html.escape(f"data:{kind};base64,{''.join(encoded.split())}")
            yield f'<img src="{source}"{size} alt="{ALTERNATIVE}">'


class Headings:
    """Puts the headings of a text below those of the page, none more than a step deeper."""

    def __init__(self, top: int = TOP) -> None:
        self._top = top
        self._last = top - 1

    def below(self, page: str) -> str:
        """HTML with its headings' levels changed."""
        return HEADING.sub(self._changed, EMPTY_HEADING.sub("", page))

    def _changed(self, tag: re.Match[str]) -> str:
        if not tag[1]:
            self._last = min(int(tag[2]) + self._top - 1, self._last + 1, 6)
        return f"<{tag[1]}h{self._last}{tag[3]}"
