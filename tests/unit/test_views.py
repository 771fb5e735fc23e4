"""Arrays that a student's function returns and that share memory with what a test has passed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from referee.boundary.frame import BoundaryError
from referee.boundary.views import layout_in, view_of
from tests.support.sides import Student

Take = Callable[[Any], Any]

VIEWS: dict[str, Take] = {
    "every second row": lambda a: a[::2],
    "a column": lambda a: a[:, 1],
    "backwards": lambda a: a[::-1],
    "transposed": lambda a: a.T,
    "another shape": lambda a: a.reshape(-1),
    "windows": lambda a: np.lib.stride_tricks.sliding_window_view(a[0], 2),
    "one element": lambda a: a[1:2, 1:2],
}
GIVEN = {
    "in rows": np.arange(12.0).reshape(4, 3),
    "large": np.arange(60_000.0).reshape(200, 300),
    "times": np.arange(12).reshape(4, 3).astype("M8[D]"),
    "texts": np.arange(12).reshape(4, 3).astype("U2"),
    "read only": np.frombuffer(bytes(range(96))).reshape(4, 3),
}


@pytest.mark.parametrize("take", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_view_of_an_argument_is_one_of_the_tests_own_array(given: Any, take: Take) -> None:
    student, wanted = Student(), take(given)
    with student.channel:
        found = student.has(take)(given)
    np.testing.assert_array_equal(found, wanted)
    assert np.shares_memory(found, given) and found.base is not None
    assert found.flags.writeable == wanted.flags.writeable and found.strides == wanted.strides


@pytest.mark.parametrize("take", VIEWS.values(), ids=VIEWS)
def test_view_of_an_argument_that_lies_otherwise_in_memory_has_its_values(take: Take) -> None:
    for given in (np.arange(24.0).reshape(4, 6)[:, ::2], np.arange(12, dtype="g").reshape(4, 3)):
        student = Student()
        with student.channel:
            np.testing.assert_array_equal(student.has(take)(given), take(given))


def test_view_of_an_array_in_columns() -> None:
    given = np.asfortranarray(np.arange(12.0).reshape(4, 3))
    student = Student()
    with student.channel:
        found = student.has(lambda a: a[:, 1])(given)
    found[0] = 99
    assert given[0, 1] == 99


def test_copy_of_an_argument_is_none_of_its_views() -> None:
    given, student = np.arange(12.0).reshape(4, 3), Student()
    with student.channel:
        found = student.has(lambda a: a[:, 1].copy())(given)
    assert not np.shares_memory(found, given)


def test_view_of_a_changed_argument_has_the_change() -> None:
    def scale(a: Any) -> Any:
        a *= 2
        return a[1:]

    given, student = np.arange(3.0), Student()
    with student.channel:
        found = student.has(scale)(given)
    assert found.tolist() == [2, 4] and given.tolist() == [0, 2, 4] and found.base is given


@pytest.mark.parametrize(
    "layout",
    [
        ([4], [8], 0, True),
        ([2], [8], 16, True),
        ([2], [-8], 0, True),
        ([2], [8], -8, True),
        ([1], [8], 24, True),
        ([3, 2], [0, 0], 0, True),
        ([2**40, 2**40], [0, 0], 0, True),
        ([0], [8], 0, True),
        ([-1], [8], 0, True),
        ([2], [8, 8], 0, True),
        ([2.0], [8], 0, True),
        ([2], [8], None, True),
        ("2", [8], 0, True),
        ([1] * 65, [8] * 65, 0, True),
    ],
)
def test_view_of_more_than_there_is_is_refused(layout: Any) -> None:
    with pytest.raises(BoundaryError):
        view_of(np.arange(3.0), *layout)


@pytest.mark.parametrize("base", [[1, 2, 3], np.array([None] * 3), None])
def test_view_of_what_is_no_array_of_numbers_is_refused(base: Any) -> None:
    with pytest.raises(BoundaryError):
        view_of(base, [2], [8], 0, True)


def test_view_as_another_dtype_is_a_copy() -> None:
    given = np.arange(3.0)
    assert layout_in(given.view("u1"), [given]) is None
