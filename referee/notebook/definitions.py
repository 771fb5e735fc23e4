"""The imports, definitions and values of a cell: what others may use of it.

What is found is kept: a master's cells are read once, for all submissions.
"""

import ast
import builtins
import posixpath
import symtable
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain

from IPython.core.inputtransformer2 import TransformerManager

from referee.notebook.syntax import syntax_tree

IMPORTS = (ast.Import, ast.ImportFrom)
ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# Methods of classes of Python's that give instances of a class which inherits from them.
OF_FLAGS = dict.fromkeys(
    (
        *(f"__{side}{name}__" for name in ("and", "or", "xor") for side in ("", "r")),
        *("__invert__", "__contains__"),
    )
)
OF_ENUMS = {"Enum": None}
INHERITED = {
    **{"Enum": OF_ENUMS, "IntEnum": OF_ENUMS, "StrEnum": OF_ENUMS},
    **{"Flag": OF_FLAGS | OF_ENUMS, "IntFlag": OF_FLAGS | OF_ENUMS},
}
ORDERS = ("__lt__", "__le__", "__gt__", "__ge__")
# Classes that hold no data, or just what they are called with.
OF_NO_DATA = ("object", "ABC", "Generic", "Protocol", "NamedTuple")
MAKERS_OF_CLASSES = ("namedtuple", "make_dataclass", "NamedTuple")
KEPT = 1000  # cells
# Functions and methods that write to a file which they are given by its name.
WRITING = {
    *("save", "savez", "savez_compressed", "savetxt", "to_csv", "to_json", "to_html", "to_xml"),
    *("write_text", "write_bytes"),
}
CHANGES = (  # methods that change a container
    *("append", "extend", "insert", "add", "update", "setdefault", "clear", "pop", "popitem"),
    *("remove", "discard", "sort", "reverse", "appendleft", "extendleft", "popleft", "rotate"),
    *("subtract", "move_to_end", "fill", "resize"),
)
COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")  # as the symbol table calls them


def imports_in(source: str) -> str:
    """The imports on the top level of a cell, also those under `try`, `with` or `if`, as code.

    Of a `try` its parts stay, for one import may be the other's substitute. Empty if there is none,
    or if it is no Python.
    """
    return "\n".join(map(ast.unparse, _imports(_statements(source))))


@lru_cache(KEPT)
def definitions_in(source: str) -> str:
    """The imports of a cell, and the functions and classes that it defines, as code."""
    kinds = (*IMPORTS, *DEFINITIONS)
    found = (statement for statement in _statements(source) if isinstance(statement, kinds))
    return "\n".join(map(ast.unparse, found))


def values_in(source: str, wanted: Iterable[str]) -> str:
    """The assignments of a cell that these names have their values from, as code.

    With them come the assignments of what they are made of.
    """
    names, found = set(wanted), []
    for statement in reversed(_statements(source)):
        if not isinstance(statement, ASSIGNMENTS):
            continue
        used = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        if names & {node.id for node in used if isinstance(node.ctx, ast.Store)}:
            names |= {node.id for node in used}
            found.append(ast.unparse(statement))
    return "\n".join(reversed(found))


def defined_in(source: str) -> tuple[str, ...]:
    """The names of the functions and classes that a cell defines on its top level.

    With them are the names of Python's own that it gives another value (`abs = lambda x: ...`).
    """
    found = (each.name for each in _statements(source) if isinstance(each, DEFINITIONS))
    return tuple(dict.fromkeys((*found, *_of_python_given_values_in(source))))


def _of_python_given_values_in(source: str) -> list[str]:
    try:
        symbols = symtable.symtable(as_python(source), "cell", "exec").get_symbols()
    except (SyntaxError, ValueError):
        return []
    names = sorted(symbol.get_name() for symbol in symbols if symbol.is_assigned())
    return [name for name in names if hasattr(builtins, name) and not name.startswith("_")]


@lru_cache(KEPT)
def names_used_in(source: str) -> list[tuple[set[str], set[str]]]:
    """Of each statement of a cell: the names that it binds, and those that it uses anywhere."""
    found = []
    for statement in _statements(source):
        if isinstance(statement, DEFINITIONS):
            bound = {statement.name}
        else:
            bound = _names(statement, ast.Store)
        used = _names(statement, ast.Load)
        changed = (each.target for each in ast.walk(statement) if isinstance(each, ast.AugAssign))
        used |= {target.id for target in changed if isinstance(target, ast.Name)}
        found.append((bound, used))
    return found


@lru_cache(KEPT)
def needs_of(source: str) -> frozenset[str]:
    """The global names that a cell uses, be it in a function, before it has bound them itself."""
    try:
        left = [symtable.symtable(as_python(source), "cell", "exec")]
    except (SyntaxError, ValueError):
        return frozenset()
    used_as_globals = {symbol.get_name() for symbol in left[0].get_symbols()}
    while left:
        table = left.pop()
        used_as_globals |= {each.get_name() for each in table.get_symbols() if each.is_global()}
        left += table.get_children()
    needed, bound = set[str](), set[str]()
    for statement, (binds, uses) in zip(_statements(source), names_used_in(source), strict=True):
        if isinstance(statement, ast.For | ast.AsyncFor):
            bound |= _names(statement.target, ast.Store)
        needed |= uses - bound
        bound |= binds
    return frozenset(needed & used_as_globals)


def _names(statement: ast.AST, context: type[ast.expr_context]) -> set[str]:
    nodes = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, context)}


def classes_in(source: str) -> tuple[str, ...]:
    """The names of the classes that a cell defines on its top level.

    Also by a call, or by another name: `Point = namedtuple("Point", "x y")`, `V = Vec`.
    """
    found: dict[str, None] = {}
    for step in _statements(source):
        match step:
            case ast.ClassDef(name=name):
                found[name] = None
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)) if (
                other in found
            ):
                found[name] = None
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)) if (
                _last_name(function) in MAKERS_OF_CLASSES
            ):
                found[name] = None
    return tuple(found)


def methods_in(source: str) -> tuple[tuple[str, str], ...]:
    """The classes that a cell defines on its top level, with each of their methods.

    Those of a class of the same cell that it inherits from are among them, the comparisons that a
    decorator adds, and the operators of flags. `object` is where it inherits from nothing else,
    `Enum` of an enumeration, and `__new__` also where a metaclass or an unknown decorator may
    decide what a call of the class gives.
    """
    methods: dict[str, dict[str, None]] = {}
    for step in _statements(source):
        match step:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)) if (
                other in methods
            ):
                methods[name] = methods[other]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)) if (
                _last_name(function) in MAKERS_OF_CLASSES
            ):
                methods[name] = {"object": None}
        if isinstance(step, ast.ClassDef):
            bases = [_last_name(base) for base in step.bases if not isinstance(base, ast.Subscript)]
            inherited = [methods.get(base, INHERITED.get(base, {})) for base in bases]
            own = [name for part in step.body for name in _bound_in_class(part)]
            added = [name for each in step.decorator_list for name in _added_by(each)]
            metaclasses = [_last_name(each.value) for each in step.keywords]
            added += ["__new__" for name in metaclasses if name != "ABCMeta"]
            methods[step.name] = dict.fromkeys([*own, *added, *chain.from_iterable(inherited)])
            if not all("object" in methods.get(base, base) or base in OF_NO_DATA for base in bases):
                methods[step.name].pop("object", None)
            else:
                methods[step.name]["object"] = None
    return tuple((name, method) for name, found in methods.items() for method in found)


def _added_by(decorator: ast.expr) -> list[str]:
    """The comparisons and the hash that a decorator adds to a class."""
    name = _last_name(decorator.func if isinstance(decorator, ast.Call) else decorator)
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    said = {each.arg for each in keywords}
    if name == "total_ordering":
        return list(ORDERS)
    if name != "dataclass":
        return ["__new__"]
    hashes = ["__hash__"] if said & {"frozen", "unsafe_hash"} else []
    return ["__eq__", *(ORDERS if "order" in said else ()), *hashes]


def _last_name(expression: ast.expr) -> str:
    return ast.unparse(expression).rpartition(".")[2]


def _bound_in_class(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def modules_in(source: str) -> list[str]:
    """The names of the modules that a cell imports, anywhere in it."""
    found = []
    for statement in _statements(source):
        for node in ast.walk(statement):
            match node:
                case ast.Import(names=names):
                    found += [alias.name for alias in names]
                case ast.ImportFrom(module=str(module), level=0):
                    found.append(module)
    return found


@lru_cache(KEPT)
def globals_read_in(source: str) -> tuple[str, ...]:
    """The global names that functions of a cell use, methods and lambdas among them."""
    return _used_by_functions(source, lambda name: name.is_referenced() or name.is_assigned())


@lru_cache(KEPT)
def globals_written_in(source: str) -> tuple[str, ...]:
    """Those that functions of a cell give values to."""
    return _used_by_functions(source, symtable.Symbol.is_assigned)


@lru_cache(KEPT)
def globals_changed_in(source: str) -> tuple[str, ...]:
    """Those that functions of a cell give values to, or whose values they change in place."""
    read = set(globals_read_in(source))
    bodies = chain.from_iterable(map(ast.walk, _functions_in(source)))
    in_place = {name for name in map(changed_by, bodies) if name in read}
    return tuple(sorted(in_place.union(globals_written_in(source))))


def changed_by(node: ast.AST) -> str | None:
    """The name whose value a piece of code changes without giving the name another one."""
    match node:
        case ast.Call(func=ast.Attribute(value=changed, attr=method)) if method in CHANGES:
            pass
        case ast.Subscript(value=changed, ctx=ast.Store() | ast.Del()):
            pass
        case _:
            return None
    while isinstance(changed, ast.Attribute | ast.Subscript):
        changed = changed.value
    return changed.id if isinstance(changed, ast.Name) else None


def _functions_in(source: str) -> list[ast.AST]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    nodes = chain.from_iterable(map(ast.walk, _statements(source)))
    return [node for node in nodes if isinstance(node, kinds)]


@lru_cache(KEPT)
def files_written_in(source: str) -> tuple[str, ...]:
    """The files that a cell writes to by their relative names, as far as the names stand there."""
    found = []
    for statement in _statements(source):
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Name("open"), args=[ast.Constant(str(name)), *modes]):
                    modes += [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
                    mode = modes[0].value if modes and isinstance(modes[0], ast.Constant) else "r"
                    found += [name] if set(str(mode)) & set("wax+") else []
                case ast.Call(
                    func=ast.Attribute(ast.Call(args=[ast.Constant(str(name))]), attr=attribute)
                ) if attribute in WRITING and attribute.startswith("write_"):
                    found.append(name)
                case ast.Call(
                    func=ast.Attribute(attr=attribute) | ast.Name(id=attribute),
                    args=[ast.Constant(str(name)), *_],
                ) if attribute in WRITING and not attribute.startswith("write_"):
                    found.append(name)
    return tuple(dict.fromkeys(map(posixpath.normpath, found)))


def _used_by_functions(source: str, how: Callable[[symtable.Symbol], bool]) -> tuple[str, ...]:
    try:
        table = symtable.symtable(as_python(source), "cell", "exec")
    except (SyntaxError, ValueError):
        return ()
    return tuple(sorted(set(_used_below(table, how, in_function=False))))


def _used_below(
    table: symtable.SymbolTable, how: Callable[[symtable.Symbol], bool], *, in_function: bool
) -> Iterator[str]:
    if in_function:
        for symbol in table.get_symbols():
            if symbol.is_global() and how(symbol):
                yield symbol.get_name()
    for inner in table.get_children():
        is_function = inner.get_type() == "function" and inner.get_name() not in COMPREHENSIONS
        yield from _used_below(inner, how, in_function=in_function or is_function)


@lru_cache(KEPT)
def as_python(source: str) -> str:
    """The Python that IPython makes of a cell.

    Raises:
        SyntaxError: it makes none.

    """
    return TransformerManager().transform_cell(source)


@lru_cache(1)  # several questions about a source follow each other
def nodes_in(source: str) -> tuple[ast.AST, ...]:
    """All nodes of a source in Python.

    Raises:
        SyntaxError, ValueError: it is none.

    """
    return tuple(ast.walk(syntax_tree(source)))


@lru_cache(KEPT)
def _statements(source: str) -> list[ast.stmt]:
    try:
        return syntax_tree(as_python(source)).body
    except (SyntaxError, ValueError):
        return []


def _imports(statements: list[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in statements:
        match statement:
            case ast.Import() | ast.ImportFrom():
                found.append(statement)
            case ast.Try() if any(isinstance(node, IMPORTS) for node in ast.walk(statement)):
                found.append(_pruned(statement))
            case ast.With(body=body) | ast.If(body=body, orelse=[]):
                found += _imports(body)
            case ast.If(body=body, orelse=others):
                found += _imports([*body, *others])
    return found


def _pruned(statement: ast.Try) -> ast.stmt:
    """A `try` with its imports only."""
    handlers = [
        ast.ExceptHandler(handler.type, None, _imports(handler.body) or [ast.Pass()])
        for handler in statement.handlers
    ]
    return ast.Try(
        body=_imports(statement.body) or [ast.Pass()],
        handlers=handlers,
        orelse=_imports(statement.orelse),
        finalbody=_imports(statement.finalbody) or ([] if handlers else [ast.Pass()]),
    )
