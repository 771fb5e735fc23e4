"""The judge's side of the boundary: a student's kernel as names and calls.

This runs in the trusted process. What comes from a fork of the kernel is decoded as plain data and
checked; it can be wrong in any way, and a frame that is no answer costs the call and the fork.
"""

import builtins
import math
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
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
from referee.boundary.student import (
    FORK,
    MAX_MESSAGE,
    MAX_PRINTED,
    REQUEST,
    STAY,
    RandomStates,
)

MAX_FORKS = 5  # of one test cell
MAX_ANSWERS = 1000  # that nobody asked for and that are dropped
PATIENCE = 5.0  # seconds for the kernel to take a request
STATUS_PATIENCE = 1.0  # seconds for it to say how a fork ended


class CallLost(Exception):  # noqa: N818 - an answer that did not come is no error of ours
    """A call had no answer, or none that can be read. The next call is made in another fork.

    `detail` may quote what the student's side sent; the message does not.
    """

    def __init__(self, message: str, detail: str = "", hung: bool = False) -> None:
        super().__init__(message)
        self.detail = detail
        self.hung = hung


class Handle:
    """An object that stays in the student's kernel. It can be passed back, and equals nothing."""

    def __init__(self, number: int, type_name: str, fork: "Fork") -> None:
        self._number = number
        self._type_name = type_name
        self._fork = fork

    def __repr__(self) -> str:
        return f"<{self._type_name} in the student's notebook>"


class RemoteFunction(Handle):
    """A function of the student's notebook; calling it is a call across the boundary."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function in the fork that it is in."""
        return self._fork.ask(do="call", function=self, args=args, kwargs=kwargs)


class NamedFunction:
    """A function that a test found by its name; when its fork is lost, it is found in the next."""

    def __init__(self, name: str, student: "Student", found: RemoteFunction) -> None:
        self._name = name
        self._student = student
        self._found = found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function of that name."""
        try:
            return self.find()(*args, **kwargs)
        except CallLost as lost:
            if lost.hung:
                self._student.hanging.add(self._name)
            raise

    def find(self) -> RemoteFunction:
        """The function in the fork that serves the next call."""
        fork = self._student.fork()
        if self._found._fork is not fork:
            self._found = fork.look_up(self._name)
        return self._found

    def __repr__(self) -> str:
        return f"<{self._name} of the student's notebook>"


class Student:
    """A student's kernel as one test cell sees it: names and calls, in forks of the kernel.

    One fork serves all calls, until one of them costs it. `end_fork` ends what is left of it.
    """

    def __init__(self, open_fork: Callable[[], "Fork"], end_fork: Callable[[], None]) -> None:
        self._open_fork = open_fork
        self._end_fork = end_fork
        self._forks: list[Fork] = []
        self._hanging: set[str] = set()

    def fork(self) -> "Fork":
        """The fork that serves the next call.

        Raises:
            CallLost: too many forks were lost in this test cell.

        """
        if not self._forks:
            self._forks.append(self._open_fork())
        elif self._forks[-1].lost is not None:
            if len(self._forks) == MAX_FORKS:
                raise self._forks[-1].lost
            self.close()
            self._forks.append(self._open_fork())
            self._forks[-1].hand_on_random_states()
        return self._forks[-1]

    def look_up(self, name: str) -> Any:
        """The value of a name of the student's notebook.

        Raises:
            NameError: the notebook does not define it.

        """
        value = self.fork().look_up(name)
        if isinstance(value, RemoteFunction):
            return NamedFunction(name, self, value)
        return value

    def take_random_states(self) -> None:
        """Go on with the random numbers where the notebook's cells have left off."""
        self.fork().ask(do="nothing")

    def close(self) -> None:
        """End the fork."""
        if self._forks:
            self._forks[-1].close()
            self._end_fork()

    @property
    def losses(self) -> list[CallLost]:
        """The calls that had no answer."""
        return [fork.lost for fork in self._forks if fork.lost is not None]

    @property
    def hanging(self) -> set[str]:
        """The names of the functions that took too long."""
        return self._hanging


class Fork:
    """One fork of a student's kernel."""

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
        self.lost: CallLost | None = None
        self._asked = False

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

    def hand_on_random_states(self) -> None:
        """Have the fork go on with the random numbers where this process has left off."""
        self.ask(do="nothing", random=self._random.get())

    def close(self) -> None:
        """Close the channel, which ends the fork if it still can."""
        self._channel.close()

    def ask(self, **request: Any) -> Any:
        """Have something done in the fork, and return its value or raise its exception.

        Raises:
            CallLost: no answer came in time, or none that is one.

        """
        if self.lost is not None:
            raise self.lost
        encoder = Encoder(self._handle_node, self._class_handle, limits=self._limits)
        # The first answer brings the states of the generators; later requests hand them on.
        states = self._random.changed() if self._asked else None
        frame = encoder.encode({"random": states, **request})
        self._asked = True
        decoder = Decoder(self._handle, self._remember_class, encoder.objects, self._deadline)
        try:
            send_frame(self._channel, frame, self._deadline)
            content = receive_frame(self._channel, self._limits, self._deadline)
            outcome = self._take(decoder.decode(*content), encoder.objects)
        except BoundaryError as error:
            raise self._lose("the answer of your code cannot be read", str(error)) from None
        except TimeoutError:
            raise self._lose("your code takes too long", hung=True) from None
        except (EOFError, OSError):
            end = self._end()
            hung = end == ENDS[signal.SIGXCPU]
            raise self._lose(f"your code ended its own process{end}", hung=hung) from None
        if isinstance(outcome, Exception):  # raised here, or a student's OSError would seem ours
            raise outcome
        return outcome

    def _lose(self, message: str, detail: str = "", hung: bool = False) -> CallLost:
        self.lost = CallLost(message, detail, hung)
        return self.lost

    def _take(self, reply: Any, sent: list[Any]) -> Any:
        """Print what was printed, apply what was changed, and return the value or exception."""
        match reply:
            case {"output": str(output), **answer} if "value" in answer or "error" in answer:
                pass
            case _:
                raise BoundaryError("it is no reply")
        sys.stdout.write(_text(output, MAX_PRINTED))
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
            return rebuilt(answer["error"])
        return answer["value"]

    def _handle(self, number: int, type_name: str, callable_: bool) -> Handle:
        if number not in self._handles:
            self._handles[number] = (RemoteFunction if callable_ else Handle)(
                number, type_name, self
            )
        return self._handles[number]

    def _handle_node(self, value: Any) -> list[Any]:
        if isinstance(value, NamedFunction):
            value = value.find()
        if isinstance(value, Handle) and value._fork is self:
            return [Tag.HANDLE, value._number, value._type_name, False]
        if isinstance(value, Handle):
            raise CallLost("what your code returned earlier was lost with its process")
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

    def fork(self, cpu: float, deadline: float, frame: int) -> Fork:
        """A fork of the kernel that may use so many CPU seconds, and so many bytes a frame.

        Raises:
            CallLost: the kernel has ended.

        """
        channel = self._channel(FORK, cpu, frame)
        return Fork(channel, FrameLimits(arrays=frame), deadline, self._how_it_ended)

    def set_random_states(self, states: Any) -> None:
        """Have the kernel itself, not a fork, go on with these states of the generators."""
        self._tell_kernel({"do": "nothing", "random": states})

    def guard(self, function: str, cpu: float, wall: float) -> None:
        """Give each later call of a function so many seconds, in which it raises a TimeoutError."""
        request = {"do": "guard", "name": function, "cpu": cpu, "wall": wall, "random": None}
        self._tell_kernel(request)

    def _tell_kernel(self, request: dict[str, Any]) -> None:
        with suppress(OSError, CallLost), self._channel(STAY, 0, 2**20) as channel:
            encoder = Encoder(_refuse, lambda _: None)
            channel.settimeout(PATIENCE)
            send_frame(channel, encoder.encode(request))
            channel.recv(1)  # the answer has begun, so it is done; what it says is not read

    def _channel(self, where: bytes, cpu: float, frame: int) -> socket.socket:
        self._forget_answers()
        ours, theirs = socket.socketpair()
        with theirs:
            request = REQUEST.pack(where, math.ceil(cpu), frame)
            self._requests.settimeout(PATIENCE)
            try:
                socket.send_fds(self._requests, [request], [theirs.fileno()])
            except OSError:
                ours.close()
                raise CallLost("your notebook's kernel has ended") from None
        return ours

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
    and not issubclass(
        kind, StopIteration | StopAsyncIteration | UnicodeError | ExceptionGroup | Warning
    )
}


def _refuse(value: Any) -> list[Any]:
    raise TypeError(f"{type(value).__name__} is no plain data")


class StudentError(RuntimeError):
    """An exception of the student's code that is of none of Python's usual types."""


def rebuilt(error: Any) -> Exception:
    """An exception of the student's code; its own traceback is its attribute."""
    match error:
        case {"type": str(kind), "name": str(name), "message": str(text), "traceback": str(lines)}:
            made = EXCEPTIONS.get(kind, StudentError)(_text(text, MAX_MESSAGE))
            made.student_name = _text(name, 200)  # type: ignore[attr-defined]
            made.student_traceback = _text(lines, MAX_MESSAGE)  # type: ignore[attr-defined]
            return made
    raise BoundaryError("its exception is none")


def _text(text: str, length: int) -> str:
    """The beginning of a text, without lone surrogates, with which it could not be saved."""
    return text[:length].encode("utf-8", "replace").decode()


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
            and key[1:].any()  # or all numbers are 0, for which normals are drawn for ever
            and words[1:].any()
        ):
            return states
    raise BoundaryError("its states of the random generators are none")
