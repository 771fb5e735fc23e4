"""Coroutines that are awaited across the boundary, on the student's side.

Those of the student's are tasks of one loop, which runs for a moment each time that it is asked to.
So two of them go on together, and together with the test's own. Those of a test are asked to go on
in the same way.
"""

import asyncio
import functools
from collections.abc import Callable
from typing import Any

from referee.boundary.messages import MOMENT


def begin(awaitable: Any) -> Any:
    """A task for it, which goes on when it is asked to."""

    async def main() -> Any:
        return await awaitable

    return _event_loop().create_task(main())


def go_on(task: Any) -> tuple[bool | None, Any]:
    """Whether it has ended, after a moment at most, and what it returns; None if cancelled."""
    _run_for_a_moment(task)
    if task.cancelled():
        return None, None
    return (True, task.result()) if task.done() else (False, None)


def cancel(task: Any) -> None:
    """Have it cancelled."""
    task.cancel()
    _run_for_a_moment(task)


def next_awaited(iterator: Any) -> tuple[bool, Any]:
    """Whether an asynchronous iterator has a next item, and the item."""

    async def main() -> Any:
        return await iterator.__anext__()

    try:
        return True, _event_loop().run_until_complete(main())
    except StopAsyncIteration:
        return False, None


async def awaited_there(ask: Callable[..., Any]) -> Any:
    """What a coroutine of a test returns."""
    ask("begin", (), {})
    while True:
        try:
            await asyncio.sleep(0)  # first, for others that begin together with it
        except asyncio.CancelledError:
            ask("cancel", (), {})
            raise
        has_ended, value = ask("go on", (), {})
        if has_ended is None:
            raise asyncio.CancelledError
        if has_ended:
            return value


def _run_for_a_moment(task: Any) -> None:
    loop = _event_loop()
    if not (task.done() or loop.is_running()):
        loop.run_until_complete(asyncio.wait({task}, timeout=MOMENT))


@functools.cache
def _event_loop() -> asyncio.AbstractEventLoop:
    """The loop of this process, for one awaited object may wait for another."""
    return asyncio.new_event_loop()
