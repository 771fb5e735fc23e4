"""Text that a test cell runs, or has a library run: the teacher's, or what may be the student's.

A text is the teacher's if all that it names is named in text of the master's test and provided
cells. What an expression is made of anyway, as the columns of the table that it is about, is not
asked for.
"""

import ast
import binascii
import functools
import linecache
import re
import symtable
import sys
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

from referee.boundary.attributes import is_special
from referee.judge.fakes import SPECIAL
from referee.notebook.definitions import nodes_in
from referee.notebook.syntax import syntax_tree

# What SymPy puts around numbers and names of a formula, and what one is made of.
OF_FORMULAS = frozenset(
    {
        *("Symbol", "Integer", "Float", "Rational", "Function", "Eq", "sqrt", "exp", "log", "ln"),
        *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "Abs", "factorial"),
        *("pi", "E", "I", "oo", "e", "Derivative", "Integral"),
    }
)
# What a condition on a table's columns is made of: functions, and methods of columns, see below.
OF_CONDITIONS = frozenset(
    {
        *("sin", "cos", "tan", "exp", "log", "expm1", "log1p", "log10", "sqrt", "abs"),
        *("sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "arctan2"),
        *("arcsinh", "arccosh", "arctanh", "floor", "ceil", "True", "False", "inf", "index"),
    }
)
# Methods of a column that take a function, or the name of a method, or write or draw something, or
# change the table itself. All others lead to data only.
LEADING_ON = re.compile(
    r"to_.*|(agg|aggregate|apply|map|pipe|transform|combine|plot|hist|info)|(update|pop|drop)|"
    r"(array|values|attrs|flags|set_flags|from_arrow|list|struct|sparse)"
)
# Attributes in the code that SymPy makes of an expression.
OF_NUMBERS = frozenset(
    {*("reduce", "sum", "real", "imag", "conj", "conjugate", "T", "dot", "transpose", "item")}
)
OF_PICTURES = frozenset(
    {"convert", "min", "max", "abs", "int", "float", "equal", "notequal", "mod"}
)
# Libraries that evaluate annotations, which calls nothing.
OF_ANNOTATIONS = ("typing", "inspect", "annotationlib")
PARTS_OF_ANNOTATIONS = (
    *(
        ast.Module,
        ast.Expr,
        ast.Name,
        ast.Attribute,
        ast.Subscript,
        ast.Constant,
        ast.Tuple,
        ast.List,
    ),
    *(ast.BinOp, ast.BitOr, ast.Load, ast.Starred),
)
# Libraries, and parts of them, that run text which they are given, with what it may name anyway.
# Others run only text that they make themselves.
LANGUAGES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("doctest", "timeit", "code", "codeop", "runpy", "profile"), frozenset()),
    **dict.fromkeys(("cProfile", "trace", "bdb", "yaml", "patsy", "formulaic"), frozenset()),
    "logging.config": frozenset(),
    **dict.fromkeys(OF_ANNOTATIONS, frozenset()),
    **dict.fromkeys(("sympy.parsing.sympy_parser", "sympy.core.sympify"), OF_FORMULAS),
    "pandas.core.computation": OF_CONDITIONS,
    "numexpr": OF_CONDITIONS,
    "PIL.ImageMath": OF_PICTURES,
}
RUNNING = {"eval", "exec", "compile"}
# Libraries that run text of their own with texts in it that they are given, mostly as they are.
MIXING = ("sympy.utilities.lambdify", "jinja2")
REACHING = {
    *("eval", "exec", "compile", "open", "input", "breakpoint", "getattr", "setattr", "delattr"),
    *("globals", "locals", "vars", "help", "exit", "quit", "memoryview", "__import__"),
}
# What leads from an object to code and its variables without an underscore.
TO_CODE = re.compile(r"(gi|cr|ag|tb|f)_(frame|code|globals|locals|back|builtins|origin|await)|mro")
PANDAS_LOCAL = "__pd_eval_local_"  # for the `@` of a name of the test
WORD = re.compile(r"[^\W\d]\w*")
SHORTEST_PACKED, LONGEST_UNPACKED = 24, 2**20  # characters in base64, and bytes


@dataclass(frozen=True)
class Texts:
    """What the teacher has written: `sources` of cells; `names` are those of the notebook."""

    sources: list[str]
    names: Callable[[], Iterable[str]]

    def constants(self, filename: str = "") -> list[str]:
        """The texts in the sources, and in the code of a library, without its docstrings."""
        own = [constant for source in self.sources for constant in _constants(source)]
        library = "".join(linecache.getlines(filename)) if filename else ""
        return [*own, *_constants(library, docstrings=False)]

    def are_runs_of(self, source: Any, frame: FrameType) -> bool:
        """Whether a text that code in this frame runs is the teacher's, or one that it may run."""
        text = ast.unparse(source) if isinstance(source, ast.AST) else _text(source)
        frame = _reading(frame)
        library = _library(frame)
        if library.startswith(MIXING):
            return self._leads_nowhere(text, library)
        if library in OF_ANNOTATIONS and is_annotation(text):
            return True
        constants = self.constants("" if is_handed_on(frame) else frame.f_code.co_filename)
        itself = re.compile(rf"(?<!\w){re.escape(text.strip())}(?!\w)")
        if any(map(itself.search, constants)):
            return True
        known = _words(constants) | (language_of(library) or set())
        try:
            found = _names_in(text.strip())
        except (SyntaxError, ValueError):  # which Python says next
            return True
        used = found.used
        if library.startswith("pandas."):
            of_test = {word for word in used if word.startswith(PANDAS_LOCAL)}
            named = {word.removeprefix(PANDAS_LOCAL) for word in of_test}
            used = (used - of_test) | named
            known |= (found.stored | _columns(frame)) - named
            known |= _methods_of_columns() & found.attributes
        return found.made | (used - set(self.names())) <= known

    def name(self, path: str) -> bool:
        """Whether all parts of a name with dots are words of the sources."""
        words = {word for source in self.sources for word in WORD.findall(source)}
        return set(WORD.findall(path)) <= words

    def say(self, path: str) -> bool:
        """Whether all parts of a name with dots are words in the texts of the sources.

        The test's own module, with its variables, is to be named by itself.
        """
        constants = self.constants()
        return path in constants or set(WORD.findall(path)) <= _words(constants) - {"__main__"}

    def lead_nowhere(self, path: Any) -> bool:
        """Whether no attribute in a text leads to code, or they are the teacher's."""
        if not isinstance(path, str):
            return True
        private = {word for word in WORD.findall(path) if leads_to_code(word)}
        return not private or self.name(" ".join(private))

    def _leads_nowhere(self, text: str, library: str) -> bool:
        try:
            found = _names_in(text)
        except (SyntaxError, ValueError):
            return True
        if library.startswith("jinja2"):  # whose own code has all names of a template as texts
            words = {constant for constant in _constants(text) if constant.isidentifier()}
            reaching = {word for word in words if leads_to_code(word) or word in REACHING}
            return not reaching or self.name(" ".join(reaching))
        # In SymPy's code are all names of NumPy, whose modules lead to everything.
        reaching = found.attributes - OF_NUMBERS
        reaching |= found.used & {*REACHING, "test"}
        reaching |= {word for word in found.used if word.startswith("__")}
        return not reaching or self.say(" ".join(reaching))


@dataclass(frozen=True)
class _Names:
    """Global names that code uses; those that it makes, imports or has after dots; and which."""

    used: set[str]
    made: set[str]
    attributes: set[str]
    stored: set[str]


def leads_to_code(word: str) -> bool:
    """Whether an attribute of this name can lead from an object to code, and to what it knows."""
    is_private = word.startswith("_") and word not in SPECIAL
    return is_private or TO_CODE.fullmatch(word) is not None


def runs_texts(frame: FrameType) -> bool:
    """Whether code in this frame is of a library that runs text which it is given."""
    library = _library(_reading(frame))
    return language_of(library) is not None or library.startswith(MIXING)


def is_handed_on(frame: FrameType) -> bool:
    """Whether code in this frame, which runs a text, has been given the function that does so.

    As `apply` is in `column.apply(eval)`: then the text is whatever it has been given, too.
    """
    code = frame.f_code
    if _library(frame) == "symtable":  # which only reads it
        return False
    if _library(frame) == "threading" and code.co_name == "invoke_excepthook":
        return False  # Python shows the line in which a thread has failed
    named = {*code.co_names, *code.co_varnames, *code.co_freevars}
    return RUNNING.isdisjoint(name.strip("_") for name in named)


def is_annotation(text: str) -> bool:
    """Whether a text has the form of an annotation, which calls nothing."""
    try:
        nodes = list(ast.walk(syntax_tree(text.strip())))
    except (SyntaxError, ValueError):  # which Python says next
        return True
    special = (node for node in nodes if isinstance(node, ast.Attribute) and is_special(node.attr))
    return all(isinstance(node, PARTS_OF_ANNOTATIONS) for node in nodes) and not any(special)


def language_of(library: str) -> frozenset[str] | None:
    """What a text may name that a library is given; None if it runs no such texts."""
    for name, language in LANGUAGES.items():
        if library == name or library.startswith(f"{name}."):
            return language
    return None


def _reading(frame: FrameType) -> FrameType:
    """Who has `ast` parse a text, if that is a library which runs it."""
    above = frame.f_back
    if _library(frame) == "ast" and above is not None:
        return above if language_of(_library(above)) is not None else frame
    return frame


def _library(frame: FrameType) -> str:
    if "_signature_fromstr" in frame.f_code.co_qualname:  # which reads what is in code written in C
        return ""
    return str(frame.f_globals.get("__name__", ""))


def _columns(frame: FrameType) -> set[str]:
    """What a text that pandas reads may call columns and levels of the table it is about."""
    scope = getattr(frame.f_locals.get("self"), "env", None)
    return {str(key) for key in getattr(scope, "resolvers", ())}


@functools.cache
def _methods_of_columns() -> set[str]:
    """The methods of a column of pandas', and of its texts and times, that lead to data only."""
    column = sys.modules["pandas"].Series
    found = {name for each in (column, column.str, column.dt) for name in dir(each)}
    return {name for name in found if not (leads_to_code(name) or LEADING_ON.fullmatch(name))}


def _text(source: Any) -> str:
    """A source as Python reads it: bytes can say by which alphabet, and not each is UTF-8."""
    if isinstance(source, str):
        return source
    try:  # Python finds the alphabet by rules of its own, and so reads the bytes itself
        return ast.unparse(syntax_tree(bytes(source).lstrip(b" \t")))
    except (SyntaxError, ValueError):  # which Python says next
        return ""


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in WORD.findall(text)}


def _names_in(text: str) -> _Names:
    """The names in code.

    Raises:
        SyntaxError: it is no Python.

    """
    tables = [symtable.symtable(text, "text", "exec")]
    used, made, stored = set[str](), set[str](), set[str]()
    for table in tables:
        tables += table.get_children()
        is_top = table.get_type() == "module"
        found = [each for each in table.get_symbols() if is_top or _may_be_global(each, table)]
        used |= {each.get_name() for each in found}
        stored |= {each.get_name() for each in found if each.is_assigned()}
        made |= {each.get_name() for each in found if each.is_assigned() or each.is_imported()}
    attributes = set[str]()
    for node in ast.walk(syntax_tree(text)):
        match node:
            case ast.Attribute(attr=name):
                attributes.add(name)
            case ast.MatchClass(kwd_attrs=names):
                attributes.update(names)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                made.add(name)
            case ast.alias(name=name) | ast.ImportFrom(module=str(name)):
                made.update(name.split("."))
    return _Names(used, made | attributes, attributes, stored)


def _may_be_global(symbol: symtable.Symbol, table: symtable.SymbolTable) -> bool:
    """Whether a name can be a global one; in a class, it is until the class has assigned it."""
    return symbol.is_global() or (table.get_type() == "class" and symbol.is_referenced())


@functools.lru_cache(1000)
def _constants(source: str, *, docstrings: bool = True) -> tuple[str, ...]:
    """The text in a source: of its string literals, with those in f-strings."""
    try:
        nodes = nodes_in(source)
    except (SyntaxError, ValueError):
        return ()
    # What an assert says to people names nothing: "not as expected" does not name `expected`.
    said = [node.msg for node in nodes if isinstance(node, ast.Assert) and node.msg is not None]
    left_out = {id(part) for message in said for part in ast.walk(message)}
    if not docstrings:
        left_out |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    found = [
        node.value
        for node in nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str | bytes)
        and id(node) not in left_out
    ]
    texts = [value for value in found if isinstance(value, str)]
    return (*texts, *filter(None, map(_unpacked, found)))


def _unpacked(literal: str | bytes) -> str:
    """The text that a literal holds in base64, compressed or not, so that nobody reads it."""
    try:
        packed = b64decode(literal, validate=True) if len(literal) >= SHORTEST_PACKED else b""
        with suppress(zlib.error):
            packed = zlib.decompressobj().decompress(packed, LONGEST_UNPACKED)
        return packed.decode()
    except (binascii.Error, ValueError):  # it holds nothing
        return ""
