"""What the gradebook does not know of a notebook: headings, imports, cells without a grade id."""

import html
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import mistune
import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution, is_task

from referee.errors import RefereeError
from referee.model.questions import number_of
from referee.notebook.definitions import (
    classes_in,
    defined_in,
    files_written_in,
    globals_changed_in,
    globals_read_in,
    globals_written_in,
    imports_in,
    methods_in,
)
from referee.text import one_line

PARSE = mistune.create_markdown(renderer=None)
IN_HTML = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[^>]*>")
KEPT = 50  # notebooks, which a run reads several times


def is_managed(cell: NotebookNode) -> bool:
    """Whether nbgrader knows a cell of a master. An ordinary one may have its metadata, too."""
    return bool(is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell))


@dataclass(frozen=True)
class Released:
    """Of a released notebook: the headings that cells stand under, by grade id, and other texts.

    `texts` are the sources of the cells that nbgrader does not manage. `imports` are those of the
    master's code cells of this kind, by the grade id of the code cell that follows, and
    `own_imports` those of its solutions, by their grade ids; `reads` and `writes` are the globals
    that functions of these use, and give values to, `changes` the latter and those that they
    change in place, `defines` the functions and classes in them, `classes` the classes alone,
    `methods` these with each of their methods, and `saves` the files that they write to.
    """

    headings: dict[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    imports: dict[str, str] = field(default_factory=dict)
    own_imports: dict[str, str] = field(default_factory=dict)
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    defines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    writes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    saves: dict[str, tuple[str, ...]] = field(default_factory=dict)
    methods: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)


class ReleasedNotebooks:
    """Reads them in the release, or in the master where there is none."""

    def __init__(self, release: Path | None, source: Path | None) -> None:
        self._release = release
        self._source = source

    def of(self, notebook: str) -> Released:
        """Read one of them; of a notebook that is nowhere, nothing is known.

        Raises:
            RefereeError: it cannot be read.

        """
        return _released(self._read(self._release, notebook), self._read(self._source, notebook))

    def _read(self, folder: Path | None, notebook: str) -> bytes | None:
        path = folder / f"{notebook}.ipynb" if folder is not None else None
        if path is None or not path.is_file():
            return None
        content = path.read_bytes()
        try:
            _cells_in(content)
        except Exception as error:  # nbformat's are many; git leaves such files behind
            remedy = (
                f"Make it anew: `referee release {shlex.quote(path.parent.name)}`."
                if folder is self._release
                else "Correct it."
            )
            raise RefereeError(
                f"{path} is no notebook that can be read: {one_line(str(error))}. {remedy}"
            ) from error
        return content


@lru_cache(KEPT)
def _cells_in(content: bytes) -> list[NotebookNode]:
    cells: list[NotebookNode] = nbformat.reads(content.decode(), as_version=4).cells
    return cells


@lru_cache(KEPT)
def _released(release: bytes | None, master: bytes | None) -> Released:
    """What is known of a notebook, from the file of its release and that of its master."""
    if (content := release or master) is None:
        return Released()
    cells = _cells_in(content)
    solutions = dict(_solutions(_cells_in(master) if master else []))
    own = {name: imports_in(source) for name, source in solutions.items()}
    reads = {name: globals_read_in(source) for name, source in solutions.items()}
    defines = {name: defined_in(source) for name, source in solutions.items()}
    classes = {name: classes_in(source) for name, source in solutions.items()}
    writes = {name: globals_written_in(source) for name, source in solutions.items()}
    saves = {name: files_written_in(source) for name, source in solutions.items()}
    methods = {name: methods_in(source) for name, source in solutions.items()}
    changes = {name: globals_changed_in(source) for name, source in solutions.items()}
    return Released(
        dict(_headings(cells, released=release is not None)),
        tuple(cell.source for cell in cells if not is_managed(cell)),
        dict(_imports_before(_cells_in(master) if master else cells)),
        *(own, reads, defines, classes, writes, saves, methods, changes),
    )


def _imports_before(cells: list[NotebookNode]) -> Iterator[tuple[str, str]]:
    """Grade ids of code cells, and the imports of the ordinary cells before them."""
    before: list[str] = []
    for cell in cells:
        if cell.cell_type != "code":
            continue
        if is_managed(cell):
            yield cell.metadata.nbgrader.grade_id, "\n".join(filter(None, before))
            before = []
        else:
            before.append(imports_in(cell.source))


def _solutions(cells: list[NotebookNode]) -> Iterator[tuple[str, str]]:
    """Grade ids of solution cells, and what is in them."""
    for cell in cells:
        if cell.cell_type == "code" and is_solution(cell) and not is_grade(cell):
            yield cell.metadata.nbgrader.grade_id, cell.source


def _headings(cells: list[NotebookNode], released: bool) -> Iterator[tuple[str, str]]:
    """Grade ids and headings. A text of the assignment's own may have its heading in itself.

    In the master, only plain texts count: others may hold solutions.
    """
    above = ""
    for cell in cells:
        grade_id = cell.metadata.nbgrader.grade_id if is_managed(cell) else None
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
