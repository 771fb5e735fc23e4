"""The attributes of objects that stay in a student's kernel, read as data and compared.

An object's state is the classes and attributes of it and of all in it, as its process has listed
them: `("value", 3)`, `("list", [...])`, `("object", 1)` for the second one of the list.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from copy import deepcopy
from math import isclose
from typing import Any

import numpy as np

from referee.judge.places import Place, Remote, ask, place_of

FLOATS = (float, np.floating)
REALS = (int, np.integer, *FLOATS)
ROUNDED = 1e-6  # share of their size by which floats may differ that a class takes for equal
ATOMS = (bool, int, float, complex, str, bytes)
UNKNOWN = "unknown"  # what an object's attributes are that could not be read


def remember_states(values: list[Remote]) -> None:
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


def _states_at_once(values: list[Remote]) -> list[Any]:
    """The attributes of each of some objects."""
    if len(values) > 1:
        with suppress(Exception):  # what is in one of them cannot cross
            match ask(values[0], "states", values):
                case list(states) if len(states) == len(values):
                    return [_checked_state(state) for state in states]
    return [state_of(value) for value in values]


def state_of(value: Remote) -> Any:
    """The attributes of an object, and of those in them, as data; None, if they are none."""
    with suppress(Exception):  # what is in it cannot cross
        return _checked_state(ask(value, "state", value))
    return None


def _checked_state(found: Any) -> Any:
    match found:
        case list(state) if state and all(map(_is_class_with_attributes, state)):
            return copied(state)
    return None


def copied(part: Any, most: int | None = None) -> Any:
    """A copy that nothing changes any more: what the student's process tells, it can share.

    Containers of its classes are plain ones. None, if there are more than so many parts.
    """
    try:
        return _Copies(most).of(part)
    except OverflowError:
        return None


class _Copies:
    """Copies of parts, each made once."""

    def __init__(self, most: int | None) -> None:
        self._left = most
        self._known: dict[int, tuple[Any, Any]] = {}  # by id, with the part itself

    def of(self, part: Any) -> Any:
        """The copy of a part."""
        if self._left is not None:
            self._left -= part.size if isinstance(part, np.ndarray) else 1
            if self._left < 0:
                raise OverflowError
        if part is None or isinstance(part, Remote) or type(part) in ATOMS:
            return part
        if id(part) not in self._known:
            self._known[id(part)] = part, self._copied(part)
        return self._known[id(part)][1]

    def _copied(self, part: Any) -> Any:
        if isinstance(part, dict):
            return {self.of(key): self.of(each) for key, each in dict.items(part)}
        kind: Any
        for kind in (list, tuple, set, frozenset):
            if isinstance(part, kind):
                return kind(map(self.of, kind.__iter__(part)))
        return np.array(part) if isinstance(part, np.ndarray) else deepcopy(part)


def _is_class_with_attributes(part: Any) -> bool:
    match part:
        case (Remote(), dict(attributes)):
            return all(map(_is_tagged, attributes.values()))
    return False


def _is_tagged(part: Any) -> bool:
    match part:
        case (str("object"), int()) | (str("value"), _):
            return True
        case (str("list" | "tuple"), list(parts)):
            return all(map(_is_tagged, parts))
        case (str("dict"), dict(parts)):
            return all(map(_is_tagged, parts.values()))
    return False


def has_attributes(state: Any) -> bool:
    """Whether a state says anything of its objects."""
    return any(attributes for _, attributes in state)


def are_alike(one: Any, other: Any, within: float = 0.0) -> bool:
    """Whether the attributes of two objects are equal, as the student's process has listed them.

    Floats may differ by a share of their size.
    """
    are_reals = isinstance(one, REALS) and isinstance(other, REALS)
    if are_reals and (isinstance(one, FLOATS) or isinstance(other, FLOATS)):
        with suppress(OverflowError):
            return bool(one == other) or isclose(one, other, rel_tol=within, abs_tol=within)
    if type(one) is not type(other):
        return is_number(one) and is_number(other) and bool(one == other)
    match one:
        case list() | tuple():
            parts = zip(one, other, strict=False)
            return len(one) == len(other) and all(are_alike(*pair, within) for pair in parts)
        case dict():
            pairs = ((one[key], other[key]) for key in one if key in other)
            return one.keys() == other.keys() and all(are_alike(*pair, within) for pair in pairs)
        case Remote():
            return one is other
        case np.ndarray():
            if one.dtype.kind == other.dtype.kind == "f" and one.shape == other.shape:
                return np.allclose(one, other, rtol=within, atol=within)
            return np.array_equal(one, other)
    return bool(np.all(one == other))


def is_number(value: Any) -> bool:
    """Whether a value is a number of Python's or NumPy's."""
    return isinstance(value, int | float | complex | np.generic)


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
        case (str("object"), int()):
            return
        case (str("value" | "list" | "tuple" | "dict"), content):
            inner: Iterable[Any] = [content]
        case np.ndarray():
            inner = part.ravel().tolist()
        case dict():
            inner = [*(part.keys() if keys else ()), *part.values()]
        case list() | tuple() | set() | frozenset() | range():
            inner = part
        case Remote():
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


def holds(part: Any, types: set[type]) -> bool:
    """Whether an attribute has a value of one of these types, or 0 where numbers were given."""
    values = values_in([part])
    if values is None or (float in types and isinstance(part, tuple) and is_number(part[-1])):
        return True
    return any(type(each) in types for each in values)


def holds_objects(part: Any) -> bool:
    """Whether an attribute has another object in it."""
    match part:
        case (str("object"), _):
            return True
        case (str("list" | "tuple"), list(parts)):
            return any(map(holds_objects, parts))
        case (str("dict"), dict(parts)):
            return any(map(holds_objects, parts.values()))
    return False


def sizes_in(values: Iterable[Any]) -> Iterator[float]:
    """How many items there are in containers, and in those in them."""
    for value in values:
        if isinstance(value, np.ndarray):
            yield from map(float, (*value.shape, value.size))
        elif isinstance(value, list | tuple | set | frozenset | dict | str):
            yield float(len(value))
            if not isinstance(value, str):
                yield from sizes_in(value)


def has_numbers_in(value: Any) -> bool:
    """Whether a value is a number, or a container of some."""
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(has_numbers_in, value))
    if isinstance(value, dict):
        return any(map(has_numbers_in, value.values()))
    return isinstance(value, np.ndarray) or is_number(value)
