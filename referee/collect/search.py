"""Finding the notebooks of an assignment in a submission, also under names that are not theirs.

Notebooks are searched as text, and not parsed: that is for the process that grades them.
"""

import json
from pathlib import Path

from referee.collect.files import listed, notebooks_in, shown, what_is_there
from referee.model.assignment import Assignment, AssignmentCell
from referee.model.outcomes import Outcome, Refused
from referee.notebook.restore import DEFINITION
from referee.text import in_nfc

MAX_SEARCHED = 2**24  # bytes of a notebook in which the assignment's cells are looked for
SHORTEST_LINE = 12  # characters of a line that says which cell it is of
SHARE = 0.25  # of a notebook that is in a file which is taken for it; a notebook of notes has less
Cells = tuple[AssignmentCell, ...]


class NotebookSearch:
    """Which file is which notebook: `found` by name; `notes` say what was taken for another.

    A file of the right name comes first. Otherwise, it is the only one of that name in folders
    below, or the only one that has the notebook's cells.

    Raises:
        Refused: a notebook is a link.

    """

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        self.notes: list[str] = []
        self._folder = folder
        self._expected = {notebook.name: notebook.cells for notebook in assignment.notebooks}
        named = {name: _named(folder, f"{name}.ipynb") for name in self._expected}
        self.found = {name: path for name, path in named.items() if path is not None}
        self._missing: dict[str, list[Path]] = {}  # with what could be meant
        self._others: list[Path] = []
        if len(self.found) < len(named):
            self._look_further()

    def why_nothing_is_there(self) -> str:
        """The reason where no notebook was found."""
        wanted = " and ".join(f"{name}.ipynb" for name in self._expected)
        verb = "is" if len(self._expected) == 1 else "are"
        several = {path for could_be in self._missing.values() for path in could_be}
        if several:
            names = listed(sorted(several), self._folder)
            return f"{wanted} {verb} not there, and several could be meant: {names}"
        return f"{wanted} {verb} not there; found: {what_is_there(self._folder)}"

    def why_some_are_missing(self) -> list[str]:
        """A reason for each notebook that was not found, while others were."""
        return list(map(self._why_missing, self._missing))

    def _why_missing(self, name: str) -> str:
        if could_be := self._missing[name]:
            names = listed(could_be, self._folder)
            return f"{name}.ipynb is not there, and several could be meant: {names}"
        rest = f"; left over: {listed(self._others, self._folder)}" if self._others else ""
        return f"{name}.ipynb is not there{rest}"

    def _look_further(self) -> None:
        """Take what lies in other folders, or has another name."""
        taken = set(self.found.values())
        self._others = [path for path in notebooks_in(self._folder) if path not in taken]
        for name in [name for name in self._expected if name not in self.found]:
            could_be = self._could_be(name)
            if len(could_be) == 1:
                self.found[name] = could_be[0]
                self._others = [path for path in self._others if path != could_be[0]]
                where = shown(could_be[0], self._folder)
                self.notes.append(f"{where} is taken for {name}.ipynb, which is not there")
            else:
                self._missing[name] = could_be

    def _could_be(self, name: str) -> list[Path]:
        """The files that could be meant by a notebook."""
        if len(self._expected) == 1 and len(self._others) == 1:
            return self._others
        named = [path for path in self._others if in_nfc(path.stem) == in_nfc(name)]
        if len(named) == 1:
            return named
        return [path for path in self._others if self._is_about(path) == name]

    def _is_about(self, path: Path) -> str | None:
        """The notebook whose cells are in a file; None if they are of none, or of several."""
        content = _read(path)
        shares = {name: _share(cells, content) for name, cells in self._expected.items()}
        best = max(shares.values())
        names = [name for name, share in shares.items() if share == best]
        enough = 0 if len(self._expected) == 1 else SHARE
        return names[0] if best > enough and len(names) == 1 else None


def _named(folder: Path, name: str) -> Path | None:
    """The file of that name in a folder, also if a Mac has written the name."""
    path = folder / name
    if not path.exists() and not path.is_symlink() and not name.isascii():
        same = (each for each in sorted(folder.iterdir()) if in_nfc(each.name) == in_nfc(name))
        path = next(same, path)
    if path.is_symlink():
        reason = f"{shown(path, folder)} is a link to something else, which is not read"
        raise Refused(Outcome.UNREADABLE, reason)
    return path if path.exists() and not path.is_dir() else None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SEARCHED)
    except OSError:
        return b""


def _share(cells: Cells, content: bytes) -> float:
    """How much of a notebook is in a file: 1 if all of its cells are, by all of their signs."""
    found = [[any(each in content for each in sign) for sign in _signs(cell)] for cell in cells]
    return sum(sum(signs) / len(signs) for signs in found) / max(1, len(found))


def _signs(cell: AssignmentCell) -> list[set[bytes]]:
    """What says in a file that a cell is there: its name, its functions, its longest line.

    Each is a set of the ways in which it may be written.
    """
    signs = [{json.dumps(cell.name).encode()}]
    signs += [{f"def {name}(".encode()} for name in DEFINITION.findall(cell.source)]
    line = max(cell.released.splitlines(), key=len, default="").strip()
    if len(line) >= SHORTEST_LINE:
        signs.append({json.dumps(line, ensure_ascii=way)[1:-1].encode() for way in (True, False)})
    return signs
