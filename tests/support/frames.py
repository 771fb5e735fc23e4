"""Values that may cross the boundary, frames that carry them, and frames that should not be."""

import struct
import time as clock
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import time, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import msgpack
import numpy as np
from hypothesis import HealthCheck, settings

from referee.boundary.codec import MAX_DEPTH, MAX_INT, Decoder, Encoder
from referee.boundary.frame import HEADER, BoundaryError, FrameLimits, Tag
from referee.boundary.kept import Kept
from referee.boundary.kinds import KINDS
from referee.boundary.kinds.annotations import Annotation
from referee.boundary.messages import CallBack, Raised, Reply
from referee.inside.operations import name_in_library
from referee.judge.callbacks import ObjectsOfTest
from referee.judge.definitions import KNOWN, definition_at
from referee.judge.exceptions import raised_by_student, rebuilt
from referee.judge.objects import RemoteFunction
from referee.judge.objects import RemoteObject as Handle
from referee.judge.places import NotComparable, Place

many = settings(
    deadline=None,
    derandomize=False,
    print_blob=True,
    max_examples=150,
    suppress_health_check=list(HealthCheck),
)
some = settings(many, max_examples=50)
LIMITS = FrameLimits(tree=2**20, arrays=2**28)
PRINTED = 2**20
lengths = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
orders = st.sampled_from("<>")
dtypes = st.one_of(
    hnp.boolean_dtypes(),
    orders.flatmap(lambda order: hnp.integer_dtypes(endianness=order)),
    orders.flatmap(lambda order: hnp.unsigned_integer_dtypes(endianness=order)),
    orders.flatmap(lambda order: hnp.floating_dtypes(endianness=order)),
    orders.flatmap(lambda order: hnp.complex_number_dtypes(endianness=order)),
    orders.flatmap(lambda order: hnp.unicode_string_dtypes(endianness=order, max_len=5)),
    hnp.byte_string_dtypes(max_len=5),
    orders.flatmap(
        lambda order: st.sampled_from(["M8[D]", "M8[ns]", "m8[us]"]).map(lambda name: order + name)
    ).map(np.dtype),
)
VIEWS: tuple[Callable[[Any], Any], ...] = (
    lambda array: array,
    lambda array: array.T,
    lambda array: np.asfortranarray(array),
    lambda array: array[..., ::2] if array.ndim else array,
    lambda array: array[::-1] if array.ndim else array,
    lambda array: np.broadcast_to(array, (2, *array.shape)),
)


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    array = draw(hnp.arrays(draw(dtypes), draw(lengths)))
    array = draw(st.sampled_from(VIEWS))(array)
    if draw(st.booleans()):
        array.flags.writeable = False
    return array


texts = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates too
edges = [sign * 2**bits + by for bits in (31, 63, 64, 500) for sign in (1, -1) for by in (-1, 0, 1)]
ints = st.one_of(
    st.integers(-200, 200),
    st.sampled_from([*edges, 2**MAX_INT - 1, 1 - 2**MAX_INT]),
    st.integers(-(2**MAX_INT) + 1, 2**MAX_INT - 1),
)
numpy_scalars = dtypes.flatmap(lambda dtype: hnp.arrays(dtype, ())).map(lambda array: array[()])
hashable_atoms = st.one_of(
    st.none(), st.booleans(), ints, st.floats(), st.complex_numbers(), texts, st.binary(max_size=20)
)
immutables = st.one_of(
    st.fractions(),
    st.decimals(-(10**300), 10**300) | st.sampled_from([Decimal("nan"), Decimal("-Infinity")]),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.none() | st.just(timezone(timedelta(minutes=-90)))),
    st.timedeltas(),
    st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.sampled_from([-2, 1, 3])),
)
slices = st.builds(slice, st.none() | ints, st.none() | ints | texts)
hashables = st.recursive(
    hashable_atoms | numpy_scalars | immutables,
    lambda inner: st.lists(inner, max_size=3).map(tuple),
)
values = st.recursive(
    hashables | arrays() | slices,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(hashables, inner, max_size=4),
        st.sets(hashables, max_size=4),
        st.frozensets(hashables, max_size=4),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: [items, *items, items]),
    ),
    max_leaves=12,
)


def came_from_student(error: BaseException) -> Raised:
    raised = raised_by_student(error)
    assert raised is not None
    return raised


def no_handles(value: Any) -> list[Any]:
    if (name := name_in_library(value)) is not None:
        return [Tag.HANDLE, 0, "type", True, *name]
    raise TypeError(type(value).__name__)


def encoded(value: Any) -> bytes:
    """One frame's bytes."""
    return b"".join(bytes(part) for part in Encoder(no_handles, lambda _: None).encode(value))


class TextsOnly:
    """A fork whose objects have texts."""

    steps = questions = calls = 0
    is_talking = is_closed = is_called_back = False

    def __init__(self) -> None:
        self.refusals: list[NotComparable] = []

    def refuse(self, error: NotComparable) -> None:
        self.refusals.append(error)

    hashes: ClassVar[dict[str, int]] = {}

    def is_known_as(self, number: int, named: object) -> None:
        pass

    def has_made(self, class_name: str, *, of_its_arguments: bool) -> None:
        """It compares nothing."""

    def methods_of(self, class_name: str) -> frozenset[str]:
        return frozenset()

    def construct(self, class_name: str, *args: Any) -> Any:
        raise NotImplementedError

    def remember_states(self) -> None:
        pass

    def ask(self, request: Any) -> str:
        return str(request.operation)


def passed(value: Any) -> Any:
    """A function that a test has passed to the student's code."""
    return value


OBJECTS_OF_TEST = ObjectsOfTest()
OBJECTS_OF_TEST.node(passed)


class Chain:
    """A class of a provided cell, of which a test has passed an instance and the list in it."""

    default = 1

    def __init__(self) -> None:
        self.items: list[Any] = [1]
        self.next = self

    def last(self) -> Any:
        return self.items[-1]


def kept_of_judge() -> Kept:
    """What the judge keeps once a test has passed a chain: it is number 0, and its list 2."""
    chain, kept = Chain(), Kept(path_of=lambda kind: ("__main__", kind.__name__))
    kept.have_told([(0, chain, True), (2, chain.items, False)], [])
    return kept


def handle(number: int, name: str, _: bool, *where: str) -> Any:
    known = definition_at(*where) if len(where) == 2 else None
    return Handle(Place(number, name, TextsOnly())) if known is None else known


def decoded(frame: bytes, sent: list[Any] | None = None, kept: Kept | None = None) -> Any:
    """The value of a frame, as the judge's side would see it."""
    tree_size, _ = HEADER.unpack_from(frame)
    tree, rest = frame[HEADER.size :][:tree_size], frame[HEADER.size + tree_size :]
    decoder = Decoder(
        handle,
        lambda _handle, value, _class_name: value,
        sent,
        clock.monotonic() + 30,
        OBJECTS_OF_TEST.get,
        kept=kept or kept_of_judge(),
    )
    return decoder.decode(tree, np.frombuffer(bytearray(rest), np.uint8))


def facts(value: Any, seen: dict[int, int] | None = None) -> Any:
    """All there is to know of a value, so that equal facts mean indistinguishable values."""
    seen = {} if seen is None else seen
    if isinstance(value, np.generic):
        return type(value), value.dtype.str, np.asarray(value).tobytes()
    if type(value) in (float, complex):
        return type(value), struct.pack("dd", value.real, value.imag)
    if not isinstance(value, (list, tuple, set, frozenset, dict, np.ndarray)):
        return type(value), repr(value) if isinstance(value, (Decimal, time, slice)) else value
    if id(value) in seen:
        return "again", seen[id(value)]
    seen[id(value)] = len(seen)
    if isinstance(value, np.ndarray):
        layout = value.flags.c_contiguous or not value.flags.f_contiguous
        kind = value.dtype.str, value.shape, layout, value.flags.writeable
        return type(value), kind, value.tobytes()
    if isinstance(value, (set, frozenset)):
        return type(value), Counter(repr(facts(item)) for item in value)
    if isinstance(value, dict):
        return dict, [(facts(key, seen), facts(item, seen)) for key, item in value.items()]
    return type(value), [facts(item, seen) for item in value]


def fill(x: Any) -> None:
    x[...] = np.arange(x.size).reshape(x.shape)


def grow(x: Any) -> None:
    x["W"] += 1
    x["new"] = x["W"]
    del x["old"]


def nest(x: Any) -> None:
    x[0]["a"].append(x[1])
    x[1].add(7)


CHANGES: list[tuple[Callable[[Any], None], Callable[[], Any]]] = [
    (fill, lambda: np.zeros((3, 4))),
    (fill, lambda: np.zeros((6, 8))[::2, 1::3]),
    (fill, lambda: np.asfortranarray(np.zeros((3, 4)))),
    (fill, lambda: np.zeros((3, 4), ">i2").T),
    (fill, lambda: np.zeros(())),
    (lambda x: x.append(x), lambda: [1, 2]),
    (lambda x: x.sort(reverse=True), lambda: [1, 2, 3]),
    (lambda x: x.clear(), lambda: [[1], [2]]),
    (lambda x: x.__setitem__(0, x[1]), lambda: [np.zeros(2), np.ones(2)]),
    (grow, lambda: {"W": np.zeros(3), "old": 1}),
    (lambda x: x.update({9, "a"}), lambda: {1, 2}),
    (nest, lambda: [{"a": []}, {1}]),
    (lambda x: setattr(x, "shape", (3, 2)), lambda: np.arange(6.0)),
]


def is_plain(value: Any, seen: set[int]) -> bool:
    """Whether a value is made of the types that may cross, and handles."""
    if id(value) in seen or value is passed:
        return True
    seen.add(id(value))
    if type(value) is Chain:
        return all(type(name) is str and is_plain(each, seen) for name, each in vars(value).items())
    if type(value) in (list, tuple, set, frozenset):
        return all(is_plain(item, seen) for item in value)
    if type(value) is dict:
        return all(is_plain(part, seen) for pair in value.items() for part in pair)
    if type(value) is np.ndarray or isinstance(value, np.generic):
        widths = {"f": 8, "c": 16}
        if value.dtype.names is not None:
            fields: Any = value
            return all(is_plain(fields[name], set()) for name in value.dtype.names)
        return value.dtype.kind in "biufcSUmM" and value.dtype.itemsize <= widths.get(
            value.dtype.kind, 2**30
        )
    kinds = (type(None), bool, int, float, complex, str, bytes, Handle, RemoteFunction)
    is_known = any(value is each for each in KNOWN.values()) or type(value) is Annotation
    return is_known or type(value) in kinds or KINDS.of(type(value)) is not None


def survives(frame: bytes) -> None:
    """Assert that decoding is harmless and what comes of it can be used like any value."""
    kept = kept_of_judge()
    try:
        value = decoded(frame, [{"do": "call"}, [], np.zeros(3)], kept)
    except BoundaryError as error:
        assert len(str(error)) < 500
    else:
        assert is_plain([value, kept.get(0)], set())
        with suppress(NotImplementedError):  # pandas prints no time that Python does not have
            repr(value)
        understood(value)


def understood(said: Any) -> None:
    """Read what came as an answer or a call back, as the judge does; neither has to be one."""
    with suppress(BoundaryError):
        if CallBack.is_one(said):
            OBJECTS_OF_TEST.operation(CallBack.read(said))
        else:
            answer = Reply.read(said)
            if answer.error is not None:
                error = rebuilt(answer.error, itself=answer.object)
                assert len(str(error)) + len(repr(error)) < 10**6


nodes = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.integers(-1, 20),
        st.floats(),
        st.binary(max_size=40),
        st.text(max_size=5),
        st.sampled_from(
            ["<f8", "<f16", ">u4", "|b1", "|O", "|V8", "<M8[s]", "C", "F", "<U3", "|S2"]
        ),
        st.sampled_from([msgpack.ExtType(5, b"x"), msgpack.Timestamp(1), {}, {1: 2}]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=6),
        st.builds(lambda tag, fields: [tag, *fields], st.sampled_from(Tag), st.lists(inner)),
        st.builds(
            lambda tag, items: [tag, items],
            st.sampled_from([Tag.LIST, Tag.TUPLE, Tag.SET, Tag.DICT]),
            st.lists(inner),
        ),
    ),
    max_leaves=20,
)


def frame_of(tree: Any, content: bytes = b"") -> bytes:
    """A frame with this tree of nodes."""
    packed = tree if isinstance(tree, bytes) else msgpack.packb(tree)
    return HEADER.pack(len(packed), len(content)) + packed + content


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    frame = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(frame)))
        how = draw(st.sampled_from(["flip", "insert", "delete", "cut"]))
        if how == "flip" and place < len(frame):
            frame[place] ^= draw(st.integers(1, 255))
        elif how == "insert":
            frame[place:place] = draw(st.binary(min_size=1, max_size=4))
        elif how == "delete":
            del frame[place : place + draw(st.integers(1, 4))]
        else:
            del frame[place:]
    return bytes(frame)


def nested(depth: int) -> bytes:
    return b"\x92\x02\x91" * depth + b"\xc0"


def array_node(kind: Any, shape: Any, order: Any = "C", writeable: Any = True) -> list[Any]:
    return [Tag.ARRAY, kind, shape, order, writeable]


def nested_fields(depth: int) -> list[Any]:
    inner: Any = "|b1"
    for _ in range(depth):
        inner = [1, [["a", inner, [], 0]]]
    return inner


def kind_node(path: Any, *parts: Any) -> list[Any]:
    return [Tag.KIND, path, *parts]


def state_node(*state: Any) -> list[Any]:
    """A frame of nothing but the state of a kept object."""
    return [Tag.KEEPING, None, [list(state)]]


# What the judge's side takes, and does no harm with; the chain has the number 0, its list 2.
STATES = {
    "attribute": state_node(0, ["x"], [1], []),
    "attribute of another kind": state_node(0, ["items"], [7], []),
    "attribute that is gone": state_node(0, [], [], ["items"]),
    "attribute that was never there": state_node(0, [], [], ["x"]),
    "method": state_node(0, ["last"], [[Tag.HANDLE, 1, "function", True]], []),
    "method that is gone": state_node(0, [], [], ["last"]),
    "list in itself": state_node(2, [Tag.LIST, [[Tag.KEPT, 2]]]),
    "list that is kept": state_node(0, ["x"], [[Tag.KEEP, 1, [Tag.LIST, []]]], []),
    "name that is no identifier": state_node(0, ["a b"], [1], []),
}
FORGED_STATES = {
    "state of nothing": state_node(4, ["x"], [1], []),
    "state by a boolean": state_node(False, ["x"], [1], []),
    "state without a number": state_node(),
    "states that are no list": [Tag.KEEPING, None, 3],
    "class": state_node(0, ["__class__"], [1], []),
    "dict": state_node(0, ["__dict__"], [[Tag.DICT, []]], []),
    "special name that is gone": state_node(0, [], [], ["__dict__"]),
    "name that is a number": state_node(0, [1], [1], []),
    "name that is a list": state_node(0, [["x"]], [1], []),
    "name of bytes": state_node(0, [b"x"], [1], []),
    "name of a great length": state_node(0, ["x" * 10**5], [1], []),
    "names without values": state_node(0, ["x", "y"], [1], []),
    "values without names": state_node(0, ["x"], [1, 2], []),
    "names as text": state_node(0, "xy", [1, 2], []),
    "gone is no list": state_node(0, [], [], "items"),
    "attributes by the hundred thousand": state_node(
        0, [f"x{n}" for n in range(10**5)], [0] * 10**5, []
    ),
    "instance as a list": state_node(0, [Tag.LIST, []]),
    "list with attributes": state_node(2, ["x"], [1], []),
    "list as a dict": state_node(2, [Tag.DICT, []]),
    "list as a number": state_node(2, 1),
    "instance of a class of the judge's": [Tag.INSTANCE, 1, "__main__", "Chain"],
    "instance of a class of Python's": [Tag.INSTANCE, 1, "builtins", "object"],
    "kept number": [Tag.KEEP, 1, 5],
    "kept text": [Tag.KEEP, 1, "text"],
    "kept tuple": [Tag.KEEP, 1, [Tag.TUPLE, []]],
    "kept handle": [Tag.KEEP, 1, [Tag.HANDLE, 1, "list", False]],
    "kept keeping": [Tag.KEEP, 1, [Tag.KEEP, 3, [Tag.LIST, []]]],
    "kept with a number of the judge's": [Tag.KEEP, 4, [Tag.LIST, []]],
    "kept with a number that is taken": [Tag.KEEP, 2, [Tag.LIST, []]],
    "kept with a negative number": [Tag.KEEP, -1, [Tag.LIST, []]],
    "kept with a boolean": [Tag.KEEP, True, [Tag.LIST, []]],
    "kept twice": [
        *(Tag.LIST, [[Tag.KEEP, 1, [Tag.LIST, []]], [Tag.KEEP, 3, [Tag.REFERENCE, 1]]]),
    ],
    "kept by reference to nothing": [Tag.KEEP, 1, [Tag.REFERENCE, 9]],
    "nothing that is kept": [Tag.KEPT, 1],
    "kept by text": [Tag.KEPT, "0"],
    "kept by a list": [Tag.KEPT, [0]],
    "lists that are mentioned very often": [Tag.LIST, [[Tag.KEPT, 2]] * 1001],
    "keeping inside": [Tag.LIST, [state_node(0, ["x"], [1], [])]],
    "member of no enumeration": [Tag.HANDLE, 1, "Color", False, "__main__", 3],
}
HOSTILE = {
    **FORGED_STATES,
    **{
        f"value {number}": tree
        for number, tree in enumerate(
            [
                kind_node("decimal.Decimal", "1e999999999"),
                kind_node("decimal.Decimal", "9" * 10**6),
                kind_node("decimal.Decimal", 1.5),
                kind_node("fractions.Fraction", 1, 0),
                kind_node("fractions.Fraction", 1.5, 2),
                kind_node("builtins.range", 1, 2, 0),
                kind_node("builtins.range", "1", 2, 3),
                kind_node("datetime.date", 10**9, 1, 1),
                kind_node("datetime.datetime", "2020-01-01", 7, None),
                kind_node("datetime.datetime", "2020-01-01", 0, 10**12),
                kind_node("datetime.timedelta", 10**12, 0, 0),
                kind_node("builtins.slice", [Tag.LIST, []], None, None),
                kind_node("builtins.slice", *range(9)),
                kind_node("builtins.object"),
                kind_node(["builtins.slice"], 1),
                [Tag.KIND],
                [Tag.FROZENSET, [[Tag.REFERENCE, 0]]],
                [Tag.FROZENSET, [[Tag.LIST, []]]],
            ]
        )
    },
    "nothing": b"",
    "deep": nested(10**5),
    "not so deep": nested(MAX_DEPTH + 2),
    "deep in msgpack's own lists": b"\x91" * 10**5 + b"\xc0",
    "classes of classes": [Tag.LIKE, 0, [Tag.LIKE, 0, [Tag.LIST, []], "A"], "A"],
    "class without a name": [Tag.LIKE, 0, [Tag.LIST, []], 1],
    "class at a place": [Tag.LIKE, ["__main__", "A"], [Tag.LIST, []], "A"],
    "attributes of data": [Tag.LIKE, 0, [Tag.LIST, []], "A", ["x"], [1]],
    "class of nothing": [Tag.LIKE, 0, None, "A"],
    "class of a truth value": [Tag.LIKE, 0, True, "A"],
    "class of a reference": [Tag.LIST, [[Tag.LIST, []], [Tag.LIKE, 0, [Tag.REFERENCE, 1], "A"]]],
    "long lists that are not there": b"\xdd\x00\x10\x00\x00" * 100,
    "ext": msgpack.ExtType(1, b"x"),
    "empty ext": b"\xc7\x00\x01",
    "timestamp": msgpack.Timestamp(1, 2),
    "empty timestamp": b"\xc7\x00\xff",
    "map": {"a": 1},
    "empty map": {},
    "two values": b"\x01\x02",
    "no tag": [],
    "negative tag": [-1],
    "unknown tag": [99, 1],
    "boolean tag": [True, 0],
    "float tag": [2.0, []],
    "tag of text": ["list", []],
    "unhashable tag": [[2], []],
    "too many fields": [Tag.LIST, [], []],
    "list of a number": [Tag.LIST, 3],
    "dict of one": [Tag.DICT, [1]],
    "unhashable key": [Tag.DICT, [[Tag.LIST, []], 1]],
    "unhashable in a key": [Tag.SET, [[Tag.TUPLE, [[Tag.LIST, []]]]]],
    "array as a key": [Tag.SET, [array_node("<f8", [0])]],
    "reference to nothing": [Tag.REFERENCE, 0],
    "reference forward": [Tag.LIST, [[Tag.REFERENCE, 2], [Tag.LIST, []]]],
    "reference backward from the end": [Tag.LIST, [[Tag.REFERENCE, -1]]],
    "reference by a boolean": [Tag.LIST, [[Tag.REFERENCE, False]]],
    "reference by a float": [Tag.LIST, [[Tag.REFERENCE, 0.0]]],
    "reference to what was not sent": [Tag.SENT, 3],
    "view of what was not sent": [Tag.VIEW, 3, [1], [8], 0, True],
    "view of no layout": [Tag.VIEW, 3],
    "tuple in itself": [Tag.TUPLE, [[Tag.REFERENCE, 0]]],
    "tuple in a list in itself": [Tag.TUPLE, [[Tag.LIST, [[Tag.REFERENCE, 0]]]]],
    "objects": array_node("|O", [1]),
    "void": array_node("|V8", [1]),
    "datetime without a unit": array_node("<M8", [0]),
    "datetime of many units": array_node("<M8[25s]", [0]),
    "structure": array_node("i4,f8", [1]),
    "list of fields": array_node([["a", "<f8"]], [1]),
    "fields of objects": array_node([8, [["a", "|O", [], 0]]], [0]),
    "millions of fields": array_node([8, [["a", "|b1", [], 0]] * 10**5], [0]),
    "fields of one name": array_node([8, [["a", "|b1", [], 0]] * 2], [0]),
    "field outside": array_node([8, [["a", "<f8", [], 1]]], [0]),
    "field before": array_node([8, [["a", "<f8", [], -8]]], [0]),
    "large field": array_node([8, [["a", "<f8", [2**20, 2**20, 2**20, 2**20], 0]]], [0]),
    "field of many dimensions": array_node([8, [["a", "|b1", [1] * 40, 0]]], [0]),
    "large items of fields": array_node([2**40, [["a", "<f8", [], 0]]], [0]),
    "items of no fields": array_node([0, []], [0]),
    "fields in fields": array_node(nested_fields(50), [0]),
    "subarray": array_node("(2,2)<f8", [1]),
    "no byte order": array_node("f8", [1]),
    "wide floats": array_node("<f16", [0]),
    "wide complex numbers": array_node(">c32", [0]),
    "wide scalar": [Tag.SCALAR, "<f16", b"\0" * 16],
    "wide complex scalar": [Tag.SCALAR, "<c32", b"\0" * 32],
    "type and a line": array_node("<f8\n", [1]),
    "strings of no length": array_node("<U0", [1]),
    "strings of a great length": array_node("<U999999999", [0]),
    "negative": array_node("<f8", [-1]),
    "two negatives": array_node("<f8", [-2, -1]),
    "boolean shape": array_node("<f8", [True]),
    "float shape": array_node("<f8", [1.0]),
    "scalar shape": array_node("<f8", 1),
    "huge": array_node("<f8", [2**61]),
    "overflow": array_node("<f8", [2**32, 2**32]),
    "huge and nothing": array_node("<f8", [0, 2**61, 2**61]),
    "many dimensions": array_node("<f8", [1] * 65),
    "order K": array_node("<f8", [1], "K"),
    "scalar of objects": [Tag.SCALAR, "|O", b"\0" * 8],
    "scalar too short": [Tag.SCALAR, "<f8", b"\0"],
    "scalar too long": [Tag.SCALAR, "<f8", b"\0" * 9],
    "scalar of text": [Tag.SCALAR, "<f8", "12345678"],
    "character that does not exist": [Tag.SCALAR, "<U1", b"\xff" * 4],
    "text of a number": [Tag.TEXT_SCALAR, 2**40],
    "text of a list": [Tag.TEXT_SCALAR, ["a"]],
    "complex of booleans": [Tag.COMPLEX, True, 1.0],
    "complex of text": [Tag.COMPLEX, "1", "2"],
    "digits of a number": [Tag.INT, 1],
    "too many digits": [Tag.INT, "f" * 10**6],
    "no digits": [Tag.INT, "0xg"],
    "handle of text": [Tag.HANDLE, "0", "f", True],
    "handle of a boolean": [Tag.HANDLE, True, "f", True],
    "handle of no type": [Tag.HANDLE, 0, 0, True],
    "invalid UTF-8": b"\xa1\xff",
    "reserved byte": b"\xc1",
}


def reply(**fields: Any) -> bytes:
    return encoded({"output": "", "value": 1} | fields)


def call_back(**fields: Any) -> bytes:
    """A frame that wants a function of the test's called."""
    return encoded(CallBack(0, "call", (1,), {"key": [2]}).to_plain() | fields)
