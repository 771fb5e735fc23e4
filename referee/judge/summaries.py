"""Summaries of values: taken at once, in bounded time and memory, and put into words later.

Values can be hostile in size and depth, and a test's own can be of any class. So containers, text
and numbers are looked at through the methods of Python's and NumPy's own classes, whatever an
instance says of itself; all else is named by its type. No `repr` of anything else is called.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from referee.boundary.messages import shortened
from referee.judge import tables
from referee.judge.objects import RemoteObject
from referee.judge.places import described

# Of one summary: as much as fits into words, or into Python of MOST_SOURCE characters. Each call of
# a test takes one of its arguments, all together, and one of its result.
MOST_NODES = 64  # values
MOST_BYTES = 2**11  # of numbers and texts
MOST_DEPTH = 6
SHORT = 40  # characters of a text that is a summary of itself
FIRST = 6  # numbers that are kept of an array that is not kept whole
MOST_TEXT = 400  # characters, bytes
MOST_BITS = 256  # of an int
SHOWN_WHOLE = 12  # numbers of an array that are all shown
ROOM = 240  # characters of a value in words
MOST_SOURCE = 4000  # characters
NUMBERS = "biufc"  # kinds of NumPy's types
# As tuples, which are faster to ask about than unions that are made anew for each value.
OF_NUMPY, TEXTS = (np.ndarray, np.generic), (str, bytes)
CONTAINERS = (list, tuple, dict, set, frozenset)
SIMPLE = (range, Decimal, Fraction, date, datetime, time, timedelta)
Container = list[Any] | tuple[Any, ...] | set[Any] | frozenset[Any] | dict[Any, Any]


@dataclass(slots=True)
class Text:
    """The beginning of a str or of bytes."""

    start: str | bytes
    length: int


@dataclass(slots=True)
class Items:
    """The first items of a container; of a dict, keys and values in turn."""

    kind: str
    items: list[Any]
    length: int


@dataclass(slots=True)
class Numbers:
    """An array, or a scalar of NumPy: its values, flat, all of them or the first.

    `values` is None where they are no numbers and no text.
    """

    scalar: bool
    kind: str  # name of its class
    dtype: Any
    shape: tuple[int, ...]
    values: NDArray[Any] | None
    fortran: bool

    @property
    def size(self) -> int:
        """The number of elements."""
        size = 1
        for side in self.shape:
            size *= side
        return size

    @property
    def whole(self) -> bool:
        """Whether all values are there."""
        return self.values is not None and self.values.size == self.size


@dataclass(slots=True)
class Other:
    """Something that is only named."""

    name: str


Summary = None | bool | int | float | complex | str | Text | Items | Numbers | Other


class Summarizer:
    """Takes one summary; `parts` has those of the value's parts, by the id of each object."""

    def __init__(self) -> None:
        self.parts: dict[int, Summary] = {}
        self._nodes = MOST_NODES
        self._bytes = MOST_BYTES

    def take(self, value: Any, depth: int = 0) -> Summary:
        """The summary of a value."""
        kind = type(value)
        if kind is float:
            self.parts[id(value)] = value
            return value
        if value is None or kind is bool:
            return value
        self._nodes -= 1
        if kind is str and len(value) <= SHORT:  # a key, mostly
            self._bytes -= len(value)
            return str(value)
        if isinstance(value, OF_NUMPY):
            summary: Summary = self._numbers(value)
        elif isinstance(value, TEXTS):
            return self._text(value)
        elif isinstance(value, CONTAINERS):
            summary = self._items(value, depth)
        elif isinstance(value, int):
            plain = int.__int__(value)
            if plain.bit_length() <= MOST_BITS:
                return plain
            return Other(f"an int of {plain.bit_length()} bits")
        elif isinstance(value, float):
            summary = float.__float__(value)
        else:
            return _other(value)
        self.parts[id(value)] = summary
        return summary

    def _numbers(self, value: NDArray[Any] | np.generic) -> Summary:
        array = value if type(value) is np.ndarray else np.asarray(value)
        dtype, values, fortran = array.dtype, None, False
        known = dtype.kind in NUMBERS or (dtype.kind in "SU" and dtype.itemsize <= 400)
        if known and self._bytes > 0:
            whole = array.nbytes <= self._bytes
            values = array.flatten() if whole else array.flat[:FIRST]
            self._bytes -= values.nbytes
            fortran = array.ndim > 1 and not array.flags.c_contiguous and array.flags.f_contiguous
        is_scalar = isinstance(value, np.generic)
        return Numbers(is_scalar, type(value).__name__, dtype, array.shape, values, fortran)

    def _text(self, value: str | bytes) -> Summary:
        base: Any = str if isinstance(value, str) else bytes
        length = base.__len__(value)
        room = max(0, min(MOST_TEXT, self._bytes))
        start = base.__getitem__(value, slice(room))
        self._bytes -= min(length, room)
        return Text(start, length)

    def _items(self, value: Container, depth: int) -> Summary:
        base, found = _items_of(value)
        length = base.__len__(value)
        room = 0 if depth >= MOST_DEPTH else max(0, self._nodes)
        items = [self.take(item, depth + 1) for item in islice(found, room)]
        return Items(base.__name__, items, length)


def summary_of(value: Any) -> Summary:
    """The summary of a value."""
    return Summarizer().take(value)


def _items_of(value: Container) -> tuple[Any, Iterator[Any]]:
    """The base class of a container, and its items; of a dict, keys and values in turn."""
    if isinstance(value, dict):
        return dict, chain.from_iterable(dict.items(value))
    base: Any = next(base for base in CONTAINERS if isinstance(value, base))
    return base, iter(base.__iter__(value))


def _other(value: Any) -> Summary:
    if type(value) is complex:
        return value
    if type(value) in SIMPLE:
        if type(value) is Decimal and value.__sizeof__() > MOST_TEXT:
            return Other("a large Decimal")  # which takes time to write
        try:
            return Other(repr(value)[:ROOM])
        except ValueError:  # it has more digits than Python writes
            return Other(f"a large {type(value).__name__}")
    if isinstance(value, RemoteObject):
        return Other(f"<{shortened(described(value), 100)}>")
    if isinstance(value, type):
        return Other(f"the class {shortened(value.__name__, 100)}")
    words = tables.in_words(value, lambda part: in_words(summary_of(part), SHORT))
    return Other(words or f"<{shortened(type(value).__name__, 100)}>")


# ---- in words ----


def in_words(summary: Summary, room: int = ROOM) -> str:
    """A summary in words, in about so many characters."""
    match summary:
        case str():
            return repr(summary)
        case Text(start, length):
            shown = repr(start[: max(10, room)])
            return shown if length <= min(len(start), max(10, room)) else f"{shown}... ({length})"
        case Items():
            return _items_in_words(summary, room)
        case Numbers():
            return _numbers_in_words(summary)
        case Other(name):
            return name
    return repr(summary)


BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")")}


def _items_in_words(summary: Items, room: int) -> str:
    opening, closing = BRACKETS.get(summary.kind, ("{", "}"))
    pairs = summary.kind == "dict"
    step = 2 if pairs else 1
    texts: list[str] = []
    left = room
    for place in range(0, len(summary.items) - step + 1, step):
        parts = [in_words(part, max(20, left - 10)) for part in summary.items[place : place + step]]
        text = ": ".join(parts)
        if texts and len(text) > left:
            break
        texts.append(text)
        left -= len(text) + 2
    if summary.kind in ("set", "frozenset"):
        texts.sort()
    if more := summary.length - len(texts):
        texts.append(f"... {more} more" if texts else f"{more} items")
    if summary.kind == "tuple" and summary.length == 1:
        texts.append("")
    text = f"{opening}{', '.join(texts).rstrip()}{closing}"
    if summary.kind in ("set", "frozenset") and not summary.length:
        return f"{summary.kind}()"
    return f"frozenset({text})" if summary.kind == "frozenset" else text


def _numbers_in_words(summary: Numbers) -> str:
    if summary.scalar:
        if summary.values is None:
            return f"a {summary.kind}"
        text = element(summary.values[0], exact=True)
        common = summary.dtype in (np.float64, np.int64, np.bool_) or summary.dtype.kind == "U"
        return text if common else f"{summary.kind}({text})"
    head = f"{summary.dtype} {summary.shape}"
    if summary.kind != "ndarray":
        head = f"{summary.kind} {head}"
    if summary.values is None or not summary.size:
        return head
    if summary.whole and summary.size <= SHOWN_WHOLE and len(summary.shape) <= 2:
        return f"{head} {_nested(summary.values.reshape(summary.shape))}"
    texts = [element(value) for value in summary.values[:FIRST]]
    dots = ["..."] if summary.size > FIRST else []
    return f"{head} [{', '.join(texts + dots)}]"


def _nested(values: NDArray[Any]) -> str:
    if values.ndim == 0:
        return element(values[()])
    return f"[{', '.join(_nested(np.asarray(part)) for part in values)}]"


def element(value: Any, *, exact: bool = False) -> str:
    """One element of an array, with six digits or with all."""
    kind = np.asarray(value).dtype.kind
    if kind in "SU":
        return repr(value.item() if hasattr(value, "item") else value)[:40]
    if kind == "f":
        return repr(float(value)) if exact else f"{float(value):.6g}"
    if kind == "c":
        return f"{complex(value):.6g}"
    return str(value)


# ---- as Python ----


def as_source(summary: Summary) -> str | None:
    """Python that makes the value again, None if not all of it was kept.

    It needs `np`, and `nan` and `inf` of NumPy.
    """
    match summary:
        case Text(start, length):
            return repr(start) if len(start) == length else None
        case Items():
            return _items_as_source(summary)
        case Numbers():
            return _numbers_as_source(summary)
        case Other():
            return None
        case complex():
            return f"complex({summary.real!r}, {summary.imag!r})"
    return repr(summary)


def _items_as_source(summary: Items) -> str | None:
    step = 2 if summary.kind == "dict" else 1
    if len(summary.items) != summary.length * step:
        return None
    parts = [as_source(item) for item in summary.items]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or sum(map(len, known)) > MOST_SOURCE:
        return None
    if summary.kind == "dict":
        pairs = zip(known[::2], known[1::2], strict=True)
        return f"{{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"
    listed = ", ".join(known)
    match summary.kind:
        case "tuple":
            return f"({listed},)" if summary.length == 1 else f"({listed})"
        case "list":
            return f"[{listed}]"
    return f"{summary.kind}([{listed}])"


def _numbers_as_source(summary: Numbers) -> str | None:
    if summary.values is None or not summary.whole:
        return None
    if summary.kind != ("ndarray" if not summary.scalar else summary.dtype.type.__name__):
        return None
    if summary.dtype.kind == "c":
        part = f"{summary.dtype.str[:1]}f{summary.dtype.itemsize // 2}"
        parts = summary.values.view(part).tolist()
        made = f'np.array({parts}, "{part}").view("{summary.dtype.str}")'
    else:
        made = f'np.array({summary.values.tolist()}, "{summary.dtype.str}")'
    if summary.scalar:
        made += "[0]"
    elif len(summary.shape) != 1:
        order = ', order="F"' if summary.fortran else ""
        made += f".reshape({summary.shape})"
        made = f"np.array({made}{order})" if order else made
    return made if len(made) <= MOST_SOURCE else None
