"""Reading notebooks that students hand in: what is odd becomes plain, or a reason why not.

Only text, cell ids, grade ids and the tag `skip-execution` are taken from a notebook. Outputs,
other metadata and quirks of a notebook's format stay behind, so that what follows meets nothing it
was not made for.
"""

import json
import re
import sys
import warnings
from collections.abc import Iterator
from itertools import count
from typing import Any

import nbformat
from nbformat import NotebookNode

from referee.memory import memory_limit
from referee.model.assignment import Assignment, AssignmentNotebook
from referee.model.outcomes import Outcome, Refused
from referee.model.work import SubmittedFile
from referee.notebook.pictures import PICTURES, is_picture
from referee.notebook.restore import DEFINED, SKIP, functions_of, is_skipped, is_some_of

MEMORY = 2**31  # bytes; some files of 256 MiB would take 100 times as many to parse
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
OLD_FORMATS = (1, 2, 3)
FILE_NAME = re.compile(r"[^\ud800-\udfff]{1,200}")  # of a pasted picture
CELL_TYPES = ("code", "markdown", "raw")
BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def parse_notebooks(
    files: dict[str, SubmittedFile], assignment: Assignment, notes: list[str]
) -> dict[str, NotebookNode]:
    """Read the notebooks of a submission; its files are by the assignment's names.

    Raises:
        Refused: one of them is none, or of another assignment.

    """
    notebooks = {
        name: parse_notebook(files[name].name, files[name].content, notes)
        for name in (expected.name for expected in assignment.notebooks)
        if name in files
    }
    placed = {}
    for name, place in _places_of(notebooks, assignment).items():
        if place != name:
            notes.append(f"{files[name].name} has the cells of {place!r}, and was taken for it")
        placed[place] = notebooks[name]
    for expected in assignment.notebooks:
        if expected.name in placed:
            _require_assignment(placed[expected.name], expected, notes)
    return placed


def _places_of(notebooks: dict[str, NotebookNode], assignment: Assignment) -> dict[str, str]:
    """Which notebook of the assignment each one is: that of its name, or of its cells.

    By its cells, where two or more have none of their own name's, and each is one of the others.
    """
    wanted = {expected.name: expected for expected in assignment.notebooks}
    astray = [name for name, nb in notebooks.items() if not _has_some_of(nb, wanted[name])]
    found = {name: name for name in notebooks}
    for name in astray:
        others = [
            other for other in astray if is_some_of(notebooks[name].cells, wanted[other].cells)
        ]
        if len(others) == 1:
            found[name] = others[0]
    # One that two could be, or that another one stays for, is none of them.
    return found if len({*found.values()}) == len(found) else {name: name for name in notebooks}


def _has_some_of(notebook: NotebookNode, expected: AssignmentNotebook) -> bool:
    return not expected.cells or is_some_of(notebook.cells, expected.cells)


def parse_notebook(file_name: str, content: bytes, notes: list[str]) -> NotebookNode:
    """Read a notebook of any format as one of the current format, with its text and ids only.

    `notes` get what is odd about it.

    Raises:
        Refused: it is none, or cannot be read.

    """
    try:
        with memory_limit(MEMORY):
            return _parse(file_name, content, notes)
    except MemoryError:
        raise Refused(
            Outcome.UNREADABLE, f"{file_name} takes more memory to read than a notebook may"
        ) from None


def _parse(file_name: str, content: bytes, notes: list[str]) -> NotebookNode:
    if not content.strip(b"\0 \t\r\n"):
        raise Refused(Outcome.NOT_A_NOTEBOOK, f"{file_name} is empty")
    text = _decode(content, file_name, notes)
    try:
        raw = json.loads(text)
    except RecursionError:
        raise Refused(Outcome.UNREADABLE, f"{file_name} is nested too deeply") from None
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith("{"):
            raise Refused(
                Outcome.NOT_A_NOTEBOOK, f"{file_name} is something else with a notebook's name"
            ) from None
        raise Refused(Outcome.UNREADABLE, f"{file_name} is damaged or cut short: {error}") from None
    except ValueError:  # Python turns no more digits into a number
        digits = f"{sys.get_int_max_str_digits():,}"
        raise Refused(
            Outcome.UNREADABLE, f"{file_name} has a number of more than {digits} digits"
        ) from None
    return _plain_notebook(_current_format(raw, file_name), file_name, notes)


def _require_assignment(
    notebook: NotebookNode, expected: AssignmentNotebook, notes: list[str]
) -> None:
    """Refuse a notebook that has nothing of the assignment."""
    if _has_some_of(notebook, expected):  # or it is a plain one, to read
        return
    wanted = {found for cell in expected.cells for found in functions_of(cell)}
    if any(wanted & set(DEFINED.findall(cell.source)) for cell in notebook.cells):
        notes.append("no cell is the assignment's own; they are added behind the student's")
        return
    raise Refused(
        Outcome.WRONG_ASSIGNMENT, f"the notebook has no cell and no function of {expected.name!r}"
    )


def _decode(content: bytes, name: str, notes: list[str]) -> str:
    """Text of a file in UTF-8, or in what other editors make of it."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                raise Refused(Outcome.UNREADABLE, f"{name} is not {encoding} text") from None
    try:
        return content.decode(json.detect_encoding(content[:4]))  # UTF-8, but for strange editors
    except UnicodeDecodeError:
        if not content.lstrip().startswith(b"{"):
            raise Refused(
                Outcome.NOT_A_NOTEBOOK, f"{name} is something else with a notebook's name"
            ) from None
        notes.append(f"{name} is not UTF-8 and was read as Windows-1252; letters may differ")
        return content.decode("cp1252", errors="replace")


def _current_format(raw: Any, name: str) -> dict[str, Any]:
    """The notebook as format 4 has it."""
    if not isinstance(raw, dict):
        raise Refused(Outcome.NOT_A_NOTEBOOK, f"{name} is JSON, but no notebook")
    if raw.get("nbformat") not in OLD_FORMATS or "cells" in raw:
        return raw
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Files of these formats have texts as lists of lines.
            form = nbformat.versions[raw["nbformat"]]
            minor = raw.setdefault("nbformat_minor", 0)
            return dict(nbformat.convert(form.to_notebook_json(raw, minor=minor), 4))
    except Exception as error:  # whatever a notebook of a format of 2013 can lack
        raise Refused(
            Outcome.UNREADABLE,
            f"{name} has the old format {raw['nbformat']} and cannot be converted: {error!r}",
        ) from None


def _plain_notebook(raw: dict[str, Any], name: str, notes: list[str]) -> NotebookNode:
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise Refused(Outcome.NOT_A_NOTEBOOK, f"{name} is JSON, but has no list of cells")
    if odd := sum(not isinstance(cell, dict) for cell in cells):
        notes.append(f"{odd} of the cells are none and were left out")
    plain, used = [], set()
    for number, cell in enumerate(cell for cell in cells if isinstance(cell, dict)):
        cell_id = cell.get("id")
        if not isinstance(cell_id, str) or not CELL_ID.fullmatch(cell_id) or cell_id in used:
            cell_id = next(new for new in _new_ids(number) if new not in used)
        used.add(cell_id)
        plain.append(_plain_cell(cell, cell_id))
    # Valid by construction; checking it takes longer than all the rest.
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=plain)


def _new_ids(number: int) -> Iterator[str]:
    """Ids for a cell that has none; the first is new, unless somebody gave it to another."""
    return (f"cell-{number}{'-' * times}" for times in count())


def _attachments(raw: Any) -> NotebookNode:
    """The pictures that a student has pasted into a text, by their names."""
    attached = NotebookNode()
    for name, data in raw.items() if isinstance(raw, dict) else ():
        if isinstance(data, dict) and isinstance(name, str) and FILE_NAME.fullmatch(name):
            pictures = {kind: data[kind] for kind in PICTURES if is_picture(kind, data.get(kind))}
            if pictures:
                attached[name] = NotebookNode(pictures)
    return attached


def _plain_cell(raw: dict[str, Any], cell_id: str) -> NotebookNode:
    """The text of a cell, and what it says which cell it is."""
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    text = source if isinstance(source, str) else ""
    text = text.replace("\r\n", "\n").encode(errors="replace").decode()  # no lone surrogates
    kind = raw.get("cell_type") if raw.get("cell_type") in CELL_TYPES else "raw"
    metadata = raw.get("metadata")
    claimed = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    marks, more = NotebookNode(), NotebookNode()
    if isinstance(claimed, dict) and isinstance(claimed.get("grade_id"), str):
        marks = NotebookNode(nbgrader=NotebookNode(grade_id=claimed["grade_id"]))
    if is_skipped(raw):
        marks.tags = [SKIP]
    if kind == "code":
        more = NotebookNode(outputs=[], execution_count=None)
    elif kind == "markdown" and (attached := _attachments(raw.get("attachments"))):
        more = NotebookNode(attachments=attached)
    return NotebookNode(cell_type=kind, id=cell_id, metadata=marks, source=text, **more)
