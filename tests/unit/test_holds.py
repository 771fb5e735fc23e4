"""Which arguments the student's code has kept when a call is answered."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from referee.boundary.changes import KnownObjects
from referee.boundary.messages import Reply
from referee.inside.server import Holds

KEPT: list[Any] = []


class Object:
    """An object that keeps an argument."""

    def __init__(self, value: Any) -> None:
        self.value = value


def keep(value: Any) -> Any:
    KEPT.append(value)
    return value


@pytest.mark.parametrize(
    "function",
    [
        lambda x: None,
        lambda x: x,
        lambda x: {"A": x},
        lambda x: (x * 2, [{"A": x, "B": (x, x)}]),
        lambda x: x[:2],
        lambda x: (1, x[1:]),
    ],
)
def test_what_is_only_in_the_answer_is_not_held(function: Callable[[Any], Any]) -> None:
    value = np.ones(3)
    holds = Holds([value])
    held = holds.now(
        Reply(function(value)), KnownObjects().has_room_for, ()
    )  # pytest would keep parts of a statement
    assert held == ()


@pytest.mark.parametrize(
    "function",
    [
        keep,
        lambda x: keep({"A": x}),
        lambda x: (keep({"A": x}), 1),
        lambda x: [keep({"A": x}), {"B": x}],
        Object,
        lambda x: (each for each in x),
        lambda x: [lambda: x],
    ],
)
def test_what_the_students_code_keeps_is_held(function: Callable[[Any], Any]) -> None:
    value = np.ones(3)
    holds = Holds([value])
    held = holds.now(Reply(function(value)), KnownObjects().has_room_for, ())
    assert held == (0,)
