"""Exceptions of calls of a student's code: those it raised, and those of calls that were lost."""

import builtins
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from itertools import islice, takewhile
from types import ModuleType
from typing import Any

from referee.boundary.messages import MAX_GIVEN, NOTES, Raised, may_be_given
from referee.judge.objects import RemoteObject
from referee.judge.places import OF_NOTEBOOK, REMOTE_CLASS

STANDS_FOR = "_stands_for"  # of a class here: the one that it stands for, if that is known
ITSELF = "_remote_object"  # of an exception: the one that it stands for
WORDS = "_words"  # of a class here: where what its exceptions say is remembered
OURS = {STANDS_FOR, ITSELF, REMOTE_CLASS, WORDS, OF_NOTEBOOK}
MAX_STAND_INS = 100  # classes of exceptions of one test cell


class Loss(Enum):
    """Why a call had no answer; in the sentences, {your} is "your" or "the"."""

    TAKES_TOO_LONG = "{your} code takes too long"
    DOES_NOTHING = "{your} code waits for something that never comes"
    PROCESS_ENDED = "{your} code ended its own process"
    UNREADABLE = "the answer of {your} code cannot be read"
    MAKES_NO_SENSE = "the answer of {your} kernel makes no sense"
    KERNEL_ENDED = "{your} notebook's kernel has ended"
    CALLS_BACK = "{your} code calls a function of the test too often"
    OBJECT_LOST = "what {your} code returned earlier was lost with its process"


@dataclass(frozen=True)
class ProcessEnd:
    """How a fork has ended, as the student's kernel says; a student could make it say anything."""

    status: int | None = None  # as by os.wait

    @property
    def by_cpu_time(self) -> bool:
        """Whether it used more CPU time than it may."""
        return self._signal == signal.SIGXCPU

    @property
    def _signal(self) -> int | None:
        return (
            os.WTERMSIG(self.status)
            if self.status is not None and os.WIFSIGNALED(self.status)
            else None
        )

    def __str__(self) -> str:
        """How a sentence about it goes on."""
        if self.status is None:
            return ""
        if self._signal is None:
            return f" (exit code {os.WEXITSTATUS(self.status)})"
        return ENDS.get(self._signal, f" (signal {self._signal})")


ENDS: dict[int, str] = {
    signal.SIGXCPU: ": it used more CPU time than a test may",
    signal.SIGSEGV: " (segmentation fault)",
    signal.SIGABRT: " (aborted)",
}


class CallLost(Exception):  # noqa: N818 - an answer that did not come is no error of ours
    """A call had no answer, or none that can be read. The next call is made in another fork.

    `detail` may quote what the student's side sent; the sentences do not.
    """

    def __init__(self, loss: Loss, end: ProcessEnd | None = None, detail: str = "") -> None:
        self.loss = loss
        self.end = end or ProcessEnd()
        self.detail = detail
        super().__init__(self.for_student)

    @property
    def hung(self) -> bool:
        """Whether the call took longer than it may, by wall-clock or by CPU time."""
        slow = (Loss.TAKES_TOO_LONG, Loss.DOES_NOTHING)
        return self.loss in slow or self.end.by_cpu_time

    @property
    def by_wall_time_alone(self) -> bool:
        """Whether other programs of the machine may be to blame."""
        return self.loss is Loss.TAKES_TOO_LONG

    @property
    def for_student(self) -> str:
        """The sentence that a student reads."""
        return self._said_of("your")

    @property
    def for_teacher(self) -> str:
        """The sentence that a teacher reads."""
        return self._said_of("the")

    def _said_of(self, whose: str) -> str:
        loss = Loss.TAKES_TOO_LONG if self.end.by_cpu_time else self.loss
        return loss.value.format(your=whose) + str(self.end)


# Builtin exceptions that a message is enough to make.
EXCEPTIONS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, StopIteration | StopAsyncIteration | UnicodeError | ExceptionGroup)
}


# Those that take more than a message, and of which there is one that has no more.
OF_TEXT: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (UnicodeError, UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError)
}
NOT_FOR_STUDENTS = (*(StopIteration, StopAsyncIteration, UnicodeError, ExceptionGroup, CallLost),)
# Packages whose exceptions tell who runs a test that it is skipped, for example.
OF_TESTS = {
    *("referee", "unittest", "pytest", "_pytest", "hypothesis", "nose", "doctest", "bdb", "mock"),
    *("concurrent", "IPython", "ipykernel", "nbclient", "click", "typer"),
}


# What ends a program, and is no `Exception`.
ENDS_OF_PROGRAMS: dict[str, Any] = {
    kind.__name__: kind for kind in (SystemExit, KeyboardInterrupt, GeneratorExit)
}


# What ends an iteration: a student's function could end a loop of a test with it, `map(f, values)`.
ENDS_OF_LOOPS: dict[str, Any] = {
    kind.__name__: kind for kind in (StopIteration, StopAsyncIteration)
}


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; of its base class are those that a test or a student's code raises by itself."""

    @classmethod
    @contextmanager
    def by_ctrl_c(cls) -> Iterator[None]:
        """Have Ctrl-C raise it, which only the main thread hears of."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def interrupt(*_: object) -> None:
            raise cls

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


class StudentError(RuntimeError):
    """An exception of the student's code that is of none of Python's usual types."""


class _StandIn(type):
    """The class of stand-ins. What one has not, and its exceptions, are of the notebook's class."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make one in the notebook, where a test has named the class."""
        itself = vars(cls).get(REMOTE_CLASS)
        if itself is None:
            return super().__call__(*args, **kwargs)
        made = itself(*args, **kwargs)
        return _made(cls, made) if isinstance(made, RemoteObject) else made

    def __getattr__(cls, name: str) -> Any:
        """Ask for an attribute of the class."""
        itself = vars(cls).get(REMOTE_CLASS)
        if itself is None or name in OURS:
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        return getattr(itself, name)

    @property
    def __doc__(cls) -> Any:  # type: ignore[override] # the class's own, not that of its class
        itself = vars(cls).get(REMOTE_CLASS)
        return None if itself is None else itself.__doc__


class StandIns:
    """Classes for a test to catch exceptions by, in place of those of the notebook, by name.

    One that stands for a class that is known here is a subclass of it. `instructors` gives a class
    of the master's provided cells by its name. What `sys.exit` raises, say, or what ends a loop, is
    known to a test whose `source` names it; to others it is an error as any other.
    """

    def __init__(
        self, instructors: Callable[[str], Any] = lambda _: None, source: str = ""
    ) -> None:
        self._classes: dict[Any, type[Exception]] = {}
        self._instructors = instructors
        named = (name for name in ENDS_OF_PROGRAMS if name in source or "BaseException" in source)
        self._ends = {name: ENDS_OF_PROGRAMS[name] for name in named}
        self._ends |= {name: kind for name, kind in ENDS_OF_LOOPS.items() if name in source}

    def of(
        self,
        names: Sequence[str],
        base: str,
        modules: Sequence[str] = (),
        parents: Sequence[Sequence[int | str]] = (),
    ) -> type[Exception]:
        """The class with the first of these names; the others are its bases, from near to far.

        `modules` are those that they are in, and `base` is the nearest class of Python's own.
        `parents` are the bases that each of them has itself; without, it has the next one.
        """
        if base in self._ends:
            return self._ends[base]
        kind, left = EXCEPTIONS.get(base, StudentError), [*names]
        if base in OF_TEXT:
            kind = self._stand_in(base, OF_TEXT[base], OF_TEXT[base])
        if len(parents) == len(names) == len(modules) and any(len(each) > 1 for each in parents):
            return self._with_parents(names, kind, modules, parents)
        for place, (name, module) in enumerate(zip(names, modules, strict=False)):
            if (known := self._known(module, name)) is not None:
                with suppress(Exception):  # it may allow no subclasses
                    kind, left = self._stand_in(name, known, known), left[:place]
                break
        for name in reversed([name for name in left if name.isidentifier()]):
            kind = self._stand_in(name, kind)
        return kind

    def _with_parents(
        self,
        names: Sequence[str],
        pythons: type[Exception],
        modules: Sequence[str],
        parents: Sequence[Sequence[int | str]],
    ) -> type[Exception]:
        """The class with the first of these names, some of which have several bases."""
        made: dict[int | str, type[Exception]] = dict(EXCEPTIONS.items())
        for place in reversed(range(len(names))):
            name, known = names[place], self._known(modules[place], names[place])
            bases = [made[each] for each in parents[place] if each in made]
            if not bases and "object" in parents[place]:  # it is no exception by itself
                continue
            bases = bases or [pythons]
            made[place] = bases[0]
            if known is not None:
                with suppress(Exception):  # it may allow no subclasses
                    made[place] = self._stand_in(name, known, known)
            elif name.isidentifier():
                made[place] = self._stand_in(name, bases[0], others=tuple(bases[1:]))
        return made.get(0, pythons)

    def _stand_in(
        self,
        name: str,
        base: type[Exception],
        known: type[Exception] | None = None,
        others: tuple[type[Exception], ...] = (),
    ) -> type[Exception]:
        if (key := known or name) not in self._classes:
            if len(self._classes) >= MAX_STAND_INS:
                return base
            own: dict[str, Any] = {OF_NOTEBOOK: True, STANDS_FOR: known, "__str__": _said}
            own |= {"__getattr__": _ask_itself, "__setattr__": _set}
            meta: Any = _StandIn if type(base) is type else type(base)
            try:
                self._classes[key] = meta(name, (base, *others), own)
            except TypeError:  # they are not there, but what is sent can say so
                self._classes[key] = meta(name, (base,), own)
        return self._classes[key]

    def _known(self, module: str, name: str) -> type[Exception] | None:
        """The class of this name of a library, or of the instructor's, if it is an exception.

        None whose meaning is that a test has ended, or goes on otherwise than by failing.
        """
        found = self._instructors(name) if module == "__main__" else _of_library(module, name)
        if not (isinstance(found, type) and issubclass(found, Exception)):
            return None
        of_tests = any(base.__module__.partition(".")[0] in OF_TESTS for base in found.__mro__)
        return None if of_tests or issubclass(found, NOT_FOR_STUDENTS) else found


def _of_library(module: str, name: str) -> Any:
    """A class of a library that has been imported here, or of a module beside the notebook."""
    loaded = sys.modules.get(module)
    found = vars(loaded).get(name) if isinstance(loaded, ModuleType) else None
    is_itself = isinstance(found, type) and (found.__module__, found.__name__) == (module, name)
    return found if is_itself else None


def rebuilt(raised: Raised, stand_ins: StandIns | None = None, itself: Any = None) -> Exception:
    """An exception of the student's code, for a test to catch; `raised` is its attribute.

    It has the causes of `itself`, the object that stays there; one of a class of the notebook has
    its other attributes, too. No constructor is run but those of Python's own exceptions.
    """
    kinds = stand_ins or StandIns()
    kind = kinds.of(raised.bases, raised.type, raised.modules, raised.parents)
    error = _with_args(kind, raised)
    vars(error)["raised"] = raised
    if isinstance(itself, RemoteObject):
        vars(error)[ITSELF] = itself
    return error


def raised_again(raised: Raised, itself: Any) -> Exception | None:
    """The exception that a test has made and the student's code raises, if it is one."""
    if not (isinstance(itself, Exception) and ITSELF in vars(itself)):
        return None
    vars(itself)["raised"] = raised
    return itself


def give(error: BaseException, attributes: dict[Any, Any]) -> None:
    """Give an exception what the student's code has given it, without what it has already."""
    taken = {*dir(type(error)), *vars(error)}
    for name, value in islice(attributes.items(), MAX_GIVEN):
        if not may_be_given(name) or name in taken:
            continue
        if name != NOTES or (type(value) is list and all(type(note) is str for note in value)):
            vars(error)[name] = value


def given_by(error: BaseException) -> dict[str, Any]:
    """The attributes of an exception of the test's that the student's code may read."""
    return {
        name: value
        for name, value in vars(error).items()
        if may_be_given(name) and not isinstance(value, Raised)
    }


def _with_args(kind: type[Exception], raised: Raised) -> Exception:
    """An exception with the arguments that it has there, if they fit to what it says."""
    args = raised.args
    if hasattr(kind, STANDS_FOR):
        return _standing(kind, (raised.message,) if args is None else args)
    if args is not None and not issubclass(kind, SyntaxError):  # whose parts Python shows
        with suppress(Exception):
            error = kind(*args)
            said = args[0] if kind is KeyError and len(args) == 1 else error
            if str(said) == raised.message:
                return error
    return kind(raised.message)


def _made(kind: type[Any], itself: RemoteObject) -> Exception:
    """An exception that a test has made, which is in the notebook."""
    args = itself.args
    error = _standing(kind, args if type(args) is tuple else ())
    vars(error)[ITSELF] = itself
    words: StudentsWords = getattr(kind, WORDS)
    for arg in error.args:
        if not isinstance(arg, RemoteObject):
            words.remember(error, str(arg))
    return error


def _standing(kind: type[Any], args: tuple[Any, ...]) -> Exception:
    """An exception of a class that stands for another, with these arguments."""
    base = _pythons(kind)
    error: Exception = base.__new__(kind)
    BaseException.__setattr__(error, "args", args)
    if isinstance(error, UnicodeError):
        with suppress(TypeError):  # they do not fit
            base.__init__(error, *args)
    return error


def _said(error: Any) -> str:
    """What an exception says there."""
    raised, itself = vars(error).get("raised"), vars(error).get(ITSELF)
    if isinstance(raised, Raised):
        return raised.message
    if itself is None:
        return Exception.__str__(error)
    text = str(itself)
    words: StudentsWords = getattr(type(error), WORDS)
    words.remember(error, text)
    return text


def _ask_itself(error: Exception, name: str) -> Any:
    """The attribute that an exception has in the notebook."""
    if (itself := vars(error).get(ITSELF)) is None:
        raise AttributeError(f"{type(error).__name__!r} object has no attribute {name!r}")
    return getattr(itself, name)


def _set(error: Exception, name: str, value: Any) -> None:
    """Set an attribute where the exception has it: in the notebook, if it is none of Python's."""
    itself = vars(error).get(ITSELF)
    if itself is None or name.startswith("_") or name in dir(_pythons(type(error))):
        BaseException.__setattr__(error, name, value)
    else:
        setattr(itself, name, value)


def _pythons(kind: type[Any]) -> Any:
    """The nearest class of Python's own that says how one is made."""
    found: Any = kind
    while found.__module__ != "builtins":
        found = found.__base__
    return found


def linked_to(error: Any, name: str) -> Any:
    """What `error.__cause__` or `error.__context__` is, of the student's code that raised it."""
    own = getattr(error, name)
    if own is not None or not isinstance(error, Exception) or raised_by_student(error) is None:
        return own
    itself = vars(error).get(ITSELF)
    return own if itself is None else getattr(itself, name)


def pythons_name(error: BaseException) -> str:
    """The name of the nearest class of an exception that no student can have chosen."""
    kinds = (*EXCEPTIONS.values(), *OF_TEXT.values(), StudentError)
    return next((kind.__name__ for kind in type(error).__mro__ if kind in kinds), "Exception")


def raised_by_student(error: BaseException) -> Raised | None:
    """What the student's code raised, if this exception comes from there."""
    raised = vars(error).get("raised")  # and not what one has of that name in the notebook
    return raised if isinstance(raised, Raised) else None


MAX_WORDS = 1000  # messages of a notebook's exceptions that are remembered
WHOLE = 20  # characters; of longer messages, a page may not have the beginning either
ONE_WORD = re.compile(r"\w{0,40}|..?")


class StudentsWords:
    """The messages of a notebook's exceptions, which a test's own message may quote.

    A student can put into them what a hidden test has passed to a function, and read it on the
    page. So a page has the type in place of the message. A single word stays if the author's text
    has it, too.
    """

    def __init__(self) -> None:
        self._types: dict[str, str] = {}  # the name of an exception's type, by its message
        self._too_many = False

    def remember_all(self, error: Exception, raised: Raised) -> None:
        """Remember what an exception says, and its arguments."""
        for text in {raised.message, *(str(arg) for arg in raised.args or ())}:
            self.remember(error, text)

    def remember(self, error: Exception, message: str) -> None:
        """Remember what an exception says."""
        if len(self._types) < MAX_WORDS:
            self._types.setdefault(message, pythons_name(error))
            if (raised := raised_by_student(error)) and raised.bases:
                self._types.setdefault(raised.name, pythons_name(error))
        else:
            self._too_many |= message not in self._types

    def taken_out_of(self, text: str, source: str) -> str:
        """What a test says, without them; `source` is the author's."""
        if self._too_many and text not in source:
            return "the result is not what was expected"
        for message, kind in sorted(self._types.items(), key=lambda item: -len(item[0])):
            quoted = repr(message)
            text = text.replace(f"{kind}({quoted})", kind)
            if message:
                text = text.replace(quoted, kind)
            forms = {message, message.strip(), *message.splitlines()[:WHOLE]}
            forms |= {quoted[1:-1], ascii(message)[1:-1]}
            kept = {form for form in forms if ONE_WORD.fullmatch(form) and form in source}
            text = _without(
                text, sorted(forms - kept - {""}, key=lambda form: (-len(form), form)), kind
            )
        return text


def _without(text: str, forms: list[str], kind: str) -> str:
    """The text with something in the place of all forms, and of their starts as far as they go.

    All of them are replaced whole, before the start of one is taken for that of another.
    """
    for form in forms:
        if ONE_WORD.fullmatch(form):  # which other words may hold
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", lambda _: kind, text)
        else:
            text = text.replace(form, kind)
    for start in {form[:WHOLE] for form in forms if not ONE_WORD.fullmatch(form)}:
        place = 0
        while (place := text.find(start, place)) >= 0:
            end = place + max(_alike(text[place:], form) for form in forms)
            text, place = f"{text[:place]}{kind}{text[end:]}", place + len(kind)
    return text


def _alike(text: str, form: str) -> int:
    """How many characters at the beginning are the same."""
    pairs = zip(text, form, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
