"""Logs that a provided cell makes, and that a test only writes to.

`log.info("begins")` on a line of its own has no result that a mark could depend on. Other methods
may be checks, which say by an exception that something is wrong: a student could have them say
nothing.
"""

import ast
from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np

from referee.boundary.messages import Operate
from referee.judge.exceptions import CallLost
from referee.judge.objects import RemoteObject
from referee.judge.places import NotComparable, described, place_of, refuse
from referee.notebook.definitions import as_python, nodes_in

CANNOT_BE_CHANGED = (str, bytes, int, float, complex, type(None), np.generic, RemoteObject)
OF_LOGS = {"log", "debug", "info", "warning"}  # `error` could be meant to raise an exception
RAISES = (
    "{0}, which a provided cell computes in the student's kernel, raises a {1}: a student could "
    "have it do so. Compute it in the test"
)


@lru_cache(1000)
def only_written_to(source: str) -> frozenset[str]:
    """The names that a test uses in such lines, and otherwise nowhere, nor in a text."""
    try:
        nodes = nodes_in(as_python(source))
    except (SyntaxError, ValueError):
        return frozenset()
    written_to, used, in_texts = Counter[str](), Counter[str](), list[str]()
    for node in nodes:
        match node:
            case ast.Expr(ast.Call(func=ast.Attribute(ast.Name(id=name), method))) if (
                method in OF_LOGS
            ):
                written_to[name] += 1
            case ast.Name(id=name):
                used[name] += 1
            case ast.Constant(value=str(text)):
                in_texts.append(text)
    texts = "\n".join(in_texts)
    return frozenset(
        name for name in written_to if written_to[name] == used[name] and name not in texts
    )


class Log:
    """Such a log in such a test. It is given what cannot be changed, and answers nothing."""

    def __init__(self, remote: RemoteObject) -> None:
        self._remote = remote

    def __getattr__(self, name: str) -> Any:
        """What the test calls."""
        if name not in OF_LOGS:
            raise AttributeError(f"{name!r} of an object of the student's notebook")
        return lambda *args, **kwargs: self._write(name, args, kwargs)

    def _write(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        remote, request = self._remote, Operate("method", (self._remote, name, args, kwargs))
        if not all(isinstance(each, CANNOT_BE_CHANGED) for each in (*args, *kwargs.values())):
            place_of(remote).look_into()
        try:
            answer = place_of(remote).fork.ask(request)
        except (NotComparable, CallLost):
            raise
        except Exception as error:
            refuse(remote, RAISES.format(described(remote), type(error).__name__))
        if answer is not None:  # which can be points, in a last line
            place_of(remote).look_into()
