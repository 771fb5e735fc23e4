"""Objects that both sides have, each its own, for as long as a fork lives.

These are instances that a test passes whose class the student's notebook has, too, and the lists,
dicts, sets, arrays and the like that they hold. Each has a number, given by the side that has had
it first: the judge gives even ones, the student's side odd ones. A frame brings, beside its value,
what has changed of them since the frame before. So what one side does to an object, the other one
has done to its own, and an object that comes back is that very object.
"""

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import getweakrefcount

import numpy as np

from referee.boundary.attributes import attributes_of, has_attributes, set_attributes
from referee.boundary.changes import apply_change, are_same, snapshot
from referee.boundary.frame import BoundaryError

MAX_KEPT = 200_000  # of those that the judge has had first
MAX_OF_STUDENT = 50_000  # and of the others
FEW = 50  # data that are looked at all the same
PLAIN = (list, dict, set)  # the garbage collector knows all that these refer to
KNOWN = {0: object()}
ALONE = next(map(sys.getrefcount, KNOWN.copy().values()))  # references to what is in two dicts only
VIEW = np.ones(1)[:]
ALONE_IN_VIEW = sys.getrefcount(VIEW.base)  # references to the base of one view
Path = tuple[str, str]  # the module of a class, and its name there


@dataclass(frozen=True)
class Change:
    """An object that has changed: its state as the other side knows it, and now."""

    number: int
    value: Any
    before: Any
    now: Any


@dataclass
class Kept:
    """The objects that this side keeps.

    The judge's has `path_of`, which says of a class where the student's notebook has it, or None.
    The student's has `make`, which gives an instance without attributes of the class at a path.
    """

    path_of: Callable[[type], Path | None] | None = None
    make: Callable[[str, str], Any] | None = None
    numbers: dict[int, int] = field(default_factory=dict)  # by id
    _objects: dict[int, Any] = field(default_factory=dict)  # by number
    _states: dict[int, Any] = field(default_factory=dict)  # as the other side knows them
    _instances: set[int] = field(default_factory=set)  # their numbers
    _always: dict[int, Any] = field(default_factory=dict)  # those that are always looked at
    # Data, whose references are known. Those that nobody can get at are not looked at.
    _data: dict[int, Any] = field(default_factory=dict)
    _out_of_reach: set[int] = field(default_factory=set)  # their numbers
    _most_data: int = 0  # from which on those out of reach are counted, too
    _given: int = 0  # numbers by this side

    def number(self, more: int) -> int:
        """A number for an object, when so many others wait for theirs."""
        most = MAX_KEPT if self.make is None else MAX_OF_STUDENT
        if self._given + more >= most:
            raise BoundaryError(f"more than {most} instances, lists and dicts cannot be shared")
        return 2 * (self._given + more) + (self.make is not None)

    def get(self, number: Any) -> Any:
        """The object of a number.

        Raises:
            BoundaryError: there is none.

        """
        if type(number) is not int or number not in self._objects:
            raise BoundaryError("not a frame: an object that is not kept")
        if number in self._out_of_reach:
            self._bring_back(self._with_contents([number]))
        return self._objects[number]

    def is_instance(self, number: Any) -> bool:
        """Whether the object of a number is an instance; raises if there is none."""
        self.get(number)
        return number in self._instances

    def changes(self) -> list[Change]:
        """The objects that are not as the other side knows them."""
        if not self._objects:  # as in most tests
            return []
        found = list(self._changed())
        if len(self._data) > self._most_data:
            self._bring_back(self._out_of_reach.copy())
            self._leave_out_of_reach()
            self._most_data = FEW + 2 * len(self._data)
        else:
            self._leave_out_of_reach()
        return found

    def _changed(self) -> Iterator[Change]:
        for number, value in (*self._always.items(), *self._data.items()):
            before = self._states[number]
            if number in self._instances:
                if not has_attributes(value, before):
                    yield Change(number, value, before, attributes_of(value))
            elif not are_same(before, now := snapshot(value)):
                yield Change(number, value, before, now)

    def _leave_out_of_reach(self) -> None:
        """Look no more at data that nobody can get at.

        Those that are out of reach already still count as somebody who refers to what is in them.
        """
        within_reach = self._within_reach()
        self._bring_back(within_reach)
        out = self._data.keys() - within_reach
        for number in out:
            del self._data[number]
        self._out_of_reach |= out

    def _bring_back(self, numbers: set[int]) -> None:
        """Look at these again."""
        back = numbers & self._out_of_reach
        self._data |= {number: self._objects[number] for number in back}
        self._out_of_reach -= back

    def _within_reach(self) -> set[int]:
        """The numbers of the data that some code can get at, to change them.

        Each call of a test can bring more, and most of them nobody refers to any more soon after.
        As in the garbage collector, an object has somebody else's reference if it has more of them
        than there are in these containers.
        """
        counts = list(map(sys.getrefcount, self._data.values()))
        containers = [value for value in self._data.values() if type(value) in PLAIN]
        states = [state for state in map(self._states.get, self._data) if type(state) is list]
        of_ours = Counter(map(id, gc.get_referents(*containers, *states)))
        return self._with_contents(
            number
            for (number, value), count in zip(self._data.items(), counts, strict=True)
            if count - ALONE > of_ours[id(value)] or self._can_be_got_at(number, value)
        )

    def _can_be_got_at(self, number: int, value: Any) -> bool:
        """Whether there is a way to data other than by a reference to them.

        Their memory can be that of another array, and a weak reference leads to them. An array that
        has come in a frame has memory of its own there, at which others get by its base.
        """
        if type(value) in (list, dict):
            return False
        is_view = type(value) is np.ndarray and value.base is not None
        is_others = is_view and not (self._is_theirs(number) and _is_alone(value))
        return is_others or getweakrefcount(value) > 0

    def _with_contents(self, numbers: Iterable[int]) -> set[int]:
        """These, and what is in them: who can get at a container can get at that, too."""
        found = set(numbers)
        left = list(found)
        while left:
            value = self._objects[left.pop()]
            inside = gc.get_referents(value) if type(value) in PLAIN else ()
            more = {self.numbers[id(each)] for each in inside if id(each) in self.numbers} - found
            left += more
            found |= more
        return found

    def have_told(self, added: Iterable[tuple[int, Any, bool]], changes: Iterable[Change]) -> None:
        """A frame has these new objects, each with whether it is an instance, and these changes."""
        for number, value, is_instance in added:
            self._given += 1
            self._add(number, value, is_instance=is_instance)
        for change in changes:
            self._states[change.number] = change.now

    def take(self, number: Any, value: Any, *, is_instance: bool = False) -> Any:
        """Keep an object that the other side has given a number.

        Raises:
            BoundaryError: it cannot have this one.

        """
        is_theirs = type(number) is int and number >= 0 and self._is_theirs(number)
        if not is_theirs or number in self._objects or id(value) in self.numbers:
            raise BoundaryError("not a frame: an object that cannot be kept")
        if self.make is None and len(self._objects) - self._given >= MAX_OF_STUDENT:
            raise BoundaryError(f"not a frame: more than {MAX_OF_STUDENT} objects are shared")
        self._add(number, value, is_instance=is_instance)
        return value

    def made(self, number: Any, module: Any, name: Any) -> Any:
        """Keep a new instance of the class at this path; its attributes are still to come."""
        if self.make is None:
            raise BoundaryError("not a frame: an instance of a class of the judge's")
        return self.take(number, self.make(module, name), is_instance=True)

    def set_attributes(self, number: int, changed: dict[str, Any], deleted: list[str]) -> None:
        """Do to an instance what the other side has done to its own."""
        value = self._objects[number]
        set_attributes(value, changed, deleted, in_judge=self.make is None)
        self._states[number] = attributes_of(value)

    def is_filled(self, value: Any) -> None:
        """A dict or set has what is in it by now, if it is one that is kept."""
        if (number := self.numbers.get(id(value))) is not None:
            self._states[number] = snapshot(value)

    def set_contents(self, number: int, contents: Any) -> None:
        """Have another object contain what the other side's does."""
        value = self._objects[number]
        apply_change(value, contents)
        self._states[number] = snapshot(value)

    def _is_theirs(self, number: int) -> bool:
        """Whether the other side has had an object first."""
        return number % 2 == (self.make is None)

    def _add(self, number: int, value: Any, *, is_instance: bool) -> None:
        self._objects[number] = value
        self.numbers[id(value)] = number
        self._states[number] = attributes_of(value) if is_instance else snapshot(value)
        if is_instance:
            self._instances.add(number)
            self._always[number] = value
        elif type(value) in PLAIN or type(value) is np.ndarray:
            self._data[number] = value
        else:
            self._always[number] = value


def _is_alone(view: Any) -> bool:
    """Whether nobody but this view refers to its base."""
    return sys.getrefcount(view.base) == ALONE_IN_VIEW and not getweakrefcount(view.base)
