"""Objects that stay in a student's kernel, as a test cell uses them.

What a test asks of such an object (an attribute, an item, a call, its length, its text) is done in
the student's process, and the answer is plain data or another such object.
"""

import inspect
import operator
import sys
import unittest
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from functools import partial
from typing import Any, ClassVar

from referee.boundary.python_types import TYPES
from referee.boundary.states import GENERATORS, made
from referee.judge.awaiting import awaited_there
from referee.judge.comparisons import (
    Comparable,
    checked,
    data_of,
    is_known_here_as,
    required_data,
)
from referee.judge.places import (
    ARITHMETIC,
    BINARY,
    CALLED_BY_NAME,
    COMPARING,
    CONVERSIONS,
    OF_NOTEBOOK,
    UNARY,
    Place,
    ask,
    described,
    is_remote,
    last_place_of,
    made_of,
    may_be_asked_for,
    place_of,
    refuse,
    refuse_as_compared,
    stood_for,
)
from referee.judge.raised import may_be_hidden
from referee.judge.subclasses import CLASSES, refuse_as_base, stand_for_base

PARAMETERS = (  # kinds, by their numbers
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD,
)
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    **{name: getattr(operator, f"__{name}__") for name in BINARY},
    **{f"i{name}": getattr(operator, f"__i{name}__") for name in BINARY},
    "divmod": divmod,
}


# Functions of NumPy's that leave `np.any(x)` and the like to a method of x.
NUMPYS_WAY = ("_wrapreduction", "_wrapreduction_any_all", "_wrapfunc")


class RemoteObject(Comparable):
    """An object that stays in the student's kernel.

    It has no names of its own: whatever attribute a test asks for is the object's.
    """

    __slots__ = ()
    # NumPy leaves operators to objects that say so.
    __array_ufunc__: ClassVar[None] = None

    # ---- what is the object's own answer ----

    def __getattribute__(self, name: str) -> Any:
        """Ask for an attribute."""
        place: Place = last_place_of(self)
        if name == "__class__":  # which Python's own functions ask, to know a function, say
            return TYPES.get(place.type_name, type(self))
        place = place.settled(self)
        if name == "__signature__" and isinstance(self, RemoteFunction):
            return _signature_of(self)
        if name == "__mro_entries__":
            return stand_for_base if place.type_name in CLASSES else lambda _: refuse_as_base(self)
        if name == "__deepcopy__":
            return lambda _: made_of(self, ask(self, "deepcopy", self))
        if not may_be_asked_for(name):
            raise AttributeError(f"{name!r} of an object of the student's notebook")
        if place.type_name == "generator" and name in ("send", "throw"):
            return partial(_resumed, self, name)
        if place.type_name == "coroutine" and name in ("send", "throw", "close"):
            return getattr(_steps_of(self), name)
        if sys._getframe(1).f_code.co_name in NUMPYS_WAY:
            refuse(self, f"its own method {name!r} would answer for NumPy")
        if name in COMPARING and (data := data_of(self, name)) and hasattr(data[0], name):
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
            return checked(bool, ask(self, "contains", self, item)) is True
        if (data := data_of(self, "__contains__")) is not None:
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
            place.length = int(checked(int, ask(self, "len", self)))
            place.measured_at, place.is_used_since = place.fork.steps, False
        return place.length

    def __iter__(self) -> Iterator[Any]:
        """Ask for an iterator."""
        return _iterator_of(self, ask(self, "iter", self))

    def __reversed__(self) -> Iterator[Any]:
        """Ask for an iterator that begins at the end."""
        return _iterator_of(self, ask(self, "reversed", self))

    def __next__(self) -> Any:
        """Ask for the next item; an event loop has a coroutine go on so."""
        if place_of(self).type_name == "coroutine":
            return next(_steps_of(self))
        return _resumed(self, "next")

    def __await__(self) -> Generator[Any, None, Any]:
        """Have it run to its end, there."""
        return (yield from awaited_there(self))

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
        return checked(str, ask(self, "repr", self))

    def __str__(self) -> str:
        """Ask for its text."""
        return checked(str, ask(self, "str", self))

    def __format__(self, how: str) -> str:
        """Ask for its text in a format."""
        return checked(str, ask(self, "format", self, how))

    def __dir__(self) -> list[str]:
        """Ask for the names of its attributes."""
        return [str(name) for name in ask(self, "dir", self)]

    def __copy__(self) -> Any:
        """Have it copied, there."""
        return made_of(self, ask(self, "copy", self))

    def __reduce_ex__(self, _: Any) -> Any:
        """Be no part of a pickle."""
        raise TypeError("an object of the student's notebook cannot be pickled")

    def __instancecheck__(self, instance: Any) -> bool:
        """Ask whether an object is an instance of this class."""
        is_theirs = isinstance(instance, RemoteObject) or hasattr(type(instance), OF_NOTEBOOK)
        return is_theirs and checked(bool, ask(self, "isinstance", instance, self))

    def __subclasscheck__(self, subclass: Any) -> bool:
        """Ask whether a class is a subclass of this one."""
        return isinstance(subclass, RemoteObject) and checked(
            bool, ask(self, "issubclass", subclass, self)
        )

    def __bool__(self) -> bool:
        """An object is true whose class says nothing of that; data say it themselves.

        What a test makes by calling a class is as true as the class says.
        """
        if place_of(self).constructed_at is not None:
            return bool(checked(bool, ask(self, "bool", self)))
        if ask(self, "is always true", self) is True:
            return True
        if ask(self, "is true by its length", self) is True:
            return len(self) > 0
        data = required_data(self, "__bool__")
        if hasattr(type(data), "__len__") and len(self) != len(data):  # it has a length of its own
            refuse_as_compared(self)
        return bool(data)


class RemoteFunction(RemoteObject):
    """A function or class of the student's notebook; calling it is a call across the boundary."""

    __slots__ = ()
    __await__: ClassVar[None] = None  # type: ignore[assignment] # or a mock of it would wait, too

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the fork that it is in."""
        place: Place = last_place_of(self)
        return place.call(self, args, kwargs)


# ---- what the judge does with remote objects ----


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


def take_as_made_by_test(value: Any) -> None:
    """A test has made an object by calling a class, or by computing with one that it has made."""
    if isinstance(value, RemoteObject):
        place_of(value).is_made_by_test = True


def as_two(value: RemoteObject) -> RemoteObject:
    """What a class has given that was there before: equal to nothing, itself neither."""
    place = place_of(value)
    other = Place(place.number, place.type_name, place.fork)
    place.is_two = other.is_two = True
    return type(value)(other)


def take_as_given(values: Iterable[Any]) -> None:
    """These are passed to the student's code, which can give them back as its results."""
    for value in filter(is_remote, values):
        last_place_of(value).is_given = True


def forget_maker(value: RemoteObject) -> None:
    """An object has come once more, and so may be the result of anything."""
    place: Place = last_place_of(value)
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


def own_test_case(value: Any) -> Any:
    """What tests assert with (`tc = unittest.TestCase()`), which is the same here; or None."""
    is_one = isinstance(value, RemoteObject) and place_of(value).type_name == "TestCase"
    return unittest.TestCase() if is_one else None


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


def is_the_class(value: Any, known: type) -> bool:
    """Whether it is the notebook's own of a class that this process has, too."""
    return isinstance(value, RemoteFunction) and is_known_here_as(value, known)


def are_all_remote(*values: Any) -> bool:
    """Whether these values all are objects that stay in the student's kernel."""
    return all(isinstance(value, RemoteObject) for value in values)


def _described(error: BaseException, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """An exception for the student's process: itself, if its class is there, or its nearest one."""
    if hasattr(type(error), OF_NOTEBOOK):
        return (error,)
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    return kind.__name__, tuple(each for each in args if type(each) in (str, int, float, bool))


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


def _steps_of(coroutine: RemoteObject) -> Generator[Any, Any, Any]:
    """The steps of a coroutine, which a loop of the test's goes through one by one."""
    place = place_of(coroutine)
    if place.steps is None:
        place.steps = awaited_there(coroutine)
    return place.steps


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
            return OPERATORS[name](*(required_data(each, *methods) for each in operands))
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
        return lambda self, *args: made_of(self, ask(self, name, self, *args))

    for name in BINARY:
        forward, backward = binary(name)
        setattr(RemoteObject, f"__{name}__", forward)
        setattr(RemoteObject, f"__r{name}__", backward)
        setattr(RemoteObject, f"__i{name}__", in_place(name))
    for side, divide in zip(("", "r"), binary("divmod"), strict=True):
        setattr(RemoteObject, f"__{side}divmod__", divide)
    for name in (*UNARY, *CONVERSIONS):
        setattr(RemoteObject, f"__{name}__", unary(name))


_add_operators()
