"""The line of a test that failed, and what it compared there."""

import ast
import linecache
from typing import Any

import pytest

from referee.judge.asserts import keep_operands
from referee.judge.call_log import CallLog
from referee.judge.explain import explained
from referee.judge.failure import Failure, failure_of
from referee.model.explanation import FailedLine

FILE = "<a-test>"
GIVEN = """
import numpy as np

import numpy.testing as npt
import pandas as pd
S = pd.Series([1, 2])
A = np.arange(6.0).reshape(2, 3)
def half(x): return x / 2
"""


def fails(source: str) -> BaseException:
    """The error that a test ends with, as the judge runs it."""
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(GIVEN, names)
    with pytest.raises(BaseException) as raised:
        exec(compile(keep_operands(ast.parse(source)), FILE, "exec"), names)
    return raised.value


def failure(source: str) -> Failure:
    return failure_of(fails(source), {FILE: "a-test"})


def line_of(source: str) -> FailedLine:
    line = failure(source).line
    assert line is not None
    return line


@pytest.mark.parametrize(
    ("source", "got", "expected"),
    [
        ("assert half(4) == 3", "half(4) = 2.0", "3 = 3"),
        ("assert 3 == half(4)", "half(4) = 2.0", "3 = 3"),
        ("x = 2\\nassert x is None", "x = 2", "None = None"),
        ("assert np.allclose(half(A), A)", "half(A) = ", "A = "),
        ("assert (half(A) == A).all()", "half(A) = ", "A = "),
        ("assert np.all(half(A) == A)", "half(A) = ", "A = "),
        ("npt.assert_allclose(half(A), A, err_msg='x')", "half(A) = ", "A = "),
        ("npt.assert_array_equal(half(A),\\n    [1, 2])", "half(A) = ", "[1, 2] = [1, 2]"),
        ("npt.assert_almost_equal(half(3), 1.6, decimal=2)", "half(3) = 1.5", "1.6 = 1.6"),
        ("npt.assert_equal({'a': 1}, {'a': 2})", "{'a': 1} = {'a': 1}", "{'a': 2} = {'a': 2}"),
        ("npt.assert_array_less(A, half(A))", "A = ", "half(A) = "),
        ("pd.testing.assert_series_equal(S, S + 1)", "S = ", "S + 1 = "),
        ("assert S.equals(S + 1)", "S = ", "S + 1 = "),
        ("assert (S == S + 1).all().all()", "S = ", "S + 1 = "),
        ("def f(x):\\n    y = x + 1\\n    assert y == x\\nf(3)", "y = 4", "x = 3"),
    ],
)
def test_values_that_were_compared_are_found(source: str, got: str, expected: str) -> None:
    found = failure(source.replace("\\n", "\n")).comparison
    assert found is not None
    assert f"{found.got.code} = {found.got.value}".startswith(got)
    assert f"{found.expected.code} = {found.expected.value}".startswith(expected)


def test_line_is_the_innermost_of_the_test() -> None:
    source = "def check(x):\n    y = x\n    assert y == 1, 'no'\n\nfor x in [1, 2]:\n    check(x)"
    line = line_of(source)
    assert (line.cell, line.number, line.source) == ("a-test", 3, "assert y == 1, 'no'")


def test_statement_is_shown_whole_and_a_compound_one_by_its_head() -> None:
    assert line_of("x = [\n    1,\n    1 / 0,\n]").source == "x = [\n    1,\n    1 / 0,\n]"
    assert line_of("for x in range(1 / 0):\n    pass\n").source == "for x in range(1 / 0):"


def test_tolerance_of_the_test_counts() -> None:
    found = failure("npt.assert_allclose(A, A + [0, 1e-3, 1], atol=0.1)").comparison
    assert found is not None
    assert (found.differ, found.count) == (2, 6)
    found = failure("assert np.allclose(A, A + [0, 1e-3, 1], atol=0.1)").comparison
    assert found is not None
    assert (found.differ, found.count) == (2, 6)


def test_other_values_of_the_line_are_shown() -> None:
    found = failure("n, rate = 3, 0.5\nassert half(n) == rate * n - 1")
    assert [(value.code, value.value) for value in found.values] == [("n", "3"), ("rate", "0.5")]


def test_parts_of_a_condition_are_shown() -> None:
    found = failure("x = {'a': 1}\nassert isinstance(x['a'], str)")
    assert ("x['a']", "1") in [(value.code, value.value) for value in found.values]


def test_error_elsewhere_has_no_line() -> None:
    error = fails("assert False")
    assert failure_of(error, {"<another>": "another"}).line is None
    assert explained(error, "another", CallLog("<another>")).line is None


class Odd:
    """What a test compares can be anything."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("odd")

    __repr__ = __str__ = __len__ = __bool__ = __array__ = __eq__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


def test_odd_values_do_not_keep_a_failure_from_being_explained() -> None:
    source = "from tests.unit.test_failure import Odd\nx = Odd()\nassert x is None and x, 'no'"
    error = fails(source)
    found = explained(error, "a-test", CallLog(FILE))
    assert found.line is not None
    assert found.notes == ()


def test_failure_that_cannot_be_explained_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("referee.judge.explain.failure_of", broken)
    found = explained(AssertionError(), "a-test", CallLog(FILE))
    assert found.notes == ("not all is known of the values: MemoryError",)


def test_values_that_take_too_long_are_a_note_and_the_line_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("referee.judge.explain.MOST_CPU", 0.1)
    error = fails("got = [np.zeros(200_000)] * 1000\nassert got is [0] * 1000")
    found = explained(error, "a-test", CallLog(FILE))
    assert found.notes == ("not all is known of the values: it takes too long to look at them",)
    assert found.line is not None
    assert found.line.source == "assert got is [0] * 1000"


def test_nothing_is_evaluated_again() -> None:
    source = "seen = []\ndef f():\n    seen.append(1)\n    return len(seen)\nassert f() == 2"
    found = failure(source).comparison
    assert found is not None
    assert found.got.value == "1"


def test_arrays_are_compared_as_they_were() -> None:
    found = failure("x = np.zeros(3)\nnpt.assert_array_equal(x, [0, 1, 0])").comparison
    assert found is not None
    assert [(each.at, each.got, each.expected) for each in found.differences] == [("[1]", "0", "1")]
