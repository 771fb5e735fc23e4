"""Objects of a test as the student's code has them: they stay with the judge, who is asked.

A function is a function here, with the name, docstring and parameters of the test's; other objects
have the operations that a test's object may be asked for, and nothing else. What Python or NumPy
has under a name is this process's own.
"""

import builtins
import contextlib
import importlib
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from referee.boundary.messages import KNOWN_TO_TEST, Raised
from referee.boundary.states import made
from referee.inside.awaiting import awaited_there

Ask = Callable[..., Any]  # operation, arguments, keyword arguments


class ObjectOfTest:
    """An object that stays with the test."""


def stand_in(ask: Ask, kind: str, *described: Any) -> Any:
    """What the student's code has in place of an object of the test."""
    kinds: dict[str, Callable[..., Any]] = {
        "name": _named,
        "function": partial(_function, ask),
        "async function": partial(_function, ask, is_async=True),
        "coroutine": partial(awaited_there, ask),
        "object": partial(_object, ask),
        "state": made,
    }
    return kinds[kind](*described)


def _named(module: str, name: str) -> Any:
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _function(
    ask: Ask,
    name: str,
    doc: str | None,
    parameters: list[tuple[str, int, bool, tuple[str, str] | None]] | None,
    returns: tuple[str, str] | None,
    *,
    is_async: bool = False,
) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return ask("call", args, kwargs)

    async def call_and_await(*args: Any, **kwargs: Any) -> Any:
        return await ask("call", args, kwargs)

    function: Any = call_and_await if is_async else call
    function.__name__ = function.__qualname__ = name
    function.__doc__, function.__module__ = doc, "__main__"
    if parameters is not None:
        empty = inspect.Parameter.empty
        each = [
            inspect.Parameter(
                name,
                inspect._ParameterKind(kind),
                default=... if has_default else empty,
                annotation=_named(*of_class) if of_class else empty,
            )
            for name, kind, has_default, of_class in parameters
        ]
        result = _named(*returns) if returns else empty
        function.__signature__ = inspect.Signature(each, return_annotation=result)
        known = {parameter.name: parameter.annotation for parameter in each} | {"return": result}
        function.__annotations__ = {name: kind for name, kind in known.items() if kind is not empty}
    return function


def _object(
    ask: Ask, name: str, doc: str | None, operations: list[str], own_name: str | None
) -> Any:
    special = [each for each in operations if each.startswith("__")]
    methods = {f"__{each}__": METHODS[each](ask) for each in operations if each in METHODS}
    methods |= {each: _special(ask, each) for each in special}
    methods |= {each: _method(ask, each) for each in operations if each not in {*METHODS, *special}}
    # A mock can have been given the name of the function that it stands for.
    methods |= {} if own_name is None else {"__name__": own_name}
    return type(name, (ObjectOfTest,), {"__doc__": doc, "__module__": "__main__", **methods})()


def _method(ask: Ask, operation: str) -> Any:
    return lambda self, *args, **kwargs: ask(operation, args, kwargs)


def _special(ask: Ask, operation: str) -> Any:
    """A method for an operator, which may not know what to do with the other operand."""

    def operate(self: Any, *args: Any) -> Any:
        knows, result = ask(operation, args, {})
        return result if knows else NotImplemented

    return operate


def _getattr(ask: Ask) -> Any:
    def get(self: Any, name: str) -> Any:
        if name.startswith("_"):  # which Python and libraries ask of all objects
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return ask("getattr", (name,), {})

    return get


def _next(ask: Ask) -> Any:
    def following(self: Any) -> Any:
        is_there, item = ask("next", (), {})
        if is_there:
            return item
        raise StopIteration

    return following


METHODS: dict[str, Callable[[Ask], Any]] = {
    "call": partial(_method, operation="call"),
    "iter": partial(_method, operation="iter"),
    "len": partial(_method, operation="len"),
    "contains": partial(_method, operation="contains"),
    "next": _next,
    "getattr": _getattr,
    "setattr": partial(_method, operation="setattr"),
    "delattr": partial(_method, operation="delattr"),
    "dir": partial(_method, operation="dir"),
}


def exception_of(
    raised: Raised,
    known: Any = None,
    args: Any = None,
    attributes: dict[str, Any] | None = None,
) -> BaseException:
    """The exception that a function of the test has raised.

    It is of the class `known` that is here, too, or of one with its name and its nearest base.
    """
    base = known if _is_exception(known) else getattr(builtins, raised.type, RuntimeError)
    args = args if type(args) is tuple else raised.args or (raised.message,)
    try:
        error = _with_args(base, raised, args)
    except Exception:
        error = RuntimeError(raised.message)
    error.__dict__.update(attributes or {})
    error.__dict__[KNOWN_TO_TEST] = raised.known
    return error


def _is_exception(known: Any) -> bool:
    return isinstance(known, type) and issubclass(known, BaseException)


def _with_args(base: Any, raised: Raised, args: tuple[Any, ...]) -> BaseException:
    """An exception with these arguments, for which no constructor but Python's own is run."""
    kind = base
    if base.__name__ != raised.name:
        says = {} if issubclass(base, KeyError) else {"__str__": lambda _: raised.message}
        kind = type(raised.name, (base,), says)
    if kind.__module__ == "builtins":
        return kind(*args)
    pythons = next(each for each in kind.__mro__ if each.__module__ == "builtins")
    error = kind.__new__(kind, *args)
    if not issubclass(pythons, OSError):  # which has done it
        with contextlib.suppress(TypeError):
            pythons.__init__(error, *args)
    error.args = args
    return error


def number_of(error: BaseException) -> int | None:
    """The number of an exception that a function of the test has raised."""
    known = getattr(error, KNOWN_TO_TEST, None)
    return known if type(known) is int else None
