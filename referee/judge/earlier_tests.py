"""Tests whose objects a later test uses, and which are run again for it.

Each test cell has a fork of the student's kernel to itself, and what lives there ends with it.
Stock nbgrader runs all cells in one kernel: a `stack` that one test has made is there in the next.
So the tests that have made it, or have used it since, run once more in the next one's fork and
before it. They count nothing there: what they found has counted when it was their turn.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from referee.judge.cells import TestCell
from referee.judge.instances import Instance
from referee.judge.objects import REMOTE_CLASS, RemoteObject
from referee.judge.remote import name_of

MOST_PARTS = 1000  # of a value, among which objects of the student's are looked for
MOST_DEPTH = 4


@dataclass(frozen=True)
class EarlierTest:
    """A test that has run.

    `random_states` are those that it began with, `used` are the names that it has used, and `made`
    those that it left with objects of the student's. Of what earlier tests had made it needed
    `needed`.
    """

    cell: TestCell
    random_states: Any
    used: frozenset[str]
    made: frozenset[str]
    needed: frozenset[str]


class EarlierTests:
    """The tests so far that have made objects of the student's."""

    def __init__(self) -> None:
        self._tests: list[EarlierTest] = []
        self._made: set[str] = set()  # names that have such an object now

    def made(self, used: Iterable[str]) -> frozenset[str]:
        """Those of the names that have an object which an earlier test has made."""
        return frozenset(self._made.intersection(used))

    def needed_for(self, names: frozenset[str]) -> list[EarlierTest]:
        """The tests to which objects owe what they are, in their order."""
        found = []
        for test in reversed(self._tests):
            if not names:
                break
            if names & (test.made | test.used):
                found.append(test)
                names = (names - test.made) | test.needed
        return found[::-1]

    def has_run(self, test: EarlierTest, bound: Iterable[str]) -> None:
        """A test has ended, which had given values to these names."""
        self._made.difference_update(bound)
        self._made |= test.made
        if test.made or test.needed:
            self._tests.append(test)


def with_objects_of_students(names: Iterable[tuple[str, Any]]) -> frozenset[str]:
    """The names whose values are, or contain, what ends with a fork."""
    return frozenset(name for name, value in names if _contains(value, ends_with_fork))


def ends_with_fork(value: Any) -> bool:
    """Whether a value is in a fork; a function that has a name is found again in another one."""
    if isinstance(value, RemoteObject):
        return name_of(value) is None
    return isinstance(value, Instance) or hasattr(type(value), REMOTE_CLASS)


def _contains(value: Any, is_wanted: Callable[[Any], bool]) -> bool:
    """Whether a value, or a part of it, is of a kind."""
    level, seen = [value], set[int]()
    for _ in range(MOST_DEPTH):
        following: list[Any] = []
        for each in level:
            if id(each) in seen:
                continue
            seen.add(id(each))
            if is_wanted(each):
                return True
            if len(seen) > MOST_PARTS:
                return False
            following += _parts(each)
        level = following
    return False


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*list(dict.keys(value))[:MOST_PARTS], *list(dict.values(value))[:MOST_PARTS]]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)[:MOST_PARTS]
    if isinstance(value, type) or callable(value) or type(value).__module__ != "__main__":
        return []
    return list(getattr(value, "__dict__", {}).values())
