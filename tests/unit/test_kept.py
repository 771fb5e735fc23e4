"""Objects that both sides keep: which, for how long, and what each frame brings of them."""

import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from referee.boundary.kept import Kept
from referee.judge.remote import Fork
from tests.support.frames import Chain
from tests.support.sides import connect


class Log:
    """A class that only the test has."""

    def __init__(self) -> None:
        self.lines: list[str] = []


Log.__module__ = "__main__"


@pytest.fixture
def fork() -> Iterator[Fork]:
    fork, channel = connect({**vars(__import__("builtins")), "Chain": Chain, **NOTEBOOK})
    fork.context.path_of = lambda kind: ("__main__", "Chain") if kind is Chain else None
    with channel:
        yield fork


def read(log: Any, times: int) -> int:
    return sum(len(log.lines) for _ in range(times))


def append(chain: Any, item: Any) -> None:
    chain.items.append(item)


def held(chain: Any) -> Any:
    return chain.items


def clear(chain: Any) -> None:
    chain.items.clear()


NOTEBOOK = {"read": read, "append": append, "held": held, "clear": clear}


def numbers(fork: Fork) -> int:
    return len(fork._kept.numbers)


def test_what_is_asked_for_often_is_kept_once(fork: Fork) -> None:
    assert fork.look_up("read")(Log(), 50) == 0
    assert numbers(fork) == 1


def test_an_instance_is_kept_with_the_containers_in_it(fork: Fork) -> None:
    chain, other = Chain(), [1]
    fork.look_up("append")(chain, other)
    assert chain.items[1] is other
    assert numbers(fork) == 3
    assert fork.look_up("held")(chain) is chain.items
    fork.look_up("append")(chain, 5)
    assert chain.items == [1, other, 5]
    assert numbers(fork) == 3


@pytest.mark.parametrize("items", [[1], {1: 2}, {1}, {1: {2}}])
def test_what_is_emptied_in_the_first_call_is_empty_here(fork: Fork, items: Any) -> None:
    chain = Chain()
    vars(chain)["items"] = items
    fork.look_up("clear")(chain)
    assert not items


def test_attributes_that_have_changed_places_are_noticed(fork: Fork) -> None:
    chain, one, another = Chain(), list[int](), list[int]()
    vars(chain).update(items=one, next=another)
    fork.look_up("append")(chain, 3)
    vars(chain).clear()
    vars(chain).update(next=one, items=another)  # the same values, in the same order
    assert fork.look_up("held")(chain) is another


def test_what_cannot_cross_is_not_kept(fork: Fork) -> None:
    chain, append = Chain(), fork.look_up("append")
    chain.items.append(threading.Lock())
    with pytest.raises(TypeError, match=r"a lock .* \(as 'items' of a Chain\)"):
        append(chain, 2)
    assert numbers(fork) == 0
    chain.items.pop()
    append(chain, 2)
    assert chain.items == [1, 2]


def keep(kept: Kept, *values: Any) -> None:
    kept.have_told([(2 * n, value, False) for n, value in enumerate(values)], [])


def numbers_looked_at(kept: Kept) -> list[int]:
    return sorted(kept._within_reach())


def test_what_was_changed_and_let_go_of_is_noticed() -> None:
    kept, rows = Kept(), [1]
    keep(kept, rows)
    assert kept.changes() == []
    rows.append(2)
    del rows
    assert [change.number for change in kept.changes()] == [0]


def test_what_the_other_side_has_mentioned_is_looked_at_with_what_is_in_it() -> None:
    kept, rows = Kept(), [[1], [2]]
    keep(kept, rows, *rows)
    del rows
    assert kept.changes() == []
    assert kept._out_of_reach == {0, 2, 4}
    kept.get(0)[1].append(3)
    assert [change.number for change in kept.changes()] == [4]


def test_what_nobody_refers_to_is_not_looked_at() -> None:
    kept = Kept()
    keep(kept, [1], {"a": np.ones(3)}, np.zeros(2), {1, 2})
    assert numbers_looked_at(kept) == []


def test_what_somebody_refers_to_is_looked_at() -> None:
    kept = Kept()
    mine: list[Any] = [np.ones(2), [1], {"a": 1}, {1}]
    keep(kept, *mine)
    assert numbers_looked_at(kept) == [0, 2, 4, 6]
    mine[0][1] = 5
    mine[1].append(2)
    assert [change.number for change in kept.changes()] == [0, 2]


def test_what_is_in_what_somebody_refers_to_is_looked_at() -> None:
    kept, array, rows = Kept(), np.ones(2), [[1], [2]]
    mine: dict[str, Any] = {"rows": rows, "array": array}
    keep(kept, array, rows, *rows, mine)
    del array, rows
    assert numbers_looked_at(kept) == [0, 2, 4, 6, 8]
    mine["rows"][1].append(3)
    assert [change.number for change in kept.changes()] == [6]
    del mine
    assert numbers_looked_at(kept) == []


def test_item_that_somebody_has_taken_out_is_looked_at() -> None:
    kept, rows = Kept(), [[1], [2]]
    keep(kept, rows, *rows)
    second = rows[1]
    del rows
    assert numbers_looked_at(kept) == [4]
    second.append(3)
    assert [change.number for change in kept.changes()] == [4]


def test_containers_in_circles_that_nobody_refers_to_are_not_looked_at() -> None:
    kept, one = Kept(), list[Any]()
    one.append([one])
    keep(kept, one, one[0])
    assert numbers_looked_at(kept) == [0, 2]
    del one
    assert numbers_looked_at(kept) == []


@pytest.mark.parametrize(
    "view",
    [
        lambda array: array[1:],
        lambda array: array.T,
        memoryview,
        weakref.ref,
        lambda array: (array,),
        lambda array: iter(array),
        lambda array: lambda: array,
    ],
)
def test_array_that_somebody_can_get_at_is_looked_at(view: Callable[[Any], Any]) -> None:
    kept, array = Kept(), np.ones(3)
    theirs = view(array)
    keep(kept, array)
    del array
    assert numbers_looked_at(kept) == [0]
    del theirs
    assert numbers_looked_at(kept) == []


def test_view_of_somebodys_array_is_looked_at() -> None:
    kept, array = Kept(), np.ones(3)
    keep(kept, array[:2])
    array[0] = 5
    assert [change.number for change in kept.changes()] == [0]


def test_set_with_a_weak_reference_is_looked_at() -> None:
    kept, theirs = Kept(), {1}
    reference = weakref.ref(theirs)
    keep(kept, theirs)
    del theirs
    there: Any = reference()
    there.add(2)
    del there
    assert [change.number for change in kept.changes()] == [0]


def received(array: Any) -> Any:
    """An array as frames bring large ones: its memory is that of the frame."""
    return np.frombuffer(bytearray(array.tobytes()), array.dtype).reshape(array.shape)


@pytest.mark.parametrize(
    "view", [lambda array: array[:1], lambda array: array.T, lambda array: array.base, memoryview]
)
def test_received_array_that_somebody_can_get_at_is_looked_at(view: Callable[[Any], Any]) -> None:
    kept, array = Kept(), received(np.ones((2, 2)))
    theirs = view(array)
    kept.take(1, array)
    del array
    assert numbers_looked_at(kept) == [1]
    del theirs
    assert numbers_looked_at(kept) == []


def test_own_array_with_memory_of_something_else_is_looked_at() -> None:
    kept, memory = Kept(), bytearray(np.ones(2).tobytes())
    keep(kept, np.frombuffer(memory))
    memory[:8] = bytes(8)
    assert [change.number for change in kept.changes()] == [0]
