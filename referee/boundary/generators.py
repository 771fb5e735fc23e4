"""Whether random numbers were drawn, as the memory of NumPy's and Python's global generators tells.

Each question across the boundary asks it on both sides. To ask the generators for their states
takes 0.1 ms, for NumPy copies each of 624 words by itself; to look at their memory takes 3 us.
"""

import _random
import ctypes
import random
from collections.abc import Callable
from typing import Any

import numpy as np

# As they are before any student code can replace them.
_of_numpy: Any = np.random.get_state.__self__  # type: ignore[attr-defined]
_of_python: Any = random.getstate.__self__  # type: ignore[attr-defined]
_bits_of_numpy: Any = np.random.get_bit_generator  # type: ignore[attr-defined]
_BITS = _bits_of_numpy()
_WORDS = 4 * (624 + 1)  # bytes of a Mersenne Twister: its words and its place
_HEADER = object.__basicsize__  # which has the number of references


def memory() -> tuple[Any, ...] | None:
    """Something that changes whenever a state does; None if it is not known where they are."""
    if not _IS_KNOWN or _bits_of_numpy() is not _BITS:
        return None
    return _read()


def _reader(of_numpy: Any, bits: Any, of_python: Any) -> Callable[[], tuple[Any, ...]]:
    """A function that reads the memory of these generators, which have to live as long as it."""
    words = _place(bits.ctypes.state_address, _WORDS)
    pair = _content(of_numpy, np.random.RandomState)  # what is left of a pair of normals
    python = _content(of_python, _random.Random)
    return lambda: (words.raw, pair.raw, python.raw, of_python.gauss_next)


def _content(generator: Any, kind: type) -> Any:
    return _place(id(generator) + _HEADER, kind.__basicsize__ - _HEADER)


def _place(address: int, size: int) -> Any:
    return (ctypes.c_char * size).from_address(address)


def _is_known() -> bool:
    """Whether this NumPy and this Python keep their states where they are looked for."""
    bits = np.random.MT19937(1)
    of_numpy, of_python = np.random.RandomState(bits), random.Random(1)
    read = _reader(of_numpy, bits, of_python)
    draws = (of_numpy.random_sample, of_numpy.normal, of_numpy.normal, of_python.random)
    for draw in (*draws, lambda: of_python.gauss(0, 1), lambda: of_python.gauss(0, 1)):
        before = read()
        draw()
        if read() == before:
            return False
    return True


_read = _reader(_of_numpy, _BITS, _of_python)
_IS_KNOWN = type(_BITS) is np.random.MT19937 and _is_known()
