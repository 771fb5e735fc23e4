"""Settings of Python and of libraries that a test changes, changed in the student's process, too.

A place is where settings are kept, by its name; each setting has a name in it.
"""

import decimal
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NOTHING = object()
Setter = Callable[[str, Any], None]


@dataclass(frozen=True)
class Place:
    """How to read a setting, NOTHING if there is none, and how to set it, or to take it away."""

    get: Callable[[str], Any]
    set: Setter
    remove: Callable[[str], None] = lambda _: None


class _Teller(logging.Handler):
    """Tells a test of what is logged. As any handler, it raises nothing in the code that logs."""

    def __init__(self, tell: Callable[[str, int, str], None]) -> None:
        super().__init__()
        self._tell = tell
        self._process = os.getpid()  # in which the test waits

    def emit(self, record: logging.LogRecord) -> None:
        if os.getpid() != self._process:
            return
        try:
            self._tell(record.name, record.levelno, record.getMessage())
        except Exception:
            self.handleError(record)


def _library(name: str) -> Any:
    return __import__(name)


def _environment(name: str) -> Any:
    return os.environ.get(name, NOTHING) if name else dict(os.environ)


def _set_environment(name: str, value: Any) -> None:
    if name:
        os.environ[name] = value
    else:
        os.environ.clear()
        os.environ.update(value)


def _remove_from_environment(name: str) -> None:
    if name:
        os.environ.pop(name, None)
    else:
        os.environ.clear()


def _set_context(name: str, value: Any) -> None:
    context = decimal.getcontext()
    if name == "traps":
        value = [getattr(decimal, signal) for signal in value]
        context.traps = {signal: signal in value for signal in context.traps}
    else:
        setattr(context, name, value)


def _context(name: str) -> Any:
    context = decimal.getcontext()
    if name == "traps":
        return [signal.__name__ for signal, is_one in context.traps.items() if is_one]
    return getattr(context, name)


def _set_level(name: str, level: Any) -> None:
    if name == "*":
        logging.disable(level)
    else:
        logging.getLogger(name).setLevel(level)


def _tell(_: str, tell: Any) -> None:
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _Teller)]:
        root.removeHandler(handler)
    root.addHandler(_Teller(tell))


PLACES: dict[str, Place] = {
    "os.environ": Place(_environment, _set_environment, _remove_from_environment),
    "decimal.getcontext()": Place(_context, _set_context),
    "sys.getrecursionlimit()": Place(
        lambda _: sys.getrecursionlimit(), lambda _, limit: sys.setrecursionlimit(limit)
    ),
    "numpy.get_printoptions()": Place(
        lambda name: _library("numpy").get_printoptions()[name],
        lambda name, value: _library("numpy").set_printoptions(**{name: value}),
    ),
    "numpy.geterr()": Place(
        lambda name: _library("numpy").geterr()[name],
        lambda name, value: _library("numpy").seterr(**{name: value}),
    ),
    "pandas.options": Place(
        lambda name: _library("pandas").get_option(name),
        lambda name, value: _library("pandas").set_option(name, value),
    ),
    "matplotlib.rcParams": Place(
        lambda name: _library("matplotlib").rcParams[name],
        lambda name, value: _library("matplotlib").rcParams.update({name: value}),
    ),
    "logging.levels": Place(lambda name: logging.getLogger(name).level, _set_level),
    "logging.handlers": Place(lambda _: NOTHING, _tell),
}
