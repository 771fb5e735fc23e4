"""Hostile bytes become plain data or BoundaryError, and nothing else."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import msgpack
import numpy as np
import pytest
from hypothesis import given

from referee.boundary.channel import receive_frame
from referee.boundary.codec import Decoder
from referee.boundary.frame import HEADER, BoundaryError, Tag
from referee.boundary.kept import MAX_OF_STUDENT
from referee.boundary.messages import CallBack, Raised, Reply
from referee.judge.objects import RemoteObject as Handle
from tests.support.bounds import ends
from tests.support.frames import (
    HOSTILE,
    LIMITS,
    STATES,
    array_node,
    damaged,
    decoded,
    encoded,
    frame_of,
    kept_of_judge,
    many,
    nodes,
    state_node,
    survives,
    values,
)


def no_handle(*_: Any) -> None:
    raise BoundaryError("there is no handle here")


@many
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_random_bytes_are_no_danger(tree, content):
    survives(frame_of(tree, content))


@many
@given(nodes, st.binary(max_size=200))
def test_random_trees_are_no_danger(tree, content):
    survives(frame_of(tree, content))


@many
@given(damaged(values.map(lambda value: encoded(value)[HEADER.size :])))
def test_damaged_trees_are_no_danger(tree):
    survives(frame_of(tree))


@many
@given(damaged(values.map(encoded)))
def test_damaged_frames_are_values_or_errors(frame):
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(frame)
        try:
            tree, content = receive_frame(ours, LIMITS, lambda: 5.0)
        except (BoundaryError, EOFError):
            return
    survives(frame_of(tree, content.tobytes()))


@pytest.mark.parametrize("tree", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_tree_is_refused(tree):
    with pytest.raises(BoundaryError):
        decoded(frame_of(tree))


@pytest.mark.parametrize("tree", STATES.values(), ids=STATES)
def test_a_state_of_an_object_of_the_tests_is_no_danger(tree):
    survives(frame_of(tree))


@pytest.mark.parametrize("name", ["method", "method that is gone"])
def test_a_method_of_an_object_of_the_tests_stays_what_it_is(name):
    kept = kept_of_judge()
    decoded(frame_of(STATES[name]), kept=kept)
    assert kept.get(0).last() == 1


def test_attributes_of_an_object_of_the_tests_can_be_set_and_taken_away():
    kept = kept_of_judge()
    decoded(frame_of(state_node(0, ["default"], [5], ["items"])), kept=kept)
    chain = kept.get(0)
    assert vars(chain) == {"next": chain, "default": 5}


def test_objects_by_the_million_are_not_kept():
    kept, lists = kept_of_judge(), range(1, 2 * MAX_OF_STUDENT + 4, 2)
    with pytest.raises(BoundaryError, match="more than"):
        decoded(frame_of([Tag.LIST, [[Tag.KEEP, n, [Tag.LIST, []]] for n in lists]]), kept=kept)


def test_a_handle_may_have_any_number():
    for number in (-(2**63), -1, 0, 2**64 - 1):
        assert isinstance(decoded(frame_of([Tag.HANDLE, number, "x" * 10**5, 1])), Handle)


def test_bytes_of_no_array_are_refused():
    with pytest.raises(BoundaryError, match="belong to no array"):
        decoded(frame_of(1, b"x"))


def test_a_bool_that_is_neither_becomes_true():
    array = decoded(frame_of(array_node("|b1", [3]), b"\x00\x02\xff"))
    assert array.view(np.uint8).tolist() == [0, 1, 1]


def test_characters_that_do_not_exist_are_refused_in_arrays():
    with pytest.raises(BoundaryError, match="do not exist"):
        decoded(frame_of(array_node(">U1", [2]), b"\x00\x00\x00A\x00\x11\x00\x00"))


def doubled(times: int) -> list[Any]:
    """Tuples of the tuple before, twice: a few bytes that are 2**times values if written out."""
    nodes = [[Tag.TUPLE, [[Tag.REFERENCE, n], [Tag.REFERENCE, n]]] for n in range(1, times)]
    return [Tag.LIST, [[Tag.TUPLE, [1]], *nodes, [Tag.SET, [[Tag.REFERENCE, times]]]]]


def test_a_small_frame_of_very_many_values_if_written_out_is_refused():
    decoded(frame_of(doubled(10)))
    with pytest.raises(BoundaryError, match="written out"):
        decoded(frame_of(doubled(64)))


def test_a_chain_of_tuples_that_would_overflow_the_stack_is_refused():
    chain = [[Tag.TUPLE, [[Tag.REFERENCE, n]]] for n in range(1, 10**5)]
    key = [Tag.SET, [[Tag.REFERENCE, 10**5]]]
    with pytest.raises(BoundaryError, match="too deep"):
        decoded(frame_of([Tag.LIST, [[Tag.TUPLE, []], *chain, key]]))


def test_keys_made_to_collide_take_no_longer_than_the_deadline():
    keys = [[Tag.COMPLEX, float(2**50 - 1000003 * n), float(n)] for n in range(40_000)]
    decoder = Decoder(no_handle, no_handle, deadline=time.monotonic() + 0.5)
    with ends(waiting=True), pytest.raises(TimeoutError):
        decoder.decode(msgpack.packb([Tag.SET, keys]), np.empty(0, np.uint8))


@pytest.mark.parametrize("sizes", [(2**63, 0), (0, 2**63), (2**64 - 1,) * 2, (2**20 + 1, 0)])
def test_a_frame_that_says_it_is_huge_is_refused_before_it_is_read(sizes):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(HEADER.pack(*sizes))
        with pytest.raises(BoundaryError, match="more than"):
            receive_frame(ours, LIMITS, lambda: 5.0)


def test_hostile_trees_stay_in_bounds_of_memory():
    code = (
        "import resource; from tests.support.frames import *; import msgpack\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))\n"
        "for tree in HOSTILE.values():\n"
        "    try: decoded(frame_of(tree))\n"
        "    except BoundaryError as error: assert 'MemoryError' not in str(error), str(error)\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "decoded(frame_of([Tag.LIST, [[Tag.SET, []]] * (2**20 // 30)]))\n"
        "assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 50 * 2**10\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_decoding_imports_nothing():
    before = set(sys.modules)
    for tree in HOSTILE.values():
        with pytest.raises(BoundaryError):
            decoded(frame_of(tree))
    assert set(sys.modules) == before


@pytest.mark.parametrize("read", [Reply.read, CallBack.read, Raised.read])
def test_dict_of_another_class_is_no_message(read: Callable[[Any], Any]) -> None:
    class Tells(dict[str, Any]):
        def get(self, *_: Any) -> Any:
            raise AssertionError

    with pytest.raises(BoundaryError):
        read(Tells(output="", value=1))
