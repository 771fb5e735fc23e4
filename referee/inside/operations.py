"""What a test may ask of an object that stays in the student's process."""

import abc
import builtins
import copy
import importlib
import inspect
import math
import operator
import sys
import typing
from collections.abc import Callable
from enum import EnumMeta
from types import BuiltinFunctionType, ModuleType, NoneType, new_class
from typing import Any

import numpy as np

from referee.boundary.attributes import attributes_of, is_made_of_attributes
from referee.boundary.kinds import KINDS
from referee.boundary.python_types import TYPES
from referee.boundary.states import GENERATORS, state_of, stateful_class_of
from referee.inside.awaiting import begin, cancel, go_on, next_awaited
from referee.inside.library_data import data_of
from referee.inside.probe import Arguments, made_of_each

MAX_OBJECTS = 1000  # whose attributes are compared


def next_item(iterator: Any) -> tuple[bool, Any]:
    """Whether there is a next item, and the item, or else what a generator has returned."""
    return _resumed(iterator.__next__)


def send(generator: Any, value: Any) -> tuple[bool, Any]:
    """The same, of a generator that is sent a value."""
    return _resumed(generator.send, value)


def throw(generator: Any, error: Any, message: str = "") -> tuple[bool, Any]:
    """The same, of a generator into which an exception is thrown, or one of Python's by name."""
    if isinstance(error, str):
        error = vars(builtins)[error](message)
    return _resumed(generator.throw, error)


def _resumed(resume: Callable[..., Any], *args: Any) -> tuple[bool, Any]:
    try:
        return True, resume(*args)
    except StopIteration as end:
        return False, end.value


def leave(context: Any, error: Any, args: Any = ()) -> bool:
    """Leave a context with an exception, or one of Python's by name; whether it hides that."""
    if isinstance(error, str):
        kind = vars(builtins)[error]
        try:
            error = kind(*args)
        except TypeError:  # UnicodeDecodeError, say, wants to know more
            error = RuntimeError(*args)
    try:
        raise error
    except BaseException as raised:
        hides = type(context).__exit__(context, type(raised), raised, raised.__traceback__)
    return bool(hides)


def is_instance(value: Any, kind: Any) -> bool:
    """Whether a value is an instance of a class, or of one that is named by module and name."""
    return isinstance(value, _class(kind))


def is_subclass(value: Any, kind: Any) -> bool:
    """Whether a class is a subclass of another."""
    return issubclass(value, _class(kind))


def signature(function: Any) -> tuple[list[Any], list[Any]]:
    """The parameters of a function, and what it returns.

    A parameter is its name, kind, default and annotation; the last two are lists of one or none.
    """

    def listed(value: Any) -> list[Any]:
        return [] if value is inspect.Parameter.empty else [value]

    found = inspect.signature(function)
    parameters = [
        (each.name, int(each.kind), listed(each.default), listed(each.annotation))
        for each in found.parameters.values()
    ]
    return parameters, listed(found.return_annotation)


def exception_names(
    kind: Any,
) -> tuple[tuple[str, ...], tuple[str, ...], str, tuple[tuple[int | str, ...], ...]] | None:
    """The names of an exception class and its bases, and their modules.

    Then the name of the nearest of Python's own, and which bases each one has itself: the number of
    one of these, or the name of one of Python's.
    """
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        return None
    own = [base for base in kind.__mro__ if base.__module__ != "builtins"]
    numbers: dict[type, int | str] = {base: number for number, base in enumerate(own)}
    return (
        tuple(base.__name__ for base in own),
        tuple(str(base.__module__) for base in own),
        next(base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"),
        tuple(tuple(numbers.get(base, base.__name__) for base in each.__bases__) for each in own),
    )


def is_only_itself(value: Any) -> bool:
    """Whether objects of its class are equal only if they are the same."""
    return not _defines(value, {"__eq__", "__ne__"})


def state(value: Any) -> list[Any] | None:
    """The classes and attributes of an object and of all in them, in the order of finding them.

    Each object is named by its place in this list, so that two of these are equal if the objects
    are. None, if it is of a class that is not made of attributes, or if there are very many.
    """
    found: list[Any] = []
    places: dict[int, int] = {}

    def listed(part: Any) -> Any:
        kind = type(part)
        if kind in (list, tuple):
            return kind.__name__, [listed(each) for each in part]
        if kind is dict and all(map(_is_plain_key, part)):
            return "dict", {key: listed(each) for key, each in part.items()}
        if kind is dict:
            pairs = sorted(part.items(), key=lambda pair: _told(pair[0]))
            return "list", [("tuple", [listed(key), listed(each)]) for key, each in pairs]
        if kind in (set, frozenset) and not all(map(_is_plain_key, part)):
            return "list", [listed(each) for each in sorted(part, key=_told)]
        is_member = isinstance(kind, EnumMeta)
        crosses = kind.__module__ == "builtins" or KINDS.of(kind) is not None
        if is_member or crosses or not is_made_of_attributes(kind):
            return "value", part
        if places.setdefault(id(part), len(found)) == len(found) and len(found) <= MAX_OBJECTS:
            found.append(part)
        return "object", places[id(part)]

    listed(value)
    attributes = [  # which finds more of them
        (type(each), {name: listed(part) for name, part in attributes_of(each).items()})
        for each in found
    ]
    return attributes if 0 < len(attributes) <= MAX_OBJECTS else None


def _is_plain_key(key: Any) -> bool:
    if type(key) is tuple:
        return all(map(_is_plain_key, key))
    return key is None or type(key).__module__ == "builtins"


def _told(key: Any) -> str:
    """What puts objects in order that are in a set, or keys: of equal ones, the same."""
    return repr(attributes_of(key) if is_made_of_attributes(type(key)) else key)


def states(values: list[Any]) -> list[Any]:
    """The same of each of some objects."""
    return [state(value) for value in values]


def probe(make: Callable[..., Any], calls: list[Arguments]) -> list[Any]:
    """The attributes of what a class makes of each of these arguments; None where it is no data."""
    return made_of_each(make, calls, _attributes)


def _attributes(value: Any) -> Any:
    found = state(value)
    return None if found is None else [attributes for _, attributes in found]


def is_always_true(value: Any) -> bool:
    """Whether objects of its class are true whatever they contain."""
    return not _defines(value, {"__bool__", "__len__"})


def is_true_by_its_length(value: Any) -> bool:
    """Whether objects of its class are true if they contain something, and know how much."""
    return _defines(value, {"__len__"}) and not _defines(value, {"__bool__"})


def _defines(value: Any, names: set[str]) -> bool:
    own = [vars(kind).keys() for kind in type(value).__mro__ if kind is not object]
    return any(defined & names for defined in own)


def module_and_name(definition: Any) -> tuple[str, str] | None:
    """Where a class or function is that other processes have there, too."""
    name = definition.__module__, definition.__qualname__
    return name if _class(name) is definition else None


def name_in_library(value: Any) -> tuple[str, str] | None:
    """The module and name of a class, a built-in function or a ufunc of a library."""
    if isinstance(value, np.ufunc):
        name = value.__name__
        return ("numpy", name) if vars(np).get(name) is value else None
    if type(value).__module__ == "typing":  # Any, or a form such as Callable
        name = str(getattr(value, "_name", None) or getattr(value, "__name__", ""))
        return ("typing", name) if vars(typing).get(name) is value else None
    if not isinstance(value, type | BuiltinFunctionType) or value.__module__ == "__main__":
        return None
    if value is NoneType:
        return "builtins", "NoneType"
    is_named = type(value.__module__) is str and type(value.__qualname__) is str
    return module_and_name(value) if is_named else None


def _class(kind: Any) -> Any:
    match kind:
        case ("builtins" | "types", str(name)) if name in TYPES:
            return TYPES[name]
        case (str(module), str(name)):
            found: Any = sys.modules.get(module, ModuleType(module))
            for part in name.split("."):
                found = getattr(found, part, _Nothing)
            return found
    return kind


def library(name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """What a function of Python's library says of an object."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)(*args, **kwargs)


def method(value: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """What a method returns."""
    return getattr(value, name)(*args, **kwargs)


def subclass(
    name: str, bases: tuple[Any, ...], own: list[tuple[Any, ...]], options: dict[str, Any]
) -> Any:
    """A class of a test's that inherits from one of the student's; its functions are the test's."""

    def fill(namespace: dict[str, Any]) -> None:
        namespace["__module__"] = "__main__"
        for key, kind, *parts in own:
            namespace[key] = ATTRIBUTES[kind](*parts)

    return new_class(name, bases, options, fill)


def parent(kind: Any, value: Any, name: str) -> Any:
    """What the classes above one have under a name."""
    return getattr(super(kind, value), name)


ATTRIBUTES: dict[str, Callable[..., Any]] = {
    "value": lambda value: value,
    "abstract method": abc.abstractmethod,
    **{kind.__name__: kind for kind in (property, classmethod, staticmethod)},
}


def end_cell() -> None:
    """Close the figures, as IPython does at the end of a cell that it shows them below."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if isinstance(pyplot, ModuleType) and "inline" in pyplot.get_backend():
        pyplot.close("all")


def random_generator(value: Any) -> tuple[str, Any] | None:
    """The class and state of a generator of random numbers; None if it is no such one."""
    name = stateful_class_of(value)
    return (name, state_of(value)) if name in GENERATORS else None


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
    "contains": operator.contains,
    "iter": iter,
    "reversed": reversed,
    "next": next_item,
    "send": send,
    "throw": throw,
    "exit": leave,
    "begin": begin,
    "go on": go_on,
    "cancel": cancel,
    "aiter": aiter,
    "anext": next_awaited,
    "method": method,
    "subclass": subclass,
    "super": parent,
    "library": library,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "repr": repr,
    "str": str,
    "format": format,
    "dir": dir,
    "type": type,
    "module and name": module_and_name,
    "is only itself": is_only_itself,
    "is always true": is_always_true,
    "is true by its length": is_true_by_its_length,
    "data": data_of,
    "state": state,
    "states": states,
    "probe": probe,
    "hash": hash,
    "bool": bool,
    "isinstance": is_instance,
    "issubclass": is_subclass,
    "signature": signature,
    "end cell": end_cell,
    "random generator": random_generator,
    "exception names": exception_names,
    "int": int,
    "float": float,
    "complex": complex,
    "round": round,
    "trunc": math.trunc,
    "index": operator.index,
    "divmod": divmod,
    "and": operator.and_,
    "or": operator.or_,
    **{
        name: getattr(operator, name)
        for name in (
            *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
            *("eq", "ne", "lt", "le", "gt", "ge"),
            *("xor", "lshift", "rshift", "neg", "pos", "invert", "abs"),
            *("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul"),
            *("iand", "ior", "ixor", "ilshift", "irshift"),
        )
    },
}
# Those that answer with lists and dictionaries of their own.
DESCRIBES = {
    *("state", "states", "probe", "data", "signature", "exception names", "random generator")
}
