"""Taking in what students hand in: the files of a folder, whatever lies there, or why not.

What a notebook holds is for the process to read that grades it; here, only names, sizes and links
count. Where several notebooks could be meant, they are searched for the assignment's names.
"""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from io import FileIO
from pathlib import Path, PurePath

from referee.collect.files import MAX_DEPTH, walk
from referee.model.assignment import Assignment, AssignmentCell
from referee.model.limits import Limits
from referee.model.outcomes import Outcome, Refused
from referee.model.work import SubmittedFile
from referee.nbgrader.timestamps import read_timestamp
from referee.notebook.parse import DEFINITION

MAX_PATH = 1000  # bytes of a file's name with its folders
MAX_SEARCHED = 2**24  # bytes of a notebook in which the assignment's names are looked for
MAX_SHOWN = 10  # files that a reason names
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
TIMESTAMP = "timestamp.txt"
Cells = tuple[AssignmentCell, ...]


@dataclass
class Intake:
    """What is taken of a submission; `notes` say what was left out or is odd.

    `notebooks` are by the name of the notebook that each is taken for; `handed_in` is in UTC, and
    None where no timestamp.txt says it.
    """

    notebooks: dict[str, SubmittedFile]
    files: dict[str, bytes]
    notes: list[str] = field(default_factory=list)
    handed_in: datetime | None = None


def read_submission(
    folder: Path, assignment: Assignment, limits: Limits, ignore: Sequence[str] = ()
) -> Intake:
    """Read a submission's folder, as much of it as the limits let in.

    Files and folders whose names match a pattern of `ignore` are left out.

    Raises:
        Refused: it cannot be graded, and why.

    """
    try:
        _require_folder(folder)
        return _Reader(folder, limits, ignore).read(assignment)
    except OSError as error:
        raise Refused(Outcome.UNREADABLE, f"the folder cannot be read: {error.strerror}") from None


def is_ignored(path: PurePath, patterns: Sequence[str]) -> bool:
    """Whether a file, or a folder that it is in, has a name that matches one of the patterns."""
    return any(fnmatch(part, pattern) for part in path.parts for pattern in patterns)


def _require_folder(folder: Path) -> None:
    """Refuse what is a link, or is not there."""
    if folder.is_symlink() or folder.parent.is_symlink():
        raise Refused(Outcome.UNREADABLE, "the folder is a link to another, which is not read")
    if not folder.is_dir():
        found = _what_is_there(folder.parent)
        raise Refused(Outcome.MISSING, f"the folder {folder.name} is not there; found: {found}")


@dataclass
class _Reader:
    """Reads one folder."""

    folder: Path
    limits: Limits
    ignore: Sequence[str]
    notes: list[str] = field(default_factory=list)

    def read(self, assignment: Assignment) -> Intake:
        """Take the notebooks, and then the other files."""
        intake, home = Intake({}, {}, self.notes), self.folder
        expected = {notebook.name: notebook.cells for notebook in assignment.notebooks}
        for name, cells in expected.items():
            path = self._find_notebook(name, cells, alone=len(expected) == 1)
            if path is not None:
                content = _read_file(path, self.limits.notebook_file)
                intake.notebooks[name] = SubmittedFile(_shown(path, path.parent), content)
                home = path.parent
        if not intake.notebooks:
            wanted = " and ".join(f"{name}.ipynb" for name in expected)
            found = _what_is_there(self.folder)
            verb = "is" if len(expected) == 1 else "are"
            raise Refused(Outcome.MISSING, f"{wanted} {verb} not there; found: {found}")
        self.notes += [
            f"{name}.ipynb is not there" for name in expected if name not in intake.notebooks
        ]
        for name, content in self._read_files(home):
            intake.files.setdefault(name, content)
        intake.handed_in = read_timestamp(intake.files.get(TIMESTAMP, b""))
        return intake

    def _find_notebook(self, name: str, expected: Cells, alone: bool) -> Path | None:
        """The file of a notebook: the one of that name, else the only one that could be meant."""
        wanted = self.folder / f"{name}.ipynb"
        if wanted.is_symlink():
            raise Refused(
                Outcome.UNREADABLE, f"{wanted.name} is a link to something else, which is not read"
            )
        if wanted.exists() and not wanted.is_dir():
            return wanted
        found = _notebooks(self.folder) if alone else []
        if len(found) > 1:
            named = [path for path in found if path.name == wanted.name]
            found = (
                named
                if len(named) == 1
                else [path for path in found if self._belongs(path, expected)]
            )
        if len(found) > 1:
            names = _listed(found, self.folder)
            reason = f"{wanted.name} is not there, and several could be meant: {names}"
            raise Refused(Outcome.MISSING, reason)
        if not found:
            return None
        self.notes.append(
            f"{_shown(found[0], self.folder)} is taken for {wanted.name}, which is not there"
        )
        return found[0]

    def _belongs(self, path: Path, expected: Cells) -> bool:
        """Whether a file speaks of the assignment's cells; it is searched as text, not parsed."""
        try:
            with path.open("rb") as file:
                content = file.read(MAX_SEARCHED)
        except OSError:
            return False
        return any(
            json.dumps(cell.name).encode() in content
            or any(f"def {name}(".encode() in content for name in DEFINITION.findall(cell.source))
            for cell in expected
        )

    def _read_files(self, home: Path) -> Iterator[tuple[str, bytes]]:
        """The other files, as far as there is room for them; links and pipes are left out.

        What lies beside the notebook, in the folder `home`, will lie beside it again.
        """
        # What lies higher comes first, for a name can be given once; timestamp.txt, for example.
        folder, notes, room = self.folder, self.notes, self.limits.files
        found = sorted(
            (
                path
                for path in _other_files(folder)
                if not is_ignored(path.relative_to(folder), self.ignore)
            ),
            key=lambda path: (home in path.parents, len(path.parts), path),
        )
        most = self.limits.submitted_files
        if len(found) > most:
            notes.append(f"{len(found) - most} of {len(found)} other files were left out")
        for path in found[:most]:
            shown = _shown(path, folder)
            place = path.relative_to(home if home in path.parents else folder)
            name = (
                os.fsencode(place)
                .decode(errors="replace")
                .replace("\N{REPLACEMENT CHARACTER}", "_")
            )
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
            if name == TIMESTAMP and read_timestamp(content) is None:
                notes.append(f"{TIMESTAMP} holds no date and was left out")
                continue
            room -= len(content)
            yield name, content


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


def _other_files(folder: Path) -> Iterator[Path]:
    """All but notebooks and folders, and the folders too deep to look into; no link is followed."""
    for path in walk(folder):
        too_deep = len(path.relative_to(folder).parts) > MAX_DEPTH
        is_folder = path.is_dir() and not path.is_symlink()
        if too_deep or not (is_folder or path.name.endswith(".ipynb")) or path.is_symlink():
            yield path


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
