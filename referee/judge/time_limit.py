"""A limit on the time of code that runs in this very thread."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TestTimeout(BaseException):
    """A test cell takes too long here, outside the student's kernel."""

    __test__ = False


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TestTimeout in this thread when the time is over.

    Raises:
        TestTimeout: it is.

    """
    thread, over = threading.get_ident(), threading.Lock()
    done: list[bool] = []

    def raise_timeout() -> None:
        with over:
            if done:
                return
            raised = ctypes.py_object(TestTimeout)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)

    timer = threading.Timer(seconds, raise_timeout)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with over:  # either it was raised already, or it never will be
            done.append(True)
        timer.cancel()
