"""Containers of Python's `collections`; as in lists, what stays in the notebook can be in them."""

from collections import Counter, OrderedDict, defaultdict, deque
from itertools import chain
from typing import Any

from referee.boundary.kinds.kind import ValueKind, text, values, whole

# What a defaultdict can start its items with without asking the other side.
FACTORIES: dict[str, type] = {
    kind.__name__: kind
    for kind in (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
}


class DequeKind(ValueKind):
    """A queue with two ends."""

    path = "collections.deque"
    holds_objects = True

    def parts(self, value: deque[Any]) -> list[Any]:
        """How long it can become, and its items."""
        return [value.maxlen, tuple(value)]

    def make(self, *parts: Any) -> deque[Any]:
        """With all items that were sent."""
        longest, items = parts
        if longest is not None:
            whole(longest)
        if longest is not None and len(items) > longest:
            raise ValueError
        return deque(values(items), longest)

    def update(self, value: deque[Any], now: deque[Any]) -> None:
        """Take over all items."""
        value.clear()
        value.extend(now)


class CounterKind(ValueKind):
    """A dict that counts."""

    path = "collections.Counter"
    holds_objects = True

    def parts(self, value: Any) -> list[Any]:
        """Keys and values in turn, in their order."""
        return [tuple(chain.from_iterable(value.items()))]

    def make(self, *parts: Any) -> Any:
        """Put the items in, one after the other."""
        (items,) = parts
        return filled(Counter(), items)

    def update(self, value: Any, now: Any) -> None:
        """Take over all items."""
        value.clear()
        dict.update(value, now)


class OrderedDictKind(CounterKind):
    """A dict whose order counts."""

    path = "collections.OrderedDict"

    def make(self, *parts: Any) -> Any:
        """Put the items in, one after the other."""
        (items,) = parts
        return filled(OrderedDict(), items)

    def update(self, value: Any, now: Any) -> None:
        """Take over all items; it keeps more than a dict of them."""
        value.clear()
        value.update(now)


class DefaultdictKind(CounterKind):
    """A dict that makes items; with a function of the student's, which is then asked for each."""

    path = "collections.defaultdict"

    def parts(self, value: Any) -> list[Any]:
        """What makes items, by name if it is one of Python's types, and the items."""
        factory: Any = value.default_factory
        if isinstance(factory, type) and FACTORIES.get(factory.__name__) is factory:
            factory = factory.__name__
        return [factory, *super().parts(value)]

    def make(self, *parts: Any) -> Any:
        """Put the items in, one after the other."""
        factory, items = parts
        if factory is not None and not callable(factory):
            factory = FACTORIES[text(factory)]
        return filled(defaultdict(factory), items)


class KeysKind(ValueKind):
    """The keys of a dict, as they are now: a test may compare them with a set."""

    path = "builtins.dict_keys"
    holds_objects = True

    def parts(self, value: Any) -> list[Any]:
        """The keys, in their order."""
        return [tuple(value)]

    def make(self, *parts: Any) -> Any:
        """The keys of a dict of our own."""
        (keys,) = parts
        return dict.fromkeys(values(keys)).keys()

    def found_class(self) -> Any:
        """The class, which has no name in a module."""
        return type({}.keys())


class ItemsKind(ValueKind):
    """The items of a dict, as they are now: a test may compare them with a set of pairs."""

    path = "builtins.dict_items"
    holds_objects = True

    def parts(self, value: Any) -> list[Any]:
        """Keys and values in turn, in their order."""
        return [tuple(chain.from_iterable(value))]

    def make(self, *parts: Any) -> Any:
        """The items of a dict of our own."""
        (items,) = parts
        return filled({}, items).items()

    def found_class(self) -> Any:
        """The class, which has no name in a module."""
        return type({}.items())


def filled(value: Any, items: Any) -> Any:
    """The dict, with keys and values that come in turn."""
    parts = iter(values(items))
    for key, item in zip(parts, parts, strict=True):
        value[key] = item
    return value


KINDS = [
    *(DequeKind(), CounterKind(), OrderedDictKind(), DefaultdictKind()),
    *(KeysKind(), ItemsKind()),
]
