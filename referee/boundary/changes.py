"""What a call has changed of its arguments: noticed on one side, applied on the other."""

import operator
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from referee.boundary.codec import CONTAINERS, contents_of, items_of
from referee.boundary.dtypes import Array, described, narrowed
from referee.boundary.frame import BoundaryError
from referee.boundary.kinds import KINDS
from referee.boundary.kinds.kind import ValueKind
from referee.boundary.states import NAMES as STATEFUL
from referee.boundary.states import set_state, state_of, stateful_class_of

MAX_HELD = 1000  # objects of a test that the student's code goes on to hold
MAX_ITEMS = 10_000  # of one of these
MAX_TYPES = 1000  # of which is known whether they change
MAX_HELD_BYTES = 2**18  # of one that is an array
MAX_HELD_SIZE = 2**22  # bytes of all of them, as `size_of` counts


class KnownObjects:
    """The objects that two sides know by number: those of the frames that are not answered yet.

    A call can lead to calls back, and these to further calls. Each frame adds its objects, and they
    are forgotten when it is answered, the last ones first.
    """

    def __init__(self, kept: Collection[int] = ()) -> None:
        self._kept = kept  # ids of objects whose changes cross otherwise
        self.objects: list[Any] = []
        self._states: list[Any] = []  # as the other side knows them, of the first ones
        self._held: dict[int, int] = {}  # sizes of those that stay known, by id

    @contextmanager
    def with_those_of(self, objects: list[Any]) -> Iterator[None]:
        """Know these, too, until their frame is answered."""
        number = len(self.objects)
        self.objects += objects
        try:
            yield
        finally:
            del self.objects[number:], self._states[number:]

    def keep(self, objects: list[Any]) -> None:
        """Know these, too, as long as those that are known by now."""
        self.objects += objects

    def hold(self, objects: list[Any], numbers: tuple[int, ...]) -> None:
        """Know those of these numbers, too, for the student's code has kept them.

        Raises:
            BoundaryError: they are too many or too large, or none.

        """
        if not all(0 <= number < len(objects) for number in numbers):
            raise BoundaryError("it holds what it was not given")
        held = [objects[number] for number in numbers]
        if not all(map(can_be_held, held)) or not self.has_room_for(held):
            raise BoundaryError("it holds more than it may")
        self._held |= {id(value): size_of(value) for value in held}
        self.keep(held)

    def has_room_for(self, objects: list[Any]) -> bool:
        """Whether these can be held, too: each call looks whether one of them has changed."""
        sizes = self._held | {id(value): size_of(value) for value in objects}
        is_new = len(sizes) == len(self._held) + len(objects)
        return is_new and len(sizes) <= MAX_HELD and sum(sizes.values()) <= MAX_HELD_SIZE

    @property
    def numbers(self) -> dict[int, int]:
        """Their numbers, by id."""
        return {id(value): number for number, value in enumerate(self.objects)}

    def numbers_with(self, shown: list[Any]) -> dict[int, int]:
        """Their numbers, by id, and the following ones for data that has been looked up."""
        first = len(self.objects)
        looked_up = {id(value): n for n, value in enumerate(shown, first) if can_change(value)}
        return looked_up | self.numbers

    def remember(self) -> None:
        """Now the other side knows them as they are."""
        self._states = [snapshot(value) for value in self.objects]

    def changes(self) -> list[tuple[int, Any]]:
        """Those, by number, that are not as they were when they were remembered."""
        return [
            (number, contents_of(value))
            for number, (value, state) in enumerate(zip(self.objects, self._states, strict=False))
            if (now := snapshot(value)) is not state
            and id(value) not in self._kept
            and not are_same(state, now)
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
                    if not can_change(self.objects[number]):  # which is data on the other side only
                        continue
                    apply_change(self.objects[number], contents)
                    changed.append(self.objects[number])
                case _:
                    raise BoundaryError("it changes what was not sent")
        return changed


def can_change(value: Any) -> bool:
    """Whether a call could change a value that was passed to it, or what it contains."""
    kind = KINDS.of(type(value))
    known = stateful_class_of(value) is not None or (kind is not None and kind.can_change)
    return known or isinstance(value, CONTAINERS)


def can_be_held(value: Any) -> bool:
    """Whether each later call looks whether an object has changed."""
    is_one = isinstance(value, (list, dict, set, np.ndarray)) or _is_of_changing_kind(value)
    return (is_one or stateful_class_of(value) is not None) and not is_too_large(value)


def _is_of_changing_kind(value: Any) -> bool:
    kind = KINDS.of(type(value))
    return kind is not None and kind.can_change


def _number_of_items(value: Any) -> int:
    """Of a table, those of all its columns; of a picture, its points."""
    match getattr(value, "size", None):
        case int(size):
            return size
        case (int(width), int(height)):
            return width * height
    return len(value)


def size_of(value: Any) -> int:
    """Bytes of an array, or of what a container refers to its items by."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    is_counted = isinstance(value, (list, dict, set)) or _is_of_changing_kind(value)
    return 8 * _number_of_items(value) if is_counted else 0


def is_too_large(value: Any) -> bool:
    """Whether it would take too long to look at an object each time."""
    if isinstance(value, np.ndarray):
        return value.nbytes > MAX_HELD_BYTES
    is_counted = isinstance(value, (list, dict, set)) or _is_of_changing_kind(value)
    return is_counted and _number_of_items(value) > MAX_ITEMS


def snapshot(value: Any) -> Any:
    """What is needed to notice that an object has changed: its items, or a checksum."""
    if type(value) is list:
        return value[:]
    type_: Any = type(value)
    if _never_changes(type_):
        return ()
    kind = None if type(value) in CONTAINERS else KINDS.of(type(value))
    if kind is not None:
        return _state_of(value, kind) if kind.can_change else ()
    if isinstance(value, np.ndarray) and described(value.dtype) is not None:
        return _state_of_array(np.asarray(value))
    if isinstance(value, dict):
        return [*dict.keys(value), *dict.values(value)]
    if isinstance(value, (list, set)):
        return list(items_of(value)[1])
    return () if stateful_class_of(value) is None else (state_of(value),)


@lru_cache(MAX_TYPES)
def _never_changes(type_: Any) -> bool:
    """Whether no call changes what objects of a class contain, as far as it crosses."""
    kind = KINDS.of(type_)
    if issubclass(type_, CONTAINERS):
        return False
    return type_ not in STATEFUL and (kind is None or not kind.can_change)


def _state_of(value: Any, kind: ValueKind) -> Any:
    try:
        return _state_of_parts(kind.parts(value))
    except Exception:  # the call has broken it
        return (object(),)


def _state_of_parts(part: Any) -> Any:
    if type(part) is list:
        return tuple(map(_state_of_parts, part))
    if type(part) is tuple:
        return tuple(map(_Same, part))
    return _state_of_array(part) if type(part) is np.ndarray else _Same(part)


def _state_of_array(value: Array) -> tuple[Any, ...]:
    return value.dtype, value.shape, checksum(value)


class _Same:
    """Is equal to another one of the same object, or of the same number or text."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Same):
            return False
        one, another = self.value, other.value
        plain = type(one) is type(another) and type(one) in (bool, int, float, str)
        return one is another or (plain and bool(one == another))

    __hash__ = None  # type: ignore[assignment]


def are_same(before: Any, after: Any) -> bool:
    """Whether two snapshots are of an object that has not changed."""
    if isinstance(before, tuple) or isinstance(after, tuple):
        return bool(before == after)
    return len(before) == len(after) and all(map(operator.is_, before, after))


def apply_change(value: Any, contents: Any) -> None:
    """Make an object contain what its counterpart on the other side does.

    Raises:
        BoundaryError: the two are of different kinds.

    """
    kind = KINDS.of(type(value))
    if kind is not None and kind.can_change and type(contents) is type(value):
        kind.update(value, contents)
    elif isinstance(value, list) and type(contents) is list:
        value[:] = contents
    elif (isinstance(value, dict) and type(contents) is dict) or (
        isinstance(value, set) and type(contents) is set
    ):
        value.clear()
        value.update(contents)
    elif isinstance(value, np.ndarray) and type(contents) is np.ndarray:
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
    elif stateful_class_of(value) is not None:
        set_state(value, contents)
    else:
        raise BoundaryError("an object that was passed has become one of another kind")


def checksum(value: Array) -> int:
    """A number that changes when the array does, at the speed of memory.

    No sum of its words will do: numbers that are twice as large, or negative, differ in few bits,
    and always in the same ones.
    """
    return zlib.crc32(np.ravel(value, order="K").view(np.uint8).data)
