"""Where the code of test cells and provided cells finds its names."""

import ast
from collections.abc import Callable
from dis import get_instructions
from functools import lru_cache
from types import CodeType
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager


class TestNamespace(dict[str, Any]):
    """Global names of the instructor's code; what it does not define is looked up when used."""

    __test__ = False  # it is no test of pytest's

    def __init__(self, look_up: Callable[[str], Any]) -> None:
        super().__init__(__name__="__main__")
        self._look_up = look_up

    def __missing__(self, name: str) -> Any:
        """Look the name up."""
        return self._look_up(name)


class Unprepared(NameError):  # noqa: N818 - it is said to a student, and no error of ours
    """A test uses a name that a test before it should have defined, and has not."""


@lru_cache(1000)
def names_bound(source: str) -> frozenset[str]:
    """The names that a test cell gives values to, outside of its functions and classes."""
    try:
        code = compile(source, "<test cell>", "exec")
    except (SyntaxError, ValueError):
        return frozenset()
    stored = ("STORE_NAME", "STORE_GLOBAL")
    return frozenset(step.argval for step in get_instructions(code) if step.opname in stored)


@lru_cache(1000)
def definitions(source: str) -> list[CodeType]:
    """The statements of a cell that define without computing."""
    try:
        statements = ast.parse(TransformerManager().transform_cell(source)).body
    except SyntaxError:
        return []
    return [
        compile(ast.Module([statement], []), "<provided cell>", "exec")
        for statement in statements
        if _only_defines(statement)
    ]


def _only_defines(statement: ast.stmt) -> bool:
    """Whether it is an import, a definition, or a constant: a literal with a NAME in capitals."""
    if isinstance(statement, ast.Assign):
        named = [isinstance(to, ast.Name) and to.id.isupper() for to in statement.targets]
        return all(named) and _is_literal(statement.value)
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)


def _is_literal(expression: ast.expr) -> bool:
    try:
        ast.literal_eval(expression)
    except ValueError:
        return False
    return True
