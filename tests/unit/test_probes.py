"""Other arguments like those of a test."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from referee.judge.probes import Probe, other_arguments, probe_of

GIVEN: tuple[Any, ...] = (
    *(3, 0, -4, 10**12, 2.5, 0.3, 3.30, float("nan"), "K", "2/3", "Ann-7"),
    *(Decimal("3.30"), Fraction(2, 3), date(2026, 11, 29), timedelta(minutes=90)),
)


@pytest.mark.parametrize("value", GIVEN, ids=repr)
def test_other_value_is_of_the_same_type_and_differs(value: Any) -> None:
    others = [other_arguments(((value,), {}))[0][0] for _ in range(50)]
    assert {type(other) for other in others} == {type(value)}
    assert all(other != value for other in others) and len(set(others)) > 5


def test_other_arguments_keep_their_form() -> None:
    given = ([1, (2.5, "a")], np.array([[1, 2]])), {"rate": {"x": 3}, "log": True, "to": None}
    (first, array), named = other_arguments(given)
    assert type(first) is list and type(first[1]) is tuple and len(first[1]) == 2
    assert array.shape == (1, 2) and array.dtype == given[0][1].dtype
    assert named.keys() == given[1].keys() and named["log"] is True and named["to"] is None
    assert not np.any(array == given[0][1]) and named["rate"]["x"] != 3


def test_one_value_can_be_another() -> None:
    given = ([1, 2],), {"c": 3}
    args, kwargs = other_arguments(given, only=1)
    assert args[0][0] == 1 and args[0][1] != 2 and kwargs == {"c": 3}


def test_numbers_keep_their_sign_and_decimals() -> None:
    numbers = [other_arguments(((3, -2, 3.25, 0.5), {}))[0] for _ in range(50)]
    assert all(a > 0 > b and c == round(c, 2) and 0 <= d <= 1 for a, b, c, d in numbers)


# What was made of twelve lists of arguments, each followed by what was made with another value.
HONEST = [[[{"x": ("value", n)}], [{"x": ("value", n + 100)}]] for n in range(12)]


@pytest.mark.parametrize(
    ("groups", "tells_apart"),
    [
        (HONEST, True),
        ([[group[0], None] for group in HONEST], True),  # the class takes no other value
        ([[group[0], group[0]] for group in HONEST], False),  # the value does not matter
        ([[HONEST[0][0], HONEST[1][0]]] * 12, False),  # all lists lead to one object
        ([HONEST[n % 5] for n in range(12)], False),
        ([HONEST[n % 6] for n in range(12)], True),
        (HONEST[:1] + [[None, None]] * 11, False),  # nothing else can be made
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
