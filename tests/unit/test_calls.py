"""Calls of a student's functions: arguments, results, changes in place, errors, random numbers.

The two real sides are connected by a socket pair, the student's in a thread.
"""

import io
import os
import random
import socket
import sys
import time
from collections import Counter, OrderedDict, deque, namedtuple
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from PIL import Image

from referee.inside.server import Session
from referee.judge.exceptions import (
    EXCEPTIONS,
    ProcessEnd,
    StandIns,
    StudentError,
)
from referee.judge.objects import RemoteObject as Handle
from referee.judge.places import NotComparable
from referee.judge.remote import CallClock, Fork
from tests.support.frames import (
    CHANGES,
    LIMITS,
    PRINTED,
    came_from_student,
    facts,
    fill,
    some,
    values,
)
from tests.support.sides import Student, connect

Pair = namedtuple("Pair", "first second")


@pytest.fixture
def student() -> Iterator[Student]:
    connection = Student()
    with connection.channel:
        yield connection


class Model:
    """An object that is no plain data."""

    def __init__(self) -> None:
        self.weights = np.ones(3)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class Layers(list[Any]):
    pass


class Parameters(dict[str, Any]):
    pass


class Tally(Counter[str]):
    pass


class Names(set[str]):
    pass


class Tensor(np.ndarray[Any, Any]):
    pass


OPAQUE = [
    Model(),
    Model,
    lambda x: x,
    np.array([None, 1], object),
    np.datetime64("NaT"),
    np.zeros(2, [("a", "O")]),
    np.rec.array([(1,)], dtype=[("a", "i4")])[0],
    np.random.default_rng(0),
]


@pytest.mark.parametrize("value", OPAQUE, ids=lambda value: type(value).__name__)
def test_what_is_no_plain_data_stays_there_and_can_be_handed_back(student, value):
    handle = student.has([value])[0]
    assert isinstance(handle, Handle)
    received: list[Any] = []
    student.has(received.append)(handle)
    assert received[0] is value


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x == 1,
        lambda x: x != 1,
        lambda x: x in [1],
        lambda x: x < 1,
        bool,
        hash,
        lambda x: {x},
        lambda x: not x,
        lambda x: np.array([1, 2]) == x,
    ],
)
def test_an_object_that_stays_there_cannot_be_compared_here(student, use):
    with pytest.raises(NotComparable, match="Compare its attributes"):
        use(student.has(Model()))


def test_a_handle_is_the_same_object_each_time(student):
    model = Model()
    assert student.has(model) is student.has((model, 1))[0]


LIKE = [
    Layers([1, 2]),
    Parameters(W=1),
    Tally("abca"),
    Names(["a"]),
    Pair(1, 2),
    np.ones((2, 2)).view(Tensor),
]


@pytest.mark.parametrize("value", LIKE, ids=lambda value: type(value).__name__)
def test_a_subclass_crosses_as_plain_and_gets_its_class_back(student, value):
    plain = student.has(value)
    base = next(kind for kind in (list, dict, set, tuple, np.ndarray) if isinstance(value, kind))
    assert isinstance(plain, base)
    received: list[Any] = []
    student.has(received.append)(plain)
    assert type(received[0]) is type(value)
    assert np.array_equal(list(received[0]), list(value))


def test_a_cache_that_the_test_changed_arrives_changed_in_its_class(student):
    cache = student.has(OrderedDict(a=1))
    cache["b"] = 2
    assert student.has(lambda c: (type(c).__name__, list(c.items())))(cache) == (
        "OrderedDict",
        [("a", 1), ("b", 2)],
    )


def test_instances_of_subclasses_of_scalars_are_these_scalars(student):
    class Name(str):
        def __str__(self) -> str:
            return "lie"

    class Loss(float):
        pass

    name, loss = student.has([Name("truth"), Loss(0.5)])
    assert (name, loss) == ("truth", 0.5)
    assert (str(name), f"{name}", name + "", loss + 0) == ("truth", "truth", "truth", 0.5)


def test_a_missing_name_is_a_name_error(student):
    with pytest.raises(NameError, match="'relu'"):
        student.fork.look_up("relu")


@some
@given(st.lists(values, max_size=3))
def test_returned_arguments_are_the_very_objects_that_were_passed(items):
    same, channel = connect({"f": lambda *args: args})
    with channel:
        results = same.look_up("f")(*items)
    for passed, returned in zip(items, results, strict=True):
        if isinstance(passed, (list, tuple, dict, set, np.ndarray)):
            assert returned is passed
        else:
            assert facts(returned) == facts(passed)


@pytest.mark.parametrize(("change", "make"), CHANGES)
def test_a_change_in_place_is_seen_by_the_test(student, change, make):
    passed, expected = make(), make()
    change(expected)
    student.has(change)(passed)
    assert facts(passed) == facts(expected)


class Keeper:
    """Keeps what it is given, and goes on changing it."""

    def __init__(self, items: Any) -> None:
        self.items = items

    def change(self) -> None:
        self.items[0] = 9

    def __enter__(self) -> None:
        self.change()

    def __exit__(self, *_: object) -> None:
        self.items[0] += 1


def keeping(items: Any) -> Any:
    def change() -> None:
        items[0] = 9

    return change


def generated(items: Any) -> Iterator[None]:
    items[0] = 9
    yield


@pytest.mark.parametrize(
    "make",
    [
        *(lambda: [1], lambda: np.ones(2), lambda: {0: 1}),
        *(lambda: deque([1]), lambda: Counter({0: 1}), lambda: bytearray(b"a")),
        *(lambda: pd.DataFrame({0: [1, 2]})[0], lambda: OrderedDict({0: 1})),
    ],
)
@pytest.mark.parametrize(
    ("keep", "change"),
    [
        (Keeper, lambda keeper: keeper.change()),
        (Keeper, lambda keeper: keeper.__enter__()),
        (keeping, lambda change: change()),
        (generated, next),
    ],
)
def test_what_the_student_keeps_is_one_object_for_both(student, keep, change, make):
    passed = make()
    kept = student.has(keep)(passed)
    change(kept)
    assert passed[0] == 9


def test_table_that_the_student_keeps_is_one_object_for_both(student):
    passed = pd.DataFrame({"a": [1, 2]})
    keeper = student.has(Keeper)(passed)
    student.has(lambda keeper: keeper.items.__setitem__("b", 3))(keeper)
    assert list(passed.columns) == ["a", "b"]


def test_picture_that_the_student_keeps_is_one_object_for_both(student):
    passed = Image.new("L", (2, 2))
    keeper = student.has(Keeper)(passed)
    student.has(lambda keeper: keeper.items.putpixel((0, 0), 9))(keeper)
    assert passed.getpixel((0, 0)) == 9


def test_table_that_is_too_large_to_look_at_is_not_kept(student):
    passed = pd.DataFrame({"a": range(20_000)})
    keeper = student.has(Keeper)(passed)
    student.has(lambda keeper: keeper.items.__setitem__("b", 3))(keeper)
    assert list(passed.columns) == ["a"]


def test_what_a_test_changes_later_is_there_for_what_the_student_keeps(student):
    passed: list[Any] = [1]
    keeper = student.has(Keeper)(passed)
    passed.append([2])
    assert keeper.items is passed
    assert keeper.items[1] == [2]


def test_what_is_in_something_that_the_student_keeps_is_kept_too(student):
    passed = [[1]]
    keeper = student.has(Keeper)([passed])
    student.has(lambda keeper: keeper.items[0][0].append(2))(keeper)
    assert passed == [[1, 2]]


def test_what_the_student_does_not_keep_costs_nothing_later(student):
    passed = student.has(sum)([1, 2]), student.has(len)(np.ones(3))
    assert passed == (3, 3)
    assert student.fork._known.objects == []


def test_wide_floats_of_a_student_arrive_as_usual_ones(student):
    array = student.has(lambda: np.ones((2, 3), np.longdouble) / 3)()
    assert array.dtype == np.float64
    assert type(student.has(lambda: np.longdouble(1) / 3)()) is np.float64


def test_a_change_in_place_of_wide_floats_is_seen(student):
    passed = np.zeros((2, 3), np.longdouble)
    student.has(fill)(passed)
    assert passed.dtype == np.longdouble
    assert passed.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_numbers_that_a_call_makes_negative_are_seen(student):
    passed = np.ones((2, 2))
    student.has(lambda array: np.negative(array, out=array))(passed)
    assert passed.tolist() == [[-1, -1], [-1, -1]]


def test_a_change_in_place_reaches_the_array_that_a_view_looks_at(student):
    whole = np.zeros((4, 4))
    student.has(fill)(whole[1:3, 1:3])
    assert whole[1:3, 1:3].tolist() == [[0, 1], [2, 3]]
    assert whole.sum() == 6


@pytest.mark.parametrize("kind", [Layers, Parameters, OrderedDict, Names])
def test_a_change_of_a_container_of_the_test_s_own_class_is_seen(student, kind):
    passed = kind()
    change = {Layers: lambda x: x.append(1), Names: lambda x: x.add(1)}
    student.has(change.get(kind, lambda x: x.update(a=1)))(passed)
    assert len(passed) == 1


def test_what_aliases_an_argument_in_a_result_aliases_it_in_the_test(student):
    W = np.zeros(3)
    result = student.has(lambda p: {"params": p, "first": p["W"], "new": p["W"] * 1})({"W": W})
    assert result["first"] is result["params"]["W"] is W
    assert result["new"] is not W


@pytest.mark.parametrize(("change", "make"), CHANGES)
def test_a_call_changes_nothing_of_a_test_that_passes_copies(student, change, make):
    student.fork.context.pass_copies = True
    passed, expected, untouched = make(), make(), make()
    change(expected)

    def changed(value: Any) -> Any:
        change(value)
        return value

    returned = student.has(changed)(passed)
    assert facts(passed) == facts(untouched)
    assert contents(returned) == contents(expected), "the function returns what it changed"


def contents(value: Any) -> str:
    """What a value contains, whatever the layout of its arrays."""
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    if isinstance(value, set):  # which has no order
        return str(sorted(value, key=str))
    return str(value.items() if isinstance(value, dict) else value)


def test_copies_share_what_the_originals_share_and_keep_their_class(student):
    student.fork.context.pass_copies = True
    cache, W = student.has(OrderedDict(a=1)), np.zeros(2)

    def change(p: Any, cache: Any, function: Any) -> Any:
        p["W"] += 1
        return p["first"] is p["W"], type(cache).__name__, cache, p["W"], function(2)

    double = student.has(lambda x: 2 * x)
    shared, name, returned, changed, four = student.has(change)({"W": W, "first": W}, cache, double)
    assert (shared, name, four) == (True, "OrderedDict", 4)
    assert not W.any()
    assert changed.tolist() == [1, 1]
    assert returned == cache
    assert returned is not cache
    assert student.has(lambda c: type(c).__name__)(returned) == "OrderedDict"


def test_a_read_only_argument_is_read_only_there(student):
    frozen = np.zeros(3)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        student.has(fill)(frozen)


@pytest.mark.parametrize("kind", EXCEPTIONS.values(), ids=EXCEPTIONS)
def test_an_exception_arrives_as_what_it_was(student, kind):
    def raises() -> None:
        raise kind("what is wrong")

    with pytest.raises(kind, match="what is wrong") as raised:
        student.has(raises)()
    assert type(raised.value) is kind
    assert "in raises" in came_from_student(raised.value).traceback
    assert student.has(3) == 3, "the fork lives on"


def test_an_error_of_an_alphabet_arrives_as_what_it_was(student):
    def raises() -> None:
        b"a\xff".decode()

    with pytest.raises(UnicodeDecodeError, match="can't decode byte 0xff in position 1"):
        student.has(raises)()
    with pytest.raises(ValueError, match="can't decode"):
        student.has(raises)()


def test_an_exception_of_a_student_s_own_class_arrives_as_one_of_its_builtin_base(student):
    class ShapeError(ValueError):
        pass

    def raises() -> None:
        raise ShapeError("(2, 3)")

    with pytest.raises(ValueError, match=r"\(2, 3\)") as raised:
        student.has(raises)()
    assert type(raised.value).__mro__[1] is ValueError
    assert came_from_student(raised.value).name == "ShapeError"


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_an_exception_that_would_end_the_judge_arrives_as_an_error(student, kind):
    def leaves() -> None:
        raise kind("bye")

    with pytest.raises(StudentError, match="bye"):
        student.has(leaves)()


def test_exit_is_one_for_a_test_that_knows_it(student):
    student.fork.context.stand_ins = StandIns(source="SystemExit")
    with pytest.raises(SystemExit) as raised:
        student.has(sys.exit)(2)
    assert raised.value.code == 2


def test_changes_before_an_exception_are_seen(student):
    def half(x: Any) -> None:
        x[0] = 5.0
        raise RuntimeError

    x = np.zeros(2)
    with pytest.raises(RuntimeError):
        student.has(half)(x)
    assert x[0] == 5


def test_what_is_printed_is_printed_in_the_test(student):
    # The student's side is a thread here and writes where this process does.
    function = student.has(lambda: print("loss", 0.5))
    with redirect_stdout(io.StringIO()) as printed:
        function()
    assert printed.getvalue() == "loss 0.5\n"


@pytest.fixture
def forked() -> Iterator[Fork]:
    """The judge's side, connected with a student's in a process of its own, as in earnest."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        os._exit(Session(theirs, {"draw": draw, "seed": seed}, LIMITS, PRINTED).serve())
    theirs.close()
    with ours:
        yield Fork(ours, LIMITS, CallClock(time.monotonic() + 30), ProcessEnd)
    os.waitpid(child, 0)


def draw() -> Any:
    return np.random.rand(3), np.random.randn(), random.random()


def seed(number: int) -> None:
    np.random.seed(number)
    random.seed(number)
    np.random.randn(), random.gauss(0, 1)  # the generators keep the second of a pair


def test_a_seed_in_the_test_governs_the_students_draws(forked):
    function = forked.look_up("draw")
    for number in (1, 2):
        seed(number)
        expected = draw()
        seed(number)
        assert facts(function()) == facts(expected)


def test_the_test_goes_on_where_the_students_draws_left_off(forked):
    function = forked.look_up("draw")
    seed(1)
    expected = [draw() for _ in range(4)]
    seed(1)
    assert facts([function(), draw(), function(), draw()]) == facts(expected)


def test_a_seed_in_the_students_code_governs_the_tests_draws(forked):
    seed(1)
    expected = draw()
    seed(99)
    forked.look_up("seed")(1)
    assert facts(draw()) == facts(expected)


def test_sixty_megabytes_each_way_arrive_whole(student):
    array = np.random.default_rng(0).random(60_000_000 // 8)
    assert np.array_equal(student.has(lambda x: x + 1)(array), array + 1)
