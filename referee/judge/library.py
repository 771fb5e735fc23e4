"""Functions of Python's library that look at an object by other means than its attributes.

Of an object of the student's notebook, they are asked there. All else they do as ever.
"""

import dataclasses
import functools
import importlib
import inspect
import typing
from collections.abc import Callable
from types import ModuleType
from typing import Any

from referee.judge.objects import RemoteObject
from referee.judge.places import ask

FUNCTIONS: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (dataclasses, ("is_dataclass", "fields", "asdict", "astuple", "replace")),
    (inspect, ("findsource", "getsourcefile", "getfile", "getattr_static", "get_annotations")),
    (importlib, ("reload",)),
    (typing, ("get_type_hints",)),
)


def know_remote_objects() -> None:
    """Have these functions know objects of the student's notebook from now on."""
    for module, names in FUNCTIONS:
        for name in names:
            function = getattr(module, name)
            if not hasattr(function, "__wrapped__"):
                setattr(module, name, _knowing(f"{module.__name__}.{name}", function))


def _knowing(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], RemoteObject):
            return ask(args[0], "library", name, args, kwargs)
        return function(*args, **kwargs)

    return call
