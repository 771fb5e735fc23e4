"""A bound for what would otherwise take very long: it ends, and how fast is for the benchmarks."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 60  # a hundred times what it takes, so that a slow or busy machine fails no test


@contextmanager
def ends(*, waiting: bool = False) -> Iterator[None]:
    """Stop what takes a minute of processor time, or with `waiting` a minute by the clock.

    Raises:
        AssertionError: It took that long.

    """
    timer, number = (
        (signal.ITIMER_REAL, signal.SIGALRM) if waiting else (signal.ITIMER_PROF, signal.SIGPROF)
    )

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"it did not end within {SECONDS} seconds")

    before = signal.signal(number, stop)
    signal.setitimer(timer, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)
