"""Classes of a test that inherit from one of the student's.

    class Square(Shape):
        def area(self):
            return self.side**2

Such a class is made in the student's process, and its objects are there. Its methods stay here: the
student's process asks for them, as for other functions that a test passes to it.
"""

import builtins
import sys
from abc import ABCMeta
from types import FunctionType
from typing import Any

from referee.judge.places import (
    Remote,
    ask,
    described,
    last_place_of,
    may_be_asked_for,
    refuse,
)

CLASSES = ("type", "ABCMeta")  # the types of those that can be inherited from
# What Python puts into the namespace of a class for itself.
PYTHONS = {
    *("__module__", "__qualname__", "__orig_bases__", "__classcell__", "__annotations__"),
    *("__firstlineno__", "__static_attributes__"),
}
IN_BOTH = "and from a class of its own, which would be in both processes at once"
NO_CLASS = "which is no class"


def stand_for_base(_: Any) -> tuple[type]:
    """What Python is to take in the place of a class of the student's."""
    return (_Base,)


def refuse_as_base(value: Remote, why: str = NO_CLASS) -> Any:
    """End a test that inherits from what it cannot inherit from."""
    refuse(value, f"the test defines a class that inherits from {described(value)}, {why}")


class _Inheriting(ABCMeta):
    """Makes classes, those with bases of the student's where they are."""

    def __new__(
        cls, name: str, bases: tuple[Any, ...], namespace: dict[str, Any], **options: Any
    ) -> Any:
        """Make a class."""
        if "__orig_bases__" not in namespace:
            return super().__new__(cls, name, bases, namespace, **options)
        bases = namespace["__orig_bases__"]
        first = next(each for each in bases if isinstance(each, Remote))
        if any(not isinstance(each, Remote) and each.__module__ == "__main__" for each in bases):
            refuse_as_base(first, IN_BOTH)
        own = [(key, *_parts_of(value)) for key, value in namespace.items() if key not in PYTHONS]
        made = ask(first, "subclass", name, bases, own, options)
        last_place_of(first).is_inherited_from(made, name, frozenset(namespace))
        if (cell := namespace.get("__classcell__")) is not None:
            cell.cell_contents = made  # which `super()` looks for
        return made


class _Base(metaclass=_Inheriting):
    pass


def _parts_of(value: Any) -> tuple[Any, ...]:
    """What an attribute of a class is, and what it is made of."""
    match value:
        case property():
            return "property", value.fget, value.fset, value.fdel
        case classmethod() | staticmethod():
            return type(value).__name__, value.__func__
        case FunctionType() if getattr(value, "__isabstractmethod__", False):
            return "abstract method", value
    return "value", value


class _RemoteSuper:
    """What `super()` is in a method of such a class: it has no names of its own."""

    __slots__ = ("_of",)

    def __init__(self, kind: Remote, value: Any) -> None:
        _OF.__set__(self, (kind, value))

    def __getattribute__(self, name: str) -> Any:
        """Ask for what the classes above have."""
        if not may_be_asked_for(name):
            raise AttributeError(f"'super' object has no attribute {name!r}")
        kind, value = _OF.__get__(self)
        return ask(kind, "super", kind, value, name)


_OF = _RemoteSuper.__dict__["_of"]
delattr(_RemoteSuper, "_of")


def super_of(*args: Any) -> Any:
    """What `super` is in tests."""
    if not args:
        frame = sys._getframe(1)
        kind = frame.f_locals.get("__class__")
        first = frame.f_code.co_varnames[:1]
        if kind is None or not first or first[0] not in frame.f_locals:
            raise RuntimeError("super(): no arguments")
        args = kind, frame.f_locals[first[0]]
    return _RemoteSuper(*args) if isinstance(args[0], Remote) else builtins.super(*args)
