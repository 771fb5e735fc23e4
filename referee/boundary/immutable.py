"""Values of Python's library that cross as themselves: each kind by its fields, checked.

A subclass can say anything of itself, so only instances of exactly these classes do.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

from referee.boundary.frame import BoundaryError

MAX_EXPONENT = 1000  # of a Decimal: int() of a larger one takes long
DECIMAL = re.compile(r"-?(Infinity|s?NaN\d{0,100}|\d{1,5000}(\.\d{0,5000})?(E[+-]?\d{1,4})?)")
MAX_RANGE = 2**20  # numbers: nothing can end a search through more
PLAIN = (type(None), bool, int, float, str)


@dataclass(frozen=True)
class Kind:
    """A class of values.

    `fields` gives what a value is made of, as None, numbers and text, or None if it cannot cross;
    `make` makes a value of fields, or raises an exception.
    """

    type: type
    fields: Callable[[Any], list[Any] | None]
    make: Callable[..., Any]


def _offset_of(value: datetime | time) -> tuple[bool, float | None]:
    """Whether it has no time zone, or a fixed one; and the seconds of that."""
    zone = value.tzinfo
    if type(zone) is timezone:
        return True, zone.utcoffset(None).total_seconds()
    return zone is None, None


def _clock(value: Any) -> list[Any] | None:
    known, offset = _offset_of(value)
    return [value.replace(tzinfo=None).isoformat(), value.fold, offset] if known else None


def _made_clock(kind: type[datetime] | type[time], text: str, fold: int, offset: Any) -> Any:
    zone = None if offset is None else timezone(timedelta(seconds=offset))
    return kind.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def _decimal(value: Decimal) -> list[Any] | None:
    text = str(value)
    exponent = value.adjusted() if value.is_finite() else 0
    return [text] if DECIMAL.fullmatch(text) and abs(exponent) <= MAX_EXPONENT else None


def _made_decimal(text: str) -> Decimal:
    made = Decimal(text) if DECIMAL.fullmatch(text) else None
    if made is None or (made.is_finite() and abs(made.adjusted()) > MAX_EXPONENT):
        raise ValueError(text)
    return made


def _made_whole(kind: type) -> Callable[..., Any]:
    """Make a value of whole numbers only."""

    def make(*fields: Any) -> Any:
        if any(type(field) is not int for field in fields):
            raise TypeError("a field that is no whole number")
        return kind(*fields)

    return make


def _slice(value: slice) -> list[Any] | None:
    fields = [value.start, value.stop, value.step]
    return fields if all(type(field) in PLAIN for field in fields) else None


def _range(value: range) -> list[Any] | None:
    fields = [value.start, value.stop, value.step]
    short = all(abs(field) < 2**40 for field in fields) and len(value) <= MAX_RANGE
    return fields if short else None


def _made_range(*fields: Any) -> range:
    made: range = _made_whole(range)(*fields)
    if _range(made) is None:
        raise ValueError(fields)
    return made


KINDS = {
    "slice": Kind(slice, _slice, slice),
    "range": Kind(range, _range, _made_range),
    "Fraction": Kind(Fraction, lambda v: [v.numerator, v.denominator], _made_whole(Fraction)),
    "Decimal": Kind(Decimal, _decimal, _made_decimal),
    "date": Kind(date, lambda v: [v.year, v.month, v.day], _made_whole(date)),
    "time": Kind(time, _clock, lambda *fields: _made_clock(time, *fields)),
    "datetime": Kind(datetime, _clock, lambda *fields: _made_clock(datetime, *fields)),
    "timedelta": Kind(
        timedelta, lambda v: [v.days, v.seconds, v.microseconds], _made_whole(timedelta)
    ),
}
NAMES = {kind.type: name for name, kind in KINDS.items()}


def fields_of(value: Any) -> tuple[str, list[Any]] | None:
    """The kind of a value and its fields; None if it does not cross as itself."""
    name = NAMES.get(type(value))
    fields = None if name is None else KINDS[name].fields(value)
    return None if name is None or fields is None else (name, fields)


def made_of(name: Any, fields: list[Any]) -> Any:
    """The value of a kind that these fields make.

    Raises:
        BoundaryError: there is no such kind, or no such value.

    """
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None or len(fields) > 3 or any(type(field) not in PLAIN for field in fields):
        raise BoundaryError("not a frame: a value of no known kind")
    try:
        return kind.make(*fields)
    except Exception:
        raise BoundaryError(f"not a frame: no {name}") from None
