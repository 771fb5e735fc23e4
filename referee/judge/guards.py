"""What a test cell may not do in the judge's process: run what comes from the student's.

A pickle runs code, and so does text that is given to `exec` or `eval`, a module that is loaded from
a file, and a program. Python tells of all of these before it does them. Which ones are the
teacher's is known by where they are from, and not by what has happened before; so what is refused
here is refused for the master's own solution, too, and said before students are graded.
"""

import ast
import functools
import linecache
import os
import pickle
import re
import symtable
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, ClassVar

from referee.judge.magics import NotInTests

PROGRAMS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.spawn", "pty.spawn")
# What a library's function does with arguments of a student's only if it is not meant to.
OUTSIDE = (
    *("open", "compile", "glob.glob", "sqlite3.connect", "socket.connect", "socket.bind"),
    *("socket.getaddrinfo", "urllib.Request", "ctypes.dlopen", "os.listdir", "os.scandir"),
    *("os.chdir", "os.chmod", "os.link", "os.mkdir", "os.putenv", "os.remove", "os.rename"),
    *("os.rmdir", "os.symlink", "os.truncate", "os.unsetenv", "os.kill", "os.utime"),
    *("shutil.copyfile", "shutil.copytree", "shutil.move", "shutil.rmtree", "os.stat"),
    *PROGRAMS,
)
GUARDED = {
    *OUTSIDE,
    *("pickle.find_class", "marshal.loads", "import"),
}
PYTHONS = (sys.prefix, sys.base_prefix)
NOT_TEACHERS = (*PYTHONS, Path(__file__).parent.parent)
# Libraries that start programs of the system's to learn about the machine, or for their own work.
STARTING = {
    *("platform", "ctypes", "multiprocessing", "uuid", "matplotlib", "joblib", "sklearn", "numba"),
    *("numpy", "scipy", "torch", "tensorflow"),
}
# Libraries that run text which they are given. Others run only text that they make themselves.
RUNNING = {"doctest", "timeit", "code", "codeop", "runpy", "profile", "cProfile", "trace", "bdb"}
SYMPY = {"sympy.parsing.sympy_parser", "sympy.core.sympify"}
# What SymPy puts around numbers and names of a formula, and what one is made of.
OF_FORMULAS = {
    *("Symbol", "Integer", "Float", "Rational", "Function", "Eq", "sqrt", "exp", "log", "ln"),
    *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "Abs", "factorial"),
    *("pi", "E", "I", "oo", "e", "Derivative", "Integral"),
}
WORD = re.compile(r"[^\W\d]\w*")


class Guard:
    """Hears what a test cell is about to do, and refuses what is not the teacher's."""

    current: ClassVar["Guard | None"] = None  # of the test cell that runs

    def __init__(self, materials: Path) -> None:
        self._materials = os.path.realpath(materials)
        self._is_students: Callable[[str], bool] = bool
        self._sources: list[str] = []
        self._names: Callable[[], Iterable[str]] = tuple
        self._refusals: list[Any] = []
        self._pickled: set[bytes] = set()  # digests of what tests have pickled
        self._trusts = False  # what is unpickled right now
        self._is_inside = False  # whether the student's code calls a library's function right now

    @contextmanager
    def watching(
        self,
        sources: list[str],
        names: Callable[[], Iterable[str]],
        is_students: Callable[[str], bool],
        refusals: list[Any],
    ) -> Iterator[None]:
        """Guard a test cell.

        `sources` are those of the instructor's cells so far, `names` those that the student's
        notebook has, and `is_students` says of a file whether it is the student's. What is refused
        is added to `refusals`, for a test may catch it.
        """
        self._sources, self._names = sources, names
        self._is_students, self._refusals = is_students, refusals
        Guard.current = self
        try:
            yield
        finally:
            Guard.current = None

    def hear(self, event: str, args: Any, frame: FrameType | None) -> None:
        """Refuse what Python says it is about to do, or not."""
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
        elif event == "open":
            self._hear_of_open(args[0], frame)
        elif event == "import":
            self._hear_of_module(args[1])
        elif event == "ctypes.dlopen":
            self._hear_of_module(args[0])

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
        if any(text in re.sub(r"[\s'\"]", "", source) for source in self._sources):
            return True
        files = (path for path in Path(self._materials).rglob("*") if path.is_file())
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
        if frame is None:
            return
        library = frame.f_globals.get("__name__", "")
        if not (self._is_code_of_teachers(frame.f_code) or library in RUNNING | SYMPY):
            return
        known = set(OF_FORMULAS) if library in SYMPY else set()
        if not self._is_text_of_teachers(source, frame.f_code.co_filename, known):
            self._refuse(
                "runs text that is not its own, which would be run outside of the sandbox. Have a "
                "function of the notebook run it"
            )

    def _is_code_of_teachers(self, code: CodeType) -> bool:
        """Whether it is of a test cell, a provided cell, or a module beside the notebook."""
        name = code.co_filename
        if name.startswith("<"):
            return not name.startswith("<frozen ")
        is_beside = Path(name).is_relative_to(self._materials)
        return is_beside and not any(Path(name).is_relative_to(place) for place in NOT_TEACHERS)

    def _is_text_of_teachers(self, source: Any, filename: str, known: set[str]) -> bool:
        """Whether a text names only what text in the teacher's code does, and the student's names.

        Names of a test's own variables are neither: `eval(answer()) == expected` would be right
        for the answer `expected`.
        """
        text = ast.unparse(source) if isinstance(source, ast.AST) else _text(source)
        sources = [*self._sources, "".join(linecache.getlines(filename))]
        own = [constant for each in sources for constant in _constants(each)]
        if any(text.strip() in constant for constant in own):
            return True
        known |= {word for constant in own for word in WORD.findall(constant)}
        try:
            used, made = _names_in(text.strip())
        except (SyntaxError, ValueError):  # which Python says next
            return True
        return made | (used - set(self._names())) <= known

    def _hear_of_open(self, path: Any, frame: FrameType | None) -> None:
        """Have a module of the student's be unknown here: it is imported in the notebook then."""
        if _is_import(frame) and isinstance(path, str) and self._is_students(path):
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


def know_where_pickles_are_from() -> None:
    """Have `pickle` tell the guard of a test cell what is pickled and unpickled, from now on."""
    for name, wrap in (("load", _load), ("loads", _loads), ("dumps", _dumps)):
        function = getattr(pickle, name)
        if not hasattr(function, "__wrapped__"):
            wrapped = functools.wraps(function)(wrap(function))
            wrapped.__module__ = "pickle"  # by which the student's process has its own
            setattr(pickle, name, wrapped)


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
    return frame is not None and frame.f_code.co_filename.startswith("<frozen ")


def _library_of(frame: FrameType | None) -> str:
    """The package of the first code that is none of the modules which start programs."""
    while frame is not None:
        library = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if library not in ("subprocess", "os", "pty", "asyncio", "contextlib"):
            return library
        frame = frame.f_back
    return ""


def _text(source: Any) -> str:
    return source if isinstance(source, str) else bytes(source).decode("utf-8", "replace")


def _names_in(text: str) -> tuple[set[str], set[str]]:
    """The global names that code uses, and the names that it makes, imports, or has after dots.

    Raises:
        SyntaxError: it is no Python.

    """
    tables = [symtable.symtable(text, "text", "exec")]
    used, made = set[str](), set[str]()
    for table in tables:
        tables += table.get_children()
        is_top = table.get_type() == "module"
        found = [each for each in table.get_symbols() if is_top or each.is_global()]
        used |= {each.get_name() for each in found}
        made |= {each.get_name() for each in found if each.is_assigned() or each.is_imported()}
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                made.add(name)
            case ast.alias(name=name) | ast.ImportFrom(module=str(name)):
                made.update(name.split("."))
    return used, made


@functools.lru_cache(1000)
def _constants(source: str) -> list[str]:
    """The text in a source: of its string literals, with those in f-strings."""
    try:
        nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError):
        return []
    return [
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
