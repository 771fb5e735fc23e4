"""Python's own functions as the code of tests has them, where a notebook is in two processes.

`dir()`, `globals()`, `locals()` and `vars()` know the names of the student's notebook, too, and
`isinstance`, `issubclass` and `type` know its classes.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from referee.judge.objects import RemoteObject

TYPE_OF = "@type_of"  # what `type(x)` and `x.__class__` are in tests; no program can write it
DATA = (bool, int, float, complex, str, bytes, list, tuple, dict, set)  # which are no objects there


class GlobalNames(MutableMapping[str, Any]):
    """The global names of a test: its own, the instructor's and the student's."""

    def __init__(self, own: dict[str, Any], others: Callable[[], set[str]]) -> None:
        self._own = own
        self._others = others

    def __getitem__(self, name: str) -> Any:
        return self._own[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._own[name] = value

    def __delitem__(self, name: str) -> None:
        del self._own[name]

    def __iter__(self) -> Iterator[str]:
        own = {name for name in self._own if not name.startswith("@")}
        return iter(sorted(own | self._others()))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in set(self)


class _Builtins(dict[str, Any]):
    """Python's functions as they are when they are used, for a test may replace one; and ours."""

    def __missing__(self, name: str) -> Any:
        """Look the name up among Python's."""
        return vars(builtins)[name]


def functions_for(own: dict[str, Any], others: Callable[[], set[str]]) -> dict[str, Any]:
    """Python's functions for the code of a test, whose global names are these and others."""
    everything = GlobalNames(own, others)

    def of_caller() -> MutableMapping[str, Any]:
        frame = sys._getframe(2)
        return everything if frame.f_locals is own else frame.f_locals

    def names_in(*objects: Any) -> list[str]:
        return dir(*objects) if objects else sorted(of_caller())

    def variables_of(*objects: Any) -> Any:
        return vars(*objects) if objects else of_caller()

    return _Builtins(
        {
            "__import__": builtins.__import__,  # which Python looks for without `__missing__`
            "dir": names_in,
            "vars": variables_of,
            "locals": lambda: of_caller(),
            "globals": lambda: everything,
            "isinstance": is_instance,
            "issubclass": is_subclass,
            TYPE_OF: type_of,
        }
    )


def type_of(value: Any) -> Any:
    """The class of a value. One of a module that is imported here, too, is the judge's own."""
    if not isinstance(value, RemoteObject):
        return value.__class__
    match value._ask("class names", value):
        case (str(module), str(name)) if module != "__main__":
            found = getattr(sys.modules.get(module), name, None)
            if isinstance(found, type):
                return found
    return value._ask("type", value)


def is_instance(value: Any, kind: Any) -> bool:
    """Whether a value is an instance of a class, or of one of several."""
    return any(_is_one(value, each, "isinstance", isinstance) for each in _each(kind))


def is_subclass(value: Any, kind: Any) -> bool:
    """Whether a class is a subclass of another, or of one of several."""
    return any(_is_one(value, each, "issubclass", issubclass) for each in _each(kind))


def _is_one(value: Any, kind: Any, operation: str, check: Callable[[Any, Any], bool]) -> bool:
    if isinstance(value, RemoteObject) and isinstance(kind, type) and kind not in DATA:
        answer = value._ask(operation, value, (kind.__module__, kind.__qualname__))
        return answer is True
    return check(value, kind)


def _each(kind: Any) -> Iterator[Any]:
    if isinstance(kind, tuple):
        for each in kind:
            yield from _each(each)
    else:
        yield kind


def asking_for_types(tree: ast.Module) -> ast.Module:
    """A test's code, changed so that `type(x)` and `x.__class__` know classes of the notebook."""
    changed: ast.Module = _AskForTypes().visit(tree)
    return changed


class _AskForTypes(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name("type"), args=[value], keywords=[]) if not isinstance(
                value, ast.Starred
            ):
                return _type_of(value, node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr == "__class__" and isinstance(node.ctx, ast.Load):
            return _type_of(node.value, node)
        return node


def _type_of(value: ast.expr, where: ast.expr) -> ast.expr:
    function = ast.copy_location(ast.Name(TYPE_OF, ast.Load()), where)
    return ast.copy_location(ast.Call(function, [value], []), where)
