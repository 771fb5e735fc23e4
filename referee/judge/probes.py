"""Whether a class makes other objects of other arguments, where it does not keep them as they are.

A test compares a result with `Money(3.30)`, by their attributes. A class that makes the same of all
arguments would be equal to every result, so what is expected has to show what it was made of. Where
it does not, since it keeps 330 cents, say, the class is called in a process that ends then: with
the arguments of the test, with others like them, and with each of these lists but for one value. In
there, nothing says which ones are the test's: all values of one place are as likely. So an object
that is made of these as it was made there, while others differ from it, is what its class makes of
its arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import SystemRandom
from typing import Any

import numpy as np

from referee.judge.places import Remote, ask
from referee.judge.states import ROUNDED, are_alike, copied

LISTS = 24  # of arguments, with that of the test
ENOUGH = 6  # of these, of which the class makes something
MOST_VALUES = 12  # in one of them
MOST_ALIKE = 2  # lists that lead to the same as that of the test
MOSTLY = 0.75  # share of the lists that lead to different objects, and in which a value matters
MOST_PARTS = 1000  # of what is made of a list
APART = 3 * ROUNDED  # by which floats of two objects differ, for a third may not be equal to both
DAYS = 30  # within which other dates are

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Draw = Callable[[], Any]  # another value like one of the test's
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
    """Try what a class makes of arguments; None if not all that is in them can be changed."""
    given = args, kwargs
    draws = draws_for(given)
    if draws is None or not 0 < len(draws) <= MOST_VALUES:
        return None
    calls = []
    for each in other_lists(given, draws):
        calls += [each, *(with_another(each, *place) for place in enumerate(draws))]
    order = list(range(1, len(calls)))
    _random.shuffle(order)
    order.insert(_random.randrange(1, len(calls)), 0)  # not the first: a class could count
    made: list[Any] = [None] * len(calls)
    try:
        found = ask(class_, "probe", class_, [calls[place] for place in order])
        for place, attributes in zip(order, found, strict=True):
            made[place] = copied(attributes, MOST_PARTS)
        size = len(draws) + 1
        return probe_of([made[first : first + size] for first in range(0, len(made), size)])
    except Exception:  # of what cannot cross, or cannot be compared
        return Probe(None, tells_apart=False)


def probe_of(groups: list[list[Any]]) -> Probe:
    """What is known from the attributes of what was made; the first is of the test's arguments.

    Each group has those of a list of arguments, and of the same with another first, second, ...
    value.
    """
    attributes = groups[0][0]
    return Probe(attributes, attributes is not None and _tell_apart(groups))


def _tell_apart(groups: list[list[Any]]) -> bool:
    """Whether lists of arguments lead to different objects, and each of their values matters."""
    (wanted, *others), *_ = groups
    of_lists = [group for group in groups if group[0] is not None]
    different: list[Any] = []
    for made, *_ in of_lists:
        if not any(_same(made, each) for each in different):
            different.append(made)
    most = MOSTLY * len(of_lists)
    return (
        len(of_lists) >= ENOUGH
        and len(different) >= most
        and sum(_same(wanted, made) for made, *_ in of_lists[1:]) <= MOST_ALIKE
        and not any(_same(wanted, other) for other in others)
        and all(
            sum(not _same(group[0], group[place]) for group in of_lists) >= most
            for place in range(1, len(groups[0]))
        )
    )


def _same(one: Any, other: Any) -> bool:
    return one is not None and other is not None and are_alike(one, other, APART)


# ---- other values ----


def draws_for(arguments: Arguments) -> list[Draw] | None:
    """How to draw others for the values in arguments; None if there are parts with no others."""
    try:
        return [DRAWS[type(value)](value) for value in _values_in(arguments)]
    except KeyError:
        return None


def other_lists(given: Arguments, draws: list[Draw]) -> list[Arguments]:
    """These arguments, and others like them, no two of which are the same.

    Texts, zeros and the like are the same in half of them, for these a class could know.
    """
    values = _values_in(given)
    lists = {repr(values): given}
    for _ in range(10 * LISTS):
        drawn = [
            value if _stands_out(value) and len(values) > 1 and _random.random() < 0.5 else draw()
            for value, draw in zip(values, draws, strict=True)
        ]
        other = _with_values(given, drawn)
        if len(lists) < LISTS and _has_as_many(other, values):
            lists.setdefault(repr(drawn), other)
    return list(lists.values())


def _stands_out(value: Any) -> bool:
    return isinstance(value, str | bool) or not value


def with_another(arguments: Arguments, place: int, draw: Draw) -> Arguments:
    """Arguments with another value in one place."""
    values = _values_in(arguments)
    for _ in range(20):
        drawn = [*values[:place], draw(), *values[place + 1 :]]
        other = _with_values(arguments, drawn)
        if drawn[place] != values[place] and _has_as_many(other, values):
            return other
    return arguments


def _has_as_many(arguments: Arguments, values: list[Any]) -> bool:
    """Whether no two keys of a dictionary have become one."""
    return len(_values_in(arguments)) == len(values)


def _values_in(arguments: Arguments) -> list[Any]:
    values: list[Any] = []

    def found(_: int, value: Any) -> Any:
        values.append(value)
        return value

    _Changed(found).of_arguments(arguments)
    return values


def _with_values(arguments: Arguments, values: list[Any]) -> Arguments:
    return _Changed(lambda place, _: values[place]).of_arguments(arguments)


class _Changed:
    """Copies arguments, with what `change` makes of the values in them, by their places."""

    def __init__(self, change: Callable[[int, Any], Any]) -> None:
        self._change = change
        self._values = 0  # so far

    def of_arguments(self, arguments: Arguments) -> Arguments:
        """A copy of arguments, whose names stay."""
        args, kwargs = arguments
        return tuple(map(self.of, args)), {name: self.of(each) for name, each in kwargs.items()}

    def of(self, value: Any) -> Any:
        """A copy of a value."""
        kind = type(value)
        if kind is dict:
            return {self.of(key): self.of(part) for key, part in value.items()}
        if kind is range:
            return [self.of(part) for part in value[: MOST_VALUES + 1]]
        if kind in (list, tuple):
            return kind(map(self.of, value))
        if kind is np.ndarray and value.dtype.kind in "iuf" and value.size <= MOST_VALUES:
            parts = [self.of(part) for part in value.ravel().tolist()]
            return np.array(parts, value.dtype).reshape(value.shape)
        self._values += 1
        return self._change(self._values - 1, value)


def _window(value: float, half: float, least: float) -> tuple[float, float]:
    """A range in which a value can be anywhere, so that nothing in it is more likely to be it."""
    first = value - 2 * half * _random.random()
    if value >= least:
        first = max(first, least)
    return first, first + 2 * half


def _ints(value: int) -> Draw:
    sign = -1 if value < 0 else 1
    first, last = _window(abs(value), max(6, abs(value) // 6), min(1, abs(value)))
    return lambda: sign * _random.randint(int(first), int(last))


def _floats(value: float) -> Draw:
    if not abs(value) < 2**53:  # nan, too
        return _random.random
    sign, digits = -1 if value < 0 else 1, _decimals(repr(value))
    first, last = (0.0, 1.0) if 0 < abs(value) < 1 else _window(abs(value), abs(value) / 2 + 1, 0.0)
    return lambda: round(sign * _random.uniform(first, last), digits)


def _decimals(text: str) -> int:
    """How many a number is written with, at least one."""
    _, _, decimals = text.partition(".")
    return max(1, len(decimals)) if decimals.isdigit() else 6


def _other_letter(letter: str) -> str:
    for letters in ("123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if letter in letters:
            return _random.choice(letters)
    return letter


def _texts(value: str) -> Draw:
    """Texts with other digits in the places of digits, and letters in those of letters."""
    return lambda: "".join(map(_other_letter, value))


def _decimal_numbers(value: Decimal) -> Draw:
    return lambda: Decimal(_texts(str(value))())


def _fractions(value: Fraction) -> Draw:
    numerators, denominators = _ints(value.numerator), _ints(value.denominator)
    return lambda: Fraction(numerators(), denominators())


def _dates(value: date) -> Draw:
    first = value - timedelta(days=_random.randint(0, DAYS))
    return lambda: first + timedelta(days=_random.randint(0, DAYS))


def _times(value: timedelta) -> Draw:
    seconds = _ints(int(value.total_seconds()))
    return lambda: timedelta(seconds=seconds())


DRAWS: dict[type, Callable[[Any], Draw]] = {
    bool: lambda value: lambda: not value,
    int: _ints,
    float: _floats,
    str: _texts,
    Decimal: _decimal_numbers,
    Fraction: _fractions,
    date: _dates,
    datetime: _dates,
    timedelta: _times,
}
