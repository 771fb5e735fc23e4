"""Taking in what students hand in: the files of a folder, whatever lies there, or why not.

What a notebook holds is for the worker to read that grades it; here, only names, sizes and links
count, unless several notebooks could be meant.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

from nbgrader.utils import parse_utc

from referee.assignment import Assignment, AssignmentCell
from referee.files import MAX_DEPTH, walk
from referee.outcomes import Outcome, Refused
from referee.parse import parse_notebook
from referee.sanitise import is_some_of

MAX_NOTEBOOK = 2**28  # bytes of a notebook file; more than any with pictures and films in it
MAX_TIMESTAMP = 100  # bytes; what finds the date in a text takes the square of its length
MAX_COUNT = 1000  # other files that are taken; an environment of Python's has tens of thousands
MAX_PATH = 1000  # bytes of a file's name with its folders
MAX_SHOWN = 10  # files that a reason names
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
TIMESTAMP = "timestamp.txt"
Cells = tuple[AssignmentCell, ...]


@dataclass
class Intake:
    """What is taken of a submission; `notes` say what was left out or is odd.

    `notebooks` are files, name and content, by the name of the notebook that each is taken for.
    """

    notebooks: dict[str, tuple[str, bytes]]
    files: dict[str, bytes]
    notes: list[str] = field(default_factory=list)


def take_in(folder: Path, assignment: Assignment, max_files: int) -> Intake:
    """Read a submission's folder; `max_files` is how many bytes of other files are taken.

    Raises:
        Refused: it cannot be graded, and why.

    """
    try:
        _require_folder(folder)
        return _take_in(folder, assignment, max_files)
    except OSError as error:
        raise Refused(Outcome.UNREADABLE, f"the folder cannot be read: {error.strerror}") from None


def _take_in(folder: Path, assignment: Assignment, max_files: int) -> Intake:
    intake, home = Intake({}, {}), folder
    expected = {notebook.name: notebook.cells for notebook in assignment.notebooks}
    for name, cells in expected.items():
        path = _find_notebook(folder, name, cells, intake.notes, alone=len(expected) == 1)
        if path is not None:
            intake.notebooks[name] = _shown(path, path.parent), _read_file(path, MAX_NOTEBOOK)
            home = path.parent
    if not intake.notebooks:
        wanted = " and ".join(f"{name}.ipynb" for name in expected)
        found = _what_is_there(folder)
        raise Refused(Outcome.MISSING, f"{wanted} is not there; found: {found}")
    intake.notes += [
        f"{name}.ipynb is not there" for name in expected if name not in intake.notebooks
    ]
    for name, content in _read_files(folder, home, max_files, intake.notes):
        intake.files.setdefault(name, content)
    return intake


def _require_folder(folder: Path) -> None:
    """Refuse what is a link, or is not there."""
    if folder.is_symlink() or folder.parent.is_symlink():
        raise Refused(Outcome.UNREADABLE, "the folder is a link to another, which is not read")
    if not folder.is_dir():
        found = _what_is_there(folder.parent)
        raise Refused(Outcome.MISSING, f"the folder {folder.name} is not there; found: {found}")


def _find_notebook(
    folder: Path, name: str, expected: Cells, notes: list[str], alone: bool
) -> Path | None:
    """The file of a notebook: the one of that name, else the only one that could be meant."""
    wanted = folder / f"{name}.ipynb"
    if wanted.is_symlink():
        raise Refused(
            Outcome.UNREADABLE, f"{wanted.name} is a link to something else, which is not read"
        )
    if wanted.exists() and not wanted.is_dir():
        return wanted
    found = _notebooks(folder) if alone else []
    if len(found) > 1:
        named = [path for path in found if path.name == wanted.name]
        found = named if len(named) == 1 else [path for path in found if _belongs(path, expected)]
    if len(found) > 1:
        names = _listed(found, folder)
        reason = f"{wanted.name} is not there, and several could be meant: {names}"
        raise Refused(Outcome.MISSING, reason)
    if not found:
        return None
    notes.append(f"{_shown(found[0], folder)} is taken for {wanted.name}, which is not there")
    return found[0]


def _notebooks(folder: Path) -> list[Path]:
    """The notebooks in a folder and those below it, less what Jupyter keeps for itself."""
    return sorted(
        path
        for path in walk(folder)
        if path.name.endswith(".ipynb")
        and not path.is_symlink()
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _belongs(path: Path, expected: Cells) -> bool:
    try:
        notebook = parse_notebook(path.name, _read_file(path, MAX_NOTEBOOK), [])
    except Refused:
        return False
    return is_some_of(notebook.cells, expected)


def _what_is_there(folder: Path) -> str:
    found = _notebooks(folder) or sorted(folder.iterdir())
    return _listed(found, folder) or "an empty folder"


def _listed(paths: list[Path], folder: Path) -> str:
    names = [_shown(path, folder) for path in paths[:MAX_SHOWN]]
    more = len(paths) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _shown(path: Path, folder: Path) -> str:
    """A file's name as one line of text; a folder's ends with a slash."""
    name = os.fsencode(path.relative_to(folder)).decode(errors="replace")
    name = name if len(name) < 200 else f"{name[:200]}..."
    name += "/" if path.is_dir() and not path.is_symlink() else ""
    return name if name.isprintable() else repr(name)


def _read_files(
    folder: Path, home: Path, room: int, notes: list[str]
) -> Iterator[tuple[str, bytes]]:
    """The other files, as far as there is room for them; links and pipes are left out.

    What lies beside the notebook, in the folder `home`, will lie beside it again.
    """
    # What lies higher comes first, for a name can be given once; timestamp.txt, for example.
    found = sorted(
        _other_files(folder), key=lambda path: (home in path.parents, len(path.parts), path)
    )
    if len(found) > MAX_COUNT:
        notes.append(f"{len(found) - MAX_COUNT} of {len(found)} other files were left out")
    for path in found[:MAX_COUNT]:
        shown = _shown(path, folder)
        place = path.relative_to(home if home in path.parents else folder)
        name = os.fsencode(place).decode(errors="replace").replace("\N{REPLACEMENT CHARACTER}", "_")
        if len(path.relative_to(folder).parts) > MAX_DEPTH or len(name.encode()) > MAX_PATH:
            notes.append(f"{shown} has too long a name or is too deep in folders; left out")
            continue
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                notes.append(f"{shown} is a link or no file at all, and was left out")
                continue
            if status.st_size > room:
                notes.append(f"{shown} is larger than what a submission may bring; left out")
                continue
            content = _read_file(path, room)
        except (OSError, Refused):
            notes.append(f"{shown} cannot be read and was left out")
            continue
        if name == TIMESTAMP and not _is_timestamp(content):
            notes.append(f"{TIMESTAMP} holds no date and was left out")
            continue
        room -= len(content)
        yield name, content


def _other_files(folder: Path) -> Iterator[Path]:
    """All but notebooks and folders, and the folders too deep to look into; no link is followed."""
    for path in walk(folder):
        too_deep = len(path.relative_to(folder).parts) > MAX_DEPTH
        is_folder = path.is_dir() and not path.is_symlink()
        if too_deep or not (is_folder or path.name.endswith(".ipynb")) or path.is_symlink():
            yield path


def _is_timestamp(content: bytes) -> bool:
    try:
        return len(content) <= MAX_TIMESTAMP and parse_utc(content.decode().strip()) is not None
    except Exception:  # dateutil's errors are many
        return False


def _read_file(path: Path, most: int) -> bytes:
    """A file's content, if it is a file, and no link to one.

    Raises:
        Refused: it cannot be read, or is larger than `most` bytes.

    """
    name = _shown(path, path.parent)
    try:
        with FileIO(path, opener=lambda file, _: os.open(file, FLAGS)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Refused(Outcome.NOT_A_NOTEBOOK, f"{name} is not a file")
            if status.st_nlink > 1:
                reason = f"{name} is a hard link to another file, which is not read; copy it"
                raise Refused(Outcome.UNREADABLE, reason)
            if status.st_size > most:
                size = f"{status.st_size / 2**20:.0f} MiB"
                raise Refused(Outcome.UNREADABLE, f"{name} is too large: {size}")
            return file.read()
    except OSError as error:
        raise Refused(Outcome.UNREADABLE, f"{name} cannot be read: {error.strerror}") from None
