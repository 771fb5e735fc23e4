"""Visible tests: one line when they pass, a short table when they fail."""

import re
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from visible_tests import VisibleTest, VisibleTestError

RIGHT = np.arange(12.0).reshape(3, 4)


def failure(got: Any, expected: Any = RIGHT, **tolerances: float) -> str:
    """What a student reads when a result differs."""
    with pytest.raises(VisibleTestError) as raised, VisibleTest("scale") as test:
        test.close("A of scale(x)", got, expected, "twice as large", **tolerances)
    return str(raised.value)


def test_passing_test_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with VisibleTest("scale") as test:
        test.close("A", RIGHT + 1e-9, RIGHT, "twice as large")
        test.equal("mode", "train", "train", "the mode")
        test.that(True, "the cache must not be empty")
    assert capsys.readouterr().out == ("scale: all visible tests pass. Hidden tests check more.\n")


def test_different_entries_are_shown_beside_the_right_ones() -> None:
    wrong = RIGHT.copy()
    wrong[1, 2], wrong[2, 0] = 5, np.nan
    assert failure(wrong).splitlines() == [
        "scale: 1 check fails",
        "          expected  got",
        "A of scale(x) must be twice as large",
        "  [1, 2]         6    5",
        "  [2, 0]         8  nan",
        "  2 of 12 entries differ; shape (3, 4), float64",
    ]


def test_shape_comes_before_values() -> None:
    told = failure(RIGHT.T + 1)
    assert re.search(r"shape +\(3, 4\) +\(4, 3\)", told)
    assert "entries differ" not in told


@pytest.mark.parametrize(
    "got",
    [None, "text", {"a": 1}, [[1], [1, 2]], object(), 1j * RIGHT],
    ids=["nothing", "text", "dict", "ragged", "object", "complex"],
)
def test_what_is_no_array_of_numbers_is_shown_as_it_is(got: Any) -> None:
    assert "numbers, shape (3, 4)" in failure(got)


def test_lists_are_as_good_as_arrays(capsys: pytest.CaptureFixture[str]) -> None:
    with VisibleTest("scale") as test:
        test.close("A", RIGHT.tolist(), RIGHT, "twice as large")
    assert "pass" in capsys.readouterr().out


def test_number_is_shown_without_a_place() -> None:
    assert failure(2, 3.5).splitlines()[-1].split() == ["3.5", "2"]


def test_all_mismatches_are_raised_together() -> None:
    with pytest.raises(VisibleTestError) as raised, VisibleTest("network") as test:
        test.close("W1", RIGHT * 2, RIGHT, "drawn")
        test.equal("act1", "linear", "relu", "the activation of the first layer")
        test.that({}, "the cache must not be empty")
    told = str(raised.value)
    assert told.startswith("network: 3 checks fail\n")
    for sentence in (
        "W1 must be drawn",
        "act1 must be the activation of the first layer",
        "the cache must not be empty",
    ):
        assert sentence in told.splitlines()


@pytest.mark.parametrize("number", [1, 2, 3, 40])
def test_table_stays_short_and_narrow(number: int) -> None:
    with pytest.raises(VisibleTestError) as raised, VisibleTest("f" * 200) as test:
        for check in range(number):
            what = f"{check} of a result with a very long name, " * 5
            test.close(what, np.full((90, 90), 1e-300), np.full((90, 90), np.pi * 1e20), "right")
            test.equal("text", "x" * 1000, "\n" * 1000, "short")
    lines = str(raised.value).splitlines()
    assert len(lines) <= 15
    assert max(map(len, lines)) <= 80


def test_checks_that_have_no_room_are_named() -> None:
    with pytest.raises(VisibleTestError) as raised, VisibleTest("network") as test:
        for key in ("W1", "b1", "W2", "b2", "W3"):
            test.equal(key, 0, 1, "one")
    assert str(raised.value).splitlines()[-1] == "and: b2, W3"


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (1, "what is returned does not have the form that the docstring describes"),
        ((1, 2, 3), "what is returned does not have the form that the docstring describes"),
        ((1, {}), "the key 'Z' is missing in what is returned"),
    ],
    ids=["one value", "three values", "no key"],
)
def test_result_that_cannot_be_taken_apart_is_said_in_words(returned: Any, told: str) -> None:
    with pytest.raises(VisibleTestError, match=re.escape(f"relu: {told}")), VisibleTest("relu"):
        _, cache = returned
        cache["Z"]


def test_exception_of_the_function_stays_what_it_is() -> None:
    def scale() -> None:
        raise KeyError("of the student")

    with pytest.raises(KeyError, match="of the student"), VisibleTest("scale"):
        scale()


def shown(code: str) -> str:
    """What IPython prints for code that fails."""
    shell = InteractiveShell()
    shell.run_cell("from visible_tests import VisibleTest")
    with redirect_stdout(StringIO()) as out:
        shell.run_cell(code)
    return re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())  # without colours


def test_ipython_shows_the_table_and_no_traceback() -> None:
    told = shown("with VisibleTest('relu') as test:\n    test.equal('act', 'a', 'b', 'the name')")
    assert told.splitlines() == [
        "relu: 1 check fails",
        "    expected  got",
        "act must be the name",
        "         'b'  'a'",
    ]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("def relu():\n    raise NotImplementedError()", "relu is not written yet."),
        ("", "relu is not defined. Run its cell first."),
    ],
    ids=["not written", "not run"],
)
def test_function_that_is_not_there_is_one_line(function: str, told: str) -> None:
    test = "def test():\n    with VisibleTest('network'):\n        relu()\ntest()"
    assert shown(f"{function}\n{test}").strip() == told


def test_mistake_in_the_function_is_shown_with_its_line() -> None:
    told = shown("def relu():\n    return undefined\nwith VisibleTest('relu') as test:\n    relu()")
    assert "return undefined" in told
