"""What a test replaces for the student's code: names of the notebook, and of Python's modules.

A test assigns to a global that the notebook's functions read, or patches `builtins.input`,
`time.sleep`, `sys.stdin`. In one process this would be seen by the student's code; so it is done in
the student's process, too, before the next call, and undone there when the test undoes it, or ends.
"""

import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from types import ModuleType
from typing import Any, ClassVar

from referee.boundary.changes import can_be_held
from referee.judge.callbacks import is_of_a_library
from referee.judge.objects import RemoteObject
from referee.judge.remote import StudentCode

# Modules that tests patch, also by names that do not say so: `np`, or what another cell imports.
# Others are watched where a test's source has their names. `sys` is none of these, for Python makes
# new modules of its class; nor is `warnings`, which changes itself.
PATCHED = (
    *("builtins", "time", "random", "os", "os.path", "math", "datetime", "json", "getpass"),
    *("subprocess", "webbrowser", "urllib.request", "requests", "numpy", "numpy.random"),
    "matplotlib.pyplot",
    *("functools", "itertools", "collections", "statistics", "numpy.linalg", "pandas"),
)
WORD = re.compile(r"\w+")
NEVER = ("sys", "warnings", "__main__")
GONE = object()
OnPatch = Callable[[str, str, Any], None]  # module, name, and value; GONE where there is none now


class _Watched(ModuleType):
    """A module while a test runs, which notices what is replaced in it."""

    on_patch: ClassVar[Callable[[ModuleType, str, Any], None]]

    def __setattr__(self, name: str, value: Any) -> None:
        before = vars(self).get(name, GONE)
        super().__setattr__(name, value)
        _Watched.on_patch(self, name, before)

    def __delattr__(self, name: str) -> None:
        before = vars(self).get(name, GONE)
        super().__delattr__(name)
        _Watched.on_patch(self, name, before)


@contextmanager
def watching_patches(
    source: str, on_patch: OnPatch, on_restore: Callable[[str, str], None]
) -> Iterator[None]:
    """Hear of what is replaced in modules, and of what is put back; put all back in the end.

    A test that will import such a module has its name in its source.
    """
    originals: dict[tuple[ModuleType, str], Any] = {}

    def notice(module: ModuleType, name: str, before: Any) -> None:
        now = vars(module).get(name, GONE)
        if name.startswith("__") or isinstance(now, ModuleType):
            return
        if now is originals.setdefault((module, name), before):
            on_restore(module.__name__, name)
        else:
            on_patch(module.__name__, name, now)

    modules = modules_that_may_be_patched(source)
    _Watched.on_patch = staticmethod(notice)
    for module in modules:
        module.__class__ = _Watched
    try:
        yield
    finally:
        for module in modules:
            module.__class__ = ModuleType
        for (module, name), value in originals.items():
            if value is GONE:
                vars(module).pop(name, None)
            else:
                setattr(module, name, value)


def modules_that_may_be_patched(source: str) -> list[ModuleType]:
    """The modules that a test of this source may replace something in."""
    for name in PATCHED:
        if name in source:
            with suppress(ImportError):
                importlib.import_module(name)
    known = _names_by_last_part(frozenset(sys.modules))
    named = [name for word in set(WORD.findall(source)) for name in known.get(word, ())]
    ours = [name for name in named if is_of_a_library(sys.modules.get(name))]
    found = (sys.modules.get(name) for name in dict.fromkeys((*PATCHED, *ours)))
    return [module for module in found if type(module) is ModuleType]


@lru_cache(1)  # until something else is imported
def _names_by_last_part(names: frozenset[str]) -> dict[str, list[str]]:
    """The names of modules that are imported, by the word that a test has for each."""
    found: dict[str, list[str]] = {}
    for name in sorted(names.difference(NEVER)):
        found.setdefault(name.rpartition(".")[2], []).append(name)
    return found


class MainModule(ModuleType):
    """`__main__` as a test imports or patches it: the names of the test and of the notebook."""

    def __init__(self, names: Any, on_set: Callable[[str], None]) -> None:
        super().__init__("__main__")
        vars(self).update(_names=names, _on_set=on_set)

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self)["_names"][name]
        except KeyError:
            raise AttributeError(f"module '__main__' has no attribute {name!r}") from None

    def __dir__(self) -> list[str]:
        """The names of the test itself, among which `unittest.main` looks for its classes."""
        return sorted(vars(self)["_names"])

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_on_set"](name)
        vars(self)["_names"][name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del vars(self)["_names"][name]
        except KeyError:
            raise AttributeError(name) from None


class SharedNames:
    """The names of a test that the notebook's functions read, and what `sys.stdin` is.

    They are set in the student's process before a call. Those that functions of the master's write
    are read there after it; with others, a student could change what a test compares with.
    `withheld` are no names of theirs, but the student's code may be kept from them: by None, or by
    a function. `earlier` are those that earlier tests have set. What the notebook has under a name
    of `changed`, the test changes in place. What is under a name of `may_change`, functions of the
    master's change, so a student's may give the name another list, say.
    """

    def __init__(
        self,
        names: dict[str, Any],
        student: StudentCode,
        read: Iterable[str],
        written: Iterable[str],
        withheld: Iterable[str],
        earlier: dict[str, Any],
        changed: Iterable[str] = (),
        may_change: Iterable[str] = (),
    ) -> None:
        self._names = names
        self._earlier = earlier
        self._student = student
        self._read = {*read, *withheld}
        self._withheld = set(withheld)
        self._only_withheld = self._withheld - set(read)
        self._written = set(written)
        self._changed = {*changed} & set(read) - self._written
        self._may_change = set(may_change)
        self._found: dict[str, Any] = {}  # the notebook's own values of these
        self._there: dict[str, Any] = {}  # what the student's process has been given
        self._first_stdin = self._stdin = sys.stdin

    def add(self, name: str) -> None:
        """A test has replaced a name of the notebook on purpose."""
        self._read.add(name)

    def has_found(self, name: str, value: Any) -> None:
        """A test has looked up what the notebook has under a name."""
        if name in self._changed:
            self._found[name] = value

    def send(self) -> None:
        """Give the student's process what the test has set since the last call."""
        own: Any = dict
        known = self._read.intersection(own.keys(self._names))
        known |= self._read & (self._earlier.keys() | self._there.keys() | self._found.keys())
        for name in known:  # of the others, there is nothing to tell
            value = dict.get(self._names, name, self._earlier.get(name, GONE))
            value = self._found.get(name, GONE) if value is GONE else value
            if value is GONE and name in self._withheld & self._there.keys():
                del self._there[name]
                self._student.replace(name)
            if value is GONE or isinstance(value, ModuleType | RemoteObject):
                continue
            if name in self._only_withheld and not (value is None or callable(value)):
                continue
            if name not in self._there or self._there[name] is not value:
                self._there[name] = value
                if not self._student.replace(name, value):
                    self._read = self._read - {name}
                    del self._there[name]
        if sys.stdin is not self._stdin:
            self._stdin = sys.stdin
            if sys.stdin is self._first_stdin:
                self._student.restore("stdin", "sys")
            else:
                self._student.replace("stdin", sys.stdin, "sys")

    def fetch(self) -> None:
        """Take over what the student's code has given these names."""
        for name, value in self._there.items():
            is_written = name in self._written and not callable(value)
            is_changed = name in self._may_change - self._found.keys() and can_be_held(value)
            if not is_written and not is_changed:
                continue
            now = self._there[name] = self._student.look_up(name)
            if now is not value:
                dict.__setitem__(self._names, name, now)


@contextmanager
def as_main(module: ModuleType) -> Iterator[None]:
    """Have a module imported as `__main__`; put back what `sys.stdin` was."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    stdin = sys.stdin
    try:
        yield
    finally:
        sys.modules["__main__"], sys.stdin = before, stdin
