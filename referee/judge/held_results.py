"""Which results of a test's functions the test goes on to have.

`load = lambda: rows`: what the student's code does to such a list, it does to the test's own. What
is made anew for an answer is a copy there: nothing here could tell the difference, and each object
that both sides have takes time in each call.
"""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from referee.boundary.changes import can_be_held, can_change

MOST = 1000  # lists, dicts, sets and arrays of one result


def is_held(value: Any) -> bool:
    """Whether something else here refers to a result, or to what is in it, and it is not too much.

    The caller has it in one variable.
    """
    if not _is_container(value):
        return False
    held = _references([value])[0] > OF_LIST + 2  # that variable, and this one
    changeable, left = 0, [value]
    while left:
        part = left.pop()
        if not isinstance(part, tuple):
            changeable += 1
            if not can_be_held(part) or changeable > MOST:
                return False
        inner = list(_containers_in(part))
        held = held or any(number > OF_LIST + 1 for number in _references(inner))
        left += inner
    return held and changeable > 0


def _containers_in(value: Any) -> Iterator[Any]:
    parts = value.values() if isinstance(value, dict) else value
    return filter(_is_container, parts if isinstance(value, (dict, list, tuple)) else ())


def _is_container(value: Any) -> bool:
    return isinstance(value, (list, tuple, np.ndarray)) or can_change(value)


def _references(values: list[Any]) -> list[int]:
    return [sys.getrefcount(value) for value in values]


OF_LIST = _references([[]])[0]  # references to what nothing but the list refers to
