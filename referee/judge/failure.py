"""Where a test has failed, and what it compared there: for a teacher.

All is found in what the failure has left behind: the frames of its traceback. Nothing of the test
is evaluated again.
"""

import ast
import linecache
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import FrameType, FunctionType, ModuleType
from typing import Any

from referee.judge.asserts import Compared, compared, values_of
from referee.judge.differences import Tolerance, differences
from referee.judge.summaries import in_words, summary_of
from referee.model.explanation import Comparison, FailedLine, NamedValue
from referee.notebook.syntax import syntax_tree

MOST_LINES, MOST_CHARACTERS = 12, 1000  # of a statement
MOST_VALUES = 5  # beside those that were compared
TESTING = ("numpy.testing", "pandas._testing")
# What their functions call the two values that they compare.
PAIRS = (("actual", "desired"), ("x", "y"), ("a", "b"), ("left", "right"))
ALLCLOSE = Tolerance(1e-5, 1e-8)  # what NumPy's allclose and isclose take if a test says nothing


@dataclass
class Failure:
    """The statement that failed, what it compared, and what else it uses.

    `objects` are these values themselves, those that were compared first.
    """

    line: FailedLine | None = None
    comparison: Comparison | None = None
    values: tuple[NamedValue, ...] = ()
    objects: list[Any] = field(default_factory=list)


def failure_of(
    error: BaseException, cells: Mapping[str, str], failure: Failure | None = None
) -> Failure:
    """What has failed in the innermost line of a test; `cells` are names by file.

    There is no line if the error comes from elsewhere. All is put into `failure` as it is found.
    """
    failure = failure or Failure()
    frames = list(traceback.walk_tb(error.__traceback__))
    inner = [place for place, (frame, _) in enumerate(frames) if _file(frame) in cells]
    if not inner:
        return failure
    frame, number = frames[inner[-1]]
    source = "".join(linecache.getlines(_file(frame)))
    statement = _statement(source, number)
    text, begin = _text(source, statement, number)
    failure.line = FailedLine(cells[_file(frame)], begin, text)
    rest = [deeper for deeper, _ in frames[inner[-1] + 1 :]]
    if isinstance(statement, ast.Assert) and isinstance(error, AssertionError) and not rest:
        _look_at_assert(failure, statement, source, frame)
    elif checker := next((deeper for deeper in rest if _is_checker(deeper)), None):
        _look_at_checker(failure, checker, statement, source)
    failure.values = tuple(_other_values(failure, statement, frame))
    return failure


def last_line(filename: str, cell: str) -> FailedLine | None:
    """The last statement of a test, whose value is its points."""
    source = "".join(linecache.getlines(filename))
    body = _parsed(source).body
    if not body:
        return None
    text, begin = _text(source, body[-1], body[-1].lineno)
    return FailedLine(cell, begin, text)


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename


# ---- the statement ----


@lru_cache(100)
def _parsed(source: str) -> ast.Module:
    return syntax_tree(source)


def _statement(source: str, number: int) -> ast.stmt | None:
    """The innermost statement that a line is in."""
    around = [
        node
        for node in ast.walk(_parsed(source))
        if isinstance(node, ast.stmt) and node.lineno <= number <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: (node.lineno, -(node.end_lineno or 0)), default=None)


def _text(source: str, statement: ast.stmt | None, number: int) -> tuple[str, int]:
    """The text of a statement, of a compound one its head, and the line that it begins in."""
    lines = source.splitlines()
    first, last = number, number
    if statement is not None:
        first = statement.lineno
        body = getattr(statement, "body", None)
        last = max(first, body[0].lineno - 1) if body else statement.end_lineno or first
    shown = lines[first - 1 : min(last, first - 1 + MOST_LINES)]
    indent = min((len(line) - len(line.lstrip()) for line in shown if line.strip()), default=0)
    text = "\n".join(line[indent:] for line in shown)
    return text[:MOST_CHARACTERS], first


def _code(source: str, node: ast.expr) -> str:
    """The text of an expression, in one line."""
    return " ".join((ast.get_source_segment(source, node) or ast.unparse(node)).split())[:200]


def _is_literal(node: ast.expr) -> bool:
    return not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(node))


# ---- what it compared ----


def _look_at_assert(failure: Failure, statement: ast.Assert, source: str, frame: FrameType) -> None:
    """Take what a failed `assert` has left behind."""
    values = values_of(statement.test, frame.f_locals)
    found = compared(statement.test)
    if found is not None and found.left in values and found.right in values:
        sides = [(found.left, values.pop(found.left)), (found.right, values.pop(found.right))]
        operator = found.operator
        if _is_literal(found.left) and not _is_literal(found.right) and operator in ("==", "is"):
            sides.reverse()
        (got_node, got), (expected_node, expected) = sides
        failure.comparison = _comparison(
            NamedValue(_code(source, got_node), _words(got)),
            NamedValue(_code(source, expected_node), _words(expected)),
            got,
            expected,
            operator,
            _tolerance_of(found),
        )
        failure.objects += [got, expected]
    failure.values = tuple(
        NamedValue(_code(source, node), _words(value))
        for node, value in values.items()
        if not isinstance(node, ast.Constant) and not isinstance(value, type)
    )
    failure.objects += list(values.values())


def _tolerance_of(found: Compared) -> Tolerance:
    """The tolerances of a call of NumPy's allclose, as far as they are plain numbers."""
    if found.call is None or found.operator not in ("allclose", "isclose"):
        return Tolerance()
    given = {"rtol": ALLCLOSE.relative, "atol": ALLCLOSE.absolute}
    nodes = [*zip(("rtol", "atol"), found.call.args[2:4], strict=False)]
    nodes += [(word.arg, word.value) for word in found.call.keywords if word.arg in given]
    for name, node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            given[name] = float(node.value)
    return Tolerance(given["rtol"], given["atol"])


def _is_checker(frame: FrameType) -> bool:
    """Whether it is one of NumPy's or pandas' functions for tests."""
    module = frame.f_globals.get("__name__", "")
    return module.startswith(TESTING) and frame.f_code.co_name.startswith("assert_")


def _look_at_checker(
    failure: Failure, checker: FrameType, statement: ast.stmt | None, source: str
) -> None:
    """Take what a function of NumPy or pandas for tests has compared."""
    variables = checker.f_locals
    pair = next((pair for pair in PAIRS if all(name in variables for name in pair)), None)
    if pair is None:
        return
    got, expected = (variables[name] for name in pair)
    codes = _arguments(statement, checker.f_code.co_name, source)
    failure.comparison = _comparison(
        NamedValue(codes[0], _words(got)),
        NamedValue(codes[1], _words(expected)),
        got,
        expected,
        "<" if checker.f_code.co_name == "assert_array_less" else "==",
        _tolerance_in(variables),
    )
    failure.objects += [got, expected]


def _arguments(statement: ast.stmt | None, function: str, source: str) -> tuple[str, str]:
    """What a test calls the two values that it passes to a function."""
    for node in ast.walk(statement) if statement is not None else ():
        match node:
            case ast.Call(
                func=ast.Attribute(attr=name) | ast.Name(id=name), args=[left, right, *_]
            ) if name == function:
                return _code(source, left), _code(source, right)
    return "", ""


def _tolerance_in(variables: Mapping[str, Any]) -> Tolerance:
    """The tolerance that such a function has been called with."""
    decimal = variables.get("decimal")
    if type(decimal) is int and abs(decimal) < 300:
        return Tolerance(absolute=1.5 * 10.0**-decimal)
    found = (variables.get("rtol", 0.0), variables.get("atol", 0.0))
    relative, absolute = (
        float(number) if isinstance(number, int | float) else 0.0 for number in found
    )
    return Tolerance(relative, absolute)


def _comparison(
    got: NamedValue,
    expected: NamedValue,
    value: Any,
    other: Any,
    operator: str,
    tolerance: Tolerance,
) -> Comparison:
    if operator not in ("==", "is", "allclose", "isclose", "array_equal", "array_equiv", "equals"):
        return Comparison(got, expected, operator)
    found = differences(value, other, tolerance)
    shown = () if found.count == 1 else tuple(found.first)
    return Comparison(got, expected, operator, shown, found.differ, found.count, found.remarks)


# ---- what else it uses ----


def _other_values(
    failure: Failure, statement: ast.stmt | None, frame: FrameType
) -> Iterator[NamedValue]:
    """What was compared and belongs to no pair, and the values of other names in a statement."""
    yield from failure.values
    known = {value.code for value in failure.values}
    if failure.comparison is not None:
        known |= {failure.comparison.got.code, failure.comparison.expected.code}
    names = dict.fromkeys(
        node.id
        for part in _parts(statement)
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )
    count = 0
    for name in names:
        value = frame.f_locals.get(name, dict.get(frame.f_globals, name, ...))
        if value is ... or name in known or _is_code(value):
            continue
        failure.objects.append(value)
        if count < MOST_VALUES:
            count += 1
            yield NamedValue(name, _words(value))


def _parts(statement: ast.stmt | None) -> list[ast.AST]:
    """What of a statement was evaluated: of a compound one not its body, of an assert the test."""
    match statement:
        case None:
            return []
        case ast.Assert(test=test):
            return [test]
        case ast.For(iter=iterated):
            return [iterated]
        case ast.If(test=test) | ast.While(test=test):
            return [test]
        case ast.With(items=items):
            return list(items)
        case ast.Try() | ast.FunctionDef() | ast.ClassDef():
            return []
    return [statement]


def _is_code(value: Any) -> bool:
    """Whether it is a function, a class or a module, of the test or of the student."""
    return isinstance(value, type | ModuleType | FunctionType) or callable(value)


def _words(value: Any) -> str:
    return in_words(summary_of(value))
