"""Taking in what students hand in: the files of a folder, whatever lies there, or why not.

What a notebook holds is for the process to read that grades it; here, only names, sizes and links
count, and in `search` what lies under another name.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from io import FileIO
from pathlib import Path, PurePath

from referee.collect.files import MAX_DEPTH, shown, walk, what_is_there
from referee.collect.search import NotebookSearch
from referee.model.assignment import Assignment
from referee.model.limits import Limits
from referee.model.outcomes import Outcome, Refused
from referee.model.work import SubmittedFile
from referee.nbgrader.timestamps import TIMESTAMP, Timestamp, not_understood, read_timestamp

MAX_PATH = 1000  # bytes of a file's name with its folders
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Intake:
    """What is taken of a submission; `notes` say what was left out or is odd.

    `notebooks` are by the name of the notebook that each is taken for; `missing` says of those that
    are not there what was found instead. `handed_in` is in UTC, and None where no timestamp.txt
    says it, or says it so that it is `time_unclear`.
    """

    notebooks: dict[str, SubmittedFile]
    files: dict[str, bytes]
    notes: list[str] = field(default_factory=list)
    handed_in: datetime | None = None
    missing: list[str] = field(default_factory=list)
    time_unclear: bool = False


def read_submission(
    folder: Path,
    assignment: Assignment,
    limits: Limits,
    ignore: Sequence[str] = (),
    timezone: str = "UTC",
) -> Intake:
    """Read a submission's folder, as much of it as the limits let in.

    Files and folders whose names match a pattern of `ignore` are left out. `timezone` is the one
    that the course's exchange writes times in.

    Raises:
        Refused: it cannot be graded, and why.

    """
    try:
        _require_folder(folder)
        return _Reader(folder, limits, ignore, timezone).read(assignment)
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
        found = what_is_there(folder.parent)
        raise Refused(Outcome.MISSING, f"the folder {folder.name} is not there; found: {found}")


@dataclass
class _Reader:
    """Reads one folder."""

    folder: Path
    limits: Limits
    ignore: Sequence[str]
    timezone: str
    notes: list[str] = field(default_factory=list)

    def read(self, assignment: Assignment) -> Intake:
        """Take the notebooks, and then the other files."""
        intake, home = Intake({}, {}, self.notes), self.folder
        search = NotebookSearch(self.folder, assignment)
        for name, path in search.found.items():
            content = _read_file(path, self.limits.notebook_file)
            intake.notebooks[name] = SubmittedFile(shown(path, path.parent), content)
            home = path.parent
        if not intake.notebooks:
            raise Refused(Outcome.MISSING, search.why_nothing_is_there())
        self.notes += search.notes
        intake.missing += search.why_some_are_missing()
        for name, content in self._read_files(home):
            intake.files.setdefault(name, content)
        self._read_timestamp(intake)
        return intake

    def _read_timestamp(self, intake: Intake) -> None:
        timestamp = read_timestamp(intake.files.get(TIMESTAMP, b""), self.timezone)
        intake.handed_in, intake.time_unclear = timestamp.handed_in, bool(timestamp.unclear)
        if timestamp.unclear:
            self.notes.append(not_understood(timestamp.unclear))

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
            label = shown(path, folder)
            place = path.relative_to(home if home in path.parents else folder)
            name = (
                os.fsencode(place)
                .decode(errors="replace")
                .replace("\N{REPLACEMENT CHARACTER}", "_")
            )
            if len(path.relative_to(folder).parts) > MAX_DEPTH or len(name.encode()) > MAX_PATH:
                notes.append(f"{label} has too long a name or is too deep in folders; left out")
                continue
            try:
                status = path.lstat()
                if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                    notes.append(f"{label} is a link or no file at all, and was left out")
                    continue
                if status.st_size > room:
                    notes.append(f"{label} is larger than what a submission may bring; left out")
                    continue
                content = _read_file(path, room)
            except (OSError, Refused):
                notes.append(f"{label} cannot be read and was left out")
                continue
            if name == TIMESTAMP and read_timestamp(content) == Timestamp():
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


def _read_file(path: Path, most: int) -> bytes:
    """A file's content, if it is a file, and no link to one.

    Raises:
        Refused: it cannot be read, or is larger than `most` bytes.

    """
    name = shown(path, path.parent)
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
