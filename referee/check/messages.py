"""What a student reads when a check of a test cell fails: whether its author has said enough.

A check is an `assert`, a comparison of numpy.testing, or a `raise AssertionError`. Its message is
read from the source, so only what the author wrote there is judged, by rules for English: a message
in another language is only counted.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy.testing as npt

from referee.judge.magics import NotInTests, without_magics
from referee.notebook.syntax import syntax_tree

LEAST_WORDS = 6
NOTHING = (
    "The student reads no reason. Write a message: what is wrong, and where to look, in one or two "
    "sentences."
)
NAMES_ONLY = (
    "It names what was compared, and does not say what is wrong with it. Write a sentence with a "
    "verb, and one that says where to look."
)
TOO_SHORT = "It is short. Say also where to look: in which part of the text, at which step."
PRINTS = (
    "A hidden test prints a value that it computes: {names}. The student reads it. Write a "
    "constant sentence; names of keys and of cases from a list in the test are fine."
)
NO_PYTHON = "The cell cannot be read: {error}."

VERBS = frozenset(
    """
    accept accepts add adds allow allows am are be become becomes been begin begins belong belongs
    call calls can cannot change changed changes come comes compare compute computes contain
    contains count counts depend depends did differ differs divide divides do does draw draws drop
    drops end ends expect expected expects fail fails fit fits forget forgets get gets give gives
    got had has have hold holds is keep keeps lack lacks look looks made make makes may might miss
    misses multiply must need needs pass passes raise raises read reads remember remembers return
    returned returns run runs scale see set sets should stay stays sum sums take takes try use used
    uses want was were will work works would write
    """.split()  # noqa: SIM905 - it is easier to read
)
# One of them is in nearly every English sentence, and few of them in those of other languages.
ENGLISH = frozenset(
    ("and", "for", "from", "it", "its", "not", "of", "or", "that", "the", "to", "with")
)
WORD = re.compile(r"[A-Za-zÀ-ÿ][a-zà-ÿ']+(?![\w(])|\ba\b")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class Check:
    """A check of a test cell: its line, and its message as the source has it.

    `message` is None where the source does not tell; `prints` are the expressions whose values the
    message shows.
    """

    line: int
    message: str | None
    prints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Remark:
    """What is to be improved in a line of a test cell, `source`, and how."""

    line: int
    message: str
    advice: str
    source: str = ""


def thin_messages(source: str, released: str) -> list[Remark]:
    """The checks of a test cell whose messages do not help a student.

    `released` is the cell as students get it, without hidden tests.
    """
    try:
        tree = syntax_tree(without_magics(source))
    except NotInTests as error:
        return [Remark(1, "", NO_PYTHON.format(error=error))]
    except SyntaxError as error:
        return [Remark(error.lineno or 1, "", NO_PYTHON.format(error=error.msg))]
    lines, shown = source.split("\n"), set(released.split("\n"))
    return [
        Remark(check.line, check.message or "", advice, lines[check.line - 1].strip())
        for check in sorted(_checks(tree), key=lambda check: check.line)
        if (advice := _advice(check, hidden=lines[check.line - 1] not in shown))
    ]


def _advice(check: Check, hidden: bool) -> str:
    """What to do about a check, nothing if its message is fine."""
    if hidden and check.prints:
        return PRINTS.format(names=", ".join(check.prints))
    if check.message is None:
        return ""
    if not check.message.strip():
        return NOTHING
    words = [word.lower() for word in WORD.findall(PLACEHOLDER.sub(" ", check.message))]
    english = len(words) < LEAST_WORDS or not ENGLISH.isdisjoint(words)
    negations = [word for word in words if word.endswith("n't")]  # of a verb: isn't, haven't
    if english and VERBS.isdisjoint(words) and not negations:
        return NAMES_ONLY
    return TOO_SHORT if len(words) < LEAST_WORDS else ""


def _checks(tree: ast.Module) -> Iterator[Check]:
    """All checks of a cell, in no order."""
    known = _Names(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Assert(msg=message):
                yield _check(node, message, known)
            case ast.Raise(exc=ast.Call(func=ast.Name("AssertionError"), args=arguments)):
                yield _check(node, arguments[0] if arguments else None, known)
            case ast.Raise(exc=ast.Name("AssertionError")):
                yield _check(node, None, known)
            case ast.Call() if (place := _place_of_message(node.func, known)) is not None:
                yield _check(node, _argument(node, place), known)


def _check(node: ast.stmt | ast.expr, message: ast.expr | None, known: "_Names") -> Check:
    if message is None:
        return Check(node.lineno, "")
    text, prints = known.text_of(message)
    return Check(node.lineno, text, tuple(prints))


def _place_of_message(function: ast.expr, known: "_Names") -> int | None:
    """At which place a comparison of numpy.testing takes its message, None for anything else."""
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name) if name not in known.functions:
            return PLACES.get(name)
    return None


def _argument(call: ast.Call, place: int) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "err_msg"]
    return next(iter([*named, *call.args[place:]]), None)


def _places() -> dict[str, int]:
    """The comparisons of numpy.testing that take a message, and at which place."""
    found = {}
    for name in npt.__all__:
        function = getattr(npt, name)
        if name.startswith("assert_") and inspect.isfunction(function):
            parameters = list(inspect.signature(function).parameters)
            if "err_msg" in parameters:
                found[name] = parameters.index("err_msg")
    return found


PLACES = _places()


class _Names:
    """What the names of a cell stand for, as far as its source tells."""

    def __init__(self, tree: ast.Module) -> None:
        nodes = list(ast.walk(tree))
        self.functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        self._values: dict[str, list[ast.expr]] = {}
        self._of_loops = {node.arg for node in nodes if isinstance(node, ast.arg)}
        for node in nodes:
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._assign(target, value)
                case ast.For() | ast.comprehension():
                    self._loop(node.target, node.iter)

    def text_of(self, message: ast.expr) -> tuple[str | None, list[str]]:
        """The text of a message, None if it is not known, and the computed values that it shows."""
        match message:
            case ast.Constant(value=str(text)):
                return text, []
            case ast.JoinedStr(values=parts):
                texts = [self._part(part) for part in parts]
                return "".join(text for text, _ in texts), [name for _, name in texts if name]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                (before, one), (after, other) = self.text_of(left), self.text_of(right)
                known = before is not None and after is not None
                return f"{before}{after}" if known else None, one + other
            case ast.Name(id=name) if name in self._values and self._is_written_out(message):
                with self._values_of(name) as values:
                    return self.text_of(values[0])
        return None, [] if self._is_written_out(message) else [ast.unparse(message)]

    def _part(self, part: ast.expr) -> tuple[str, str]:
        """A part of an f-string: as text, and what it computes, if it does."""
        match part:
            case ast.Constant(value=str(text)):
                return text, ""
            case ast.FormattedValue(value=value):
                name = ast.unparse(value)
                text = self.text_of(value)[0] or f"{{{name}}}"
                return text, "" if self._is_written_out(value) else name
        return "", ""

    def _is_written_out(self, value: ast.expr) -> bool:
        """Whether a value is in the source: constants, or names for them, also those of loops."""
        match value:
            case ast.Constant():
                return True
            case ast.Name(id=name) if name in self._values:
                with self._values_of(name) as values:
                    return all(map(self._is_written_out, values))
            case ast.Name(id=name):
                return name in self._of_loops
            case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
                return self._is_written_out(one) and self._is_written_out(other)
            case ast.JoinedStr(values=parts):
                return not any(self._part(part)[1] for part in parts)
        return False

    @contextmanager
    def _values_of(self, name: str) -> Iterator[list[ast.expr]]:
        """What is assigned to a name, which has no value meanwhile: it may be one of itself."""
        values = self._values.pop(name)
        yield values
        self._values[name] = values

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Name(id=name), _:
                self._values.setdefault(name, []).append(value)
            case ast.Tuple() | ast.List(), ast.IfExp(body=one, orelse=other):
                self._assign(target, one)
                self._assign(target, other)
            case ast.Tuple(elts=parts) | ast.List(elts=parts), _:
                values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
                for place, part in enumerate(parts):
                    self._assign(part, values[place] if len(values) == len(parts) else value)

    def _loop(self, target: ast.expr, items: ast.expr) -> None:
        match target, items:
            case _, ast.List(elts=values) | ast.Tuple(elts=values):
                for value in values:
                    self._assign(target, value)
            case ast.Tuple(elts=parts), ast.Call(func=ast.Name("zip"), args=lists):
                for part, items_of_part in zip(parts, lists, strict=False):
                    self._loop(part, items_of_part)
            case _:
                names = [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]
                self._of_loops |= set(names)
