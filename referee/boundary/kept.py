"""Objects that both sides have, each its own, for as long as a fork lives.

These are instances that a test passes whose class the student's notebook has, too, and the lists,
dicts, sets, arrays and the like that they hold. Each has a number, given by the side that has had
it first: the judge gives even ones, the student's side odd ones. A frame brings, beside its value,
what has changed of them since the frame before. So what one side does to an object, the other one
has done to its own, and an object that comes back is that very object.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from referee.boundary.attributes import attributes_of, has_attributes, set_attributes
from referee.boundary.changes import apply_change, are_same, snapshot
from referee.boundary.frame import BoundaryError

MAX_KEPT = 200_000  # of those that the judge has had first
MAX_OF_STUDENT = 50_000  # and of the others
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
        return self._objects[number]

    def is_instance(self, number: Any) -> bool:
        """Whether the object of a number is an instance; raises if there is none."""
        self.get(number)
        return number in self._instances

    def changes(self) -> list[Change]:
        """The objects that are not as the other side knows them."""
        found = []
        for number, value in self._objects.items():
            before = self._states[number]
            if number in self._instances:
                if not has_attributes(value, before):
                    found.append(Change(number, value, before, attributes_of(value)))
            elif not are_same(before, now := snapshot(value)):
                found.append(Change(number, value, before, now))
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
        is_theirs = type(number) is int and number >= 0 and number % 2 == (self.make is None)
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

    def _add(self, number: int, value: Any, *, is_instance: bool) -> None:
        self._objects[number] = value
        self.numbers[id(value)] = number
        self._states[number] = attributes_of(value) if is_instance else snapshot(value)
        if is_instance:
            self._instances.add(number)
