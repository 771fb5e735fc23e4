"""Containers, numbers and texts of a class of the notebook, as a test has them.

They are plain data with what they contain, and compare as that. What else their class has, such as
the fields of a named tuple, or methods, is asked for in the student's process.
"""

from typing import Any

from referee.boundary.messages import Operate
from referee.judge.objects import (
    COMPARED,
    COMPARING,
    Fork,
    RemoteObject,
    are_all_remote,
    described,
    may_be_asked_for,
    place_of,
    refuse,
)


class Instance:
    """Data whose class is the notebook's; `_fork` has an object of that class."""

    _fork: Fork
    _is_of_notebook = True

    def __getattr__(self, name: str) -> Any:
        """Ask for what a plain container does not have."""
        if name == "_fork" or not may_be_asked_for(name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        value = self._fork.ask(Operate("getattr", (self, name)))
        if isinstance(value, RemoteObject) and place_of(value).type_name == "method":
            return lambda *args, **kwargs: self._call_method(value, name, args, kwargs)
        return value

    def _call_method(self, method: RemoteObject, name: str, args: Any, kwargs: Any) -> Any:
        """Call a method in one request, whose answer has what it has changed."""
        if name in COMPARING and not are_all_remote(*args, *kwargs.values()):
            refuse(method, COMPARED.format(described(method)))
        return self._fork.ask(Operate("method", (self, name, args, kwargs)))

    def __repr__(self) -> str:
        """Its text, as its class has it."""
        return str(self._fork.ask(Operate("repr", (self,))))

    def __str__(self) -> str:
        """Its text, as its class has it."""
        return str(self._fork.ask(Operate("str", (self,))))

    def __reduce_ex__(self, _: Any) -> Any:
        """Be copied as plain data."""
        plain: Any = next(kind for kind in KINDS if isinstance(self, kind))
        return plain, (plain(self),)


class _Number(Instance):
    def __repr__(self) -> str:
        """Its text, as its class has it; one that a library has made of another one has its own."""
        return super().__repr__() if "_fork" in vars(self) else super(Instance, self).__repr__()

    def __str__(self) -> str:
        """Its text, as its class has it."""
        return super().__str__() if "_fork" in vars(self) else super(Instance, self).__repr__()


class _Int(_Number, int):
    pass


class _Float(_Number, float):
    pass


class _Str(Instance, str):
    def __repr__(self) -> str:
        """Its text as Python writes it, as its class has it."""
        return super().__repr__() if "_fork" in vars(self) else str.__repr__(self)

    def __str__(self) -> str:
        """The text itself, whatever its class says, for that is what Python's functions read."""
        return str.__str__(self)


class _List(Instance, list[Any]):
    pass


class _Tuple(Instance, tuple[Any, ...]):
    pass


class _Dict(Instance, dict[Any, Any]):
    def __missing__(self, key: Any) -> Any:
        """Ask for what it has no item for: its class can have an answer."""
        return self._fork.ask(Operate("getitem", (self, key)))


class _Set(Instance, set[Any]):
    pass


class _FrozenSet(Instance, frozenset[Any]):
    pass


KINDS: dict[type, type] = {
    list: _List,
    tuple: _Tuple,
    dict: _Dict,
    set: _Set,
    frozenset: _FrozenSet,
    int: _Int,
    float: _Float,
    str: _Str,
}


def instance_of(fork: Fork, value: Any) -> Any:
    """Data, as an instance of a class of the notebook; an array stays as it is."""
    kind = KINDS.get(type(value))
    if kind is None:
        return value
    instance = kind(value)
    instance._fork = fork
    return instance
