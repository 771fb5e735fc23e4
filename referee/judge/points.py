"""What the last line of a test cell is worth, where it has a value.

nbgrader reads the text that the cell shows: a number is the points, all else is full points. A test
computes its last value from what the student's code returns, so that a student chooses what it is
if not held to a number. Here, what is nearly a number is one, False is no points, a last line that
computes points must come to a number, and one that compares to what is true or false. See
docs/writing-tests.md.
"""

import ast
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from referee.notebook.syntax import syntax_tree

COUNTING = ("sum", "min", "max", "round", "int", "float", "len", "abs")  # of Python


class NoPoints(Exception):  # noqa: N818 - what a test came to, and no error of ours
    """The last line of a test came to something that is worth no points."""


def shown(value: Any, points: float, source: str) -> Any:
    """What a test cell of so many points shows for its last value: a number of points, or not.

    Raises:
        NoPoints: the value is False, or should be a number or a truth value and is none.

    """
    computes_points = gives_points(source)
    compares = gives_truth(source)
    plain = _plain(_truths(value) if compares else value)
    if plain is False:
        raise NoPoints("the last line of the test is False")
    if plain is True and not computes_points:
        return True  # full points, as in nbgrader
    is_text = isinstance(plain, str)  # "9" * 2 is no number of points
    if not (computes_points and is_text) and (number := _number(plain)) is not None:
        return _between(number, points)
    if computes_points or isinstance(plain, complex):
        kind = type(value).__name__
        raise NoPoints(f"the last line of the test should be a number, and is of type {kind}")
    if compares and value is not None:
        kind = type(value).__name__
        raise NoPoints(f"the last line of the test should be true or false, and is of type {kind}")
    return value


def bounded(text: str, points: float) -> str:
    """What is shown for a value's text, which nbgrader reads: as a number, no more than points."""
    number = _number(text)
    return text if number is None else repr(_between(number, points))


def _plain(value: Any) -> Any:
    """A value without NumPy around it: of an array of truth values, whether all are true."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "b":
        return bool(value.size and value.all())
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.size == 1):
        value = value.item()
    return float(value) if isinstance(value, np.longdouble) else value


def _truths(value: Any) -> Any:
    """What a comparison of a table of pandas comes to, as an array; what is missing is not true."""
    if type(value).__module__.split(".")[0] == "pandas" and hasattr(value, "to_numpy"):
        return value.to_numpy(dtype=bool, na_value=False)
    return value


def _number(plain: Any) -> int | float | Fraction | Decimal | None:
    """The number that a value is, or nearly is."""
    if isinstance(plain, int | float | Fraction | Decimal):
        return plain
    if isinstance(plain, complex) and plain.imag == 0:
        return plain.real
    if isinstance(plain, str):
        try:
            return float(plain)
        except ValueError:
            return None
    return None


def _between(number: int | float | Fraction | Decimal, points: float) -> float:
    """Points between none and all."""
    if number != number or number <= 0:
        return 0.0
    return float(points if number >= points else number)


@lru_cache(1000)
def gives_points(source: str) -> bool:
    """Whether the last line of a test cell computes a number, as far as its text tells.

    It is arithmetic with numbers, a count, a name that was given one of these, or a call of a
    function of the same cell that returns one. A call of any other function may be there to be
    looked at: then what it returns is not held to be points.
    """
    return _last_line_gives(source, _Counts)


@lru_cache(1000)
def gives_truth(source: str) -> bool:
    """Whether the last line of a test cell compares, or is a name that was given a comparison."""
    return _last_line_gives(source, _Compares)


def _last_line_gives(source: str, kind: "type[_Gives]") -> bool:
    try:
        body = syntax_tree(source).body
    except (SyntaxError, ValueError):
        return False
    functions = {step.name: step for step in body if isinstance(step, ast.FunctionDef)}
    top_level = [step for step in body if not isinstance(step, ast.FunctionDef | ast.ClassDef)]
    last = body[-1] if body else None
    return isinstance(last, ast.Expr) and kind(top_level, functions).gives(last.value)


class _Gives:
    """Tells whether expressions are of a kind, by the statements of the scope that they are in."""

    def __init__(self, scope: list[ast.stmt], functions: dict[str, ast.FunctionDef]) -> None:
        self.scope = scope
        self.functions = functions
        self._asked: set[str] = set()

    def gives(self, value: ast.expr) -> bool:
        match value:
            case ast.IfExp(body=body, orelse=orelse):
                return self.gives(body) or self.gives(orelse)
            case ast.BoolOp(values=[*_, last]):
                return self.gives(last)
            case ast.NamedExpr(value=inner):
                return self.gives(inner)
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                return self._function_gives(name)
            case ast.Name(id=name) if name not in self._asked:
                self._asked.add(name)
                return any(self.gives(given) for given in self._values_of(name))
        return self.is_one(value)

    def is_one(self, value: ast.expr) -> bool:
        """Whether the expression is of the kind by its form."""
        raise NotImplementedError

    def _values_of(self, name: str) -> Iterator[ast.expr]:
        for statement in self.scope:
            for node in ast.walk(statement):
                match node:
                    case ast.Assign(targets=targets, value=value):
                        names = [target.id for target in targets if isinstance(target, ast.Name)]
                        yield from [value] if name in names else []
                    case ast.AugAssign(target=ast.Name(id=target), value=value):
                        yield from [value] if name == target else []

    def _function_gives(self, function: str) -> bool:
        others = {name: node for name, node in self.functions.items() if name != function}
        inside = type(self)(self.functions[function].body, others)
        return any(
            inside.gives(node.value)
            for node in ast.walk(self.functions[function])
            if isinstance(node, ast.Return) and node.value is not None
        )


class _Counts(_Gives):
    """Tells whether expressions are numbers."""

    def is_one(self, value: ast.expr) -> bool:
        match value:
            case ast.Constant(value=constant):
                return isinstance(constant, int | float) and not isinstance(constant, bool)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
                return self.gives(operand)
            case ast.BinOp(left=left, op=op, right=right):
                texts = isinstance(left, ast.JoinedStr) or isinstance(op, ast.Mod | ast.MatMult)
                return not texts and (self.gives(left) or self.gives(right))
            case ast.Call(func=ast.Name(id=name)):
                return name in COUNTING
        return False


class _Compares(_Gives):
    """Tells whether expressions are comparisons."""

    def is_one(self, value: ast.expr) -> bool:
        return isinstance(value, ast.Compare)
