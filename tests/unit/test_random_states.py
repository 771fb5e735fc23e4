"""States of the global random generators: any use of them is noticed, and what is not is cheap."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from referee.boundary import generators
from referee.boundary.shared import RandomStates


@pytest.fixture(autouse=True)
def _states_as_before() -> Iterator[None]:
    of_numpy, of_python = np.random.get_state(), random.getstate()
    yield
    np.random.set_state(of_numpy)
    random.setstate(of_python)


@pytest.fixture
def states() -> RandomStates:
    """Those of generators that have each drawn one of a pair of normals."""
    np.random.seed(5)
    random.seed(5)
    np.random.normal()
    random.gauss(0, 1)
    states = RandomStates()
    assert states.changed() is not None
    return states


DRAWS = {
    "uniform": np.random.rand,
    "the other normal": np.random.normal,
    "binomial": lambda: np.random.binomial(10, 0.5),
    "shuffle": lambda: np.random.shuffle([1, 2, 3]),
    "seed": lambda: np.random.seed(1),
    "Python's uniform": random.random,
    "Python's other normal": lambda: random.gauss(0, 1),
    "Python's choice": lambda: random.choice("abc"),
    "Python's seed": lambda: random.seed(1),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_use_is_noticed_once(states: RandomStates, draw: Callable[[], Any]) -> None:
    draw()
    assert states.changed() is not None
    assert states.changed() is None


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_generator_that_has_gone_back_is_noticed(
    states: RandomStates, draw: Callable[[], Any]
) -> None:
    of_numpy, of_python = np.random.get_state(), random.getstate()
    draw()
    states.changed()
    np.random.set_state(of_numpy)
    random.setstate(of_python)
    assert states.changed() is not None


def test_states_that_were_set_have_not_changed(states: RandomStates) -> None:
    known = states.get()
    np.random.rand()
    states.set(known)
    assert states.changed() is None


def test_use_is_seen_in_memory(states: RandomStates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "_read", lambda: pytest.fail("it has asked the generators"))
    assert states.changed() is None


def test_generator_of_another_kind_is_not_looked_at_in_memory() -> None:
    before: Any = np.random.get_bit_generator()  # type: ignore[attr-defined]
    np.random.set_bit_generator(np.random.PCG64(1))  # type: ignore[attr-defined]
    try:
        assert generators.memory() is None
    finally:
        np.random.set_bit_generator(before)  # type: ignore[attr-defined]
    assert generators.memory() is not None
