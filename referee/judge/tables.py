"""Values of libraries in words, and in what two tables of pandas differ.

Only values of exactly the classes that cross the boundary are looked into, and no further than
takes a moment; no cell of a table is asked for its text.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np

from referee.boundary.kinds import KINDS

MOST_COLUMNS = 6  # that are named
MOST_COMPARED = 100  # columns
MOST_ROWS = 200_000  # of a column of numbers
MOST_OBJECTS = 1000  # of another one
MOST_PARTS = 40  # of an expression that is written out
MOST_WORDS = 200  # characters
FIRST = 6  # values of a series or an index
SCALARS = ("Timestamp", "Timedelta", "Period", "Interval", "NaTType", "NAType")
PLAIN = (str, int, float, bool, bytes, complex, Decimal, Fraction)
Short = Callable[[Any], str]


@dataclass(frozen=True)
class Cell:
    """A cell that differs: its place in two columns of one name."""

    place: int
    got: Any
    expected: Any
    column: str

    def written(self, short: Short) -> tuple[str, str, str]:
        """Where it is, as Python writes it, and what both have there."""
        if hasattr(self.expected, "index"):
            at = f".loc[{short(_plain(self.expected.index[self.place]))}{self.column}]"
            pair = self.got.iloc[self.place], self.expected.iloc[self.place]
        else:
            at, pair = f"[{self.place}]", (self.got[self.place], self.expected[self.place])
        one, other = map(_plain, pair)
        return at, short(one), short(other)


def library_of(value: Any) -> str:
    """The library that a value is of, if it is of a class that crosses; else nothing."""
    kind = KINDS.of(type(value))
    return kind.path.partition(".")[0] if kind is not None else ""


def is_table(value: Any) -> bool:
    """Whether it is a frame, a series or an index of pandas'."""
    name = type(value).__name__
    return library_of(value) == "pandas" and name.endswith(("DataFrame", "Series", "Index"))


def in_words(value: Any, short: Short) -> str | None:
    """A value of pandas, SymPy, SciPy or Pillow in words, None if it is another one."""
    name = type(value).__name__
    match library_of(value):
        case "pandas" if is_table(value):
            return _table_in_words(value, short)
        case "pandas" if name in SCALARS:
            return _printable(repr(value))
        case "pandas":  # a dtype
            return f"dtype {_dtype(value)}"
        case "sympy":
            return _expression_in_words(value)
        case "scipy":
            return f"{name} {value.dtype} {value.shape}, {value.nnz} stored"
        case "PIL":
            return f"a picture, {value.mode} {value.size[0]}x{value.size[1]}"
        case "numpy" if isinstance(value, np.dtype):
            return _printable(f"dtype {value}")
    return None


def _dtype(dtype: Any) -> str:
    return _printable(str(dtype)[:40])


def _printable(text: str) -> str:
    shown = (each if each.isprintable() else repr(each)[1:-1] for each in text[:MOST_WORDS])
    return "".join(shown)[:MOST_WORDS]


def _table_in_words(value: Any, short: Short) -> str:
    name, shape = type(value).__name__, value.shape
    if name == "DataFrame":
        count = min(shape[1], MOST_COLUMNS)
        columns = [
            f"{short(value.columns[place])} {_dtype(value.dtypes.iloc[place])}"
            for place in range(count)
        ]
        more = [f"... {shape[1] - count} more"] if shape[1] > count else []
        return (
            f"DataFrame {shape}: {', '.join(columns + more)}" if shape[1] else f"DataFrame {shape}"
        )
    dots = ["..."] if len(value) > FIRST else []
    cells = [short(_plain(cell)) for cell in islice(value, FIRST)]
    kind = "" if name == "MultiIndex" else f" {_dtype(value.dtype)}"
    return f"{name}{kind} {shape} [{', '.join(cells + dots)}]"


def _expression_in_words(value: Any) -> str:
    """An expression as it is written, or its class and shape if it is long."""
    waiting, count = [value], 0
    while waiting and count <= MOST_PARTS:
        count += 1
        waiting += getattr(waiting.pop(), "args", ())
    if count <= MOST_PARTS:
        return _printable(str(value))
    shape = f" {value.shape}" if hasattr(value, "shape") else " of many parts"
    return f"<{type(value).__name__}{shape}>"


# ---- differences ----


def family_of(value: Any) -> str:
    """What sort of table it is: a frame, a series or an index; nothing if it is none."""
    if not is_table(value):
        return ""
    name = type(value).__name__
    return name if name in ("DataFrame", "Series") else "Index"


def differences(
    got: Any, expected: Any, differ: Callable[[Any, Any], Any], short: Short
) -> tuple[list[str], Iterator[Cell], int]:
    """In what two tables of one family differ.

    Remarks on their form, the cells that differ, and the number of cells that are compared.
    `differ` compares arrays of numbers.
    """
    if family_of(got) != "DataFrame":
        form = [*_sizes(got, expected), *_types(got, expected, "")]
        labels = []
        if family_of(got) == "Series":
            labels = _labels(got.index, expected.index, "index", short)
            if not _same(got.name, expected.name):
                form.append(
                    f"the names differ: got {short(got.name)}, expected {short(expected.name)}"
                )
        if len(got) != len(expected):
            return form + labels, iter(()), 0
        return form + labels, _cells(got, expected, "", differ), len(got)
    form = _sizes(got, expected) + _labels(got.columns, expected.columns, "columns", short)
    form += _labels(got.index, expected.index, "index", short)
    if len(got) != len(expected):
        return form, iter(()), 0
    pairs = _columns_of_both(got, expected)
    for name, one, other in pairs:
        form += _types(one, other, f" of column {short(name)}")
    cells = (
        cell
        for name, one, other in pairs
        for cell in _cells(one, other, f", {short(name)}", differ)
    )
    return form, cells, len(got) * len(pairs)


def _sizes(got: Any, expected: Any) -> list[str]:
    if got.shape == expected.shape:
        return []
    return [f"the shapes differ: got {got.shape}, expected {expected.shape}"]


def _types(got: Any, expected: Any, where: str) -> list[str]:
    one, other = _dtype(getattr(got, "dtype", "")), _dtype(getattr(expected, "dtype", ""))
    return [f"the dtypes{where} differ: got {one}, expected {other}"] if one != other else []


def _labels(got: Any, expected: Any, what: str, short: Short) -> list[str]:
    """What of the labels of rows, or of columns, is otherwise."""
    if len(got) > MOST_ROWS or len(expected) > MOST_ROWS or got.equals(expected):
        return []
    ours, theirs = list(islice(got, MOST_OBJECTS)), list(islice(expected, MOST_OBJECTS))
    if what == "columns":
        missing = [short(label) for label in theirs if not _is_among(label, ours)]
        extra = [short(label) for label in ours if not _is_among(label, theirs)]
        if missing or extra:
            found = [("not there", missing), ("not expected", extra)]
            return [
                f"columns that are {how}: {', '.join(names[:MOST_COLUMNS])}"
                for how, names in found
                if names
            ]
        return ["the columns are in another order"]
    pairs = enumerate(zip(ours, theirs, strict=False))
    for place, (one, other) in pairs:
        if not _same(one, other):
            return [f"the index differs at {place}: got {short(one)}, expected {short(other)}"]
    return ["the index differs"]


def _is_among(label: Any, labels: list[Any]) -> bool:
    return any(_same(label, other) for other in labels)


def _columns_of_both(got: Any, expected: Any) -> list[tuple[Any, Any, Any]]:
    """Columns of one name; where names repeat, of one place."""
    if not (got.columns.is_unique and expected.columns.is_unique):
        both = min(got.shape[1], expected.shape[1], MOST_COMPARED)
        return [(got.columns[n], got.iloc[:, n], expected.iloc[:, n]) for n in range(both)]
    places = got.columns.get_indexer(expected.columns[:MOST_COMPARED])
    return [
        (got.columns[place], got.iloc[:, place], expected.iloc[:, n])
        for n, place in enumerate(places)
        if place >= 0
    ]


def _cells(
    got: Any, expected: Any, column: str, differ: Callable[[Any, Any], Any]
) -> Iterator[Cell]:
    """The cells of two columns of one length that differ."""
    numbers = _numbers(got), _numbers(expected)
    if numbers[0] is not None and numbers[1] is not None and len(got) <= MOST_ROWS:
        places: Any = np.flatnonzero(differ(*numbers))
    else:
        pairs = enumerate(islice(zip(got, expected, strict=False), MOST_OBJECTS))
        places = (place for place, (one, other) in pairs if not _same(one, other))
    for place in places:
        yield Cell(int(place), got, expected, column)


def _numbers(column: Any) -> Any:
    dtype = getattr(column, "dtype", None)
    is_plain = isinstance(dtype, np.dtype) and dtype.kind in "biufc"
    return np.asarray(column) if is_plain else None


def _plain(value: Any) -> Any:
    return value.item() if type(value) in (np.float64, np.int64, np.bool_) else value


def _same(one: Any, other: Any) -> bool:
    """Whether two cells are the same, as far as it is safe to ask; what is missing is."""
    one, other = _plain(one), _plain(other)
    if _is_missing(one) or _is_missing(other):
        return _is_missing(one) and _is_missing(other)
    if type(one) is tuple and type(other) is tuple and len(one) == len(other) < MOST_PARTS:
        return all(map(_same, one, other))
    if type(one) is not type(other):
        numbers = (int, float)
        return type(one) in numbers and type(other) in numbers and one == other
    is_known = type(one) in PLAIN or library_of(one) in ("pandas", "datetime", "numpy")
    return not is_known or is_table(one) or bool(one == other)


def _is_missing(value: Any) -> bool:
    pandas = sys.modules["pandas"]
    return (
        value is None
        or value is pandas.NA
        or value is pandas.NaT
        or (type(value) is float and value != value)
    )
