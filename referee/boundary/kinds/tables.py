"""Values of pandas: tables, series, their indexes, and points and spans of time."""

from typing import Any

import numpy as np

from referee.boundary.kinds.columns import (
    FREQUENCY,
    MAX_STEPS,
    TICKS,
    UNITS,
    column_of,
    made_column,
    pandas,
    require_index,
)
from referee.boundary.kinds.kind import ValueKind, array, length_of_range, text, values, whole
from referee.boundary.kinds.standard import MAX_RANGE
from referee.boundary.kinds.zones import made_zone, zone_of

MAX_LEVELS = 64
WITH_FREQUENCY = ("pandas.DatetimeIndex", "pandas.TimedeltaIndex")  # beside their values


class DataFrameKind(ValueKind):
    """A table: its rows' index, its columns' index, and its columns one by one."""

    path = "pandas.DataFrame"

    def parts(self, value: Any) -> list[Any] | None:
        """Rows, columns' names, columns, and attributes."""
        columns = [column_of(column) for _, column in value.items()]
        if None in columns or not _is_usual(value):
            return None
        if not columns and len(value) > MAX_RANGE:  # which could be stored nowhere
            return None
        return [_labels(value.index), _labels(value.columns), columns, _pairs(value.attrs)]

    def make(self, *parts: Any) -> Any:
        """If all columns are as long as there are rows."""
        rows, names, columns, attributes = parts
        arrays = [made_column(column) for column in columns]
        index = _made_labels(rows, [len(column) for column in arrays])
        labels = _made_labels(names, [len(arrays)])
        made = pandas().DataFrame(dict(enumerate(arrays)), index=index, copy=False)
        made.columns = labels
        made.attrs = _dict(attributes)
        return made

    def update(self, value: Any, now: Any) -> None:
        """Become like another one, as pandas' own methods with `inplace` do it."""
        pandas().DataFrame.__init__(value, now)


class SeriesKind(ValueKind):
    """A column with a name and an index."""

    path = "pandas.Series"

    def parts(self, value: Any) -> list[Any] | None:
        """Index, name, values, and attributes."""
        column = column_of(value)
        if column is None or not _is_usual(value):
            return None
        return [_labels(value.index), (value.name,), column, _pairs(value.attrs)]

    def make(self, *parts: Any) -> Any:
        """If there are as many values as there are labels."""
        labels, name, column, attributes = parts
        made = made_column(column)
        index = _made_labels(labels, [len(made)])
        series = pandas().Series(made, index=index, dtype=made.dtype, name=_name(name), copy=False)
        series.attrs = _dict(attributes)
        return series

    def update(self, value: Any, now: Any) -> None:
        """Become like another one."""
        pandas().Series.__init__(value, now)


class RangeIndexKind(ValueKind):
    """An index of whole numbers that are not stored: a short one, where it stands alone."""

    path = "pandas.RangeIndex"

    def parts(self, value: Any) -> list[Any] | None:
        """Start, stop, step and name."""
        return _labels(value) if len(value) <= MAX_RANGE else None

    def make(self, *parts: Any) -> Any:
        """If it is short."""
        return _made_labels(list(parts), [])


class IndexKind(ValueKind):
    """An index of stored values, of the class that their type has."""

    def __init__(self, name: str) -> None:
        self.path = f"pandas.{name}"

    def parts(self, value: Any) -> list[Any] | None:
        """Name, frequency and values."""
        column = column_of(value)
        frequency = value.freq if self.path in WITH_FREQUENCY else None
        if frequency is None:
            return None if column is None else [(value.name,), None, column]
        written = frequency.freqstr
        known = _is_known(written, len(value)) and _frequency(written) == frequency
        return [(value.name,), written, column] if known else None

    def make(self, *parts: Any) -> Any:
        """Without guessing a type; a frequency has to be that of the values."""
        name, frequency, column = parts
        made = made_column(column)
        if made.ndim != 1:
            raise ValueError
        index = pandas().Index(made, dtype=made.dtype, name=_name(name), copy=False)
        if frequency is None:
            return index
        if not _is_known(frequency, len(index)):
            raise ValueError
        return type(index)(index, freq=_frequency(frequency), name=index.name)


class MultiIndexKind(ValueKind):
    """An index of several levels."""

    path = "pandas.MultiIndex"

    def parts(self, value: Any) -> list[Any] | None:
        """Each level's values, each level's codes, and names."""
        if len(value.levels) > MAX_LEVELS:
            return None
        codes = [np.asarray(each) for each in value.codes]
        return [list(value.levels), codes, tuple(value.names)]

    def make(self, *parts: Any) -> Any:
        """If all codes are those of values."""
        levels, codes, names = parts
        if type(levels) is not list or not 0 < len(levels) <= MAX_LEVELS:
            raise TypeError
        for level, places in zip(levels, codes, strict=True):
            require_index(level)
            array(places, "i")
        return pandas().MultiIndex(levels=levels, codes=codes, names=list(values(names)))


class TimestampKind(ValueKind):
    """A point of time."""

    path = "pandas.Timestamp"

    def parts(self, value: Any) -> list[Any]:
        """A number of units since 1970, in UTC; the unit; and the time zone."""
        point = value.to_datetime64() if value.tz is None else value.tz_convert(None).asm8
        unit, _ = np.datetime_data(point.dtype)
        return [int(point.astype("i8")), unit, zone_of(value.tz)]

    def make(self, *parts: Any) -> Any:
        """If there is such a point."""
        number, unit, zone = parts
        whole(number)
        point = np.array(number, np.int64).astype(f"M8[{_unit(unit)}]")
        made = pandas().Timestamp(point[()])
        return made if zone is None else made.tz_localize("UTC").tz_convert(made_zone(zone))


class TimedeltaKind(ValueKind):
    """A span of time."""

    path = "pandas.Timedelta"

    def parts(self, value: Any) -> list[Any]:
        """A number of units, and the unit."""
        span = value.asm8
        return [int(span.astype("i8")), np.datetime_data(span.dtype)[0]]

    def make(self, *parts: Any) -> Any:
        """If it is not too long."""
        number, unit = parts
        whole(number)
        span = np.array(number, np.int64).astype(f"m8[{_unit(unit)}]")
        return pandas().Timedelta(span[()])


class PeriodKind(ValueKind):
    """A day, a month, a year ..."""

    path = "pandas.Period"

    def parts(self, value: Any) -> list[Any] | None:
        """Its number, and its frequency."""
        frequency = value.freqstr
        return [value.ordinal, frequency] if FREQUENCY.fullmatch(frequency) else None

    def make(self, *parts: Any) -> Any:
        """If there is such a period."""
        number, frequency = parts
        whole(number)
        return made_column(["periods", frequency, np.array([number], np.int64)])[0]


class IntervalKind(ValueKind):
    """All between two values."""

    path = "pandas.Interval"

    def parts(self, value: Any) -> list[Any]:
        """Both ends, and which of them belong to it."""
        return [value.left, value.right, value.closed]

    def make(self, *parts: Any) -> Any:
        """If the left end is not right of the other."""
        return pandas().Interval(*parts)


class MissingKind(ValueKind):
    """A value that stands for a missing one; there is only one of its class."""

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.name = name

    def parts(self, value: Any) -> list[Any]:
        """It has none."""
        return []

    def make(self, *parts: Any) -> Any:
        """The one that there is."""
        () = parts
        return getattr(pandas(), self.name)


def _unit(unit: Any) -> str:
    if unit not in UNITS:
        raise ValueError
    return str(unit)


def _is_usual(value: Any) -> bool:
    return bool(value.flags.allows_duplicate_labels)


def _pairs(attributes: dict[Any, Any]) -> tuple[Any, ...]:
    return tuple(part for pair in attributes.items() for part in pair)


def _dict(attributes: Any) -> dict[Any, Any]:
    parts = iter(values(attributes))
    return dict(zip(parts, parts, strict=True))


def _labels(index: Any) -> Any:
    """An index as a part; of one that is not stored, the numbers that say what is in it."""
    if type(index) is not pandas().RangeIndex:
        return index
    return [index.start, index.stop, index.step, (index.name,)]


def _made_labels(part: Any, lengths: list[int]) -> Any:
    """Read what _labels gave: an index as long as all of what it is for, and short without."""
    if type(part) is not list:
        if not isinstance(part, pandas().Index) or any(len(part) != each for each in lengths):
            raise ValueError
        return part
    start, stop, step, name = part
    length = length_of_range(start, stop, step)
    if any(length != each for each in lengths) or (not lengths and length > MAX_RANGE):
        raise ValueError
    return pandas().RangeIndex(start, stop, step, name=_name(name))


def _name(part: Any) -> Any:
    (name,) = values(part)
    hash(name)
    return name


def _is_known(frequency: Any, length: int) -> bool:
    """Whether a frequency is of those that are named, and quickly gone through so many times."""
    known = TICKS if length > MAX_STEPS else FREQUENCY
    return known.fullmatch(text(frequency)) is not None


def _frequency(written: str) -> Any:
    return pandas().tseries.frequencies.to_offset(written)


KINDS = [
    DataFrameKind(),
    SeriesKind(),
    RangeIndexKind(),
    *(
        IndexKind(f"{of}Index")
        for of in ("", "Datetime", "Timedelta", "Period", "Interval", "Categorical")
    ),
    MultiIndexKind(),
    TimestampKind(),
    TimedeltaKind(),
    PeriodKind(),
    IntervalKind(),
    MissingKind("pandas._libs.tslibs.nattype.NaTType", "NaT"),
    MissingKind("pandas._libs.missing.NAType", "NA"),
]
