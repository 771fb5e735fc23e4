"""What does nothing again and again has less time for it."""

import pytest

from referee.grade.patience import Patience
from referee.model.limits import Limits


@pytest.fixture
def patience() -> Patience:
    limits = Limits()
    limits.blocked, limits.notebook_blocked, limits.hanging_call_wall = 10, 30, 0.5
    return Patience(limits)


def test_first_time_has_all_that_is_allowed(patience: Patience) -> None:
    assert patience.left("call f") == 10


def test_function_that_sleeps_a_little_less_each_time_has_half_as_long_again(
    patience: Patience,
) -> None:
    patience.spend("call f", 9)
    assert patience.left("call f") == 6
    patience.spend("call f", 6)
    assert patience.left("call f") == 1
    assert patience.left("call g") == 10


def test_what_was_stopped_has_a_moment(patience: Patience) -> None:
    patience.end("call f")
    assert patience.left("call f") == 1


def test_each_stop_halves_what_others_have(patience: Patience) -> None:
    patience.end("call f")
    assert patience.left("call g") == 5
    patience.end("call f")
    assert patience.left("call g") == 5
    patience.end("call g")
    assert patience.left("call h") == 2.5


def test_all_together_have_no_more_than_the_notebook(patience: Patience) -> None:
    for name in "abc":
        patience.spend(name, 9)
    assert patience.left("d") == 3
    patience.spend("d", 3)
    assert patience.left("e") == 1


def test_work_makes_up_for_rest(patience: Patience) -> None:
    patience.spend("call f", 9)
    patience.spend("call f", -9)
    assert patience.left("call f") == 10


def test_moment_is_no_longer_than_what_is_allowed_at_first() -> None:
    limits = Limits()
    limits.blocked = 0.3
    patience = Patience(limits)
    patience.end("call f")
    assert patience.left("call f") == pytest.approx(0.3)
