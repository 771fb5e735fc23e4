"""The judge's side of the boundary: a fork of a student's kernel as names and calls.

This runs in the trusted process. What comes from the fork is decoded as plain data and checked; it
can be wrong in any way, and a frame that is no answer ends the test cell that asked.
"""

import builtins
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from referee.boundary.codec import (
    BoundaryError,
    Decoder,
    Encoder,
    Tag,
    apply_change,
    receive_frame,
    send_frame,
)
from referee.boundary.codec import Limits as FrameLimits
from referee.boundary.student import FORK, REQUEST, STAY, RandomStates

MAX_ANSWERS = 1000  # that nobody asked for and that are dropped
PATIENCE = 5.0  # seconds for the kernel to take a request
STATUS_PATIENCE = 1.0  # seconds for it to say how a fork ended


class CallLost(BaseException):
    """A call had no answer. It ends the test cell: no `except Exception` of a test is meant.

    `detail` may quote what the student's side sent; the message does not.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class Handle:
    """An object that stays in the student's kernel. It can be passed back, and equals nothing."""

    def __init__(self, number: int, type_name: str) -> None:
        self._number = number
        self._type_name = type_name

    def __repr__(self) -> str:
        return f"<{self._type_name} in the student's notebook>"


class RemoteFunction(Handle):
    """A function of the student's notebook; calling it is a call across the boundary."""

    def __init__(self, number: int, type_name: str, fork: "Fork") -> None:
        super().__init__(number, type_name)
        self._fork = fork

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function in the fork."""
        return self._fork.ask(do="call", function=self, args=args, kwargs=kwargs)


class Fork:
    """One fork of a student's kernel, for the time of one test cell."""

    def __init__(
        self, channel: socket.socket, limits: FrameLimits, deadline: float, end: Callable[[], str]
    ) -> None:
        self._channel = channel
        self._limits = limits
        self._deadline = deadline
        self._end = end  # asks how the fork ended, once it has
        self._random = RandomStates()
        self._handles: dict[int, Handle] = {}
        self._like: dict[int, tuple[Any, int]] = {}  # by id; keeps the object alive
        self._lost: CallLost | None = None
        self.calls = 0

    def look_up(self, name: str) -> Any:
        """The value of a name of the student's notebook; functions become RemoteFunctions.

        Raises:
            NameError: the notebook does not define it.

        """
        match self.ask(do="get", name=name):
            case (True, value):
                return value
            case (False, None):
                raise NameError(f"the notebook does not define {name!r}")
        raise self._lose("the answer of your kernel makes no sense")

    def take_random_states(self) -> None:
        """Go on with the random numbers where the notebook's cells have left off."""
        self.ask(do="nothing")

    def ask(self, **request: Any) -> Any:
        """Have something done in the fork, and return its value or raise its exception.

        Raises:
            CallLost: no answer came in time, or none that is one.

        """
        if self._lost:
            raise self._lost
        encoder = Encoder(self._handle_node, self._class_handle, limits=self._limits)
        # The first answer brings the states of the generators; later requests hand them on.
        states = self._random.changed() if self.calls else None
        frame = encoder.encode({"random": states, **request})
        self.calls += 1
        decoder = Decoder(self._handle, self._remember_class, encoder.objects)
        try:
            self._channel.settimeout(max(0.01, self._deadline - time.monotonic()))
            send_frame(self._channel, frame)
            content = receive_frame(self._channel, self._limits, self._deadline)
            reply = decoder.decode(*content)
            return self._take(reply, encoder.objects)
        except BoundaryError as error:
            raise self._lose("the answer of your code cannot be read", str(error)) from None
        except TimeoutError:
            raise self._lose("your code takes too long") from None
        except (EOFError, OSError):
            raise self._lose(f"your code ended its own process{self._end()}") from None

    def _lose(self, message: str, detail: str = "") -> CallLost:
        self._lost = CallLost(message, detail)
        return self._lost

    def _take(self, reply: Any, sent: list[Any]) -> Any:
        """Print what was printed, apply what was changed, and return or raise the outcome."""
        match reply:
            case {"output": str(output), **answer} if "value" in answer or "error" in answer:
                pass
            case _:
                raise BoundaryError("it is no reply")
        sys.stdout.write(output)
        if answer.get("random") is not None:
            self._random.set(checked_states(answer["random"]))
        changed = answer.get("changes", [])
        if type(changed) is not list:
            raise BoundaryError("its changes are no list")
        for change in changed:
            match change:
                case (int(number), contents) if 0 <= number < len(sent):
                    apply_change(sent[number], contents)
                case _:
                    raise BoundaryError("it changes what was not sent")
        if "error" in answer:
            raise rebuilt(answer["error"])
        return answer["value"]

    def _handle(self, number: int, type_name: str, callable_: bool) -> Handle:
        if number not in self._handles:
            self._handles[number] = (
                RemoteFunction(number, type_name, self) if callable_ else Handle(number, type_name)
            )
        return self._handles[number]

    def _handle_node(self, value: Any) -> list[Any]:
        if isinstance(value, Handle):
            return [Tag.HANDLE, value._number, value._type_name, False]
        raise TypeError(
            f"a test passes a {type(value).__name__} to the student's code; only plain data and "
            "NumPy arrays can be passed"
        )

    def _class_handle(self, value: Any) -> int | None:
        known = self._like.get(id(value))
        return None if known is None else known[1]

    def _remember_class(self, handle: int, value: Any) -> Any:
        if type(handle) is not int:
            raise BoundaryError("not a frame: a handle that is not a number")
        self._like[id(value)] = (value, handle)
        return value


class ForkRequests:
    """Asks a student's kernel to fork."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests

    @contextmanager
    def fork(self, cpu: float, wall: float, frame: int) -> Iterator[Fork]:
        """A fork of the kernel that may use so many CPU seconds, seconds, and bytes a frame."""
        deadline = time.monotonic() + wall
        with self._channel(FORK, cpu, frame) as channel:
            yield Fork(channel, FrameLimits(arrays=frame), deadline, self._how_it_ended)

    def set_random_states(self, states: Any) -> None:
        """Have the kernel itself, not a fork, go on with these states of the generators."""
        with suppress(OSError, CallLost), self._channel(STAY, 0, 2**20) as channel:
            fork = Fork(channel, FrameLimits(), time.monotonic() + PATIENCE, str)
            fork.ask(do="nothing", random=states)

    @contextmanager
    def _channel(self, where: bytes, cpu: float, frame: int) -> Iterator[socket.socket]:
        self._forget_answers()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                request = REQUEST.pack(where, int(cpu), frame)
                self._requests.settimeout(PATIENCE)
                try:
                    socket.send_fds(self._requests, [request], [theirs.fileno()])
                except OSError:
                    raise CallLost("your notebook's kernel has ended") from None
            yield ours

    def _forget_answers(self) -> None:
        self._requests.setblocking(False)
        with suppress(OSError):
            for _ in range(MAX_ANSWERS):
                self._requests.recv(4096)

    def _how_it_ended(self) -> str:
        """What the kernel says of how its fork ended; a student could make it say anything."""
        self._requests.settimeout(STATUS_PATIENCE)
        try:
            (status,) = struct.unpack("<i", self._requests.recv(4))
            if os.WIFSIGNALED(status):
                return ENDS.get(os.WTERMSIG(status), f" (signal {os.WTERMSIG(status)})")
            return f" (exit code {os.WEXITSTATUS(status)})"
        except (OSError, struct.error):
            return ""


ENDS: dict[int, str] = {
    signal.SIGXCPU: ": it used more CPU time than a test may",
    signal.SIGSEGV: " (segmentation fault)",
    signal.SIGABRT: " (aborted)",
}

# Builtin exceptions that a message is enough to make.
EXCEPTIONS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, UnicodeError | ExceptionGroup | Warning)
}


class StudentError(RuntimeError):
    """An exception of the student's code that is of none of Python's usual types."""


def rebuilt(error: Any) -> Exception:
    """An exception of the student's code; its own traceback is its attribute."""
    match error:
        case {"type": str(kind), "name": str(name), "message": str(text), "traceback": str(lines)}:
            made = EXCEPTIONS.get(kind, StudentError)(text)
            made.student_name = name[:200]  # type: ignore[attr-defined]
            made.student_traceback = lines[:10_000]  # type: ignore[attr-defined]
            return made
    raise BoundaryError("its exception is none")


def checked_states(states: Any) -> list[tuple[Any, ...]]:
    """States of the two generators that are safe to set: NumPy does not check them itself."""
    match states:
        case [
            (np.ndarray() as key, int(position), int(has_gauss), float()),
            (np.ndarray() as words, int(place), None | float()),
        ] if (
            (key.shape, key.dtype, words.shape, words.dtype)
            == ((624,), np.uint32, (624,), np.uint32)
            and 0 <= position <= 624
            and 0 <= place <= 624
            and has_gauss in (0, 1)
        ):
            return states
    raise BoundaryError("its states of the random generators are none")
