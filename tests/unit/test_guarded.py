"""Functions of a notebook that have hung once, in forks that serve later tests."""

import inspect
import time

import pytest

from referee.inside.server import guarded


def slow(n: int, twice: bool = False) -> int:
    time.sleep(n)
    return n


def test_function_that_has_hung_is_stopped_sooner() -> None:
    with pytest.raises(TimeoutError, match="slow takes too long"):
        guarded(slow, 1, 0.1)(5)


def test_function_that_has_hung_looks_as_it_did() -> None:
    function = guarded(slow, 1, 1)
    assert inspect.signature(function) == inspect.signature(slow)
    assert function.__name__ == "slow"
    assert not hasattr(function, "__wrapped__")
