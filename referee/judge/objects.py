"""Objects that stay in a student's kernel, as a test cell uses them.

What a test asks of such an object (an attribute, an item, a call, its length, its text) is done in
the student's process, and the answer is plain data or another such object. A test's verdict must
come from comparing data. So these objects cannot be compared, hashed or tested for truth here: a
student's object could be equal to everything.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Protocol

from referee.boundary.messages import Call, Operate, Request, shortened

# Of the names with two underscores, a test may ask for these. NumPy, copy and pickle ask objects
# for others and trust what they get: an address in memory, for example.
SPECIAL_NAMES = {
    *("__name__", "__qualname__", "__doc__", "__module__", "__dict__", "__file__", "__version__"),
    *("__annotations__", "__defaults__", "__kwdefaults__", "__code__", "__closure__", "__slots__"),
    *("__func__", "__self__", "__wrapped__", "__bases__", "__mro__", "__abstractmethods__"),
    *("__cause__", "__context__", "__dataclass_fields__", "__init__", "__call__"),
    *("__repr__", "__str__", "__len__", "__iter__", "__next__", "__contains__", "__bool__"),
    *("__getitem__", "__setitem__", "__delitem__", "__enter__", "__exit__", "__hash__"),
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__neg__", "__abs__"),
    *("__add__", "__radd__", "__sub__", "__mul__", "__rmul__", "__truediv__"),
}
DEFINITIONS = ("function", "type", "ABCMeta", "EnumType", "builtin_function_or_method")
MAX_SHOWN = 100  # characters of a type's name
PARAMETERS = (  # kinds, by their numbers
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD,
)
# Operators that both operands can define.
BINARY = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)
UNARY = ("neg", "pos", "invert", "abs")
CONVERSIONS = ("int", "float", "complex", "round", "trunc")


class NotComparable(Exception):  # noqa: N818 - a test that cannot be judged is no error of ours
    """A test compares an object that stays in the student's notebook, or asks whether it is true.

    Its message tells the teacher what to compare instead.
    """


class Fork(Protocol):
    """The process that an object is in."""

    refused: NotComparable | None

    def ask(self, request: Request) -> Any:
        """Have something done there."""


class RemoteObject:
    """An object that stays in the student's kernel.

    It has one name of its own, `_remote`: all others are the object's.
    """

    __slots__ = ("_remote",)
    # While an answer is decoded, which may be a set of objects.
    may_be_hashed: ClassVar[bool] = False
    # NumPy leaves operators to objects that say so.
    __array_ufunc__: ClassVar[None] = None

    def __init__(self, number: int, type_name: str, fork: Any) -> None:
        object.__setattr__(self, "_remote", Place(number, type_name, fork))

    def __init_subclass__(cls) -> None:
        """Have no subclass's docstring in the place of the object's."""
        cls.__doc__ = vars(RemoteObject)["__doc__"]  # type: ignore[method-assign]

    def _find(self) -> "Place":
        place: Place = object.__getattribute__(self, "_remote")
        return place

    def _described(self) -> str:
        return f"{self._find().type_name} in the student's notebook"

    def _ask(self, operation: str, *args: Any) -> Any:
        place = self._find()
        if place.is_opaque:
            self._refuse(
                f"the test looks into {self._described()}, which a provided cell computes in the "
                "student's kernel. Compute it in the test"
            )
        return place.fork.ask(Operate(operation, args))

    # ---- what is the object's own answer ----

    def __getattr__(self, name: str) -> Any:
        """Ask for an attribute."""
        if not _may_be_asked_for(name):
            raise AttributeError(f"{name!r} of an object of the student's notebook")
        return self._ask("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, in the fork of this test cell only."""
        self._ask("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute, in the fork of this test cell only."""
        self._ask("delattr", self, name)

    def __getitem__(self, key: Any) -> Any:
        """Ask for an item."""
        return self._ask("getitem", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Set an item, in the fork of this test cell only."""
        self._ask("setitem", self, key, value)

    def __delitem__(self, key: Any) -> None:
        """Delete an item, in the fork of this test cell only."""
        self._ask("delitem", self, key)

    def __contains__(self, item: Any) -> bool:
        """Look through its items; an answer of its own would be a comparison."""
        try:
            items = iter(self)
        except TypeError:
            self._not_comparable()
        return any(each is item or each == item for each in items)

    def __len__(self) -> int:
        """Ask for its length."""
        length = self._find().length = _checked(int, self._ask("len", self))
        return int(length)

    def __iter__(self) -> Iterator[Any]:
        """Ask for an iterator."""
        iterator = self._ask("iter", self)
        if self._find().length is not None:
            return self._all_of(iterator)
        return iterator if isinstance(iterator, RemoteObject) else iter(iterator)

    def _all_of(self, iterator: Any) -> Iterator[Any]:
        """Its items, which have to be as many as it has said."""
        number = 0
        for number, item in enumerate(iterator, start=1):  # noqa: B007 - it is used below
            yield item
        if number != self._find().length:
            self._refuse(f"{self._described()} has another length than it has items")

    def __next__(self) -> Any:
        """Ask for the next item."""
        match self._ask("next", self):
            case (True, item):
                return item
        raise StopIteration

    def __enter__(self) -> Any:
        """Enter it as a context."""
        return self._ask("getattr", self, "__enter__")()

    def __exit__(self, *_: object) -> Any:
        """Leave it as a context, as if nothing had been raised: it hides no failure of a test."""
        self._ask("getattr", self, "__exit__")(None, None, None)

    def __repr__(self) -> str:
        """Ask for its text."""
        return _checked(str, self._ask("repr", self))

    def __str__(self) -> str:
        """Ask for its text."""
        return _checked(str, self._ask("str", self))

    def __format__(self, how: str) -> str:
        """Ask for its text in a format."""
        return _checked(str, self._ask("format", self, how))

    def __dir__(self) -> list[str]:
        """Ask for the names of its attributes."""
        return [str(name) for name in self._ask("dir", self)]

    @property
    def __doc__(self) -> Any:  # type: ignore[override]
        return self._ask("getattr", self, "__doc__")

    @property
    def __module__(self) -> Any:  # type: ignore[override]
        return self._ask("getattr", self, "__module__")

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return self._ask("getattr", self, "__dict__")

    @property
    def __signature__(self) -> inspect.Signature:
        """What inspect.signature says of it."""
        return inspect.Signature(
            [
                inspect.Parameter(
                    str(name),
                    PARAMETERS[kind],
                    default=default if has_default else inspect.Parameter.empty,
                )
                for name, kind, has_default, default in self._ask("signature", self)
            ]
        )

    def __instancecheck__(self, instance: Any) -> bool:
        """Ask whether an object is an instance of this class."""
        return isinstance(instance, RemoteObject) and _checked(
            bool, self._ask("isinstance", instance, self)
        )

    def __subclasscheck__(self, subclass: Any) -> bool:
        """Ask whether a class is a subclass of this one."""
        return _checked(bool, self._ask("issubclass", subclass, self))

    # ---- what nobody else may answer ----

    def _operate(self, operator: str, *operands: Any) -> Any:
        """Have an operator applied, if all that it is given is of the student's.

        With data of the test's, `result - expected` could be 0 whatever the result is.
        """
        if not all(isinstance(operand, RemoteObject) for operand in operands):
            self._not_comparable()
        return self._ask(operator, *operands)

    def _refuse(self, why: str) -> Any:
        """End the test cell, also where the test itself catches exceptions."""
        error = NotComparable(why)
        self._find().fork.refused = error
        raise error

    def _not_comparable(self, *_: object) -> Any:
        self._refuse(
            f"the test compares or computes with an object ({self._described()}), or asks whether "
            "it is true. Compare its attributes, or what its methods return"
        )

    __lt__ = __le__ = __gt__ = __ge__ = _not_comparable

    def __eq__(self, other: object) -> bool:
        """Tell functions and classes apart, each of which is one object here, too."""
        if other is None:  # which would have come as itself
            return False
        objects = (self, other) if isinstance(other, RemoteObject) else ()
        if objects and all(each._is_only_itself() for each in objects):
            return self is other
        return bool(self._not_comparable())

    def __ne__(self, other: object) -> bool:
        """Tell functions and classes apart."""
        return not self == other

    def __hash__(self) -> int:
        """A function or class can be a key."""
        if RemoteObject.may_be_hashed or self._is_definition():
            return id(self)
        return int(self._not_comparable())

    def __bool__(self) -> bool:
        """An object is true whose class says nothing of that; of others, nothing is believed."""
        return self._ask("is always true", self) is True or bool(self._not_comparable())

    def _is_only_itself(self) -> bool:
        """Whether it is equal to no other object: its class has no comparison of its own."""
        return self._is_definition() or self._ask("is only itself", self) is True

    def _is_definition(self) -> bool:
        return self._find().type_name in DEFINITIONS


class Place:
    """Where a remote object is: its number in a fork, and what it says of its type."""

    __slots__ = ("fork", "is_opaque", "length", "number", "type_name")

    def __init__(self, number: int, type_name: str, fork: Fork) -> None:
        self.number = number
        self.type_name = shortened(type_name, MAX_SHOWN)
        self.fork = fork
        self.length: int | None = None  # as it has said
        self.is_opaque = False  # a test can pass it on, and no more


class RemoteFunction(RemoteObject):
    """A function or class of the student's notebook; calling it is a call across the boundary."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the fork that it is in."""
        place = self._find()
        if place.is_opaque:
            self._ask("call")
        return place.fork.ask(Call(self, args, kwargs))


def is_module(value: Any) -> bool:
    """Whether it is a module of the student's kernel, as that says."""
    return isinstance(value, RemoteObject) and value._find().type_name == "module"


def _may_be_asked_for(name: str) -> bool:
    special = name.startswith("__") and name.endswith("__")
    return name in SPECIAL_NAMES if special else not name.startswith(("_repr_", "_ipython_"))


def _checked(kind: type, answer: Any) -> Any:
    """An answer that Python wants to be of a kind."""
    if type(answer) is not kind:
        raise TypeError(f"an object of the student's notebook gives no {kind.__name__}")
    return answer


def _add_operators() -> None:
    def binary(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
        return (
            lambda self, other: self._operate(name, self, other),
            lambda self, other: self._operate(name, other, self),
        )

    def unary(name: str) -> Callable[..., Any]:
        return lambda self, *args: self._ask(name, self, *args)

    for name in BINARY:
        forward, backward = binary(name)
        setattr(RemoteObject, f"__{name}__", forward)
        setattr(RemoteObject, f"__r{name}__", backward)
    for name in (*UNARY, *CONVERSIONS):
        setattr(RemoteObject, f"__{name}__", unary(name))


_add_operators()
