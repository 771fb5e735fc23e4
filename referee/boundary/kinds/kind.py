"""A kind of values: how those of one class are taken apart, checked and made again."""

import sys
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

import numpy as np

from referee.boundary.frame import BoundaryError


class Values(tuple[Any, ...]):
    """Values that came as a part; going through them ends by a deadline.

    For keys can be made that take a dict hours to tell apart.
    """

    deadline = float("inf")

    def __iter__(self) -> Iterator[Any]:
        for value in super().__iter__():
            if time.monotonic() > self.deadline:
                raise TimeoutError
            yield value


class ValueKind:
    """How the values of exactly one class cross the boundary.

    `path` is the class, by its module and its name there. What a value is made of is a list of
    parts, each of which is None, a number, text, an array (of its own: no two values share one), a
    list of such parts, a tuple of values that cross (which arrives as `Values`), or another value
    that crosses.

    Parts can come from a student who lies. Values of a subclass are of no kind.
    """

    path: str
    # Whether its parts can contain what stays in the student's notebook.
    holds_objects = False
    # Another kind's class, where the own one has what cannot cross: a file, say.
    arrives_as: str | None = None

    def parts(self, value: Any) -> list[Any] | None:
        """What a value is made of, None if this one stays where it is."""
        raise NotImplementedError

    def make(self, *parts: Any) -> Any:
        """The value that these parts make; raises an exception of any class if they make none.

        It checks each part's type, and how large all becomes, before it uses it.
        """
        raise NotImplementedError

    def update(self, value: Any, now: Any) -> None:
        """Make a value what another one of the class is, for a call has changed it."""

    @property
    def can_change(self) -> bool:
        """Whether a value can be changed."""
        return type(self).update is not ValueKind.update

    @property
    def module(self) -> str:
        """The module of the class as which a value arrives."""
        return (self.arrives_as or self.path).rpartition(".")[0]

    def is_one(self, value: Any) -> bool:
        """Whether a value that was made is one of this kind."""
        return type(value) is self.found_class()

    def found_class(self) -> Any:
        """The class, None where its module has not been imported."""
        module = sys.modules.get(self.path.rpartition(".")[0])
        return getattr(module, self.path.rpartition(".")[2], None)


class Kinds:
    """The kinds that a process knows.

    A class of a library is known once somebody has imported that: nothing here imports a library
    because a frame has a value of it.
    """

    def __init__(self, kinds: Iterable[ValueKind]) -> None:
        self._by_path: dict[str, ValueKind] = {}
        self._by_name: dict[str, list[ValueKind]] = {}
        self._by_class: dict[type, ValueKind | None] = {}  # of those that have been asked for
        self._modules: list[str] = []
        for kind in kinds:
            self.add(kind)

    def add(self, kind: ValueKind) -> None:
        """Know a kind from now on, in place of another one for the same class."""
        name = kind.path.rpartition(".")[2]
        same_name = [other for other in self._by_name.get(name, []) if other.path != kind.path]
        self._by_path[kind.path] = kind
        self._by_name[name] = [*same_name, kind]
        self._by_class = {}
        self._modules = list(dict.fromkeys(known.module for known in self._by_path.values()))

    def of(self, class_: type) -> ValueKind | None:
        """The kind of the values of exactly this class, None if they are of none."""
        if class_ not in self._by_class:
            same_name = self._by_name.get(class_.__name__, [])
            found = (kind for kind in same_name if kind.found_class() is class_)
            self._by_class[class_] = next(found, None)
        return self._by_class[class_]

    def class_at(self, module: str, name: str) -> type | None:
        """The class of a kind that has been imported, by the module and name that it has itself."""
        found = (kind.found_class() for kind in self._by_name.get(name, []))
        return next((each for each in found if each and each.__module__ == module), None)

    def has_one_of(self, class_: type) -> bool:
        """Whether values of a class, or of one that inherits from it, are of a kind."""
        found = (kind.found_class() for kind in self._by_path.values())
        return any(isinstance(each, type) and issubclass(each, class_) for each in found)

    def made(self, path: Any, parts: list[Any]) -> Any:
        """The value of a kind that these parts make.

        Raises:
            BoundaryError: there is no such kind here, or no such value.

        """
        kind = self.named(path)
        try:
            value = kind.make(*parts)
        except (TimeoutError, MemoryError):
            raise
        except Exception:
            raise BoundaryError(f"not a frame: no {kind.path}") from None
        if not kind.is_one(value):
            raise BoundaryError(f"not a frame: no {kind.path}")
        return value

    def named(self, path: Any) -> ValueKind:
        """The kind of a name, if the module of its class has been imported.

        Raises:
            BoundaryError: it is not there.

        """
        kind = self._by_path.get(path) if type(path) is str else None
        if kind is None or kind.found_class() is None:
            raise BoundaryError("not a frame: a value of no known kind")
        return kind

    def import_module_of(self, path: Any) -> None:
        """Import what a kind needs: for the student's side, where a test's arguments arrive."""
        if type(path) is str and path in self._by_path:
            import_module(self._by_path[path].module)

    def modules(self) -> list[str]:
        """The modules of classes that have been imported."""
        return list(filter(sys.modules.__contains__, self._modules))


# ---- checks of parts ----


def whole(*values: Any) -> None:
    """Require ints.

    Raises:
        TypeError: one is another number, or none.

    """
    if any(type(value) is not int for value in values):
        raise TypeError("a part that is no whole number")


def text(value: Any) -> str:
    """Require text.

    Raises:
        TypeError: it is none.

    """
    if type(value) is not str:
        raise TypeError("a part that is no text")
    return value


def values(part: Any) -> Values:
    """Require a tuple of values.

    Raises:
        TypeError: it is none.

    """
    if type(part) is not Values:
        raise TypeError("a part that is no tuple of values")
    return part


def array(part: Any, kinds: str, dimensions: int = 1) -> Any:
    """Require an array of one of these kinds of dtypes, and of so many dimensions.

    Raises:
        TypeError: it is none.

    """
    if type(part) is not np.ndarray or part.dtype.kind not in kinds or part.ndim != dimensions:
        raise TypeError("a part that is no such array")
    return part


def length_of_range(start: Any, stop: Any, step: Any) -> int:
    """How many numbers a range has; numbers are small enough for each machine.

    Raises:
        TypeError, ValueError: there is no such range.

    """
    whole(start, stop, step)
    if any(abs(number) >= 2**40 for number in (start, stop, step)):
        raise ValueError("a range of large numbers")
    return len(range(start, stop, step))
