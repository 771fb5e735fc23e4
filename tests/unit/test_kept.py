"""Objects that both sides keep: which, for how long, and what each frame brings of them."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

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
