"""What a test's last value is worth, by nbgrader's own reading of what the judge shows."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
import sympy
from nbgrader.utils import determine_grade

from referee.judge.judge import _result
from referee.judge.points import NoPoints, gives_points, gives_truth, shown

POINTS = 10.0
COMPUTES = "points = 0\npoints += f(1)\npoints"
SHOWS = "f(1)"
COMPARES = "f(1) == 4"


def worth(value: Any, source: str) -> float:
    """The points that nbgrader gives a test cell which ends with this value."""
    try:
        output = _result(shown(value, POINTS, source), POINTS)
    except NoPoints as error:
        output = nbformat.v4.new_output("error", ename="NoPoints", evalue=str(error))
    about = {"grade": True, "solution": False, "points": POINTS, "grade_id": "t"}
    cell = nbformat.v4.new_code_cell(outputs=[output], metadata={"nbgrader": about})
    points, _ = determine_grade(cell)
    assert points is not None
    return points


NUMBERS = {
    "int": (5, 5),
    "float": (2.5, 2.5),
    "NumPy's float": (np.float64(2.5), 2.5),
    "NumPy's short float": (np.float32(2.5), 2.5),
    "NumPy's long float": (np.longdouble(2.5), 2.5),
    "NumPy's int": (np.int8(5), 5),
    "array of one": (np.array([5.0]), 5),
    "array of one with dimensions": (np.array([[5]]), 5),
    "array without dimensions": (np.array(5.0), 5),
    "fraction": (Fraction(1, 2), 0.5),
    "decimal": (Decimal("2.5"), 2.5),
    "complex, on the real line": (5 + 0j, 5),
    "NaN": (math.nan, 0),
    "NaN in decimals": (Decimal("NaN"), 0),
    "array of NaN": (np.array([np.nan]), 0),
    "infinity": (math.inf, 10),
    "minus infinity": (-math.inf, 0),
    "negative": (-3, 0),
    "minus zero": (-0.0, 0),
    "negative array": (np.array([-3]), 0),
    "too much": (11, 10),
    "far too much": (10**5000, 10),
    "far too large a fraction": (Fraction(10**5000, 3), 10),
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("source", [COMPUTES, SHOWS])
def test_what_is_nearly_a_number_is_one(name: str, source: str) -> None:
    value, points = NUMBERS[name]
    assert worth(value, source) == points


TEXTS = {
    "text": ("5", 5),
    "NumPy's text": (np.str_("5"), 5),
    "array of one text": (np.array(["5"]), 5),
    "NaN": ("nan", 0),
    "infinity": ("inf", 10),
    "far too much": ("1" + "0" * 500, 10),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_a_number_only_where_none_is_computed(name: str) -> None:
    value, points = TEXTS[name]
    assert worth(value, SHOWS) == points
    assert worth(value, COMPUTES) == 0


@pytest.mark.parametrize(
    "value", [False, np.False_, np.array([False]), np.array([True, False]), np.zeros(0, bool)]
)
@pytest.mark.parametrize("source", [COMPUTES, SHOWS])
def test_false_is_no_points(value: Any, source: str) -> None:
    assert worth(value, source) == 0


@pytest.mark.parametrize("value", [True, np.True_, np.array([True]), np.array([True, True])])
def test_true_is_full_points_unless_points_are_computed(value: Any) -> None:
    assert worth(value, SHOWS) == POINTS
    assert worth(value, COMPUTES) == 1


@pytest.mark.parametrize("source", [COMPUTES, SHOWS])
def test_complex_number_is_no_points(source: str) -> None:
    assert worth(5 + 1j, source) == worth(np.array([5 + 1j]), source) == 0


OTHERS = [[5], [], (5,), {}, "well done", b"5", np.zeros(2), np.zeros(0), ...]


@pytest.mark.parametrize("value", OTHERS, ids=repr)
def test_what_is_no_number_is_full_points_only_where_none_are_computed(value: Any) -> None:
    assert worth(value, SHOWS) == POINTS
    assert worth(value, COMPUTES) == 0


COMPARED = {
    "series": (pd.Series([True, True]), POINTS),
    "wrong series": (pd.Series([True, False]), 0),
    "series in which one is missing": (pd.Series([True, pd.NA], dtype="boolean"), 0),
    "table": (pd.DataFrame({"a": [True], "b": [True]}), POINTS),
    "wrong table": (pd.DataFrame({"a": [True], "b": [False]}), 0),
    "nothing": (None, POINTS),
    "what is missing": (pd.NA, 0),
    "inequality": (sympy.Symbol("x") > 3, 0),
    "wrong array": (np.array([True, False]), 0),
}


@pytest.mark.parametrize("name", COMPARED)
def test_comparison_is_full_points_only_where_it_is_true(name: str) -> None:
    value, points = COMPARED[name]
    assert worth(value, COMPARES) == points


@pytest.mark.parametrize("name", ["series", "wrong series", "wrong table", "what is missing"])
def test_table_that_is_looked_at_is_full_points(name: str) -> None:
    assert worth(COMPARED[name][0], SHOWS) == POINTS


COMPARISONS = {
    COMPARES: True,
    "right = f(1) == 4\nright": True,
    "f(1) == 1 and f(2) > 3": True,
    "def test():\n    return f(1) < 2\ntest()": True,
    "f(1)": False,
    "[f(1) == 4]": False,
    "3 * (f(1) == 4)": False,
}


@pytest.mark.parametrize("source", COMPARISONS)
def test_last_line_compares(source: str) -> None:
    assert gives_truth(source) is COMPARISONS[source]


LAST_LINES = {
    "10 * accuracy(f)": True,
    "5": True,
    "-f(1) + 5": True,
    "sum(f(x) == y for x, y in cases)": True,
    "max(0, f(1))": True,
    "f(1) and 3 * f(2)": True,
    "5 if f(1) else g": True,
    "points = 0\nif f(1): points = 5\npoints": True,
    "points = f(1)\npoints += 2\npoints / total": True,
    "x = points = 2\nx": True,
    "def test():\n    right = 0\n    right += f(1)\n    return right\ntest()": True,
    "def test():\n    return 3 * f(1)\ndef all_tests():\n    return test()\nall_tests()": True,
    "(points := 2)": True,
    "f(1)": False,
    "A = f(1)\nA": False,
    "A @ B": False,
    "f(1) == 2": False,
    "plt.plot([1, 2])": False,
    "'%d points' % 5": False,
    "f'{x}' + g(1)": False,
    "def test():\n    f(1)\ntest()": False,
    "def loop():\n    return loop()\nloop()": False,
    "x = x\nx": False,
    "points = 5": False,
    "": False,
    "points = (": False,
    "'done'": False,
    "True": False,
}


@pytest.mark.parametrize("source", LAST_LINES)
def test_last_line_computes_points(source: str) -> None:
    assert gives_points(source) is LAST_LINES[source]
