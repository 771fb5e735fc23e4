"""What the code of a notebook keeps from one call to the next.

A default that is a list, a counter of a class, a global that a function writes to. It is read from
the source, so not all of it is found.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from referee.judge.names import changed_in_class
from referee.notebook.definitions import CHANGES, DEFINITIONS, WRITING
from referee.notebook.syntax import syntax_tree

MOST = 100_000  # characters of a cell; of a longer one nothing is known
NOT_READABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Nodes = tuple[ast.AST, ...]
# Functions that only look at what they are given.
LOOKS = {
    *("all", "any", "bool", "dict", "enumerate", "float", "frozenset", "int", "isinstance", "len"),
    *("list", "max", "min", "print", "range", "repr", "reversed", "set", "sorted", "str", "sum"),
    *("tuple", "type", "zip"),
}
# Functions whose result has the very items of what they are given, and methods of containers.
SHALLOW = {
    *("list", "tuple", "dict", "sorted", "reversed", "filter", "iter", "zip", "enumerate"),
    *("max", "min", "next", "deque", "OrderedDict", "defaultdict"),
}
GIVES_ITEMS = {"get", "copy", "values", "items", "setdefault"}
# Functions whose result is used up when it is read.
READ_ONCE = {"enumerate", "filter", "iter", "map", "open", "reversed", "zip"}
# What has effects that are there, or takes time, when it runs again.
EFFECTS = {
    *("Path", "connect", "datetime", "input", "open", "os", "perf_counter", "requests", "shutil"),
    *("sleep", "socket", "sqlite3", "subprocess", "tempfile", "time", "timeit", *WRITING),
}
# What a function keeps that remembers its results: it can be seen in nothing but its statistics.
CACHE = "cache_info"
REMEMBERS = {"cache", "lru_cache"}
# A line that is no Python, as far as it matters here: IPython's own way of reading a cell can take
# long for what a student has written.
OF_IPYTHON = re.compile(r"^([ \t]*)([%!].*|\S+\?\??[ \t]*)$", re.MULTILINE)


class KeptState:
    """What the cells that ran in a student's kernel keep, by the names of their top level."""

    def __init__(self) -> None:
        self._uses: dict[str, set[str]] = {}  # what the values of names are made of, or use
        self._changes: dict[str, frozenset[str]] = {}  # what calls of functions can change
        self._methods: set[str] = set()  # that change their object
        # Functions and methods that change what they are given, and to which each hands it on.
        self._takers: set[str] = set()
        self._hand_on: dict[str, frozenset[str]] = {}
        self._generators: set[str] = set()  # functions whose result is used up when it is read
        self._read_once: set[str] = set()
        self._modules: set[str] = set()
        self._shares: set[str] = set()  # functions and classes that give out what they keep

    def meet_cell(self, source: str) -> frozenset[str]:
        """Know a cell that runs in the kernel; return the names that it gives new values."""
        cell = state_in(source)
        self._uses |= cell.uses
        self._generators = (self._generators - cell.uses.keys()) | cell.generators
        read_once = {name for name, by in cell.made_by.items() if by in self._generators}
        self._read_once = (self._read_once - cell.uses.keys()) | cell.read_once | read_once
        self._changes = {
            name: changed for name, changed in self._changes.items() if name not in cell.uses
        } | cell.changes
        self._methods |= cell.methods
        self._modules |= cell.modules
        self._hand_on |= cell.hand_on
        self._shares = (self._shares - cell.uses.keys()) | cell.shares
        self._takers = self._found_takers()
        return frozenset(cell.uses)

    def _found_takers(self) -> set[str]:
        takers, more = {""}, {""}
        while more:
            more = {name for name, to in self._hand_on.items() if to & takers} - takers
            takers |= more
        return takers

    def reached_from(self, names: Iterable[str]) -> frozenset[str]:
        """These names and those that their values are made of, or can use when they are called."""
        reached, left = set[str](), set(names)
        while left:
            name = left.pop()
            reached.add(name)
            left |= self._uses.get(name, set()) - reached
        return frozenset(reached)

    def changed_by(self, test: str, reached: Iterable[str]) -> frozenset[str]:
        """The names of the notebook whose values a test can change, itself or by calls."""
        touched, calls = touched_by_test(test)
        found = set(touched)
        for called, of, given in calls:
            found |= of if called in self._methods else set()
            found |= given if called in self._takers else set()
        known = (found & self._uses.keys()) | self._read_once.intersection(reached)
        return (frozenset(known) | self.changed_by_calls(reached)) - self._modules

    def changed_by_calls(self, reached: Iterable[str]) -> frozenset[str]:
        """The names of the notebook whose values calls of these names can change."""
        by_calls = (self._changes.get(name, frozenset()) for name in reached)
        return frozenset().union(*by_calls) - self._modules

    def may_share(self, used: Set[str], reached: Set[str]) -> bool:
        """Whether a test may have what the notebook keeps, too, and running it again is harmless.

        The test uses some names itself, and has reached others by calls.
        """
        changed = self.changed_by_calls(reached)
        return bool(reached & self._shares or used & changed) and not reached & EFFECTS


@dataclass
class CellState:
    """What one cell keeps.

    `uses` are the names that it binds, with those that each value is made of or uses, `made_by` are
    the functions that have made some values. `changes` are, for functions and classes, the global
    names whose values their calls can change: what one keeps in itself has its own name. `hand_on`
    is, for functions and methods, to which ones they hand on what they are given, the empty name
    if they change it themselves. `read_once` are names of what is used up when it is read.
    """

    uses: dict[str, set[str]] = field(default_factory=dict)
    changes: dict[str, frozenset[str]] = field(default_factory=dict)
    methods: frozenset[str] = frozenset()  # that change their object
    hand_on: dict[str, frozenset[str]] = field(default_factory=dict)
    generators: set[str] = field(default_factory=set)
    read_once: set[str] = field(default_factory=set)
    made_by: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    shares: set[str] = field(
        default_factory=set
    )  # functions and classes that give out what is kept


@lru_cache(1000)
def state_in(source: str) -> CellState:
    """What is read from the source of a cell; of what is no Python, nothing."""
    cell = CellState()
    for statement in _statements(source):
        names, used = _names_of(statement)
        cell.uses |= dict.fromkeys(names, used)
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                cell.changes[statement.name] = frozenset(_changed_by(statement))
                cell.generators |= names if _is_generator(statement) else set()
                cell.shares |= names if _gives_out(statement) else set()
            case ast.Assign(value=ast.GeneratorExp()):
                cell.read_once |= names
            case ast.Assign(value=ast.Call(func=ast.Name(id=name))):
                cell.read_once |= names if name in READ_ONCE else set()
                cell.made_by |= dict.fromkeys(names, name)
            case ast.Import() | ast.ImportFrom():
                imported = (alias.asname or alias.name for alias in statement.names)
                cell.modules |= {name.partition(".")[0] for name in imported}
    cell.methods = _methods_that_change(source)
    cell.hand_on = _handed_on_in(source)
    return cell


def _methods_that_change(source: str) -> frozenset[str]:
    """The methods of the classes of a cell that change what `self` has."""
    classes = [step for step in _statements(source) if isinstance(step, ast.ClassDef)]
    methods = [step for each in classes for step in each.body if isinstance(step, FUNCTIONS)]
    return frozenset(each.name for each in methods if _first_of(each) in _touched(_nodes_of(each)))


def _handed_on_in(source: str) -> dict[str, frozenset[str]]:
    nodes = chain.from_iterable(map(ast.walk, _statements(source)))
    return {each.name: frozenset(_handed_to(each)) for each in nodes if isinstance(each, FUNCTIONS)}


def _handed_to(function: Function) -> Iterator[str]:
    nodes, arguments = _nodes_of(function), function.args
    names = {each.arg for each in (*arguments.args, *arguments.posonlyargs, *arguments.kwonlyargs)}
    names.discard("self")
    if names & (_touched(nodes) | _added_to(nodes)):
        yield ""
    for called, _, given in _calls_in(nodes):
        if given & names:
            yield called


def _changed_by(definition: Definition) -> Iterator[str]:
    steps = definition.body if isinstance(definition, ast.ClassDef) else [definition]
    for function in steps:
        if not isinstance(function, FUNCTIONS):
            continue
        nodes = _nodes_of(function)
        yield from _globals_changed(nodes)
        if _keeps_a_default(nodes) or _keeps_in_a_closure(function, nodes):
            yield definition.name
        if any(_called(each) in REMEMBERS for each in function.decorator_list):
            yield CACHE
    if isinstance(definition, ast.ClassDef) and any(changed_in_class(definition)):
        yield definition.name


def _called(decorator: ast.expr) -> str:
    """The last name of a decorator: `lru_cache` of `functools.lru_cache(maxsize=9)`."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _globals_changed(nodes: Nodes) -> Iterator[str]:
    """Those whose values a function changes, by all that is in it."""
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    bound, touched = _bound_by(nodes), _touched(nodes)
    yield from declared & (bound | touched)
    yield from touched - bound


def _keeps_a_default(nodes: Nodes) -> bool:
    """Whether one of the functions changes a default, or hands it on to where it can be changed."""
    defaults = {name for node in nodes if isinstance(node, FUNCTIONS) for name in _mutable(node)}
    return bool(defaults) and bool(defaults & (_touched(nodes) | _handed_on(nodes)))


def _mutable(function: Function) -> Iterator[str]:
    """The arguments of a function with defaults that can be changed."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    first = len(positional) - len(arguments.defaults)
    for argument, value in (
        *zip(positional[first:], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ):
        match value:
            case ast.List() | ast.Dict() | ast.Set() | ast.Call(func=ast.Name()):
                yield argument.arg


def _handed_on(nodes: Nodes) -> set[str]:
    """The names whose values are returned, given other names or to functions, or added to."""
    found = _added_to(nodes)
    for called, of, given in _calls_in(nodes):
        found |= given if called not in LOOKS and not of else set()
    for node in nodes:
        match node:
            case (
                ast.Return(value=ast.Name(id=name))
                | ast.Yield(value=ast.Name(id=name))
                | ast.Assign(value=ast.Name(id=name))
            ):
                found.add(name)
    return found


def _added_to(nodes: Nodes) -> set[str]:
    added = (node.target for node in nodes if isinstance(node, ast.AugAssign))
    return {target.id for target in added if isinstance(target, ast.Name)}


def _calls_in(nodes: Nodes) -> Iterator[tuple[str, set[str], set[str]]]:
    """The calls of functions and methods; see touched_by_test."""
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)):
                of = _base_of(node.func.value) if isinstance(node.func, ast.Attribute) else set()
                values = (*node.args, *(keyword.value for keyword in node.keywords))
                yield called, of, {value.id for value in values if isinstance(value, ast.Name)}


def _gives_out(definition: Definition) -> bool:
    """Whether a function in it returns what it does not make anew, or goes on changing it."""
    functions = (node for node in ast.walk(definition) if isinstance(node, FUNCTIONS))
    return any(map(_returns_kept, functions))


def _returns_kept(function: Function) -> bool:
    nodes = _nodes_of(function)
    bound, touched = _bound_by(nodes), _touched(nodes)
    kept = set(_mutable(function))

    def is_kept(value: ast.expr | None) -> bool:
        match value:
            case ast.Name(id=name):
                return name in kept or name not in bound
            case (
                ast.Tuple(elts=parts)
                | ast.List(elts=parts)
                | ast.BoolOp(values=parts)
                | ast.Dict(values=parts)
            ):
                return any(map(is_kept, parts))
            case ast.IfExp(body=one, orelse=other):
                return is_kept(one) or is_kept(other)
            case ast.Starred(value=whole):
                return is_kept(whole)
            case ast.Call():
                return any(map(is_kept, _copied_by(value)))
            case (
                ast.ListComp(elt=ast.Name(id=name), generators=loops)
                | ast.GeneratorExp(elt=ast.Name(id=name), generators=loops)
                | ast.DictComp(value=ast.Name(id=name), generators=loops)
            ):
                of_name = (each for each in loops if name in _bound_by(_nodes_of(each.target)))
                return any(is_kept(each.iter) for each in of_name)
        is_part = isinstance(value, ast.Attribute | ast.Subscript)
        while isinstance(value, ast.Attribute | ast.Subscript):
            if isinstance(value, ast.Attribute):
                return True
            value = value.value
        return is_part and is_kept(value)

    for node in nodes:
        if isinstance(node, ast.Assign) and is_kept(node.value):
            kept |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in nodes:
        match node:
            case ast.Return(value=value) if is_kept(value):
                return True
            case ast.Yield(value=ast.Name(id=name)) if name in touched:
                return True
            case ast.Yield(value=value) if is_kept(value):
                return True
    return False


def _copied_by(call: ast.Call) -> list[ast.expr]:
    """What a call may give back, or the items of it: `list(rows)` has the rows themselves."""
    match call.func:
        case ast.Name(id=name) if name in SHALLOW:
            return call.args
        case ast.Attribute(value=ast.Name("copy"), attr="copy"):
            return call.args
        case ast.Attribute(value=whole, attr=method) if method in GIVES_ITEMS:
            return [whole]
    return []


def _is_generator(definition: Definition) -> bool:
    yields = (ast.Yield, ast.YieldFrom)
    return isinstance(definition, FUNCTIONS) and any(
        isinstance(node, yields) for node in ast.walk(definition)
    )


def _keeps_in_a_closure(function: Function, nodes: Nodes) -> bool:
    """Whether a function in it changes what the outer one has, and lives on when that has ended."""
    inner = [node for node in nodes if isinstance(node, FUNCTIONS) and node is not function]
    return any(map(_changes_outer, inner)) and _is_passed_on({each.name for each in inner}, nodes)


def _changes_outer(inner: Function) -> bool:
    nodes = _nodes_of(inner)
    return any(isinstance(node, ast.Nonlocal) for node in nodes) or bool(
        _touched(nodes) - _bound_by(nodes)
    )


def _is_passed_on(functions: set[str], nodes: Nodes) -> bool:
    """Whether one of these is used otherwise than to call it."""
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return any(
        isinstance(node, ast.Name) and node.id in functions and id(node) not in called
        for node in nodes
    )


def _bound_by(nodes: Nodes) -> set[str]:
    """The names that code gives values to, also as arguments."""
    found = set[str]()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                found.add(name)
            case ast.alias(name=name, asname=other):
                found.add(other or name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.add(name)
    return found


Calls = list[tuple[str, set[str], set[str]]]


@lru_cache(1000)
def touched_by_test(source: str) -> tuple[frozenset[str], Calls]:
    """The names whose values a test changes, and its calls of functions and methods.

    Of a call: the name of what is called, the object whose method it is, and the names whose values
    it is given.
    """
    statements = _statements(source)
    match statements:
        case [*before, ast.Expr(value)]:  # which is there to be shown
            statements = [*before, ast.Expr(ast.Tuple([value], ast.Load()))]
    nodes = tuple(chain.from_iterable(map(ast.walk, statements)))
    return frozenset(_touched(nodes)), list(_calls_in(nodes))


def _touched(nodes: Nodes) -> set[str]:
    """The names whose values code changes without giving the names others."""
    found = set[str]()
    for node in nodes:
        match node:
            case ast.Expr(ast.Call(func=ast.Attribute(value=value))):  # for its effect
                found |= _base_of(value)
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in CHANGES:
                found |= _base_of(value)
            case ast.Call(func=ast.Name("next"), args=[value, *_]):
                found |= _base_of(value)
            case (
                ast.Subscript(value=value, ctx=ast.Store() | ast.Del())
                | ast.Attribute(value=value, ctx=ast.Store() | ast.Del())
            ):
                found |= _base_of(value)
    return found


def _base_of(value: ast.expr) -> set[str]:
    while isinstance(value, ast.Attribute | ast.Subscript):
        value = value.value
    return {value.id} if isinstance(value, ast.Name) else set()


def _nodes_of(tree: ast.AST) -> Nodes:
    return tuple(ast.walk(tree))


def _first_of(method: Function) -> str:
    return method.args.args[0].arg if method.args.args else ""


def _names_of(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """The names that a statement of the top level binds, and those that it uses."""
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    attributes = (node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute))
    used |= WRITING.intersection(attributes)
    if isinstance(statement, DEFINITIONS):
        return {statement.name}, used
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    changed = isinstance(statement, ast.AugAssign)  # it is made of what it was
    return bound, used | bound if changed else used


@lru_cache(1000)
def _statements(source: str) -> list[ast.stmt]:
    for readable in (source, OF_IPYTHON.sub(r"\1pass", source)) if len(source) <= MOST else ():
        with suppress(*NOT_READABLE):
            return syntax_tree(readable).body
    return []
