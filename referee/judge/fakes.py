"""Objects of classes that a test defines, as the student's code may use them.

They stay here, and so does their class. The student's code can ask for attributes that are the
object's own or that the test's own classes define, and set them, unless their names begin with an
underscore; and it can use the operators that these classes define, of a closed list. Nothing leads
from there to the classes themselves, to what they inherit from Python and libraries, or to other
names of the test.
"""

import sys
from collections.abc import Callable
from contextlib import _GeneratorContextManager
from functools import partial
from typing import Any

from referee.boundary.attributes import attributes_of, is_method

OPERATORS = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"),
    *("lshift", "rshift"),
)
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
# What a mock is to do, and what it has seen, which are its test's.
RECORDS = ("return_value", "side_effect", "called", "call_count", "call_args", "call_args_list")
# Methods that make an object take part in Python's syntax and are safe to call with anything.
SPECIAL = {
    *(f"__{side}{name}__" for name in OPERATORS for side in ("", "r", "i")),
    *(f"__{name}__" for name in (*COMPARISONS, "neg", "pos", "abs", "invert", "hash", "bool")),
    *("__str__", "__repr__", "__format__", "__int__", "__float__", "__index__", "__round__"),
    *("__len__", "__contains__", "__getitem__", "__setitem__", "__delitem__", "__reversed__"),
    *("__enter__", "__exit__"),
}
# What a MagicMock does of these; it is always true, and equal to itself only.
OF_MAGIC = {"__enter__", "__exit__", "__len__", "__contains__", "__getitem__", "__setitem__"}
CONTAINERS = (list, tuple, dict, set, frozenset)
# Methods of these that change little where a plain container is in an object's place.
LIKE_PYTHONS = {"__repr__", "__str__", "__format__", "__hash__"}
LIKE_PYTHONS |= {f"__{name}__" for name in COMPARISONS}


def is_fake(value: Any) -> bool:
    """Whether a value is an instance of a class that a test has defined."""
    return type(value).__module__ == "__main__" and not isinstance(value, type)


def own_in_place_of_pythons(kind: type) -> list[str]:
    """What a teacher's class of containers has in the place of Python's operators and methods."""
    base = next((each for each in CONTAINERS if issubclass(kind, each)), None)
    if base is None:
        return []
    defined = {
        name for each in kind.__mro__ if each.__module__ == "__main__" for name in vars(each)
    }
    data = {name for name in vars(base) if name in SPECIAL or not name.startswith("_")}
    return sorted(defined & (data | {"__iter__", "__missing__"}) - LIKE_PYTHONS)


def is_mock(value: Any) -> bool:
    """Whether a value is a mock of Python's library, and no way to something that it wraps."""
    library = sys.modules.get("unittest.mock")
    is_one = library is not None and isinstance(value, library.NonCallableMock)
    return is_one and value._mock_wraps is None


def get_of_mock(value: Any, name: Any) -> Any:
    """An attribute of a mock that stands for one of something else, and is none of its records."""
    return getattr(value, _checked_of_mock(value, name))


def set_of_mock(value: Any, name: Any, to: Any) -> None:
    """Set such an attribute."""
    setattr(value, _checked_of_mock(value, name), to)


def _checked_of_mock(value: Any, name: Any) -> str:
    own = {*dir(sys.modules["unittest.mock"].Mock), *RECORDS}
    if type(name) is str and (name in own or name.startswith("assert")):
        raise AttributeError(f"{type(value).__name__!r} object has no attribute {name!r}")
    return _checked(value, name)


def syntax_of_mock(value: Any) -> set[str]:
    """The special methods that a mock has: all of a MagicMock, or those that its test gives it."""
    return {name for name in OF_MAGIC if hasattr(value, name)}


def is_context(value: Any) -> bool:
    """Whether it is what a `@contextmanager` of a test returns."""
    return isinstance(value, _GeneratorContextManager)


def operations_of_fake(value: Any) -> set[str]:
    """What the student's code may do with it, beside calling it and iterating over it."""
    defined = {name for kind in _own_classes(value) for name in vars(kind)}
    unhashable = {"__hash__"} if type(value).__hash__ is None else set()
    return set(ATTRIBUTES) | ((defined & SPECIAL) - unhashable)


def operation_of_fake(name: str) -> Callable[..., Any] | None:
    """The operation of this name, None if it is none of a fake's."""
    return partial(_operate, name) if name in SPECIAL else ATTRIBUTES.get(name)


def _operate(name: str, value: Any, *args: Any) -> tuple[bool, Any]:
    """Whether an operator of the object's class knows what to do, and what it gives then."""
    if is_mock(value):
        return True, getattr(value, name)(*args)
    if is_context(value) and name == "__exit__":
        error = _error_like(*args)
        return True, value.__exit__(error and type(error), error, None)
    result = getattr(type(value), name)(value, *args)
    return (False, None) if result is NotImplemented else (True, result)


def _error_like(kind: Any = None, error: Any = None, *_: Any) -> BaseException | None:
    """An exception with which a `with` block of the student's ends, as one of here."""
    if kind is None or isinstance(error, BaseException):
        return error
    known = kind if isinstance(kind, type) and issubclass(kind, Exception) else RuntimeError
    return known(str(error))


def _get(value: Any, name: Any) -> Any:
    return getattr(value, _checked(value, name, _names_of(value)))


def _set(value: Any, name: Any, to: Any) -> None:
    """Set an attribute, but for methods: those that a test calls are its own."""
    if type(name) is str and is_method(type(value), name):
        raise AttributeError(f"{type(value).__name__!r} object attribute {name!r} is read-only")
    setattr(value, _checked(value, name), to)


def _delete(value: Any, name: Any) -> None:
    delattr(value, _checked(value, name, attributes_of(value)))


def _names_of(value: Any) -> list[str]:
    """The names of the attributes that the student's code may ask for."""
    defined = [name for kind in _own_classes(value) for name in vars(kind)]
    return sorted({name for name in (*attributes_of(value), *defined) if not name.startswith("_")})


def _checked(value: Any, name: Any, known: Any = None) -> str:
    public = type(name) is str and name.isidentifier() and not name.startswith("_")
    if not public or (known is not None and name not in known):
        raise AttributeError(f"{type(value).__name__!r} object has no attribute {name!r}")
    return str(name)


def _own_classes(value: Any) -> list[type]:
    return [kind for kind in type(value).__mro__ if kind.__module__ == "__main__"]


ATTRIBUTES: dict[str, Callable[..., Any]] = {
    "getattr": _get,
    "setattr": _set,
    "delattr": _delete,
    "dir": _names_of,
}
