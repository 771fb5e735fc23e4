"""What a test passes to the student's code that is no plain data: functions, iterators, fakes.

They stay here. The student's code can call them, or ask an iterator for its next item, and nothing
else: only of instances of the test's own classes are attributes looked up for it, see `fakes`. What
Python and other libraries define goes by its name, and the student's process uses its own: here,
with arguments of a student's choice, `pickle.loads` runs code.
"""

import builtins
import cmath
import inspect
import math
import operator
import os
import random
import statistics
import string
import sys
from collections.abc import Callable, ItemsView, KeysView, ValuesView
from contextlib import nullcontext
from functools import partial
from io import IOBase
from itertools import count
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from referee.boundary.frame import BoundaryError, Tag
from referee.boundary.messages import MAX_MESSAGE, CallBack, Raised, is_small, shortened
from referee.boundary.states import state_of, stateful_class_of
from referee.judge.awaiting import begin, cancel, go_on
from referee.judge.exceptions import given_by
from referee.judge.fakes import (
    get_of_mock,
    is_context,
    is_fake,
    is_mock,
    operation_of_fake,
    operations_of_fake,
    set_of_mock,
    syntax_of_mock,
)
from referee.judge.guards import Guard

KNOWN_MODULES = (
    *(builtins, math, cmath, operator, random, statistics, string),
    *(np, np.linalg, np.random),
)
MAX_NAME = 100  # characters
MAX_DOC = 2000
MAX_PARAMETERS = 50
MAX_RAISED = 100  # exceptions that are kept
OF_COROUTINES = {"begin", "go on", "cancel"}
OF_FILES = {"read", "readline", "readlines", "write"}
LIBRARIES = tuple(prefix + os.sep for prefix in (sys.prefix, sys.base_prefix))
JUDGE = "referee.judge."  # our own functions do what they do with a student's arguments in mind
VIEWS = (KeysView, ValuesView, ItemsView)


class ObjectsOfTest:
    """The objects of a test that a fork of the student's kernel has been given, by number.

    `path_of` says of a class where the student's notebook has it, or None.
    """

    def __init__(self, path_of: Callable[[type], tuple[str, str] | None] = lambda _: None) -> None:
        self._path_of = path_of
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}  # by id
        self._raised: dict[int, BaseException] = {}  # the last ones, by number
        self._raised_so_far = count()

    def node(
        self, value: Any, name: tuple[str, str] | None = None, *, tells_docs: bool = False
    ) -> list[Any]:
        """How an object crosses: its number, and what it is, or its name in the notebook.

        With `tells_docs` with its docstring, which can say what a hidden test expects.

        Raises:
            TypeError: the student's code could do nothing with it.

        """
        if name:
            described: list[Any] | None = ["name", *name]
        elif isinstance(value, Exception):
            described = ["exception", self._described(value)]
        else:
            described = described_as(value, tells_docs=tells_docs)
        if described is None:
            kind = ModuleType if isinstance(value, ModuleType) else type(value)
            raise TypeError(
                f"a test passes a {kind.__name__} to the student's code; only plain data, "
                "NumPy arrays, functions, iterators and instances of a course's own classes can "
                "be passed"
            )
        number = self._numbers.setdefault(id(value), len(self._objects))
        if number == len(self._objects):
            self._objects.append(value)
        return [Tag.OF_TEST, number, *described]

    def get(self, number: int, *more: Any) -> Any:
        """The object of this number, which has come back.

        Raises:
            BoundaryError: there is none.

        """
        if more or not 0 <= number < len(self._objects):
            raise BoundaryError("not a frame: an object of the test's that it has not passed")
        return self._objects[number]

    def operation(self, back: CallBack) -> Callable[..., Any]:
        """What the student's code wants to have done, to be called with its arguments.

        Raises:
            BoundaryError: there is no such object, or this is nothing that can be done with it.

        """
        value = self.get(back.number)
        if back.operation not in operations_of(value):
            raise BoundaryError("it asks for what an object of the test's does not do")
        operation: Any = operation_of_fake(back.operation) or OPERATIONS.get(back.operation)
        if is_mock(value):
            operation = OF_MOCKS.get(back.operation, operation)
        return partial(operation, value)

    def _described(self, error: Exception) -> list[Any]:
        """An exception that the student's code is given, with what is plain text and numbers."""
        raised = self.remember(error)
        args = list(error.args) if all(map(_is_plain, error.args)) else None
        given = [[*item] for item in given_by(error).items() if _is_plain(item[1])]
        texts = raised.type, raised.name, raised.message
        return [*texts, raised.known, [*raised.modules, *raised.bases], args, given]

    def remember(self, error: BaseException) -> Raised:
        """An exception of the test, which the student's code is to raise or to have."""
        kind = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
        message = error.args[0] if kind is KeyError and len(error.args) == 1 else error
        number = next(self._raised_so_far)
        self._raised[number] = error
        self._raised.pop(number - MAX_RAISED, None)
        own = [base for base in type(error).__mro__ if base.__module__ != "builtins"]
        places = (_name_in_a_library(base) or self._path_of(base) for base in own)
        module, name = next(filter(None, places), ("", ""))
        return Raised(
            kind.__name__,
            type(error).__name__,
            shortened(str(message), MAX_MESSAGE),
            "",
            (name,) if name else (),
            number,
            (module,) if name else (),
            error.args if is_small(error.args) else None,
        )

    def raised(self, number: int | None) -> BaseException | None:
        """The exception of this number, which the student's code has let through; if it is kept.

        None that Python takes for the end of something: the student's code can let it through when
        it likes, and end a loop of the test with it.
        """
        error = None if number is None else self._raised.get(number)
        return None if isinstance(error, StopIteration | StopAsyncIteration) else error


def _is_plain(value: Any) -> bool:
    if type(value) is int:
        return abs(value) < 2**63
    return value is None or type(value) in (bool, float, str)


def described_as(value: Any, *, tells_docs: bool = False) -> list[Any] | None:
    """What the student's process learns of an object of the test's; None if it cannot have it."""
    if (known := WELL_KNOWN.get(id(value))) is not None:
        return ["name", *known[1:]]
    if isinstance(value, MethodDescriptorType) and value.__objclass__.__module__ == "builtins":
        return ["name", "builtins", value.__qualname__]
    if (name := _name_in_a_library(value)) is not None:
        return ["name", *name]
    if (kind := stateful_class_of(value)) is not None:
        return ["state", kind, state_of(value)]
    operations = operations_of(value)
    is_sentinel = type(value) is object  # which is only itself
    if not (operations or is_sentinel) or type(value).__module__ == "sqlite3":  # which can do more
        return None
    if operations == OF_COROUTINES:
        return ["coroutine"]
    name, doc = getattr(value, "__name__", None), getattr(value, "__doc__", None)
    doc = shortened(doc, MAX_DOC) if type(doc) is str and tells_docs else None
    is_object = is_fake(value) or is_mock(value)
    if "call" in operations and type(name) is str and not is_object:
        kind = "async function" if inspect.iscoroutinefunction(value) else "function"
        returns = _annotation((getattr(value, "__annotations__", None) or {}).get("return"))
        return [kind, shortened(name, MAX_NAME), doc, _parameters_of(value), returns]
    own_name = shortened(name, MAX_NAME) if type(name) is str and is_object else None
    return ["object", shortened(type(value).__name__, MAX_NAME), doc, sorted(operations), own_name]


def _name_in_a_library(value: Any) -> tuple[str, str] | None:
    """The module and the name of a function or class of a library, which is there, too.

    Called here, it would do what it can do with arguments of the student's: read files, say.
    """
    if not isinstance(value, FunctionType | BuiltinFunctionType | type):
        return None
    module, name = value.__module__, value.__qualname__
    found: Any = sys.modules.get(module or "")
    if not is_of_a_library(found):
        return None
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is value else None


def is_of_a_library(module: ModuleType | None) -> bool:
    """Whether a module is of Python or of an installed library, and no file of a course's."""
    origin = getattr(getattr(module, "__spec__", None), "origin", None)
    return origin in ("built-in", "frozen") or (origin or "").startswith(LIBRARIES)


def operations_of(value: Any) -> set[str]:
    """What the student's code may do with an object of the test's."""
    kind = type(value)
    if stateful_class_of(value) is not None:
        return set()
    if inspect.iscoroutine(value):
        return OF_COROUTINES
    found = {"call"} if callable(value) else set()
    if hasattr(kind, "__next__") and hasattr(kind, "__iter__"):
        found |= {"next", "iter"} | ({"send"} if hasattr(kind, "send") else set())
    if isinstance(value, IOBase):
        found |= OF_FILES
    if isinstance(value, VIEWS):
        found |= {"iter", "len", "contains"}
    if is_mock(value):
        found |= set(OF_MOCKS) | syntax_of_mock(value)
    if is_context(value):
        found |= {"__enter__", "__exit__"}
    if is_fake(value):
        found |= {"iter"} if hasattr(kind, "__iter__") else set()
        found |= operations_of_fake(value)
    return found


def _next(iterator: Any) -> tuple[bool, Any]:
    for item in iterator:
        return True, item
    return False, None


def _called(function: Any, args: Any, kwargs: Any) -> Any:
    """What a function of the test returns; one of a library uses no files with such arguments."""
    itself = function
    while isinstance(itself, partial | MethodType):
        itself = itself.func if isinstance(itself, partial) else itself.__func__
    if is_fake(itself):
        itself = type(itself).__call__
    module = (itself.__module__ or "") if isinstance(itself, FunctionType) else ""
    is_tests = isinstance(itself, FunctionType) and (
        module.startswith(JUDGE) or not is_of_a_library(sys.modules.get(module))
    )
    guard = Guard.current
    with nullcontext() if is_tests or guard is None else guard.inside():
        return function(*args, **kwargs)


def _method(name: str) -> Callable[..., Any]:
    return lambda value, *args: getattr(value, name)(*args)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda function, /, *args, **kwargs: _called(function, args, kwargs),
    "begin": begin,
    "go on": go_on,
    "cancel": cancel,
    "next": _next,
    "iter": iter,
    "send": lambda generator, value: generator.send(value),
    **{name: _method(name) for name in OF_FILES},
    "len": len,
    "contains": operator.contains,
}


OF_MOCKS: dict[str, Callable[..., Any]] = {"getattr": get_of_mock, "setattr": set_of_mock}


def _parameters_of(function: Any) -> list[list[Any]] | None:
    """The names and kinds of a function's parameters, whether they have defaults, and classes."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if len(parameters) > MAX_PARAMETERS:
        return None
    return [
        [
            shortened(each.name, MAX_NAME),
            int(each.kind),
            each.default is not each.empty,
            _annotation(each.annotation),
        ]
        for each in parameters
    ]


def _annotation(annotation: Any) -> list[str] | None:
    """The module and the name of a class of Python's that an annotation is."""
    known = WELL_KNOWN.get(id(annotation))
    is_class = known is not None and isinstance(annotation, type)
    return [*known[1:]] if known is not None and is_class else None


def _well_known() -> dict[int, tuple[Any, str, str]]:
    """Functions and classes that each process has, with their modules and names, by id."""
    found: dict[int, tuple[Any, str, str]] = {}
    for module in KNOWN_MODULES:
        for name, value in vars(module).items():
            if callable(value) and not name.startswith("_"):
                found.setdefault(id(value), (value, module.__name__, name))
    return found


WELL_KNOWN = _well_known()  # before a test replaces one of them
