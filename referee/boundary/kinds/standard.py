"""Values of Python's library: numbers, dates and times, ranges and bytes."""

import re
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePath
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from referee.boundary.files import is_of_tests
from referee.boundary.kinds.kind import ValueKind, array, length_of_range, text, whole
from referee.boundary.kinds.zones import has_zone, made_zone, zone_of

MAX_EXPONENT = 1000  # of a Decimal: int() of a larger one takes long
DECIMAL = re.compile(r"-?(Infinity|s?NaN\d{0,100}|\d{1,5000}(\.\d{0,5000})?(E[+-]?\d{1,4})?)")
MAX_PATH = 4096  # characters of a path
MAX_RANGE = 2**20  # numbers: nothing can end a search through more
PLAIN = (type(None), bool, int, float, str)
MAX_TEXTUAL = 200  # characters of an address
OF_ADDRESSES = ("Address", "Network", "Interface")
NUMBERS_OF_ARRAYS = set("bBhHiIlLqQfd")


class FractionKind(ValueKind):
    """A fraction of two whole numbers."""

    path = "fractions.Fraction"

    def parts(self, value: Fraction) -> list[Any]:
        """Numerator and denominator."""
        return [value.numerator, value.denominator]

    def make(self, *parts: Any) -> Fraction:
        """Reduce it."""
        whole(*parts)
        return Fraction(*parts)


class DecimalKind(ValueKind):
    """A decimal number, as text."""

    path = "decimal.Decimal"

    def parts(self, value: Decimal) -> list[Any] | None:
        """Its text, if it is no number that takes long to compute with."""
        written = str(value)
        return [written] if DECIMAL.fullmatch(written) and self._is_small(value) else None

    def make(self, *parts: Any) -> Decimal:
        """Read it, whatever the context's precision."""
        (written,) = parts
        if not DECIMAL.fullmatch(text(written)) or not self._is_small(made := Decimal(written)):
            raise ValueError
        return made

    def _is_small(self, value: Decimal) -> bool:
        return not value.is_finite() or abs(value.adjusted()) <= MAX_EXPONENT


class SliceKind(ValueKind):
    """A slice, of numbers or text."""

    path = "builtins.slice"

    def parts(self, value: slice) -> list[Any] | None:
        """Start, stop and step."""
        parts = [value.start, value.stop, value.step]
        return parts if all(type(part) in PLAIN for part in parts) else None

    def make(self, *parts: Any) -> slice:
        """Of None, numbers and text only."""
        if any(type(part) not in PLAIN for part in parts):
            raise TypeError
        return slice(*parts)


class RangeKind(ValueKind):
    """A range that can be searched in a moment."""

    path = "builtins.range"

    def parts(self, value: range) -> list[Any] | None:
        """Start, stop and step."""
        parts = [value.start, value.stop, value.step]
        small = all(abs(part) < 2**40 for part in parts)
        return parts if small and len(value) <= MAX_RANGE else None

    def make(self, *parts: Any) -> range:
        """If it is short."""
        if length_of_range(*parts) > MAX_RANGE:
            raise ValueError
        return range(*parts)


class DateKind(ValueKind):
    """A day."""

    path = "datetime.date"

    def parts(self, value: date) -> list[Any]:
        """Year, month and day."""
        return [value.year, value.month, value.day]

    def make(self, *parts: Any) -> date:
        """If there is such a day."""
        whole(*parts)
        return date(*parts)


class TimedeltaKind(ValueKind):
    """A span of time."""

    path = "datetime.timedelta"

    def parts(self, value: timedelta) -> list[Any]:
        """Days, seconds and microseconds."""
        return [value.days, value.seconds, value.microseconds]

    def make(self, *parts: Any) -> timedelta:
        """If it is not too long."""
        whole(*parts)
        return timedelta(*parts)


class ClockKind(ValueKind):
    """A time of day, or a day and a time; with a time zone, if that is known."""

    def __init__(self, class_: type[datetime] | type[time]) -> None:
        self.path = f"datetime.{class_.__name__}"
        self.class_ = class_

    def parts(self, value: Any) -> list[Any] | None:
        """Text without a zone, which of two such times it is, and the zone."""
        if not has_zone(value.tzinfo):
            return None
        return [value.replace(tzinfo=None).isoformat(), value.fold, zone_of(value.tzinfo)]

    def make(self, *parts: Any) -> Any:
        """If there is such a time."""
        written, fold, zone = parts
        whole(fold)
        made = self.class_.fromisoformat(text(written))
        return made.replace(tzinfo=made_zone(zone), fold=fold)


class TimezoneKind(ValueKind):
    """An offset from UTC, which can have a name."""

    path = "datetime.timezone"

    def parts(self, value: timezone) -> list[Any]:
        """Days, seconds and microseconds, and the name, None if it has none of its own."""
        offset = value.utcoffset(None)
        plain = timezone(offset)
        name = None if value.tzname(None) == plain.tzname(None) else value.tzname(None)
        return [offset.days, offset.seconds, offset.microseconds, name]

    def make(self, *parts: Any) -> timezone:
        """If it is less than a day."""
        *offset, name = parts
        whole(*offset)
        return timezone(timedelta(*offset), *([] if name is None else [text(name)]))


class ZoneInfoKind(ValueKind):
    """A time zone of the system's database."""

    path = "zoneinfo.ZoneInfo"

    def parts(self, value: ZoneInfo) -> list[Any] | None:
        """Its name."""
        return [zone_of(value)] if has_zone(value) else None

    def make(self, *parts: Any) -> Any:
        """If it is there."""
        (name,) = parts
        return made_zone(text(name))


class TextualKind(ValueKind):
    """What is made of its own text, and never changes: a UUID, an address of the internet."""

    def __init__(self, path: str) -> None:
        self.path = path

    def parts(self, value: Any) -> list[Any]:
        """The text."""
        return [str(value)]

    def make(self, *parts: Any) -> Any:
        """If it is such a text."""
        (written,) = parts
        if len(text(written)) > MAX_TEXTUAL:
            raise ValueError
        return self.found_class()(written)


class OnlyOneKind(ValueKind):
    """What there is one of in each process: `...` and `NotImplemented`."""

    def __init__(self, value: Any) -> None:
        self.path = f"types.{type(value).__name__}"
        self.value = value

    def parts(self, value: Any) -> list[Any]:
        """There is nothing to say of it."""
        return []

    def make(self, *parts: Any) -> Any:
        """The one that there is."""
        () = parts
        return self.value

    def found_class(self) -> Any:
        """The class, which is called otherwise in its module."""
        return type(self.value)


class PathKind(ValueKind):
    """A path, which is its text; of `Path`, a relative one, or one of a test's temporary files.

    Another absolute `Path` is one of the process that it is in: a file is elsewhere in the other.
    """

    def __init__(self, name: str) -> None:
        self.path = f"pathlib.{name}"

    def parts(self, value: PurePath) -> list[Any] | None:
        """Its text."""
        written = str(value)
        return None if self._stays(value) or len(written) > MAX_PATH else [written]

    def make(self, *parts: Any) -> PurePath:
        """If it is short, and does not stay."""
        (written,) = parts
        if len(text(written)) > MAX_PATH:
            raise ValueError
        made: PurePath = self.found_class()(written)
        if self._stays(made):
            raise ValueError
        return made

    @staticmethod
    def _stays(value: PurePath) -> bool:
        is_absolute = isinstance(value, PosixPath) and value.is_absolute()
        return is_absolute and not is_of_tests(str(value))


class BytearrayKind(ValueKind):
    """Bytes that can be changed."""

    path = "builtins.bytearray"

    def parts(self, value: bytearray) -> list[Any]:
        """A copy of the bytes."""
        return [np.frombuffer(bytes(value), np.uint8)]

    def make(self, *parts: Any) -> bytearray:
        """From an array of bytes."""
        return bytearray(bytes_of(*parts))

    def update(self, value: bytearray, now: bytearray) -> None:
        """Take over all bytes."""
        value[:] = now


class ArrayKind(ValueKind):
    """An array of Python's library, of numbers of one type."""

    path = "array.array"

    def parts(self, value: Any) -> list[Any] | None:
        """The type's letter, and the bytes; of numbers only."""
        if value.typecode not in NUMBERS_OF_ARRAYS:
            return None
        return [value.typecode, np.frombuffer(value.tobytes(), np.uint8)]

    def make(self, *parts: Any) -> Any:
        """If the bytes are those of whole numbers of this type."""
        typecode, content = parts
        if text(typecode) not in NUMBERS_OF_ARRAYS:
            raise ValueError
        return self.found_class()(typecode, bytes_of(content))

    def update(self, value: Any, now: Any) -> None:
        """Take over all numbers."""
        value[:] = now


class MemoryviewKind(ValueKind):
    """A view of bytes, which is one of a copy on the other side."""

    path = "builtins.memoryview"

    def parts(self, value: memoryview) -> list[Any] | None:
        """The bytes, of a view that only shows bytes: those of a picture have three dimensions."""
        if value.format != "B" or not value.ndim or (value.ndim > 1 and not value.nbytes):
            return None
        return [np.frombuffer(value.tobytes(), np.uint8), value.readonly, list(value.shape or ())]

    def make(self, *parts: Any) -> memoryview:
        """From an array of bytes."""
        content, read_only, shape = parts
        whole(*shape)
        made = memoryview(bytes_of(content) if read_only else bytearray(bytes_of(content)))
        return made if len(shape) == 1 else made.cast("B", shape)


def bytes_of(content: Any) -> bytes:
    """The bytes in an array of one dimension.

    Raises:
        TypeError: it is no such array.

    """
    if array(content, "u").dtype != np.uint8:
        raise TypeError
    found: bytes = content.tobytes()
    return found


KINDS = [
    FractionKind(),
    DecimalKind(),
    SliceKind(),
    RangeKind(),
    DateKind(),
    TimedeltaKind(),
    ClockKind(datetime),
    ClockKind(time),
    TimezoneKind(),
    ZoneInfoKind(),
    *(TextualKind(f"ipaddress.IPv{v}{what}") for v in (4, 6) for what in OF_ADDRESSES),
    TextualKind("uuid.UUID"),
    OnlyOneKind(...),
    OnlyOneKind(NotImplemented),
    ArrayKind(),
    PathKind("PosixPath"),
    PathKind("PurePosixPath"),
    PathKind("PureWindowsPath"),
    BytearrayKind(),
    MemoryviewKind(),
]
