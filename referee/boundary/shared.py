"""What both sides of the boundary do alike: keep printed text, read and set random states."""

import random
from collections.abc import Callable
from io import StringIO
from typing import Any

import numpy as np

from referee.boundary import generators
from referee.boundary.frame import BoundaryError

MAX_PRINTED = 2**20  # characters, where a course sets no other limit


class Captured(StringIO):
    """What a call prints, up to so many characters."""

    def __init__(self, limit: int = MAX_PRINTED) -> None:
        super().__init__()
        self.limit = limit

    def write(self, text: str) -> int:
        """Keep the text if there is room."""
        room = self.limit - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)

    def take(self) -> str:
        """What was kept since the last time; there is room again."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


class RandomStates:
    """The states of NumPy's and Python's global generators, which tests and students share."""

    # As they are before any student code can replace them.
    _readers: tuple[Callable[[], Any], ...] = (np.random.get_state, random.getstate)
    _writers: tuple[Callable[[Any], Any], ...] = (np.random.set_state, random.setstate)

    def __init__(self) -> None:
        self._known: list[tuple[Any, ...]] = []
        self._seen: tuple[Any, Any] | None = None  # the same, as the generators tell it
        self._memory: tuple[Any, ...] | None = None  # when they were set or returned

    def get(self) -> list[tuple[Any, ...]]:
        """Both states, as plain data: keys, position, and what is left of a pair of normals."""
        return _plain(*self._read())

    def _read(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        of_numpy, of_python = self._readers
        return of_numpy(), of_python()

    def set(self, states: list[tuple[Any, ...]]) -> None:
        """Set both states."""
        (key, position, has_gauss, gauss), (words, place, next_gauss) = states
        numpy_state = ("MT19937", key, position, has_gauss, gauss)
        python_state = (3, (*map(int, words), place), next_gauss)
        for write, state in zip(self._writers, (numpy_state, python_state), strict=True):
            write(state)
        self._known, self._seen = states, (numpy_state, python_state)
        self._memory = generators.memory()

    def of_python(self) -> tuple[Any, ...]:
        """The state of Python's generator."""
        return self._readers[1]()

    def go_on_with(self, state: tuple[Any, ...]) -> None:
        """Set the state of Python's generator."""
        self._writers[1](state)

    @property
    def known(self) -> list[tuple[Any, ...]]:
        """Both states as they were last set or returned here; nobody may change them."""
        return self._known

    def changed(self) -> list[tuple[Any, ...]] | None:
        """Both states if one of them has changed since they were set or returned here."""
        memory = generators.memory()
        if memory is not None and memory == self._memory:
            return None
        self._memory = memory
        try:
            seen = self._read()
            if self._seen is not None and _are_same(self._seen, seen):
                return None
            self._known, self._seen = _plain(*seen), seen
        except Exception:  # the global generator has been replaced by one of another kind
            return None
        # Not the arrays that are compared next time: the other side may change what it is sent.
        return [(state[0].copy(), *state[1:]) for state in self._known]


def _plain(numpy_state: tuple[Any, ...], python_state: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    _, key, position, has_gauss, gauss = numpy_state
    _, words, next_gauss = python_state
    return [
        (key, int(position), int(has_gauss), float(gauss)),
        (np.array(words[:-1], np.uint32), int(words[-1]), next_gauss),
    ]


def _are_same(before: tuple[Any, Any], now: tuple[Any, Any]) -> bool:
    (numpy_before, python_before), (numpy_now, python_now) = before, now
    return bool(
        python_before == python_now
        and numpy_before[2:] == numpy_now[2:]
        and np.array_equal(numpy_before[1], numpy_now[1])
    )


def checked_states(states: Any) -> list[tuple[Any, ...]]:
    """States of the two generators that are safe to set: NumPy does not check them itself.

    Raises:
        BoundaryError: they are no such states.

    """
    match states:
        case [
            (np.ndarray() as key, int(position), int(has_gauss), float()),
            (np.ndarray() as words, int(place), None | float()),
        ] if (
            (key.shape, key.dtype, words.shape, words.dtype)
            == ((624,), np.uint32, (624,), np.uint32)
            and 0 <= position <= 624
            and 0 <= place <= 624
            and has_gauss in (0, 1)
            and key[1:].any()  # or all numbers are 0, for which normals are drawn for ever
            and words[1:].any()
        ):
            return states
    raise BoundaryError("its states of the random generators are none")
