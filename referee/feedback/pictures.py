"""Pictures that lie beside the assignment's notebook, where a text shows them on a page."""

import base64
import re
from pathlib import Path

from nbformat import NotebookNode

from referee.notebook.pictures import GIF

NAME = re.compile(r"[\w.-]+")  # that Markdown takes as it is
KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": GIF}
MOST = 200_000  # bytes of all pictures of an assignment: each page has them
PREFIX = "beside-the-notebook/"  # no attachment of a student's is called so
Pictures = dict[str, dict[str, str]]  # as a cell's attachments: by name, and by kind


def pictures_in(folder: Path) -> Pictures:
    """The pictures of an assignment's folder, the small ones first, as many as a page can have."""
    paths = [path for path in folder.glob("*") if _is_picture(path)]
    found: Pictures = {}
    room = MOST
    for path in sorted(paths, key=lambda path: (path.stat().st_size, path.name)):
        content = path.read_bytes()
        room -= len(content)
        if room < 0:
            break
        encoded = base64.b64encode(content).decode()
        found[path.name] = {KINDS[path.suffix.lower()]: encoded}
    return found


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in KINDS and bool(NAME.fullmatch(path.name)) and path.is_file()


def attach_pictures(nb: NotebookNode, pictures: Pictures) -> None:
    """Attach to each text the pictures of the assignment that it shows: `![title](name.png)`."""
    for cell in nb.cells:
        if cell.cell_type != "markdown":
            continue
        for name, picture in pictures.items():
            shown = re.compile(rf"(!\[[^\]\n]*\]\()(?:\./)?{re.escape(name)}(?=[)\s])")
            if shown.search(cell.source):
                attached = f"{PREFIX}{name}"
                cell.source = shown.sub(rf"\g<1>attachment:{attached}", cell.source)
                cell.attachments = {**cell.get("attachments", {}), attached: picture}
