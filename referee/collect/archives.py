"""Reading archives that others have filled: what can do harm is left out, and nothing is unpacked.

An archive is a zip file or a folder, as a learning platform exports it. All names, sizes and kinds
in it may be a student's. Nothing is written here, and of a file no more is read than it says it
has, and no more than the limits let in.
"""

import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path, PurePosixPath

from referee.collect.files import MAX_DEPTH, walk
from referee.errors import RefereeError
from referee.text import in_nfc, printable_line

MAX_ENTRIES = 50_000  # files of one archive; a class of 1000 with 20 files each has 20,000
MAX_TOTAL = 8 * 2**30  # bytes of all files of one archive, unpacked
MAX_RATIO = 200  # of a file's size to what it takes in the archive; a notebook has about 5
SMALL = 2**24  # bytes; a smaller file cannot be a bomb, whatever its ratio
MAX_PART, MAX_NAME = 255, 1000  # bytes of the name of one file or folder, and with its folders
UNWANTED = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of characters, ends of lines
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # what turns text around
ENCRYPTED, UTF_8 = 0x1, 0x800  # flags of a file in a zip
OF_WINDOWS = 0  # the system of a zip that Windows, or DOS, has made
# What names may be in that a zip does not say to be UTF-8: DOS, and Windows in western Europe.
CODE_PAGES = ("cp437", "cp1252", "cp850")
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
NOTEBOOK = ".ipynb"
NOISE = ("__MACOSX", ".DS_Store", "Thumbs.db", ".ipynb_checkpoints", "__pycache__")
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class LeftOut:
    """A file that is not taken, and why."""

    name: str
    reason: str


@dataclass
class Archive:
    """The files that can be taken from an archive, by path, and those that cannot.

    `sizes` are in bytes, as the archive says them.
    """

    name: str
    sizes: dict[PurePosixPath, int] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    _readers: dict[PurePosixPath, Callable[[int], bytes]] = field(default_factory=dict)

    def read(self, path: PurePosixPath, most: int) -> bytes:
        """The content of a file.

        Raises:
            Damaged: it is larger than `most` bytes, or cannot be read.

        """
        if self.sizes[path] > most:
            raise Damaged(f"it is larger than {most / 2**20:.0f} MiB")
        try:
            content = self._readers[path](most + 1)
        except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile) as why:
            raise Damaged(f"it cannot be read: {printable_line(str(why))}") from None
        if len(content) > most:
            raise Damaged("it is larger than the archive says")
        return content

    def _add(
        self, name: str, problem: str | None, size: int, reader: Callable[[int], bytes]
    ) -> None:
        path = PurePosixPath(in_nfc(name))
        if path.suffix.lower() == NOTEBOOK:  # as some programs of Windows write it
            path = path.with_suffix(NOTEBOOK)
        if any(part in NOISE or part.startswith("._") for part in path.parts):
            return
        problem = _wrong_name(name) or problem
        if problem is None and path in self.sizes:
            problem = "another file has the same name"
        if problem is not None:
            self.left_out.append(LeftOut(printable_line(name), problem))
            return
        self.sizes[path] = size
        self._readers[path] = reader


class Damaged(Exception):  # noqa: N818 - a student's broken file is no error of ours
    """A file of an archive cannot be taken, for a reason that the teacher understands."""


def open_archive(path: Path) -> Archive:
    """Look into a zip file or a folder.

    Raises:
        RefereeError: it is neither, is empty, or is not one that a platform would make.

    """
    if path.exists() and not (path.is_dir() or path.is_file()):  # which we could wait for
        raise RefereeError(f"{path} is neither a zip file nor a folder. Give one of these.")
    archive = _open_folder(path) if path.is_dir() else _open_zip(path)
    if not archive.sizes and not archive.left_out:
        raise RefereeError(f"{path} has no files in it. Download it again.")
    if (total := sum(archive.sizes.values())) > MAX_TOTAL:
        raise RefereeError(
            f"{path} is refused: unpacked, its files would be {total / 2**30:.1f} GiB, more than "
            f"{MAX_TOTAL / 2**30:.0f}. Unpack it with a tool that you trust, and collect parts."
        )
    return archive


def _too_many(path: Path, count: int) -> RefereeError:
    return RefereeError(
        f"{path} is refused: it has {count} files, more than {MAX_ENTRIES}. "
        "Is it the export of an assignment? If so, collect it in parts."
    )


def _open_folder(path: Path) -> Archive:
    archive = Archive(path.name)
    for count, file in enumerate(walk(path)):
        if count > MAX_ENTRIES:
            raise _too_many(path, count)
        status = file.lstat()
        if not stat.S_ISDIR(status.st_mode):
            name = os.fsencode(file.relative_to(path)).decode(errors="replace")
            is_file = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
            problem = None if is_file else "it is a link, or no file"
            archive._add(name, problem, status.st_size, _reader_of_file(file))
    return archive


def _reader_of_file(path: Path) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with FileIO(path, opener=lambda file, _: os.open(file, FLAGS)) as file:
            return file.read(most) or b""

    return read


def _open_zip(path: Path) -> Archive:
    archive = Archive(path.name)
    try:
        file = zipfile.ZipFile(path)
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
        raise RefereeError(
            f"{path} is not a zip file that can be read, nor a folder: {error}. "
            "Download it again; if it is of another kind, unpack it and give the folder."
        ) from None
    if len(file.infolist()) > MAX_ENTRIES:
        raise _too_many(path, len(file.infolist()))
    for info in file.infolist():
        if not info.is_dir():
            archive._add(
                _name_of(info), _problem_of(info), info.file_size, _reader_in_zip(file, info)
            )
    return archive


def _reader_in_zip(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with file.open(info) as content:
            return content.read(most)

    return read


def _name_of(info: zipfile.ZipInfo) -> str:
    """The name of a file. Old programs of Windows put backslashes between the names of folders."""
    name = info.orig_filename
    if not info.flag_bits & UTF_8:
        name = _decoded(name.encode("cp437"))
    if info.create_system == OF_WINDOWS and "/" not in name:
        return name.replace("\\", "/")
    return name


def _decoded(name: bytes) -> str:
    """A name in a zip that does not say that its names are UTF-8; often they are.

    Otherwise it is in the first code page in which it has Latin letters only, as names have: in
    others there are lines and Greek letters in their places.
    """
    with suppress(UnicodeError):
        return name.decode()
    for page in CODE_PAGES:
        with suppress(UnicodeError):
            read = name.decode(page)
            if all(char.isascii() or _is_latin(char) for char in read):
                return read
    return name.decode(CODE_PAGES[0])


def _is_latin(char: str) -> bool:
    """Whether a character is a letter like those of English, with or without accents."""
    return unicodedata.name(char, "").startswith("LATIN ")


def _problem_of(info: zipfile.ZipInfo) -> str | None:
    """Why a file of a zip is not taken; None if it is."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is a link, or no file"
    if info.flag_bits & ENCRYPTED:
        return "it is encrypted"
    if info.compress_type not in METHODS:
        return "it is compressed in a way that is not known"
    if info.file_size > SMALL and info.file_size > MAX_RATIO * info.compress_size:
        return f"it would grow to {info.file_size / 2**20:.0f} MiB, as a bomb does"
    return None


def _wrong_name(name: str) -> str | None:
    """Why a name leads elsewhere, or could not be written; None if it is a name like others."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or name[1:2] == ":":
        return "its name leads out of the archive"
    if any(unicodedata.category(char) in UNWANTED or char in TURNING for char in name):
        return "its name has characters that cannot be printed"
    too_long = len(name.encode()) > MAX_NAME or any(len(part.encode()) > MAX_PART for part in parts)
    if too_long or len(parts) > MAX_DEPTH:
        return "its name is too long, or it is too deep in folders"
    return None
