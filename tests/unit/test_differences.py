"""In what two values differ, in words."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from referee.judge.differences import MOST, Tolerance, differences
from tests.support.bounds import ends
from tests.support.frames import some, values
from tests.support.kinds import EXAMPLES

A = np.arange(1.0, 7.0).reshape(2, 3)
T = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [1.5, np.nan]}, index=["p", "q"])


@pytest.mark.parametrize(
    ("got", "expected", "remark"),
    [
        (A / 2, A, "got is 0.5 times what was expected, everywhere"),
        (-A, A, "got has the other sign everywhere"),
        (A + 3, A, "got is what was expected plus 3, everywhere"),
        (np.zeros((2, 3)), A, "all values that came are 0"),
        (np.ones((2, 3)), A, "all values that came are 1"),
        (A.T, A, "got is the transpose of what was expected"),
        (A.ravel(), A, "the values are the same, in another shape"),
        (A.ravel(), A, "the shapes differ: got (6,), expected (2, 3)"),
        (A[:, :2], A, "the shapes differ: got (2, 2), expected (2, 3)"),
        (A * np.nan, A, "6 of the 6 values that came are nan"),
        (A * np.inf, A, "6 of the 6 values that came are infinite"),
        (A * [[2.0], [3.0]], A, "each row of got is what was expected times one number"),
        (A + np.array([2, 3, 4]), A, "each column of got is what was expected plus one number"),
        (A + np.eye(2, 3), A, "the largest difference is 1, at [0, 0], where 1 was expected"),
        ("Hello ", "Hello", "they differ in blanks or line ends only"),
        ("hello", "Hello", "they differ in capitals only"),
        ("abc", "abcd", "got 3 characters, expected 4"),
        ((4,), (4, 1), "got 1 value, expected 2"),
        ([1, 2, 3], [1, 2], "got 3 values, expected 2"),
        (None, 3, "got None, expected an int"),
        ([1], (1,), "got a list, expected a tuple"),
        (T.iloc[:1], T, "the shapes differ: got (1, 3), expected (2, 3)"),
        (T[["a", "b"]], T, "columns that are not there: 'c'"),
        (T.assign(d=1), T, "columns that are not expected: 'd'"),
        (T[["b", "a", "c"]], T, "the columns are in another order"),
        (T.astype({"a": float}), T, "the dtypes of column 'a' differ: got float64, expected int64"),
        (T["a"], T["a"].astype("Int64"), "the dtypes differ: got int64, expected Int64"),
        (T.reset_index(drop=True), T, "the index differs at 0: got 0, expected 'p'"),
        (T["a"].rename("b"), T["a"], "the names differ: got 'b', expected 'a'"),
        (T, T["a"], "got a DataFrame, expected a Series"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_what_differs_is_said_in_words(got: Any, expected: Any, remark: str) -> None:
    assert remark in differences(got, expected).remarks


@pytest.mark.parametrize("got", [(4,), (1, 4)])
def test_sizes_that_differ_are_not_said_to_have_a_shape_or_a_largest_difference(got: Any) -> None:
    remarks = "; ".join(differences(got, (1, 40)).remarks)
    assert "shape" not in remarks
    assert "largest" not in remarks


@pytest.mark.parametrize(
    ("got", "expected", "found"),
    [
        (A + np.array([0, 0, 1e-9]), A, ("[0, 2]", "3.000000001", "3.0")),
        ([1, 2, 3], [1, 5, 3], ("[1]", "2", "5")),
        ({"W": A, "b": 1}, {"W": A, "b": 2}, ("['b']", "1", "2")),
        ({"W": A}, {"W": A, "b": 2}, ("['b']", "not there", "2")),
        ({"W": A + np.eye(2, 3)}, {"W": A}, ("['W'][0, 0]", "2", "1")),
        (
            {"W": A.T},
            {"W": A.T[:1]},
            ("['W']", "float64 (3, 2) [[1, 4], [2, 5], [3, 6]]", "float64 (1, 2) [[1, 4]]"),
        ),
        ({1, 2}, {1, 3}, ("", "not there", "3")),
        ("a longer text", "a lonely text", ("[5]", "'a longer text'", "'a lonely text'")),
        ([1, [2, "x"]], [1, [2, "y"]], ("[1][1]", "'x'", "'y'")),
        (T.assign(a=[1, 3]), T, (".loc['q', 'a']", "3", "2")),
        (T.fillna({"b": "y"}), T, (".loc['q', 'b']", "'y'", "nan")),
        (T, T.assign(c=2.5), (".loc['p', 'c']", "1.5", "2.5")),
        (T["c"], T["c"].fillna(0), (".loc['q']", "nan", "0.0")),
        (T.index, pd.Index(["p", "r"]), ("[1]", "'q'", "'r'")),
        ({"t": T}, {"t": T.assign(a=1)}, ("['t'].loc['q', 'a']", "2", "1")),
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            pd.DataFrame([[1, 3]], columns=["a", "a"]),
            (".loc[0, 'a']", "2", "3"),
        ),
    ],
    ids=lambda value: "",
)
def test_first_difference_has_its_place(got: Any, expected: Any, found: tuple[str, ...]) -> None:
    first = differences(got, expected).first[0]
    assert (first.at, first.got, first.expected) == found


def test_differences_are_counted_with_the_tolerance_of_the_test() -> None:
    got = A + np.array([0, 1e-3, 1])
    assert differences(got, A).differ == 4
    assert differences(got, A, Tolerance(absolute=0.01)).differ == 2
    assert differences(got, A, Tolerance(relative=1.0)).differ == 0
    assert differences(got, A).count == 6


def test_nan_where_it_was_expected_is_no_difference() -> None:
    assert differences(np.array([np.nan, 1.0]), np.array([np.nan, 2.0])).differ == 1
    assert differences(np.array([np.inf, 1.0]), np.array([np.inf, 1.0])).differ == 0
    assert differences(np.array([np.inf, 1.0]), np.array([1.0, np.inf]), Tolerance(1)).differ == 2


def test_few_of_many_differences_are_shown() -> None:
    assert len(differences(np.zeros(1000), np.ones(1000)).first) == MOST
    assert len(differences(list(range(1000)), [0] * 1000).first) == MOST


def test_tables_that_are_the_same_have_no_differences() -> None:
    for value in EXAMPLES.values():
        found = differences(value, value)
        assert (found.first, found.differ, found.remarks) == ([], 0, ())


def test_tables_with_objects_that_cannot_be_compared_are_compared() -> None:
    class Never:
        def __eq__(self, other: object) -> bool:
            raise RuntimeError

    one, other = (pd.DataFrame({"a": [Never()], "b": [number]}) for number in (1, 2))
    assert [each.at for each in differences(one, other).first] == [".loc[0, 'b']"]


@some
@given(values, values)
def test_any_two_values_are_compared(got: Any, expected: Any) -> None:
    found = differences(got, expected)
    assert len(found.first) <= MOST
    assert sum(len(text) for each in found.first for text in (each.at, each.got)) < 5000


def test_a_large_array_is_compared_in_part() -> None:
    large = np.broadcast_to(np.float64(1), (10**6, 10**6))
    with ends():
        assert differences(large, large).first == []


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (list(range(10**6)), list(range(1, 10**6))),
        ("x" * 10**7, "x" * 10**7 + "y"),
        (np.zeros((400, 400)), np.ones((400, 400))),
        (pd.Series(["x"] * 10**6), pd.Series(["y"] * 10**6)),
    ],
    ids=["lists", "texts", "arrays", "columns"],
)
def test_few_differences_of_large_values_are_shown(got: Any, expected: Any) -> None:
    with ends():
        assert 0 < len(differences(got, expected).first) <= MOST


def test_a_large_table_is_compared_in_part() -> None:
    zeros = pd.DataFrame(np.zeros((10**5, 3)))
    assert "very many cells differ" in differences(zeros, zeros + 1).remarks


def test_lists_that_are_in_a_list_many_times_are_compared_once() -> None:
    one, other = ([[[[each] * 900] * 900] * 900] for each in (1, 2 - 1))
    with ends():
        assert differences(one, other).first == []


def test_long_texts_that_begin_alike_are_not_said_to_be_the_same() -> None:
    found = differences("a" * 20_000 + "b" + "c" * 50, "a" * 20_000 + "x" + "c" * 50)
    assert found.first[0].at == "[20000]"
    assert not found.remarks
