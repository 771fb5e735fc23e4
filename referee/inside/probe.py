"""What a class makes of many arguments, in a process that ends then.

A class that does not keep its arguments as they are is tried so: one that keeps cents, say. What it
does in there, to its own attributes or to a file that it has open, nothing else sees.
"""

import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from referee.boundary.channel import receive_frame, send_frame
from referee.boundary.codec import Decoder, Encoder
from referee.boundary.frame import BoundaryError, FrameLimits

SECONDS = 2.0  # for all of them
LIMITS = FrameLimits(arrays=2**20)

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
                send_frame(
                    theirs, _encoder().encode([_made(make, *call, listed) for call in calls])
                )
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
    is_there, _, _ = select.select([channel], [], [], SECONDS)
    if not is_there:
        return []
    try:
        channel.settimeout(SECONDS)
        found = Decoder(_refuse, _refuse).decode(*receive_frame(channel, LIMITS))
    except (BoundaryError, EOFError, OSError):
        return []
    return found if type(found) is list else []


def _encoder() -> Encoder:
    return Encoder(_refuse, lambda _: None, limits=LIMITS)


def _refuse(*_: Any) -> Any:
    raise BoundaryError("an object does not cross")
