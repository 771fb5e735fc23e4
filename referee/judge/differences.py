"""In what two values differ: where, how much, and what they may have to do with each other.

Both can be anything, and one of them comes from a student. Only numbers, text and containers of
Python's and NumPy's own classes are looked into, and no more of them than takes a moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from referee.judge import tables
from referee.judge.summaries import NUMBERS, element, in_words, summary_of
from referee.model.explanation import Difference

MOST = 4  # differences that are shown
FEW = 3  # values, of which one sees without help which differ most
MOST_NUMBERS = 200_000  # of an array
MOST_ITEMS = 1000  # of a container
MOST_PAIRS = 20_000  # of values that are compared, in containers within containers
MOST_DEPTH = 4
MOST_REMARKS = 6  # on the form of a table
MOST_OF_A_TEXT = 100_000  # characters in which the first difference is looked for
CLOSE = 1e-6  # relative; how exactly one array is to be a multiple of the other
KEYS = (str, int, float, bool, bytes, type(None))
Array = NDArray[Any]


@dataclass(frozen=True)
class Tolerance:
    """How much two numbers may differ, as NumPy counts it."""

    relative: float = 0.0
    absolute: float = 0.0


@dataclass
class Differences:
    """The first differences; `differ` of `count` elements do. `remarks` are in words."""

    first: list[Difference]
    differ: int = 0
    count: int = 0
    remarks: tuple[str, ...] = ()


def differences(got: Any, expected: Any, tolerance: Tolerance | None = None) -> Differences:
    """In what a value differs from what was expected."""
    numbers = as_numbers(got), as_numbers(expected)
    if numbers[0] is not None and numbers[1] is not None:
        found = _of_numbers(numbers[0], numbers[1], tolerance or Tolerance())
        if remark := _lengths_differ(got, expected):
            return replace(found, remarks=(remark,))
        alike = not found.differ and not found.remarks
        return replace(found, remarks=_kinds_differ(got, expected)) if alike else found
    if type(got) is str and type(expected) is str:
        return _of_texts(got, expected)
    if tables.family_of(got) == tables.family_of(expected) != "":
        return _of_tables(got, expected, tolerance or Tolerance())
    first = list(_first(_of_containers(got, expected, "", 0, iter(range(MOST_PAIRS)))))
    return Differences(first, remarks=_kinds_differ(got, expected))


def _first(found: Iterator[Difference]) -> Iterator[Difference]:
    for _, difference in zip(range(MOST), found, strict=False):
        yield difference


def _kinds_differ(got: Any, expected: Any) -> tuple[str, ...]:
    kinds = _kind(got), _kind(expected)
    return () if kinds[0] == kinds[1] else (f"got {kinds[0]}, expected {kinds[1]}",)


def _lengths_differ(got: Any, expected: Any) -> str:
    """Of flat lists and tuples of numbers: these have no shape, and can be shapes themselves."""
    both = (got, expected)
    if not all(type(value) in (list, tuple) and np.ndim(value) == 1 for value in both):
        return ""
    if len(got) == len(expected):
        return ""
    return f"got {_counted(len(got))}, expected {len(expected)}"


def _counted(number: int) -> str:
    return f"{number} value" if number == 1 else f"{number} values"


def _kind(value: Any) -> str:
    kind = type(value).__name__
    if kind == "NoneType":
        return "None"
    return f"an {kind}" if kind[0] in "aeiou" or kind == "ndarray" else f"a {kind}"


# ---- numbers ----


def as_numbers(value: Any) -> Array | None:
    """The value as an array of numbers, None if it is none or too large."""
    array: Array | None
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
    elif type(value) in (bool, int, float, complex):
        array = np.asarray(value) if abs(value) < 2**63 or type(value) is not int else None
    elif type(value) in (list, tuple) and value and _is_nested_numbers(value):
        try:
            array = np.asarray(value)
        except (ValueError, OverflowError):  # ragged
            return None
    else:
        return None
    known = array is not None and array.dtype.kind in NUMBERS and array.size <= MOST_NUMBERS
    return array if known else None


def _is_nested_numbers(value: Any) -> bool:
    """Whether lists hold numbers, or lists of them, and not too many."""
    count = 0
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        count += 1
        if count > MOST_ITEMS or depth > MOST_DEPTH:
            return False
        if type(item) in (list, tuple) and len(item) <= MOST_ITEMS:
            waiting += [(part, depth + 1) for part in item]
        elif not _is_number(item):
            return False
    return True


def _is_number(value: Any) -> bool:
    if isinstance(value, np.generic):
        return value.dtype.kind in NUMBERS
    return type(value) in (bool, int, float, complex)


def _of_numbers(got: Array, expected: Array, tolerance: Tolerance) -> Differences:
    if got.shape != expected.shape and () not in (got.shape, expected.shape):
        remarks = [f"the shapes differ: got {got.shape}, expected {expected.shape}"]
        if (
            got.size == expected.size
            and not _differ(got.ravel(), expected.ravel(), tolerance).any()
        ):
            remarks.append("the values are the same, in another shape")
        elif got.shape == expected.shape[::-1] and not _differ(got.T, expected, tolerance).any():
            remarks.append("got is the transpose of what was expected")
        return Differences([], 0, 0, tuple(remarks))
    got, expected = np.broadcast_arrays(got, expected)
    differ = _differ(got, expected, tolerance)
    number = int(differ.sum())
    first = [
        Difference(_position(place), *_told_apart(got[tuple(place)], expected[tuple(place)]))
        for place in np.argwhere(differ)[:MOST]
    ]
    remarks = _remarks(got, expected, differ) if number else []
    return Differences(first, number, int(differ.size), tuple(remarks))


def _wide(values: Array) -> Array:
    return values.astype(complex if values.dtype.kind == "c" else float)


def _differ(got: Array, expected: Array, tolerance: Tolerance) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        a, b = _wide(got), _wide(expected)
        near = np.abs(a - b) <= tolerance.absolute + tolerance.relative * np.abs(b)
        same = (got == expected) | (np.isnan(a) & np.isnan(b))
        return np.asarray(~(near & np.isfinite(b) | same), bool)


def _position(place: Any) -> str:
    return str([int(index) for index in place]) if len(place) else ""


def _told_apart(got: Any, expected: Any) -> tuple[str, str]:
    """Two numbers in as many digits as it takes to see that they differ."""
    short = element(got), element(expected)
    if short[0] != short[1]:
        return short
    return element(got, exact=True), element(expected, exact=True)


def _remarks(got: Array, expected: Array, differ: NDArray[np.bool_]) -> list[str]:
    """What may explain the difference, and how large it is."""
    remarks = []
    with np.errstate(all="ignore"):
        a, b = _wide(got), _wide(expected)
        if (nans := int(np.isnan(a).sum())) and not np.isnan(b).any():
            remarks.append(f"{nans} of the {a.size} values that came are nan")
        if (infinite := int(np.isinf(a).sum())) and not np.isinf(b).any():
            remarks.append(f"{infinite} of the {a.size} values that came are infinite")
        sizes = np.where(np.isfinite(a) & np.isfinite(b), np.abs(a - b), -1.0)
        if (largest := sizes.max(initial=-1.0)) > 0 and a.size > FEW:
            place = np.unravel_index(int(sizes.argmax()), sizes.shape)
            where = f"{_position(place)}, where {element(expected[place])} was expected"
            remarks.append(f"the largest difference is {largest:.6g}, at {where}")
        remarks += _relation(a, b)
    return remarks


def _relation(got: Array, expected: Array) -> list[str]:
    """Whether one array is all zeros, or follows from the other in one simple step."""
    if got.size < 2 or not (np.isfinite(got).all() and np.isfinite(expected).all()):
        return []
    if not got.any():
        return ["all values that came are 0"]
    if got.shape == expected.shape[::-1] and got.ndim == 2 and _close(got.T, expected):
        return ["got is the transpose of what was expected"]
    if (got == got.flat[0]).all() and not (expected == expected.flat[0]).all():
        return [f"all values that came are {element(got.flat[0])}"]
    where = expected != 0
    if where.any():
        factor = (got[where] / expected[where]).flat[0]
        if factor == -1 and _close(got, -expected):
            return ["got has the other sign everywhere"]
        if _close(got, factor * expected):
            return [f"got is {element(factor)} times what was expected, everywhere"]
    step = (got - expected).flat[0]
    if _close(got, expected + step):
        return [f"got is what was expected plus {element(step)}, everywhere"]
    if got.ndim == 2:
        return _relation_of_rows(got, expected)
    return []


def _relation_of_rows(got: Array, expected: Array) -> list[str]:
    for name, axis in (("row", 1), ("column", 0)):
        if got.shape[axis] < 2:
            continue
        steps = got - expected
        if np.ptp(steps, axis=axis).max() <= CLOSE * np.abs(expected).max():
            return [f"each {name} of got is what was expected plus one number"]
        factors = np.where(expected != 0, got / expected, np.nan)
        if np.isnan(factors).any():
            continue
        if (np.ptp(factors, axis=axis) <= CLOSE * np.abs(factors).max(axis=axis)).all():
            return [f"each {name} of got is what was expected times one number"]
    return []


def _close(got: Array, expected: Array) -> bool:
    return bool(np.abs(got - expected).max() <= CLOSE * np.abs(expected).max())


# ---- tables ----


def _of_tables(got: Any, expected: Any, tolerance: Tolerance) -> Differences:
    remarks, cells, count = tables.differences(
        got, expected, lambda one, other: _differ(one, other, tolerance), _short
    )
    found = list(islice(cells, MOST_PAIRS))
    first = [Difference(*cell.written(_short)) for cell in found[:MOST]]
    if len(found) == MOST_PAIRS:  # and nobody has counted the others
        return Differences(first, remarks=(*remarks[:MOST_REMARKS], "very many cells differ"))
    return Differences(first, len(found), count, tuple(remarks[:MOST_REMARKS]))


# ---- texts and containers ----


def _of_texts(got: str, expected: str) -> Differences:
    place = next(
        (
            place
            for place, (one, other) in enumerate(zip(got[:MOST_OF_A_TEXT], expected, strict=False))
            if one != other
        ),
        min(len(got), len(expected), MOST_OF_A_TEXT),
    )
    around = slice(max(0, place - 10), place + 30)
    difference = Difference(f"[{place}]", repr(got[around]), repr(expected[around]))
    remarks = []
    if got.strip() == expected.strip():
        remarks.append("they differ in blanks or line ends only")
    elif len(got) <= MOST_OF_A_TEXT and got.casefold() == expected.casefold():
        remarks.append("they differ in capitals only")
    if len(got) != len(expected):
        remarks.append(f"got {len(got)} characters, expected {len(expected)}")
    return Differences([difference], remarks=tuple(remarks))


def _of_containers(
    got: Any, expected: Any, where: str, depth: int, steps: Iterator[int]
) -> Iterator[Difference]:
    """The differences of two values, and of what they hold, by where they are.

    Each pair takes one of the `steps`; there are no more when these are used up.
    """
    if next(steps, None) is None:
        return
    if isinstance(got, dict) and isinstance(expected, dict) and depth < MOST_DEPTH:
        yield from _of_dicts(got, expected, where, depth, steps)
        return
    pair = (list, tuple)
    if isinstance(got, pair) and isinstance(expected, pair) and depth < MOST_DEPTH:
        if len(got) != len(expected):
            yield Difference(where, f"{len(got)} items", f"{len(expected)} items")
        for place, (one, other) in enumerate(zip(got[:MOST_ITEMS], expected, strict=False)):
            yield from _of_containers(one, other, f"{where}[{place}]", depth + 1, steps)
        return
    if isinstance(got, set | frozenset) and isinstance(expected, set | frozenset):
        if len(got) + len(expected) <= MOST_ITEMS:
            missing, extra = (
                sorted(map(_short, expected - got)),
                sorted(map(_short, got - expected)),
            )
            yield from (Difference(where, "not there", name) for name in missing)
            yield from (Difference(where, name, "not there") for name in extra)
        return
    numbers = as_numbers(got), as_numbers(expected)
    if numbers[0] is not None and numbers[1] is not None:
        found = _of_numbers(numbers[0], numbers[1], Tolerance())
        if found.remarks and not found.first:
            yield Difference(where, _short(got), _short(expected))
        for inner in found.first:
            yield Difference(f"{where}{inner.at}", inner.got, inner.expected)
    elif tables.family_of(got) == tables.family_of(expected) != "":
        inside = _of_tables(got, expected, Tolerance())
        yield from (Difference(where, _short(got), _short(expected)) for _ in inside.remarks[:1])
        yield from (
            Difference(f"{where}{each.at}", each.got, each.expected) for each in inside.first
        )
    elif type(got) is not type(expected) or _differs(got, expected):
        yield Difference(where, _short(got), _short(expected))


def _of_dicts(
    got: dict[Any, Any],
    expected: dict[Any, Any],
    where: str,
    depth: int,
    steps: Iterator[int],
) -> Iterator[Difference]:
    if len(got) > MOST_ITEMS or len(expected) > MOST_ITEMS:
        return
    if not all(type(key) in KEYS for key in (*dict.keys(got), *dict.keys(expected))):
        return
    for key, value in dict.items(expected):
        at = f"{where}[{_short(key)}]"
        if not dict.__contains__(got, key):
            yield Difference(at, "not there", _short(value))
        else:
            yield from _of_containers(dict.__getitem__(got, key), value, at, depth + 1, steps)
    for key, value in dict.items(got):
        if not dict.__contains__(expected, key):
            yield Difference(f"{where}[{_short(key)}]", _short(value), "not there")


def _differs(got: Any, expected: Any) -> bool:
    """Whether two values of one type differ, as far as it is safe to ask."""
    return type(got) in KEYS and bool(got != expected)


def _short(value: Any) -> str:
    return in_words(summary_of(value), 60)
