"""The student's side of the boundary: forks of the kernel that serve the judge's requests.

This runs in the sandbox, in reach of the student's code. Nothing here is trusted by anyone: a
student who changes it can send other numbers, and could have computed those anyway.
"""

import builtins
import contextvars
import functools
import os
import random
import resource
import signal
import socket
import struct
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from io import StringIO
from typing import Any

import numpy as np

from referee.boundary import codec
from referee.boundary.codec import (
    CONTAINERS,
    Decoder,
    Encoder,
    Tag,
    changes,
    receive_frame,
    send_frame,
    snapshot,
)
from referee.boundary.codec import Limits as FrameLimits

FORK, STAY = b"F", b"S"  # serve in a fork of the kernel, or in the kernel itself
REQUEST = struct.Struct("<cQQ")  # which of the two, CPU seconds, bytes of a frame's arrays
NOT_FORKED = 1 << 8  # as the status of a process that ended with exit code 1
MAX_PRINTED = 2**20  # characters of one call
MAX_MESSAGE = 10_000
MAX_FRAMES = 20  # lines of a traceback
TIMERS = {signal.ITIMER_VIRTUAL: signal.SIGVTALRM, signal.ITIMER_REAL: signal.SIGALRM}


class ForkServer(threading.Thread):
    """Forks the kernel when asked to; the fork serves one test cell and ends.

    A request comes with a socket to serve on. The answer is how the fork ended, as by os.wait.
    """

    def __init__(self, requests: socket.socket, shell: Any) -> None:
        super().__init__(daemon=True, name="referee")
        self.requests = requests
        self.shell = shell
        self.names = shell.user_ns
        self.context = contextvars.copy_context()  # np.seterr, say, is kept in one
        shell.events.register("post_run_cell", self._keep_context)

    def _keep_context(self, _: Any) -> None:
        self.context = contextvars.copy_context()

    def run(self) -> None:
        """Serve requests until the judge has no more."""
        while True:
            message, fds, *_ = socket.recv_fds(self.requests, REQUEST.size, 1)
            if len(message) < REQUEST.size or not fds:
                return
            where, cpu, frame = REQUEST.unpack(message)
            with socket.socket(fileno=fds[0]) as channel:
                session = Session(channel, self.names, FrameLimits(arrays=frame))
                status = self._in_fork(session, cpu) if where == FORK else session.serve()
            self.requests.send(struct.pack("<i", status))

    def _in_fork(self, session: "Session", cpu: int) -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of forks of processes with threads
            try:
                child = os.fork()
            except OSError:  # the student's own processes are as many as may be
                session.channel.close()
                return NOT_FORKED
        if child == 0:
            try:
                resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
                self._leave_jupyter()
                os._exit(self.context.run(session.serve))
            finally:
                os._exit(1)
        session.channel.close()
        try:
            return os.waitpid(child, 0)[1]
        except ChildProcessError:  # the student's code waits for all children, or ignores them
            return 0

    def _leave_jupyter(self) -> None:
        """Keep the fork from talking over the kernel's sockets."""
        from IPython.core.displaypub import CapturingDisplayPublisher

        self.shell.display_pub = CapturingDisplayPublisher()
        sys.stdin = StringIO()


class Session:
    """Serves the requests that come over one channel."""

    def __init__(self, channel: socket.socket, names: dict[str, Any], limits: FrameLimits) -> None:
        self.channel = channel
        self.names = names
        self.limits = limits
        self.handles: list[Any] = []  # objects that the judge knows by number
        self._numbers: dict[int, int] = {}  # of the handles, by id
        self.random = RandomStates()

    def serve(self) -> int:
        """Answer requests until the judge closes the channel; return the exit code."""
        while True:
            decoder = Decoder(lambda number, *_: self.handles[number], self._give_class)
            try:
                request = decoder.decode(*receive_frame(self.channel, self.limits))
            except (EOFError, OSError):
                return 0
            before = [snapshot(value) for value in decoder.objects]
            reply = self._answer(request)
            reply["changes"] = changes(decoder.objects, before)
            sent = {id(value): number for number, value in enumerate(decoder.objects)}
            try:
                frame = self._encoder(sent).encode(reply)
            except Exception as error:
                frame = self._encoder({}).encode({"error": describe(error), "output": ""})
            try:
                send_frame(self.channel, frame)
            except OSError:  # the judge does not want to know
                return 0

    def _encoder(self, sent: dict[int, int]) -> Encoder:
        return Encoder(self._handle_node, self._class_handle, sent, self.limits)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["random"] is not None:
            self.random.set(request["random"])
        output = Captured()
        reply: dict[str, Any] = {}
        kept = sys.stdout, sys.stderr
        if request["do"] == "call":
            sys.stdout = sys.stderr = output
        try:
            reply["value"] = self._do(request)
        except BaseException as error:
            reply["error"] = describe(error)
        finally:
            sys.stdout, sys.stderr = kept
        return reply | {"output": output.getvalue(), "random": self.random.changed()}

    def _do(self, request: dict[str, Any]) -> Any:
        if request["do"] == "call":
            return request["function"](*request["args"], **request["kwargs"])
        if request["do"] == "get":
            name = request["name"]
            return (name in self.names, self.names.get(name))
        if request["do"] == "guard":
            name = request["name"]
            self.names[name] = guarded(self.names[name], request["cpu"], request["wall"])
        return None  # but the states of the generators, which every request and answer can have

    def _handle_node(self, value: Any) -> list[Any]:
        return [Tag.HANDLE, self._handle(value), type(value).__name__, callable(value)]

    def _handle(self, value: Any) -> int:
        number = self._numbers.setdefault(id(value), len(self.handles))
        if number == len(self.handles):
            self.handles.append(value)
        return number

    def _class_handle(self, value: Any) -> int | None:
        return None if type(value) in CONTAINERS else self._handle(value)

    def _give_class(self, handle: int, plain: Any) -> Any:
        """An object with this content and the class of another, which is changed where it can."""
        value = self.handles[handle]
        if isinstance(value, dict):
            value.clear()  # its own method, for an OrderedDict keeps more than a dict
            value.update(plain)
        elif isinstance(value, list):
            list.__setitem__(value, slice(None), plain)
        elif isinstance(value, set):
            set.clear(value)
            set.update(value, plain)
        elif isinstance(value, np.ndarray):
            value = plain.view(type(value))
        else:
            copy: Any = tuple.__new__(type(value), plain)
            vars(copy).update(vars(value)) if hasattr(value, "__dict__") else None
            value = copy
        return value


def guarded(function: Callable[..., Any], cpu: float, wall: float) -> Callable[..., Any]:
    """The function, which raises a TimeoutError after so many seconds in the main thread.

    A function that hangs then costs each cell which calls it seconds, not the cell's whole time.
    """

    def stop(*_: object) -> None:
        raise TimeoutError(f"{function.__name__} takes too long, as it did in its test")

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return function(*args, **kwargs)
        seconds = {signal.ITIMER_VIRTUAL: cpu, signal.ITIMER_REAL: wall}
        handlers = {timer: signal.signal(number, stop) for timer, number in TIMERS.items()}
        left = {timer: signal.setitimer(timer, seconds[timer])[0] for timer in TIMERS}
        try:
            return function(*args, **kwargs)
        finally:
            for timer, number in TIMERS.items():
                signal.setitimer(timer, left[timer])  # of a call that this one is part of
                signal.signal(number, handlers[timer])

    return call


class Captured(StringIO):
    """What a call prints, up to a limit."""

    def write(self, text: str) -> int:
        """Keep the text if there is room."""
        room = MAX_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


class RandomStates:
    """The states of NumPy's and Python's global generators, which tests and students share."""

    # As they are before any student code can replace them.
    _readers: tuple[Callable[[], Any], ...] = (np.random.get_state, random.getstate)
    _writers: tuple[Callable[[Any], Any], ...] = (np.random.set_state, random.setstate)

    def __init__(self) -> None:
        self._known: list[tuple[Any, ...]] = []

    def get(self) -> list[tuple[Any, ...]]:
        """Both states, as plain data: keys, position, and what is left of a pair of normals."""
        numpy_state, python_state = (read() for read in self._readers)
        _, key, position, has_gauss, gauss = numpy_state
        _, words, next_gauss = python_state
        return [
            (key, int(position), int(has_gauss), float(gauss)),
            (np.array(words[:-1], np.uint32), int(words[-1]), next_gauss),
        ]

    def set(self, states: list[tuple[Any, ...]]) -> None:
        """Set both states."""
        (key, position, has_gauss, gauss), (words, place, next_gauss) = states
        numpy_state = ("MT19937", key, position, has_gauss, gauss)
        python_state = (3, (*map(int, words), place), next_gauss)
        for write, state in zip(self._writers, (numpy_state, python_state), strict=True):
            write(state)
        self._known = states

    def changed(self) -> list[tuple[Any, ...]] | None:
        """Both states if one of them has changed since they were set or returned here."""
        try:
            states = self.get()
        except Exception:  # the global generator has been replaced by one of another kind
            return None
        same = len(self._known) == len(states) and all(
            np.array_equal(known[0], state[0]) and known[1:] == state[1:]
            for known, state in zip(self._known, states, strict=True)
        )
        self._known = states
        # Not the arrays that are compared next time: the other side may change what it is sent.
        return None if same else [(state[0].copy(), *state[1:]) for state in states]


def describe(error: BaseException) -> dict[str, str]:
    """An exception as its nearest builtin type, its message, and the student's own traceback."""
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    try:
        message = error.args[0] if kind is KeyError and len(error.args) == 1 else error
        text = str(message)[:MAX_MESSAGE]
    except Exception:
        text = "(its message cannot be shown)"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename not in (__file__, codec.__file__)]
    lines = [f"line {frame.lineno}, in {frame.name}: {frame.line}" for frame in own[-MAX_FRAMES:]]
    return {
        "type": kind.__name__ if hasattr(builtins, kind.__name__) else "RuntimeError",
        "name": type(error).__name__[:200],
        "message": text,
        "traceback": "\n".join(lines)[:MAX_MESSAGE],
    }
