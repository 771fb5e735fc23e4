"""What annotations say beyond classes: `list[int]`, `int | None`, `Optional[str]`.

They are made of what they are of, which can be a class of the notebook.
"""

import operator
import types
import typing
from functools import reduce
from typing import Any

from referee.boundary.kinds.kind import ValueKind, text, values

MAX_ARGUMENTS = 50


class GenericAliasKind(ValueKind):
    """A container of Python's with what it holds: `list[int]`."""

    path = "types.GenericAlias"
    holds_objects = True

    def parts(self, value: Any) -> list[Any]:
        """The container's class, and its arguments."""
        return [(value.__origin__, *value.__args__)]

    def make(self, *parts: Any) -> Any:
        """Of a class of Python's own."""
        origin, *arguments = few(*parts)
        if type(origin) is not type:
            raise TypeError
        return types.GenericAlias(origin, tuple(arguments))


class UnionKind(ValueKind):
    """Classes of which one is meant: `int | None`."""

    path = "types.UnionType"
    holds_objects = True

    def parts(self, value: Any) -> list[Any]:
        """The classes."""
        return [value.__args__]

    def make(self, *parts: Any) -> Any:
        """Of at least two."""
        return reduce(operator.or_, few(*parts))


class TypingKind(ValueKind):
    """An alias of `typing`: `List[int]`, `Optional[str]`, `Callable[[int], str]`."""

    holds_objects = True

    def __init__(self, path: str) -> None:
        self.path = path

    def parts(self, value: Any) -> list[Any] | None:
        """Its name there, or that of what it is a form of; and its arguments."""
        if value.__module__ != "typing":
            return None
        name = "Union" if value.__origin__ is typing.Union else value._name or "Literal"
        return [name, value.__args__] if name in NAMES else None

    def make(self, *parts: Any) -> Any:
        """Of the form of this name."""
        name, arguments = parts
        if text(name) not in NAMES:
            raise ValueError
        found = few(arguments)
        form: Any = getattr(typing, name)
        if name == "Callable":
            *taken, returned = found
            return form[... if taken == [...] else taken, returned]
        return form[found if len(found) > 1 else found[0]]


def few(arguments: Any) -> tuple[Any, ...]:
    """Require a few values.

    Raises:
        ValueError: they are none, or too many.

    """
    if not 0 < len(values(arguments)) <= MAX_ARGUMENTS:
        raise ValueError
    return tuple(arguments)


NAMES = {
    *("List", "Dict", "Set", "FrozenSet", "Tuple", "Type", "Deque", "DefaultDict", "Counter"),
    *("Iterable", "Iterator", "Sequence", "Mapping", "Callable", "Generator", "Collection"),
    *("Union", "Literal", "MutableMapping", "MutableSequence", "OrderedDict"),
}
KINDS = [
    *(GenericAliasKind(), UnionKind()),
    *(
        TypingKind(f"typing.{name}")
        for name in (
            *("_GenericAlias", "_UnionGenericAlias"),
            *("_CallableGenericAlias", "_LiteralGenericAlias"),
        )
    ),
]
