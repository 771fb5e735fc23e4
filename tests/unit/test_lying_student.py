"""A student's side that lies: a call gives plain data, or an error of the student's, or is lost."""

import random
import socket
import threading
import time
from contextlib import suppress
from io import StringIO
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from referee.boundary.channel import receive_frame, send_frame
from referee.boundary.frame import BoundaryError, FrameLimits
from referee.boundary.messages import Call, Proceed, Raised
from referee.boundary.shared import RandomStates
from referee.boundary.states import set_state
from referee.judge.callbacks import OPERATIONS
from referee.judge.exceptions import (
    EXCEPTIONS,
    CallLost,
    ProcessEnd,
    StudentError,
    raised_by_student,
    rebuilt,
)
from referee.judge.remote import CallBackLimits, CallClock, Fork
from tests.support.bounds import ends
from tests.support.frames import (
    LIMITS,
    came_from_student,
    damaged,
    encoded,
    frame_of,
    is_plain,
    nodes,
    reply,
    some,
    values,
)


def answer(reply: bytes, *args: Any, patience: float = 5) -> Any:
    """What a call gives when these bytes are the answer."""
    ours, theirs = socket.socketpair()

    def lie() -> None:
        with theirs:
            receive_frame(theirs, LIMITS)
            theirs.sendall(reply)

    liar = threading.Thread(target=lie, daemon=True)
    liar.start()
    with ours:
        fork = Fork(ours, LIMITS, CallClock(time.monotonic() + patience), ProcessEnd)
        try:
            return fork.ask(Call(None, args))
        finally:
            liar.join()


# Numbers of what a call sends: 0 the request, 1 the tuple of arguments, from 2 on the arguments.
FIRST = 2


@some
@given(
    st.one_of(
        st.binary(max_size=100),
        nodes.map(frame_of),
        values.map(encoded),
        values.map(lambda value: reply(random=value)),
        values.map(lambda value: reply(changes=value)),
        values.map(lambda value: reply(error=value)),
        st.lists(st.tuples(st.integers(-1, 6), values)).map(lambda x: reply(changes=x)),
        damaged(values.map(lambda value: reply(value=value, changes=[(FIRST, [value])]))),
    )
)
def test_whatever_is_answered_a_call_gives_plain_data_or_is_lost(content):
    states = RandomStates()
    before = states.get()
    try:
        assert is_plain(answer(content, [1], np.zeros(3), {}), set())
    except CallLost:
        pass
    except Exception as error:
        assert type(error) in (StudentError, *EXCEPTIONS.values())
        assert raised_by_student(error)
    finally:
        states.set(before)


CALL_BACK: dict[str, Any] = {
    **{"back": True, "number": 0, "operation": "call", "args": (), "kwargs": {}},
    **{"output": "", "random": None, "changes": []},
}


def call_back(**fields: Any) -> bytes:
    return encoded(CALL_BACK | fields)


def called_back(frames: list[bytes], patience: float = 5) -> tuple[Any, list[Any]]:
    """What a call gives that passes a function, when these come before the reply; and its calls."""
    ours, theirs = socket.socketpair()
    calls: list[Any] = []

    def function(*args: Any, **kwargs: Any) -> Any:
        calls.append((args, kwargs))
        return args

    def lie() -> None:
        with theirs, suppress(EOFError, OSError):
            receive_frame(theirs, LIMITS)
            for frame in frames:
                theirs.sendall(frame)
                receive_frame(theirs, LIMITS)
            theirs.sendall(reply())

    liar = threading.Thread(target=lie, daemon=True)
    liar.start()
    clock = CallClock(time.monotonic() + patience)
    fork = Fork(ours, LIMITS, clock, ProcessEnd, calls_back=CallBackLimits(number=20, depth=3))
    given = (function, iter([1, 2]), np.random.default_rng(0), StringIO("a"), {"a": 1}.keys(), [1])
    try:
        return fork.ask(Call(None, given)), calls
    finally:
        ours.close()
        liar.join()


@some
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=100),
            nodes.map(frame_of),
            st.lists(values, max_size=3).map(lambda args: call_back(args=tuple(args))),
            st.dictionaries(st.text(max_size=5), values, max_size=3).map(
                lambda kwargs: call_back(kwargs=kwargs)
            ),
            st.lists(st.tuples(st.integers(-1, 12), values)).map(lambda x: call_back(changes=x)),
            st.builds(
                lambda number, operation, args: call_back(
                    number=number, operation=operation, args=tuple(args)
                ),
                st.integers(-2, 7) | values,
                st.sampled_from([*OPERATIONS, "getattr", "__globals__", ""]) | values,
                st.lists(values, max_size=2),
            ),
            st.dictionaries(st.sampled_from([*CALL_BACK]), values).map(
                lambda fields: call_back(**fields)
            ),
        ),
        max_size=4,
    )
)
def test_whatever_calls_back_does_no_harm(frames):
    states = RandomStates()
    before = states.get()
    try:
        value, calls = called_back(frames, patience=0.5)  # half of a frame is waited for
        assert value == 1
        assert is_plain([list(args) + list(kwargs.values()) for args, kwargs in calls], set())
    except CallLost:
        pass
    finally:
        states.set(before)


@pytest.mark.parametrize("number", [-1, 6, 2**40])
def test_object_that_was_not_passed_is_not_called(number):
    with pytest.raises(CallLost):
        called_back([call_back(number=number)])


@pytest.mark.parametrize(
    ("number", "operation"),
    [
        (0, "next"),
        (0, "__globals__"),
        (1, "call"),
        (2, "call"),
        (3, "read"),
        (4, "next"),
        (5, "len"),
    ],
)
def test_what_an_object_does_not_do_is_not_done(number, operation):
    with pytest.raises(CallLost):
        called_back([call_back(number=number, operation=operation)])


def test_calls_back_without_end_end():
    with pytest.raises(CallLost, match="too often"):
        called_back([call_back()] * 21)


BAD_STATES_OF_OBJECTS = {
    "draws the same for ever": ["0", "0", 0, 0],
    "is no number": ["x", "1", 0, 0],
    "is too long": ["1" * 33, "1", 0, 0],
    "has too much left": ["1", "1", 0, 2**32],
    "of another kind": [[1] * 624, 1, 0, 0.0],
    "text": "state",
    "nothing": None,
}


@pytest.mark.parametrize("state", BAD_STATES_OF_OBJECTS.values(), ids=BAD_STATES_OF_OBJECTS)
def test_state_of_a_generator_of_the_test_that_is_none_is_refused(state):
    generator = np.random.default_rng(0)
    with pytest.raises(BoundaryError):
        set_state(generator, state)
    assert generator.normal() == np.random.default_rng(0).normal()


ZEROS: list[Any] = [[0] * 624, 0, 0, 0.0]


def test_states_from_which_all_numbers_are_the_same_are_refused():
    with pytest.raises(BoundaryError):
        set_state(np.random.RandomState(0), ZEROS)
    with pytest.raises(BoundaryError):
        set_state(random.Random(0), [*ZEROS[:2], None])


_STATE = RandomStates().get()
(_key, _position, _has_gauss, _gauss), (_words, _place, _next) = _STATE
_zeros = np.zeros(624, np.uint32)
BAD_STATES = {
    "position": [(_key, 10**9, 0, 0.0), _STATE[1]],
    "negative position": [(_key, -1, 0, 0.0), _STATE[1]],
    "position in text": [(_key, "1", 0, 0.0), _STATE[1]],
    "has_gauss": [(_key, 1, 2, 0.0), _STATE[1]],
    "gauss": [(_key, 1, 1, None), _STATE[1]],
    "short key": [(_key[1:], 1, 0, 0.0), _STATE[1]],
    "key of another type": [(_key.astype(np.int64), 1, 0, 0.0), _STATE[1]],
    "key in a list": [(_key.tolist(), 1, 0, 0.0), _STATE[1]],
    "place": [_STATE[0], (_words, 625, None)],
    "two-dimensional words": [_STATE[0], (_words.reshape(2, -1), 1, None)],
    "next gauss": [_STATE[0], (_words, 1, "x")],
    "one state": _STATE[:1],
    # All numbers would be 0, and NumPy draws them until it has one that is not.
    "zeros": [(_zeros, 1, 0, 0.0), _STATE[1]],
    "zeros of Python's": [_STATE[0], (_zeros, 1, None)],
}


@pytest.mark.parametrize("states", BAD_STATES.values(), ids=BAD_STATES)
def test_a_state_of_a_generator_that_is_none_is_refused(states):
    with pytest.raises(CallLost):
        answer(reply(random=states))


BAD_CHANGES = {
    "no list": 3,
    "no pair": [(FIRST,)],
    "never sent": [(99, [])],
    "negative": [(-1, [])],
    "numbered by text": [("2", [])],
    "another kind": [(FIRST, {})],
    "another size": [(FIRST + 1, np.zeros(7))],
    "another dtype": [(FIRST + 1, np.zeros(6, np.float32))],
    "a shape that it cannot have": [(FIRST + 1, np.zeros((3, 2)))],
    "a tuple": [(1, ())],
}


@pytest.mark.parametrize("changes", BAD_CHANGES.values(), ids=BAD_CHANGES)
def test_a_change_that_cannot_be_is_refused(changes):
    view = np.zeros((4, 6))[::2, ::2]
    with pytest.raises(CallLost):
        answer(reply(changes=changes), [1], view)


def test_what_is_printed_to_stderr_is_text():
    with pytest.raises(CallLost):
        answer(reply(complaint=["x"]))


@pytest.mark.parametrize("held", [(99,), (-1,), (0, 0.5), [0], (0,) * 1001, (2, 2)])
def test_what_is_held_was_passed(held):
    with pytest.raises(CallLost):
        answer(reply(held=held), [1], [2])


@pytest.mark.parametrize("kind", ["SystemExit", "exec", "BaseException", "__import__", "", "\0"])
def test_an_exception_with_an_odd_type_is_a_student_error(kind):
    error = {"type": kind, "name": "x" * 10**5, "message": "m", "traceback": "t" * 10**5}
    with pytest.raises(StudentError) as raised:
        answer(reply(error=error))
    assert len(came_from_student(raised.value).name) == 200


@pytest.mark.parametrize("error", [None, {}, {"type": 1}, [], "ValueError"])
def test_an_exception_that_is_none_is_refused(error):
    with pytest.raises(CallLost):
        answer(reply(error=error))


def test_text_that_could_not_be_saved_is_mended(capsys):
    error = {"type": "ValueError", "name": "\ud800", "message": "\ud800", "traceback": "\ud800"}
    with pytest.raises(ValueError, match=r"^\?$"):
        answer(reply(output="\udfff", error=error))
    assert capsys.readouterr().out == "?"


def test_the_states_that_the_judge_compares_with_cannot_be_changed_from_outside():
    ours, theirs = socket.socketpair()

    def lie() -> None:
        for changes in ([], [(1, [1, 2, 3])], []):
            receive_frame(theirs, LIMITS)
            send_frame(theirs, [reply(changes=changes)])

    threading.Thread(target=lie, daemon=True).start()
    with ours, theirs:
        fork = Fork(ours, LIMITS, CallClock(time.monotonic() + 5), ProcessEnd)
        for _ in range(3):  # from the second on, object 1 is the list of states
            np.random.rand()
            assert fork.ask(Proceed()) == 1


def test_no_answer_ends_with_the_deadline():
    ours, theirs = socket.socketpair()
    with ours, theirs, ends(waiting=True):
        fork = Fork(ours, LIMITS, CallClock(time.monotonic() + 0.2), ProcessEnd)
        with pytest.raises(CallLost, match="too long"):
            fork.ask(Proceed())


def test_an_answer_in_drips_ends_with_the_deadline():
    ours, theirs = socket.socketpair()

    def drip() -> None:
        try:
            while True:
                theirs.sendall(b"\x01")
                time.sleep(0.2)  # no header is whole by then, not even on a busy machine
        except OSError:
            pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    with theirs, ours, ends(waiting=True):
        fork = Fork(ours, FrameLimits(2**60, 2**60), CallClock(time.monotonic() + 0.3), ProcessEnd)
        with pytest.raises(CallLost):
            fork.ask(Proceed())


def test_a_side_that_does_not_read_cannot_hold_up_a_call_beyond_the_deadline():
    ours, theirs = socket.socketpair()
    with ours, theirs, ends(waiting=True):
        fork = Fork(ours, LIMITS, CallClock(time.monotonic() + 0.3), ProcessEnd)
        with pytest.raises(CallLost, match="too long"):
            fork.ask(Call(None, tuple(np.zeros(10**6) for _ in range(10))))


HOSTILE_ARGS: list[Any] = [
    None,
    (),
    (1,),
    (2**70, [3]),
    ("a", b"b", 0, 1, "c"),
    ("x", ("f", 1, 2, "t")),
]
HOSTILE_ARGS += [
    ("", []),
    ("", [1]),
    ([[]] * 3,),
    (-1, "a", "b", "c", "d"),
    ("a", b"b", -9, 2**70, ""),
]


HOSTILE_PARENTS = [
    ((1, 0), (0, "OSError")),  # a circle
    (("OSError", "SyntaxError"), ("ValueError",)),  # which no class can have both
    ((1, 1), (-1, 2**70)),
    (("object",), ("object", "nothing")),
    ((), ("KeyError", "KeyError")),
    (("OSError",) * 10**5, (1,)),
    ((1, "Exception"), ("SystemExit", "KeyboardInterrupt", "GeneratorExit")),
]


@pytest.mark.parametrize("parents", HOSTILE_PARENTS)
def test_exception_with_any_bases_is_one_that_a_test_can_catch(parents: Any) -> None:
    plain = vars(Raised("ValueError", "A", "said", "", ("A", "B"), None, ("__main__",) * 2))
    error = rebuilt(Raised.read(plain | {"parents": parents}))
    assert isinstance(error, Exception) and str(error) == "said"


@pytest.mark.parametrize("parents", [1, [()], (1,), ((None,),), (((),),)])
def test_bases_that_are_none_are_refused(parents: Any) -> None:
    plain = vars(Raised("ValueError", "A", "said", ""))
    with pytest.raises(BoundaryError):
        Raised.read(plain | {"parents": parents})


@pytest.mark.parametrize("kind", sorted(EXCEPTIONS))
def test_exception_with_any_arguments_is_one_of_its_type(kind: str) -> None:
    for args in HOSTILE_ARGS:
        for modules in ((), ("json.decoder",), ("os",), ("builtins",), ("x" * 10**6,)):
            error = rebuilt(Raised(kind, "Own", "said", "", ("JSONDecodeError",), 0, modules, args))
            assert isinstance(error, Exception)
            assert len(str(error)) < 1000 and len(repr(error)) < 1000
        plain = rebuilt(Raised(kind, kind, "said", "", (), None, (), args))
        assert type(plain) is EXCEPTIONS[kind] and str(plain)
