"""A kernel's outputs, built anew from checked fields: nothing else of what it sent goes on."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from referee.notebook.drawings import is_soon_drawn
from referee.notebook.pictures import NOT_SHOWN, PICTURES, SVG, is_picture, is_svg

TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex")
STREAMS = ("stdout", "stderr")
LONGEST_SIDE = 10_000  # pixels
NOT_DRAWN = "[a drawing that takes too long to draw, or cannot be read]"
MAX_NAME = 200  # characters of an error's name
PLAIN = "text/plain"
KIND = re.compile(r"[a-z]+/[\w.+-]{1,80}", re.ASCII)
MAX_NOT_SHOWN = 3


def built_output(message: Any) -> NotebookNode | None:
    """The output that a message of a kernel is about, or None if it is about none.

    Only text, PNG, JPEG, GIF and SVG are taken, each only if it is what it claims to be. Of the
    metadata, only the width and the height of pictures are. What else was displayed is named there.
    """
    kind, content = message.get("msg_type"), message.get("content")
    if not isinstance(content, dict):
        return None
    match kind:
        case "stream":
            return _stream(content)
        case "execute_result" | "display_data" | "update_display_data":
            return _display(kind, content)
        case "error":
            return _error(content)
    return None


def leave_out_slow_drawings(outputs: Iterable[NotebookNode]) -> None:
    """Leave out each SVG that a browser could draw for ever; what is shown beside it stays.

    It takes a moment, so it is for what is kept in the end, not for each message of a kernel.
    """
    for output in outputs:
        data = output.get("data", {})
        if SVG in data and not is_soon_drawn(data[SVG]):
            del data[SVG]
            data.setdefault("text/plain", NOT_DRAWN)


def size_of(output: NotebookNode) -> int:
    """How many characters of text and of encoded pictures an output has."""
    texts: list[str] = [*output.get("data", {}).values(), *output.get("traceback", ())]
    texts += [output.get("text", ""), output.get("ename", ""), output.get("evalue", "")]
    texts += output.get("metadata", {}).get(NOT_SHOWN, ())
    return sum(map(len, texts))


def _stream(content: dict[str, Any]) -> NotebookNode | None:
    name, text = content.get("name"), content.get("text")
    if name not in STREAMS or not isinstance(text, str):
        return None
    return nbformat.v4.new_output("stream", name=name, text=_plain(text))


def _display(kind: str, content: dict[str, Any]) -> NotebookNode | None:
    data, metadata = content.get("data"), content.get("metadata")
    if not isinstance(data, dict):
        return None
    built = {name: checked for name in data if (checked := _checked(name, data[name]))}
    about = metadata if isinstance(metadata, dict) else {}
    sides = {name: _sides(about.get(name)) for name in PICTURES if name in built}
    known: dict[str, Any] = {name: found for name, found in sides.items() if found}
    if not_shown := _not_shown(data, built):
        known[NOT_SHOWN] = not_shown
    count = content.get("execution_count")
    if kind == "execute_result":
        number = count if type(count) is int else None
        return nbformat.v4.new_output(kind, data=built, metadata=known, execution_count=number)
    return nbformat.v4.new_output("display_data", data=built, metadata=known)


def _checked(kind: Any, content: Any) -> str:
    """Text or an encoded picture, if it is of this kind and the kind is known; empty otherwise."""
    if not isinstance(kind, str) or not isinstance(content, str):
        return ""
    if kind in TEXTS or (kind == SVG and is_svg(content)):
        return _plain(content)
    return content if kind in PICTURES and is_picture(kind, content) else ""


def _not_shown(data: dict[Any, Any], built: dict[str, str]) -> list[str]:
    """The kinds that were displayed and not taken, if nothing but a name stands for them."""
    if built.keys() - {PLAIN}:
        return []
    kinds = (kind for kind in data if isinstance(kind, str) and KIND.fullmatch(kind))
    return [kind for kind in kinds if kind not in (*TEXTS, *built)][:MAX_NOT_SHOWN]


def _sides(claimed: Any) -> dict[str, int]:
    """Width and height of a picture, as far as they are sensible."""
    if not isinstance(claimed, dict):
        return {}
    return {
        side: length
        for side in ("width", "height")
        if type(length := claimed.get(side)) is int and 0 < length <= LONGEST_SIDE
    }


def _error(content: dict[str, Any]) -> NotebookNode:
    name, message = (
        text if isinstance(text := content.get(field), str) else "" for field in ("ename", "evalue")
    )
    lines = content.get("traceback")
    lines = lines if isinstance(lines, list) else []
    traceback = [_plain(line) for line in lines if isinstance(line, str)]
    return nbformat.v4.new_output(
        "error", ename=_plain(name)[:MAX_NAME], evalue=_plain(message), traceback=traceback
    )


def _plain(text: str) -> str:
    """The text without lone surrogates, with which it could not be saved."""
    return text.encode("utf-8", "replace").decode()


@dataclass
class OutputRoom:
    """How many characters of output are kept: of one cell, and of all of a notebook."""

    cell: int
    notebook: int

    def left(self, used: int) -> int:
        """How many more a cell may show that has used so many."""
        return min(self.cell, self.notebook) - used

    def spend(self, used: int) -> None:
        """Take off what a cell has used, when it is done."""
        self.notebook -= used
