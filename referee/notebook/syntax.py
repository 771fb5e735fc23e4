"""Python's own parser, where garbage may be collected at any time."""

import ast
import gc


def syntax_tree(source: str | bytes, filename: str = "<unknown>") -> ast.Module:
    """What `ast.parse` gives, also where a finalizer parses something.

    Python 3.11, among others, has one count of its parser's depth in a process. If it collects
    garbage there, and a finalizer parses as well (logging a traceback does), it raises SystemError:
    "AST constructor recursion depth mismatch". So it collects none.

    Raises:
        SyntaxError, ValueError: the source is no Python.

    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source, filename)
    finally:
        if collects:
            gc.enable()
