"""What an `assert` of a test has compared: its operands, kept until it has passed.

A test's code is compiled with its asserts changed: each operand is put into a local variable, by
`:=`, so that a failed assert leaves them behind. Nothing is evaluated twice or in another order.
The variables have names that no program can write, and are gone when the assert has passed. (Those
of the top level are emptied, which is quicker, and `TestNamespace` does not show them.)
"""

import ast
from dataclasses import dataclass
from typing import Any

PREFIX = "@operand"
NOTHING = ...  # what an operand is that was not evaluated
COMPARERS = ("allclose", "isclose", "array_equal", "array_equiv")  # functions of two values
COMBINERS = ("all", "any", "bool", "not_")  # functions and methods of a comparison


@dataclass(frozen=True)
class Compared:
    """Two operands that are compared, and by what: an operator, or a function of NumPy."""

    left: ast.expr
    right: ast.expr
    operator: str
    call: ast.Call | None = None


def keep_operands(tree: ast.Module) -> ast.Module:
    """Change the asserts of a test's code, in place."""
    return ast.fix_missing_locations(_Keeper().visit(tree))


def is_operand(name: str) -> bool:
    """Whether a variable holds an operand of an assert."""
    return name.startswith(PREFIX)


def operands(test: ast.expr) -> list[ast.expr]:
    """The parts of an assert's condition whose values tell why it fails."""
    match test:
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.BoolOp(values=values):
            return [part for value in values for part in operands(value)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operands(operand)
        case ast.Call(func=ast.Attribute(value=ast.Compare() as inner, attr=name)) if (
            name in COMBINERS
        ):
            return operands(inner)
        case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr=name), args=[]) if (
            name in COMBINERS
        ):
            return operands(inner)
        case ast.Call(func=ast.Attribute(value=left, attr="equals"), args=[right], keywords=[]):
            return [left, right]
        case ast.Call(args=args) if not any(isinstance(arg, ast.Starred) for arg in args):
            return [part for arg in args for part in _parts(arg)]
    return [test]


def _parts(argument: ast.expr) -> list[ast.expr]:
    return operands(argument) if isinstance(argument, ast.Compare | ast.BoolOp) else [argument]


def compared(test: ast.expr) -> Compared | None:
    """The two operands that an assert compares, if it compares two."""
    match test:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return Compared(left, right, OPERATORS[type(op)])
        case ast.Call(func=ast.Attribute(value=ast.Compare() as inner, attr=name)) if (
            name in COMBINERS
        ):
            return compared(inner)
        case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr=name), args=[]) if (
            name in COMBINERS
        ):
            return compared(inner)
        case ast.Call(func=ast.Attribute(value=left, attr="equals"), args=[right], keywords=[]):
            return Compared(left, right, "equals", test)
        case ast.Call(func=func, args=[ast.Compare() as inner]) if _name(func) in COMBINERS:
            return compared(inner)
        case ast.Call(func=func, args=[left, right, *_]) if _name(func) in COMPARERS:
            return Compared(left, right, _name(func), test)
    return None


def _name(function: ast.expr) -> str:
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def values_of(test: ast.expr, variables: Any) -> dict[ast.expr, Any]:
    """The values of an assert's operands, by what a failed assert has left in its variables."""
    found = {}
    for number, operand in enumerate(operands(test)):
        value = variables.get(f"{PREFIX}{number}", NOTHING)
        if value is not NOTHING:
            found[operand] = value
        elif isinstance(operand, ast.Constant):
            found[operand] = operand.value
    return found


class _Keeper(ast.NodeTransformer):
    """Puts the operands of asserts into variables."""

    def __init__(self) -> None:
        self._in_function = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Keep operands in local variables of a function."""
        return self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Keep operands in local variables of a coroutine."""
        return self._visit_function(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        around, self._in_function = self._in_function, True
        self.generic_visit(node)
        self._in_function = around
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Leave asserts alone whose variables would be attributes of a class."""
        for part in node.body:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.visit(part)
        return node

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        kept: list[str] = []
        by_id = {id(operand): number for number, operand in enumerate(operands(node.test))}
        node.test = _Replacer(by_id, kept).visit(node.test)
        leave = _deleted if self._in_function else _emptied
        return [*_emptied(kept, node), node, *leave(kept, node)]


class _Replacer(ast.NodeTransformer):
    """Replaces operands, by their ids, and remembers the names of their variables."""

    def __init__(self, numbers: dict[int, int], kept: list[str]) -> None:
        self.numbers = numbers
        self.kept = kept

    def visit(self, node: ast.AST) -> Any:
        number = self.numbers.get(id(node))
        if number is None:
            return self.generic_visit(node)
        if isinstance(node, ast.Constant | ast.GeneratorExp | ast.NamedExpr):
            return node
        name = f"{PREFIX}{number}"
        self.kept.append(name)
        assert isinstance(node, ast.expr)
        return ast.copy_location(ast.NamedExpr(ast.Name(name, ast.Store()), node), node)


def _emptied(names: list[str], where: ast.Assert) -> list[ast.stmt]:
    if not names:
        return []
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    return [ast.copy_location(ast.Assign(targets, ast.Constant(NOTHING)), where)]


def _deleted(names: list[str], where: ast.Assert) -> list[ast.stmt]:
    if not names:
        return []
    targets: list[ast.expr] = [ast.Name(name, ast.Del()) for name in names]
    return [ast.copy_location(ast.Delete(targets), where)]
