"""Columns of pandas: one-dimensional arrays of each of its types, as parts.

A column is a list of a name of its form and what that needs. Nothing of pandas is asked to read
text or to guess a type.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from referee.boundary.kinds.kind import array, text, values
from referee.boundary.kinds.zones import made_zone, zone_of

NUMBERS, TIMES = "biufc", "mM"
UNITS = ("s", "ms", "us", "ns")  # of pandas
MAX_CATEGORIES = 2**20
MAX_OBJECTS = 40_000  # of a column; more would not go into a frame
STORAGES = {"python", "pyarrow"}
SEPARATORS = ("\0", "\x1f", *map(chr, range(0xE000, 0xF900)))  # of texts that are sent as one
MISSING = ("None", "nan", "NA", "NaT")
# Frequencies whose names say all of them.
FREQUENCY = re.compile(
    r"-?\d{0,4}((D|h|min|s|ms|us|ns|B|W)|(M|Q|Y|BM|BQ|BY)E?|(MS|QS|YS|SM|SMS|BMS|BQS|BYS))"
    r"(-[A-Z]{3})?"
)
TICKS = re.compile(r"-?\d{0,4}(D|h|min|s|ms|us|ns)")
MAX_STEPS = 2**16  # of a frequency that is no fixed time, which takes a while to go through
Parts = list[Any]


def pandas() -> Any:
    """The library, which is there wherever a value of it is."""
    return sys.modules["pandas"]


class Missing:
    """How missing numbers and texts are made: as `NA` where a column had that, or as NaN.

    What is compared with NA is NA, which `all` passes over: a column of nothing else would be right
    whatever a test expects.
    """

    may_be_na = True


@contextmanager
def missing_as_nan(*, wanted: bool) -> Iterator[None]:
    """Have what is missing be NaN, if that is wanted."""
    Missing.may_be_na = not wanted
    try:
        yield
    finally:
        Missing.may_be_na = True


def column_of(labelled: Any) -> Parts | None:
    """What the values of a series or an index are made of, None if they do not cross."""
    dtype = labelled.dtype
    column = labelled.to_numpy() if isinstance(dtype, np.dtype) else labelled.array
    if isinstance(dtype, np.dtype):
        if dtype.kind in NUMBERS + TIMES:
            return ["plain", np.asarray(column)]
        return _objects(np.asarray(column)) if dtype.kind == "O" else None
    taken = _TAKEN.get(type(dtype).__name__)
    known = taken is not None and type(dtype) is getattr(pandas(), type(dtype).__name__, None)
    return taken(column) if taken is not None and known else None


def made_column(parts: Any) -> Any:
    """Read what column_of gave: an array of one dimension.

    Raises:
        Exception: of any class, if there is no such column.

    """
    form, *rest = parts
    return _MADE[text(form)](*map(_in_own_byte_order, rest))


def _in_own_byte_order(part: Any) -> Any:
    """An array as pandas computes with it; of another byte order it can be made, but not used."""
    if type(part) is np.ndarray and not part.dtype.isnative:
        return part.astype(part.dtype.newbyteorder("="))
    return part


# ---- numbers and times of NumPy ----


def _made_plain(column: Any) -> Any:
    array(column, NUMBERS + TIMES)
    if column.dtype.kind in TIMES and np.datetime_data(column.dtype)[0] not in UNITS:
        raise ValueError
    return column


def _zoned(column: Any) -> Parts:
    dtype = column.dtype
    utc = column.tz_convert(None)  # what it is in UTC, without a zone
    return ["zoned", zone_of(dtype.tz), np.asarray(utc, f"M8[{dtype.unit}]")]


def _made_zoned(zone: Any, utc: Any) -> Any:
    made = pandas().DatetimeIndex(_made_plain(array(utc, "M")))
    return made.tz_localize("UTC").tz_convert(made_zone(zone)).array


# ---- numbers that can be missing ----


def _masked(column: Any) -> Parts:
    kind = np.dtype(column.dtype.numpy_dtype)
    return ["masked", column.to_numpy(kind, na_value=kind.type(0)), np.asarray(column.isna())]


def _made_masked(numbers: Any, mask: Any) -> Any:
    array(mask, "b")
    of = pandas().arrays
    classes = {"b": of.BooleanArray, "f": of.FloatingArray}
    made = classes.get(array(numbers, "biuf").dtype.kind, of.IntegerArray)(numbers, mask)
    if Missing.may_be_na or not mask.any():
        return made
    return made.to_numpy(object if numbers.dtype.kind == "b" else "f8", na_value=np.nan)


# ---- text and objects ----


def _texts(column: Any) -> Parts | None:
    storage, missing = column.dtype.storage, column.dtype.na_value
    packed = _packed(column.to_numpy(object))
    name = "NA" if missing is pandas().NA else "nan"
    return None if packed is None else ["texts", storage, name, *packed]


def _made_texts(storage: Any, missing: Any, *packed: Any) -> Any:
    if storage not in STORAGES or missing not in ("nan", "NA"):
        raise ValueError
    unpacked = _unpacked(*packed)
    if not Missing.may_be_na and pandas().isna(unpacked).any():
        missing = "nan"
    dtype = pandas().StringDtype(storage, na_value=_missing()[missing])
    return pandas().array(unpacked, dtype=dtype)


def _objects(column: Any) -> Parts | None:
    """Objects: text is packed, for it can be much; of all others, each is a value that crosses."""
    if (packed := _packed(column)) is not None:
        return ["text", *packed]
    return ["objects", tuple(column)] if len(column) <= MAX_OBJECTS else None


def _made_objects(items: Any) -> Any:
    found = list(values(items))
    made = np.empty(len(found), object)
    for place, item in enumerate(found):  # as they are: NumPy would look into lists
        made[place] = item
    return made


def _packed(column: Any) -> Parts | None:
    """A separator, bytes, and what is missing how, of objects that are all text; else None."""
    missing = _missing()
    kinds = set(map(type, column))
    if not kinds <= {str, *map(type, missing.values())}:
        return None
    absent = np.zeros(len(column), np.uint8)
    if kinds != {str}:
        numbers = {id(value): number for number, value in enumerate(missing.values(), start=1)}
        for place, item in enumerate(column):
            if type(item) is not str:
                is_nan = type(item) is float and item != item
                absent[place] = numbers.get(id(np.nan if is_nan else item), 0)
                if not absent[place]:  # a number
                    return None
        column = np.where(absent == 0, column, "")
    joined = "".join(column)
    separator = next((each for each in SEPARATORS if each not in joined), None)
    if separator is None:
        return None
    content = separator.join(column).encode(errors="surrogatepass")
    return [separator, np.frombuffer(content, np.uint8), absent]


def _unpacked(separator: Any, content: Any, absent: Any) -> Any:
    if text(separator) not in SEPARATORS or array(absent, "u").max(initial=0) > len(MISSING):
        raise ValueError
    joined = array(content, "u").tobytes().decode(errors="surrogatepass")
    pieces = joined.split(separator) if len(absent) else []
    if len(pieces) != len(absent):
        raise ValueError
    made = np.array(pieces, object)
    for number, value in enumerate(_missing().values(), start=1):
        made[absent == number] = value
    return made


def _missing() -> dict[str, Any]:
    """What can stand for a missing value, by name."""
    library = pandas()
    return dict(zip(MISSING, (None, np.nan, library.NA, library.NaT), strict=True))


# ---- categories, periods, intervals ----


def _categories(column: Any) -> Parts | None:
    if len(column.categories) > MAX_CATEGORIES:
        return None
    return ["categories", column.ordered, column.categories, np.asarray(column.codes)]


def _made_categories(ordered: Any, categories: Any, codes: Any) -> Any:
    require_index(categories)
    if len(categories) > MAX_CATEGORIES:
        raise ValueError
    dtype = pandas().CategoricalDtype(categories, ordered=ordered is True)
    return pandas().Categorical.from_codes(array(codes, "i"), dtype=dtype)


def _periods(column: Any) -> Parts | None:
    frequency = column.dtype.name.removeprefix("period[").removesuffix("]")
    return ["periods", frequency, column.asi8] if FREQUENCY.fullmatch(frequency) else None


def _made_periods(frequency: Any, ordinals: Any) -> Any:
    if not FREQUENCY.fullmatch(text(frequency)):
        raise ValueError
    return pandas().PeriodIndex.from_ordinals(array(ordinals, "i"), freq=frequency).array


def _intervals(column: Any) -> Parts | None:
    sides = [column_of(side) for side in (column.left, column.right)]
    return None if None in sides else ["intervals", column.closed, *sides]


def _made_intervals(closed: Any, left: Any, right: Any) -> Any:
    sides = made_column(left), made_column(right)
    made = pandas().arrays.IntervalArray.from_arrays(*sides, closed=text(closed))
    if made.dtype.subtype.kind not in ENDS:  # of which pandas makes none, but for an array of them
        raise TypeError
    return made


def require_index(value: Any) -> None:
    """Require an index of one level.

    Raises:
        TypeError: it is none.

    """
    library = pandas()
    if not isinstance(value, library.Index) or isinstance(value, library.MultiIndex):
        raise TypeError


ENDS = "iufmM"  # kinds of dtypes of what intervals end with
_MASKED = [f"{sign}Int{bits}Dtype" for sign in ("", "U") for bits in (8, 16, 32, 64)]
_TAKEN: dict[str, Callable[[Any], Parts | None]] = {
    **dict.fromkeys([*_MASKED, "Float32Dtype", "Float64Dtype", "BooleanDtype"], _masked),
    "DatetimeTZDtype": _zoned,
    "StringDtype": _texts,
    "CategoricalDtype": _categories,
    "PeriodDtype": _periods,
    "IntervalDtype": _intervals,
}
TYPES = tuple(_TAKEN)  # of pandas' own dtypes, by name
_MADE: dict[str, Callable[..., Any]] = {
    "plain": _made_plain,
    "zoned": _made_zoned,
    "masked": _made_masked,
    "texts": _made_texts,
    "objects": _made_objects,
    "text": _unpacked,
    "categories": _made_categories,
    "periods": _made_periods,
    "intervals": _made_intervals,
}
