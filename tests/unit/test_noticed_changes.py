"""Changes of arrays in place: each one is noticed, whatever the numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.boundary.changes import are_same, snapshot

TYPES = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?", "c16", "c8", ">f8"]
CHANGES: dict[str, Callable[[Any], Any]] = {
    "all negative": lambda array: np.negative(array, out=array),
    "twice as large": lambda array: np.multiply(array, 2, out=array),
    "reversed": lambda array: array.__setitem__(slice(None), array[::-1].copy()),
    "one is 2": lambda array: array.__setitem__(0, 2),
    "the last is 0": lambda array: array.__setitem__(-1, 0),
    "all are 2": lambda array: array.fill(2),
}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 8, 9, 16, 100])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", TYPES)
def test_change_of_an_array_is_noticed(kind: str, change: Callable[[Any], Any], size: int) -> None:
    if kind == "?":
        array = np.arange(size) % 3 == 0
        array[0] = not array[0] and size % 2 == 0
        change = lambda array: np.logical_not(array, out=array)  # noqa: E731
    else:
        array = np.arange(1, size + 1).astype(kind)
    kept, before = array.copy(), snapshot(array)
    change(array)
    assert are_same(before, snapshot(array)) == np.array_equal(kept, array)


@given(st.data())
def test_numbers_that_are_set_are_noticed(data: st.DataObject) -> None:
    numbers = st.sampled_from([0.0, 1.0, 2.0, -2.0, 4.0, 0.5, -0.5, 1e300, np.inf])
    array = np.array(data.draw(st.lists(numbers, min_size=1, max_size=20)))
    kept, before = array.copy(), snapshot(array)
    for place in data.draw(st.lists(st.integers(0, array.size - 1))):
        array[place] = data.draw(numbers)
    assert are_same(before, snapshot(array)) == np.array_equal(kept, array)
