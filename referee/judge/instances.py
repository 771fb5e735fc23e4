"""Containers, numbers and texts of a class of the notebook, as a test has them.

They are plain data with what they contain, and compare as that. What else their class has, such as
the fields of a named tuple, or methods, is asked for in the student's process. So are operators and
methods of Python's that the master's class has in the place of those of a list, say: which these
are, a student has no say in.
"""

from functools import lru_cache, partialmethod
from typing import Any

from referee.boundary.messages import MAX_NAME, Operate
from referee.judge import objects
from referee.judge.objects import RemoteObject, are_all_remote
from referee.judge.places import (
    COMPARED,
    COMPARING,
    CONVERSIONS,
    Fork,
    NotComparable,
    described,
    may_be_asked_for,
    place_of,
    refuse,
)

OF_EARLIER_TEST = (
    "the test uses an object of the notebook's class {0} that an earlier test cell has made. What "
    "{0} has of its own is there only while that cell runs: make the object anew in this cell"
)


class Instance:
    """Data whose class is the notebook's; `_fork` has an object of that class."""

    _fork: Fork
    _class_name: str
    _is_made_by_test: bool
    _has_other_values: bool  # than what the test has made it of
    _is_of_notebook = True

    def __getattr__(self, name: str) -> Any:
        """Ask for what a plain container does not have."""
        if name == "_fork" or not may_be_asked_for(name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        value = asked_of(self, "getattr", self, name)
        if isinstance(value, RemoteObject) and place_of(value).type_name == "method":
            return lambda *args, **kwargs: self._call_method(value, name, args, kwargs)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        """Set what a plain container does not have where it is."""
        if self._is_asked_for(name):
            asked_of(self, "setattr", self, name, value)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        """Delete it there."""
        if self._is_asked_for(name):
            asked_of(self, "delattr", self, name)
        else:
            super().__delattr__(name)

    def _is_asked_for(self, name: str) -> bool:
        is_ours = name in Instance.__annotations__ or name.startswith("__")
        return not is_ours and may_be_asked_for(name) and is_there(self)

    def _call_method(self, method: RemoteObject, name: str, args: Any, kwargs: Any) -> Any:
        """Call a method in one request, whose answer has what it has changed."""
        if name in COMPARING and not are_all_remote(*args, *kwargs.values()):
            refuse(method, COMPARED.format(described(method)))
        return asked_of(self, "method", self, name, args, kwargs)

    def __eq__(self, other: object) -> Any:
        """Compare the data; what a student's class makes of a test's arguments proves nothing."""
        if isinstance(other, Instance) and any(map(is_of_other_values, (self, other))):
            refuse_data(self)
        return super().__eq__(other)

    def __ne__(self, other: object) -> Any:
        """The same."""
        equal = self == other
        return equal if equal is NotImplemented else not equal

    __hash__: Any = None  # each class below has that of its data

    def __repr__(self) -> str:
        """Its text, as its class has it, while that is there."""
        return str(asked_of(self, "repr", self)) if is_there(self) else super().__repr__()

    def __str__(self) -> str:
        """Its text, as its class has it, while that is there."""
        return str(asked_of(self, "str", self)) if is_there(self) else super().__str__()

    def __reduce_ex__(self, _: Any) -> Any:
        """Be copied as plain data."""
        plain: Any = next(kind for kind in KINDS if isinstance(self, kind))
        return plain, (plain(self),)


class _Int(Instance, int):
    __hash__ = int.__hash__


class _Float(Instance, float):
    __hash__ = float.__hash__


class _Str(Instance, str):
    __hash__ = str.__hash__

    def __str__(self) -> str:
        """The text itself, whatever its class says, for that is what Python's functions read."""
        return str.__str__(self)


class _List(Instance, list[Any]):
    pass


class _Tuple(Instance, tuple[Any, ...]):
    __hash__ = tuple.__hash__

    def __getattribute__(self, name: str) -> Any:
        """Find a field of a named tuple that is called as a method of all tuples is."""
        if name in ("count", "index") and is_there(self):
            value = asked_of(self, "getattr", self, name)
            if not isinstance(value, RemoteObject):
                return value
        return super().__getattribute__(name)


class _Dict(Instance, dict[Any, Any]):
    def __missing__(self, key: Any) -> Any:
        """Ask for what it has no item for: its class can have an answer."""
        return asked_of(self, "getitem", self, key)


class _Set(Instance, set[Any]):
    pass


class _FrozenSet(Instance, frozenset[Any]):
    __hash__ = frozenset.__hash__


KINDS: dict[type, type] = {
    list: _List,
    tuple: _Tuple,
    dict: _Dict,
    set: _Set,
    frozenset: _FrozenSet,
    int: _Int,
    float: _Float,
    str: _Str,
}
BINARY = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)
OTHER = ("neg", "pos", "abs", "invert", "getitem", "setitem", "delitem", "contains")
# What a plain container cannot do at all.
OF_OBJECTS = {"__call__", *(f"__{name}__" for name in CONVERSIONS)}
# Operators by their special names, each with what is asked for and whether `self` comes last.
OPERATORS = (
    {f"__{name}__": (name, False) for name in (*BINARY, *OTHER)}
    | {f"__r{name}__": (name, True) for name in BINARY}
    | {f"__i{name}__": (f"i{name}", False) for name in BINARY}
)
# With data of the test's, these are as good as a comparison: those of Python's class are used. What
# the test itself makes, of a class of the master's, it can look into, and compute with where
# Python's class cannot, as it can with an object.
COMPARE = {
    *(f"__{side}{name}__" for name in ("sub", "truediv", "mod") for side in ("", "r")),
    *(f"__{side}{name}__" for name in ("and", "or", "xor") for side in ("", "r")),
    "__contains__",
}
# These look into what there is, and make nothing.
ITEMS = ("__getitem__", "__setitem__", "__delitem__", "__contains__")
# What is asked of all data, also to show or to send it, is that of Python's class, too.
OF_PYTHON = COMPARING - OPERATORS.keys() | {"keys", "values", "items"}


def instance_of(fork: Fork, value: Any, class_name: str, methods: frozenset[str]) -> Any:
    """Data, as an instance of a class of the notebook with these methods; an array stays as it is.

    Those that Python's class lacks are found by their names; the others are in its place.
    """
    kind = KINDS.get(type(value))
    if kind is None:
        return value
    plain: type = type(value)
    instance: Any = _with_own(kind, plain, methods)(value)
    instance._fork, instance._class_name = fork, class_name
    instance._is_made_by_test = instance._has_other_values = False
    return instance


def take_as_of_other_values(value: Any) -> None:
    """A test has made it of other values than there are in it."""
    value._has_other_values = True


def is_of_other_values(value: Any) -> bool:
    """Whether a test has made it so."""
    return isinstance(value, Instance) and vars(value).get("_has_other_values", False)


def take_as_made_by_test(value: Any) -> None:
    """A test has made it by calling a class, or by computing with what it has made."""
    if isinstance(value, Instance):
        value._is_made_by_test = True
    else:
        objects.take_as_made_by_test(value)


def forget_maker(value: Any) -> None:
    """It has come once more, and so may be the result of anything."""
    if isinstance(value, Instance):
        value._is_made_by_test = False
    else:
        objects.forget_maker(value)


def refuse_data(instance: Instance) -> None:
    """End a test that asks what is the student's to say."""
    error = NotComparable(COMPARED.format(f"{instance._class_name} in the student's notebook"))
    instance._fork.refuse(error)
    raise error


def asked_of(instance: Instance, operation: str, *operands: Any) -> Any:
    """What is said of an instance in the student's process."""
    if instance._fork.is_closed:
        error = NotComparable(OF_EARLIER_TEST.format(instance._class_name[:MAX_NAME]))
        instance._fork.refuse(error)
        raise error
    return instance._fork.ask(Operate(operation, operands))


@lru_cache(1000)
def _with_own(kind: type, plain: type, methods: frozenset[str]) -> type:
    """A class of instances that have these methods in the place of those of Python's class."""
    own: dict[str, Any] = {}
    for name in methods - OF_PYTHON:
        if name in OPERATORS:
            own[name] = partialmethod(_operate, plain, name)
        elif name == "__bool__":
            own[name] = _own_truth
        elif name == "__dir__" or (name in OF_OBJECTS and name not in dir(plain)):
            own[name] = partialmethod(_call_own, name)
        elif not name.startswith("_") and hasattr(plain, name):
            own[name] = partialmethod(_call, plain, name)
    return type(kind.__name__, (kind,), own) if own else kind


def _operate(instance: Any, plain: type, name: str, *args: Any) -> Any:
    """The result of an operator, as the class of the notebook has it."""
    operation, is_last = OPERATORS[name]
    made_by_test = any(isinstance(each, Instance) and _is_made(each) for each in (instance, *args))
    is_with_data = name in COMPARE and not all(isinstance(arg, Instance) for arg in args)
    may_ask = made_by_test and (name == "__contains__" or not hasattr(plain, name))
    if (is_with_data and not may_ask) or not _can_ask(instance):
        if hasattr(plain, name):
            return getattr(plain, name)(instance, *args)
        if operation in OTHER:
            raise TypeError(f"{plain.__name__!r} objects have no {name}")
        return NotImplemented
    operands = (*args, instance) if is_last else (instance, *args)
    result = asked_of(instance, operation, *operands)
    if made_by_test and name not in ITEMS:
        take_as_made_by_test(result)
    return result


def _own_truth(instance: Any) -> bool:
    """Whether it is true, as the class of the notebook has it: of what the test itself makes."""
    if not _can_ask(instance):
        return len(instance) > 0 if hasattr(instance, "__len__") else instance != 0
    if not _is_made(instance):
        refuse_data(instance)
    return asked_of(instance, "bool", instance) is True


def _is_made(instance: Instance) -> bool:
    return vars(instance).get("_is_made_by_test", False)


def _call_own(instance: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """What the class of the notebook does by a method that Python's class does not have."""
    return asked_of(instance, "method", instance, name, args, kwargs)


def _call(instance: Any, plain: type, name: str, *args: Any, **kwargs: Any) -> Any:
    """The result of a method of Python's that the class of the notebook has, too."""
    if not _can_ask(instance):
        return getattr(plain, name)(instance, *args, **kwargs)
    return asked_of(instance, "method", instance, name, args, kwargs)


def _can_ask(instance: Any) -> bool:
    """Whether it was not made by a library, and no question is on its way, as when it is shown."""
    fork = vars(instance).get("_fork")
    return fork is not None and not fork.is_talking


def is_there(instance: Any) -> bool:
    """Whether its object in the student's process can be asked now."""
    return _can_ask(instance) and not instance._fork.is_closed
