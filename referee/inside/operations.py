"""What a test may ask of an object that stays in the student's process."""

import inspect
import math
import operator
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def next_item(iterator: Any) -> tuple[bool, Any]:
    """Whether there is a next item, and the item."""
    item = next(iterator, _Nothing)
    return item is not _Nothing, None if item is _Nothing else item


def is_instance(value: Any, kind: Any) -> bool:
    """Whether a value is an instance of a class, or of one that is named by module and name."""
    return isinstance(value, _class(kind))


def is_subclass(value: Any, kind: Any) -> bool:
    """Whether a class is a subclass of another."""
    return issubclass(value, _class(kind))


def signature(function: Any) -> list[tuple[str, int, bool, Any]]:
    """The parameters of a function: name, kind, whether there is a default, and that."""
    parameters = inspect.signature(function).parameters.values()
    return [
        (
            parameter.name,
            int(parameter.kind),
            (has := parameter.default is not parameter.empty),
            parameter.default if has else None,
        )
        for parameter in parameters
    ]


def exception_names(kind: Any) -> tuple[tuple[str, ...], str] | None:
    """The names of an exception class and its bases; last, the nearest of Python's own."""
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return None
    own = tuple(base.__name__ for base in kind.__mro__ if base.__module__ != "builtins")
    return own, next(base.__name__ for base in kind.__mro__ if base.__module__ == "builtins")


def is_only_itself(value: Any) -> bool:
    """Whether objects of its class are equal only if they are the same."""
    return not _defines(value, {"__eq__", "__ne__"})


def is_always_true(value: Any) -> bool:
    """Whether objects of its class are true whatever they contain."""
    return not _defines(value, {"__bool__", "__len__"})


def _defines(value: Any, names: set[str]) -> bool:
    own = [vars(kind).keys() for kind in type(value).__mro__ if kind is not object]
    return any(defined & names for defined in own)


def class_names(value: Any) -> tuple[str, str]:
    """The module of a value's class, and its name there."""
    return type(value).__module__, type(value).__qualname__


def _class(kind: Any) -> Any:
    match kind:
        case (str(module), str(name)):
            found: Any = sys.modules.get(module, ModuleType(module))
            for part in name.split("."):
                found = getattr(found, part, _Nothing)
            return found
    return kind


class _Nothing:
    """A class without instances, for one that this process does not know."""


OPERATIONS: dict[str, Callable[..., Any]] = {
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "len": len,
    "iter": iter,
    "next": next_item,
    "repr": repr,
    "str": str,
    "format": format,
    "dir": dir,
    "type": type,
    "class names": class_names,
    "is only itself": is_only_itself,
    "is always true": is_always_true,
    "isinstance": is_instance,
    "issubclass": is_subclass,
    "signature": signature,
    "exception names": exception_names,
    "int": int,
    "float": float,
    "complex": complex,
    "round": round,
    "trunc": math.trunc,
    "and": operator.and_,
    "or": operator.or_,
    **{
        name: getattr(operator, name)
        for name in (
            *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
            *("xor", "lshift", "rshift", "neg", "pos", "invert", "abs"),
        )
    },
}
