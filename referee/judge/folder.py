"""The working folder of test cells: the assignment's files, and those of the student's code.

What is the student's is fetched when a test looks: at the first file that it opens or asks about
after a call. It is a copy, in a folder of the judge's own from which nothing is imported. It takes
the place of a file of the assignment only if the master's solution writes to that file, which is
there because a teacher has run the solution.

Temporary files of a test are in a folder of their own, which is there for the student's code under
the same path.
"""

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar
from weakref import WeakSet

from referee.boundary.files import OF_TESTS, READABLE, WrittenFile, may_cross
from referee.boundary.messages import Request
from referee.judge.files_of_test import FilesOfTest
from referee.judge.guards import GUARDED, PATHS, Guard, written_by
from referee.judge.paths import OURS
from referee.judge.remote import StudentCode, arguments_of

# What Python tells of when a program looks at files; of `os.stat`, we do.
LOOKS = (*PATHS, "os.stat", "glob.glob")
MAX_LEFT = 2**20  # bytes of a file of the assignment that can be the student's
SANDBOX = f"{OURS / 'sandbox'}{os.sep}"  # begins the names of files with code of the watch
GIVEN = 0  # the stamp of a file of the assignment, which is as it is
Fetch = Callable[[dict[str, int]], list[WrittenFile]]


class WorkingFolder:
    """The folder that test cells run in, and the one for their temporary files beside it."""

    def __init__(self, path: Path, materials: Path) -> None:
        self.path = Path(os.path.realpath(path))
        self.temporary = self.path.with_name(OF_TESTS)
        self.temporary.mkdir(parents=True, exist_ok=True)
        self._materials = materials
        self._stamps: dict[str, int] = {}  # of all files that are here, by their paths
        self._students: set[str] = set()  # paths of files
        self._empty: set[str] = set()  # of these, those that are here without their content
        self.read_empty: set[str] = set()  # those of them that the test cell has opened
        self._left: set[str] = set()  # paths of the assignment's that its solutions write to
        self._of_test = FilesOfTest(self.path, str(self.temporary))
        self._named = False  # files of the test, in a call that is not answered yet
        self._fetch: Fetch | None = None  # while a test cell runs
        self._looking: set[int] = set()  # threads that wait for files
        _link(materials, path)

    @contextmanager
    def entered(self, fetch: Fetch) -> Iterator[None]:
        """Run a test cell here; `fetch` gives the student's files that are new by their stamps."""
        self._fetch = fetch
        self.read_empty = set()
        stat, temporary = os.stat, tempfile.tempdir
        try:
            with chdir(self.path):
                _Listener.folder = self
                os.stat = _looking_first(stat)
                tempfile.tempdir = str(self.temporary)
                yield
        finally:
            os.stat, tempfile.tempdir = stat, temporary
            _Listener.folder = None
            self._fetch = None

    def look(self, path: Any) -> None:
        """A test looks at a file or a folder: have the student's files here."""
        thread = threading.get_ident()
        if self._fetch is None or thread in self._looking:
            return
        if not isinstance(path, str | os.PathLike):
            return
        place = self.path / os.fspath(path)
        if not any(map(place.is_relative_to, (self.path, self.temporary))):
            return
        self._looking.add(thread)
        try:
            files = self._fetch(dict(self._known()))  # what is sent could be changed there
            with _by_ourselves():
                for file in files:
                    self._write(file)
        finally:
            self._looking.discard(thread)

    def _known(self) -> dict[str, int]:
        """The stamps of all files that are here."""
        if not self._stamps:
            given = (path for path in _files_of(self._materials) if path not in self._left)
            self._stamps = dict.fromkeys(given, GIVEN)
        return self._stamps

    def has_opened(self, path: Any) -> None:
        """A test reads a file: remember one that is without its content."""
        if isinstance(path, str | os.PathLike):
            self.read_empty |= self._empty.intersection([self._name(os.fspath(path))])

    def tell(self, request: Request, student: StudentCode) -> None:
        """Have a call find the files of the test's that it is given the names of."""
        with _by_ourselves():
            news = self._of_test.news(arguments_of(request))
            self._named |= self._of_test.are_named(arguments_of(request))
        for file in news:
            stamp = student.write(file)
            if file.gone:
                self._known().pop(file.path, None)
            elif stamp:
                self._known()[file.path] = stamp

    def hear_of_answer(self) -> None:
        """After a call that was given the name of a file of the test's, have that as it is there.

        The test may have it open, and reads on without asking for it by its name.
        """
        if self._named:
            self._named = False
            self.look(self.path)

    def leave_to_student(self, paths: Iterable[str]) -> None:
        """Have the student's files in the place of these of the assignment, if they can cross."""
        for path in paths:
            given = self._materials / path
            can_cross = may_cross(path) and given.suffix.lower() in READABLE
            if can_cross and given.is_file() and given.stat().st_size <= MAX_LEFT:
                self._left.add(path)
                self._stamps.pop(path, None)

    def have_own(self, path: Any, *, is_new: bool = False) -> None:
        """A test will write to a file: have a copy here of one that is the assignment's.

        If it `is_new`, nothing that the student has written is left in it.
        """
        if not isinstance(path, str | os.PathLike):
            return
        name = self._name(os.fspath(path))
        if name is None:
            return
        with _by_ourselves():
            self._of_test.meet(name, is_students=name in self._students)
            if is_new:
                self._students.discard(name)
                self._empty.discard(name)
            place = self.path / name
            if not place.is_relative_to(self.path):
                return
            self._have_own_folders(Path(name))
            if place.is_symlink() and place.is_file():
                given = place.resolve()
                place.unlink()
                shutil.copyfile(given, place)

    def module_of_test(self, name: str) -> Path | None:
        """The file of a module that a test has written, and the student's code not since then."""
        path = f"{name}.py"
        self.look(path)
        if not self._of_test.has_met(path) or path in self._students:
            return None
        return self.path / path if (self.path / path).is_file() else None

    def is_students(self, path: str) -> bool:
        """Whether a file is a copy of one of the student's."""
        return self._name(os.path.realpath(path)) in self._students

    def _name(self, path: str) -> str | None:
        """What a file is called here and there: its relative path, or that of a temporary file."""
        place = Path(os.path.abspath(self.path / path))  # noqa: PTH100 - not its links
        if place.is_relative_to(self.path):
            return str(place.relative_to(self.path))
        return str(place) if self.temporary in place.parents else None

    def _write(self, file: WrittenFile) -> None:
        """Put a file of the student's here, or one of its size that is empty."""
        if self._stamps.get(file.path) == GIVEN:
            return
        place = self.path / file.path
        if place.is_relative_to(self.path):
            self._have_own_folders(Path(file.path))
        elif os.path.realpath(place.parent) != str(place.parent):  # a test's own link leads there
            return
        if place.is_dir() or any(above.is_file() for above in place.parents):
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_symlink():  # to the assignment's own
            place.unlink()
        place.write_bytes(file.content or b"")
        self._empty.discard(file.path)
        if file.content is None:
            os.truncate(place, file.size)
            self._empty.add(file.path)
        self._stamps[file.path] = file.stamp
        self._of_test.has_come(file.path)
        self._students.add(file.path)

    def _have_own_folders(self, path: Path) -> None:
        """Make those folders that a file is in own ones, in place of links to the assignment's."""
        for folder in reversed(path.parents):
            if (self.path / folder).is_symlink() and (self.path / folder).is_dir():
                (self.path / folder).unlink()
                _link(self._materials / folder, self.path / folder)


def _link(folder: Path, place: Path) -> None:
    """Make a folder with links to what is in another one, but for notebooks: one is the master."""
    place.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.suffix != ".ipynb":
            (place / entry.name).symlink_to(entry.absolute())


def _files_of(folder: Path) -> Iterator[str]:
    for above, _, names in os.walk(folder):
        yield from (str((Path(above) / name).relative_to(folder)) for name in names)


def _looking_first(stat: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
    def look(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        _hear("os.stat", (path,))
        return stat(path, *args, **kwargs)

    return look


@contextmanager
def _by_ourselves() -> Iterator[None]:
    """What this thread does to files is not the test's doing."""
    thread = threading.get_ident()
    is_inner = thread in _Listener.ours
    _Listener.ours.add(thread)
    try:
        yield
    finally:
        if not is_inner:
            _Listener.ours.discard(thread)


def remove_by_ourselves(folder: str) -> None:
    """Remove a folder of an earlier judge's, which Python may let go of in the middle of a test."""
    with _by_ourselves():
        shutil.rmtree(folder, ignore_errors=True)


def take_as_ours(thread: threading.Thread) -> None:
    """What happens in this thread is no test's doing.

    A test may be waiting for it: to ask the student's kernel from it, as a finalizer could that
    Python happens to run there, would wait for ever.
    """
    _Listener.watches.add(thread)


def _is_of_sandbox(frame: FrameType | None) -> bool:
    """Whether the watch of the sandbox looks at processes, which it does all the time."""
    is_near = frame is not None and frame.f_code.co_filename.startswith(SANDBOX)
    return is_near or threading.current_thread() in _Listener.watches


class _Listener:
    """Hears what this process is about to do, for the folder and the guard of a test cell."""

    folder: WorkingFolder | None = None
    ours: ClassVar[set[int]] = set()  # threads in which we do something ourselves
    watches: ClassVar[WeakSet[threading.Thread]] = WeakSet()  # those in which only we do

    @classmethod
    def hear(cls, event: str, args: Any, frame: FrameType | None) -> None:
        if threading.get_ident() in cls.ours or _is_of_sandbox(frame):
            return
        if cls.folder is not None and event in LOOKS:
            cls.folder.look(args[0])
        if cls.folder is not None and event in PATHS:
            written = written_by(event, args)
            if event == "sqlite3.connect" or (event == "open" and not written):
                cls.folder.has_opened(args[0])
            is_new = event == "os.remove" or (event == "open" and args[2] & os.O_TRUNC)
            for path in written:
                cls.folder.have_own(path, is_new=bool(is_new))
        if Guard.current is not None:
            Guard.current.hear(event, args, frame)
        elif Guard.latest is not None and Guard.latest.goes_on(frame):
            Guard.latest.hear(event, args, frame)


def _hear(event: str, args: Any) -> None:
    """Hand on what is guarded; LOOKS and PATHS are among it.

    Python tells of each `id()`, too. To a method, it takes Python four times as long.
    """
    if event in GUARDED:
        _Listener.hear(event, args, sys._getframe().f_back)  # no frame, if Python ends


sys.addaudithook(_hear)  # which cannot be taken away again, and does nothing by itself
