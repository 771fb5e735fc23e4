"""Functions that find an object by a text: an attribute, a module, a class that a file names.

In a test cell, a text that is not the teacher's finds nothing that leads to code: no attribute that
begins with an underscore, and no module or class by its full name.
"""

import builtins
import functools
import importlib
import operator
import string
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

from referee.boundary.attributes import is_special

# Functions that find any object of any module, by module; and which argument names it.
FINDING: tuple[tuple[str, str, int], ...] = (
    ("logging.config", "BaseConfigurator.resolve", 1),
    ("pydoc", "locate", 0),
    ("yaml.constructor", "FullConstructor.find_python_module", 1),
    ("yaml.constructor", "FullConstructor.find_python_name", 1),
)

# Functions by which templates take an attribute of an object, by module.
TAKING: tuple[tuple[str, str], ...] = (
    ("jinja2.environment", "Environment.getattr"),
    ("jinja2.environment", "Environment.getitem"),
)


class Listener(Protocol):
    """Who decides what a text may find in the test cell that runs."""

    def hear_of_attributes(self, path: Any, caller: FrameType | None = None) -> None:
        """Refuse a text that names attributes which the caller takes; none: the teacher's code."""

    def hear_of_object(self, path: Any) -> None:
        """Refuse a text that names an object of a module."""

    def hear_of_module(self, path: Any, caller: FrameType | None) -> None:
        """Refuse a text that names a module which the caller imports."""


Current = Callable[[], Listener | None]


def watch_lookups(current: Current) -> None:
    """Have these functions tell the listener of the test cell that runs, from now on."""
    _replace(importlib, "import_module", _importing(current, importlib.import_module))
    _replace(string.Formatter, "get_field", _formatting(current, string.Formatter.get_field))
    _replace(operator, "attrgetter", _getting(current, operator.attrgetter))
    watch_libraries(current)


def watch_libraries(current: Current) -> None:
    """Do so with those of libraries that are imported by now."""
    for module, path, place in FINDING:
        _replace_in(module, path, functools.partial(_asking, current, place))
    for module, path in TAKING:
        _replace_in(module, path, functools.partial(_taking, current))


def formats(text: Any, name: str, current: Current) -> Any:
    """The method `format` or `format_map` of a value; of a text, one that tells the listener."""
    method = getattr(text, name)
    if not isinstance(text, str) and text is not str:
        return method

    def call(*args: Any, **kwargs: Any) -> Any:
        said = text if isinstance(text, str) else next(iter(args), "")
        if (listener := current()) is not None and isinstance(said, str):
            _hear_of_format(listener, said)
        return method(*args, **kwargs)

    return functools.update_wrapper(call, method) if text is str else call


def attribute_functions(current: Current) -> dict[str, Callable[..., Any]]:
    """Python's functions that name an attribute by a text, telling the listener."""
    return {
        name: _naming(current, getattr(builtins, name))
        for name in ("getattr", "setattr", "delattr")
    }


def _fields(text: str, depth: int = 0) -> list[str]:
    """The names of fields in a text to be formatted, those in their formats too."""
    found = []
    try:
        for _, field, form, _ in string.Formatter().parse(text):
            found += [field] if field else []
            found += _fields(form, depth + 1) if form and depth < 2 else []
    except ValueError:  # which formatting says next
        pass
    return found


def _hear_of_format(listener: Listener, text: str) -> None:
    for field in _fields(text):
        listener.hear_of_attributes(field)


def _replace_in(module: str, path: str, wrap: Callable[[Any], Any]) -> None:
    """Replace a function of a module, or a method of one of its classes, if that is imported."""
    if (owner := sys.modules.get(module)) is None:
        return
    *classes, name = path.split(".")
    for each in classes:
        owner = getattr(owner, each)
    _replace(owner, name, wrap(getattr(owner, name)))


def _replace(owner: Any, name: str, function: Any) -> None:
    if not hasattr(vars(owner)[name], "__wrapped__"):
        setattr(owner, name, function)


def _asking(current: Current, place: int, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if (listener := current()) is not None:
            path = args[place] if len(args) > place else next(iter(kwargs.values()), None)
            listener.hear_of_object(path)
        return function(*args, **kwargs)

    return call


def _taking(current: Current, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def take(self: Any, value: Any, name: Any) -> Any:
        if (listener := current()) is not None and isinstance(name, str):
            listener.hear_of_attributes(name)
            if name in ("format", "format_map") and isinstance(value, str):
                _hear_of_format(listener, value)
        return function(self, value, name)

    return take


def _importing(current: Current, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def import_module(name: Any, package: Any = None) -> Any:
        if (listener := current()) is not None:
            listener.hear_of_module(name, sys._getframe(1))
        return function(name, package)

    return import_module


def _formatting(current: Current, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def get_field(self: Any, field_name: Any, args: Any, kwargs: Any) -> Any:
        if (listener := current()) is not None:
            listener.hear_of_attributes(field_name, _caller_of_string())
        return function(self, field_name, args, kwargs)

    return get_field


def _caller_of_string() -> FrameType | None:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename == string.__file__:
        frame = frame.f_back
    return frame


def _getting(current: Current, kind: Any) -> Any:
    @functools.wraps(kind, updated=())
    def attrgetter(*paths: Any) -> Any:
        if (listener := current()) is not None:
            for path in paths:
                listener.hear_of_attributes(path, sys._getframe(1))
        return kind(*paths)

    return attrgetter


def _is_of_itself(value: Any, name: Any) -> bool:
    """Whether a method takes a private attribute of its own object."""
    is_private = type(name) is str and name.startswith("_") and not is_special(name)
    return is_private and sys._getframe(2).f_locals.get("self") is value


def _naming(current: Current, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(value: Any, name: Any, *rest: Any) -> Any:
        if (listener := current()) is not None and not _is_of_itself(value, name):
            listener.hear_of_attributes(name)
        return function(value, name, *rest)

    return call
