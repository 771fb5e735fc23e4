"""Objects that both sides have, each its own, in the same state: random generators, text files.

A state is lists of numbers and text. One that comes from a student is checked before it is set:
NumPy does not check it, and from some a generator would draw for ever.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import numpy as np

from referee.boundary.frame import BoundaryError

WORDS = 624  # of the state of a Mersenne twister
HEX = re.compile(r"[0-9a-f]{1,32}")


@dataclass(frozen=True)
class StatefulClass:
    """A class of such objects: how to make one, and how to take and set its state."""

    type: type
    make: Callable[[], Any]
    get: Callable[[Any], Any]
    set: Callable[[Any, Any], None]  # raises an exception if it is no state


def _get_pcg(value: Any) -> Any:
    state = value.bit_generator.state
    numbers = [hex(state["state"][name])[2:] for name in ("state", "inc")]
    return [*numbers, int(state["has_uint32"]), int(state["uinteger"])]


def _set_pcg(value: Any, state: Any) -> None:
    match state:
        case [str(number), str(increment), 0 | 1 as has_more, int(more)] if (
            HEX.fullmatch(number)
            and HEX.fullmatch(increment)
            and int(increment, 16) % 2  # or it may draw the same number for ever
            and 0 <= more < 2**32
        ):
            value.bit_generator.state = {
                "bit_generator": "PCG64",
                "state": {"state": int(number, 16), "inc": int(increment, 16)},
                "has_uint32": int(has_more),
                "uinteger": more,
            }
        case _:
            raise ValueError("it is no state of a generator")


def _get_random_state(value: Any) -> Any:
    _, key, position, has_gauss, gauss = value.get_state()
    return [key.tolist(), int(position), int(has_gauss), float(gauss)]


def _set_random_state(value: Any, state: Any) -> None:
    match state:
        case [list(key), int(position), 0 | 1 as has_gauss, float(gauss)] if _are_words(
            key, position
        ):
            words = np.array(key, np.uint32)
            value.set_state(("MT19937", words, position, int(has_gauss), gauss))
        case _:
            raise ValueError("it is no state of a generator")


def _get_random(value: Any) -> Any:
    _, words, next_gauss = value.getstate()
    return [list(words[:-1]), words[-1], next_gauss]


def _set_random(value: Any, state: Any) -> None:
    match state:
        case [list(words), int(place), None | float() as next_gauss] if _are_words(words, place):
            value.setstate((3, (*words, place), next_gauss))
        case _:
            raise ValueError("it is no state of a generator")


def _are_words(words: list[Any], place: int) -> bool:
    """Whether it is the state of a Mersenne twister from which not all numbers are 0."""
    return (
        len(words) == WORDS
        and all(type(word) is int and 0 <= word < 2**32 for word in words)
        and any(words[1:])
        and 0 <= place <= WORDS
    )


def _get_file(value: Any) -> Any:
    return None if value.closed else [value.getvalue(), value.tell()]


def _set_file(value: Any, state: Any) -> None:
    match state:
        case None:
            value.close()
        case [str() | bytes() as content, int(place)] if 0 <= place <= len(content):
            value.seek(0)
            value.truncate()
            value.write(content)
            value.seek(place)
        case _:
            raise ValueError("it is no state of a file")


CLASSES = {
    "Generator": StatefulClass(np.random.Generator, np.random.default_rng, _get_pcg, _set_pcg),
    "RandomState": StatefulClass(
        np.random.RandomState, np.random.RandomState, _get_random_state, _set_random_state
    ),
    "Random": StatefulClass(random.Random, random.Random, _get_random, _set_random),
    "StringIO": StatefulClass(StringIO, StringIO, _get_file, _set_file),
    "BytesIO": StatefulClass(BytesIO, BytesIO, _get_file, _set_file),
}
GENERATORS = ("Generator", "RandomState", "Random")
NAMES = {each.type: name for name, each in CLASSES.items()}


def stateful_class_of(value: Any) -> str | None:
    """The name of the class of an object that both sides can have; None if it is no such one."""
    name = NAMES.get(type(value))
    if name == "Generator" and type(value.bit_generator) is not np.random.PCG64:
        return None
    if name == "RandomState" and value.get_state(legacy=False)["bit_generator"] != "MT19937":
        return None
    return name


def state_of(value: Any) -> Any:
    """The state of such an object, as plain data."""
    return CLASSES[NAMES[type(value)]].get(value)


def set_state(value: Any, state: Any) -> None:
    """Have an object go on from a state.

    Raises:
        BoundaryError: it is none.

    """
    try:
        CLASSES[NAMES[type(value)]].set(value, state)
    except Exception:
        raise BoundaryError("the state of an object that was passed is none") from None


def made(name: str, state: Any) -> Any:
    """An object of the class of this name, in this state."""
    value = CLASSES[name].make()
    set_state(value, state)
    return value
