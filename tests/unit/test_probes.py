"""Other arguments like those of a test."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from referee.judge.probes import Probe, draws_for, other_lists, probe_of, with_another

GIVEN: tuple[Any, ...] = (
    *(3, 0, -4, 10**12, 2.5, 0.3, 3.30, float("nan"), "K", "2/3", "Ann-7"),
    *(Decimal("3.30"), Fraction(2, 3), date(2026, 11, 29), timedelta(minutes=90)),
)


def others_of(*args: Any, **kwargs: Any) -> list[Any]:
    """Other lists of arguments than these."""
    draws = draws_for((args, kwargs))
    assert draws is not None
    return other_lists((args, kwargs), draws)[1:]


@pytest.mark.parametrize("value", GIVEN, ids=repr)
def test_other_value_is_of_the_same_type_and_differs(value: Any) -> None:
    others = [other for ((other,), _) in others_of(value)]
    assert {type(other) for other in others} == {type(value)}
    assert len(others) > 5 and len(set(others)) == len(others)
    assert value not in others


def test_other_arguments_keep_their_form() -> None:
    given = [1, (2.5, "a")], np.array([[1, 2]])
    for (first, array), named in others_of(*given, rate={"x": 3}, log=True):
        assert type(first) is list and type(first[1]) is tuple and len(first[1]) == 2
        assert array.shape == (1, 2) and array.dtype == given[1].dtype
        assert named.keys() == {"rate", "log"} and type(named["log"]) is bool


def test_one_value_is_another() -> None:
    given = ([1, 2],), {"c": 3}
    draws = draws_for(given)
    assert draws is not None
    args, kwargs = with_another(given, 1, draws[1])
    assert args[0][0] == 1 and args[0][1] != 2 and kwargs == {"c": 3}


def test_numbers_keep_their_sign_and_decimals() -> None:
    numbers = [args for args, _ in others_of(3, -2, 3.25, 0.5)]
    assert all(a > 0 > b and c == round(c, 2) and 0 <= d <= 1 for a, b, c, d in numbers)


def test_number_can_be_anywhere_among_others() -> None:
    smaller = [sum(other < 500 for ((other,), _) in others_of(500)) for _ in range(200)]
    assert min(smaller) < 3 and max(smaller) > 12


def test_texts_and_zeros_are_often_the_same() -> None:
    lists = [args for _ in range(20) for args, _ in others_of(7, "EUR", 0)]
    for place, value in ((1, "EUR"), (2, 0)):
        assert 0.3 < sum(args[place] == value for args in lists) / len(lists) < 0.7


@pytest.mark.parametrize("value", [None, (2, None), {1, 2}, {"a": None}, [b"x"]], ids=repr)
def test_arguments_that_have_no_others_are_not_tried(value: Any) -> None:
    assert draws_for(((1, value), {})) is None


# What was made of sixteen lists of arguments, each followed by what was made with another value.
HONEST = [[[{"x": ("value", n)}], [{"x": ("value", n + 100)}]] for n in range(16)]
NEARLY = [[[{"x": ("value", 7 + n * 1e-9)}], [{"x": ("value", n + 100.0)}]] for n in range(16)]


@pytest.mark.parametrize(
    ("groups", "tells_apart"),
    [
        (HONEST, True),
        ([[group[0], None] for group in HONEST], True),  # the class takes no other value
        (HONEST[:6] + [[None, None]] * 10, True),  # nor most others
        (HONEST[:5] + [[None, None]] * 11, False),
        ([[group[0], group[0]] for group in HONEST], False),  # the value does not matter
        ([[HONEST[0][0], HONEST[0][0]], *HONEST[1:]], False),  # nor in the test's own list
        ([HONEST[0]] * 3 + HONEST[3:], True),  # two others lead to the same
        ([HONEST[0]] * 4 + HONEST[4:], False),
        (HONEST[:12] + HONEST[1:5], True),
        (HONEST[:11] + HONEST[1:6], False),  # few different ones
        (NEARLY, False),  # what is rounded would be equal to all
    ],
)
def test_class_tells_arguments_apart_if_each_value_matters(
    groups: list[list[Any]], tells_apart: bool
) -> None:
    assert probe_of(groups).tells_apart is tells_apart


def test_object_agrees_with_what_was_made_of_its_arguments() -> None:
    probe = probe_of(HONEST)
    assert probe.agrees([("class", {"x": ("value", 0)})])
    assert not probe.agrees([("class", {"x": ("value", 1)})])
    assert not Probe(probe.attributes, tells_apart=False).agrees([("class", {"x": ("value", 0)})])
