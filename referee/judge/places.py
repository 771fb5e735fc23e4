"""Where objects are that stay in a student's kernel, and what is known of each."""

from typing import Any, Protocol

from referee.boundary.messages import Call, Operate, Request, shortened

# Of the names with two underscores, a test may ask for these. NumPy, copy and pickle ask objects
# for others and trust what they get: an address in memory, for example.
SPECIAL_NAMES = {
    *("__name__", "__qualname__", "__doc__", "__module__", "__dict__", "__file__", "__version__"),
    *("__annotations__", "__defaults__", "__kwdefaults__", "__code__", "__closure__", "__slots__"),
    *("__func__", "__self__", "__wrapped__", "__base__", "__bases__", "__mro__", "__subclasses__"),
    *("__cause__", "__context__", "__dataclass_fields__", "__match_args__", "__members__"),
    *("__abstractmethods__", "__flags__", "__all__", "__get__", "__set__", "__post_init__"),
    *("__init__", "__call__", "__getattr__", "__setattr__", "__delattr__", "__format__"),
    *("__repr__", "__str__", "__len__", "__iter__", "__next__", "__contains__", "__bool__"),
    *("__getitem__", "__setitem__", "__delitem__", "__enter__", "__exit__", "__hash__"),
    *("__reversed__", "__missing__", "__aenter__", "__aexit__", "__aiter__", "__anext__"),
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"),
}
OF_NOTEBOOK = "_is_of_notebook"  # of a class here whose instances stand for some there
REMOTE_CLASS = "_remote_class"  # of such a class: the notebook's own, if a test has named it
MAX_SHOWN = 100  # characters of a type's name
# Operators that both operands can define.
BINARY = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)
UNARY = ("neg", "pos", "invert", "abs")
CONVERSIONS = ("int", "float", "complex", "round", "trunc", "index")
# Operations after which an object is as it was, unless it is made to surprise.
LOOKS = {
    *("len", "getattr", "repr", "str", "format", "dir", "type", "signature", "isinstance"),
    *("issubclass", "module and name", "exception names", "library"),
    *("is only itself", "is always true", "is true by its length", "hash", "bool"),
    *("data", "state", "states", "probe", "random generator"),
    *("eq", "ne", "lt", "le", "gt", "ge"),
    *CONVERSIONS,
}
SPECIAL_NAMES |= {f"__{side}{name}__" for name in BINARY for side in ("", "r", "i")}
SPECIAL_NAMES |= {f"__{name}__" for name in (*UNARY, *CONVERSIONS)}
ARITHMETIC = {f"__{side}{name}__" for name in BINARY for side in ("", "r", "i")}
# Methods of values that cross as data. A test that calls one of an object has expected data there,
# and an object of the student's could answer as it likes.
COMPARING = {
    *(f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge", "contains")),
    *ARITHMETIC,
    *("equals", "identical", "eq", "ne", "lt", "le", "gt", "ge", "isin"),
    *("issubset", "issuperset", "isdisjoint", "symmetric_difference", "startswith", "endswith"),
}
COMPARED = (
    "the test compares or computes with an object ({}), or asks whether it is true. Compare its "
    "attributes, or what its methods return"
)
# What an attribute can be that is called by its name in a class, an object or a module.
CALLED_BY_NAME = ("method", "function", "builtin_function_or_method", "method-wrapper")


class NotComparable(Exception):  # noqa: N818 - a test that cannot be judged is no error of ours
    """A test compares an object that stays in the student's notebook, or asks whether it is true.

    Its message tells the teacher what to compare instead.
    """


class Probe(Protocol):
    """What a class makes of the arguments of an object, and of others."""

    def agrees(self, state: Any) -> bool:
        """Whether an object with this state is what its class makes of its arguments."""


class Fork(Protocol):
    """The process that an object is in."""

    @property
    def steps(self) -> int:
        """How many requests may have changed something there, or will."""

    @property
    def questions(self) -> int:
        """How many requests there were so far."""

    @property
    def calls(self) -> int:
        """How many of these may have changed something, besides those that construct an object."""

    @property
    def is_called_back(self) -> bool:
        """Whether the student's code has called a function of the test, which is not done yet."""

    @property
    def is_talking(self) -> bool:
        """Whether this thread is in the middle of a question."""

    @property
    def is_closed(self) -> bool:
        """Whether the test cell that had it is over."""

    def refuse(self, error: NotComparable) -> None:
        """Remember what the test has done and cannot be judged."""

    def remember_states(self) -> None:
        """Ask for the attributes of objects, before the student's code hears what is expected."""

    @property
    def hashes(self) -> dict[str, int]:
        """What objects with certain attributes have said for their hash."""

    def has_made(self, class_name: str, *, of_its_arguments: bool) -> None:
        """A class has made an object that has its arguments, or something else of them."""

    def methods_of(self, class_name: str) -> frozenset[str]:
        """The methods of a class of the master's."""

    def construct(self, class_name: str, *args: Any) -> Any:
        """Call a class of the master's."""

    def is_known_as(self, number: int, named: "Remote") -> None:
        """From now on, a test has this object for what has this number here."""

    def ask(self, request: Request) -> Any:
        """Have something done there."""


class Place:
    """Where a remote object is: its number in a fork, and what it says of its type."""

    def __init__(self, number: int, type_name: str, fork: Fork) -> None:
        self.number = number
        self.type_name = shortened(type_name, MAX_SHOWN)
        self.fork = fork
        self.first_asked = fork.questions  # when it has come first
        self.length: int | None = None  # as it has said
        self.measured_at = 0  # steps of the fork
        self.is_used_since = False  # the test can have changed its length itself
        self.constructed_at: int | None = None  # steps of the fork, if a test has called its class
        self.constructed_by = ""  # the name of that class
        self.constructed_of: list[Any] | None = None  # the values in what it was called with
        self.probe: Probe | None = None  # of these, where an object is expected
        self.defines: frozenset[str] = frozenset()  # methods of the master's class, of such a one
        self.heard_of_at: int | None = None  # steps of the fork, as it was constructed first
        self.has_numbers = False  # among what it was constructed with
        self.sizes: list[float] = []  # of the containers that it was constructed with
        self.parts: dict[int, int] = {}  # what it was constructed with: when, by number
        self.is_given = False  # to the student's code, which can have given it back
        self.is_two = False  # both a result and what a test has constructed
        self.holds_itself = False  # as an object of no library, which could say what is in it
        self.members: set[str] = set()  # by which names an enumeration has it
        self.made_of: set[int] = set()  # numbers of objects
        self.is_fresh = False  # since when the test has not touched it
        self.state: Any = None  # its attributes, while the test has not touched it
        self.state_at = 0  # steps of the fork
        self.state_after = 0  # calls, other than those that construct
        self.data: tuple[Any] | None = None  # what is in it, as it has said
        self.data_at = -1  # steps of the fork
        self.is_opaque = False  # a test can pass it on, and no more
        self.is_made_by_test = False
        self.compares = False  # a method that compares its object with others
        self.computes = False  # one for arithmetic, as an operator has it
        self.steps: Any = None  # of a coroutine that a loop of the test's has begun
        self.asked_as = ""  # a method: whose, and the attribute that the test has asked for

    def current(self, _: "Remote") -> "Place":
        """Where the object is now."""
        return self

    def settled(self, _: "Remote") -> "Place":
        """Where it is, or was if its fork is no more."""
        return self

    def call(self, function: "Remote", args: Any, kwargs: Any) -> Any:
        """Have it called there."""
        place = self.current(function)
        place.look_into()
        given = [each for each in (*args, *kwargs.values()) if isinstance(each, Remote)]
        for_made = place.computes and any(place_of(each).is_made_by_test for each in given)
        if place.compares and not for_made and len(given) < len(args) + len(kwargs):
            place.refuse(COMPARED.format(place.described))
        for each in given:
            place_of(each).touch()
        result = place.fork.ask(Call(function, args, kwargs))
        if isinstance(result, Remote):
            place_of(result).owe_to(place, *map(place_of, given))
        return result

    def is_inherited_from(self, by: "Remote", name: str, methods: frozenset[str]) -> None:
        """A class of the test's inherits from it, which is there now and has methods of its own."""

    def owe_to(self, *places: "Place") -> None:
        """It has come of others, which the test has given to the student's code for that."""
        for place in places:
            self.made_of |= {place.number} | place.made_of

    def touch(self) -> None:
        """The test can have changed it."""
        self.is_used_since, self.is_fresh, self.state = True, False, None

    def look_into(self) -> None:
        """Refuse what a test may not ask."""
        if self.is_opaque:
            self.refuse(
                f"the test looks into {self.described}, which a provided cell computes in the "
                "student's kernel. Compute it in the test"
            )

    def refuse(self, why: str) -> None:
        """End the test cell, also where the test itself catches exceptions."""
        error = NotComparable(why)
        self.fork.refuse(error)
        raise error

    @property
    def is_as_constructed(self) -> bool:
        """Whether a test has made it by calling a class, and it is no result as well."""
        return self.constructed_at is not None and not self.is_given

    @property
    def is_enumeration(self) -> bool:
        """Whether it is an enumeration of the master's."""
        return False

    @property
    def owner(self) -> str:
        """What stands before the dot where a method of it is recorded."""
        return self.asked_as or self.type_name

    @property
    def described(self) -> str:
        """What messages call it."""
        return f"{self.type_name} in the student's notebook"


class Remote:
    """What stands for an object that stays in the student's kernel: it is at a place."""

    __slots__ = ("_remote",)

    def __init__(self, place: Place) -> None:
        move(self, place)


_PLACE = Remote.__dict__["_remote"]
delattr(Remote, "_remote")  # all names are the object's


def place_of(value: Remote) -> Place:
    """Where an object is now."""
    return last_place_of(value).current(value)


def last_place_of(value: Remote) -> Place:
    """Where an object was last."""
    place: Place = _PLACE.__get__(value)
    return place


def move(value: Remote, place: Place) -> None:
    """Have an object be in another place from now on."""
    _PLACE.__set__(value, place)


def described(value: Remote) -> str:
    """What messages call an object."""
    return last_place_of(value).described


def ask(value: Remote, operation: str, *args: Any) -> Any:
    """Have an operation done in the fork that an object is in."""
    place = place_of(value)
    place.look_into()
    return place.fork.ask(Operate(operation, args))


def refuse(value: Remote, why: str) -> Any:
    """End the test cell, also where the test itself catches exceptions."""
    place_of(value).refuse(why)


def refuse_as_compared(value: Remote) -> Any:
    """End a test that compares what only says that it is equal."""
    refuse(value, COMPARED.format(described(value)))


def may_be_asked_for(name: str) -> bool:
    """Whether a test may ask an object for an attribute of this name."""
    special = name.startswith("__") and name.endswith("__")
    return name in SPECIAL_NAMES if special else not name.startswith(("_repr_", "_ipython_"))


def stood_for(value: Any) -> Any:
    """The notebook's own class, where the value is one that stands for it here."""
    return vars(value).get(REMOTE_CLASS, value) if isinstance(value, type) else value


def is_remote(value: Any) -> bool:
    """Whether it is an object that stays in the student's kernel."""
    return isinstance(value, Remote)


def made_of(value: Remote, result: Any) -> Any:
    """What has come of an object, which the test has given to the student's code for that."""
    if isinstance(result, Remote):
        place_of(result).owe_to(place_of(value))
    return result
