"""What both sides of the boundary do alike: keep printed text, read and set random states."""

import random
from collections.abc import Callable
from io import StringIO
from typing import Any

import numpy as np

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


class RandomStates:
    """The states of NumPy's and Python's global generators, which tests and students share."""

    # As they are before any student code can replace them.
    _readers: tuple[Callable[[], Any], ...] = (np.random.get_state, random.getstate)
    _writers: tuple[Callable[[Any], Any], ...] = (np.random.set_state, random.setstate)

    def __init__(self) -> None:
        self._known: list[tuple[Any, ...]] = []

    def get(self) -> list[tuple[Any, ...]]:
        """Both states, as plain data: keys, position, and what is left of a pair of normals."""
        numpy_state, python_state = (read() for read in self._readers)
        _, key, position, has_gauss, gauss = numpy_state
        _, words, next_gauss = python_state
        return [
            (key, int(position), int(has_gauss), float(gauss)),
            (np.array(words[:-1], np.uint32), int(words[-1]), next_gauss),
        ]

    def set(self, states: list[tuple[Any, ...]]) -> None:
        """Set both states."""
        (key, position, has_gauss, gauss), (words, place, next_gauss) = states
        numpy_state = ("MT19937", key, position, has_gauss, gauss)
        python_state = (3, (*map(int, words), place), next_gauss)
        for write, state in zip(self._writers, (numpy_state, python_state), strict=True):
            write(state)
        self._known = states

    @property
    def known(self) -> list[tuple[Any, ...]]:
        """Both states as they were last set or returned here; nobody may change them."""
        return self._known

    def changed(self) -> list[tuple[Any, ...]] | None:
        """Both states if one of them has changed since they were set or returned here."""
        try:
            states = self.get()
        except Exception:  # the global generator has been replaced by one of another kind
            return None
        same = len(self._known) == len(states) and all(
            np.array_equal(known[0], state[0]) and known[1:] == state[1:]
            for known, state in zip(self._known, states, strict=True)
        )
        self._known = states
        # Not the arrays that are compared next time: the other side may change what it is sent.
        return None if same else [(state[0].copy(), *state[1:]) for state in states]


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
