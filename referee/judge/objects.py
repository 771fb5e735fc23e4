"""Objects that stay in a student's kernel, as a test cell uses them.

What a test asks of such an object (an attribute, an item, a call, its length, its text) is done in
the student's process, and the answer is plain data or another such object. A test's verdict must
come from comparing data: a student's object could be equal to everything. So of these objects, only
those that a test has made itself are compared, or are true, as their class says; others are equal
if their attributes are, too.
"""

import argparse
import inspect
import operator
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import suppress
from functools import partial
from random import SystemRandom
from types import BuiltinFunctionType, FunctionType, SimpleNamespace
from typing import Any, ClassVar, Protocol

import numpy as np

from referee.boundary.messages import Call, Operate, Request, shortened
from referee.boundary.python_types import TYPES
from referee.boundary.states import GENERATORS, made
from referee.judge.raised import may_be_hidden

# Of the names with two underscores, a test may ask for these. NumPy, copy and pickle ask objects
# for others and trust what they get: an address in memory, for example.
SPECIAL_NAMES = {
    *("__name__", "__qualname__", "__doc__", "__module__", "__dict__", "__file__", "__version__"),
    *("__annotations__", "__defaults__", "__kwdefaults__", "__code__", "__closure__", "__slots__"),
    *("__func__", "__self__", "__wrapped__", "__base__", "__bases__", "__mro__", "__subclasses__"),
    *("__cause__", "__context__", "__dataclass_fields__", "__match_args__", "__members__"),
    *("__abstractmethods__", "__flags__", "__all__", "__get__", "__set__", "__post_init__"),
    *("__init__", "__call__", "__getattr__", "__setattr__", "__delattr__", "__format__"),
    *("__repr__", "__str__", "__len__", "__iter__", "__next__", "__contains__", "__bool__"),
    *("__getitem__", "__setitem__", "__delitem__", "__enter__", "__exit__", "__hash__"),
    *("__reversed__", "__missing__", "__aenter__", "__aexit__", "__aiter__", "__anext__"),
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"),
}
# Of these, each object is equal to itself only.
DEFINITIONS = ("function", "type", "builtin_function_or_method", "generator", "coroutine")
OF_NOTEBOOK = "_is_of_notebook"  # of a class here whose instances stand for some there
REMOTE_CLASS = "_remote_class"  # of such a class: the notebook's own, if a test has named it
MAX_SHOWN = 100  # characters of a type's name
PARAMETERS = (  # kinds, by their numbers
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD,
)
# Operators that both operands can define.
BINARY = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    **{name: getattr(operator, f"__{name}__") for name in BINARY},
    **{f"i{name}": getattr(operator, f"__i{name}__") for name in BINARY},
}
UNARY = ("neg", "pos", "invert", "abs")
CONVERSIONS = ("int", "float", "complex", "round", "trunc", "index")
# Operations after which an object is as it was, unless it is made to surprise.
LOOKS = {
    *("len", "getattr", "repr", "str", "format", "dir", "type", "signature", "isinstance"),
    *("issubclass", "module and name", "exception names", "library"),
    *("is only itself", "is always true", "is true by its length", "hash", "bool"),
    *("data", "state", "states", "random generator"),
    *("eq", "ne", "lt", "le", "gt", "ge"),
    *CONVERSIONS,
}
SPECIAL_NAMES |= {f"__{side}{name}__" for name in BINARY for side in ("", "r", "i")}
SPECIAL_NAMES |= {f"__{name}__" for name in (*UNARY, *CONVERSIONS)}
ARITHMETIC = {f"__{side}{name}__" for name in BINARY for side in ("", "r", "i")}
# Bags of attributes, which compare by these, in Python's library.
NAMESPACES: dict[str, Any] = {"SimpleNamespace": SimpleNamespace, "Namespace": argparse.Namespace}
# Methods of values that cross as data. A test that calls one of an object has expected data there,
# and an object of the student's could answer as it likes.
COMPARING = {
    *(f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge", "contains")),
    *ARITHMETIC,
    *("equals", "identical", "eq", "ne", "lt", "le", "gt", "ge", "isin"),
    *("issubset", "issuperset", "isdisjoint", "symmetric_difference", "startswith", "endswith"),
}
ORDERS = {f"__{name}__" for name in ("lt", "le", "gt", "ge")}
COMPARED = (
    "the test compares or computes with an object ({}), or asks whether it is true. Compare its "
    "attributes, or what its methods return"
)
MOST_SIZES = 3  # numbers of items that an object may keep beside these
UNKNOWN = "unknown"  # what an object's attributes are that could not be read
# What must not hold if a comparison does.
OPPOSITES: dict[str, Callable[[Any, Any], tuple[Any, ...]]] = {
    "eq": lambda one, other: ("ne", one, other),
    "ne": lambda one, other: ("eq", one, other),
    "lt": lambda one, other: ("lt", other, one),
    "gt": lambda one, other: ("gt", other, one),
}
# What an attribute can be that is called by its name in a class, an object or a module.
CALLED_BY_NAME = ("method", "function", "builtin_function_or_method", "method-wrapper")


class NotComparable(Exception):  # noqa: N818 - a test that cannot be judged is no error of ours
    """A test compares an object that stays in the student's notebook, or asks whether it is true.

    Its message tells the teacher what to compare instead.
    """


class Fork(Protocol):
    """The process that an object is in."""

    @property
    def steps(self) -> int:
        """How many requests may have changed something there, or will."""

    @property
    def questions(self) -> int:
        """How many requests there were so far."""

    @property
    def calls(self) -> int:
        """How many of these may have changed something, besides those that construct an object."""

    @property
    def is_called_back(self) -> bool:
        """Whether the student's code has called a function of the test, which is not done yet."""

    @property
    def is_talking(self) -> bool:
        """Whether this thread is in the middle of a question."""

    @property
    def is_closed(self) -> bool:
        """Whether the test cell that had it is over."""

    def refuse(self, error: NotComparable) -> None:
        """Remember what the test has done and cannot be judged."""

    def remember_states(self) -> None:
        """Ask for the attributes of objects, before the student's code hears what is expected."""

    @property
    def hashes(self) -> dict[str, int]:
        """What objects with certain attributes have said for their hash."""

    def methods_of(self, class_name: str) -> frozenset[str]:
        """The methods of a class of the master's."""

    def construct(self, class_name: str, *args: Any) -> Any:
        """Call a class of the master's."""

    def is_known_as(self, number: int, named: "RemoteObject") -> None:
        """From now on, a test has this object for what has this number here."""

    def ask(self, request: Request) -> Any:
        """Have something done there."""


class Place:
    """Where a remote object is: its number in a fork, and what it says of its type."""

    def __init__(self, number: int, type_name: str, fork: Fork) -> None:
        self.number = number
        self.type_name = shortened(type_name, MAX_SHOWN)
        self.fork = fork
        self.first_asked = fork.questions  # when it has come first
        self.length: int | None = None  # as it has said
        self.measured_at = 0  # steps of the fork
        self.is_used_since = False  # the test can have changed its length itself
        self.constructed_at: int | None = None  # steps of the fork, if a test has called its class
        self.constructed_of: list[Any] | None = None  # the values in what it was called with
        self.defines: frozenset[str] = frozenset()  # methods of the master's class, of such a one
        self.heard_of_at: int | None = None  # steps of the fork, as it was constructed first
        self.has_numbers = False  # among what it was constructed with
        self.sizes: list[float] = []  # of the containers that it was constructed with
        self.parts: dict[int, int] = {}  # what it was constructed with: when, by number
        self.is_given = False  # to the student's code, which can have given it back
        self.is_two = False  # both a result and what a test has constructed
        self.holds_itself = False  # as an object of no library, which could say what is in it
        self.members: set[str] = set()  # by which names an enumeration has it
        self.made_of: set[int] = set()  # numbers of objects
        self.is_fresh = False  # since when the test has not touched it
        self.state: Any = None  # its attributes, while the test has not touched it
        self.state_at = 0  # steps of the fork
        self.state_after = 0  # calls, other than those that construct
        self.data: tuple[Any] | None = None  # what is in it, as it has said
        self.data_at = -1  # steps of the fork
        self.is_opaque = False  # a test can pass it on, and no more
        self.is_made_by_test = False
        self.compares = False  # a method that compares its object with others
        self.computes = False  # one for arithmetic, as an operator has it
        self.asked_as = ""  # a method: whose, and the attribute that the test has asked for

    def current(self, _: "RemoteObject") -> "Place":
        """Where the object is now."""
        return self

    def settled(self, _: "RemoteObject") -> "Place":
        """Where it is, or was if its fork is no more."""
        return self

    def call(self, function: "RemoteObject", args: Any, kwargs: Any) -> Any:
        """Have it called there."""
        place = self.current(function)
        place.look_into()
        given = [each for each in (*args, *kwargs.values()) if isinstance(each, RemoteObject)]
        for_made = place.computes and any(place_of(each).is_made_by_test for each in given)
        if place.compares and not for_made and len(given) < len(args) + len(kwargs):
            place.refuse(COMPARED.format(place.described))
        for each in given:
            place_of(each).touch()
        result = place.fork.ask(Call(function, args, kwargs))
        if isinstance(result, RemoteObject):
            place_of(result).owe_to(place, *map(place_of, given))
        return result

    def owe_to(self, *places: "Place") -> None:
        """It has come of others, which the test has given to the student's code for that."""
        for place in places:
            self.made_of |= {place.number} | place.made_of

    def touch(self) -> None:
        """The test can have changed it."""
        self.is_used_since, self.is_fresh, self.state = True, False, None

    def look_into(self) -> None:
        """Refuse what a test may not ask."""
        if self.is_opaque:
            self.refuse(
                f"the test looks into {self.described}, which a provided cell computes in the "
                "student's kernel. Compute it in the test"
            )

    def refuse(self, why: str) -> None:
        """End the test cell, also where the test itself catches exceptions."""
        error = NotComparable(why)
        self.fork.refuse(error)
        raise error

    @property
    def is_as_constructed(self) -> bool:
        """Whether a test has made it by calling a class, and it is no result as well."""
        return self.constructed_at is not None and not self.is_given

    @property
    def is_enumeration(self) -> bool:
        """Whether it is an enumeration of the master's."""
        return False

    @property
    def owner(self) -> str:
        """What stands before the dot where a method of it is recorded."""
        return self.asked_as or self.type_name

    @property
    def described(self) -> str:
        """What messages call it."""
        return f"{self.type_name} in the student's notebook"


# Functions of NumPy's that leave `np.any(x)` and the like to a method of x.
NUMPYS_WAY = ("_wrapreduction", "_wrapreduction_any_all", "_wrapfunc")


class RemoteObject:
    """An object that stays in the student's kernel.

    It has no names of its own: whatever attribute a test asks for is the object's.
    """

    __slots__ = ("_remote",)
    # While an answer is decoded, which may be a set of objects.
    may_be_hashed: ClassVar[bool] = False
    # NumPy leaves operators to objects that say so.
    __array_ufunc__: ClassVar[None] = None

    def __init__(self, place: Place) -> None:
        move(self, place)

    # ---- what is the object's own answer ----

    def __getattribute__(self, name: str) -> Any:
        """Ask for an attribute."""
        place: Place = _PLACE.__get__(self)
        if name == "__class__":  # which Python's own functions ask, to know a function, say
            return TYPES.get(place.type_name, type(self))
        place = place.settled(self)
        if name == "__signature__" and isinstance(self, RemoteFunction):
            return _signature_of(self)
        if name == "__mro_entries__" and place.type_name == "type":
            return lambda _: _no_base(self)
        if name == "__deepcopy__":
            return lambda _: _made_of(self, ask(self, "deepcopy", self))
        if not may_be_asked_for(name):
            raise AttributeError(f"{name!r} of an object of the student's notebook")
        if place.type_name == "generator" and name in ("send", "throw"):
            return partial(_resumed, self, name)
        if sys._getframe(1).f_code.co_name in NUMPYS_WAY:
            refuse(self, f"its own method {name!r} would answer for NumPy")
        if name in COMPARING and (data := _data_of(self, name)) and hasattr(data[0], name):
            return getattr(data[0], name)
        value = ask(self, "getattr", self, name)
        if isinstance(value, RemoteFunction):  # a method, that may take an item
            place.touch()
        if isinstance(value, RemoteObject):
            place.is_fresh = False
            _take_as_member(value, place, name)
            place_of(value).owe_to(place)
            _name_as_asked(value, place, name)
            if name in COMPARING:
                place_of(value).computes = name in ARITHMETIC
                place_of(value).compares = not (place.is_made_by_test and name in ARITHMETIC)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, in the fork of this test cell only."""
        place_of(self).touch()
        ask(self, "setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute, in the fork of this test cell only."""
        place_of(self).touch()
        ask(self, "delattr", self, name)

    def __getitem__(self, key: Any) -> Any:
        """Ask for an item."""
        return ask(self, "getitem", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Set an item, in the fork of this test cell only."""
        place_of(self).touch()
        ask(self, "setitem", self, key, value)

    def __delitem__(self, key: Any) -> None:
        """Delete an item, in the fork of this test cell only."""
        place_of(self).touch()
        ask(self, "delitem", self, key)

    def __contains__(self, item: Any) -> bool:
        """Look through its items; an answer of its own would be a comparison."""
        if place_of(self).is_made_by_test or place_of(self).heard_of_at is not None:
            return _checked(bool, ask(self, "contains", self, item)) is True
        if (data := _data_of(self, "__contains__")) is not None:
            return item in data[0]
        try:
            items = iter(self)
        except TypeError:
            refuse_as_compared(self)
        return any(each is item or each == item for each in items)

    def __len__(self) -> int:
        """Ask for its length, which stays what it is while nothing is done that could change it."""
        place = place_of(self)
        if place.length is None or place.measured_at != place.fork.steps:
            place.length = int(_checked(int, ask(self, "len", self)))
            place.measured_at, place.is_used_since = place.fork.steps, False
        return place.length

    def __iter__(self) -> Iterator[Any]:
        """Ask for an iterator."""
        return _iterator_of(self, ask(self, "iter", self))

    def __reversed__(self) -> Iterator[Any]:
        """Ask for an iterator that begins at the end."""
        return _iterator_of(self, ask(self, "reversed", self))

    def __next__(self) -> Any:
        """Ask for the next item; a coroutine is run to its end, as an event loop has it."""
        if place_of(self).type_name == "coroutine":
            raise StopIteration(ask(self, "await", self))
        return _resumed(self, "next")

    def __await__(self) -> Generator[Any, None, Any]:
        """Have it run to its end, there."""
        yield from ()
        return ask(self, "await", self)

    def __aiter__(self) -> AsyncIterator[Any]:
        """Ask for an asynchronous iterator."""
        items: AsyncIterator[Any] = ask(self, "aiter", self)
        return items

    async def __anext__(self) -> Any:
        """Ask for the next item."""
        match ask(self, "anext", self):
            case (True, item):
                return item
        raise StopAsyncIteration

    def __enter__(self) -> Any:
        """Enter it as a context."""
        place_of(self).touch()
        return ask(self, "getattr", self, "__enter__")()

    def __exit__(self, _: Any, error: BaseException | None, where: Any) -> bool:
        """Leave it as a context, which hears of an exception and hides no failure of a test."""
        if error is None:
            ask(self, "getattr", self, "__exit__")(None, None, None)
            return False
        is_raised_on_purpose = may_be_hidden(error, where)
        args = error.args if is_raised_on_purpose else ()
        hides = ask(self, "exit", self, *_described(error, args)) is True
        return hides and is_raised_on_purpose

    async def __aenter__(self) -> Any:
        """Enter it as an asynchronous context."""
        return await ask(self, "getattr", self, "__aenter__")()

    async def __aexit__(self, *_: object) -> Any:
        """Leave it as a context, as if nothing had been raised."""
        await ask(self, "getattr", self, "__aexit__")(None, None, None)

    def __repr__(self) -> str:
        """Ask for its text."""
        return _checked(str, ask(self, "repr", self))

    def __str__(self) -> str:
        """Ask for its text."""
        return _checked(str, ask(self, "str", self))

    def __format__(self, how: str) -> str:
        """Ask for its text in a format."""
        return _checked(str, ask(self, "format", self, how))

    def __dir__(self) -> list[str]:
        """Ask for the names of its attributes."""
        return [str(name) for name in ask(self, "dir", self)]

    def __copy__(self) -> Any:
        """Have it copied, there."""
        return _made_of(self, ask(self, "copy", self))

    def __reduce_ex__(self, _: Any) -> Any:
        """Be no part of a pickle."""
        raise TypeError("an object of the student's notebook cannot be pickled")

    def __instancecheck__(self, instance: Any) -> bool:
        """Ask whether an object is an instance of this class."""
        is_theirs = isinstance(instance, RemoteObject) or hasattr(type(instance), OF_NOTEBOOK)
        return is_theirs and _checked(bool, ask(self, "isinstance", instance, self))

    def __subclasscheck__(self, subclass: Any) -> bool:
        """Ask whether a class is a subclass of this one."""
        return isinstance(subclass, RemoteObject) and _checked(
            bool, ask(self, "issubclass", subclass, self)
        )

    # ---- what nobody else may answer ----

    def __lt__(self, other: object) -> Any:
        """Compare data of Python's library; refuse others."""
        return _compared(operator.lt, self, other)

    def __le__(self, other: object) -> Any:
        """Compare data of Python's library; refuse others."""
        return _compared(operator.le, self, other)

    def __gt__(self, other: object) -> Any:
        """Compare data of Python's library; refuse others."""
        return _compared(operator.gt, self, other)

    def __ge__(self, other: object) -> Any:
        """Compare data of Python's library; refuse others."""
        return _compared(operator.ge, self, other)

    def __eq__(self, other: object) -> Any:
        """Compare data of Python's library.

        Tell functions and classes apart, each of which is one object here, too.
        """
        if other is None or other is np._NoValue:  # which would have come as itself
            return False
        if RemoteObject.may_be_hashed:
            return self is other
        other = stood_for(other)
        if isinstance(other, RemoteObject):
            _require_to_be_one(self, other)
            if _is_only_itself(self) and _is_only_itself(other):
                return self is other
        elif _is_of_a_module(other) and _is_definition(self):
            return _is_known_here_as(self, other)
        elif _is_unlike_all_others(self, other):
            return False
        return _compared(operator.eq, self, other)

    def __ne__(self, other: object) -> Any:
        """Be what is not equal."""
        if isinstance(other := stood_for(other), RemoteObject):
            _require_to_be_one(self, other)
            if not (_is_only_itself(self) and _is_only_itself(other)):
                return _compared(operator.ne, self, other)
        equal = self == other
        return not equal if type(equal) is bool else ~equal

    def __hash__(self) -> int:
        """What is equal to no other object can be a key; what a test has made; and what is data."""
        if RemoteObject.may_be_hashed:
            return id(self)
        _require_to_be_one(self)
        if _is_only_itself(self):
            return id(self)
        if place_of(self).constructed_at is not None:
            return int(_checked(int, ask(self, "hash", self)))
        if (data := _data_of(self, "__hash__")) is not None:
            return hash(data[0])
        return _hash_of_result(self)

    def __bool__(self) -> bool:
        """An object is true whose class says nothing of that; data say it themselves.

        What a test makes by calling a class is as true as the class says.
        """
        if place_of(self).constructed_at is not None:
            return bool(_checked(bool, ask(self, "bool", self)))
        if ask(self, "is always true", self) is True:
            return True
        if ask(self, "is true by its length", self) is True:
            return len(self) > 0
        data = _required_data(self, "__bool__")
        if hasattr(type(data), "__len__") and len(self) != len(data):  # it has a length of its own
            refuse_as_compared(self)
        return bool(data)


class RemoteFunction(RemoteObject):
    """A function or class of the student's notebook; calling it is a call across the boundary."""

    __slots__ = ()
    __await__: ClassVar[None] = None  # type: ignore[assignment] # or a mock of it would wait, too

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the fork that it is in."""
        place: Place = _PLACE.__get__(self)
        return place.call(self, args, kwargs)


_PLACE = RemoteObject.__dict__["_remote"]
delattr(RemoteObject, "_remote")  # all names are the object's


# ---- what the judge does with remote objects ----


def place_of(value: RemoteObject) -> Place:
    """Where an object is now."""
    return last_place_of(value).current(value)


def last_place_of(value: RemoteObject) -> Place:
    """Where an object was last."""
    place: Place = _PLACE.__get__(value)
    return place


def stood_for(value: Any) -> Any:
    """The notebook's own class, where the value is one that stands for it here."""
    return vars(value).get(REMOTE_CLASS, value) if isinstance(value, type) else value


def move(value: RemoteObject, place: Place) -> None:
    """Have an object be in another place from now on."""
    _PLACE.__set__(value, place)


def _take_as_member(value: RemoteObject, whose: Place, name: str) -> None:
    """Know by which name an enumeration has it; refuse a second one, with which all is equal."""
    if whose.is_enumeration and not isinstance(value, RemoteFunction):
        members = place_of(value).members
        members.add(name)
        if len(members) > 1:
            refuse_as_compared(value)


def _name_as_asked(value: RemoteObject, whose: Place, name: str) -> None:
    """Keep by which name a test calls a method, which says no more of itself than its type."""
    place = last_place_of(value)
    if place.type_name in CALLED_BY_NAME:
        place.asked_as = f"{whose.owner}.{name}"


def described(value: RemoteObject) -> str:
    """What messages call an object."""
    place: Place = _PLACE.__get__(value)
    return place.described


def ask(value: RemoteObject, operation: str, *args: Any) -> Any:
    """Have an operation done in the fork that an object is in."""
    place = place_of(value)
    place.look_into()
    return place.fork.ask(Operate(operation, args))


def take_as_made_by_test(value: Any) -> None:
    """A test has made an object by calling a class, or by computing with one that it has made."""
    if isinstance(value, RemoteObject):
        place_of(value).is_made_by_test = True


def take_as_constructed(
    value: RemoteObject, given: list[Any], values: list[Any] | None, defines: frozenset[str]
) -> None:
    """A test has made an object by calling a class with arguments that have these values.

    The master's class `defines` methods.
    """
    place = place_of(value)
    place.constructed_at = place.heard_of_at = place.fork.steps
    place.is_fresh, place.constructed_of, place.defines = True, values, defines
    place.holds_itself, place.sizes = "object" in defines, list(_sizes_in(given))
    place.has_numbers = any(map(_has_numbers, given))
    for part in map(place_of, filter(is_remote, given)):
        place.parts |= part.parts
        if part.heard_of_at is not None:
            place.parts[part.number] = part.heard_of_at


def as_two(value: RemoteObject) -> RemoteObject:
    """What a class has given that was there before: equal to nothing, itself neither."""
    place = place_of(value)
    other = Place(place.number, place.type_name, place.fork)
    place.is_two = other.is_two = True
    return type(value)(other)


def _sizes_in(values: Iterable[Any]) -> Iterator[float]:
    """How many items there are in containers, and in those in them."""
    for value in values:
        if isinstance(value, np.ndarray):
            yield from map(float, (*value.shape, value.size))
        elif isinstance(value, list | tuple | set | frozenset | dict | str):
            yield float(len(value))
            if not isinstance(value, str):
                yield from _sizes_in(value)


def _has_numbers(value: Any) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(_has_numbers, value))
    if isinstance(value, dict):
        return any(map(_has_numbers, value.values()))
    return isinstance(value, np.ndarray) or _is_number(value)


def is_remote(value: Any) -> bool:
    """Whether it is an object that stays in the student's kernel."""
    return isinstance(value, RemoteObject)


def take_as_given(values: Iterable[Any]) -> None:
    """These are passed to the student's code, which can give them back as its results."""
    for value in filter(is_remote, values):
        last_place_of(value).is_given = True


def forget_maker(value: RemoteObject) -> None:
    """An object has come once more, and so may be the result of anything."""
    place: Place = _PLACE.__get__(value)
    place.is_made_by_test, place.constructed_at = False, None
    place.touch()


def own_generator(value: Any) -> Any:
    """A generator of random numbers that goes on as the notebook's does; None if it is none."""
    if not isinstance(value, RemoteObject) or place_of(value).type_name not in GENERATORS:
        return None
    match ask(value, "random generator", value):
        case (str(name), state) if name in GENERATORS:
            return made(name, state)
    return None


def make_opaque(value: Any) -> None:
    """Have a test only pass on an object, or what a container holds of them."""
    seen: set[int] = set()
    left = [value]
    while left:
        part = left.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, RemoteObject):
            place_of(part).is_opaque = True
        elif isinstance(part, dict):
            left += [*part.keys(), *part.values()]
        elif isinstance(part, list | tuple | set | frozenset):
            left += part


def is_module(value: Any) -> bool:
    """Whether it is a module of the student's kernel, as that says."""
    return isinstance(value, RemoteObject) and place_of(value).type_name == "module"


def refuse(value: RemoteObject, why: str) -> Any:
    """End the test cell, also where the test itself catches exceptions."""
    place_of(value).refuse(why)


def is_the_class(value: Any, known: type) -> bool:
    """Whether it is the notebook's own of a class that this process has, too."""
    return isinstance(value, RemoteFunction) and _is_known_here_as(value, known)


def are_all_remote(*values: Any) -> bool:
    """Whether these values all are objects that stay in the student's kernel."""
    return all(isinstance(value, RemoteObject) for value in values)


def may_be_asked_for(name: str) -> bool:
    """Whether a test may ask an object for an attribute of this name."""
    special = name.startswith("__") and name.endswith("__")
    return name in SPECIAL_NAMES if special else not name.startswith(("_repr_", "_ipython_"))


# ---- comparisons of objects of the notebook's own classes ----


def remember_states(values: list[RemoteObject]) -> None:
    """Ask for attributes of objects of a fork, before the student's code hears what is expected."""
    if not values:
        return
    fork = place_of(values[0]).fork
    steps, calls = fork.steps, fork.calls
    unknown = [value for value in values if not _is_remembered(place_of(value), calls)]
    for value, state in zip(unknown, _states_at_once(unknown), strict=True):
        place = place_of(value)
        place.state, place.state_at, place.state_after = state or UNKNOWN, steps, calls


def _is_remembered(place: Place, calls: int) -> bool:
    return place.is_fresh or (place.state is not None and place.state_after == calls)


def _states_at_once(values: list[RemoteObject]) -> list[Any]:
    """The attributes of each of some objects."""
    if len(values) > 1:
        with suppress(Exception):  # what is in one of them cannot cross
            match ask(values[0], "states", values):
                case list(states) if len(states) == len(values):
                    return [_checked_state(state) for state in states]
    return [state_of(value) for value in values]


def state_of(value: RemoteObject) -> Any:
    """The attributes of an object, and of those in them, as data; None, if they are none."""
    with suppress(Exception):  # what is in it cannot cross
        return _checked_state(ask(value, "state", value))
    return None


def _checked_state(found: Any) -> Any:
    match found:
        case list(state) if state and all(map(_is_class_with_attributes, state)):
            return state
    return None


def _is_class_with_attributes(part: Any) -> bool:
    match part:
        case (RemoteFunction(), dict(attributes)):
            return all(map(_is_tagged, attributes.values()))
    return False


def _is_tagged(part: Any) -> bool:
    match part:
        case ("object", int()) | ("value", _):
            return True
        case (("list" | "tuple"), list(parts)):
            return all(map(_is_tagged, parts))
        case ("dict", dict(parts)):
            return all(map(_is_tagged, parts.values()))
    return False


def is_believed(name: str, one: RemoteObject, other: RemoteObject) -> bool:
    """What a student's class says of two objects, if that is what is asked, or data agree.

    Of two that the test has just made by calling the class, it is asked as a method is. Of others,
    equal ones have the same attributes, which are data: a class can say what it likes.
    """
    if one is other and _has_come_unasked(place_of(one)):
        refuse_as_compared(one)
    if place_of(one).is_fresh and place_of(other).is_fresh:
        return _answer_of_class(name, one, other)
    if name not in ("eq", "ne"):
        are_tests = place_of(one).is_as_constructed and place_of(other).is_as_constructed
        return _answer_of_class(name, one, other) if are_tests else refuse_as_compared(one)
    states = _states_of(one, other)
    are_equal, are_unequal = (_answer_of(each, one, other) for each in ("eq", "ne"))
    are_alike = _are_alike(*states)
    may_be_equal = are_alike or _is_alike_in_arguments(one, other, states)
    if are_equal is are_unequal or (are_equal and not may_be_equal) or (are_unequal and are_alike):
        refuse_as_compared(one)
    return are_equal if name == "eq" else are_unequal


def _answer_of_class(name: str, one: RemoteObject, other: RemoteObject) -> bool:
    """What a class says, asked more than once: it may not contradict itself."""
    asked = [(True, (name, one, other))] * 3
    if name in OPPOSITES:
        asked += [(False, OPPOSITES[name](one, other))] * 2
    SystemRandom().shuffle(asked)
    answers = [(is_itself, _answer_of(*question)) for is_itself, question in asked]
    said = {answer for is_itself, answer in answers if is_itself}
    if len(said) > 1 or (said == {True} and (False, True) in answers):
        refuse_as_compared(one)
    return said == {True}


def _require_to_be_one(*values: RemoteObject) -> None:
    """Refuse what has come as a result and from a class that was called: it is equal to itself."""
    for value in values:
        if place_of(value).is_two:
            refuse_as_compared(value)


def _has_come_unasked(place: Place) -> bool:
    """Whether it is an object of the test's, as the result of what the test has not given it to."""
    is_result = place.heard_of_at is not None and place.constructed_at is None
    return is_result and place.number not in place.made_of


def _answer_of(name: str, one: RemoteObject, other: Any) -> bool:
    answer = ask(one, name, one, other)
    return bool(answer) if type(answer) in (bool, np.bool_) else refuse_as_compared(one)


def _made_of(value: RemoteObject, result: Any) -> Any:
    """What has come of an object, which the test has given to the student's code for that."""
    if isinstance(result, RemoteObject):
        place_of(result).owe_to(place_of(value))
    return result


def _is_said_of_data(name: str, value: RemoteObject, data: Any) -> bool | None:
    """What an object that the test has made says of itself and data; None if it may not.

    It may say that it is not equal, and more if its class is there to compare with data: it has to
    be one of the master's that defines how. What the student's code passes to a function of the
    test may, too: it could as well be a number. A result is equal to data if it is equal to what
    the class makes of these.
    """
    place = place_of(value)
    defines = place.defines or place.fork.methods_of(place.type_name)
    may_say = place.is_as_constructed or (place.fork.is_called_back and bool(defines))
    if name not in ("eq", "ne"):
        return _answer_of(name, value, data) if may_say and defines & ORDERS else None
    if not may_say and "__eq__" not in defines:
        return None
    answers = ask(value, "eq", value, data), ask(value, "ne", value, data)
    if answers not in ((True, False), (False, True)) or (answers[0] and "__eq__" not in defines):
        return None
    if not may_say and answers[0] is not _is_made_of_data(value, data):
        return None
    return answers[name == "ne"] is True


def _is_made_of_data(value: RemoteObject, data: Any) -> bool | None:
    """Whether a result is equal to the object that its class makes of data; None if none."""
    place = place_of(value)
    try:
        made = place.fork.construct(place.type_name, data)
    except Exception:  # the class wants something else
        return None
    return is_believed("eq", value, made) if isinstance(made, RemoteObject) else None


def _hash_of_result(value: RemoteObject) -> int:
    """What the class of the master's says, which is the same for the same attributes."""
    place = place_of(value)
    state = state_of(value)
    if state is None or "__hash__" not in place.fork.methods_of(place.type_name):
        refuse_as_compared(value)
    said = int(_checked(int, ask(value, "hash", value)))
    if place.fork.hashes.setdefault(repr(state), said) != said:
        refuse_as_compared(value)
    return said


def _states_of(one: RemoteObject, other: RemoteObject) -> tuple[Any, Any]:
    """The attributes of two objects; refuse, if they could be made up.

    Those of a result have to be from before the student's code has heard of an object that the test
    has made to compare it with, and those of the latter are the arguments that it was made of. What
    the test has given to the student's code to make the result of can be compared with it.
    """
    result, expected = sorted((one, other), key=lambda each: place_of(each).heard_of_at or 0)
    place, made = place_of(result), place_of(expected)
    if made.heard_of_at is None or made.number in place.made_of:
        states = _known(one, state_of(one)), _known(other, state_of(other))
        return states if any(map(_has_attributes, states)) else refuse_as_compared(expected)
    if place.heard_of_at is not None and not made.is_fresh:  # both are the test's
        before = place.state or state_of(result)
        return _known(result, before), _known(expected, state_of(expected))
    heard = [at for number, at in made.parts.items() if number not in place.made_of]
    if place.state_at >= min([made.heard_of_at, *heard]):
        place.state = None
    states = _known(result, place.state), _known(expected, state_of(expected))
    if not (made.is_fresh and _is_made_of_its_arguments(expected, states[1])):
        refuse_as_compared(expected)
    return states


def _has_attributes(state: Any) -> bool:
    return any(attributes for _, attributes in state)


def _known(value: RemoteObject, state: Any) -> Any:
    return refuse_as_compared(value) if state is None or state is UNKNOWN else state


def _is_made_of_its_arguments(value: RemoteObject, state: Any) -> bool:
    """Whether the attributes are what the class was called with, besides empty ones.

    There can be others, such as defaults, if they are of another type than all arguments. Of one
    that was made of nothing, or of empty values, there is just something to compare.
    """
    given = place_of(value).constructed_of
    parts = [part for _, attributes in state for part in attributes.values()]
    found = values_in(parts)
    if given is None or found is None:
        return False
    if not given:
        return bool(parts)
    without_keys = values_in(parts, keys=False) or []
    types = {type(each) for each in given}
    wanted, sizes = Counter(map(repr, given)), set(map(repr, place_of(value).sizes))
    return any(
        _are_all(Counter(repr(each) for each in values if type(each) in types), wanted, sizes)
        for values in (found, without_keys)  # the powers of a polynomial, say
    )


def _are_all(found: Counter[str], wanted: Counter[str], sizes: set[str]) -> bool:
    """Whether values are those that are wanted, and besides at most how many there are of them."""
    others = found - wanted
    return found >= wanted and others.keys() <= sizes and others.total() <= MOST_SIZES


def has_values(result: Any, given: list[Any] | None) -> bool:
    """Whether data that a student has in the place of an object are the values that were given."""
    found = values_in([result])
    if given is None or found is None:
        return False
    return sorted(map(repr, found)) == sorted(map(repr, given))


def values_in(parts: Iterable[Any], *, keys: bool = True) -> list[Any] | None:
    """The values in containers and arrays, numbers as floats, but for what is empty.

    With the `keys` of dictionaries, or without. Those of an object that a test has made are what it
    was made of. None, if there are objects of which nothing is known.
    """
    found: list[Any] = []
    try:
        for part in parts:
            found += _values_of(part, keys=keys)
    except (LookupError, RecursionError):
        return None
    return found


def _values_of(part: Any, *, keys: bool) -> Iterator[Any]:
    match part:
        case ("object", int()):
            return
        case (("value" | "list" | "tuple" | "dict"), content):
            inner: Iterable[Any] = [content]
        case np.ndarray():
            inner = part.ravel().tolist()
        case dict():
            inner = [*(part.keys() if keys else ()), *part.values()]
        case list() | tuple() | set() | frozenset():
            inner = part
        case RemoteObject():
            known = place_of(part).constructed_of
            if place_of(part).members:  # of an enumeration, each of which is one object
                known = [f"member {place_of(part).number}"]
            if known is None:
                raise LookupError
            yield from known
            return
        case int() | float() | np.integer() | np.floating():
            yield from [_as_float(part)] if part else []
            return
        case str() | None:
            yield from [part] if part else []
            return
        case _:
            yield part
            return
    for each in inner:
        yield from _values_of(each, keys=keys)


def _as_float(number: Any) -> Any:
    """A number, so that equal ones are written alike."""
    return float(number) if abs(number) < 2**53 else number


def _is_alike_in_arguments(one: RemoteObject, other: RemoteObject, states: tuple[Any, Any]) -> bool:
    """Whether a result has all that the expected object was made of, under the same names.

    A class may compare less than all attributes: not an account's history, which is empty in a new
    one. Attributes that are empty, or of another type than all arguments, may differ.
    """
    _, made = sorted((one, other), key=lambda each: place_of(each).heard_of_at or 0)
    given = place_of(made).constructed_of
    if not given or not place_of(made).is_fresh:
        return False
    (kind, found), (kind_of_made, expected) = (state[0] for state in states)
    types = {type(each) for each in given} | ({float} if place_of(made).has_numbers else set())
    names = [name for name, part in expected.items() if _holds(part, types)]
    return (
        kind is kind_of_made
        and bool(names)
        and all(name in found and _are_alike(found[name], expected[name]) for name in names)
        and not any(_holds_objects(expected[name]) for name in names)
    )


def _holds(part: Any, types: set[type]) -> bool:
    """Whether an attribute has a value of one of these types, or 0 where numbers were given."""
    values = values_in([part])
    is_number = isinstance(part, tuple) and _is_number(part[-1])
    if values is None or (is_number and float in types):
        return True
    return any(type(each) in types for each in values)


def _holds_objects(part: Any) -> bool:
    match part:
        case ("object", _):
            return True
        case (("list" | "tuple"), list(parts)):
            return any(map(_holds_objects, parts))
        case ("dict", dict(parts)):
            return any(map(_holds_objects, parts.values()))
    return False


def _are_alike(one: Any, other: Any) -> bool:
    """Whether the attributes of two objects are equal, as the student's process has listed them."""
    if type(one) is not type(other):
        return _is_number(one) and _is_number(other) and bool(one == other)
    match one:
        case list() | tuple():
            return len(one) == len(other) and all(map(_are_alike, one, other))
        case dict():
            pairs = ((one[key], other[key]) for key in one if key in other)
            return one.keys() == other.keys() and all(_are_alike(*pair) for pair in pairs)
        case RemoteObject():
            return one is other
        case np.ndarray():
            return np.array_equal(one, other)
    return bool(np.all(one == other))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | complex | np.generic)


# ---- parts of the above ----


def _checked(kind: type, answer: Any) -> Any:
    """An answer that Python wants to be of a kind."""
    if type(answer) is not kind:
        raise TypeError(f"an object of the student's notebook gives no {kind.__name__}")
    return answer


def _data_of(value: RemoteObject, *methods: str) -> tuple[Any] | None:
    """What is in an object, if its class leaves these methods to one of Python's library.

    What they do is then done here. None if it has one of them of its own.
    """
    found = ask(value, "data", value, methods)
    place = place_of(value)
    if found is None:
        return None
    if place.data is None or place.data_at != place.fork.steps:  # it stays, as lengths do
        place.data, place.data_at = _read_data(found), place.fork.steps
    return place.data


def _read_data(found: Any) -> tuple[Any] | None:
    match found:
        case (str(class_), dict(data)) if class_ in NAMESPACES:
            made = NAMESPACES[class_]()
            vars(made).update({name: data[name] for name in data if type(name) is str})
            return (made,)
        case (_, data) if not isinstance(data, RemoteObject):
            return (data,)
    return None


def _required_data(value: Any, *methods: str) -> Any:
    """The same, of an operand that can be data already; refuse to go on without."""
    if not isinstance(value, RemoteObject):
        return value
    data = _data_of(value, *methods)
    return refuse_as_compared(value) if data is None else data[0]


def _compared(compare: Callable[[Any, Any], Any], value: RemoteObject, other: Any) -> Any:
    """What a comparison of data says, or of objects of the notebook's own classes."""
    method = f"__{compare.__name__}__"
    if isinstance(other, RemoteObject):
        _require_to_be_one(value, other)
        if place_of(value).holds_itself or place_of(other).holds_itself:
            return is_believed(compare.__name__, value, other)
    data = _data_of(value, method)
    if data is None and isinstance(other, RemoteObject):
        return is_believed(compare.__name__, value, other)
    if data is None and (said := _is_said_of_data(compare.__name__, value, other)) is not None:
        return said
    own = refuse_as_compared(value) if data is None else data[0]
    return compare(own, _required_data(other, method))


def refuse_as_compared(value: RemoteObject) -> Any:
    """End a test that compares what only says that it is equal."""
    refuse(value, COMPARED.format(described(value)))


def _described(error: BaseException, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """An exception for the student's process: itself, if its class is there, or its nearest one."""
    if hasattr(type(error), OF_NOTEBOOK):
        return (error,)
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    return kind.__name__, tuple(each for each in args if type(each) in (str, int, float, bool))


def _no_base(value: RemoteObject) -> Any:
    """Refuse a class of the test's that inherits from one of the notebook's."""
    refuse(
        value,
        f"the test defines a class that inherits from {described(value)}. Such a class would be in "
        "both processes at once",
    )


def _is_only_itself(value: RemoteObject) -> bool:
    """Whether it is equal to no other object: its class has no comparison of its own."""
    return _is_definition(value) or ask(value, "is only itself", value) is True


def _is_definition(value: RemoteObject) -> bool:
    return place_of(value).type_name in DEFINITIONS


def _is_of_a_module(value: object) -> bool:
    """Whether a value is a class or a function that the student's process can have, too."""
    return type(value) is type or (
        isinstance(value, FunctionType | BuiltinFunctionType) and value.__module__ != "__main__"
    )


def _is_unlike_all_others(value: RemoteObject, other: object) -> bool:
    """Whether neither of two has a comparison of its own, and they are in two processes."""
    if _is_definition(value) and type(other).__module__ == "typing":  # as that of Any is
        return True
    return _is_of_own_class(other) and _is_only_itself(value)


def _is_of_own_class(value: object) -> bool:
    """Whether it is an instance of a class of the instructor's that has no comparison of its own.

    One that the student's code gives back comes as what it is here, so no remote object is one.
    """
    kind = type(value)
    return kind.__module__ == "__main__" and kind.__eq__ is object.__eq__


def _is_known_here_as(value: RemoteObject, known: Any) -> bool:
    """Whether a class or function is one that this process has, too.

    Which one it is, the other side has to know.
    """
    answer = ask(value, "module and name", value)
    return type(answer) is tuple and answer == (known.__module__, known.__qualname__)


def _signature_of(function: RemoteObject) -> inspect.Signature:
    """What inspect.signature says of it."""
    parameters, returned = ask(function, "signature", function)
    return inspect.Signature(
        [
            inspect.Parameter(
                str(name), PARAMETERS[kind], default=_one(default), annotation=_one(annotation)
            )
            for name, kind, default, annotation in parameters
        ],
        return_annotation=_one(returned),
    )


def _one(values: Any) -> Any:
    """What is in a list of one, or what inspect takes for nothing."""
    match values:
        case [value]:
            return value
    return inspect.Parameter.empty


def _iterator_of(value: RemoteObject, found: Any) -> Iterator[Any]:
    """What a test has as an iterator of an object, whose items it counts if it knows the length."""
    iterator = found if isinstance(found, RemoteObject) else iter(found)
    place = place_of(value)
    if place.length is None:
        return iterator
    if place.is_used_since:
        len(value)
    return _OwnIterator(value) if iterator is value else _all_of(value, iterator)


class _OwnIterator:
    """The items of an object that is its own iterator, and begins anew where it is asked again."""

    def __init__(self, value: RemoteObject) -> None:
        self._value, self._items = value, _all_of(value, value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._value)

    def __next__(self) -> Any:
        return next(self._items)


def _all_of(value: RemoteObject, iterator: Any) -> Iterator[Any]:
    """The items of an object, which have to be as many as it has said, or more if it has grown."""
    number, said = 0, place_of(value).length or 0
    for number, item in enumerate(_items_of(iterator), start=1):  # noqa: B007 - it is used below
        yield item
    if number < said or (number > said and number != len(value)):
        refuse(value, f"{described(value)} has another length than it has items")


def _items_of(iterator: Any) -> Iterator[Any]:
    """What an iterator gives, which is not asked for one: it can be the object itself."""
    while True:
        try:
            item = next(iterator)
        except StopIteration:
            return
        yield item


def _resumed(iterator: RemoteObject, how: str, *args: Any) -> Any:
    """The next item, for which an iterator is asked in one of three ways."""
    match args:
        case (Exception() as error,) if type(error).__module__ == "builtins":
            args = (type(error).__name__, str(error))
        case (type() as kind,) if kind.__module__ == "builtins":
            args = (kind.__name__, "")
    match ask(iterator, how, iterator, *args):
        case (True, item):
            return item
        case (False, value):
            raise StopIteration(value)
    raise TypeError("an iterator of the student's notebook gives no item")


class Classes(tuple[Any, ...]):
    """What `A | B` is of classes, one of which is the notebook's: `isinstance` takes them all."""

    def __eq__(self, other: object) -> bool:
        """What `typing.Union` of the same classes is equal to."""
        return set(self) == set(getattr(other, "__args__", None) or (other,))

    __hash__ = tuple.__hash__

    def __or__(self, other: Any) -> "Classes":
        """These, and another one."""
        if not _is_class(other):
            return NotImplemented
        return Classes((*self, type(None) if other is None else other))


def _is_class(value: Any) -> bool:
    value = stood_for(value)
    is_theirs = isinstance(value, RemoteFunction) and place_of(value).type_name == "type"
    return is_theirs or type(value) in (type, type(None))


def _add_operators() -> None:
    def operate(name: str, *operands: Any) -> Any:
        """Have an operator applied, if all that it is given is of the student's.

        With data of the test's, `result - expected` could be 0 whatever the result is. An object
        that the test makes of a class of the master's is no such result. What comes of it, or is
        passed to a function of the test's, can be computed with as far as this gives objects.
        """
        if name == "or" and all(map(_is_class, operands)):
            return Classes(type(None) if each is None else each for each in operands)
        objects = [operand for operand in operands if isinstance(operand, RemoteObject)]
        made_by_test = any(place_of(each).is_made_by_test for each in objects)
        with_data = len(objects) < len(operands)
        is_constructed = any(place_of(each).is_as_constructed for each in objects)
        is_called_back = place_of(objects[0]).fork.is_called_back
        if with_data and not (made_by_test or is_called_back):
            methods = [f"__{side}{name.removeprefix('i')}__" for side in ("", "r")]
            return OPERATORS[name](*(_required_data(each, *methods) for each in operands))
        for each in objects:
            place_of(each).is_fresh = False
        result = ask(objects[0], name, *operands)
        if isinstance(result, RemoteObject):
            place_of(result).owe_to(*map(place_of, objects))
            place_of(result).is_given |= any(result is each for each in objects)
        elif with_data and not is_constructed:
            refuse_as_compared(objects[0])
        if made_by_test:
            take_as_made_by_test(result)
        return result

    def in_place(name: str) -> Callable[..., Any]:
        return lambda self, other: operate(f"i{name}", self, other)

    def binary(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
        return (
            lambda self, other: operate(name, self, other),
            lambda self, other: operate(name, other, self),
        )

    def unary(name: str) -> Callable[..., Any]:
        return lambda self, *args: _made_of(self, ask(self, name, self, *args))

    for name in BINARY:
        forward, backward = binary(name)
        setattr(RemoteObject, f"__{name}__", forward)
        setattr(RemoteObject, f"__r{name}__", backward)
        setattr(RemoteObject, f"__i{name}__", in_place(name))
    for name in (*UNARY, *CONVERSIONS):
        setattr(RemoteObject, f"__{name}__", unary(name))


_add_operators()
