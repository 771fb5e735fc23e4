"""A clock for Dask that is immune to changes of the system time.

Dask's connections wait a moment between messages, and Tornado for them, by the wall clock: after
that was set back, they would wait until it is as late again.
"""

import time

from distributed import batched
from tornado.ioloop import IOLoop

STARTED = time.time() - time.monotonic()


def steady_time() -> float:
    """The time since 1970 as it was when this process started, and what has passed since then."""
    return STARTED + time.monotonic()


def keep_steady_time() -> None:
    """Have Dask and Tornado go by this clock, in this process."""
    batched.time = steady_time  # type: ignore[attr-defined]
    IOLoop.time = lambda _: steady_time()  # type: ignore[method-assign, assignment]
