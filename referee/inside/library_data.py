"""The data in an object whose class leaves an operator to one of Python's library.

A `UserList` compares as the list in it, and an instance of a student's subclass of `date` as a
date. Such data can cross, and the judge compares them itself.
"""

import argparse
from collections import ChainMap, UserDict, UserList, UserString
from collections.abc import Callable, Iterable, Mapping, Set
from enum import Flag
from types import MappingProxyType, SimpleNamespace
from typing import Any

from referee.boundary.codec import OfKind
from referee.boundary.kinds import KINDS


def data_of(value: Any, methods: Iterable[str]) -> tuple[str, Any] | None:
    """The data that these methods of an object read, after the class that they make there, if any.

    None if the object's class has one of them of its own, or inherits them from no known class.
    """
    for class_ in type(value).__mro__:
        if class_ is Flag and set(methods) == {"__bool__"}:  # which is equal to no number
            return "", value.value
        if (of_class := DATA.get(class_)) is not None:
            return CLASSES.get(class_, ""), of_class(value)
        if (kind := KINDS.of(class_)) is not None:
            return "", OfKind(value, kind)
        if any(name in vars(class_) for name in methods):
            return None
    return None


def _attributes(value: Any) -> dict[str, Any]:
    return dict(vars(value))


# The data, by the class of the library.
DATA: dict[type, Callable[[Any], Any]] = {
    UserDict: lambda value: dict(Mapping.items(value)),
    UserList: lambda value: list(value.data),
    UserString: lambda value: str(value.data),
    ChainMap: dict,
    MappingProxyType: dict,
    Mapping: lambda value: dict(Mapping.items(value)),
    Set: set,
    SimpleNamespace: _attributes,
    argparse.Namespace: _attributes,
}
# What is made of them there, where it is not the data themselves.
CLASSES: dict[type, str] = {kind: kind.__name__ for kind in (SimpleNamespace, argparse.Namespace)}
