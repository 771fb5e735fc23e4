"""Tests that change what they have from the student's code, and so need the very object.

`student.grades.append(90)` in a test means the list that the student's object has. A copy of it
would make the test lose points for everyone.
"""

import ast
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from referee.judge.kept_state import LOOKS
from referee.notebook.definitions import CHANGES, nodes_in

# Functions of libraries that change what they are given first.
CHANGING = {
    *("shuffle", "heapify", "heappush", "heappop", "heapreplace", "heappushpop", "insort"),
    *("insort_left", "insort_right", "fill_diagonal", "copyto", "put", "place", "putmask"),
    *("setitem", "delitem"),
}
# What these methods of data give is new.
METHODS_OF_DATA = {
    *(
        "astype",
        "copy",
        "dot",
        "flatten",
        "items",
        "keys",
        "max",
        "mean",
        "min",
        "reshape",
        "split",
    ),
    *("std", "sum", "tolist", "transpose", "values", "var"),
}
OF_ARRAYS = {"T", "dtype", "flat", "imag", "ndim", "real", "shape", "size"}
Nodes = tuple[ast.AST, ...]


def changes_results(source: str, students: Set[str], classes: Set[str]) -> bool:
    """Whether a test changes in place what an object or a call of the student's code gives it.

    What a function returns, and the test changes and then passes on, is not meant: there a copy
    does as well.

    Args:
        source: the test's, in Python.
        students: the names in it that are the student's.
        classes: those of them that are classes, whose instances have methods of their own.

    """
    test = changes_in(source)
    if test is None or not test.changed:
        return False
    objects = students | _made_of(students, test.bound) | test.arguments
    parts = set(chain.from_iterable(each.names for each in test.bound if each.reads_of(objects)))
    parts |= _made_of(parts, test.bound)
    if any(value.reads_of(objects) for value in test.given_to_own):
        parts |= test.arguments
    decorated = (name for name, by in test.decorated if by & students)
    functions = students - classes | set(decorated)
    returned = (each.names for each in test.bound if each.called in functions)
    parts |= set(chain.from_iterable(returned)) - test.passed_on
    for value in test.changed:
        if not value.base and value.used & objects:
            return True
        if value.base in parts or value.reads_of(objects):
            return True
    return False


@dataclass(frozen=True)
class Value:
    """An expression: the names that it gives its value to, if any, and what it is made of.

    It `used` names, and `read` attributes, or called methods, of what is made of names: a set for
    each. It is a part of the value of the name `base`, or of what the function `called` returns.
    """

    names: frozenset[str]
    used: frozenset[str]
    read: tuple[frozenset[str], ...]
    base: str
    called: str

    @classmethod
    def of(cls, value: ast.expr, names: Set[str] = frozenset()) -> "Value":
        """What is read from an expression."""
        base = value
        while isinstance(base, ast.Attribute | ast.Subscript):
            base = base.value
        called = base.func if isinstance(base, ast.Call) else None
        return cls(
            frozenset(names),
            _names_in(value),
            tuple(_parts_read(value)),
            base.id if isinstance(base, ast.Name) else "",
            called.id if isinstance(called, ast.Name) else "",
        )

    def reads_of(self, names: Set[str]) -> bool:
        """Whether it has read an attribute of what is made of these names."""
        return any(of & names for of in self.read)


@dataclass(frozen=True)
class Changes:
    """What a test binds and changes, by its source.

    `arguments` are those of its functions, `passed_on` names of what it gives to functions that do
    more than look at it, and `given_to_own` is what it gives to functions of its own. `decorated`
    are functions of its own, with the names of what decorates each.
    """

    bound: tuple[Value, ...]
    changed: tuple[Value, ...]
    arguments: frozenset[str]
    passed_on: frozenset[str]
    given_to_own: tuple[Value, ...]
    decorated: tuple[tuple[str, frozenset[str]], ...]


@lru_cache(1000)
def changes_in(source: str) -> Changes | None:
    """What is read from the source of a test; None if it is no Python."""
    try:
        nodes = nodes_in(source)
    except (SyntaxError, ValueError):
        return None
    return Changes(
        tuple(_bound(nodes)),
        tuple(map(Value.of, _changed(nodes))),
        frozenset(each.arg for each in nodes if isinstance(each, ast.arg)) - {"self"},
        frozenset().union(*_passed_on(nodes)),
        tuple(map(Value.of, _given_to_own(nodes))),
        tuple(_decorated(nodes)),
    )


def _changed(nodes: Nodes) -> Iterator[ast.expr]:
    """What code changes without giving names other values."""
    for node in nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name("list" | "dict" | "set")), args=[changed, *_]
            ):
                yield changed
            case ast.Call(
                func=ast.Attribute(attr=name) | ast.Name(id=name), args=[changed, *_]
            ) if name in CHANGING:
                yield changed
            case ast.Call(func=ast.Attribute(value=changed), keywords=keywords) if any(
                keyword.arg == "inplace" for keyword in keywords
            ):
                yield changed
            case ast.Attribute(value=changed, attr=name) if name in CHANGES:
                yield changed
            case (
                ast.Subscript(value=changed, ctx=ast.Store() | ast.Del())
                | ast.Attribute(value=changed, ctx=ast.Store() | ast.Del())
                | ast.AugAssign(target=ast.Name() as changed)
                | ast.keyword(arg="out", value=changed)
            ):
                yield changed


def _bound(nodes: Nodes) -> Iterator[Value]:
    """The values that code gives names to."""
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name):
                for step in ast.walk(node):
                    if isinstance(step, ast.Return | ast.Yield) and step.value is not None:
                        yield Value.of(step.value, {name})
            case ast.Assign(targets=targets, value=value):
                yield Value.of(value, frozenset().union(*map(_stored_in, targets)))
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.AsyncFor(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
                | ast.withitem(context_expr=value, optional_vars=ast.expr() as target)
            ):
                yield Value.of(value, _stored_in(target))


def _made_of(names: Set[str], bound: tuple[Value, ...]) -> set[str]:
    """The names whose values are made of those of these names, or of one another's."""
    found, more = set[str](), set(names)
    while more:
        more = set(chain.from_iterable(each.names for each in bound if each.used & more)) - found
        found |= more
    return found


def _passed_on(nodes: Nodes) -> Iterator[frozenset[str]]:
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in LOOKS:
                pass
            case ast.Call(args=values, keywords=more):
                yield from map(_names_in, (*values, *(each.value for each in more)))


def _given_to_own(nodes: Nodes) -> Iterator[ast.expr]:
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name), args=values) if name in own:
                yield from values


def _decorated(nodes: Nodes) -> Iterator[tuple[str, frozenset[str]]]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            used = map(_names_in, node.decorator_list)
            yield node.name, frozenset(chain.from_iterable(used))


def _parts_read(value: ast.expr) -> Iterator[frozenset[str]]:
    nodes = tuple(ast.walk(value))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    for node in nodes:
        if isinstance(node, ast.Attribute):
            of_data = METHODS_OF_DATA if id(node) in called else OF_ARRAYS
            if node.attr not in of_data:
                yield _names_in(node.value)


def _names_in(value: ast.AST) -> frozenset[str]:
    """The names that are used, with those that `self` has in a test's own class."""
    return frozenset(filter(None, map(_name_of, ast.walk(value))))


def _stored_in(target: ast.expr) -> frozenset[str]:
    stored = (
        each for each in ast.walk(target) if isinstance(getattr(each, "ctx", None), ast.Store)
    )
    return frozenset(filter(None, map(_name_of, stored)))


def _name_of(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name("self"), attr=name):
            return f"self.{name}"
    return ""
