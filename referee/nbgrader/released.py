"""What the gradebook does not know of a notebook: its headings, and cells without a grade id."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mistune
import nbformat
from nbformat import NotebookNode

from referee.model.questions import number_of

PARSE = mistune.create_markdown(renderer=None)
IN_HTML = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Released:
    """Of a released notebook: the headings that cells stand under, by grade id, and other texts.

    `texts` are the sources of the cells that nbgrader does not manage.
    """

    headings: dict[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()


class ReleasedNotebooks:
    """Reads them in the release, or in the master where there is none."""

    def __init__(self, release: Path | None, source: Path | None) -> None:
        self._release = release
        self._source = source

    def of(self, notebook: str) -> Released:
        """Read one of them; of a notebook that is nowhere, nothing is known."""
        for folder in (self._release, self._source):
            path = folder / f"{notebook}.ipynb" if folder is not None else None
            if path is not None and path.is_file():
                cells = nbformat.read(path, as_version=4).cells
                plain = (cell.source for cell in cells if "nbgrader" not in cell.metadata)
                headings = dict(_headings(cells, released=folder is self._release))
                return Released(headings, tuple(plain))
        return Released()


def _headings(cells: list[NotebookNode], released: bool) -> Iterator[tuple[str, str]]:
    """Grade ids and headings. A text of the assignment's own may have its heading in itself.

    In the master, only plain texts count: others may hold solutions.
    """
    above = ""
    for cell in cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "markdown" and (released or grade_id is None):
            above = _nearest(list(headings_in(cell.source))) or above
        if grade_id is not None:
            yield grade_id, above


def _nearest(headings: list[str]) -> str:
    """The last heading of a text; one with a number, so that "Hints" below it is none."""
    numbered = [heading for heading in headings if number_of(heading)]
    return (numbered or headings or [""])[-1]


def headings_in(text: str) -> Iterator[str]:
    """The headings of a Markdown text, without their formatting."""
    for block in PARSE(text):
        if block["type"] == "heading":  # type: ignore[index] # it is a list of dictionaries
            yield _joined(_plain(block))
        elif block["type"] == "block_html":  # type: ignore[index]
            for _, content in IN_HTML.findall(block["raw"]):  # type: ignore[index]
                yield _joined(html.unescape(TAG.sub("", content)))


def _plain(token: Any) -> str:
    if "children" in token:
        return "".join(map(_plain, token["children"]))
    return "" if token["type"] == "inline_html" else str(token.get("raw", " "))


def _joined(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())
