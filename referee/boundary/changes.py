"""What a call has changed of its arguments: noticed on one side, applied on the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from referee.boundary.codec import Array, Contents, items_of, narrowed
from referee.boundary.frame import DTYPE, BoundaryError


class KnownObjects:
    """The objects that two sides know by number: those of the frames that are not answered yet.

    A call can lead to calls back, and these to further calls. Each frame adds its objects, and they
    are forgotten when it is answered, the last ones first.
    """

    def __init__(self) -> None:
        self.objects: list[Any] = []
        self._states: list[Any] = []  # as the other side knows them, of the first ones

    @contextmanager
    def with_those_of(self, objects: list[Any]) -> Iterator[None]:
        """Know these, too, until their frame is answered."""
        number = len(self.objects)
        self.objects += objects
        try:
            yield
        finally:
            del self.objects[number:], self._states[number:]

    @property
    def numbers(self) -> dict[int, int]:
        """Their numbers, by id."""
        return {id(value): number for number, value in enumerate(self.objects)}

    def remember(self) -> None:
        """Now the other side knows them as they are."""
        self._states = [snapshot(value) for value in self.objects]

    def changes(self) -> list[tuple[int, Any]]:
        """Those, by number, that are not as they were when they were remembered."""
        return [
            (number, Contents(value))
            for number, (value, state) in enumerate(zip(self.objects, self._states, strict=False))
            if not _same(state, snapshot(value))
        ]

    def apply(self, changes: list[Any]) -> list[Any]:
        """Make them what the other side has made of its own; return those that are changed.

        Raises:
            BoundaryError: these are no such changes.

        """
        changed = []
        for change in changes:
            match change:
                case (int(number), contents) if 0 <= number < len(self.objects):
                    apply_change(self.objects[number], contents)
                    changed.append(self.objects[number])
                case _:
                    raise BoundaryError("it changes what was not sent")
        return changed


def snapshot(value: Any) -> Any:
    """What is needed to notice that an object has changed: its items, or a checksum."""
    if isinstance(value, np.ndarray) and DTYPE.fullmatch(value.dtype.str):
        return (value.dtype, value.shape, checksum(np.asarray(value)))
    if isinstance(value, dict):
        return [part for pair in dict.items(value) for part in pair]
    if isinstance(value, (list, set)):
        return list(items_of(value)[1])
    return ()


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, tuple):
        return bool(before == after)
    return len(before) == len(after) and all(
        old is new for old, new in zip(before, after, strict=True)
    )


def apply_change(value: Any, contents: Any) -> None:
    """Make an object contain what its counterpart on the other side does.

    Raises:
        BoundaryError: the two are of different kinds.

    """
    if isinstance(value, list) and type(contents) is list:
        value[:] = contents
    elif (isinstance(value, dict) and type(contents) is dict) or (
        isinstance(value, set) and type(contents) is set
    ):
        value.clear()
        value.update(contents)
    elif isinstance(value, np.ndarray) and isinstance(contents, np.ndarray):
        if narrowed(value.dtype) != contents.dtype or value.size != contents.size:
            raise BoundaryError("an array that was passed has become one of another type or size")
        if not value.flags.writeable:
            return
        if value.shape != contents.shape:
            try:
                value.shape = contents.shape
            except AttributeError:
                raise BoundaryError("an array that was passed cannot have this shape") from None
        value[...] = contents
    else:
        raise BoundaryError("an object that was passed has become one of another kind")


_WEIGHTS = np.random.default_rng(0).integers(2**64, size=2**14, dtype=np.uint64) | np.uint64(1)


def checksum(value: Array) -> int:
    """A number that changes when the array does, at the speed of memory."""
    flat = np.ravel(value, order="K").view(np.uint8)
    total = 0
    block = _WEIGHTS.nbytes
    for start in range(0, flat.size - flat.size % 8, block):
        words = flat[start : min(start + block, flat.size - flat.size % 8)].view(np.uint64)
        total = (total * 0x9E3779B97F4A7C15 + int(words @ _WEIGHTS[: words.size])) % 2**64
    return hash((total, flat[flat.size - flat.size % 8 :].tobytes()))
