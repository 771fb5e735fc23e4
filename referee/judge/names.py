"""Where the code of test cells and provided cells finds its names, and whose a name is.

Whose a name is, is a property of the master: of what its cells before a test bind, whether or not
they succeed. The last one of them counts, in the order of the notebook:

=============================================  ================================================
a name was last bound by                       a test finds
=============================================  ================================================
the same test, further up                      the test's value
an earlier test cell                           its value, or `Unprepared` if that cell has failed
                                               before it was complete
a provided cell that defines it                the instructor's
a provided cell that computes it               what the kernel has, or an older value of a test
a solution cell, as students get it            the student's, or an older value of the instructor
a test cell, then an open solution cell        the student's, or the test's
nobody                                         the student's
=============================================  ================================================

"Binds" means outside of functions: assignments, loops, imports, definitions and all else that gives
a global name a value. "Defines" is an import, a function, a class, a `lambda`, or a CONSTANT: what
can be had without the student's code. What cannot be executed without it is computed.

A solution cell is open if students write on its top level: it can bind any name, and what the
master's own solution binds there is not known here. What tests import and define stays the
instructor's even so, and an import in a solution cell takes no name away.
"""

import ast
import builtins
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import chain
from types import CodeType
from typing import TYPE_CHECKING, Any

from referee.judge.asserts import is_operand
from referee.judge.python import asking_us
from referee.notebook.definitions import CHANGES, as_python, changed_by, nodes_in
from referee.notebook.syntax import syntax_tree

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_keys, dict_values


class TestNamespace(dict[str, Any]):
    """Global names of the instructor's code; what it does not define is looked up when used.

    A test that asks for its `globals()` gets this, without the operands of asserts.
    """

    __test__ = False  # it is no test of pytest's

    def __init__(
        self,
        look_up: Callable[[str], Any],
        on_set: Callable[[str, Any], None] | None = None,
        on_delete: Callable[[str], bool] | None = None,
        others: Callable[[], set[str]] | None = None,
    ) -> None:
        super().__init__(__name__="__main__")
        self._look_up = look_up
        self._on_set = on_set  # hears of names that are given values
        self._others = others  # the names that it has beside these
        self._on_delete = on_delete  # says of a name whether it was somebody else's, and is gone

    def __setitem__(self, name: str, value: Any) -> None:
        """Give a name a value."""
        super().__setitem__(name, value)
        if self._on_set is not None:
            self._on_set(name, value)

    def __delitem__(self, name: str) -> None:
        """Take a name away."""
        was_others = self._on_delete is not None and self._on_delete(name)
        if dict.__contains__(self, name) or not was_others:
            super().__delitem__(name)

    def __missing__(self, name: str) -> Any:
        """Look the name up."""
        return self._look_up(name)

    def __contains__(self, name: object) -> bool:
        """Whether there is such a name, be it the student's."""
        return dict.__contains__(self, name) or (
            self._others is not None and name in self._others()
        )

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, be it the student's."""
        try:
            return self[name]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        """The names that the code has defined by now."""
        return iter([name for name in dict.__iter__(self) if not is_operand(name)])

    def __len__(self) -> int:
        """How many names these are."""
        return sum(1 for _ in self)

    def own(self, name: str) -> Any:
        """What the code itself has defined under a name, or None."""
        return dict.get(self, name)

    def copy(self) -> dict[str, Any]:
        """A dictionary of the names and values, as they are now; the student's are there, too."""
        copied = TestNamespace(self._look_up, others=self._others)
        copied.update(self._now())
        return copied

    # As they are now: the operands of asserts come and go while a test iterates over them.
    def keys(self) -> "dict_keys[str, Any]":
        """The names."""
        return self._now().keys()

    def values(self) -> "dict_values[str, Any]":
        """The values."""
        return self._now().values()

    def items(self) -> "dict_items[str, Any]":
        """The names with their values."""
        return self._now().items()

    def __repr__(self) -> str:
        """It as a dictionary."""
        return repr(self._now())

    def _now(self) -> dict[str, Any]:
        return {name: self[name] for name in self}

    def forget_operands(self) -> None:
        """Let go of what asserts have left behind."""
        for name in [name for name in dict.__iter__(self) if is_operand(name)]:
            del self[name]


class Unprepared(NameError):  # noqa: N818 - it is said to a student, and no error of ours
    """A test uses a name that another cell should have given a value, and has not."""


class Binding(Enum):
    """How a cell gives a name its value."""

    IMPORT = "import"
    DEFINITION = "definition"  # of a function or a class
    VALUE = "value"
    DELETION = "deletion"


CHANGED_BY_RUNNING = (Binding.VALUE, Binding.DELETION)
FILLS = ("append", "extend", "insert", "add", "update", "setdefault")  # methods of containers


class Owners:
    """Whose each name is, by the cells of the master that were met so far."""

    def __init__(self) -> None:
        self._instructors: dict[str, Binding] = {}
        self._kernels: set[str] = set()  # given to the kernel by a cell of the master
        self.met_open_cell = False
        # Globals that functions of the master's use, and those that they give values to.
        self.read_by_functions: set[str] = set()
        self.written_by_functions: set[str] = set()
        self.changed_by_functions: set[str] = set()  # these, and those changed in place
        # What is used for the values of names; under "" is what functions without a name use.
        self._uses: dict[str, set[str]] = {"": set()}
        self.in_notebook: set[str] = set()  # bound by cells of the master that students have
        self.imported: set[str] = set()  # of these, by an import

    def is_instructors(self, name: str) -> bool:
        """Whether the value must come from the instructor's cells."""
        return name in self._instructors

    def is_pythons(self, name: str) -> bool:
        """Whether a name that no instructor's cell binds is one of Python's own."""
        is_builtin = hasattr(builtins, name) and name not in self._kernels
        return is_builtin or name.startswith("__")

    def is_known(self, name: str) -> bool:
        """Whether a cell of the master has bound it."""
        return name in self._instructors or name in self._kernels

    def meet_definitions(self, bound: Iterable[str], uses: Iterable[str]) -> None:
        """A cell of the master gives names their values, for which it uses these."""
        for name in tuple(bound) or ("",):
            self._uses.setdefault(name, set()).update(uses)

    def read_in_test(self, source: str) -> set[str]:
        """The globals that functions of the master use which a test of this source can call.

        What no cell defines that is known here can call all of them.
        """
        words, called = words_in(source)
        if any(
            name not in self._uses and not self.is_instructors(name) and not self.is_pythons(name)
            for name in called - bindings(source).keys()
        ):
            return self.read_by_functions
        return self.reached_from({"", *words}) & self.read_by_functions

    def may_change_in_test(self, source: str) -> set[str]:
        """The globals that may have other values after a call of a test of this source.

        These are what functions of the master change. What the test changes itself is there for
        them, too, if they read it.
        """
        read = self.read_in_test(source)
        own = changed_in_place(source) - read
        return self.changed_by_functions & (read | self.written_by_functions) - own

    def reached_from(self, names: Iterable[str]) -> set[str]:
        """The names that the values of these are made of, or can use when they are called."""
        reached, left = set[str](), set(names)
        while left:
            new = self._uses.get(left.pop(), set()) - reached
            reached |= new
            left |= new
        return reached

    def may_be_withheld(self, name: str, source: str) -> bool:
        """Whether a test of this source can replace a name, so that the student's code lacks it.

        That is a name which cells of the release import, or one of Python's own.
        """
        is_theirs = name in self.imported or self.is_pythons(name)
        how = bindings(source).get(name, self._instructors.get(name, Binding.IMPORT))
        return is_theirs and how is not Binding.IMPORT and not name.startswith("__")

    def give_to_instructor(self, name: str, how: Binding) -> None:
        """A test or a provided cell binds a name, or should have."""
        self._instructors[name] = how
        self._kernels.discard(name)

    def give_to_kernel(self, names: Iterable[str]) -> None:
        """A cell that runs in the kernel binds names."""
        for name in names:
            self._instructors.pop(name, None)
            self._kernels.add(name)
            self.in_notebook.add(name)

    def meet_solution(self, released: str | None, defines: Iterable[str] = ()) -> list[str]:
        """A solution cell comes next, as students get it; None is one that is not known.

        The master's own `defines` these functions and classes. Returns the names that are the
        instructor's no more.
        """
        bound = dict.fromkeys(defines, Binding.DEFINITION)
        bound |= {} if released is None else bindings(released)
        self.imported.update(name for name, how in bound.items() if how is Binding.IMPORT)
        taken = [
            name
            for name, how in bound.items()
            if how is not Binding.IMPORT or name not in self._instructors
        ]
        if released is None or is_open(released):
            self.met_open_cell = True
            taken += [name for name, how in self._instructors.items() if how is Binding.VALUE]
        self.give_to_kernel(taken)
        return taken


@lru_cache(1000)
def bindings(source: str) -> dict[str, Binding]:
    """The names that a cell gives values to outside of its functions and classes, and how."""
    try:
        tree = syntax_tree(as_python(source))
    except (SyntaxError, ValueError):
        return {}
    return _bound_by(tree)


@lru_cache(1000)
def deletes(source: str) -> frozenset[str]:
    """The names that a cell takes away outside of its functions and classes."""
    try:
        nodes = nodes_in(source)
    except (SyntaxError, ValueError):
        return frozenset()
    deletions = (node for node in nodes if isinstance(node, ast.Delete))
    return frozenset(
        target.id for node in deletions for target in node.targets if isinstance(target, ast.Name)
    )


@lru_cache(1000)
def unfinished(source: str, line: int) -> frozenset[str]:
    """The names whose values a cell would still have made or changed from a line on."""
    try:
        body = syntax_tree(source).body
    except (SyntaxError, ValueError):
        return frozenset()
    found: set[str] = set()
    for statement in body:
        if (statement.end_lineno or 0) < line:
            continue
        found |= {name for name, how in _bound_by(statement).items() if how in CHANGED_BY_RUNNING}
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                    found |= {name} if method in FILLS else set()
                case (
                    ast.Subscript(ctx=ast.Store() | ast.Del())
                    | ast.Attribute(ctx=ast.Store() | ast.Del())
                ):
                    found |= {
                        part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)
                    }
    return frozenset(found)


@lru_cache(1000)
def made_without(source: str, names: frozenset[str]) -> frozenset[str]:
    """The names to which a cell gives values that owe nothing to what these names mean."""
    try:
        body = syntax_tree(as_python(source)).body
    except (SyntaxError, ValueError):
        return frozenset()
    found, owing = set[str](), set(names)
    for statement in body:
        bound = _bound_by(statement).keys()
        used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)} - bound
        if used & owing or bound & names:
            owing |= bound
        else:
            owing -= bound
        found = (found | bound) - owing
    return frozenset(found)


@lru_cache(1000)
def changed_in_place(source: str) -> frozenset[str]:
    """The names whose values a test changes without giving the names others."""
    try:
        nodes = nodes_in(source)
    except (SyntaxError, ValueError):
        return frozenset()
    return frozenset(name for name in map(changed_by, nodes) if name is not None)


@lru_cache(1000)
def attributes_in(source: str) -> frozenset[str]:
    """The names of the attributes that a test uses."""
    try:
        return frozenset(n.attr for n in nodes_in(source) if isinstance(n, ast.Attribute))
    except (SyntaxError, ValueError):
        return frozenset()


@lru_cache(1000)
def changed_in_classes(source: str) -> dict[str, frozenset[str]]:
    """The attributes of each class of a cell that its methods change: of the class, not of `self`.

    They set them, as `Spy.reads += 1` does, or change a container that the class has.
    """
    try:
        classes = [node for node in nodes_in(source) if isinstance(node, ast.ClassDef)]
    except (SyntaxError, ValueError):
        return {}
    return {each.name: frozenset(changed_in_class(each)) for each in classes}


def changed_in_class(definition: ast.ClassDef) -> Iterator[str]:
    """The attributes of one class that its methods change."""
    of_class = {name for step in definition.body for name in _bound_by_assignment(step)}
    of_instance = set(_set_when_made(definition))
    changed = list[str]()
    # One that ends may end here or there, and at any time.
    steps = [step for step in definition.body if getattr(step, "name", "") != "__del__"]
    for node in chain.from_iterable(map(ast.walk, steps)):
        match node:
            case ast.Attribute(value=owner, attr=name, ctx=ast.Store() | ast.Del()):
                if _is_class(owner, definition.name):
                    yield name
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name), attr=method)) if (
                method in CHANGES
            ):
                changed.append(name)
            case ast.Subscript(value=ast.Attribute(attr=name), ctx=ast.Store() | ast.Del()):
                changed.append(name)
    yield from of_class.intersection(changed) - of_instance


def _set_when_made(definition: ast.ClassDef) -> Iterator[str]:
    """The attributes that each instance has of its own, from the beginning.

    What another method sets, as `reset` may, is the class's until then.
    """
    methods = {each.name: each for each in definition.body if isinstance(each, ast.FunctionDef)}
    left, seen = ["__init__", "__new__", "__post_init__"], set[str]()
    while left:
        name = left.pop()
        if name in seen or name not in methods:
            continue
        seen.add(name)
        for node in ast.walk(methods[name]):
            match node:
                case ast.Call(func=ast.Attribute(attr=called)):
                    left.append(called)
                case ast.Attribute(value=owner, attr=set_here, ctx=ast.Store()) if not _is_class(
                    owner, definition.name
                ):
                    yield set_here


def _bound_by_assignment(step: ast.stmt) -> list[str]:
    targets = step.targets if isinstance(step, ast.Assign) else []
    targets += [step.target] if isinstance(step, ast.AnnAssign) and step.value else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_class(owner: ast.expr, class_name: str) -> bool:
    """Whether this is the class in one of its methods, and no instance."""
    match owner:
        case ast.Name(id=name):
            return name in (class_name, "cls")
        case ast.Call(func=ast.Name(id="type"), args=[_]) | ast.Attribute(attr="__class__"):
            return True
    return False


@lru_cache(1000)
def words_in(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a test uses, those in its text too, and the ones that it calls."""
    try:
        nodes = nodes_in(source)
    except (SyntaxError, ValueError):
        return frozenset(), frozenset()
    words, called = set[str](), set[str]()
    for node in nodes:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                words.add(name)
            case ast.Constant(value=str(text)):
                words.update(re.findall(r"\w+", text))
            case ast.Call(func=function):
                while isinstance(function, ast.Attribute | ast.Subscript):
                    function = function.value
                called |= {function.id} if isinstance(function, ast.Name) else set()
    return frozenset(words), frozenset(called)


@lru_cache(1000)
def is_open(released: str) -> bool:
    """Whether students write on the top level of a solution cell, and not in a function only.

    There, nbgrader puts a comment or a statement in the place of the solution.
    """
    try:
        statements = syntax_tree(as_python(released)).body
    except (SyntaxError, ValueError):
        return True
    closed = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return (
        not statements
        or any(line.startswith("#") for line in released.splitlines())
        or not all(isinstance(step, closed) or _is_text(step) for step in statements)
    )


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


class _Bindings(ast.NodeVisitor):
    """Collects what a top level binds."""

    def __init__(self) -> None:
        self.found: dict[str, Binding] = {}

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.found[node.id] = Binding.VALUE
        elif isinstance(node.ctx, ast.Del):
            self.found[node.id] = Binding.DELETION

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        if isinstance(node.value, ast.Lambda):
            names = (target.id for target in node.targets if isinstance(target, ast.Name))
            self.found |= dict.fromkeys(names, Binding.DEFINITION)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if name != "*":
                self.found[name] = Binding.IMPORT

    visit_ImportFrom = visit_Import  # noqa: N815 - as ast calls it

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (*node.decorator_list, node.args):
            self.visit(part)
        self._visit_body(node)
        self.found[node.name] = Binding.DEFINITION

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - as ast calls it

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        self._visit_body(node)
        self.found[node.name] = Binding.DEFINITION

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for part in (node.iter, *node.ifs):  # its own names are not seen outside; `:=` is
            self.visit(part)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.generic_visit(node)
        if node.name:
            self.found[node.name] = Binding.VALUE

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.generic_visit(node)
        if node.name:
            self.found[node.name] = Binding.VALUE

    visit_MatchStar = visit_MatchAs  # noqa: N815 - as ast calls it

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self.found[node.rest] = Binding.VALUE

    def _visit_body(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        """What a function or a class binds is its own, but for what it calls global."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                self.found |= dict.fromkeys(inner.names, Binding.VALUE)


def _bound_by(node: ast.AST) -> dict[str, Binding]:
    visitor = _Bindings()
    visitor.visit(node)
    return visitor.found


@dataclass(frozen=True)
class Statement:
    """A statement of a provided cell: the names that it binds, and its code if it only defines.

    `calls` are the names of what it calls, or of what has that as an attribute.
    """

    bound: dict[str, Binding]
    calls: frozenset[str]
    code: CodeType | None


@lru_cache(1000)
def statements(source: str) -> list[Statement]:
    """The statements of a provided cell that bind names, in their order."""
    try:
        found = syntax_tree(as_python(source)).body
    except (SyntaxError, ValueError):
        return []
    return [
        # The code last, for making it changes the statement.
        Statement(_bound_by(statement), _called_by(statement), _code_of(statement))
        for statement in found
    ]


def _code_of(statement: ast.stmt) -> CodeType | None:
    """The code of a statement that only defines; Python's functions in it are those of tests."""
    if not _only_defines(statement):
        return None
    return compile(asking_us(ast.Module([statement], [])), "<provided cell>", "exec")


def _called_by(statement: ast.stmt) -> frozenset[str]:
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            called = node.func
            while isinstance(called, ast.Attribute | ast.Subscript | ast.Call):
                called = called.func if isinstance(called, ast.Call) else called.value
            found.add(called.id if isinstance(called, ast.Name) else "")
    return frozenset(found)


# Settings of how values are shown and computed, by the code that changes them.
SETTING = re.compile(
    r"(\w+\.)*(set_printoptions|set_option|rc|style\.use|rcParams\.update)|"
    r"(\w+\.)*rcParams\[.*\]|\w+\.options(\.\w+)+|(\w+\.)*getcontext\(\)\.\w+"
)


def _sets(statement: ast.stmt) -> bool:
    """Whether it changes a setting of a library to a literal."""
    match statement:
        case ast.Expr(ast.Call(func=changed, args=values, keywords=keywords)) | ast.Assign(
            [ast.Name("_")], ast.Call(func=changed, args=values, keywords=keywords)
        ):
            values = [*values, *(keyword.value for keyword in keywords)]
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as changed], value=value):
            values = [value]
        case _:
            return False
    return SETTING.fullmatch(ast.unparse(changed)) is not None and all(map(_is_literal, values))


def _only_defines(statement: ast.stmt) -> bool:
    """Whether it is imports, a definition, or a constant: a literal with a NAME in capitals.

    Or sets what also holds where the tests run: `np.set_printoptions(precision=2)`.
    """
    if _sets(statement):
        return True
    if isinstance(statement, ast.Assign):
        names = [to.id for to in statement.targets if isinstance(to, ast.Name)]
        return len(names) == len(statement.targets) and (
            isinstance(statement.value, ast.Lambda)
            or _is_partial(statement.value)
            or _is_named_tuple(statement.value)
            or (all(name.isupper() for name in names) and _is_literal(statement.value))
        )
    if isinstance(statement, ast.Try):  # of imports, one of which may be the other's substitute
        parts = (statement.body, *(handler.body for handler in statement.handlers))
        steps = (*chain(*parts), *statement.orelse, *statement.finalbody)
        imported = {name for step in steps if _imports(step) for name in _bound_by(step)}
        return all(_imports(step) or _stands_for_import(step, imported) for step in steps)
    if isinstance(statement, ast.If):
        calls = any(isinstance(node, ast.Call) for node in ast.walk(statement.test))
        return not calls and all(map(_imports, (*statement.body, *statement.orelse)))
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return isinstance(statement, kinds)


def _imports(step: ast.stmt) -> bool:
    return isinstance(step, ast.Import | ast.ImportFrom | ast.Pass)


def _stands_for_import(step: ast.stmt, imported: set[str]) -> bool:
    """Whether it says that there is no module, or that there is: `np = None`, `FOUND = False`."""
    match step:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return (name in imported or name.isupper()) and _is_literal(value)
    return False


def _is_partial(expression: ast.expr) -> bool:
    """Whether it is `partial` of a function and values that have names or are literals."""
    match expression:
        case ast.Call(func=ast.Name("partial") | ast.Attribute(ast.Name("functools"), "partial")):
            values = (*expression.args, *(keyword.value for keyword in expression.keywords))
            return all(isinstance(each, ast.Name) or _is_literal(each) for each in values)
    return False


def _is_named_tuple(expression: ast.expr) -> bool:
    """Whether it is `namedtuple` of literals: a class as a `class` statement makes one."""
    match expression:
        case ast.Call(
            func=ast.Name("namedtuple") | ast.Attribute(ast.Name("collections"), "namedtuple")
        ):
            values = (*expression.args, *(keyword.value for keyword in expression.keywords))
            return all(map(_is_literal, values))
    return False


def _is_literal(expression: ast.expr) -> bool:
    try:
        ast.literal_eval(expression)
    except ValueError:
        return False
    return True
