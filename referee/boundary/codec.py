"""Plain data as frames of bytes, and frames as plain data.

Both sides of the boundary use this. A frame can come from a student who lies: decoding it gives a
value made of the types below or raises BoundaryError, and runs nothing of what it contains.

What crosses: None, bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, the
values of `kinds`, NumPy arrays and scalars of bool, numeric, string and time types, and of fields
of these; floats wider than 8 bytes are rounded. An instance of a subclass of a container or an
array crosses as what it contains, and one of int, float or str as that; the student's side
remembers its class for when it comes back.
All else stays where it is and is named by a number.
"""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from math import prod
from typing import TYPE_CHECKING, Any, Literal

import msgpack
import numpy as np
from numpy.typing import NDArray

from referee.boundary.attributes import (
    MADE_BY_PYTHON_CODE,
    attributes_of,
    has_own_hash,
    is_made_of_attributes,
    set_attributes,
)
from referee.boundary.dtypes import Array, described, dtype_of, made_sound, narrowed, rounded
from referee.boundary.frame import HEADER, MAX_TREE, BoundaryError, FrameLimits, Tag
from referee.boundary.kinds import KINDS
from referee.boundary.kinds.kind import ValueKind, Values
from referee.boundary.states import state_of, stateful_class_of
from referee.boundary.views import MAX_DIMENSIONS, layout_in, view_of

if TYPE_CHECKING:
    from referee.boundary.kept import Change, Kept

MAX_DEPTH = 100  # of containers in containers
MAX_MENTIONS = 1000  # of objects of the other frame, each of which can be as large as that
MAX_INT = 8192  # bits
ALIGNMENT = 64  # bytes, for arrays that are used where they arrived
COPIED = 2**16  # bytes; smaller arrays get memory of their own
Read = Callable[[Any, int], Any]

ATOMS = (type(None), bool, int, float, str, bytes)  # values that are their own nodes
NUMBERED = (Tag.LIST, Tag.TUPLE, Tag.SET, Tag.FROZENSET, Tag.DICT, Tag.ARRAY)
CONTAINERS = (list, tuple, set, frozenset, dict, np.ndarray)
ITEMS = (
    *((list, Tag.LIST), (tuple, Tag.TUPLE)),
    *((set, Tag.SET), (frozenset, Tag.FROZENSET)),
)
# What an instance of a subclass is as one of the base class, whatever its own methods say.
PLAIN: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__pos__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}
CLASSED = (int, float, str)  # of these, subclasses in Python, whose instances are found again


class Encoder:
    """Turns one value into a frame.

    `sent` has the numbers of the objects of the frame that this one answers, by id; `foreign` makes
    a node of an object that is no plain data, or raises; `like` gives the handle of an object whose
    class cannot cross, or None for one that has no such class to remember; `modules` are those
    whose values the other side knows, None if it knows all; `kept` are the objects that both sides
    keep, whose changes each frame brings; `lent` are those of `sent` that views can be of.
    """

    def __init__(
        self,
        foreign: Callable[[Any], list[Any]],
        like: Callable[[Any], int | list[str] | None],
        sent: dict[int, int] | None = None,
        limits: FrameLimits | None = None,
        modules: Collection[str] | None = None,
        kept: "Kept | None" = None,
        lent: Sequence[Any] = (),
    ) -> None:
        self.foreign = foreign
        self.lent = lent
        self.like = like
        self.modules = modules
        self.kept = kept
        self._keeping = False  # whether the containers that are being written are kept
        self._added: dict[int, tuple[int, Any, bool]] = {}  # to what is kept, by id
        self._untold: deque[tuple[int, Any]] = deque()  # instances whose attributes are to follow
        self.sent = sent or {}
        self.limits = limits or FrameLimits()
        self.objects: list[Any] = []  # by number; keeps them alive, so that ids stay theirs
        self._numbers: dict[int, int] = {}
        self._buffers: list[Array] = []
        self._size = 0
        self._open: list[int] = []  # ids of the values whose parts are being written
        self._whole = 0  # how many of them can have only parts that cross
        # How many of them are made with all that is in them, whose hashes have to be known by then.
        self._made_at_once = 0

    def encode(self, value: Any) -> list[Any]:
        """The frame's parts, to be sent one after the other."""
        changes = [] if self.kept is None else self.kept.changes()
        node = self._with_states(self._node(value, 0), changes)
        tree = msgpack.packb(node, unicode_errors="surrogatepass")
        if len(tree) > self.limits.tree:
            raise BoundaryError(
                f"a value of {len(tree)} bytes, arrays not counted, is more than the "
                f"{self.limits.tree} that may cross"
            )
        if self.kept is not None:
            self.kept.have_told(self._added.values(), changes)
        return [HEADER.pack(len(tree), self._size) + tree, *self._buffers]

    def _with_states(self, node: Any, changes: "list[Change]") -> Any:
        """The frame's node with the states of the kept objects that are new or have changed.

        They stand side by side, however deep the objects are in one another.
        """
        self._keeping = True
        states: list[Any] = []
        for change in changes:
            if type(change.now) is dict:
                states.append([change.number, *self._attributes(change.value, change.before)])
            else:
                self._keeping = stateful_class_of(change.value) is None
                states.append([change.number, self._node(contents_of(change.value), 0)])
                self._keeping = True
        while self._untold:
            number, value = self._untold.popleft()
            states.append([number, *self._attributes(value, {})])
        return [Tag.KEEPING, node, states] if states else node

    def _attributes(self, value: Any, before: dict[str, Any], depth: int = 0) -> list[Any]:
        """The names and nodes of the attributes that are not as before, and those that are gone."""
        now = attributes_of(value)
        names = [name for name in now if name not in before or before[name] is not now[name]]
        nodes = [self._attribute(value, name, now[name], depth + 1) for name in names]
        return [names, nodes, [name for name in before if name not in now]]

    def _attribute(self, value: Any, name: str, attribute: Any, depth: int) -> Any:
        try:
            return self._node(attribute, depth)
        except (TypeError, BoundaryError) as error:
            raise type(error)(f"{error} (as {name!r} of a {type(value).__name__})") from None

    def contents(self, value: Any, depth: int = 0) -> list[Any]:
        """The node of an object that was sent, with what it contains now."""
        kind = KINDS.of(type(value))
        return (
            self._container(value, depth, None) if kind is None else self._kind(value, kind, depth)
        )

    def _node(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if value is None or kind is bool or kind is float or kind is bytes or kind is str:
            return value
        if kind is int and -(2**63) <= value < 2**63:
            return value
        if self.kept is not None and (number := self.kept.numbers.get(id(value))) is not None:
            return [Tag.KEPT, number]
        node = self._object(value, kind, depth)
        if self._keeping and id(value) not in self._added and _can_be_kept(value, node):
            return [Tag.KEEP, self._keep(value), node]
        return node

    def _keep(self, value: Any, *, is_instance: bool = False) -> int:
        """The number of an object that is kept from now on."""
        assert self.kept is not None
        number = self.kept.number(len(self._added))
        self._added[id(value)] = number, value, is_instance
        return number

    def _object(self, value: Any, kind: type, depth: int) -> Any:
        """The node of a value that is no plain scalar, and not kept yet."""
        if depth > MAX_DEPTH:
            raise BoundaryError(f"containers are nested more than {MAX_DEPTH} deep")
        if kind is int:
            return _long_int(value)
        if kind is complex:
            return [Tag.COMPLEX, value.real, value.imag]
        if kind is Contents:
            return self.contents(value.value, depth)
        if kind is Lasting:
            return self._lasting(value.value, depth)
        if kind is OfKind:
            return self._kind(value.value, value.kind, depth)
        if isinstance(value, np.generic):
            return self._scalar(value)
        if id(value) in self.sent:
            return [Tag.SENT, self.sent[id(value)]]
        if id(value) in self._numbers:
            if id(value) in self._open:
                raise BoundaryError(f"a {kind.__name__} that contains itself cannot cross")
            return [Tag.REFERENCE, self._numbers[id(value)]]
        if kind not in CONTAINERS and (known := self._known_kind(kind)) is not None:
            return self._kind(value, known, depth)
        if isinstance(value, np.ndarray) and described(narrowed(value.dtype)) is None:
            return self._foreign(value)
        if kind is np.ndarray and (found := layout_in(value, self.lent)) is not None:
            self._number(value)
            return [Tag.VIEW, self.sent[id(found[0])], *found[1]]
        if isinstance(value, CONTAINERS):
            return self._container(value, depth, self.like(value))
        path = None if self.kept is None or self.kept.path_of is None else self.kept.path_of(kind)
        if path is not None and isinstance(value, Enum):
            return self._foreign(value)
        for base, plain in PLAIN.items():
            if isinstance(value, base):
                node, like = self._node(plain(value), depth), None
                if base in CLASSED and kind.__flags__ & MADE_BY_PYTHON_CODE:
                    like = self.like(value)
                if like is None:
                    return node
                self._number(value)
                return self._with_class(value, node, like, depth)
        if path is None or not is_made_of_attributes(kind):
            return self._foreign(value)
        return self._instance(value, path, depth)

    def _instance(self, value: Any, path: tuple[str, str], depth: int) -> list[Any]:
        """The node of an instance of a class that the other side has at a path."""
        if id(value) in self._added:
            return [Tag.KEPT, self._added[id(value)][0]]
        if self._whole:
            raise BoundaryError(f"a {type(value).__name__} does not cross")
        number = self._keep(value, is_instance=True)
        if self._made_at_once and has_own_hash(type(value)):
            names, nodes, _ = self._attributes(value, {}, depth)
            return [Tag.INSTANCE, number, *path, names, nodes]
        self._untold.append((number, value))
        return [Tag.INSTANCE, number, *path]

    def _foreign(self, value: Any) -> list[Any]:
        if self._whole:
            raise BoundaryError(f"a {type(value).__name__} does not cross")
        self._number(value)
        return self.foreign(value)

    def _lasting(self, value: Any, depth: int) -> Any:
        before, self._keeping = self._keeping, True
        node = self._node(value, depth)
        self._keeping = before
        return node

    def _known_kind(self, class_: type) -> ValueKind | None:
        """The kind of a class whose values the other side knows."""
        kind = KINDS.of(class_)
        unknown = kind is not None and self.modules is not None and kind.module not in self.modules
        return None if unknown else kind

    def _kind(self, value: Any, kind: ValueKind, depth: int) -> list[Any]:
        """The node of a value of a kind; of one that does not cross as itself, a foreign one."""
        before = len(self.objects), len(self._buffers), self._size, len(self._added)
        self._number(value)
        self._open.append(id(value))
        self._whole += not kind.holds_objects
        made_at_once, self._made_at_once = self._made_at_once, self._made_at_once + 1
        nodes: list[Any] | None = None
        try:
            nodes = [self._part(part, depth + 1) for part in _parts(value, kind)]
        except BoundaryError:
            self._forget(*before)
        finally:
            self._open.pop()
            self._made_at_once = made_at_once
            self._whole -= not kind.holds_objects
        if nodes is None:
            return self._foreign(value)
        return [Tag.KIND, kind.arrives_as or kind.path, *nodes]

    def _part(self, part: Any, depth: int) -> Any:
        """The node of a part: not numbered, but for the values in it."""
        if depth > MAX_DEPTH:
            raise BoundaryError(f"containers are nested more than {MAX_DEPTH} deep")
        if type(part) is list:
            return [Tag.LIST, [self._part(inner, depth + 1) for inner in part]]
        if type(part) is tuple:
            return [Tag.TUPLE, [self._node(value, depth + 1) for value in part]]
        if type(part) is np.ndarray:
            return [*self._array(part)[:-1], True]  # whether or not pandas, say, lends it to write
        return self._node(part, depth)

    def _forget(self, objects: int, buffers: int, size: int, added: int) -> None:
        """Go back to where so many were written."""
        while len(self._added) > added:
            number, value, is_instance = self._added.popitem()[1]
            if is_instance and (number, value) in self._untold:
                self._untold.remove((number, value))
        for value in self.objects[objects:]:
            if self._numbers.get(id(value), -1) >= objects:
                del self._numbers[id(value)]
        del self.objects[objects:], self._buffers[buffers:]
        self._size = size

    def _container(self, value: Any, depth: int, like: int | list[str] | None) -> list[Any]:
        self._number(value)
        node: list[Any]
        # Methods of the base classes, for a subclass may have others of its own.
        if isinstance(value, np.ndarray):
            node = self._array(np.asarray(value))
        elif isinstance(value, dict):
            pairs = [part for pair in list(dict.items(value)) for part in pair]
            node = [Tag.DICT, [self._node(part, depth + 1) for part in pairs]]
        else:
            tag, items = items_of(value)
            self._made_at_once += tag == Tag.FROZENSET
            node = [tag, [self._node(item, depth + 1) for item in items]]
            self._made_at_once -= tag == Tag.FROZENSET
        return node if like is None else self._with_class(value, node, like, depth)

    def _with_class(self, value: Any, node: Any, like: int | list[str], depth: int) -> list[Any]:
        """The node of data of a class, with its attributes where the class is at a path."""
        attributes = self._attributes(value, {}, depth)[:2] if isinstance(like, list) else []
        return [Tag.LIKE, like, node, type(value).__name__, *attributes]

    def _array(self, value: Array) -> list[Any]:
        writeable, value = value.flags.writeable, rounded(value)
        order: Literal["C", "F"] = (
            "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
        )
        flat = np.ravel(value, order=order).view(np.uint8)
        start = -self._size % ALIGNMENT
        if start:
            self._buffers.append(np.zeros(start, np.uint8))
        self._size += start + flat.nbytes
        if self._size > self.limits.arrays:
            raise BoundaryError(f"arrays of more than {self.limits.arrays} bytes cannot cross")
        self._buffers.append(flat)
        return [Tag.ARRAY, described(value.dtype), list(value.shape), order, writeable]

    def _scalar(self, value: np.generic) -> list[Any]:
        if type(value) is np.str_:
            return [Tag.TEXT_SCALAR, str(value)]
        if type(value) is np.bytes_:
            return [Tag.TEXT_SCALAR, bytes(value)]
        kind = described(narrowed(value.dtype))
        if kind is None or type(value) is np.record:
            return self._foreign(value)
        return [Tag.SCALAR, kind, rounded(np.asarray(value)).tobytes()]

    def _number(self, value: Any) -> None:
        self._numbers[id(value)] = len(self.objects)
        self.objects.append(value)


class Decoder:
    """Turns one frame into its value.

    `sent` are the objects of the frame that this one answers, by number; `handle` gives the object
    that a handle stands for, from its number, the name of its type, whether it can be called, and
    where it is if it is a member of an enumeration;
    `like` gives an object the class that goes with a handle; `of_test` gives an object of the test,
    by its number and what it is; `may_import` says whether a value may have its library imported;
    `modules` are those whose values may come, None if all may; `kept` are the objects that both
    sides keep, which a frame can change.
    Decoding ends by the deadline, for keys can be made that take a dict hours to tell apart.
    """

    def __init__(
        self,
        handle: Callable[..., Any],
        like: Callable[[Any, Any, str], Any],
        sent: list[Any] | None = None,
        deadline: float = float("inf"),
        of_test: Callable[..., Any] | None = None,
        may_import: bool = False,
        modules: Collection[str] | None = None,
        kept: "Kept | None" = None,
    ) -> None:
        self.kept = kept
        # Dicts and sets with what they hold, where it may have no hash yet: that of an instance can
        # be one of its attributes, which come last.
        self._unfilled: list[tuple[Any, list[Any]]] | None = None
        self.handle = handle
        self.may_import = may_import
        self.modules = modules
        self.like = like
        self.of_test = of_test
        self.sent = sent or []
        self.deadline = deadline
        self.objects: list[Any] = []  # by number
        self._mentions = 0
        self._arrays: Any = memoryview(b"")
        self._place = 0
        # How many values a container holds and how deep they go, shared ones counted each time:
        # Python hashes and prints values as if nothing were shared, and crashes on deep ones.
        self._extents: dict[int, tuple[int, int]] = {}
        self._values_so_far = 0
        self._deepest = 0
        self._whole = 0  # how many of the values that are being read have only parts that cross

    def decode(self, tree: bytes, arrays: NDArray[np.uint8]) -> Any:
        """The value of a frame, given its two parts.

        Raises:
            BoundaryError: the bytes are not a frame.
            TimeoutError: the deadline has passed.

        """
        self._arrays = memoryview(arrays)  # type: ignore[arg-type]
        try:
            node = msgpack.unpackb(
                tree, unicode_errors="surrogatepass", max_map_len=0, max_ext_len=0
            )
            is_keeping = type(node) is list and node[:1] == [Tag.KEEPING]
            value = self._with_states(*node[1:]) if is_keeping else self._value(node, 0)
        except (BoundaryError, TimeoutError):
            raise
        except Exception as error:  # of whatever kind: the bytes are at fault
            raise BoundaryError(f"not a frame: {type(error).__name__}: {error}"[:200]) from None
        if self._place != len(arrays):
            raise BoundaryError("not a frame: it has bytes that belong to no array")
        return value

    def _with_states(self, node: Any, states: list[Any]) -> Any:
        """The value of a frame, whose kept objects are given their states."""
        if self.kept is None:
            raise BoundaryError("not a frame: nothing is kept")
        unfilled: list[tuple[Any, list[Any]]] = []
        if self.kept.make is not None:
            self._unfilled = unfilled
        value = self._value(node, 0)
        read = [self._state(*state) for state in states]
        for number, changed, deleted in read:
            if deleted is not None:
                self.kept.set_attributes(number, changed, deleted)
        for container, parts in reversed(unfilled):  # the inner ones first
            _fill(container, parts)
            self.kept.is_filled(container)
        for number, contents, deleted in read:
            if deleted is None:
                self.kept.set_contents(number, contents)
        return value

    def _state(self, number: int, *state: Any) -> tuple[int, Any, list[str] | None]:
        """The state of a kept object: attributes and the names of those that are gone, or contents.

        Which of these it is, the object itself says.
        """
        assert self.kept is not None
        if not self.kept.is_instance(number):
            (node,) = state
            return number, self._value(node, 0), None
        names, nodes, deleted = state
        if type(names) is not list or type(deleted) is not list:
            raise BoundaryError("not a frame: attributes without names")
        if any(type(name) is not str for name in (*names, *deleted)):
            raise BoundaryError("not a frame: a name that is no text")
        attributes = self._items(nodes, 0, NO_NUMBER)
        return number, dict(zip(names, attributes, strict=True)), deleted

    def _value(self, node: Any, depth: int) -> Any:
        if type(node) in ATOMS:
            return node
        if type(node) is not list:
            raise BoundaryError(f"not a frame: a node of type {type(node).__name__}")
        if depth > MAX_DEPTH:
            raise BoundaryError(f"containers are nested more than {MAX_DEPTH} deep")
        tag, *fields = node
        if type(tag) is not int:
            raise BoundaryError("not a frame: a tag that is not a number")
        return self._DECODE[tag](self, depth, *fields)

    def _reference(self, depth: int, number: int) -> Any:
        value = _existing(self.objects, number)
        values, height = self._extents.get(number, (0, 0))
        self._values_so_far += values
        self._deepest = max(self._deepest, depth + height)
        if self._values_so_far > MAX_TREE or self._deepest > MAX_DEPTH:
            raise BoundaryError("not a frame: it has too much in it, or too deep, if written out")
        return value

    def _sent(self, _: int, number: int) -> Any:
        return self._mentioned(_existing(self.sent, number))

    def _mentioned(self, value: Any) -> Any:
        """An object of an earlier frame, which can be large."""
        self._mentions += 1
        if self._mentions > MAX_MENTIONS:
            raise BoundaryError(
                f"arguments appear more than {MAX_MENTIONS} times in what came back"
            )
        return value

    def _list(self, depth: int, nodes: list[Any]) -> list[Any]:
        value: list[Any] = []
        self.objects.append(value)
        value.extend(self._items(nodes, depth))
        return value

    def _tuple(self, depth: int, nodes: list[Any]) -> tuple[Any, ...]:
        number = len(self.objects)
        self.objects.append(_UNFINISHED)
        value = tuple(self._items(nodes, depth))
        self.objects[number] = value
        return value

    def _set(self, depth: int, nodes: list[Any]) -> set[Any]:
        value: set[Any] = set()
        self.objects.append(value)
        self._fill(value, self._items(nodes, depth))
        return value

    def _frozenset(self, depth: int, nodes: list[Any]) -> frozenset[Any]:
        number = len(self.objects)
        self.objects.append(_UNFINISHED)
        value = frozenset(self._items(nodes, depth))
        self.objects[number] = value
        return value

    def _dict(self, depth: int, nodes: list[Any]) -> dict[Any, Any]:
        value: dict[Any, Any] = {}
        self.objects.append(value)
        self._fill(value, self._items(nodes, depth))
        return value

    def _fill(self, value: Any, parts: Iterator[Any]) -> None:
        """Put parts into a dict or a set, now or when all instances have their attributes."""
        if self._unfilled is None:
            _fill(value, parts)
        else:
            self._unfilled.append((value, list(parts)))

    def _items(
        self, nodes: Any, depth: int, number: int | None = None, read: Read | None = None
    ) -> Iterator[Any]:
        """The values in a container, the one that has been numbered last if it is no other.

        How many there are in all, and how deep they go, is kept.
        """
        if type(nodes) is not list:
            raise BoundaryError("not a frame: a container without a list of nodes")
        number = len(self.objects) - 1 if number is None else number
        read = read or self._value
        before, deepest = self._values_so_far, self._deepest
        self._deepest = depth
        for node in nodes:
            if time.monotonic() > self.deadline:
                raise TimeoutError
            self._values_so_far += 1
            yield read(node, depth + 1)
        self._extents[number] = (self._values_so_far - before, self._deepest - depth)
        self._deepest = max(self._deepest, deepest)

    def _array(self, _: int, kind: Any, shape: list[int], order: str, writeable: bool) -> Array:
        value = self._own_array(kind, shape, order, writeable)
        self.objects.append(value)
        return value

    def _view(self, _: int, number: int, *layout: Any) -> Array:
        if len(layout) != 4:
            raise BoundaryError("not a frame: a view of no layout")
        value = view_of(self._mentioned(_existing(self.sent, number)), *layout)
        self.objects.append(value)
        return value

    def _own_array(self, kind: Any, shape: list[int], order: str, writeable: bool) -> Array:
        if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
            raise BoundaryError("not a frame: an array without a shape")
        if not all(type(length) is int and 0 <= length < 2**62 for length in shape):
            raise BoundaryError("not a frame: an array of impossible shape")
        dtype, count = dtype_of(kind), prod(shape)
        start = self._place + -self._place % ALIGNMENT
        self._place = start + count * dtype.itemsize
        if self._place > len(self._arrays) or order not in ("C", "F"):
            raise BoundaryError("not a frame: an array that is larger than its bytes")
        flat = np.frombuffer(self._arrays, dtype, count, start) if count else np.empty(0, dtype)
        flat = made_sound(flat)
        if flat.nbytes < COPIED or not flat.flags.writeable:
            flat = flat.copy()
        value = flat.reshape(shape, order="C" if order == "C" else "F")
        if value.base is not None and value.nbytes < COPIED:
            value = value.copy(order="K")
        if not writeable:
            value.flags.writeable = False
        return value

    def _scalar(self, _: int, kind: Any, content: bytes) -> Any:
        dtype = dtype_of(kind)
        if len(content) != dtype.itemsize:
            raise BoundaryError("not a frame: a scalar of the wrong size")
        return made_sound(np.frombuffer(content, dtype))[0]

    def _text_scalar(self, _: int, content: str | bytes) -> Any:
        if type(content) is str:
            return np.str_(content)
        if type(content) is bytes:
            return np.bytes_(content)
        raise BoundaryError("not a frame: text that is none")

    def _complex(self, _: int, real: float, imaginary: float) -> complex:
        if type(real) is not float or type(imaginary) is not float:
            raise BoundaryError("not a frame: a complex number that is not of two floats")
        return complex(real, imaginary)

    def _int(self, _: int, digits: str) -> int:
        if len(digits) > MAX_INT // 4 + 4:
            raise BoundaryError(f"an int of more than {MAX_INT} bits cannot cross")
        return int(digits, 16)

    def _like(self, depth: int, handle: Any, node: Any, class_name: Any, *state: Any) -> Any:
        number = len(self.objects)
        if type(handle) is not int and not self.may_import:
            raise BoundaryError("not a frame: a handle that is not a number")
        if type(class_name) is not str:
            raise BoundaryError("not a frame: a class whose name is no text")
        if type(node) in CLASSED or (type(node) is list and node[0] == Tag.INT):
            value = self.like(handle, self._value(node, depth), class_name)
            self.objects.append(value)
            return self._with_attributes(value, depth, *state)
        if type(node) is not list or node[0] not in NUMBERED:
            raise BoundaryError("not a frame: a class for what is no container")
        unfilled, self._unfilled = self._unfilled, None
        value = self.like(handle, self._value(node, depth), class_name)
        self._unfilled = unfilled
        self.objects[number] = value
        return self._with_attributes(value, depth, *state)

    def _with_attributes(self, value: Any, depth: int, names: Any = (), nodes: Any = ()) -> Any:
        if not self.may_import and (names or nodes):
            raise BoundaryError("not a frame: attributes of what is no instance")
        if names:
            attributes = self._items(nodes, depth, NO_NUMBER)
            set_attributes(value, dict(zip(names, attributes, strict=True)), [], in_judge=False)
        return value

    def _instance(self, depth: int, number: Any, module: Any, name: Any, *state: Any) -> Any:
        if self.kept is None:
            raise BoundaryError("not a frame: nothing is kept")
        value = self.kept.made(number, module, name)
        if state:
            names, nodes = state
            attributes = self._items(nodes, depth, NO_NUMBER)
            self.kept.set_attributes(number, dict(zip(names, attributes, strict=True)), [])
        return value

    def _keep(self, depth: int, number: Any, node: Any) -> Any:
        """An object that is kept from now on: one that can change, and is here as itself."""
        value = self._value(node, depth)
        if self.kept is None or not _can_be_kept(value, node):
            raise BoundaryError("not a frame: an object that cannot be kept")
        return self.kept.take(number, value)

    def _kept(self, _: int, number: Any) -> Any:
        if self.kept is None:
            raise BoundaryError("not a frame: nothing is kept")
        value = self.kept.get(number)
        return value if self.kept.is_instance(number) else self._mentioned(value)

    def _kind(self, depth: int, path: Any, *nodes: Any) -> Any:
        if self.may_import:
            KINDS.import_module_of(path)
        kind, number = KINDS.named(path), len(self.objects)
        if self.modules is not None and kind.module not in self.modules:
            raise BoundaryError("not a frame: a value of a kind that is not wanted")
        self.objects.append(_UNFINISHED)
        self._whole += not kind.holds_objects
        parts = list(self._items(list(nodes), depth, number, self._part))
        value = KINDS.made(path, parts)
        self._whole -= not kind.holds_objects
        self.objects[number] = value
        return value

    def _part(self, node: Any, depth: int) -> Any:
        """A part of a value of a kind; its arrays and lists are its own."""
        if type(node) is not list or not node or type(node[0]) is not int:
            return self._value(node, depth)
        if depth > MAX_DEPTH:
            raise BoundaryError(f"containers are nested more than {MAX_DEPTH} deep")
        tag, *fields = node
        if tag == Tag.ARRAY:
            return self._own_array(*fields)
        if tag in (Tag.LIST, Tag.TUPLE):
            (nodes,) = fields
        if tag == Tag.LIST:
            return list(self._items(nodes, depth, NO_NUMBER, self._part))
        if tag == Tag.TUPLE:
            values = Values(self._items(nodes, depth, NO_NUMBER))
            values.deadline = self.deadline
            return values
        value = self._value(node, depth)
        if isinstance(value, CONTAINERS):
            raise BoundaryError("not a frame: a part that is not the value's own")
        return value

    def _handle(self, _: int, handle: int, type_name: str, callable_: bool, *member: str) -> Any:
        if type(handle) is not int or any(type(name) is not str for name in (type_name, *member)):
            raise BoundaryError("not a frame: a handle that is not a number")
        if self._whole:
            raise BoundaryError("not a frame: a value that consists of objects of the notebook")
        value = self.handle(handle, type_name[:200], callable_ is True, *member)
        self.objects.append(value)
        return value

    def _of_test(self, _: int, number: int, *described: Any) -> Any:
        if self.of_test is None or type(number) is not int:
            raise BoundaryError("not a frame: an object of the test's that is none")
        value = self.of_test(number, *described)
        self.objects.append(value)
        return value

    _DECODE: dict[int, Callable[..., Any]] = {  # noqa: RUF012 - a constant
        Tag.REFERENCE: _reference,
        Tag.SENT: _sent,
        Tag.LIST: _list,
        Tag.TUPLE: _tuple,
        Tag.SET: _set,
        Tag.DICT: _dict,
        Tag.ARRAY: _array,
        Tag.VIEW: _view,
        Tag.SCALAR: _scalar,
        Tag.TEXT_SCALAR: _text_scalar,
        Tag.COMPLEX: _complex,
        Tag.INT: _int,
        Tag.LIKE: _like,
        Tag.HANDLE: _handle,
        Tag.KIND: _kind,
        Tag.FROZENSET: _frozenset,
        Tag.OF_TEST: _of_test,
        Tag.INSTANCE: _instance,
        Tag.KEEP: _keep,
        Tag.KEPT: _kept,
    }


@dataclass(frozen=True)
class Contents:
    """Marks an object that is to be encoded with what it contains, though it was sent before."""

    value: Any


@dataclass(frozen=True)
class Lasting:
    """Marks a value that both sides keep, or the containers in it, from now on."""

    value: Any


@dataclass(frozen=True)
class OfKind:
    """Marks an object that is to cross as a value of a kind, of whose class it is a subclass's."""

    value: Any
    kind: ValueKind


def contents_of(value: Any) -> Any:
    """What the other side hears of an object that has changed."""
    return Contents(value) if stateful_class_of(value) is None else state_of(value)


_UNFINISHED = object()
NO_NUMBER = -1  # of parts, which nothing refers to


def items_of(value: Any) -> tuple[Tag, Iterator[Any]]:
    """The tag of a list, tuple, set or frozenset, and its items as the base class gives them."""
    base: Any
    for base, tag in ITEMS:
        if isinstance(value, base):
            return tag, iter(list(base.__iter__(value)))
    raise BoundaryError(f"a {type(value).__name__} has no items that could cross")


def _fill(value: Any, parts: Iterator[Any] | list[Any]) -> None:
    if isinstance(value, dict):
        parts = iter(parts)
        value.update(zip(parts, parts, strict=True))
    else:
        value.update(parts)


def _can_be_kept(value: Any, node: Any) -> bool:
    """Whether a value that has this node can change, and is the same for both sides."""
    tag = node[0] if type(node) is list else None
    if tag == Tag.KIND:
        kind = KINDS.of(type(value))
        return kind is not None and kind.can_change
    if tag == Tag.OF_TEST:
        return stateful_class_of(value) is not None
    if tag in (Tag.REFERENCE, Tag.SENT):
        return isinstance(value, (list, dict, set))
    is_itself = tag in NUMBERED or tag == Tag.LIKE
    return is_itself and isinstance(value, (list, dict, set, np.ndarray))


def _parts(value: Any, kind: ValueKind) -> list[Any]:
    try:
        parts = kind.parts(value)
    except Exception:  # it is of the right class, and broken
        parts = None
    if parts is None:
        raise BoundaryError(f"this {kind.path} does not cross")
    return parts


def _long_int(value: int) -> list[Any]:
    if value.bit_length() > MAX_INT:
        raise BoundaryError(f"an int of more than {MAX_INT} bits cannot cross")
    return [Tag.INT, hex(value)]


def _existing(objects: list[Any], number: int) -> Any:
    if type(number) is not int or not 0 <= number < len(objects):
        raise BoundaryError(f"not a frame: there is no object {str(number)[:20]}")
    if objects[number] is _UNFINISHED:
        raise BoundaryError("not a frame: a tuple that contains itself")
    return objects[number]
