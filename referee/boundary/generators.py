"""Whether random numbers were drawn, as the memory of NumPy's and Python's global generators tells.

Each question across the boundary asks it on both sides. To ask the generators for their states
takes 0.1 ms, for NumPy copies each of 624 words by itself; to look at their memory takes 3 us.
"""

import _random
import ctypes
import random
from typing import Any

import numpy as np

# As they are before any student code can replace them.
_of_numpy: Any = np.random.get_state.__self__  # type: ignore[attr-defined]
_of_python: Any = random.getstate.__self__  # type: ignore[attr-defined]
_bits_of_numpy: Any = np.random.get_bit_generator  # type: ignore[attr-defined]
_string_at = ctypes.string_at
_BITS = _bits_of_numpy()
_WORDS = 4 * (624 + 1)  # bytes of a Mersenne Twister: its words and its place
_HEADER = object.__basicsize__  # which has the number of references


def memory() -> tuple[Any, ...] | None:
    """Something that changes whenever a state does; None if it is not known where they are."""
    if not _IS_KNOWN or _bits_of_numpy() is not _BITS:
        return None
    return _memory_of(_of_numpy, _BITS, _of_python)


def _memory_of(of_numpy: Any, bits: Any, of_python: Any) -> tuple[Any, ...]:
    return (
        _string_at(bits.ctypes.state_address, _WORDS),
        _content(of_numpy, np.random.RandomState),  # what is left of a pair of normals
        _content(of_python, _random.Random),
        of_python.gauss_next,
    )


def _content(generator: Any, kind: type) -> bytes:
    return _string_at(id(generator) + _HEADER, kind.__basicsize__ - _HEADER)


def _is_known() -> bool:
    """Whether this NumPy and this Python keep their states where they are looked for."""
    bits = np.random.MT19937(1)
    of_numpy, of_python = np.random.RandomState(bits), random.Random(1)
    draws = (of_numpy.random_sample, of_numpy.normal, of_numpy.normal, of_python.random)
    for draw in (*draws, lambda: of_python.gauss(0, 1), lambda: of_python.gauss(0, 1)):
        before = _memory_of(of_numpy, bits, of_python)
        draw()
        if _memory_of(of_numpy, bits, of_python) == before:
            return False
    return True


_IS_KNOWN = type(_BITS) is np.random.MT19937 and _is_known()
