"""Objects that a test expects, made when they are compared: `expected = Vec(4, 6)` on its own line.

What a test makes by calling a class of the student's, that class sees. If it were made before the
result that it is compared with, the student's code would know what is expected when it is asked. So
such a call waits, where the source says that the object is there to be compared and nothing else:

    Vec(4, 6) == add(v, w)
    expected = Vec(4, 6)
    for v, expected in [(Vec(1, 1), Vec(2, 2)), ...]:

Classes are known by their names, which begin with a capital, as Python's style guide has it.
"""

import ast
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from referee.judge.comparisons import sorting
from referee.judge.objects import RemoteObject
from referee.judge.places import last_place_of
from referee.judge.remote import expecting, is_waiting, waiting

WAITING, WAITING_FOR_ATOMS, EXPECTED = "@waiting", "@waiting_for_atoms", "@expected"
SORTING = "@sorting"
COMPARING = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
ASSERTIONS = {
    f"assert{name}"
    for name in (
        *("Equal", "NotEqual", "Equals", "In", "NotIn", "Is", "IsNot", "CountEqual"),
        *("ListEqual", "TupleEqual", "DictEqual", "SequenceEqual"),
    )
}
ATOMS = (int, float, complex, str, bytes, bool, type(None))
DISPLAYS = (ast.List, ast.Tuple, ast.Dict)


def make_late(tree: ast.Module) -> ast.Module:
    """Change a test's code, in place: calls that make what is only compared wait until it is."""
    found = (_late_calls, _last_calls, _sorting_calls)
    late, last, sorts = (set(map(id, calls(tree))) for calls in found)
    if not (late or last or sorts):
        return tree
    return ast.fix_missing_locations(_Waiting(late, last, sorts).visit(tree))


def functions() -> dict[str, Any]:
    """What the changed code calls."""
    return {
        WAITING: waiting,
        WAITING_FOR_ATOMS: _waiting_for_atoms,
        EXPECTED: expecting,
        SORTING: sorting,
    }


def _waiting_for_atoms(function: Any) -> Callable[..., Any]:
    """The same where all arguments are values that stay as they are until they are needed."""

    def call(*args: Any, **kwargs: Any) -> Any:
        stay = all(map(_stays, (*args, *kwargs.values())))
        return (waiting(function) if stay else function)(*args, **kwargs)

    return call


def _stays(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_stays, value))
    return type(value) in ATOMS or is_waiting(value) or _is_member(value)


def _is_member(value: Any) -> bool:
    is_students = isinstance(value, RemoteObject) and bool(last_place_of(value).members)
    return is_students or isinstance(value, Enum)


class _Waiting(ast.NodeTransformer):
    """Has calls wait, and those that make their arguments; says which ones come last."""

    def __init__(self, late: set[int], last: set[int], sorts: set[int]) -> None:
        self._late = late
        self._last = last
        self._sorts = sorts

    def visit_Call(self, node: ast.Call) -> ast.AST:
        is_late = id(node) in self._late
        if is_late:
            self._late |= {id(each) for each in ast.walk(node) if _makes_object(each)}
        self.generic_visit(node)
        if is_late:
            parts = [part for given in _given(node) for part in ast.walk(given)]
            has_names = any(isinstance(part, ast.Name) for part in parts)
            _call_by(WAITING_FOR_ATOMS if has_names else WAITING, node)
        elif id(node) in self._last:
            _call_by(EXPECTED, node)
        elif id(node) in self._sorts:
            _call_by(SORTING, node)
        return node


def _call_by(function: str, node: ast.Call) -> None:
    """Have a function say what is called, in the place of a name."""
    called = ast.Call(ast.Name(function, ast.Load()), [node.func], [])
    node.func = ast.copy_location(called, node.func)


def _late_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls that make what is compared with what comes later."""
    only_compared = _only_compared(tree)
    looked_into = _classes_looked_into(tree)
    displays = _named_displays(tree)
    for node in _outside_of_attempts(tree):
        for expected in _expected(node, only_compared, displays):
            for call in _made_in(expected):
                if isinstance(call.func, ast.Name) and call.func.id not in looked_into:
                    yield call


def _last_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls that make what is compared with what has come before."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(ops=ops, comparators=[*_, last]) if _compares(ops):
                yield from _made_in(last)
            case ast.Call(func=ast.Attribute(attr=name), args=[_, last, *_]) if name in ASSERTIONS:
                yield from _made_in(last)


def _sorting_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls that put objects in order."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="sorted" | "min" | "max")):
                yield node


def _expected(
    node: ast.AST, only_compared: set[str], displays: dict[str, ast.expr]
) -> Iterator[ast.expr]:
    """The expressions in a node whose values are compared, and nothing else."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=[*others]) if _compares(ops):
            yield from (left, *others[:-1])
        case ast.Call(func=ast.Attribute(attr=name), args=[first, _, *_]) if name in ASSERTIONS:
            yield first
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in only_compared:
            yield value
        case ast.For(target=target, iter=rows):
            yield from _expected_in_rows(target, rows, only_compared, displays)


def _expected_in_rows(
    target: ast.expr, rows: ast.expr, only_compared: set[str], displays: dict[str, ast.expr]
) -> Iterator[ast.expr]:
    """What a loop gives to names that are only compared."""
    match target, rows:
        case _, ast.Name(id=name) if name in displays:
            yield from _expected_in_rows(target, displays[name], only_compared, {})
        case (
            ast.Tuple(elts=[_, inner]),
            ast.Call(func=ast.Name(id="enumerate"), args=[counted, *_]),
        ):
            yield from _expected_in_rows(inner, counted, only_compared, displays)
        case ast.Tuple(elts=targets), ast.List(elts=found) | ast.Tuple(elts=found):
            for row in found:
                if isinstance(row, ast.Tuple | ast.List) and len(row.elts) == len(targets):
                    for each, part in zip(targets, row.elts, strict=True):
                        if isinstance(each, ast.Name) and each.id in only_compared:
                            yield part
        case (
            ast.Tuple(elts=[_, ast.Name() as second]),
            ast.Call(func=ast.Attribute(value=ast.Dict(values=values), attr="items")),
        ) if second.id in only_compared:
            yield from values


def _compares(ops: list[ast.cmpop]) -> bool:
    return all(isinstance(op, COMPARING) for op in ops)


def _only_compared(tree: ast.Module) -> set[str]:
    """The names that are operands of comparisons, and have no other use before."""
    operands = set[int]()
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, ops=ops, comparators=others) if _compares(ops):
                operands |= set(map(id, (left, *others)))
            case ast.Call(func=ast.Attribute(attr=name), args=args) if name in ASSERTIONS:
                operands |= set(map(id, args))
            case ast.Assert(msg=ast.expr() as said):  # which is made when it has failed
                operands |= set(map(id, ast.walk(said)))
    loads = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and _is_load(node))
    first: dict[str, ast.Name] = {}
    for node in sorted(loads, key=lambda node: (node.lineno, node.col_offset)):
        first.setdefault(node.id, node)
    return {name for name, node in first.items() if id(node) in operands}


def _is_load(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _named_displays(tree: ast.Module) -> dict[str, ast.expr]:
    """The lists and tuples that are written out where names are given them, once each."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Tuple() as display):
                found[name] = ast.Tuple([]) if name in found else display
    return found


def _classes_looked_into(tree: ast.Module) -> set[str]:
    """The names of which a test asks for attributes, such as a counter, without a call."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and id(node) not in called
    }


def _outside_of_attempts(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but assignments where an exception, or what is patched, may be what is tested."""
    for node in ast.iter_child_nodes(tree):
        yield node
        inner = _outside_of_attempts(node)
        if isinstance(node, ast.Try | ast.With | ast.AsyncWith):
            inner = (each for each in inner if not isinstance(each, ast.Assign))
        yield from inner


def _made_in(expression: ast.expr) -> Iterator[ast.Call]:
    """The calls of classes in an expression that is one, or a display of some."""
    if _makes_object(expression):
        assert isinstance(expression, ast.Call)
        yield expression
    elif isinstance(expression, DISPLAYS):
        for part in ast.iter_child_nodes(expression):
            if isinstance(part, ast.expr):
                yield from _made_in(part)


def _makes_object(node: ast.AST) -> bool:
    """Whether a node is a call of a class with arguments that can wait."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name.lstrip("_")[:1].isupper():
            return all(map(_can_wait, _given(node)))
    return False


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _can_wait(given: ast.expr) -> bool:
    match given:
        case ast.Constant() | ast.Name():
            return True
        case ast.Attribute(value=ast.Name(id=name)):  # a member of an enumeration
            return name[:1].isupper()
        case ast.UnaryOp(operand=operand):
            return _can_wait(operand)
        case ast.BinOp(left=left, right=right):
            return _can_wait(left) and _can_wait(right)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return all(map(_can_wait, parts))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and _can_wait(key) for key in (*keys, *values))
    return _makes_object(given)
