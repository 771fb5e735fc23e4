"""Whether a class makes other objects of other arguments, where it does not keep them as they are.

A test compares a result with `Money(3.30)`, by their attributes. A class that makes the same of all
arguments would be equal to every result, so what is expected has to show what it was made of. Where
it does not, since it keeps 330 cents, say, the class is called in a process that ends then: with
the arguments of the test, with others like them, and with each of these lists but for one value. In
there, nothing says which ones are the test's. So an object that is made of these as it was made
there, while those of others differ, is what its class makes of its arguments.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import SystemRandom
from typing import Any

import numpy as np

from referee.judge.places import Remote, ask
from referee.judge.states import are_alike

LISTS = 12  # of arguments, with that of the test
MOST_VALUES = 12  # in one of them
ENOUGH = 0.75  # share of the lists in which a value makes a difference
WITHIN = 100  # of an integer that is larger, others are as near

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
_random = SystemRandom()


@dataclass(frozen=True)
class Probe:
    """The attributes of what a class makes of a test's arguments, and whether others differ."""

    attributes: Any
    tells_apart: bool

    def agrees(self, state: Any) -> bool:
        """Whether an object with this state is what its class makes of its arguments."""
        return self.tells_apart and are_alike([named for _, named in state], self.attributes)


def probe(class_: Remote, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Probe | None:
    """Try what a class makes of arguments; None if there is nothing to be changed in them."""
    values = _number_of_values((args, kwargs))
    if not 0 < values <= MOST_VALUES:
        return None
    lists: list[Arguments] = [(args, kwargs)]
    lists += [other_arguments((args, kwargs)) for _ in range(LISTS - 1)]
    calls = [
        other_arguments(each, only) if only is not None else each
        for each in lists
        for only in (None, *range(values))
    ]
    order = list(range(len(calls)))
    _random.shuffle(order)
    made: list[Any] = [None] * len(calls)
    with suppress(Exception):  # arguments or attributes that cannot cross
        found = ask(class_, "probe", class_, [calls[place] for place in order])
        for place, attributes in zip(order, found, strict=True):
            made[place] = attributes
    return probe_of([made[first : first + values + 1] for first in range(0, len(made), values + 1)])


def probe_of(groups: list[list[Any]]) -> Probe:
    """What is known from the attributes of what was made; the first is of the test's arguments.

    Each group has those of a list of arguments, and of the same with another first, second, ...
    value.
    """
    attributes = groups[0][0]
    return Probe(attributes, attributes is not None and _tell_apart(groups))


def _tell_apart(groups: list[list[Any]]) -> bool:
    """Whether lists of arguments lead to different objects, and each of their values matters."""
    of_lists = [group for group in groups if group[0] is not None]
    different: list[Any] = []
    for made, *_ in of_lists:
        if not any(are_alike(made, each) for each in different):
            different.append(made)
    if len(different) < LISTS / 2:
        return False
    for place in range(1, len(groups[0])):
        matters = sum(not are_alike(group[0], group[place]) for group in of_lists)
        if matters < ENOUGH * len(of_lists):
            return False
    return True


# ---- other values ----


def _number_of_values(value: Any) -> int:
    """How many values in arguments can be changed."""
    counted = _Changed(lambda _: False)
    counted.of(value)
    return counted.values


def other_arguments(arguments: Arguments, only: int | None = None) -> Arguments:
    """Arguments with other values, or with another one in one place, of the same types."""
    changed: Arguments = _Changed(lambda place: only in (None, place)).of(arguments)
    return changed


class _Changed:
    """Copies values, and has others in the places that `changes` names."""

    def __init__(self, changes: Callable[[int], bool]) -> None:
        self.changes = changes
        self.values = 0  # so far

    def of(self, value: Any) -> Any:
        """A copy of a value."""
        kind = type(value)
        if kind in OTHERS:
            self.values += 1
            return _other(value) if self.changes(self.values - 1) else value
        if kind is dict:
            return {key: self.of(part) for key, part in value.items()}
        if kind in (list, tuple, set, frozenset):
            return kind(map(self.of, value))
        if kind is np.ndarray and value.dtype.kind in "iuf" and value.size <= MOST_VALUES:
            parts = [self.of(part) for part in value.ravel().tolist()]
            return np.array(parts, value.dtype).reshape(value.shape)
        return value


def _other(value: Any) -> Any:
    """Another value of the same kind and of about the same size."""
    for _ in range(20):
        other = OTHERS[type(value)](value)
        if other != value:
            return other
    return value


def _other_int(value: int) -> int:
    if abs(value) > WITHIN:
        return value + _random.randint(-WITHIN, WITHIN)
    return (-1 if value < 0 else 1) * _random.randint(min(1, abs(value)), 2 * abs(value) + 10)


def _other_float(value: float) -> float:
    if not abs(value) < 2**53:  # nan, too
        return _random.random()
    if 0 < abs(value) < 1:
        other = _random.random()
    else:
        other = abs(value) * _random.uniform(0.3, 2) + _random.uniform(0, 3)
    return round(other if value >= 0 else -other, _decimals(repr(value)))


def _other_decimal(value: Decimal) -> Decimal:
    return Decimal(_other_text(str(value)))


def _other_fraction(value: Fraction) -> Fraction:
    return Fraction(_other_int(value.numerator), _other_int(value.denominator))


def _other_date(value: date) -> date:
    return value + timedelta(days=_random.randint(-WITHIN, WITHIN))


def _other_timedelta(value: timedelta) -> timedelta:
    return value * _random.uniform(0.3, 2)


def _other_text(value: str) -> str:
    """A text with other digits in the places of digits, and letters in those of letters."""
    return "".join(map(_other_letter, value))


def _other_letter(letter: str) -> str:
    for letters in ("123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if letter in letters:
            return _random.choice(letters)
    return letter


def _decimals(text: str) -> int:
    """How many a number is written with, at least one."""
    _, _, decimals = text.partition(".")
    return max(1, len(decimals)) if decimals.isdigit() else 6


OTHERS: dict[type, Callable[[Any], Any]] = {
    int: _other_int,
    float: _other_float,
    str: _other_text,
    Decimal: _other_decimal,
    Fraction: _other_fraction,
    date: _other_date,
    datetime: _other_date,
    timedelta: _other_timedelta,
}
