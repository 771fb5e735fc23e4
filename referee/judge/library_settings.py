"""Settings of Python and of libraries that a test changes: they hold for the student's code, too.

`os.environ`, NumPy's print options, the precision of decimals: in one process, what a test sets
there, a function of the student's meets. So it is set in the student's process before the next
call. What the student's code sets there, a test does not meet: it could change how things compare.
"""

import decimal
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from referee.boundary.messages import MAX_MESSAGE, MAX_NAME, shortened
from referee.judge.magics import NotInTests
from referee.judge.remote import DELETED, StudentCode

LOGS = "logging.levels"
SOURCES = 1000  # cells of which it is remembered what they say
OF_DECIMALS = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")
OF_SYS = ("argv", "platform")
OF_STYLE = re.compile(r"rcParams|\brc\(|rc_context|style\.(use|context)|set_(style|theme)")
ATOMS = (type(None), bool, int, float, str)
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Place:
    """Where settings are kept: what a test says that changes some, and how all are read."""

    said: re.Pattern[str]
    read: Callable[[], dict[str, Any]]


def _flat(options: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _of_pandas() -> dict[str, Any]:
    options = getattr(sys.modules.get("pandas"), "options", None)
    return dict(_flat(object.__getattribute__(options, "d"))) if options is not None else {}


def _of_matplotlib() -> dict[str, Any]:
    found = getattr(sys.modules.get("matplotlib"), "rcParams", {})
    return dict(dict.items(found))


def _of_numpy(name: str) -> dict[str, Any]:
    return dict(getattr(np, name)())


def _of_decimals() -> dict[str, Any]:
    context = decimal.getcontext()
    traps = [signal.__name__ for signal, is_one in context.traps.items() if is_one]
    return {name: getattr(context, name) for name in OF_DECIMALS} | {"traps": traps}


def _levels() -> dict[str, Any]:
    found = {
        name: logger.level
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and logger.level
    }
    return found | {"": logging.root.level, "*": logging.root.manager.disable}


def _of_sys() -> dict[str, Any]:
    return {name: getattr(sys, name, None) for name in OF_SYS}


PLACES: dict[str, Place] = {
    "os.environ": Place(re.compile("environ|setenv|delenv"), lambda: dict(os.environ)),
    "decimal.getcontext()": Place(re.compile("context|decimal"), _of_decimals),
    "sys.getrecursionlimit()": Place(
        re.compile("recursionlimit"), lambda: {"limit": sys.getrecursionlimit()}
    ),
    "sys": Place(re.compile("|".join(OF_SYS)), _of_sys),
    "numpy.get_printoptions()": Place(
        re.compile("printoptions"), lambda: _of_numpy("get_printoptions")
    ),
    "numpy.geterr()": Place(re.compile("seterr|errstate"), lambda: _of_numpy("geterr")),
    "pandas.options": Place(re.compile("option"), _of_pandas),
    "matplotlib.rcParams": Place(OF_STYLE, _of_matplotlib),
    LOGS: Place(re.compile(r"[lL]ogs\b|[lL]ogging|getLogger|caplog|LogRecord"), _levels),
}


@lru_cache(SOURCES)
def places_said_in(source: str) -> frozenset[str]:
    """The places of settings that a cell's code may change."""
    return frozenset(name for name, place in PLACES.items() if place.said.search(source))


class LibrarySettings:
    """The settings that tests have changed, from the first test on that could change some."""

    def __init__(self) -> None:
        self._before: dict[str, dict[str, Any]] = {}  # those of each place before all tests
        self._graders = set(_handlers())

    def of_test(self, sources: list[str], folder: Path, student: StudentCode) -> Callable[[], None]:
        """What to do before each call of a test cell that runs in this folder.

        The sources are those of all cells so far.
        """
        for name in sorted(frozenset().union(*map(places_said_in, sources))):
            if name not in self._before:
                self._before[name] = _kept(PLACES[name].read())
        there: dict[str, dict[str, Any]] = {name: {} for name in self._before}
        hears = LOGS in there
        here = os.fspath(folder)

        def send() -> None:
            nonlocal hears
            if os.getcwd() != here:  # noqa: PTH109 - this is done before each call
                raise NotInTests(
                    "the test changes the working folder and then calls the student's code, which "
                    "is in another process. Have a function of the notebook change it"
                )
            if hears:
                student.replace("hear", self._hear, "logging.handlers")
                hears = False
            for place, known in there.items():
                self._send(place, known, sources, student)

        return send

    def _hear(self, name: Any, level: Any, message: Any) -> None:
        """Log here what the student's code has logged there, but in no log of the grader's."""
        if not (type(name) is str and type(level) is int and type(message) is str):
            raise TypeError("a record of a log that is none")
        logger: logging.Logger | None = _known_logger(shortened(name, MAX_NAME))
        text = shortened(message, MAX_MESSAGE)
        record = logging.LogRecord(name, level, "<the student's notebook>", 0, text, (), None)
        if logger is None or not logger.isEnabledFor(level) or not logger.filter(record):
            return
        while logger is not None:
            for handler in logger.handlers:
                if level >= handler.level and handler not in self._graders:
                    handler.handle(record)
            logger = logger.parent if logger.propagate else None

    def _send(
        self, place: str, known: dict[str, Any], sources: list[str], student: StudentCode
    ) -> None:
        """Have the student's process know the settings of one place as they are now."""
        before, now = self._before[place], _kept(PLACES[place].read())
        if now == before and not known:
            return
        changed = {name: value for name, value in now.items() if before.get(name, DELETED) != value}
        gone = before.keys() - now.keys()
        if place == "os.environ":  # of which no names are to be known there but those of the test's
            gone = (
                {""}
                if not before.keys() & now.keys() and before
                else gone & set(WORD.findall("\n".join(sources)))
            )
        if "" in gone and place == "os.environ":
            changed = {"": now}
        else:
            changed |= dict.fromkeys(gone, DELETED)
        for name in known.keys() - changed.keys():
            del known[name]
            student.restore(name, place)
        for name, value in changed.items():
            if name not in known or known[name] != value:
                known[name] = value
                student.replace(name, value, place)


def _known_logger(name: str) -> logging.Logger:
    """The logger of this name, or the nearest one above: none is made, for it would stay."""
    loggers = logging.root.manager.loggerDict
    while name:
        if isinstance(found := loggers.get(name), logging.Logger):
            return found
        name = name.rpartition(".")[0]
    return logging.root


def _kept(settings: dict[str, Any]) -> dict[str, Any]:
    """Those settings that are data, as they are now."""
    return {name: _copied(value) for name, value in settings.items() if _is_data(value)}


def _copied(value: Any) -> Any:
    return list(value) if type(value) is list else value


def _is_data(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(type(item) in ATOMS for item in value)
    return type(value) in ATOMS


def _handlers() -> Iterator[logging.Handler]:
    """All handlers of this process."""
    yield from logging.root.handlers
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            yield from logger.handlers
