"""What a class makes of many arguments, in a process that ends then.

A class that does not keep its arguments as they are is tried so: one that keeps cents, say. That
process writes to no file, so that nothing is left of it.
"""

import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from referee.boundary.channel import receive_frame, send_frame
from referee.boundary.codec import Decoder, Encoder
from referee.boundary.frame import BoundaryError, FrameLimits

SECONDS = 2.0  # for all of them
LIMITS = FrameLimits(arrays=2**20)
# What Python tells of before it changes files, or talks to others.
CHANGES = {
    *("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate", "os.link", "os.symlink"),
    *("os.chmod", "os.utime", "shutil.rmtree", "shutil.move", "shutil.copyfile", "shutil.copytree"),
    *("sqlite3.connect", "subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork"),
    *("socket.connect", "socket.bind", "socket.sendto"),
}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def made_of_each(
    make: Callable[..., Any], calls: list[Arguments], listed: Callable[[Any], Any]
) -> list[Any]:
    """What is `listed` of each object that is made; None where there is none, or it is no data.

    There is an empty list where a process cannot be had, or takes too long.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            child = os.fork()
        except OSError:  # the student's own processes are as many as may be
            return []
        if child == 0:
            try:
                _change_no_files()
                made = [_made(make, *call, listed) for call in calls]
                send_frame(theirs, _encoder().encode(made))
            finally:
                os._exit(0)
        theirs.close()
        try:
            return _received(ours)
        finally:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with suppress(ChildProcessError):  # the student's code waits for all children
                os.waitpid(child, 0)


def _change_no_files() -> None:
    """Have what would change a file, or reach another process, raise an exception."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    sys.addaudithook(_refuse_to_change)


def _refuse_to_change(event: str, args: Any) -> None:
    is_written = event == "open" and isinstance(args[2], int) and args[2] & WRITES
    if is_written or event in CHANGES:
        raise PermissionError(f"no file is changed here ({event})")


def _made(
    make: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    listed: Callable[[Any], Any],
) -> Any:
    try:
        found = listed(make(*args, **kwargs))
        _encoder().encode(found)
    except BaseException:
        return None
    return found


def _received(channel: socket.socket) -> list[Any]:
    deadline = time.monotonic() + SECONDS
    try:
        frame = receive_frame(channel, LIMITS, lambda: deadline - time.monotonic())
        found = Decoder(_refuse, _refuse).decode(*frame)
    except (BoundaryError, EOFError, OSError):
        return []
    return found if type(found) is list else []


def _encoder() -> Encoder:
    return Encoder(_refuse, lambda _: None, limits=LIMITS)


def _refuse(*_: Any) -> Any:
    raise BoundaryError("an object does not cross")
