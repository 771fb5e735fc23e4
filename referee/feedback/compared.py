"""What a visible test compared, as the judge has recorded it for teachers.

Students have the test and can run it, so they may read what it expected and got. What a hidden line
compared, or one after it, is on no page, and neither is a value by a name that only hidden tests
define.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from nbformat import NotebookNode

from referee.model.assignment import AssignmentCell, AssignmentNotebook
from referee.model.explanation import METADATA, Comparison, Explanation, explanation_from
from referee.notebook.syntax import syntax_tree

MOST_ROWS = 6
EQUAL = ("==", "is", "allclose", "isclose", "array_equal", "array_equiv")
WORD = re.compile(r"[^\W\d]\w*")
PLACE = re.compile(r".*, line (\d+): ")  # of a line of a test: its cell's name comes first


@dataclass(frozen=True)
class Table:
    """What a visible test compared: of each row the place, what was expected, and what it got."""

    title: str
    rows: tuple[tuple[str, str, str], ...]
    note: str = ""


def failed_in_sight(cell: AssignmentCell, lines: Iterable[str]) -> bool:
    """Whether students have all of a test up to where it has failed; `lines` are those of its way.

    Then nothing that is hidden has run.
    """
    if cell.source == cell.released:
        return True
    numbers = [int(found[1]) for line in lines if (found := PLACE.match(line))]
    try:
        statements = syntax_tree(cell.source).body
    except (SyntaxError, ValueError):
        return False
    ends = [each.end_lineno or 0 for each in statements if each.lineno <= max(numbers, default=0)]
    last = max(ends, default=0)
    return last > 0 and cell.source.split("\n")[:last] == cell.released.split("\n")[:last]


def tables_of(
    cell: AssignmentCell, executed: NotebookNode, notebook: AssignmentNotebook
) -> tuple[Table, ...]:
    """What a test cell compared when it failed in the sight of students."""
    found = explanation_from(executed.metadata.get(METADATA))
    if found is None or found.comparison is None:
        return ()
    if _used_in(found) - bound_in(cell.released) & _bound_by_hidden_tests(notebook):
        return ()
    return (_table(found.comparison),)


def _table(compared: Comparison) -> Table:
    note = "; ".join(compared.remarks)
    if compared.differences:
        differ = f"{compared.differ} of {compared.count} values differ"
        shown = compared.differences[:MOST_ROWS]
        rows = tuple((each.at, each.expected, each.got) for each in shown)
        title = f"{compared.got.code}: {differ}" if compared.got.code else differ
        return Table(title, rows, note)
    expected = compared.expected.value
    if compared.operator not in EQUAL:
        expected = f"{compared.operator} {expected}"
    return Table(compared.got.code, (("", expected, compared.got.value),), note)


def _used_in(found: Explanation) -> set[str]:
    """The names in the line that failed."""
    return set(WORD.findall(found.line.source)) if found.line else set()


def _bound_by_hidden_tests(notebook: AssignmentNotebook) -> set[str]:
    hidden = (cell.source for cell in notebook.cells if cell.source != cell.released)
    return set().union(*(bound_in(source) for source in hidden))


@lru_cache(1000)
def bound_in(source: str) -> frozenset[str]:
    """The names that a cell binds anywhere; of what is no plain Python, all words."""
    try:
        nodes: Iterable[ast.AST] = ast.walk(syntax_tree(source))
    except (SyntaxError, ValueError):
        return frozenset(WORD.findall(source))
    names: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                names.add(name)
            case ast.Import(names=imported) | ast.ImportFrom(names=imported):
                names |= {(each.asname or each.name).split(".")[0] for each in imported}
    return frozenset(names)
