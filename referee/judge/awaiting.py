"""Running what is awaited to its end, also where another loop runs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def awaited(coroutine: Any) -> Any:
    """What a coroutine of a test returns. The student's code that awaits it does nothing else."""
    with loop_of_its_own() as runner:
        return runner.run(coroutine)


@contextmanager
def loop_of_its_own() -> Iterator[asyncio.Runner]:
    """What runs `await`, also where another loop runs: formgrader judges in that of its server."""
    outer = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        with asyncio.Runner() as runner:
            yield runner
    finally:
        asyncio._set_running_loop(outer)
