"""The types of arrays that cross, and their descriptions as plain data.

A simple type is described by NumPy's own text; one of fields by its size and, of each field, its
name, description, shape and offset.
"""

import sys
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from referee.boundary.frame import DTYPE, BoundaryError

NUMBERS = "?bBhHiIlLqQefdFD"  # simple types that need no second look
MAX_FIELDS = 1000
MAX_NESTED = 5  # fields in fields
MAX_ITEM = 2**20  # bytes of one item of fields
MAX_SIDES = 8  # dimensions of a field
Array = NDArray[Any]


def narrowed(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type as which numbers cross: of a float wider than 8 bytes, float64 or complex128."""
    if dtype.char not in "gG":
        return dtype
    return np.dtype("f8" if dtype.char == "g" else "c16").newbyteorder(dtype.byteorder)


def rounded(value: Array) -> Array:
    """The array as it crosses."""
    dtype = narrowed(value.dtype)
    if dtype == value.dtype:
        return value
    with np.errstate(all="ignore"):
        return value.astype(dtype)


def described(dtype: np.dtype[Any], nested: int = 0) -> str | list[Any] | None:
    """A type as plain data, None if its arrays do not cross."""
    if dtype.char in NUMBERS or DTYPE.fullmatch(dtype.str):
        return dtype.str
    if dtype.names is None or not 0 < dtype.itemsize <= MAX_ITEM or nested == MAX_NESTED:
        return None
    fields: list[Any] = []
    for name in dtype.names:
        found, offset, *title = dtype.fields[name]  # type: ignore[index]
        base, shape = found.subdtype or (found, ())
        inner = described(base, nested + 1)
        if inner is None or title or len(shape) > MAX_SIDES or len(fields) == MAX_FIELDS:
            return None
        fields.append([name, inner, list(shape), offset])
    return [dtype.itemsize, fields]


def dtype_of(description: Any) -> np.dtype[Any]:
    """Read what described gave.

    Raises:
        BoundaryError: there is no such type, or it does not cross.

    """
    try:
        return _dtype_of(description, 0, [MAX_FIELDS])
    except (TypeError, ValueError, OverflowError):
        raise BoundaryError(f"not a frame: an array of type {str(description)[:50]!r}") from None


def _dtype_of(description: Any, nested: int, left: list[int]) -> np.dtype[Any]:
    if type(description) is str:
        return _simple(description)
    size, fields = description
    left[0] -= len(fields)
    if type(size) is not int or not 0 < size <= MAX_ITEM or nested == MAX_NESTED or left[0] < 0:
        raise ValueError
    formats, offsets = [], []
    for name, inner, shape, offset in fields:
        if type(name) is not str or type(offset) is not int or len(shape) > MAX_SIDES:
            raise TypeError
        if any(type(side) is not int or not 0 < side <= MAX_ITEM for side in shape):
            raise ValueError
        base = _dtype_of(inner, nested + 1, left)
        if not 0 <= offset <= size - prod(shape) * base.itemsize:
            raise ValueError
        formats.append((base, tuple(shape)) if shape else base)
        offsets.append(offset)
    names = [name for name, *_ in fields]
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


@lru_cache
def _simple(description: str) -> np.dtype[Any]:
    if not DTYPE.fullmatch(description):
        raise ValueError
    return np.dtype(description)


def made_sound(flat: Array) -> Array:
    """The items, each of which is one of its type: the bytes are anybody's.

    Raises:
        BoundaryError: there is text of characters that do not exist.

    """
    dtype = flat.dtype
    if dtype.kind == "b":
        return flat.view(np.uint8) != 0  # NumPy relies on the bytes of bools being 0 or 1
    if dtype.kind == "U" and (flat.view(dtype.byteorder + "u4") > sys.maxunicode).any():
        raise BoundaryError("not a frame: text of characters that do not exist")
    if dtype.names is None:
        return flat
    sound = np.zeros(flat.shape, dtype)
    for name in dtype.names:
        field = np.ascontiguousarray(flat[name])
        sound[name] = made_sound(field.ravel()).reshape(field.shape)
    return sound
