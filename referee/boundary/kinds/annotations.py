"""What annotations say beyond classes: `list[int]`, `int | None`, `Optional[str]`.

They are made of what they are of, which can be a class of the notebook. As that is an object of
another process, they can be of another type then: `Node | None` is what `Optional[Node]` is.
"""

import operator
import types
import typing
from dataclasses import dataclass
from functools import reduce
from typing import Any

from referee.boundary.kinds.kind import ValueKind, text, values

MAX_ARGUMENTS = 50
MAX_TEXT = 2000  # characters


@dataclass(frozen=True)
class Annotation:
    """One that is of something which stays in the notebook, and which no alias here can be of."""

    text: str
    __args__: tuple[Any, ...]

    def __repr__(self) -> str:
        return self.text


class AnnotationKind(ValueKind):
    """An alias, which is made of a class or a name, and of its arguments."""

    holds_objects = True

    def __init__(self, path: str) -> None:
        self.path = path

    def parts(self, value: Any) -> list[Any] | None:
        """What it is of, if it is no class, its text, and all else."""
        (name, of_class), text = self.name_and_class(value), repr(value)
        if name not in NAMES or len(text) > MAX_TEXT:
            return None
        return [name, text, (*of_class, *value.__args__)]

    def make(self, *parts: Any) -> Any:
        """Of the form of this name, or of its text."""
        name, written, arguments = parts
        found = few(arguments)
        if text(name) not in NAMES or len(text(written)) > MAX_TEXT:
            raise ValueError
        has_text = name != "Literal" and any(isinstance(each, str) for each in found)
        try:  # text would be compiled
            made = None if has_text else self.of(name, found)
        except (TypeError, AttributeError):
            made = None
        return made if isinstance(made, ALIASES) else Annotation(written, found)

    def is_one(self, value: Any) -> bool:
        """Whether it is any annotation: what is of a class of the notebook is of another type."""
        return isinstance(value, (*ALIASES, Annotation))

    def name_and_class(self, value: Any) -> tuple[str, tuple[Any, ...]]:
        """The name of its form, or the class that it is of."""
        raise NotImplementedError

    def of(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """The annotation of these arguments."""
        raise NotImplementedError


class GenericAliasKind(AnnotationKind):
    """A container of Python's with what it holds: `list[int]`."""

    def name_and_class(self, value: Any) -> tuple[str, tuple[Any, ...]]:
        """The container's class."""
        return "", (value.__origin__,)

    def of(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Of a class of Python's own."""
        origin, *others = arguments
        if not issubclass(type(origin), type) or name:
            raise TypeError
        return types.GenericAlias(origin, tuple(others))


class UnionKind(AnnotationKind):
    """Classes of which one is meant: `int | None`."""

    def name_and_class(self, value: Any) -> tuple[str, tuple[Any, ...]]:
        """A union."""
        return "Union", ()

    def of(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Of at least two, which are classes if they are written so here."""
        if all(issubclass(type(each), (type, *ALIASES)) for each in arguments):  # whatever it says
            return reduce(operator.or_, arguments)
        return typing.Union[arguments]  # noqa: UP007 - of what is no class here


class TypingKind(AnnotationKind):
    """An alias of `typing`: `List[int]`, `Optional[str]`, `Callable[[int], str]`."""

    def name_and_class(self, value: Any) -> tuple[str, tuple[Any, ...]]:
        """Its name there, or that of what it is a form of."""
        is_union = value.__origin__ is typing.Union
        name = "Union" if is_union else value._name or "Literal"
        return (name if value.__module__ == "typing" else "?"), ()

    def of(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Of the form of this name."""
        form: Any = getattr(typing, name)
        if name == "Callable":
            *taken, returned = arguments
            return form[... if taken == [...] else taken, returned]
        return form[arguments if len(arguments) > 1 else arguments[0]]


def few(arguments: Any) -> tuple[Any, ...]:
    """Require a few values.

    Raises:
        ValueError: they are none, or too many.

    """
    if not 0 < len(values(arguments)) <= MAX_ARGUMENTS:
        raise ValueError
    return tuple(arguments)


NAMES = {
    "",
    *("List", "Dict", "Set", "FrozenSet", "Tuple", "Type", "Deque", "DefaultDict", "Counter"),
    *("Iterable", "Iterator", "Sequence", "Mapping", "Callable", "Generator", "Collection"),
    *("Union", "Literal", "MutableMapping", "MutableSequence", "OrderedDict"),
}
ALIASES: tuple[Any, ...] = (
    *(types.GenericAlias, types.UnionType),
    *(type(alias) for alias in (typing.Optional[int], typing.List[int])),  # noqa: UP006, UP045
    *(type(alias) for alias in (typing.Callable[[int], str], typing.Literal[1])),
)
KINDS = [
    *(GenericAliasKind("types.GenericAlias"), UnionKind("types.UnionType")),
    *(
        TypingKind(f"typing.{name}")
        for name in (
            *("_GenericAlias", "_UnionGenericAlias"),
            *("_CallableGenericAlias", "_LiteralGenericAlias"),
        )
    ),
]
