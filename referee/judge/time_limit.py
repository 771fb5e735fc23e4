"""A limit on the time of code that runs in this very thread."""

import ctypes
import threading
import time
from collections.abc import Iterator
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


@contextmanager
def time_limit(wall: float, cpu: float = float("inf")) -> Iterator[TimeLimit]:
    """Raise TestTimeout in this thread when so many seconds, or CPU seconds of it, are over.

    One call of a function in C is not interrupted; the worker ends the process then.

    Raises:
        TestTimeout: they are.

    """
    thread, over, done = threading.get_ident(), threading.Lock(), threading.Event()
    clock = time.pthread_getcpuclockid(thread)
    deadline, most = time.monotonic() + wall, time.clock_gettime(clock) + cpu
    limit = TimeLimit()

    def watch() -> None:
        while not done.wait(TICK):
            with over:
                if done.is_set():
                    return
                limit.cpu = time.clock_gettime(clock) > most
                limit.wall = time.monotonic() > deadline
                if limit.cpu or limit.wall:
                    raised = ctypes.py_object(TestTimeout)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)
                    return

    threading.Thread(target=watch, daemon=True, name="time limit").start()
    try:
        yield limit
    finally:
        with over:  # either it was raised already, or it never will be
            done.set()
