"""A limit on the time of code that runs in this very thread."""

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

TICK = 0.2  # seconds between two looks


class TestTimeout(BaseException):
    """A test cell takes too long here, outside the student's kernel."""

    __test__ = False


@dataclass
class TimeLimit:
    """Which limit was reached, if any was."""

    wall: bool = False
    cpu: bool = False
    used: float = 0.0  # of the one on wall-clock time, from 0 to 1, when it is over

    @property
    def is_reached(self) -> bool:
        """Whether it was any."""
        return self.wall or self.cpu


@contextmanager
def time_limit(wall: float, cpu: float = float("inf")) -> Iterator[TimeLimit]:
    """Raise TestTimeout in this thread when so many seconds, or CPU seconds of it, are over.

    In the main thread, a function in C is interrupted, too, if it looks for signals, as a search
    for a pattern does. Others are not; the worker ends the process then.

    Raises:
        TestTimeout: they are; in the end again, if what has raised it has hidden it.

    """
    thread, over, done = threading.get_ident(), threading.Lock(), threading.Event()
    clock = time.pthread_getcpuclockid(thread)
    deadline, most = time.monotonic() + wall, time.clock_gettime(clock) + cpu
    limit, once = TimeLimit(), threading.Lock()

    def is_to_be_raised() -> bool:
        """Whether a limit is reached, and nobody has raised it yet."""
        limit.cpu |= time.clock_gettime(clock) > most
        limit.wall |= time.monotonic() > deadline
        return limit.is_reached and once.acquire(blocking=False)

    def watch() -> None:
        while not (done.wait(TICK) or limit.is_reached):
            with over:
                if not done.is_set() and is_to_be_raised():
                    raised = ctypes.py_object(TestTimeout)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)

    threading.Thread(target=watch, daemon=True, name="time limit").start()
    try:
        with _looking_at_signals(is_to_be_raised):
            yield limit
        if limit.is_reached:
            raise TestTimeout
    finally:
        limit.used = 1 - max(0.0, deadline - time.monotonic()) / wall
        with over:  # either it was raised already, or it never will be
            done.set()


@contextmanager
def _looking_at_signals(is_to_be_raised: Callable[[], bool]) -> Iterator[None]:
    """Raise TestTimeout also in functions in C that look for signals.

    While such a function holds Python's lock, no other thread can look at the time. The signal
    comes only as this process uses the processor, and so disturbs nothing that waits.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def look(*_: object) -> None:
        if is_to_be_raised():
            signal.setitimer(signal.ITIMER_PROF, 0)
            raise TestTimeout

    handler = signal.signal(signal.SIGPROF, look)
    signal.siginterrupt(signal.SIGPROF, False)
    ticks = signal.setitimer(signal.ITIMER_PROF, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
        signal.setitimer(signal.ITIMER_PROF, *ticks)  # of a limit that this one is within
