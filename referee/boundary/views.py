"""Arrays that share memory with one that was passed: views, which are views on the other side, too.

`a[::2]` of an argument `a` comes back as a part of the test's own `a`, as in one process: what one
of them is given, the other one has. Only where both arrays lie in memory alike, and only with the
same dtype; all other arrays are copies.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from referee.boundary.dtypes import Array, described, narrowed, rounded
from referee.boundary.frame import BoundaryError

MAX_DIMENSIONS = 64  # of an array, as NumPy has it


def layout_in(value: Array, bases: Iterable[Any]) -> tuple[Array, list[Any]] | None:
    """The array of these that another one is a view of, and which part; None if there is none."""
    if type(value) is not np.ndarray or value.base is None or not value.size:
        return None
    for base in bases:
        if type(base) is not np.ndarray or base.dtype != value.dtype or value.nbytes > base.nbytes:
            continue
        if base is value or not _is_contiguous(base) or not np.may_share_memory(base, value):
            continue
        shape, strides = list(value.shape), list(value.strides)
        offset = _address(value) - _address(base)
        if _is_within(base, shape, strides, offset):
            return base, [shape, strides, offset, value.flags.writeable]
    return None


def view_of(base: Any, shape: Any, strides: Any, offset: Any, writeable: Any) -> Array:
    """The part of an array that was sent.

    Raises:
        BoundaryError: it has no such part.

    """
    numbers = [shape, strides]
    if any(type(each) is not list or len(each) > MAX_DIMENSIONS for each in numbers):
        raise BoundaryError("not a frame: a view without a shape")
    if any(type(each) is not int or abs(each) >= 2**62 for each in (*shape, *strides, offset)):
        raise BoundaryError("not a frame: a view of impossible shape")
    if type(base) is not np.ndarray or described(narrowed(base.dtype)) is None:
        raise BoundaryError("not a frame: a view of what is no array")
    if not _is_contiguous(base) or base.dtype != narrowed(base.dtype):
        is_in_columns = base.flags.f_contiguous and not base.flags.c_contiguous
        base = np.array(rounded(base), order="F" if is_in_columns else "C")
    if not _is_within(base, shape, strides, offset):
        raise BoundaryError("not a frame: a view of more than there is")
    memory = base if base.flags.c_contiguous else base.T
    value: Array = np.ndarray(shape, base.dtype, memory, offset, strides)
    if not writeable:
        value.flags.writeable = False
    return value


def _is_within(base: Array, shape: list[int], strides: list[int], offset: int) -> bool:
    """Whether a part of this layout is in the memory of an array, and no larger than that."""
    if len(shape) != len(strides) or any(length < 1 for length in shape):
        return False
    reach = [(length - 1) * stride for length, stride in zip(shape, strides, strict=True)]
    first = offset + sum(step for step in reach if step < 0)
    last = offset + sum(step for step in reach if step > 0) + base.dtype.itemsize
    count = 1
    for length in shape:
        count *= length
    return first >= 0 and last <= base.nbytes and count <= base.size


def _is_contiguous(value: Array) -> bool:
    return bool(value.flags.c_contiguous or value.flags.f_contiguous)


def _address(value: Array) -> int:
    return int(value.__array_interface__["data"][0])
