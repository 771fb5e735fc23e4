"""What a test cell may not do in the judge's process: run what comes from the student's.

A pickle runs code, and so does text that is given to `exec` or `eval`, a module that is loaded from
a file, and a program. Python tells of all of these before it does them. Which ones are the
teacher's is known by where they are from, and not by what has happened before; so what is refused
here is refused for the master's own solution, too, and said before students are graded.
"""

import atexit
import functools
import inspect
import os
import pickle
import re
import sqlite3
import sys
import threading
import weakref
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from referee.boundary.files import OF_TESTS
from referee.judge import magics
from referee.judge.lookups import watch_lookups
from referee.judge.magics import NotInTests
from referee.judge.paths import (
    OURS,
    PYTHONS,
    file_of,
    is_named,
    is_own,
    place_of,
    temporary_folder,
)
from referee.judge.texts import Texts, is_handed_on, runs_texts

PROGRAMS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.spawn", "pty.spawn")
# Paths that are opened, looked into, written, moved or deleted: which arguments they are.
PATHS = {
    **dict.fromkeys(("open", "sqlite3.connect", "os.listdir", "os.scandir", "os.chdir"), 1),
    **dict.fromkeys(("os.chmod", "os.mkdir", "os.remove", "os.rmdir", "os.truncate"), 1),
    **dict.fromkeys(("os.chown", "os.setxattr", "os.removexattr", "os.mkfifo", "os.mknod"), 1),
    **dict.fromkeys(("os.utime", "shutil.rmtree", "os.link", "os.symlink", "os.rename"), 2),
    **dict.fromkeys(("shutil.copyfile", "shutil.copytree", "shutil.move"), 2),
}
UNHEARD = ("mkfifo", "mknod")  # functions of `os` that Python does not tell of
READING, WRITING = ("os.listdir", "os.scandir", "os.chdir"), os.O_WRONLY | os.O_RDWR | os.O_CREAT
COPYING = ("shutil.copyfile", "shutil.copytree", "os.symlink")  # the first path is only read
# What a library's function does with arguments of a student's only if it is not meant to.
OUTSIDE = (
    *PATHS,
    *("compile", "glob.glob", "socket.connect", "socket.bind", "socket.getaddrinfo"),
    *("urllib.Request", "ctypes.dlopen", "os.putenv", "os.unsetenv", "os.kill", "os.stat"),
    *PROGRAMS,
)
GUARDED = {
    *OUTSIDE,
    *("pickle.find_class", "marshal.loads", "import"),
}
NOT_TEACHERS = (*PYTHONS, OURS)
# Files of the code that imports modules; other modules of Python's are frozen, too, `os` for one.
IMPORTING = {f"<frozen {name}>" for name in ("importlib._bootstrap", "zipimport")}
IMPORTING.add("<frozen importlib._bootstrap_external>")
PROVIDED_CELL = "<provided cell>"  # for the file of its code
FILES_OF_CODE = 10_000  # of which it is remembered whose they are
SQL_STEPS = 100_000  # instructions of SQLite's, some milliseconds
CHOOSES = (
    "has a text that is not its own say which module, class or function it takes. Have a function "
    "of the notebook take it"
)
GRADER, JUDGE = f"{OURS}{os.sep}", f"{OURS / 'judge'}{os.sep}"
# Libraries that start programs of the system's to learn about the machine, or for their own work.
STARTING = {
    *("platform", "ctypes", "multiprocessing", "uuid", "matplotlib", "joblib", "sklearn", "numba"),
    *("numpy", "scipy", "torch", "tensorflow"),
}


class Guard:
    """Hears what a test cell is about to do, and refuses what is not the teacher's."""

    current: ClassVar["Guard | None"] = None  # of the test cell that runs
    latest: ClassVar["Guard | None"] = None  # of the one that has run last
    is_providing: ClassVar[bool] = False  # whether a provided cell runs, in which no text is theirs

    def __init__(self, materials: Path) -> None:
        self._materials = Path(os.path.realpath(materials))
        self._folder = materials  # in which the test cell runs
        self._is_students: Callable[[str], bool] = bool
        self._have_own: Callable[[Any], object] = bool
        self._texts = Texts([], tuple)
        self._cells: set[str] = set()  # names of files in the code of tests
        self._started: set[int] = set()  # threads that tests have started
        self._others: set[int] = set()  # threads that are none of a test's, but of the grader's
        self._refusals: list[Any] = []
        self._pickled: set[bytes] = set()  # digests of what tests have pickled
        self._trusts = False  # what is unpickled right now
        self._is_inside = False  # whether the student's code calls a library's function right now

    @contextmanager
    def watching(
        self,
        cell: str,
        sources: list[str],
        names: Callable[[], Iterable[str]],
        is_students: Callable[[str], bool],
        have_own: Callable[[Any], None],
        refusals: list[Any],
    ) -> Iterator[None]:
        """Guard a test cell, whose code has `cell` for the name of its file.

        `sources` are those of the instructor's cells so far, `names` those that the student's
        notebook has, and `is_students` says of a file whether it is the student's; `have_own` hears
        of a file before it is written to. What is refused is added to `refusals`, for a test
        may catch it.
        """
        self._texts, self._folder = Texts(sources, names), Path.cwd()
        self._cells.add(cell)
        self._texts.constants()  # which are found now: Python cannot parse while it parses
        before = sys._current_frames().keys()
        self._started &= before  # those of earlier tests, a pool of workers for example
        self._others = before - self._started - {threading.get_ident()}
        self._is_students, self._have_own, self._refusals = is_students, have_own, refusals
        Guard.current = self
        try:
            yield
        finally:
            Guard.current, Guard.latest = None, self
            self._started |= sys._current_frames().keys() - before

    @classmethod
    @contextmanager
    def providing(cls) -> Iterator[None]:
        """Let a provided cell do what it likes."""
        cls.is_providing = True
        try:
            yield
        finally:
            cls.is_providing = False

    def goes_on(self, frame: FrameType | None) -> bool:
        """Whether this is the doing of a test that has ended already.

        It is in a thread that a test has started, or finalizes what a test has made.
        """
        return threading.get_ident() in self._started or self.finalizes(frame)

    def finalizes(self, frame: FrameType | None) -> bool:
        """Whether this is code of the teacher's that Python calls whenever it likes.

        It is in a `__del__`, in a generator that nobody needs any more, or in what a test has a
        weak reference call. While a provided cell runs, only the code of tests is known as such.
        """
        while frame is not None:
            code = frame.f_code
            is_any_time = code.co_name == "__del__" or code.co_flags & inspect.CO_GENERATOR
            if code is _at_any_time.__code__ or code.co_filename in self._cells:
                return True
            if (is_any_time or not Guard.is_providing) and self._is_of_course(frame):
                return True
            frame = frame.f_back
        return False

    def hear(self, event: str, args: Any, frame: FrameType | None) -> None:
        """Refuse what Python says it is about to do, or not."""
        # Python collects garbage, and so calls `__del__` of the teacher's, in any thread.
        if threading.get_ident() in self._others and not self.finalizes(frame):
            return
        if self._is_inside and event in OUTSIDE and not _is_import(frame):
            self._refuse(
                "passes a library's function to the student's code that uses files, programs or "
                "the network. Pass a function of the test that says with what"
            )
        if event == "pickle.find_class":
            if not (self._trusts or self.is_given(_file_of_unpickler(frame))):
                self._refuse(
                    "unpickles what may be the student's, and a pickle runs code. With pickle.load "
                    "it can read files of the assignment; have a function of the notebook read "
                    "others"
                )
        elif event == "marshal.loads":
            if not _is_import(frame):
                self._refuse("reads code with marshal, which may be the student's")
        elif event == "compile":
            self._hear_of_code(args[0], args[1], frame)
        elif event in PROGRAMS:
            if _library_of(frame) not in STARTING:
                self._refuse(
                    "starts a program, which would run outside of the sandbox. Have a function of "
                    "the notebook start it, and test what that returns"
                )
        elif event in PATHS:
            self._hear_of_paths(event, args, frame)
        elif event == "import":
            self._hear_of_module(args[1])
        elif event == "ctypes.dlopen":
            self._hear_of_module(args[0])

    def hear_of_attributes(self, path: Any, caller: FrameType | None = None) -> None:
        """Refuse a text that names attributes which lead to code, where the teacher's code does.

        Without a caller it is the teacher's, or a library that was handed the teacher's function.
        """
        if (caller is None or self.is_of_teacher(caller)) and not self._texts.lead_nowhere(path):
            self._refuse(
                "has a text say which attribute it takes, and this one leads to what is no "
                "student's to choose. Have a function of the notebook take it"
            )

    def hear_of_module(self, path: Any, caller: FrameType | None) -> None:
        """Refuse a text that names a module, where the teacher's code imports one.

        Or a library that was handed the function which does.
        """
        if caller is None or self.is_of_teacher(caller) or not _names(caller, "import_module"):
            self.hear_of_object(path)

    def hear_of_import(self, path: str) -> None:
        """Refuse a module that no word of the teacher's code names, and no magic of it imports."""
        if path != magics.__name__ and not self._texts.name(path):
            self._refuse(CHOOSES)

    def hear_of_object(self, path: Any) -> None:
        """Refuse a text that names a module, or an object of one."""
        if isinstance(path, str) and not self._texts.say(path):
            self._refuse(CHOOSES)

    def trusting(self, is_teachers: bool, unpickle: Callable[[], Any]) -> Any:
        """Unpickle what may be the teacher's."""
        before, self._trusts = self._trusts, is_teachers
        try:
            return unpickle()
        finally:
            self._trusts = before

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Refuse whatever leads out of this process, for a student has chosen the arguments."""
        before, self._is_inside = self._is_inside, True
        try:
            yield
        finally:
            self._is_inside = before

    def has_pickled(self, content: bytes) -> None:
        """Remember what a test has pickled."""
        self._pickled.add(sha256(content).digest())

    def is_teachers(self, content: Any) -> bool:
        """Whether bytes are the assignment's, from a file or a test's source, or pickled here."""
        content = bytes(content)
        if sha256(content).digest() in self._pickled:
            return True
        text = b64encode(content).decode()
        if any(text in re.sub(r"[\s'\"]", "", source) for source in self._texts.sources):
            return True
        files = (path for path in self._materials.rglob("*") if path.is_file())
        return any(
            path.stat().st_size == len(content) and path.read_bytes() == content for path in files
        )

    def is_given(self, file: Any) -> bool:
        """Whether an open file is one of the assignment's, or of the Python environment."""
        try:
            place = Path(f"/proc/self/fd/{file.fileno()}").readlink()
        except (AttributeError, OSError, ValueError, TypeError):
            return False
        return any(place.is_relative_to(each) for each in (self._materials, *PYTHONS))

    def _hear_of_code(self, source: Any, filename: Any, frame: FrameType | None) -> None:
        self._hear_of_module(filename)
        if _is_import(frame):
            self._hear_of_code_of_module(source, filename)
            return
        if frame is None or _is_of_a_librarys_template(filename, frame):
            return
        if not (self.is_of_teacher(frame) or runs_texts(frame) or is_handed_on(frame)):
            return
        if not self._texts.are_runs_of(source, frame):
            self._refuse(
                "runs text that is not its own, which would be run outside of the sandbox. Have a "
                "function of the notebook run it"
            )

    def _hear_of_code_of_module(self, source: Any, filename: Any) -> None:
        """Refuse a module in a folder that a test can write to, if it has not its text itself."""
        temporary = Path(os.path.realpath(temporary_folder()))
        is_written = isinstance(filename, str) and _is_in(filename, (self._folder, temporary))
        if not is_written or _is_in(filename, (self._materials,)):
            return
        text = source.decode(errors="replace") if isinstance(source, bytes) else str(source)
        if not any(text.strip() in constant for constant in self._texts.constants()):
            self._refuse(
                "loads a module whose text is not its own, which would be run outside of the "
                "sandbox. Have a function of the notebook load it"
            )

    def keeping(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of a test that Python calls when it likes, guarded as the test is."""

        def call(*args: Any, **kwargs: Any) -> Any:
            before, Guard.current = Guard.current, Guard.current or self
            try:
                return _at_any_time(function, args, kwargs)
            finally:
                Guard.current = before

        return functools.wraps(function)(call)

    def _is_of_course(self, frame: FrameType) -> bool:
        """The same of a process that has other code without a file, too: of libraries, say."""
        is_cell = frame.f_code.co_filename == PROVIDED_CELL
        return is_cell or (frame.f_code.co_filename[:1] != "<" and self.is_of_teacher(frame))

    def is_of_teacher(self, frame: FrameType | None) -> bool:
        """Whether code is of a test cell, a provided cell, or a module beside the notebook."""
        name = frame.f_code.co_filename if frame is not None else "<frozen >"
        if name.startswith("<"):
            return not name.startswith("<frozen ")
        return _is_in(name, (self._materials, self._folder))

    def _hear_of_paths(self, event: str, args: Any, frame: FrameType | None) -> None:
        if _is_import(frame):
            self._hear_of_imported(args[0])
            return
        written = written_by(event, args)
        for path in (*written, *args[: PATHS[event] - len(written)]):
            self._hear_of_path(path, writes=path in written)

    def _hear_of_path(self, path: Any, *, writes: bool) -> None:
        if (
            not is_own(path, self._folders(path, writes=writes), writes=writes)
            and not is_named(path, self._texts.sources, self._texts.constants())
            and not _is_by_grader()
        ):
            self._refuse(
                "uses a file that is neither the assignment's nor its own, and a student could "
                "have said which. Put the file beside the notebook, or write its full path into "
                "the test"
            )

    def _folders(self, path: Any, *, writes: bool) -> tuple[Path, ...]:
        """Where a test may use a file: of the assignment's it reads all but notebooks.

        One of these is the master, with hidden tests, where nbgrader's own command grades.
        """
        place = place_of(path)
        is_for_reading = not writes and place is not None and place.suffix != ".ipynb"
        own = (self._folder, self._folder.with_name(OF_TESTS))
        return (*own, self._materials) if is_for_reading else own

    def hear_of_sql(self, action: int, file: Any, *_: Any) -> int:
        """Refuse a statement that opens or writes another database."""
        if action == sqlite3.SQLITE_ATTACH:
            try:
                self._have_own(file_of(file))
                self._hear_of_path(file_of(file), writes=True)
            except NotInTests:  # which is raised when the test ends
                return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    def _hear_of_imported(self, path: Any) -> None:
        """Have a module of the student's be unknown here: it is imported in the notebook then."""
        if isinstance(path, str) and self._is_students(path):
            raise ModuleNotFoundError(
                f"{path} is the student's, and is not loaded outside of the sandbox",
                name=Path(os.path.relpath(path)).parts[0].removesuffix(".py"),
            )

    def _hear_of_module(self, path: Any) -> None:
        if isinstance(path, str) and self._is_students(path):
            self._refuse(
                "loads a module that the student's code has written. Import it by its name, and "
                "it is loaded in the notebook"
            )

    def _refuse(self, why: str) -> None:
        error = NotInTests(f"the test {why}")
        self._refusals.append(error)
        raise error


@functools.lru_cache(FILES_OF_CODE)  # Python tells of each file that is opened, in all threads
def _is_in(name: str, folders: tuple[Path, ...]) -> bool:
    """Whether a file lies in one of these folders, and is no library there."""
    path = Path(os.path.realpath(name))
    is_library = any(path.is_relative_to(os.path.realpath(place)) for place in NOT_TEACHERS)
    return any(map(path.is_relative_to, folders)) and not is_library


def written_by(event: str, args: Any) -> tuple[Any, ...]:
    """The paths that something with paths would write to, move or delete."""
    if event in READING or (event == "open" and not args[2] & WRITING):
        return ()
    if event == "sqlite3.connect":
        return (file_of(args[0]),)
    return tuple(args[event in COPYING : PATHS[event]])


def current_guard() -> Guard | None:
    """The guard of the test cell that runs."""
    return Guard.current


def tell_guards() -> None:
    """Have functions of Python's library tell the guard of a test cell what they do, from now on.

    They are those that pickle, those that find an object by a text, databases, and what makes
    files of other kinds.
    """
    watch_lookups(current_guard)
    for name in UNHEARD:
        if not hasattr(function := getattr(os, name), "__wrapped__"):
            setattr(os, name, functools.wraps(function)(_telling(function, f"os.{name}")))
    if not hasattr(sqlite3.connect, "__wrapped__"):
        connect: Any = _connecting(sqlite3.connect)
        sqlite3.connect = sqlite3.dbapi2.connect = connect
    if not hasattr(atexit.register, "__wrapped__"):
        finalize: Any = weakref.finalize
        init: Any = finalize.__init__
        register: Any = atexit.register
        finalize.__init__ = functools.wraps(init)(_for_any_time(init, "finalize", 2))
        atexit.register = functools.wraps(register)(_for_any_time(register, "register", 0))
    for name, wrap in (("load", _load), ("loads", _loads), ("dumps", _dumps)):
        function = getattr(pickle, name)
        if not hasattr(function, "__wrapped__"):
            wrapped = functools.wraps(function)(wrap(function))
            wrapped.__module__ = "pickle"  # by which the student's process has its own
            setattr(pickle, name, wrapped)


def _telling(function: Callable[..., Any], event: str) -> Callable[..., Any]:
    """A function with a path that tells what it is about to do, as others of `os` do."""

    def call(path: Any, *args: Any, **kwargs: Any) -> Any:
        sys.audit(event, path)
        return function(path, *args, **kwargs)

    return call


def _for_any_time(register: Callable[..., Any], name: str, place: int) -> Callable[..., Any]:
    """`weakref.finalize` or `atexit.register`, which call a function when a test may have ended.

    It is called by this name, and the function is the argument at this place.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        guard, caller = Guard.current, sys._getframe(1)
        if guard is not None and (guard.is_of_teacher(caller) or not _names(caller, name)):
            args = (*args[:place], *map(guard.keeping, args[place : place + 1]), *args[place + 1 :])
        return register(*args, **kwargs)

    return call


def _at_any_time(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call a function of a test's; this code on the stack says that it is one."""
    return function(*args, **kwargs)


def _names(frame: FrameType, name: str) -> bool:
    """Whether the code in a frame says this name itself."""
    code = frame.f_code
    return name in {*code.co_names, *code.co_varnames, *code.co_freevars}


def _load(load: Callable[..., Any]) -> Callable[..., Any]:
    def call(file: Any, *args: Any, **kwargs: Any) -> Any:
        if (guard := Guard.current) is None:
            return load(file, *args, **kwargs)
        return guard.trusting(guard.is_given(file), lambda: load(file, *args, **kwargs))

    return call


def _loads(loads: Callable[..., Any]) -> Callable[..., Any]:
    def call(content: Any, *args: Any, **kwargs: Any) -> Any:
        if (guard := Guard.current) is None:
            return loads(content, *args, **kwargs)
        return guard.trusting(guard.is_teachers(content), lambda: loads(content, *args, **kwargs))

    return call


def _dumps(dumps: Callable[..., bytes]) -> Callable[..., bytes]:
    def call(*args: Any, **kwargs: Any) -> bytes:
        content = dumps(*args, **kwargs)
        if (guard := Guard.current) is not None:
            guard.has_pickled(content)
        return content

    return call


def _connecting(connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
    @functools.wraps(connect)
    def call(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = connect(*args, **kwargs)
        if (guard := Guard.current) is not None:
            connection.set_authorizer(guard.hear_of_sql)
            connection.set_progress_handler(_let_python_look, SQL_STEPS)
        return connection

    return call


def _let_python_look() -> int:
    """Be code of Python's, which a limit on time can end; and SQL with it."""
    return 0


def _file_of_unpickler(frame: FrameType | None) -> Any:
    """The file that Python's own unpickler reads, with which other libraries make theirs."""
    while frame is not None:
        unpickler = frame.f_locals.get("self")
        if isinstance(unpickler, pickle._Unpickler):
            return getattr(getattr(unpickler, "_file_readline", None), "__self__", None)
        frame = frame.f_back
    return None


def _is_import(frame: FrameType | None) -> bool:
    """Whether it is the code of Python's own that imports modules."""
    return frame is not None and frame.f_code.co_filename in IMPORTING


def _is_of_a_librarys_template(filename: Any, frame: FrameType) -> bool:
    """Whether it is code that Jinja has made of an installed library's file, as pandas' styles."""
    is_of_file = isinstance(filename, str) and any(
        Path(filename).is_relative_to(place) for place in PYTHONS
    )
    return is_of_file and str(frame.f_globals.get("__name__", "")).startswith("jinja2.")


def _is_by_grader() -> bool:
    """Whether the grader does something for itself: while a test waits for the student's code.

    Or while Python looks for what nobody needs any more, a folder of an earlier test for example.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        name = frame.f_code.co_filename
        is_tests = name.startswith("<") and not name.startswith("<frozen ")
        if is_tests or frame.f_code is _at_any_time.__code__:
            return False
        if name == weakref.__file__ or (name.startswith(GRADER) and not name.startswith(JUDGE)):
            return True
        frame = frame.f_back
    return False


def _library_of(frame: FrameType | None) -> str:
    """The package of the first code that is none of the modules which start programs."""
    while frame is not None:
        library = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if library not in ("subprocess", "os", "pty", "asyncio", "contextlib"):
            return library
        frame = frame.f_back
    return ""
