"""Asking a student's kernel for forks, and telling it what its later cells should know."""

import math
import secrets
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from referee.boundary.channel import send_frame
from referee.boundary.codec import Encoder
from referee.boundary.frame import MAX_ARGUMENTS, FrameLimits
from referee.boundary.messages import FORK_STATUS, Guard, Proceed, Request, Service, to_plain
from referee.boundary.shared import MAX_PRINTED
from referee.judge.exceptions import CallLost, Loss, ProcessEnd
from referee.judge.remote import CallBackLimits, CallClock, Fork

MAX_ANSWERS = 1000  # that nobody asked for and that are dropped
PATIENCE = 5.0  # seconds for the kernel to take a request
MAX_SAID = 2**16  # bytes that are read in search of it
STATUS_PATIENCE = 1.0  # seconds for it to say how a fork ended


class ForkRequests:
    """Asks a student's kernel to fork."""

    def __init__(
        self,
        requests: socket.socket,
        printed: int = MAX_PRINTED,
        calls_back: CallBackLimits | None = None,
        arguments: int = MAX_ARGUMENTS,
    ) -> None:
        self._arguments = arguments  # bytes of the arguments of one call, arrays not counted
        self._requests = requests
        self._calls_back = calls_back
        self._printed = printed  # characters that are kept of what one call prints

    def fork(self, cpu: float, clock: CallClock, frame: int) -> Fork:
        """A fork of the kernel that may use so many CPU seconds, and so many bytes a frame.

        Raises:
            CallLost: the kernel has ended.

        """
        number = secrets.randbits(32)
        channel = self._channel(Service(True, math.ceil(cpu), frame, number))
        end = partial(self._how_it_ended, number)
        return Fork(
            channel,
            FrameLimits(arrays=frame),
            clock,
            end,
            self._printed,
            self._calls_back,
            self._arguments,
        )

    def set_random_states(self, states: Any) -> None:
        """Have the kernel itself, not a fork, go on with these states of the generators."""
        self._tell_kernel(Proceed(), states)

    def guard(self, function: str, cpu: float, wall: float) -> None:
        """Give each later call of a function so many seconds, in which it raises a TimeoutError."""
        self._tell_kernel(Guard(function, cpu, wall))

    def _tell_kernel(self, request: Request, states: Any = None) -> None:
        with suppress(OSError, CallLost), self._channel(Service(in_fork=False)) as channel:
            encoder = Encoder(_refuse, lambda _: None)
            channel.settimeout(PATIENCE)
            send_frame(channel, encoder.encode(to_plain(request, states)))
            channel.recv(1)  # the answer has begun, so it is done; what it says is not read

    def _channel(self, service: Service) -> socket.socket:
        self._forget_answers()
        ours, theirs = socket.socketpair()
        with theirs:
            self._requests.settimeout(PATIENCE)
            try:
                socket.send_fds(self._requests, [service.to_bytes()], [theirs.fileno()])
            except OSError:
                ours.close()
                raise CallLost(Loss.KERNEL_ENDED) from None
        return ours

    def _forget_answers(self) -> None:
        self._requests.setblocking(False)
        with suppress(OSError):
            for _ in range(MAX_ANSWERS):
                self._requests.recv(4096)

    def _how_it_ended(self, number: int) -> ProcessEnd:
        """What the kernel says of how the fork of this number ended.

        What it says of an earlier one may still be on its way, and comes first.
        """
        deadline, said = time.monotonic() + STATUS_PATIENCE, b""
        mark = FORK_STATUS.pack(number, 0)[:4]
        try:
            while len(said) < MAX_SAID and (left := deadline - time.monotonic()) > 0:
                self._requests.settimeout(left)
                if not (more := self._requests.recv(4096)):
                    break
                said += more
                place = said.find(mark)
                if place >= 0 and len(said) >= place + FORK_STATUS.size:
                    return ProcessEnd(FORK_STATUS.unpack_from(said, place)[1])
        except OSError:
            pass
        return ProcessEnd()


def _refuse(value: Any) -> list[Any]:
    raise TypeError(f"{type(value).__name__} is no plain data")
