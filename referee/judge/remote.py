"""A student's kernel as a test cell sees it: names and calls.

This runs in the trusted process. What comes from a fork of the kernel is decoded as plain data and
checked; it can be wrong in any way, and a frame that is no answer costs the call and the fork.
"""

import os
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import Enum, EnumMeta
from functools import partial
from math import inf
from mmap import mmap
from sys import getrefcount
from typing import Any

from referee.boundary.changes import KnownObjects, can_change
from referee.boundary.channel import receive_frame, send_frame
from referee.boundary.codec import CLASSED, CONTAINERS, PLAIN, Decoder, Encoder, Lasting
from referee.boundary.files import WrittenFile, read_all
from referee.boundary.frame import MAX_ARGUMENTS, BoundaryError, FrameLimits, Tag
from referee.boundary.kept import Kept, Path
from referee.boundary.kinds import KINDS
from referee.boundary.kinds.columns import missing_as_nan
from referee.boundary.messages import (
    Assign,
    Call,
    CallBack,
    Delete,
    Files,
    Link,
    LookUp,
    Names,
    Operate,
    Proceed,
    Reply,
    Request,
    Restore,
    Write,
    parents_in,
    shortened,
    shown_by_answer,
    to_plain,
)
from referee.boundary.python_types import TYPES
from referee.boundary.shared import MAX_PRINTED, RandomStates, checked_states
from referee.judge.call_log import CallLog
from referee.judge.callbacks import ObjectsOfTest
from referee.judge.cells import TestCell
from referee.judge.comparisons import rehash, take_as_constructed
from referee.judge.definitions import definition_at, enumeration_at
from referee.judge.exceptions import (
    ENDS_OF_PROGRAMS,
    ITSELF,
    WORDS,
    CallLost,
    Interrupted,
    Loss,
    ProcessEnd,
    StandIns,
    StudentsWords,
    give,
    given_by,
    raised_again,
    rebuilt,
)
from referee.judge.fakes import is_fake, own_in_place_of_pythons
from referee.judge.held_results import is_held
from referee.judge.instances import (
    Instance,
    forget_maker,
    instance_of,
    is_of_other_values,
    take_as_made_by_test,
    take_as_of_other_values,
)
from referee.judge.objects import RemoteFunction, RemoteObject, as_two, take_as_given
from referee.judge.places import (
    LOOKS,
    OF_NOTEBOOK,
    REMOTE_CLASS,
    NotComparable,
    Place,
    Remote,
    ask,
    last_place_of,
    move,
    place_of,
    refuse_as_compared,
    stood_for,
)
from referee.judge.places import Fork as ForkOfObjects
from referee.judge.probes import Probe, probe
from referee.judge.states import has_values, remember_states, values_in
from referee.judge.subclasses import CLASSES

DELETED = object()
MAX_CALLS_BACK = 100_000  # of one fork, where a course sets no other limit
MAX_DEPTH = 100  # of calls in calls back in calls, where a course sets no other limit
MASKED = "numpy.ma"
MOST_KEPT = (
    10_000  # objects that both sides have, for more to come of results of a test's functions
)
GIVE_PARTS = ("getattr", "__getitem__")  # of a test's object, which a student's code may change
PASSED = ("args", "kwargs", "value")  # fields of requests
MAX_LOST_CALLS = 5  # of one test cell, where a course sets no other limit
MOST_REMEMBERED = 50  # objects whose attributes are asked for before another one is made
OWN_REFERENCES = 3  # to an object that nobody has but the dictionary of all, while it is looked at
COMPARES = ("==", "!=", "Equal", " in ", "index", "count", "remove")
GIVES_AGAIN = {"__new__", "Enum"}  # what a class has that gives an object again when it is called
SLOW = 0.2  # seconds
ENOUGH_KEPT = 10  # expected objects of a class, all of which have its arguments
TICK = 0.1  # seconds between two looks at whose turn it is
PATIENCE = 3.0  # seconds for a function of the test, while another thread waits for its turn
ONE_WAITS_FOR_ANOTHER = (
    "two threads of the test are in the student's code at once, and one waits there for the other. "
    "Have a function of the notebook start the threads"
)
IN_ANOTHER_PROCESS = (
    "a process that the test has started calls the student's code. Have a function of the notebook "
    "start it, or use threads"
)

OWN_CONTAINER = (
    "the test passes an object of the class {0}, which inherits from a container of Python's and "
    "has {1} in the place of Python's. The student's code would have a plain container: let {0} "
    "hold one, and inherit from nothing"
)

KEPT_IN_CLASS = (
    "the test passes an object of the class {0}, and reads {0}.{1}, which methods of {0} change. "
    "They run in the student's process, whose class is another one than the test's: keep {1} in "
    "the object, as by self.{1}"
)


class NamedPlace(Place):
    """Where a function is that a test found by its name; in a next fork, it is found again."""

    is_found_again = True

    def __init__(self, name: str, student: "StudentCode", found: Place) -> None:
        super().__init__(found.number, found.type_name, found.fork)
        self.name = name
        self._student = student

    def call(self, function: Remote, args: Any, kwargs: Any, *, is_expected: bool = False) -> Any:
        """Call the function of that name, for an object to be compared if it `is_expected`."""
        try:
            if self._is_class:
                return self._construct(function, args, kwargs, is_expected=is_expected)
            return super().call(function, args, kwargs)
        except CallLost as lost:
            if lost.hung:
                self._student.hanging[self.name] = lost
            raise

    def _construct(self, function: Remote, args: Any, kwargs: Any, *, is_expected: bool) -> Any:
        """Call a class of the master's, or what the student has in its place."""
        self.current(function)
        fork, given = self._student.fork(), [*args, *kwargs.values()]
        values = values_in(given)
        fork.remember_states()
        is_unknown = is_expected and "object" in self._methods and fork.may_make_other(self.name)
        probed = self._probed(function, args, kwargs) if is_unknown else None
        before = fork.questions
        fork.constructs()
        result = super().call(function, args, kwargs)
        if not isinstance(result, RemoteObject):
            is_same = has_values(result, values) and not any(map(is_of_other_values, given))
            is_other = not is_same and "object" in self._methods
            if is_other and isinstance(result, Instance):
                take_as_of_other_values(result)
            elif is_other and fork.context.compares:
                refuse_as_compared(function)
            if self.type_name == "type":
                take_as_made_by_test(result)
            return result
        if place_of(result).first_asked > before:
            take_as_constructed(result, given, values, self._methods)
            place_of(result).constructed_by, place_of(result).probe = self.name, probed
            if self.type_name == "type":
                take_as_made_by_test(result)
        elif not (self._methods & GIVES_AGAIN):  # one object
            return as_two(result)
        return result

    def _probed(self, function: Remote, args: Any, kwargs: Any) -> Probe | None:
        """Try what the class makes; not again if this is slow, or comes to nothing."""
        begun = time.monotonic()
        probed = probe(function, args, kwargs)
        is_slow = time.monotonic() - begun > SLOW
        comes_to_nothing = probed is not None and probed.attributes is None
        if is_slow or comes_to_nothing:
            self._student.fork().has_tried(self.name, again_if_needed=not comes_to_nothing)
        return probed

    @property
    def _is_class(self) -> bool:
        """Whether it is a class of the master's, or what the student has in its place."""
        return self.name in self._student.classes

    @property
    def _methods(self) -> frozenset[str]:
        """The methods of the master's class of this name."""
        return self._student.context.methods.get(self.name, frozenset())

    @property
    def is_enumeration(self) -> bool:
        """Whether it is an enumeration of the master's."""
        return "Enum" in self._methods

    def is_inherited_from(self, by: Remote, name: str, methods: frozenset[str]) -> None:
        """A class of the test's inherits from it: its objects are compared as those of this one."""
        place = InheritingPlace(name, self._student, place_of(by), methods | self._methods)
        move(by, place)
        self._student.fork().is_known_as(place.number, by)

    def has_remote_instances(self, value: Remote) -> bool:
        """Whether it is a class of the master's whose instances stay where they are."""
        if not self._is_class or self.type_name not in CLASSES:
            return False
        above = ask(value, "getattr", value, "__mro__")
        return type(above) is tuple and not any(map(_is_of_data, above))

    def current(self, value: Remote) -> Place:
        """Where it is in the fork that serves the next call."""
        self._student = self._student.of_now()
        fork = self._student.fork()
        if self.fork is not fork:
            found = fork.look_up(self.name)
            if not isinstance(found, RemoteFunction):
                raise CallLost(Loss.OBJECT_LOST)
            place = place_of(found)
            self.number, self.type_name, self.fork = place.number, place.type_name, fork
            fork.is_known_as(self.number, value)
        return self

    @property
    def owner(self) -> str:
        """What stands before the dot where a method of it is recorded."""
        return self.name

    @property
    def described(self) -> str:
        """What messages call it."""
        return f"{self.name} of the student's notebook"


class InheritingPlace(NamedPlace):
    """Where a class of the test's is that inherits from one of the student's."""

    is_found_again = False
    _is_class = True
    _methods = frozenset[str]()

    def __init__(
        self, name: str, student: "StudentCode", found: Place, methods: frozenset[str]
    ) -> None:
        super().__init__(name, student, found)
        self._methods, self.asked_as = methods, name

    def current(self, _: Remote) -> Place:
        """It is in one fork only."""
        if self.fork is not self._student.fork():
            raise CallLost(Loss.OBJECT_LOST)
        return self


class WaitingPlace(Place):
    """Where an object will be that a test expects: it is made where it is looked at first."""

    def __init__(self, name: str, fork: ForkOfObjects, make: Callable[[], Any]) -> None:
        super().__init__(0, name, fork)
        self._make = make

    def settled(self, value: Remote) -> Place:
        """Have it made."""
        return self.current(value)

    def current(self, value: Remote) -> Place:
        """Have it made."""
        made = self._make()
        if not isinstance(made, RemoteObject):
            raise CallLost(Loss.MAKES_NO_SENSE)
        place = place_of(made)
        move(value, place)
        place.fork.is_known_as(place.number, value)
        return place


def waiting(function: Any) -> Callable[..., Any]:
    """What is called in the place of a class of the notebook's, whose object is not wanted yet.

    That of any other function is the function.
    """
    place = _place_of_class(function)
    if place is None:
        return function

    def call(*args: Any, **kwargs: Any) -> Any:
        make = partial(place.call, function, args, kwargs, is_expected=True)
        return RemoteObject(WaitingPlace(place.name, place.fork, make))

    return call


def expecting(function: Any) -> Callable[..., Any]:
    """What is called in its place where the object is compared at once."""
    place = _place_of_class(function)
    if place is None:
        return function
    return lambda *args, **kwargs: place.call(function, args, kwargs, is_expected=True)


def _place_of_class(function: Any) -> NamedPlace | None:
    """Where a class of the notebook's is, if its objects stay there."""
    place = last_place_of(function) if isinstance(function, RemoteFunction) else None
    if isinstance(place, NamedPlace) and place.has_remote_instances(function):
        return place
    return None


def is_waiting(value: Any) -> bool:
    """Whether it is an object that is still to be made."""
    return isinstance(value, RemoteObject) and isinstance(last_place_of(value), WaitingPlace)


@dataclass
class CellContext:
    """What all forks that serve a test cell have in common.

    `words` are what the student's exceptions say, and `refusals` what the test has done and cannot
    be judged. With `pass_copies`, no call changes what the test passes to it. Masked arrays and
    pandas' NA come as such if the test knows them, and else as what a mask hides, and as NaN.
    `knows_docs` if the test looks for docstrings of its functions. `temporary` is the folder for
    its temporary files. `methods` are those of the classes of the master's solutions, by the name
    of the class. `path_of` says where the notebook has a class, too, that a provided cell
    defines, and `class_at` is the other way round; `kept_in_class` are attributes of such a class
    that its methods change and the test reads. Threads of the test take a `turn` each.
    """

    words: StudentsWords = field(default_factory=StudentsWords)
    refusals: list[NotComparable] = field(default_factory=list)
    pass_copies: bool = False
    knows_masks: bool = True
    knows_missing: bool = True
    knows_docs: bool = False
    temporary: str = ""
    compares: bool = False  # the test's source looks as if it compares objects
    names_share: bool = False  # two names of the notebook have the same data
    methods: dict[str, frozenset[str]] = field(default_factory=dict)
    calls: CallLog = field(default_factory=CallLog)
    stand_ins: StandIns = field(default_factory=StandIns)
    path_of: Callable[[type], Path | None] = lambda _: None
    kept_in_class: Callable[[type], list[str]] = lambda _: []
    class_at: Callable[[str, str], Any] = lambda _module, _name: None
    turn: "Turn" = field(default_factory=lambda: Turn())
    construct: Callable[..., Any] = lambda _name, *_: None
    before_call: Callable[[Request], None] = lambda _: None
    after_call: Callable[[], None] = lambda: None
    has_answered: Callable[[], None] = lambda: None

    def judges(self, cell: TestCell) -> None:
        """A test begins: this one, or an earlier one that is run again for it."""
        self.pass_copies = cell.passes_copies
        self.compares = any(each in cell.source for each in COMPARES)
        self.knows_masks = cell.knows_masks
        self.knows_missing = cell.knows_missing


class Turn:
    """Lets one thread of a test at a time ask the student's code, until it has the answer.

    Functions of the test that the student's code calls meanwhile may ask more, in this thread.
    """

    def __init__(self) -> None:
        self._process = os.getpid()
        self._taken_elsewhere = mmap(-1, 1)  # which a process that is forked from this one has, too
        self._lock = threading.RLock()
        self._waits_for_test = False  # whose turn it is: an answer is up to a function of the test

    @contextmanager
    def taken(self, refuse: Callable[[NotComparable], None]) -> Iterator[None]:
        """Wait for a turn. No thread waits for one that may wait for it.

        Raises:
            NotComparable: a function of the test in another thread, called by the student's code,
                takes too long; or this is another process than the judge's.

        """
        if os.getpid() != self._process:
            self._taken_elsewhere[0] = 1
            raise NotComparable(IN_ANOTHER_PROCESS)
        waited = 0.0
        while not self._lock.acquire(timeout=TICK):
            waited = waited + TICK if self._waits_for_test else 0.0
            if waited >= PATIENCE:
                error = NotComparable(ONE_WAITS_FOR_ANOTHER)
                refuse(error)
                raise error
        try:
            yield
        finally:
            self._lock.release()

    def was_taken_elsewhere(self) -> bool:
        """Whether a process that the test has started has wanted a turn, and had none."""
        return self._taken_elsewhere[0] != 0

    @contextmanager
    def of_test(self) -> Iterator[None]:
        """A function of the test has been called by the student's code."""
        before, self._waits_for_test = self._waits_for_test, True
        try:
            yield
        finally:
            self._waits_for_test = before


class StudentCode:
    """A student's kernel as one test cell sees it: names and calls, in forks of the kernel.

    One fork serves all calls, until one of them costs it. `open_fork` opens one with the time for
    the calls of so many tests, `end_fork` ends what is left of it.
    """

    def __init__(
        self,
        open_fork: Callable[[int], "Fork"],
        end_fork: Callable[[], None],
        lost_calls: int = MAX_LOST_CALLS,
    ) -> None:
        self._open_fork = open_fork
        self._end_fork = end_fork
        self._lost_calls = lost_calls
        self._forks: list[Fork] = []
        self._needed = False
        self._hanging: dict[str, CallLost] = {}
        self.context = CellContext()
        self.tests = 1  # that run in the first fork: with the earlier ones that run again
        self.classes: set[str] = set()  # that the master's solutions define
        self._done_at_files: tuple[Fork, int] | None = None
        self._replaced: dict[tuple[str, str], Any] = {}  # what names are in this test, or DELETED
        self._opening: int | None = None  # the thread that does
        self._ended = False
        self.next: StudentCode | None = None  # the notebook as a later test cell sees it
        self.is_linked = False  # what is returned is one object for both sides

    @property
    def is_talking(self) -> bool:
        """Whether this thread's question is on its way: what Python calls then must ask no other.

        Python collects garbage at any time, and what it calls then may look at files.
        """
        thread = threading.get_ident()
        return thread in (self._opening, *(fork.talking for fork in self._forks))

    def fork(self) -> "Fork":
        """The fork that serves the next call.

        Raises:
            CallLost: too many calls were lost in this test cell.

        """
        with self.context.turn.taken(self.context.refusals.append):
            if self._ended:
                raise CallLost(Loss.OBJECT_LOST)
            if not self._forks:
                self._open()
            elif self._forks[-1].lost is not None:
                if len(self._forks) == self._lost_calls:
                    raise self._forks[-1].lost
                self._open()
                self._forks[-1].hand_on_random_states()
                for (module, name), value in self._replaced.items():
                    self._replace(name, value, module)
            return self._forks[-1]

    def _open(self) -> None:
        """Open a fork in the place of the one before."""
        self._needed, self._opening = True, threading.get_ident()
        try:
            self._close()
            fork = self._open_fork(1 if self._forks else self.tests)
            fork.context = self.context
            self._forks.append(fork)
            if self.is_linked:
                fork.ask(Link())
        finally:
            self._opening = None

    def of_now(self) -> "StudentCode":
        """The notebook as the test cell sees it that runs now.

        A function that a test has kept (`counted = spy(square)`) is called there. Not by a thread
        that the test has left behind.
        """
        now = self
        while now.next is not None and threading.current_thread() is threading.main_thread():
            now = now.next
        return now

    def link(self) -> None:
        """From the first call on, what is returned is one object for both sides."""
        self.is_linked = True

    def linked(self) -> "StudentCode":
        """The same kernel, with what is returned linked; this one ends."""
        self.close()
        linked = StudentCode(self._open_fork, self._end_fork, self._lost_calls)
        linked.link()
        return linked

    def look_up(self, name: str) -> Any:
        """The value of a name of the student's notebook.

        Raises:
            NameError: the notebook does not define it.

        """
        value = self.fork().look_up(name)
        if not isinstance(value, RemoteFunction) or name_of(value) is not None:
            return value
        place = place_of(value)
        move(value, NamedPlace(name, self, place))
        kind = exception_class(value, self.context.stand_ins)
        if kind is None:
            return value
        if hasattr(kind, OF_NOTEBOOK):  # called as the test calls it, and not as a student may want
            kind.__name__ = kind.__qualname__ = name
            setattr(kind, REMOTE_CLASS, value)
            setattr(kind, WORDS, self.context.words)
        return kind

    def replace(self, name: str, value: Any = DELETED, module: str = "") -> bool:
        """Have a name of the notebook, or of a module, mean something else in this test cell.

        What cannot be passed leaves it as it is; returns whether it can.
        """
        self._replaced[module, name] = value
        with suppress(CallLost):
            self.fork()
            return self._replace(name, value, module)
        return True

    def _replace(self, name: str, value: Any, module: str) -> bool:
        fork = self._forks[-1]
        try:
            is_own = isinstance(value, RemoteObject)
            assign = Assign(name, value, module, is_own)
            fork.ask(Delete(name, module) if value is DELETED else assign)
        except (TypeError, BoundaryError):
            return False
        return True

    def restore(self, name: str, module: str) -> None:
        """Have a name of a module mean what it did before this test cell has replaced it."""
        if self._replaced.pop((module, name), None) is not None:
            with suppress(CallLost):
                self.fork().ask(Restore(name, module))

    def names(self) -> list[str]:
        """The names that the notebook has defined."""
        return [str(name) for name in self.fork().ask(Names())]

    @property
    def steps(self) -> int:
        """How many requests so far may have changed something there."""
        return sum(fork.steps for fork in self._forks)

    def files(self, known: dict[str, int]) -> list[WrittenFile]:
        """The files that its code has written, but for those that are known with their stamps.

        There are none if it has done nothing since it was asked last, or cannot be asked now.
        """
        if self.is_talking:
            return []
        fork = self.fork()
        if (done := (fork, fork.steps)) == self._done_at_files:
            return []
        self._done_at_files = done
        return fork.files(known)

    def write(self, file: Write) -> int:
        """Write a file of the test's in the notebook's folder; return its stamp, 0 if it failed."""
        stamp = None
        with suppress(Exception):
            stamp = self.fork().ask(file)
        return stamp if type(stamp) is int else 0

    def draw(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Have a function of pyplot called with the notebook's figures."""
        return self.fork().ask(Operate("pyplot", (function, args, kwargs)))

    def end_cell(self) -> None:
        """A test has run again, and the next one runs in the same fork."""
        with suppress(Exception):
            self.fork().ask(Operate("end cell", ()))

    def take_random_states(self) -> None:
        """Go on with the random numbers where the notebook's cells have left off."""
        self.fork().ask(Proceed())

    def close(self) -> None:
        """End the fork; threads that the test has left behind ask no other."""
        self._ended = True
        self._close()

    def _close(self) -> None:
        if self._forks:
            self._forks[-1].close()
            self._end_fork()

    @property
    def losses(self) -> list[CallLost]:
        """The calls that had no answer."""
        return [fork.lost for fork in self._forks if fork.lost is not None]

    @property
    def has_found_no_kernel(self) -> bool:
        """Whether it was asked for something, and ended without a single answer."""
        ended = all(lost.loss in (Loss.PROCESS_ENDED, Loss.KERNEL_ENDED) for lost in self.losses)
        return self._needed and ended and not any(fork.has_answered for fork in self._forks)

    @property
    def hanging(self) -> dict[str, CallLost]:
        """The functions that took too long, by name, each with the call that was lost."""
        return self._hanging


class CallClock:
    """How much time is left for the calls of a fork; `deadline` is one of time.monotonic.

    The grader knows, too, for how long the student's processes have done nothing.
    """

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def running(self, asked: str) -> AbstractContextManager[None]:
        """The answer to what is asked is waited for."""
        return nullcontext()

    def is_blocked(self) -> bool:
        """Whether the student's processes have done nothing for longer than they may."""
        return False

    def left(self) -> float:
        """Seconds until the deadline, none if they are blocked."""
        return 0.0 if self.is_blocked() else self.deadline - time.monotonic()


@dataclass(frozen=True)
class CallBackLimits:
    """How often a test cell's functions may be called by the student's code, and how deep."""

    number: int = MAX_CALLS_BACK
    depth: int = MAX_DEPTH


class Fork:
    """One fork of a student's kernel."""

    def __init__(
        self,
        channel: socket.socket,
        limits: FrameLimits,
        clock: "CallClock",
        end: Callable[[], ProcessEnd],
        printed: int = MAX_PRINTED,
        calls_back: "CallBackLimits | None" = None,
        arguments: int = MAX_ARGUMENTS,
    ) -> None:
        self._channel = channel
        self._limits = limits
        self._limits_of_arguments = limits.with_tree(arguments)
        self._clock = clock
        self._end = end  # asks how the fork ended, once it has
        self._printed = printed  # characters that are kept of what one call prints
        self._calls_back = calls_back or CallBackLimits()
        self._called_back = 0
        self._depth = 0  # of calls back that are not answered yet
        self.context = CellContext()
        self._kept = Kept(self._path_of_passed)
        self._known = KnownObjects(self._kept.numbers)
        # What look-ups since the last call have shown; the name of a part of it is that very part.
        self._shown: list[Any] = []
        self._of_test = ObjectsOfTest(lambda kind: self.context.path_of(kind))
        self._random = RandomStates()
        self._handles: dict[int, Remote] = {}
        # With handle and the name of the class, by id; keeps the object alive.
        self._like: dict[int, tuple[Any, int, str]] = {}
        self._classed: dict[tuple[int, type, Any], Any] = {}  # numbers and texts of own classes
        self.lost: CallLost | None = None
        self._steps = 0
        self._constructed = 0  # how many of them have called classes
        self.questions = 0
        self.hashes: dict[str, int] = {}
        self._kept_by = defaultdict[str, float](float)  # how often a class has kept arguments
        self._asked = False
        self.talking: int | None = None  # the thread whose question is on its way, or its answer
        self._modules: list[str] = []  # whose values it knows to be known here
        self.has_answered = False

    def look_up(self, name: str) -> Any:
        """The value of a name of the student's notebook; functions become RemoteFunctions.

        Raises:
            NameError: the notebook does not define it.

        """
        found = self.ask(LookUp(name))
        match found:
            case (None, str(whole)):  # which is to be here first, for this is a part of it
                self.ask(LookUp(whole))
                found = self.ask(LookUp(name))
        match found:
            case (True, value, bool(has_other_name)):
                self.context.names_share |= has_other_name
                return value
            case (False, None, False):
                raise NameError(f"the notebook does not define {name!r}")
        raise self._lose(Loss.MAKES_NO_SENSE)

    @property
    def steps(self) -> int:
        """How many requests may have changed something there, or will, by what a test changed."""
        self._steps += bool(self._known.objects and self._known.changes())
        return self._steps

    def files(self, known: dict[str, int]) -> list[WrittenFile]:
        """The files that its code has written, but for those that are known with their stamps."""
        try:
            temporary = self.context.temporary
            return read_all(self.ask(Files(known, temporary)), temporary)
        except BoundaryError as error:
            raise self._lose(Loss.UNREADABLE, detail=str(error)) from None

    @property
    def calls(self) -> int:
        """How many of these may have changed something, besides those that construct an object."""
        return self.steps - self._constructed

    def constructs(self) -> None:
        """The next request calls a class."""
        self._constructed += 1

    @property
    def is_called_back(self) -> bool:
        """Whether the student's code has called a function of the test, which is not done yet."""
        return self._depth > 0

    @property
    def is_talking(self) -> bool:
        """Whether this thread is in the middle of a question."""
        return self.talking == threading.get_ident()

    @property
    def is_closed(self) -> bool:
        """Whether the test cell that had it is over."""
        return self._channel.fileno() < 0

    def refuse(self, error: NotComparable) -> None:
        """Remember what the test has done and cannot be judged."""
        self.context.refusals.append(error)

    def methods_of(self, class_name: str) -> frozenset[str]:
        """The methods of a class of the master's."""
        return self.context.methods.get(class_name, frozenset())

    def construct(self, class_name: str, *args: Any) -> Any:
        """Call a class of the master's."""
        return self.context.construct(class_name, *args)

    def may_make_other(self, class_name: str) -> bool:
        """Whether a class may keep something else than its arguments: it has, or is little known.

        To try it takes some milliseconds each time.
        """
        return self._kept_by[class_name] < ENOUGH_KEPT

    def has_tried(self, class_name: str, *, again_if_needed: bool) -> None:
        """To try a class has taken long: again only if it keeps something else, or not at all."""
        self._kept_by[class_name] = ENOUGH_KEPT - 1 if again_if_needed else inf

    def has_made(self, class_name: str, *, of_its_arguments: bool) -> None:
        """A class has made an object that has its arguments, or something else of them."""
        kept = self._kept_by[class_name]
        self._kept_by[class_name] = kept + 1 if of_its_arguments else -inf

    def is_known_as(self, number: int, named: Remote) -> None:
        """From now on, a test has this object for what has this number here."""
        self._handles[number] = named

    def remember_states(self) -> None:
        """Ask for the attributes of objects, before the student's code hears what is expected."""
        if self.context.compares:
            remember_states(self._held_by_test())

    def _held_by_test(self) -> list[Remote]:
        """The newest objects that a test still has, and can compare."""
        held: list[Remote] = []
        for value in reversed(self._handles.values()):
            if getrefcount(value) > OWN_REFERENCES and place_of(value).type_name not in TYPES:
                held.append(value)
            if len(held) == MOST_REMEMBERED:
                break
        return held

    def hand_on_random_states(self) -> None:
        """Have the fork go on with the random numbers where this process has left off."""
        self.ask(Proceed(), self._random.get())

    def close(self) -> None:
        """Close the channel, which ends the fork if it still can."""
        self._channel.close()

    def ask(self, request: Request, states: Any = None) -> Any:
        """Have something done in the fork, and return its value or raise its exception.

        The fork goes on with these states of the generators, or with those that a test has changed
        here since the last answer, which brought the fork's.

        Raises:
            CallLost: no answer came in time, or none that is one.

        """
        with self.context.turn.taken(self.context.refusals.append):
            if self.lost is not None:
                raise self.lost
            is_call = isinstance(request, Call | Operate)
            if is_call:
                self.context.before_call(request)
            before, self.talking = self.talking, threading.get_ident()
            try:
                return self._ask(request, states)
            finally:
                self.talking = before
                if is_call and self.lost is None:
                    self.context.has_answered()

    def _ask(self, request: Request, states: Any) -> Any:
        is_call = isinstance(request, Call | Operate)
        self.questions += 1
        if not isinstance(request, LookUp):
            self._shown = []
        is_passing = is_call or isinstance(request, Assign)
        if self.context.pass_copies and is_passing:
            request = with_copied_instances(request, self.context.path_of)
        encoder = self._encoder()
        if states is None and self._asked:
            states = self._random.changed()
        modules = self._wanted_modules()
        news = None if modules == self._modules else modules
        frame = encoder.encode(to_plain(request, states, self._known.changes(), news))
        self._modules = modules
        self._asked = True
        looks = isinstance(request, Operate) and request.operation in LOOKS
        self._steps += not (looks or isinstance(request, Files | LookUp | Names))
        if isinstance(request, Call):
            self.context.calls.begin(_called(request.function), request, self._random.known)
        sent = encoder.objects
        if isinstance(request, Call):
            take_as_given(sent)
        if self.context.pass_copies and is_passing:
            sent = self._copies(sent)  # which are changed, and come back, in their place
        with self._known.with_those_of(sent):
            reply, objects = self._exchange(frame, _asked(request))
            try:
                outcome = self._take(reply, isinstance(request, Call))
            except BoundaryError as error:
                raise self._lose(Loss.UNREADABLE, detail=str(error)) from None
        if isinstance(request, Assign) and not request.is_own:
            self._known.keep(sent)
        if reply.held and is_call:
            try:
                self._known.hold(sent, reply.held)
            except BoundaryError as error:
                raise self._lose(Loss.UNREADABLE, detail=str(error)) from None
        if isinstance(request, LookUp):
            self._shown += shown_by_answer(objects)
        if self._known.objects:
            self._known.remember()
        if is_call:
            self.context.after_call()
        rehash(objects)
        if reply.error is not None:  # not sooner: an OSError would seem to be ours
            raise outcome
        return outcome

    def _exchange(self, frame: list[Any], asked: str) -> tuple[Reply, list[Any]]:
        """Send a frame and wait for the reply; meanwhile, do what the student's code wants done.

        Returns the objects of the reply, too.
        """
        clock = self._clock
        while True:
            if self.lost is not None:  # a function of the test has made another call
                raise self.lost
            decoder = Decoder(
                self._handle,
                self._remember_class,
                self._known.objects + self._shown,
                clock.deadline,
                self._of_test.get,
                modules=self._wanted_modules(),
                kept=self._kept,
            )
            try:
                with clock.running(asked):
                    send_frame(self._channel, frame, clock.left)
                    content = receive_frame(self._channel, self._limits, clock.left)
                with _hashable_objects(), missing_as_nan(wanted=not self.context.knows_missing):
                    plain = decoder.decode(*content)
                if not CallBack.is_one(plain):
                    return Reply.read(plain), decoder.objects
                back = CallBack.read(plain)
                operation = self._of_test.operation(back)
                self._hear_of(back)
            except BoundaryError as error:
                raise self._lose(Loss.UNREADABLE, detail=str(error)) from None
            except TimeoutError:
                loss = Loss.DOES_NOTHING if clock.is_blocked() else Loss.TAKES_TOO_LONG
                raise self._lose(loss) from None
            except (EOFError, OSError):
                raise self._lose(Loss.PROCESS_ENDED, self._end()) from None
            self.talking = None  # the test's own code may ask more
            with self._known.with_those_of(decoder.objects), self.context.turn.of_test():
                frame = self._call_back(operation, back)
            self.talking = threading.get_ident()

    def _call_back(self, operation: Callable[..., Any], back: CallBack) -> list[Any]:
        """Do what the student's code wants of an object of the test's; return the answer."""
        self._called_back += 1
        if self._called_back > self._calls_back.number:
            raise self._lose(Loss.CALLS_BACK)
        self._known.remember()
        self.context.after_call()
        value, raised = self._done(partial(operation, *back.args, **back.kwargs))
        random, changes = self._random.changed(), self._known.changes()

        def answer(reply: Reply, *, raises: bool = False) -> list[Any]:
            said = replace(reply, random=random, changes=changes).to_plain()
            return self._encoder().encode({"do": "answer", "raises": raises, **said})

        try:
            if hasattr(type(raised), REMOTE_CLASS):  # of an exception class of the notebook
                return answer(Reply(raised), raises=True)
            if raised is None:
                has_room = len(self._kept.numbers) < MOST_KEPT
                lasts = back.operation in GIVE_PARTS or (has_room and is_held(value))
                return answer(Reply(Lasting(value) if lasts else value))
        except (TypeError, BoundaryError, CallLost) as error:  # it cannot be passed
            raised = error
        said = self._of_test.remember(raised)
        with suppress(TypeError, BoundaryError, CallLost):  # then it has no more than its message
            return answer(Reply(error=said, object=raised.args, attributes=given_by(raised)))
        return answer(Reply(error=said))

    def _done(self, operation: Callable[[], Any]) -> tuple[Any, BaseException | None]:
        """What an operation returns or raises."""
        self._depth += 1
        try:
            if self._depth > self._calls_back.depth:
                raise RecursionError("calls of the test's functions are nested too deep")
            return operation(), None
        except CallLost as lost:
            if self.lost is not None:
                raise
            return None, lost
        except Interrupted:
            raise
        except (Exception, *ENDS_OF_PROGRAMS.values()) as error:
            return None, error
        finally:
            self._depth -= 1

    def _wanted_modules(self) -> list[str]:
        """The modules whose values may come as themselves."""
        modules = KINDS.modules()
        if self.context.knows_masks:
            return modules
        return [each for each in modules if not each.startswith(MASKED)]

    def _encoder(self) -> Encoder:
        return Encoder(
            self._handle_node,
            self._class_handle,
            self._known.numbers,
            limits=self._limits_of_arguments,
            kept=self._kept,
        )

    def _lose(self, loss: Loss, end: ProcessEnd | None = None, detail: str = "") -> CallLost:
        self.lost = CallLost(loss, end, detail)
        self.context.calls.lost(self.lost)
        return self.lost

    def _hear_of(self, said: Reply | CallBack) -> list[Any]:
        """Print what was printed, apply what was changed; return the objects that were."""
        self.has_answered = True
        sys.stdout.write(shortened(said.output, self._printed))
        if isinstance(said, Reply) and said.complaint:
            sys.stderr.write(shortened(said.complaint, self._printed))
        if said.random is not None:
            self._random.set(checked_states(said.random))
        with _hashable_objects():
            return self._known.apply(said.changes)

    def _take(self, reply: Reply, is_call: bool) -> Any:
        """Do what a reply says, and return the value or exception."""
        changed = self._hear_of(reply)
        if is_call:
            self.context.calls.answered(reply, changed)
        if reply.error is None:
            return reply.value
        if (known := self._of_test.raised(reply.error.known)) is not None:
            give(known, reply.attributes)
            return known
        error = raised_again(reply.error, reply.object)
        error = error or rebuilt(reply.error, self.context.stand_ins, reply.object)
        give(error, reply.attributes)
        self.context.words.remember_all(error, reply.error)
        return error

    def _copies(self, sent: list[Any]) -> list[Any]:
        """Copies of what was sent, which share what the originals share."""
        kept = {id(value): value for value in sent if not can_change(value)}
        copies = [deepcopy(value, kept) for value in sent]
        known = [self._like.get(id(value)) for value in sent]
        return [
            copy if like is None else self._remember_class(like[1], copy, like[2])
            for like, copy in zip(known, copies, strict=True)
        ]

    def _handle(self, number: int, type_name: str, callable_: bool, *member: str) -> Any:
        """What has this number there; of what both sides have by a name, our own."""
        if len(member) == 3 and (found := self._member(*member)) is not None:
            return found
        if len(member) == 2 and (known := definition_at(*member)) is not None:
            return known
        if number in self._handles:
            forget_maker(self._handles[number])
        else:
            kind = RemoteFunction if callable_ else RemoteObject
            self._handles[number] = kind(Place(number, type_name, self))
        return self._handles[number]

    def _handle_node(self, value: Any) -> list[Any]:
        if isinstance(value, Exception) and hasattr(type(value), REMOTE_CLASS):
            itself = vars(value).get(ITSELF)
            value = itself or getattr(type(value), REMOTE_CLASS)(*value.args)
        elif not isinstance(value, RemoteObject):
            value = stood_for(value)
        if isinstance(value, RemoteObject):
            place = place_of(value)
            if place.fork is not self:
                raise CallLost(Loss.OBJECT_LOST)
            return [Tag.HANDLE, place.number, place.type_name, False]
        return self._of_test.node(value, self._name_of(value), tells_docs=self.context.knows_docs)

    def _member(self, module: str, name: str, member: str) -> Any:
        """A member of an enumeration of a provided cell or a library; None if there is none."""
        kind = self.context.class_at(module, name) or enumeration_at(module, name)
        return kind.__members__.get(member) if isinstance(kind, EnumMeta) else None

    def _member_of(self, name: str, value: Any) -> Any:
        """The member of a provided cell's enumeration that is this number or text, if there is."""
        kind = self.context.class_at("__main__", name)
        members: list[Any] = [*kind.__members__.values()] if isinstance(kind, EnumMeta) else []
        of_type = (each for each in members if isinstance(each, type(value)))
        return next((each for each in of_type if each == value), None)

    def _name_of(self, value: Any) -> tuple[str, str] | None:
        """Where the notebook has a class, or a member of an enumeration, of a provided cell."""
        if isinstance(value, Enum) and (path := self.context.path_of(type(value))):
            module, name = path
            return module, f"{name}.{value.name}"
        return self.context.path_of(value) if isinstance(value, type) else None

    def _path_of_passed(self, kind: type) -> Path | None:
        """Where the notebook has the class of an instance that crosses."""
        path = self.context.path_of(kind)
        if path is not None and (kept := self.context.kept_in_class(kind)):
            error = NotComparable(KEPT_IN_CLASS.format(kind.__name__, kept[0]))
            self.refuse(error)
            raise error
        return path

    def _class_handle(self, value: Any) -> int | list[str] | None:
        """Which class an object has there: another object's, or one at a place of the notebook."""
        known = self._like.get(id(value))
        if known is not None:
            return known[1]
        if is_fake(value) and (own := own_in_place_of_pythons(type(value))):
            error = NotComparable(OWN_CONTAINER.format(type(value).__name__, ", ".join(own)))
            self.refuse(error)
            raise error
        path = None if type(value) in CONTAINERS else self._path_of_passed(type(value))
        return None if path is None else list(path)

    def _remember_class(self, handle: int, value: Any, class_name: str) -> Any:
        if type(handle) is not int:
            raise BoundaryError("not a frame: a handle that is not a number")
        methods = self.context.methods.get(class_name, frozenset())
        if isinstance(value, CLASSED):  # the same one each time, as a member of an enumeration is
            if (member := self._member_of(class_name, value)) is not None:
                return member
            key = handle, type(value), value
            if key not in self._classed:
                self._classed[key] = instance_of(self, value, class_name, methods)
            value = self._classed[key]
            forget_maker(value)
        else:
            value = instance_of(self, value, class_name, methods)
        self._like[id(value)] = (value, handle, class_name)
        return value


def arguments_of(request: Request) -> list[Any]:
    """What a function or a method of the student's is called with."""
    match request:
        case Call(_, args, kwargs):
            return [*args, *kwargs.values()]
        case Operate("method", (_, _, args, kwargs)):
            return [*args, *kwargs.values()]
    return []


def with_copied_instances(request: Request, path_of: Callable[[type], Path | None]) -> Request:
    """A request with copies of all that it passes, if there are instances among it.

    What is kept is not copied when it changes, as other arguments are.
    """
    passed = {name: each for name, each in vars(request).items() if name in PASSED}
    left, kept, found = list(passed.values()), dict[int, Any](), False
    seen: set[int] = set()
    while left:
        value = left.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            left += [*dict.keys(value), *dict.values(value)]
        elif isinstance(value, (list, tuple, set, frozenset)):
            left += value
        elif isinstance(value, RemoteObject):
            kept[id(value)] = value
        else:
            found |= path_of(type(value)) is not None
    return replace(request, **deepcopy(passed, kept)) if found else request


@contextmanager
def _hashable_objects() -> Iterator[None]:
    """Let sets hold objects that stay in the student's kernel."""
    RemoteObject.may_be_hashed = True
    try:
        yield
    finally:
        RemoteObject.may_be_hashed = False


def _is_of_data(kind: Any) -> bool:
    """Whether instances of a class arrive as data, or are exceptions."""
    return isinstance(kind, type) and issubclass(kind, (BaseException, *CONTAINERS, *PLAIN))


def exception_class(value: Any, stand_ins: StandIns) -> type[Exception] | None:
    """The class to catch exceptions by, for one of the student's process; None if it is no such."""
    if not isinstance(value, RemoteObject):
        return value if isinstance(value, type) and issubclass(value, Exception) else None
    if place_of(value).type_name == "type":
        match ask(value, "exception names", value):
            case (tuple(names), tuple(modules), str(base), parents) if all(
                type(each) is str for each in (*names, *modules)
            ):
                return stand_ins.of(names, base, modules, parents_in(parents))
    return None


def name_of(value: Any) -> str | None:
    """The name by which a test found a function of the notebook, or None if it is none."""
    place = last_place_of(value) if isinstance(value, RemoteFunction) else None
    return place.name if isinstance(place, NamedPlace) and place.is_found_again else None


def _asked(request: Request) -> str:
    """What does nothing if there is no answer: a function, a method, an attribute, iteration.

    Whose method or attribute it is does not count: the student's code can name its classes anew.
    """
    match request:
        case Call(function):
            return f"call {name_of(function) or ''}"
        case Operate(operation, (_, str(name), *_)):
            return f"{operation} {name}"
        case Operate(operation):
            return operation
    return type(request).__name__


def _called(function: Any) -> str:
    """What a call's function is called in the notebook, or of which type it is, as no name."""
    if (name := name_of(function)) is not None:
        return name
    if not isinstance(function, RemoteObject):
        return "<function>"
    place = last_place_of(function)
    return place.asked_as or f"<{place.type_name}>"
