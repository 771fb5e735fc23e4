"""Comparisons of objects that stay in a student's kernel.

A test's verdict must come from comparing data: a student's object could be equal to everything. So
of these objects, only those that a test has made itself are compared, or are true, as their class
says; others are equal if their attributes are, too.
"""

import argparse
import operator
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import SystemRandom
from types import BuiltinFunctionType, FunctionType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from referee.judge.places import (
    Place,
    Remote,
    ask,
    is_remote,
    place_of,
    refuse_as_compared,
    stood_for,
)
from referee.judge.states import (
    ROUNDED,
    UNKNOWN,
    are_alike,
    has_attributes,
    has_numbers_in,
    holds,
    holds_objects,
    sizes_in,
    state_of,
    values_in,
)

# Of these, each object is equal to itself only.
DEFINITIONS = ("function", "type", "builtin_function_or_method", "generator", "coroutine")
# Bags of attributes, which compare by these, in Python's library.
NAMESPACES: dict[str, Any] = {"SimpleNamespace": SimpleNamespace, "Namespace": argparse.Namespace}
SORTING = (sorted, min, max)
MOST_KEYS = 100  # objects in one dictionary or set, each of which is asked for its hash
ORDERS = {f"__{name}__" for name in ("lt", "le", "gt", "ge")}
MOST_SIZES = 3  # numbers of items that an object may keep beside these
# What must not hold if a comparison does.
OPPOSITES: dict[str, Callable[[Any, Any], tuple[Any, ...]]] = {
    "eq": lambda one, other: ("ne", one, other),
    "ne": lambda one, other: ("eq", one, other),
    "lt": lambda one, other: ("lt", other, one),
    "gt": lambda one, other: ("gt", other, one),
}


class Comparable(Remote):
    """An object that decides nothing by what it says of itself alone."""

    __slots__ = ()
    # While an answer is decoded, which may be a set of objects.
    may_be_hashed: ClassVar[bool] = False
    was_hashed: ClassVar[bool] = False  # since this was asked last
    # While a test has a list sorted, or looks for the least.
    are_sorted: ClassVar[bool] = False

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
        if type(self).may_be_hashed or other is np._NoValue:  # which would have come as itself
            return self is other
        if other is None:
            return _is_none(self)
        other = stood_for(other)
        if isinstance(other, Remote):
            _require_to_be_one(self, other)
            if _is_only_itself(self) and _is_only_itself(other):
                return self is other
        elif _is_of_a_module(other) and _is_definition(self):
            return is_known_here_as(self, other)
        elif _is_unlike_all_others(self, other):
            return False
        return _compared(operator.eq, self, other)

    def __ne__(self, other: object) -> Any:
        """Be what is not equal."""
        if isinstance(other := stood_for(other), Remote):
            _require_to_be_one(self, other)
            if not (_is_only_itself(self) and _is_only_itself(other)):
                return _compared(operator.ne, self, other)
        equal = self == other
        return not equal if type(equal) is bool else ~equal

    def __hash__(self) -> int:
        """What is equal to no other object can be a key; what a test has made; and what is data."""
        if type(self).may_be_hashed:
            Comparable.was_hashed = True
            return id(self)
        _require_to_be_one(self)
        if _is_only_itself(self):
            return id(self)
        if place_of(self).constructed_at is not None:
            return int(checked(int, ask(self, "hash", self)))
        if (data := data_of(self, "__hash__")) is not None:
            return hash(data[0])
        return _hash_of_result(self)


def sorting(function: Callable[..., Any]) -> Callable[..., Any]:
    """One of Python's that puts objects in order, by which results may say which one comes first.

    What the order is, a test sees by what they are. Another function is as it is.
    """
    if not any(function is each for each in SORTING):
        return function

    def call(*args: Any, **kwargs: Any) -> Any:
        before, Comparable.are_sorted = Comparable.are_sorted, True
        try:
            return function(*args, **kwargs)
        finally:
            Comparable.are_sorted = before

    return call


def take_as_constructed(
    value: Remote, given: list[Any], values: list[Any] | None, defines: frozenset[str]
) -> None:
    """A test has made an object by calling a class with arguments that have these values.

    The master's class `defines` methods.
    """
    place = place_of(value)
    place.constructed_at = place.heard_of_at = place.fork.steps
    place.is_fresh, place.constructed_of, place.defines = True, values, defines
    place.holds_itself, place.sizes = "object" in defines, list(sizes_in(given))
    place.has_numbers = any(map(has_numbers_in, given))
    for part in map(place_of, filter(is_remote, given)):
        place.parts |= part.parts
        if part.heard_of_at is not None:
            place.parts[part.number] = part.heard_of_at


def is_believed(name: str, one: Remote, other: Remote) -> bool:
    """What a student's class says of two objects, if that is what is asked, or data agree.

    Of two that the test has just made by calling the class, it is asked as a method is. Of others,
    equal ones have the same attributes, which are data: a class can say what it likes.
    """
    if one is other and _has_come_unasked(place_of(one)):
        refuse_as_compared(one)
    if place_of(one).is_fresh and place_of(other).is_fresh:
        return _answer_of_class(name, one, other)
    if name not in ("eq", "ne"):
        places = place_of(one), place_of(other)
        are_tests = all(place.is_as_constructed for place in places)
        are_results = Comparable.are_sorted and all(place.heard_of_at is None for place in places)
        may_say = are_tests or are_results
        return _answer_of_class(name, one, other) if may_say else refuse_as_compared(one)
    states = _states_of(one, other)
    are_equal, are_unequal = (_answer_of(each, one, other) for each in ("eq", "ne"))
    agree = are_alike(*states)
    may_be_equal = are_alike(*states, within=ROUNDED) or _is_alike_in_arguments(one, other, states)
    if are_equal is are_unequal or (are_equal and not may_be_equal) or (are_unequal and agree):
        refuse_as_compared(one)
    return are_equal if name == "eq" else are_unequal


def _answer_of_class(name: str, one: Remote, other: Remote) -> bool:
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


def _require_to_be_one(*values: Remote) -> None:
    """Refuse what has come as a result and from a class that was called: it is equal to itself."""
    for value in values:
        if place_of(value).is_two:
            refuse_as_compared(value)


def _has_come_unasked(place: Place) -> bool:
    """Whether it is an object of the test's, as the result of what the test has not given it to."""
    is_result = place.heard_of_at is not None and place.constructed_at is None
    return is_result and place.number not in place.made_of


def _answer_of(name: str, one: Remote, other: Any) -> bool:
    answer = ask(one, name, one, other)
    return bool(answer) if type(answer) in (bool, np.bool_) else refuse_as_compared(one)


def _is_said_of_data(name: str, value: Remote, data: Any) -> bool | None:
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
    if not may_say and not _agrees_with_data(value, data, are_equal=answers[0] is True):
        return None
    return answers[name == "ne"] is True


def _agrees_with_data(value: Remote, data: Any, *, are_equal: bool) -> bool:
    """Whether a result is equal to the object that its class makes of data, or is not.

    It may always be unequal if such an object is, too: a class compares with its own objects only.
    """
    place = place_of(value)
    try:
        made = place.fork.construct(place.type_name, data)
    except Exception:  # the class wants something else
        return not are_equal
    if not isinstance(made, Remote):
        return False
    if not are_equal and ask(made, "eq", made, data) is False:
        return True
    return is_believed("eq", value, made) is are_equal


def _hash_of_result(value: Remote) -> int:
    """What the class of the master's says, which is the same for the same attributes."""
    place = place_of(value)
    state = state_of(value)
    if state is None or "__hash__" not in place.fork.methods_of(place.type_name):
        refuse_as_compared(value)
    said = int(checked(int, ask(value, "hash", value)))
    if place.fork.hashes.setdefault(repr(state), said) != said:
        refuse_as_compared(value)
    return said


def _states_of(one: Remote, other: Remote) -> tuple[Any, Any]:
    """The attributes of two objects; refuse, if they could be made up.

    Those of a result have to be from before the student's code has heard of an object that the test
    has made to compare it with, and those of the latter are the arguments that it was made of. What
    the test has given to the student's code to make the result of can be compared with it.
    """
    result, expected = sorted((one, other), key=lambda each: place_of(each).heard_of_at or 0)
    place, made = place_of(result), place_of(expected)
    if made.heard_of_at is None or made.number in place.made_of:
        states = _known(one, state_of(one)), _known(other, state_of(other))
        return states if any(map(has_attributes, states)) else refuse_as_compared(expected)
    if place.heard_of_at is not None and not made.is_fresh:  # both are the test's
        before = place.state or state_of(result)
        return _known(result, before), _known(expected, state_of(expected))
    heard = [at for number, at in made.parts.items() if number not in place.made_of]
    if place.state_at >= min([made.heard_of_at, *heard]):
        place.state = None
    states = _known(result, place.state), _known(expected, state_of(expected))
    has_arguments = made.is_fresh and _is_made_of_its_arguments(expected, states[1])
    if not (has_arguments or (made.is_fresh and made.probe and made.probe.agrees(states[1]))):
        refuse_as_compared(expected)
    made.fork.has_made(made.constructed_by, of_its_arguments=has_arguments)
    return states


def _known(value: Remote, state: Any) -> Any:
    return refuse_as_compared(value) if state is None or state is UNKNOWN else state


def _is_made_of_its_arguments(value: Remote, state: Any) -> bool:
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


def _is_alike_in_arguments(one: Remote, other: Remote, states: tuple[Any, Any]) -> bool:
    """Whether a result has all that the expected object was made of, under the same names.

    A class may compare less than all attributes: not an account's history, which is empty in a new
    one. Attributes that are empty, or of another type than all arguments, may differ.
    """
    _, made = sorted((one, other), key=lambda each: place_of(each).heard_of_at or 0)
    given = place_of(made).constructed_of
    if not given or not place_of(made).is_fresh:
        return False
    if not _is_made_of_its_arguments(made, states[1]):
        return False
    (kind, found), (kind_of_made, expected) = (state[0] for state in states)
    types = {type(each) for each in given} | ({float} if place_of(made).has_numbers else set())
    names = [name for name, part in expected.items() if holds(part, types)]
    return (
        kind is kind_of_made
        and bool(names)
        and all(name in found and are_alike(found[name], expected[name]) for name in names)
        and not any(holds_objects(expected[name]) for name in names)
    )


def checked(kind: type, answer: Any) -> Any:
    """An answer that Python wants to be of a kind."""
    if type(answer) is not kind:
        raise TypeError(f"an object of the student's notebook gives no {kind.__name__}")
    return answer


def rehash(containers: list[Any]) -> None:
    """Have objects that came as keys, or in sets, found by what their class says of their hash."""
    if not Comparable.was_hashed:
        return
    Comparable.was_hashed = False
    for each in containers:
        objects = list(filter(is_remote, each)) if type(each) in (dict, set) else []
        if 0 < len(objects) <= MOST_KEYS and all(map(_has_hash, objects)):
            with suppress(Exception):  # then each is found by itself only
                found: Any = each.items() if type(each) is dict else iter(each)
                content = type(each)(found)  # which asks for the hash of each one
                each.clear()
                each.update(content)  # which does not


def _has_hash(key: Remote) -> bool:
    """Whether a key has a hash that may be asked for."""
    place = place_of(key)
    if place.constructed_at is not None:
        return not place.is_two
    return "__hash__" in place.fork.methods_of(place.type_name) and state_of(key) is not None


def data_of(value: Remote, *methods: str) -> tuple[Any] | None:
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
        case (_, data) if not isinstance(data, Remote):
            return (data,)
    return None


def required_data(value: Any, *methods: str) -> Any:
    """The same, of an operand that can be data already; refuse to go on without."""
    if not isinstance(value, Remote):
        return value
    data = data_of(value, *methods)
    return refuse_as_compared(value) if data is None else data[0]


def _compared(compare: Callable[[Any, Any], Any], value: Remote, other: Any) -> Any:
    """What a comparison of data says, or of objects of the notebook's own classes."""
    method = f"__{compare.__name__}__"
    if isinstance(other, Remote):
        _require_to_be_one(value, other)
        if place_of(value).holds_itself or place_of(other).holds_itself:
            return is_believed(compare.__name__, value, other)
    data = data_of(value, method)
    if data is None and isinstance(other, Remote):
        return is_believed(compare.__name__, value, other)
    if data is None and (said := _is_said_of_data(compare.__name__, value, other)) is not None:
        return said
    own = refuse_as_compared(value) if data is None else data[0]
    return compare(own, required_data(other, method))


def _is_only_itself(value: Remote) -> bool:
    """Whether it is equal to no other object: its class has no comparison of its own."""
    return _is_definition(value) or ask(value, "is only itself", value) is True


def _is_definition(value: Remote) -> bool:
    return place_of(value).type_name in DEFINITIONS


def _is_of_a_module(value: object) -> bool:
    """Whether a value is a class or a function that the student's process can have, too."""
    return type(value) is type or (
        isinstance(value, FunctionType | BuiltinFunctionType) and value.__module__ != "__main__"
    )


def _is_none(value: Remote) -> bool:
    """No object is, which would have come as itself; but its class can fail to say so."""
    place = place_of(value)
    if "__eq__" not in (place.defines or place.fork.methods_of(place.type_name)):
        return False
    said = ask(value, "eq", value, None)
    return said is True and refuse_as_compared(value)


def _is_unlike_all_others(value: Remote, other: object) -> bool:
    """Whether neither of two has a comparison of its own, and they are in two processes."""
    if place_of(value).members and isinstance(other, str | int | float | bytes | tuple):
        return _is_only_itself(value)
    if _is_definition(value) and type(other).__module__ == "typing":  # as that of Any is
        return True
    return _is_of_own_class(other) and _is_only_itself(value)


def _is_of_own_class(value: object) -> bool:
    """Whether it is an instance of a class of the instructor's that has no comparison of its own.

    One that the student's code gives back comes as what it is here, so no remote object is one.
    """
    kind = type(value)
    return kind.__module__ == "__main__" and kind.__eq__ is object.__eq__


def is_known_here_as(value: Remote, known: Any) -> bool:
    """Whether a class or function is one that this process has, too.

    Which one it is, the other side has to know.
    """
    answer = ask(value, "module and name", value)
    return type(answer) is tuple and answer == (known.__module__, known.__qualname__)
