"""The attributes of an instance, read and set past whatever its class says of that.

They are what is in its `__dict__` and in its slots. No property, no `__setattr__` and no
`__getattr__` of the class is asked, so that those of frozen dataclasses can be set, too.
"""

import operator
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from types import GetSetDescriptorType, MemberDescriptorType, SimpleNamespace
from typing import Any

from referee.boundary.frame import BoundaryError

MADE_BY_PYTHON_CODE = 1 << 9  # among the flags of a class
MAX_NAME = 200  # characters
MAX_ATTRIBUTES = 10_000  # of one instance


def is_made_of_attributes(kind: type) -> bool:
    """Whether instances of a class are their attributes and no more, as a list, say, is not."""
    return kind is SimpleNamespace or all(
        base is object or base.__flags__ & MADE_BY_PYTHON_CODE for base in kind.__mro__
    )


def has_own_hash(kind: Any) -> bool:
    """Whether the hash of an instance can depend on its attributes."""
    return kind.__hash__ is not object.__hash__


def is_special(name: str) -> bool:
    """Whether it is a name with two underscores on both sides."""
    return name.startswith("__") and name.endswith("__")


def attributes_of(value: Any) -> dict[str, Any]:
    """The attributes of an instance by name, but for those with special names."""
    own, slots = _places(value)
    found = {
        name: each
        for name, each in list((own or {}).items())
        if type(name) is str and not is_special(name)
    }
    for name, slot in slots.items():
        with suppress(AttributeError):  # it has no value
            found[name] = slot.__get__(value)
    return found


def has_attributes(value: Any, known: dict[str, Any]) -> bool:
    """Whether an instance has these attributes, the very same objects, and no others.

    All that are kept are asked at each frame, so this is quick for those that are as they were.
    """
    own, slots = _places(value)
    is_as_it_was = (
        own is not None
        and not slots
        and len(own) == len(known)
        and all(map(operator.is_, list(own), known))
        and all(map(operator.is_, list(own.values()), known.values()))
    )
    if is_as_it_was:
        return True
    now = attributes_of(value)
    return now.keys() == known.keys() and all(now[name] is known[name] for name in now)


def set_attributes(
    value: Any, changed: dict[str, Any], deleted: Iterable[str], *, in_judge: bool
) -> None:
    """Give an instance these values for its attributes, and take others away.

    In the judge, what the class has for a method stays one: an attribute in its place is not set.
    In the notebook, its class may be another one, without room for an attribute.

    Raises:
        BoundaryError: in the judge, it can have no such attribute.

    """
    own, slots = _places(value)
    for name in (*deleted, *changed):
        if type(name) is not str or len(name) > MAX_NAME or is_special(name):
            raise BoundaryError("an object that was passed cannot have an attribute of this name")
        if in_judge and name not in slots and is_method(type(value), name):
            continue
        if name in slots:
            _set_slot(slots[name], value, name, changed)
        elif own is None:
            if in_judge:
                raise BoundaryError(f"an object that was passed cannot have an attribute {name!r}")
        elif name in changed:
            own[name] = changed[name]
        else:
            own.pop(name, None)
    if own is not None and len(own) > MAX_ATTRIBUTES:
        raise BoundaryError(f"an object that was passed has more than {MAX_ATTRIBUTES} attributes")


def is_method(kind: type, name: str) -> bool:
    """Whether a class has a function under a name, or something else that an instance replaces.

    A property is none: it comes before what an instance has under its name.
    """
    for base in kind.__mro__:
        if name in vars(base):
            found = vars(base)[name]
            replaced = hasattr(type(found), "__get__") and not hasattr(type(found), "__set__")
            return replaced or callable(found)
    return False


def _set_slot(slot: Any, value: Any, name: str, changed: dict[str, Any]) -> None:
    if name in changed:
        slot.__set__(value, changed[name])
    else:
        with suppress(AttributeError):  # it has no value
            slot.__delete__(value)


def _places(value: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The `__dict__` of an instance, None if it has none, and the slots of its class by name."""
    kind: Any = type(value)
    of_dict, slots = _layout(kind)
    return (None if of_dict is None else of_dict.__get__(value)), slots


@lru_cache(1000)
def _layout(kind: type) -> tuple[Any, dict[str, Any]]:
    of_dict: Any = None
    slots: dict[str, Any] = {}
    for base in kind.__mro__:
        for name, found in vars(base).items():
            is_member = type(found) is MemberDescriptorType
            if name == "__dict__" and (is_member or type(found) is GetSetDescriptorType):
                of_dict = of_dict or found
            elif is_member:
                slots.setdefault(name, found)
    return of_dict, slots
