"""Tests whose objects a later test uses, and which are run again for it.

Each test cell has a fork of the student's kernel to itself, and what lives there ends with it.
Stock nbgrader runs all cells in one kernel: a `stack` that one test has made is there in the next.
So the tests that have made it, or have used it since, run once more in the next one's fork and
before it. So do those that have changed what the notebook itself keeps, a counter of a class for
example, if the next one can tell. They count nothing there: what they found has counted when it was
their turn. Data that they have computed is that of the first time if they do not end as they did
then: a student's code can tell one time from the other, and what it says the second time no assert
has held against.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from types import CellType, FunctionType, MethodType, SimpleNamespace
from typing import Any

import numpy as np

from referee.judge.cells import TestCell
from referee.judge.instances import Instance
from referee.judge.names import bindings, changed_in_place
from referee.judge.objects import RemoteObject
from referee.judge.places import REMOTE_CLASS
from referee.judge.remote import name_of

MOST_PARTS = 1000  # of a value, among which objects of the student's are looked for
MOST_DEPTH = 4
PLAIN = (type(None), bool, int, float, complex, str, bytes)
# Tests of a notebook that are run again for what the notebook keeps: if each uses it, the first 13
# have it. With more, a student's global would cost ten times as long.
MOST_REPEATED = 80


@dataclass(frozen=True)
class EarlierTest:
    """A test that has run.

    `random_states` are those that it began with, `used` are the names that it has used, and `made`
    those that it left with objects of the student's. Of what earlier tests had made it needed
    `needed`. In the notebook it has `reached` these names, by calls too, and can have changed the
    values of those in `changes`. `data` is what the names of other tests that it has used meant to
    it. It has failed in the line `failed_in_line`, or has not. One that `is_shortened` is without
    its hidden lines.
    """

    cell: TestCell
    random_states: Any
    used: frozenset[str]
    made: frozenset[str]
    needed: frozenset[str]
    reached: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    data: dict[str, Any] = field(default_factory=dict)
    failed_in_line: int | None = None
    is_shortened: bool = False

    def as_students_have_it(self) -> "EarlierTest":
        """It without its hidden lines."""
        shorter = self.cell.as_students_have_it()
        return replace(self, cell=shorter, is_shortened=shorter != self.cell)

    def data_again(self) -> dict[str, Any]:
        """Its data, with copies of what it changes."""
        return self.data | copies_of_changed(self.cell, self.data)


class EarlierTests:
    """The tests so far that have made objects of the student's."""

    def __init__(self) -> None:
        self._tests: list[EarlierTest] = []
        self._left = MOST_REPEATED
        self._made: set[str] = set()  # names that have such an object now
        # The names whose values a test has changed in place, of all tests that have run.
        self._changes: list[tuple[str, frozenset[str]]] = []

    def made(self, used: Iterable[str]) -> frozenset[str]:
        """Those of the names that have an object which an earlier test has made."""
        return frozenset(self._made.intersection(used))

    def needed_for(
        self, cell: TestCell, names: frozenset[str], reached: frozenset[str]
    ) -> list[EarlierTest]:
        """The tests before a cell to which objects owe what they are, in their order.

        So does what the notebook itself keeps of what it `reached` there, as long as not too many
        tests have been repeated for that.
        """
        found = self._found(cell, names, reached)
        for_objects = self._found(cell, names, frozenset())
        more = len(found) - len(for_objects)
        if more > self._left:
            return for_objects
        self._left -= more
        return found

    def _found(
        self, cell: TestCell, names: frozenset[str], reached: frozenset[str]
    ) -> list[EarlierTest]:
        found = []
        for test in reversed(self._tests):
            if test.cell == cell:  # which had no kernel, and runs once more
                continue
            if names & (test.made | test.used) or reached & test.changes:
                found.append(test)
                names = (names - test.made) | test.needed
                reached |= test.reached if reached else reached
        return found[::-1]

    def forget_changes(self, names: frozenset[str]) -> None:
        """Names of the notebook have new values, whatever tests have changed in the old ones."""
        self._tests = [replace(test, changes=test.changes - names) for test in self._tests]

    def changed_since(self, tests: list[EarlierTest]) -> set[str]:
        """The names whose values others have changed in place since the first of these tests."""
        ids = [test.cell.grade_id for test in tests]
        order = [grade_id for grade_id, _ in self._changes]
        since = self._changes[order.index(ids[0]) :]
        return {name for grade_id, names in since if grade_id not in ids for name in names}

    def data_for(self, cell: TestCell, names: Mapping[str, Any]) -> dict[str, Any]:
        """What names mean to a test that begins, for its repetition, whoever changes it later.

        It changes some of them in place: those are copied, for the tests before it, too.
        """
        objects = with_objects_of_students(names.items())
        data = {name: value for name, value in names.items() if name not in objects}
        copied = copies_of_changed(cell, data)
        for test in self._tests:
            for name, copy in copied.items():
                if test.data.get(name) is data[name]:
                    test.data[name] = copy
        return data | copied

    def has_run(self, test: EarlierTest) -> None:
        """A test has ended."""
        self._made.difference_update(bindings(test.cell.source))
        self._changes.append((test.cell.grade_id, changed_in_place(test.cell.source)))
        self._made |= test.made
        # One that had no kernel runs twice.
        self._tests = [each for each in self._tests if each.cell != test.cell]
        if test.made or test.needed or test.changes:
            self._tests.append(test)


def copies_of_changed(cell: TestCell, data: Mapping[str, Any]) -> dict[str, Any]:
    """Copies of those data that a test changes in place."""
    changed = changed_in_place(cell.source) | bindings(cell.source).keys()  # as by log += [1]
    with suppress(Exception):  # of a kind that cannot be copied
        return deepcopy({name: data[name] for name in data.keys() & changed})
    return {}


def stays_as_it_is(value: Any) -> bool:
    """Whether it is data that nothing can change."""
    if type(value) is tuple:
        return len(value) <= MOST_PARTS and all(map(stays_as_it_is, value))
    return type(value) in PLAIN or isinstance(value, np.generic)


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


def _content_of(cell: CellType) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:  # its variable has no value yet
        return []


def _parts(value: Any) -> list[Any]:
    """What a value contains: also what a function of a test has kept, and an object of its own."""
    if isinstance(value, dict):
        return [*list(dict.keys(value))[:MOST_PARTS], *list(dict.values(value))[:MOST_PARTS]]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)[:MOST_PARTS]
    kind = type(value)
    if kind is FunctionType:
        defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        return defaults + [each for cell in value.__closure__ or () for each in _content_of(cell)]
    if kind is MethodType:
        return [value.__self__]
    if kind is partial:
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, type) or (kind.__module__ != "__main__" and kind is not SimpleNamespace):
        return []
    return list(getattr(value, "__dict__", {}).values())
