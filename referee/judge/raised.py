"""Which exceptions in a `with` block of a test a context of the student's may hide.

With stock nbgrader it may hide each. A lying one would hide that a check has failed. So it may hide
what the test raises on purpose, to see whether it is hidden: by `raise`, or by an expression that
has nothing of the student's in it (`1 / 0`, `int("x")`, `{}["a"]`).
"""

import ast
import builtins
import linecache
from functools import lru_cache
from typing import Any

from referee.notebook.syntax import syntax_tree


def may_be_hidden(error: BaseException, where: Any) -> bool:
    """Whether an exception that a `with` block ends with is raised there on purpose."""
    if not isinstance(error, Exception) or isinstance(error, AssertionError):
        return False
    if where is None or where.tb_next is not None:  # in a function that the block calls
        return False
    source = "".join(linecache.getlines(where.tb_frame.f_code.co_filename))
    return where.tb_lineno in _lines_that_raise(source)


@lru_cache(100)
def _lines_that_raise(source: str) -> frozenset[int]:
    """The lines of statements right in a `with` block that can have no other purpose."""
    try:
        tree = syntax_tree(source)
    except (SyntaxError, ValueError):
        return frozenset()
    blocks = [node.body for node in ast.walk(tree) if isinstance(node, ast.With | ast.AsyncWith)]
    return frozenset(
        line
        for block in blocks
        for step in block
        if isinstance(step, ast.Raise) or (isinstance(step, ast.Expr) and _is_pythons(step, tree))
        for line in range(step.lineno, (step.end_lineno or step.lineno) + 1)
    )


def _is_pythons(step: ast.Expr, tree: ast.Module) -> bool:
    """Whether all names of an expression are Python's own, and none is given to something else."""
    given = {
        name.id
        for name in ast.walk(tree)
        if isinstance(name, ast.Name) and not isinstance(name.ctx, ast.Load)
    }
    names = {name.id for name in ast.walk(step) if isinstance(name, ast.Name)}
    return names <= vars(builtins).keys() - given
