"""The student's side of the boundary: forks of the kernel that serve the judge's requests.

This runs in the sandbox, in reach of the student's code. Nothing here is trusted by anyone: a
student who changes it can send other numbers, and could have computed those anyway.
"""

import builtins
import contextlib
import contextvars
import functools
import importlib
import inspect
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections import OrderedDict
from collections.abc import Callable, Container
from dataclasses import replace
from enum import Enum
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from referee.boundary.changes import MAX_HELD, KnownObjects, can_be_held
from referee.boundary.channel import receive_frame, send_frame
from referee.boundary.codec import CLASSED, CONTAINERS, Decoder, Encoder, Lasting, items_of
from referee.boundary.frame import ANY_TREE, FrameLimits, Tag
from referee.boundary.kept import PLAIN, Kept
from referee.boundary.messages import (
    FORK_STATUS,
    MAX_BASES,
    MAX_GIVEN,
    MAX_MESSAGE,
    MAX_NAME,
    Assign,
    Call,
    CallBack,
    Delete,
    Files,
    Guard,
    Import,
    Link,
    LookUp,
    Names,
    Operate,
    Raised,
    Reply,
    Request,
    Restore,
    Service,
    Write,
    from_plain,
    is_small,
    may_be_given,
    shown_by_answer,
)
from referee.boundary.python_types import type_name_of
from referee.boundary.shared import Captured, RandomStates
from referee.boundary.states import set_state
from referee.boundary.views import layout_in
from referee.inside.callbacks import exception_of, number_of, stand_in
from referee.inside.files import files_since, write_file
from referee.inside.instances import class_at, empty_instance, with_class
from referee.inside.operations import DESCRIBES, OPERATIONS, exception_names, name_in_library
from referee.inside.patches import Patches

OF_ANSWER = 3  # references to a part of an answer that nobody else has: where it is, and our own
NOT_FORKED = 1 << 8  # as the status of a process that ended with exit code 1
MAX_WHOLE = 2**24  # bytes of an array that crosses for a part of it
MAX_FRAMES = 20  # lines of a traceback
TIMERS = {signal.ITIMER_VIRTUAL: signal.SIGVTALRM, signal.ITIMER_REAL: signal.SIGALRM}
OF_IPYTHON = ("In", "Out", "exit", "quit", "get_ipython", "open")
OUR_PACKAGE = str(Path(__file__).parent.parent) + os.sep


class ForkServer(threading.Thread):
    """Forks the kernel when asked to; the fork serves one test cell and ends.

    A request comes with a socket to serve on. The answer is how the fork ended, as by os.wait.
    """

    def __init__(self, requests: socket.socket, shell: Any, printed: int) -> None:
        super().__init__(daemon=True, name="referee")
        self.requests = requests
        self.shell = shell
        self.printed = printed  # characters that one call may print
        self.names = shell.user_ns
        self.context = contextvars.copy_context()  # np.seterr, say, is kept in one
        shell.events.register("post_run_cell", self._keep_context)

    def _keep_context(self, _: Any) -> None:
        self.context = contextvars.copy_context()

    def run(self) -> None:
        """Serve requests until the judge has no more."""
        while True:
            message, fds, *_ = socket.recv_fds(self.requests, Service.FORMAT.size, 1)
            if len(message) < Service.FORMAT.size or not fds:
                return
            wanted = Service.from_bytes(message)
            limits = FrameLimits(arrays=wanted.frame)
            with socket.socket(fileno=fds[0]) as channel:
                session = Session(channel, self.names, limits, self.printed)
                status = self._in_fork(session, wanted.cpu) if wanted.in_fork else session.serve()
            self.requests.send(FORK_STATUS.pack(wanted.number, status))

    def _in_fork(self, session: "Session", cpu: int) -> int:
        state = session.random.of_python()
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
                os.setpgid(0, 0)  # a signal to all of its group does not reach the kernel
                session.random.go_on_with(state)  # Python has seeded its generator anew
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

    def __init__(
        self, channel: socket.socket, names: dict[str, Any], limits: FrameLimits, printed: int
    ) -> None:
        self.channel = channel
        self.names = names
        self.limits = limits
        self.printed = printed
        self.handles: list[Any] = []  # objects that the judge knows by number
        self._numbers: dict[int, int] = {}  # of the handles, by id
        self._of_test: dict[int, Any] = {}  # what stands here for objects of the test, by number
        self._numbers_there: dict[int, int] = {}  # of those, by id
        self._patches = Patches()
        self._kept = Kept(make=functools.partial(empty_instance, names))
        self._known = KnownObjects(self._kept.numbers)
        self._shown: list[Any] = []  # objects of the answers to look-ups since the last call
        self._put_off: set[str] = set()  # names that were to wait for another one since then
        self._output = Captured(printed)
        self._speaking = threading.RLock()  # held by the thread that waits for the judge's answer
        self._serving = 0  # requests that are not answered yet
        self._process = 0  # that serves
        self._links = False  # what is returned is one object for both sides
        self.random = RandomStates()
        self.modules: list[str] = []  # whose values the judge knows

    def serve(self) -> int:
        """Answer requests until the judge closes the channel; return the exit code."""
        self._process = os.getpid()
        while True:
            try:
                self._answer(*self._receive())
            except (EOFError, OSError):  # the judge does not want to know
                return 0

    def _receive(self) -> tuple[dict[str, Any], list[Any]]:
        """What the judge says next, and the objects that came with it."""
        decoder = Decoder(
            lambda number, *_: self.handles[number],
            self._give_class,
            self._known.objects,
            of_test=self._give_stand_in,
            may_import=True,
            kept=self._kept,
        )
        content = receive_frame(self.channel, self.limits.with_tree(ANY_TREE))
        return decoder.decode(*content), decoder.objects

    def _answer(self, plain: dict[str, Any], objects: list[Any]) -> None:
        """Do what a request wants, and send the reply."""
        request = from_plain(plain)
        self._hear_of(plain)
        if not isinstance(request, LookUp):
            self._shown, self._put_off = [], set()
        with self._known.with_those_of(objects):
            self._known.remember()
            self._serving += 1
            holds = Holds(objects)
            reply = self._replied(request)
            if isinstance(request, Call | Operate):
                reply = replace(
                    reply, held=holds.now(reply, self._known.has_room_for, self._numbers)
                )
            with self._speaking:
                self._serving -= 1
                reply = replace(reply, random=self.random.changed(), changes=self._known.changes())
                try:
                    encoder, frame = self._encoded(reply, links=_may_link(request))
                except Exception as error:
                    encoder = self._encoder()
                    encoder.kept = None  # for a change may be what cannot cross
                    frame = encoder.encode(Reply(error=describe(error)).to_plain())
                    reply = Reply()
                send_frame(self.channel, frame)
                if isinstance(request, LookUp):
                    self._shown += shown_by_answer(encoder.objects)
        if isinstance(request, Assign) and not request.is_own:
            self._known.keep(objects)
        self._known.hold(objects, reply.held)

    def _encoded(self, reply: Reply, *, links: bool) -> tuple[Encoder, list[Any]]:
        if self._links and links:
            with contextlib.suppress(Exception):  # then it goes as any other does
                encoder, linked = self._encoder(), replace(reply, value=Lasting(reply.value))
                return encoder, encoder.encode(linked.to_plain())
        if reply.attributes:
            with contextlib.suppress(Exception):  # then it goes without
                encoder = self._encoder()
                return encoder, encoder.encode(reply.to_plain())
            reply = replace(reply, attributes={})
        encoder = self._encoder()
        return encoder, encoder.encode(reply.to_plain())

    def _replied(self, request: Request) -> Reply:
        value, raised, itself, attributes = None, None, None, dict[str, Any]()
        kept = sys.stdout, sys.stderr, self._output
        self._output, complaint = Captured(self.printed), Captured(self.printed)
        if isinstance(request, Call | Operate):
            sys.stdout, sys.stderr = self._output, complaint
        try:
            value = self._do(request)
        except BaseException as error:
            raised, itself = describe(error), error
            if not raised.bases or raised.known is not None:
                attributes = given_to(error)
        output = self._output.take()
        sys.stdout, sys.stderr, self._output = kept
        return Reply(
            *(value, raised, output),
            object=itself,
            complaint=complaint.take(),
            attributes=attributes,
        )

    def call_back(
        self, number: int, operation: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Have the judge do something with an object of the test's, as long as a test waits here.

        Raises:
            RuntimeError: no test does, or not in this process.

        """
        if os.getpid() != self._process:
            raise RuntimeError("a function of the test cannot be called in another process")
        with self._speaking:
            if not self._serving:
                raise RuntimeError("a function of the test cannot be called when the test is over")
            encoder = self._encoder()
            back = CallBack(
                *(number, operation, args, kwargs, self._output.take()),
                *(self.random.changed(), self._known.changes()),
            )
            frame = encoder.encode(back.to_plain())
            with self._known.with_those_of(encoder.objects):
                send_frame(self.channel, frame)
                return self._answer_to_call_back()

    def _answer_to_call_back(self) -> Any:
        """Do what the judge wants until the answer comes."""
        while True:
            plain, objects = self._receive()
            if plain["do"] != "answer":
                self._answer(plain, objects)
                continue
            self._hear_of(plain)
            self._known.remember()
            if "error" in plain:
                raise self._raised_by_test(plain)
            if plain["raises"]:
                raise plain["value"]
            return plain["value"]

    def _exception_of_test(self, *said: Any) -> BaseException:
        kind, name, message, known, place, args, attributes = said
        raised = Raised(kind, name, message, "", known=known)
        found = class_at(self.names, *place) if place else None
        return exception_of(raised, found, None if args is None else tuple(args), dict(attributes))

    def _raised_by_test(self, plain: dict[str, Any]) -> BaseException:
        raised = Raised.read(plain["error"])
        places = zip(raised.modules, raised.bases, strict=False)
        known = next((class_at(self.names, *place) for place in places), None)
        return exception_of(raised, known, plain.get("object"), plain.get("attributes"))

    def _hear_of(self, plain: dict[str, Any]) -> None:
        """Go on with the judge's random numbers and modules, and the objects as they are there."""
        if "random" in plain:
            self.random.set(plain["random"])
        self.modules = plain.get("modules", self.modules)
        self._known.apply(plain.get("changes", ()))

    def _give_stand_in(self, number: int, *described: Any) -> Any:
        if number not in self._of_test:
            ask = functools.partial(self.call_back, number)
            if described and described[0] == "exception":
                made = self._exception_of_test(*described[1])
            else:
                made = stand_in(ask, *described)
            self._of_test[number] = made
            self._numbers_there[id(made)] = number
        elif described and described[0] == "state":
            set_state(self._of_test[number], described[-1])
        return self._of_test[number]

    def _encoder(self) -> Encoder:
        numbers = self._known.numbers_with(self._shown)
        return Encoder(
            *(self._handle_node, self._class_handle, numbers, self.limits, self.modules),
            *(self._kept, [*self._known.objects, *self._shown]),
        )

    def _do(self, request: Request) -> Any:
        match request:
            case Call(function, args, kwargs):
                return function(*args, **kwargs)
            case Operate("pyplot", (name, args, kwargs)):  # a test may have a Mock of it call it
                return self._patches.original("matplotlib.pyplot", name)(*args, **kwargs)
            case Operate(operation, args):
                return OPERATIONS[operation](*args)
            case Names():
                return [name for name in self.names if _is_of_notebook(name)]
            case Assign(name, value, ""):
                self.names[name] = value
            case Delete(name, ""):
                self.names.pop(name, None)
            case Assign(name, value, module):
                self._patches.replace(module, name, value)
            case Delete(name, module):
                self._patches.remove(module, name)
            case Restore(name, module):
                self._patches.restore(module, name)
            case Files(known, temporary):
                return files_since(known, temporary)
            case Write(path, content, gone):
                return write_file(path, content, gone)
            case Import(name, package):
                return module_beside_notebook(name, package)
            case LookUp(name):
                if (whole := self._whole_of(name)) is not None:
                    return (None, whole)
                return (name in self.names, self.names.get(name), self._has_other_name(name))
            case Link():
                self._links = True
            case Guard(name, cpu, wall):
                self.names[name] = guarded(self.names[name], cpu, wall)
        return None

    def _whole_of(self, name: str) -> str | None:
        """The name of another array that this one is a part of, which is to be looked up first.

        There, too, what is changed in one of them is then changed in the other.
        """
        value = self.names.get(name)
        if type(value) is not np.ndarray or value.base is None or name in self._put_off:
            return None
        self._put_off.add(name)
        if layout_in(value, self._shown) is not None:
            return None
        arrays = {
            other: array
            for other, array in list(self.names.items())
            if type(array) is np.ndarray and array.nbytes <= MAX_WHOLE
        }
        found = layout_in(value, [arrays[each] for each in arrays.keys() - self._put_off])
        return next((each for each in arrays if found and arrays[each] is found[0]), None)

    def _has_other_name(self, name: str) -> bool:
        """Whether what is done to the data of this name is seen under another one, too."""
        value = self.names.get(name)
        if type(value) not in (*PLAIN, np.ndarray):
            return False
        names = list(self.names.items())
        if type(value) is not np.ndarray:
            return any(each is value and _is_others(other, name) for other, each in names)
        arrays = [(other, each) for other, each in names if type(each) is np.ndarray]
        return any(
            _is_others(other, name) and np.may_share_memory(each, value) for other, each in arrays
        )

    def _handle_node(self, value: Any) -> list[Any]:
        if id(value) in self._numbers_there:
            return [Tag.OF_TEST, self._numbers_there[id(value)]]
        node = [Tag.HANDLE, self._handle(value), type_name_of(value), callable(value)]
        if isinstance(value, Enum) and type(value.name) is str:
            kind = type(value)
            return [*node, kind.__module__, kind.__qualname__, value.name]
        return [*node, *(name_in_library(value) or ())]

    def _handle(self, value: Any) -> int:
        number = self._numbers.setdefault(id(value), len(self.handles))
        if number == len(self.handles):
            self.handles.append(value)
        return number

    def _class_handle(self, value: Any) -> int | None:
        return None if type(value) in CONTAINERS else self._handle(value)

    def _give_class(self, like: int | list[str], plain: Any, _class_name: str) -> Any:
        """An object with this content and the class of another, which is changed where it can.

        Or one of the class that the notebook has at a path.
        """
        if isinstance(like, list):
            return with_class(class_at(self.names, *like), plain)
        value = self.handles[like]
        if isinstance(plain, CLASSED):  # which cannot be changed
            return value
        if isinstance(value, dict):
            base: Any = OrderedDict if isinstance(value, OrderedDict) else dict
            base.clear(value)  # not a method of the class, which may do more
            for key, item in plain.items():
                base.__setitem__(value, key, item)
        elif isinstance(value, list):
            list.__setitem__(value, slice(None), plain)
        elif isinstance(value, set):
            set.clear(value)
            set.update(value, plain)
        elif isinstance(value, np.ndarray):
            value = plain.view(type(value))
        else:
            base = frozenset if isinstance(value, frozenset) else tuple
            try:
                copy: Any = base.__new__(type(value), plain)
            except TypeError:  # time.struct_time, say, which nothing but Python itself makes
                return value
            vars(copy).update(vars(value)) if hasattr(value, "__dict__") else None
            value = copy
        return value


class Holds:
    """Which of the objects of a request the student's code still has when it is answered.

    Python counts how often each is referred to. What is in a list that is held, is held, too. The
    answer does not count: a cache with an argument crosses, and nobody has it then.
    """

    def __init__(self, objects: list[Any]) -> None:
        self._objects = [] if len(objects) > MAX_HELD else objects
        self._before = self._counts()

    def _counts(self) -> list[int]:
        return [sys.getrefcount(value) for value in self._objects]

    def now(
        self, reply: Reply, has_room_for: Callable[[list[Any]], bool], handles: Container[int]
    ) -> tuple[int, ...]:
        """Their numbers; none, if there are more than there is room for.

        Those of `handles`, by id, are the student's own objects, which the judge has no copy of.
        """
        counts = list(zip(self._before, self._counts(), strict=True))
        left = [number for number, (before, after) in enumerate(counts) if after > before]
        numbers = {id(value): number for number, value in enumerate(self._objects)} if left else {}
        if left:
            answered = _references_in(reply, numbers)
            left = [n for n in left if counts[n][1] - answered.get(n, 0) > counts[n][0]]
        found = set[int]()
        while left:
            number = left.pop()
            if number not in found:
                found.add(number)
                parts = _parts_of(self._objects[number])
                left += [numbers[id(part)] for part in parts if id(part) in numbers]
        held = tuple(
            number
            for number in sorted(found)
            if id(self._objects[number]) not in handles and can_be_held(self._objects[number])
        )
        return held if has_room_for([self._objects[number] for number in held]) else ()


def _references_in(reply: Reply, numbers: dict[int, int]) -> dict[int, int]:
    """How often an answer refers to each of these objects, whose numbers are by id.

    What somebody else refers to, too, is not only the answer's, and nor is what it contains.
    """
    found: dict[int, int] = {}
    left, seen = [reply.value], set[int]()
    if id(reply.value) in numbers:
        found[numbers[id(reply.value)]] = 1
    while left:
        value = left.pop()
        if id(value) in seen or sys.getrefcount(value) > OF_ANSWER:
            continue
        seen.add(id(value))
        left += _counted_parts(value, numbers, found)
    return found


def _counted_parts(value: Any, numbers: dict[int, int], found: dict[int, int]) -> list[Any]:
    parts = [value.base] if type(value) is np.ndarray else _parts_of(value)
    for part in parts:
        if (number := numbers.get(id(part))) is not None:
            found[number] = found.get(number, 0) + 1
    return parts


def _parts_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(dict.values(value))
    return list(items_of(value)[1]) if isinstance(value, (list, tuple)) else []


def guarded(function: Callable[..., Any], cpu: float, wall: float) -> Callable[..., Any]:
    """The function, which raises a TimeoutError after so many seconds in the main thread.

    A function that hangs then costs each cell which calls it seconds, not the cell's whole time:
    CPU seconds in each call, wall-clock seconds in all calls of one process together.
    """
    wall_left = wall

    def stop(*_: object) -> None:
        raise TimeoutError(f"{function.__name__} takes too long, as it did in its test")

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal wall_left
        if threading.current_thread() is not threading.main_thread():
            return function(*args, **kwargs)
        if wall_left <= 0:
            stop()
        start = time.monotonic()
        seconds = {signal.ITIMER_VIRTUAL: cpu, signal.ITIMER_REAL: wall_left}
        handlers = {timer: signal.signal(number, stop) for timer, number in TIMERS.items()}
        left = {timer: signal.setitimer(timer, seconds[timer])[0] for timer in TIMERS}
        try:
            return function(*args, **kwargs)
        finally:
            for timer, number in TIMERS.items():
                signal.setitimer(timer, left[timer])  # of a call that this one is part of
                signal.signal(number, handlers[timer])
            wall_left -= time.monotonic() - start

    with contextlib.suppress(TypeError, ValueError):
        vars(call)["__signature__"] = inspect.signature(function)
    del vars(call)["__wrapped__"]  # a test may ask for it, to see whether there is a decorator
    return call


def module_beside_notebook(name: str, package: bool) -> ModuleType:
    """A module of the notebook's folder, or the package that it is in."""
    importlib.invalidate_caches()  # for a cell may have written it just now
    module = importlib.import_module(name)
    if package:
        module = sys.modules[name.partition(".")[0]]
    if not Path(str(module.__file__)).resolve().is_relative_to(Path.cwd()):
        raise ModuleNotFoundError(name=name)
    return module


def _is_others(name: str, one: str) -> bool:
    return name != one and _is_of_notebook(name)


def _is_of_notebook(name: Any) -> bool:
    return isinstance(name, str) and not name.startswith("_") and name not in OF_IPYTHON


def given_to(error: BaseException) -> dict[str, Any]:
    """The attributes that code has given an exception, with its notes, if they are few."""
    found = {name: value for name, value in vars(error).items() if may_be_given(name)}
    return found if len(found) <= MAX_GIVEN else {}


def describe(error: BaseException) -> Raised:
    """An exception as its nearest builtin type, its message, and the student's own traceback."""
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    try:
        message = error.args[0] if kind is KeyError and len(error.args) == 1 else error
        text = str(message)[:MAX_MESSAGE]
    except Exception:
        text = "(its message cannot be shown)"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(OUR_PACKAGE)]
    names, modules, _, parents = exception_names(type(error)) or ((), (), "", ())
    args = error.args
    if isinstance(error, OSError) and error.filename is not None:  # which is none of its `args`
        args = (*args, error.filename)
    lines = [f"line {frame.lineno}, in {frame.name}: {frame.line}" for frame in own[-MAX_FRAMES:]]
    return Raised(
        kind.__name__ if hasattr(builtins, kind.__name__) else "RuntimeError",
        type(error).__name__[:MAX_NAME],
        text,
        "\n".join(lines)[:MAX_MESSAGE],
        tuple(name[:MAX_NAME] for name in names[:MAX_BASES]),
        number_of(error),
        modules[:MAX_BASES],
        args if type(args) is tuple and is_small(args) else None,
        parents[:MAX_BASES],
    )


def _may_link(request: Request) -> bool:
    """Whether what is answered can be an object of the student's, and no description of one."""
    return not (isinstance(request, Operate) and request.operation in DESCRIBES)
