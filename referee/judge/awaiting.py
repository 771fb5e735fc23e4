"""What is awaited, by a test and by the student's code, in two processes.

A coroutine of the student's runs in a loop there, one of a test's in a loop here. Each loop runs
for a moment when the other side asks for it, so that several coroutines go on together.
"""

import asyncio
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from referee.boundary.messages import MOMENT
from referee.judge.places import Remote, ask

_tasks = WeakKeyDictionary[Any, "asyncio.Task[Any]"]()  # of the coroutines of tests


@contextmanager
def loop_of_its_own() -> Iterator[asyncio.Runner]:
    """What runs `await`, also where another loop runs: formgrader judges in that of its server."""
    with _outside_of_loops(), asyncio.Runner() as runner:
        yield runner


def awaited_there(awaitable: Remote) -> Generator[None, None, Any]:
    """What a coroutine of the student's returns; meanwhile, other tasks of the test go on."""
    task = ask(awaitable, "begin", awaitable)
    while True:
        try:
            yield  # first, for others that begin together with it
        except asyncio.CancelledError:
            ask(task, "cancel", task)
            raise
        has_ended, value = ask(task, "go on", task)
        if has_ended is None:
            raise asyncio.CancelledError
        if has_ended:
            return value


def begin(coroutine: Any) -> None:
    """The student's code awaits a coroutine of a test: make a task for it."""
    if coroutine in _tasks:
        raise RuntimeError("cannot reuse already awaited coroutine")
    _tasks[coroutine] = _loop_of_students().create_task(coroutine)


def go_on(coroutine: Any) -> tuple[bool | None, Any]:
    """Whether it has ended, after a moment at most, and what it returns; None if cancelled."""
    task = _tasks[coroutine]
    _run_for_a_moment(task)
    if task.cancelled():
        return None, None
    return (True, task.result()) if task.done() else (False, None)


def cancel(coroutine: Any) -> None:
    """The student's code has cancelled it."""
    _tasks[coroutine].cancel()
    _run_for_a_moment(_tasks[coroutine])


def _run_for_a_moment(task: "asyncio.Task[Any]") -> None:
    loop = _loop_of_students()
    if not (task.done() or loop.is_running()):  # else one is in the middle of another
        with _outside_of_loops():
            loop.run_until_complete(asyncio.wait({task}, timeout=MOMENT))


@contextmanager
def _outside_of_loops() -> Iterator[None]:
    """Let another loop run in the middle of one."""
    outer = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(outer)


@cache
def _loop_of_students() -> asyncio.AbstractEventLoop:
    """The loop of the coroutines that the student's code awaits."""
    return asyncio.new_event_loop()
