"""All that the judge and a student's kernel say to one another.

1. The judge asks the kernel for somebody to serve it, with a `Service` and a socket.
2. Over that socket, it sends requests: `Call`, `Operate`, `LookUp`, `Names`, `Import`, `Files`,
   `Write`, `Assign`, `Delete`, `Restore`, `Proceed`, `Guard` or `Link`. Each may bring the states
   of the random generators to proceed from, and the modules whose values the judge knows, if these
   are more than before.
3. Each request is answered by a `Reply` with a value, or with an error `Raised`.
4. Before that, the student's code may call functions that the test has passed to it: a `CallBack`
   each, which the judge answers with a `Reply`, too. Until it does, it may send further requests.
5. When the socket is closed, the kernel says how the fork that served it has ended: `FORK_STATUS`.

What comes from the student's side can be anything; `CallBack.read`, `Reply.read` and `Raised.read`
check it.
"""

import struct
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from referee.boundary.frame import BoundaryError

FORK_STATUS = struct.Struct("<Ii")  # number of the service, status as by os.wait
MOMENT = 0.005  # seconds for which a loop runs, until the other side's coroutines go on
MAX_MESSAGE = 10_000  # characters of an exception's message
MAX_NAME = 200  # characters of a type's name
MAX_BASES = 20  # classes of an exception
MAX_GIVEN = 20  # attributes of one that have been set
NOTES = "__notes__"  # by `add_note`
KNOWN_TO_TEST = "known_to_test"  # has the number of an exception of the other side
MAX_ARGS = 100  # arguments of an exception, with what they contain


@dataclass(frozen=True)
class Service:
    """Who is to serve: a fork of the kernel, or the kernel itself, and with which limits."""

    in_fork: bool
    cpu: int = 0  # CPU seconds of the fork
    frame: int = 2**20  # bytes of a frame's arrays
    number: int = 0  # comes back with the status

    FORMAT: ClassVar = struct.Struct("<cQQI")
    FORK: ClassVar = b"F"
    STAY: ClassVar = b"S"

    def to_bytes(self) -> bytes:
        """The request as it is sent."""
        where = self.FORK if self.in_fork else self.STAY
        return self.FORMAT.pack(where, self.cpu, self.frame, self.number)

    @classmethod
    def from_bytes(cls, message: bytes) -> Self:
        """Read what to_bytes wrote."""
        where, cpu, frame, number = cls.FORMAT.unpack(message)
        return cls(where == cls.FORK, cpu, frame, number)


@dataclass(frozen=True)
class Call:
    """Call a function; the reply has what it returns."""

    function: Any
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LookUp:
    """Look a name of the notebook up; the reply has (whether it is defined, its value).

    Or, once, None and the name of an array of which it is a part: that is to be looked up first.
    """

    name: str


@dataclass(frozen=True)
class Operate:
    """Ask an object that stays there, the first argument, for an attribute, an item, its text..."""

    operation: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Names:
    """Tell the names that the notebook has defined."""


@dataclass(frozen=True)
class Assign:
    """Give a name of the notebook, or of a module, another value.

    Both sides go on to know the objects in it, unless it is an object of the notebook's own.
    """

    name: str
    value: Any
    module: str = ""
    is_own: bool = False


@dataclass(frozen=True)
class Delete:
    """Take a name of the notebook, or of a module, away."""

    name: str
    module: str = ""


@dataclass(frozen=True)
class Restore:
    """Give a name of a module back what it had before it was first replaced."""

    name: str
    module: str


@dataclass(frozen=True)
class Files:
    """Tell the files of the notebook's folder that are not known with these stamps, by path.

    And those in the folder of temporary files of tests, if there is one.
    """

    known: dict[str, int]
    temporary: str = ""


@dataclass(frozen=True)
class Write:
    """Have a file of the test's in the notebook's folder, or at its absolute path.

    `content` is an array of its bytes.

    Without content it is a folder, and what is `gone` is deleted. The reply has the file's stamp.
    """

    path: str
    content: Any = None
    gone: bool = False


@dataclass(frozen=True)
class Import:
    """Import a module that lies beside the notebook; the reply has it, or the package it is in."""

    name: str
    package: bool = False


@dataclass(frozen=True)
class Proceed:
    """Do nothing but take and tell the states of the random generators."""


@dataclass(frozen=True)
class Link:
    """Have lists, dicts, sets and arrays of replies from now on be one object for both sides."""


@dataclass(frozen=True)
class Guard:
    """Give each later call of a function so many seconds, CPU and wall, in which it raises."""

    name: str
    cpu: float
    wall: float


Request = (
    Call
    | Operate
    | LookUp
    | Names
    | Import
    | Files
    | Write
    | Assign
    | Delete
    | Restore
    | Proceed
    | Link
    | Guard
)
KINDS: dict[str, type[Request]] = {
    "call": Call,
    "operate": Operate,
    "names": Names,
    "import": Import,
    "files": Files,
    "write": Write,
    "assign": Assign,
    "delete": Delete,
    "restore": Restore,
    "get": LookUp,
    "nothing": Proceed,
    "link": Link,
    "guard": Guard,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def to_plain(
    request: Request, random: Any = None, changes: Any = (), modules: Any = None
) -> dict[str, Any]:
    """A request as plain data, with states of the generators if there are any.

    `changes` are those of objects that earlier frames have brought, see KnownObjects; `modules` are
    those whose values the judge knows, if they are more than before.
    """
    news = {"random": random, "changes": changes, "modules": modules}
    return {"do": NAMES[type(request)], **_what_there_is(news), **vars(request)}


def from_plain(plain: dict[str, Any]) -> Request:
    """The request that to_plain has written."""
    kind = KINDS[plain["do"]]
    return kind(**{name: plain[name] for name in kind.__dataclass_fields__})


@dataclass(frozen=True)
class Raised:
    """An exception of the student's code.

    `type` is its nearest builtin type, `name` its own; `bases` are the names of those of its
    classes that are not Python's, itself first, and `modules` those that they are in; `traceback`
    has the student's lines only. `known` is the number of an exception that came from the other
    side, and goes back there. `args` are its arguments, if they are small data. `parents` are the
    bases that each of `bases` has itself: the number of one of these, or the name of one of
    Python's.
    """

    type: str
    name: str
    message: str
    traceback: str
    bases: tuple[str, ...] = ()
    known: int | None = None
    modules: tuple[str, ...] = ()
    args: tuple[Any, ...] | None = None
    parents: tuple[tuple[int | str, ...], ...] = ()

    @classmethod
    def read(cls, plain: Any) -> Self:
        """Check what came.

        Raises:
            BoundaryError: it is no such exception.

        """
        match _as_dict(plain):
            case {
                "type": str(kind),
                "name": str(name),
                "message": str(text),
                "traceback": str(lines),
                **more,
            }:
                bases, modules = _texts(more.get("bases", ())), _texts(more.get("modules", ()))
                known, args = more.get("known"), more.get("args")
                if known is not None and type(known) is not int:
                    raise BoundaryError("its exception has a number that is none")
                return cls(
                    kind,
                    shortened(name, MAX_NAME),
                    shortened(text, MAX_MESSAGE),
                    shortened(lines, MAX_MESSAGE),
                    tuple(shortened(base, MAX_NAME) for base in bases[:MAX_BASES]),
                    known,
                    modules[:MAX_BASES],
                    args if type(args) is tuple and is_small(args) else None,
                    parents_in(more.get("parents", ())),
                )
        raise BoundaryError("its exception is none")


@dataclass(frozen=True)
class Reply:
    """What a request has led to.

    `changes` are the arguments, by number, that are not as they were, with what they contain now;
    `held` are those of the request's, by number, that the student's code still has when it is
    answered, so that later ones can change them; `random` are the states of the generators if they
    have changed. There is a value or an error, and then `object` is the exception itself, and
    `attributes` are those that it has been given, if its class is Python's own or the other side's.
    """

    value: Any = None
    error: Raised | None = None
    output: str = ""
    random: Any = None
    changes: list[Any] = field(default_factory=list)
    object: Any = None
    held: tuple[int, ...] = ()
    complaint: str = ""  # what was printed to stderr
    attributes: dict[str, Any] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        """The reply as plain data."""
        outcome = (
            {"value": self.value}
            if self.error is None
            else {"error": vars(self.error), "object": self.object}
        )
        rest = {"random": self.random, "changes": self.changes, "held": self.held}
        rest |= {"complaint": self.complaint, "attributes": self.attributes}
        return {**outcome, "output": self.output, **_what_there_is(rest)}

    @classmethod
    def read(cls, plain: Any) -> Self:
        """Check the form of what came; what the changes are is not looked at.

        Raises:
            BoundaryError: it is no reply.

        """
        match _as_dict(plain):
            case {"output": str(output), **answer} if "value" in answer or "error" in answer:
                pass
            case _:
                raise BoundaryError("it is no reply")
        changes = answer.get("changes", [])
        if type(changes) is not list:
            raise BoundaryError("its changes are no list")
        if type(complaint := answer.get("complaint", "")) is not str:
            raise BoundaryError("it has printed what is no text")
        held = answer.get("held", ())
        if type(held) is not tuple or any(type(number) is not int for number in held):
            raise BoundaryError("it holds what has no number")
        error = Raised.read(answer["error"]) if "error" in answer else None
        return cls(
            answer.get("value"),
            error,
            output,
            answer.get("random"),
            changes,
            answer.get("object"),
            held,
            complaint,
            _as_dict(answer.get("attributes")) or {},
        )


@dataclass(frozen=True)
class CallBack:
    """Do something with an object of the test's, by its number; the reply has what comes of it."""

    number: int
    operation: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    output: str = ""  # what was printed until then
    random: Any = None
    changes: list[Any] = field(default_factory=list)

    def to_plain(self) -> dict[str, Any]:
        """It as plain data."""
        return {"back": True, **vars(self)}

    @staticmethod
    def is_one(plain: Any) -> bool:
        """Whether what came is no reply, but wants to be one of these."""
        return type(plain) is dict and "back" in plain

    @classmethod
    def read(cls, plain: Any) -> Self:
        """Check the form of what came; its arguments and changes are not looked at.

        Raises:
            BoundaryError: it is none.

        """
        match _as_dict(plain):
            case {
                "back": True,
                "number": int(number),
                "operation": str(operation),
                "args": tuple(args),
                "kwargs": dict(kwargs),
                "output": str(output),
                "random": random,
                "changes": list(changes),
                **more,
            } if not more and type(kwargs) is dict and all(type(name) is str for name in kwargs):
                return cls(number, operation, args, kwargs, output, random, changes)
        raise BoundaryError("it is no call back")


def _what_there_is(news: dict[str, Any]) -> dict[str, Any]:
    """What is not empty, for most frames bring nothing else, and each value costs time."""
    return {name: value for name, value in news.items() if value}


def is_small(args: tuple[Any, ...]) -> bool:
    """Whether arguments of an exception are numbers, text and the like, and few of them."""
    left, number = [args], 0
    while left:
        value: Any = left.pop()
        number += 1
        if number > MAX_ARGS:
            return False
        if type(value) is tuple or type(value) is list:
            left += value[:MAX_ARGS]
        elif type(value) in (str, bytes):
            if len(value) > MAX_MESSAGE:
                return False
        elif type(value) is int:
            if value.bit_length() > MAX_MESSAGE:
                return False
        elif value is not None and type(value) not in (bool, float, complex):
            return False
    return True


def may_be_given(name: Any) -> bool:
    """Whether an exception may be given an attribute of this name on the other side."""
    is_public = type(name) is str and name.isidentifier() and not name.startswith("_")
    return name == NOTES or (is_public and len(name) <= MAX_NAME and name != KNOWN_TO_TEST)


def parents_in(values: Any) -> tuple[tuple[int | str, ...], ...]:
    """The bases of classes, from what came."""
    if type(values) is not tuple or any(type(each) is not tuple for each in values):
        raise BoundaryError("what should be bases is none")
    if any(type(base) not in (int, str) for each in values for base in each[:MAX_BASES]):
        raise BoundaryError("what should be a base is none")
    return tuple(each[:MAX_BASES] for each in values[:MAX_BASES])


def _texts(values: Any) -> tuple[str, ...]:
    if type(values) is not tuple or any(type(value) is not str for value in values):
        raise BoundaryError("its exception has classes without names")
    return values


def _as_dict(plain: Any) -> Any:
    """A dict as it is; nothing else, for other values have a `get` of their own."""
    return plain if type(plain) is dict else None


def shortened(text: str, length: int) -> str:
    """The beginning of a text, without lone surrogates, with which it could not be saved."""
    return text[:length].encode("utf-8", "replace").decode()


def shown_by_answer(objects: list[Any]) -> list[Any]:
    """The objects of an answer to a look-up, but for the answer itself and the tuple in it."""
    return objects[2:]
