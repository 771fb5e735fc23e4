"""Python's own functions as the code of tests has them, where a notebook is in two processes.

`dir()` knows the names of the student's notebook, too, and `isinstance`, `issubclass`, `type` and
`hasattr` its objects and classes.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Iterator
from enum import EnumMeta
from typing import Any

from referee.boundary.python_types import TYPES
from referee.judge.exceptions import STANDS_FOR, linked_to
from referee.judge.expected import functions as functions_of_expected
from referee.judge.guards import Guard, current_guard
from referee.judge.instances import Instance, asked_of, is_there
from referee.judge.lookups import attribute_functions, formats, watch_libraries
from referee.judge.objects import RemoteObject
from referee.judge.places import ask, place_of, stood_for
from referee.judge.plots import share_pyplot
from referee.judge.subclasses import super_of

# What `type(x)`, `x.__class__`, `x.format`, `error.__cause__` and the like are in tests.
TYPE_OF, CLASS_OF, FORMAT, FORMAT_MAP = "@type_of", "@class_of", "@format", "@format_map"
CAUSE, CONTEXT = "@cause", "@context"
ATTRIBUTES = {"__class__": CLASS_OF, "format": FORMAT, "format_map": FORMAT_MAP}
ATTRIBUTES |= {"__cause__": CAUSE, "__context__": CONTEXT}
AS_EQUALITY: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Is: ast.Eq, ast.IsNot: ast.NotEq}
OWN = {"__main__", "referee"}  # modules that a text does not choose
DATA = (bool, int, float, complex, str, bytes, list, tuple, dict, set)  # which are no objects there


class _Builtins(dict[str, Any]):
    """Python's functions as they are when they are used, for a test may replace one; and ours."""

    def __missing__(self, name: str) -> Any:
        """Look the name up among Python's."""
        return vars(builtins)[name]


def functions_for(
    own: dict[str, Any],
    others: Callable[[], set[str]],
    module_of_notebook: Callable[[str, bool], Any],
) -> dict[str, Any]:
    """Python's functions for the code of a test, whose global names are these and others.

    `module_of_notebook` gives a module that lies beside the student's notebook, or the package that
    it is in, or raises.
    """

    def import_(
        name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        try:
            # A library's code in C gives a list, where a statement gives a tuple.
            by_library = fromlist == [] and name.partition(".")[0] in sys.modules.keys() - OWN
            if (guard := Guard.current) is not None and not by_library:
                guard.hear_of_import(name)
            module = builtins.__import__(name, globals, locals, fromlist, level)
            share_pyplot()
            watch_libraries(current_guard)
            return module
        except ModuleNotFoundError as error:
            if error.name != name.partition(".")[0]:
                raise
            try:
                return module_of_notebook(name, not fromlist)
            except Exception:
                raise error from None

    def names_in(*objects: Any) -> list[str]:
        if objects:
            return dir(*objects)
        local = sys._getframe(1).f_locals
        return sorted({*own, *others()} if local is own else local)

    return _Builtins(
        {
            "__import__": import_,  # which Python looks for without `__missing__`
            "dir": names_in,
            "isinstance": is_instance,
            "issubclass": is_subclass,
            "hasattr": has_attribute,
            "super": super_of,
            TYPE_OF: type_of,
            CLASS_OF: class_of,
            CAUSE: lambda error: linked_to(error, "__cause__"),
            CONTEXT: lambda error: linked_to(error, "__context__"),
            FORMAT: lambda value: formats(value, "format", current_guard),
            FORMAT_MAP: lambda value: formats(value, "format_map", current_guard),
            **attribute_functions(current_guard),
            **functions_of_expected(),
        }
    )


def type_of(value: Any) -> Any:
    """What `type(value)` is. The class of an object of the notebook is there, too."""
    if isinstance(value, Instance):
        return asked_of(value, "type", value)
    if not isinstance(value, RemoteObject):
        return vars(type(value)).get(STANDS_FOR) or type(value)
    known = TYPES.get(place_of(value).type_name)
    if known is type or known is None:  # a class can be of another class, as an object is
        return ask(value, "type", value)
    return known


def class_of(value: Any) -> Any:
    """What `value.__class__` is."""
    of_notebook = isinstance(value, RemoteObject | Instance) or hasattr(type(value), STANDS_FOR)
    return type_of(value) if of_notebook else value.__class__


def has_attribute(value: Any, name: str) -> bool:
    """Whether a value has an attribute; a remote object has those of Python's own for itself."""
    if not isinstance(value, RemoteObject):
        return hasattr(value, name)
    try:
        ask(value, "getattr", value, name)
    except AttributeError:
        return False
    return True


def is_instance(value: Any, kind: Any) -> bool:
    """Whether a value is an instance of a class, or of one of several."""
    if type(kind) is type and not isinstance(value, RemoteObject | Instance):  # as nearly always
        return isinstance(value, kind)
    return any(_is_one(value, each, "isinstance", isinstance) for each in _each(kind))


def is_subclass(value: Any, kind: Any) -> bool:
    """Whether a class is a subclass of another, or of one of several."""
    return any(_is_one(value, each, "issubclass", issubclass) for each in _each(kind))


def _is_one(value: Any, kind: Any, operation: str, check: Callable[[Any, Any], bool]) -> bool:
    if isinstance(value, RemoteObject):
        kind = stood_for(kind)
    if isinstance(value, RemoteObject) and isinstance(kind, type) and kind not in DATA:
        is_students = isinstance(kind, RemoteObject)
        named = kind if is_students else (kind.__module__, kind.__qualname__)
        answer = ask(value, operation, value, named)
        return answer is True
    if check(value, kind):
        return True
    if isinstance(value, Instance) and isinstance(kind, type) and kind not in DATA:
        named = kind.__module__, kind.__qualname__
        is_known = isinstance(kind, EnumMeta) or is_there(value)
        return is_known and asked_of(value, operation, value, named) is True
    return False


def _each(kind: Any) -> Iterator[Any]:
    if isinstance(kind, tuple):
        for each in kind:
            yield from _each(each)
    else:
        yield kind


def asking_us(tree: ast.Module) -> ast.Module:
    """A test's code, changed so that `type(x)` and `x.__class__` know classes of the notebook.

    And so that formatting a text tells the guard what of a value this takes.
    """
    changed: ast.Module = _AskUs().visit(tree)
    return changed


class _AskUs(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name("type"), args=[value], keywords=[]) if not isinstance(
                value, ast.Starred
            ):
                return _asked(TYPE_OF, value, node)
            case ast.Call(func=ast.Name("map"), args=[ast.Name("type") as function, _]):
                node.args[0] = ast.copy_location(ast.Name(TYPE_OF, ast.Load()), function)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """A class is equal to that of the notebook for which it stands, and not the same object."""
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        for i, operator in enumerate(node.ops):
            if type(operator) in AS_EQUALITY and any(map(_is_class, sides[i : i + 2])):
                node.ops[i] = AS_EQUALITY[type(operator)]()
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr in ATTRIBUTES and isinstance(node.ctx, ast.Load):
            return _asked(ATTRIBUTES[node.attr], node.value, node)
        return node


def _is_class(node: ast.expr) -> bool:
    """Whether it asks for the class of a value, as it has been changed."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in (TYPE_OF, CLASS_OF)
    return False


def _asked(function: str, value: ast.expr, where: ast.expr) -> ast.expr:
    name = ast.copy_location(ast.Name(function, ast.Load()), where)
    return ast.copy_location(ast.Call(name, [value], []), where)
