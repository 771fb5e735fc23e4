"""What crosses the boundary: plain data, all of it unharmed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from referee.boundary.codec import MAX_DEPTH, MAX_INT
from referee.boundary.frame import BoundaryError
from tests.support.frames import (
    HOSTILE,
    arrays,
    decoded,
    encoded,
    facts,
    frame_of,
    many,
    values,
)


@many
@given(values)
def test_a_value_comes_back_as_it_was(value):
    assert facts(decoded(encoded(value))) == facts(value)


@many
@given(arrays())
def test_an_array_comes_back_as_it_was(array):
    assert facts(decoded(encoded(array))) == facts(array)


@pytest.mark.parametrize("kind", [list, dict])
def test_a_container_may_contain_itself(kind):
    value: Any = [[]] if kind is list else {0: []}
    value[0] = (value, {"again": value})
    back = decoded(encoded(value))
    assert back[0][0] is back
    assert back[0][1]["again"] is back


def test_what_is_shared_stays_shared():
    array, row = np.ones(3), [0.0]
    value = {"rows": [row, row], "cache": (array, {"W": array}, row)}
    back = decoded(encoded(value))
    assert back["rows"][0] is back["rows"][1] is back["cache"][2]
    assert back["cache"][0] is back["cache"][1]["W"]


def test_writing_into_one_array_that_came_leaves_the_others_alone():
    first, second = decoded(encoded([np.zeros(40_000), np.zeros(40_000)]))
    first += 1
    assert not second.any()


@pytest.mark.parametrize("inner", [1, 1j, 2**70, np.float32(1), [], np.zeros(2)])
def test_what_may_be_sent_can_be_read_up_to_the_last_level(inner):
    for depth in range(MAX_DEPTH - 1, MAX_DEPTH + 3):
        value = inner
        for _ in range(depth):
            value = [value]
        try:
            frame = encoded(value)
        except BoundaryError as error:
            assert "deep" in str(error)
        else:
            decoded(frame)


def test_an_int_of_too_many_bits_is_refused_with_a_reason():
    with pytest.raises(BoundaryError, match="8192 bits"):
        encoded(2**MAX_INT)


WIDE = {
    "real": (np.longdouble, np.float64),
    "complex": (np.clongdouble, np.complex128),
}


@pytest.mark.parametrize(("wide", "narrow"), WIDE.values(), ids=WIDE)
def test_floats_wider_than_8_bytes_are_rounded(wide: Any, narrow: Any) -> None:
    array = np.array([[1, 2, 3], [4, 5, 6]], wide) / 3
    for value in (array, array.T, array[:, ::2], array.astype(array.dtype.newbyteorder(">"))):
        back = decoded(encoded(value))
        assert back.dtype.type is narrow
        assert back.dtype.itemsize == np.dtype(narrow).itemsize
        np.testing.assert_array_equal(back, value.astype(narrow))
    back = decoded(encoded(array[0, 0]))
    assert type(back) is narrow
    assert back == narrow(array[0, 0])


def test_what_is_too_large_for_a_float_is_infinite() -> None:
    assert decoded(encoded(np.longdouble("1e4000"))) == np.inf


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.startswith("wide")])
def test_wider_floats_are_refused_where_they_arrive(name: str) -> None:
    with pytest.raises(BoundaryError, match=r"array of type '[<>][fc]\d+'"):
        decoded(frame_of(HOSTILE[name]))
