"""Why points were lost, for the student: the author's sentence, and where in the student's code.

Of hidden lines of a test, and of those that follow them, nothing is said but the verdict's line for
the student, and which lines of the student's own notebook an exception came through. What the
kernel says of these is believed only if the notebook has such a line, and the text is the
notebook's.
"""

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from nbformat import NotebookNode

from referee.feedback.compared import PLACE, WORD, Table, failed_in_sight, tables_of
from referee.judge.verdict import STOPPED, Verdict
from referee.model.assignment import AssignmentCell, AssignmentNotebook
from referee.notebook.syntax import syntax_tree

MAX_DETAIL = 3000  # characters of what a visible test compared, or of a traceback
MAX_VALUE = 400  # of a value in a table
MAX_LINES = 5  # of the student's code, for a visible test
FRAME = re.compile(r"line (?P<number>\d{1,6}), in (?P<function>[^:]*): (?P<text>.*)")
OWN_CELL = ""  # the name of a cell that the student has added
IN_FUNCTION = re.compile(r", line \d+, in (\w+)\(")  # in a traceback of IPython's
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b")
COMPARED = re.compile(
    r"^ *(?:ACTUAL|x): (?P<got>.*?)^ *(?:DESIRED|y): (?P<expected>.*)", re.DOTALL | re.MULTILINE
)
ROW = re.compile(r"\s*([A-Za-z][\w ]{0,30}?)\s*[:|]\s*(.*)")
OURS = ("your ", "the result ", "this ", "a name ", "what your ", "the answer ", "the last line ")
DEFINED = re.compile(r"^(?:async +def|def|class) +(\w+)", re.MULTILINE)
UNFINISHED = "NotImplementedError"
# The first cell of a notebook that is the released one, because the student's own cannot be shown.
NOT_SHOWN = "This notebook cannot be shown. The marks are those that were found in it."
NOT_WRITTEN = "It is not written yet"


@dataclass(frozen=True)
class CodeLine:
    """A line of the student's notebook: its cell by name, its number in it from 1, and its text."""

    cell: str
    number: int
    text: str


@dataclass(frozen=True)
class Reason:
    """Why points were lost: a sentence, and more where it can be said.

    `compared` are rows of a label and a value, and `tables` those of a message. `lines` are the
    student's that an exception came through, the last one raised it; `check` is the line of a
    visible test; `detail` is plain text, and `traceback` is that of an answer. `cells` are the test
    cells that say so. `named` are functions of other cells that the sentence speaks of, with the
    names of these cells.
    """

    text: str
    points: float = 0.0
    compared: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    lines: tuple[CodeLine, ...] = ()
    check: str = ""
    detail: str = ""
    traceback: str = ""
    cells: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


class Functions:
    """Which cell defines each function, as students have the notebook, less the test cells."""

    def __init__(self, notebook: AssignmentNotebook) -> None:
        self._cells = {
            function: cell.name
            for cell in notebook.cells
            if cell.cell_type == "code" and not cell.tested
            for function in DEFINED.findall(cell.released)
        }

    def named_in(self, reason: Reason, own: tuple[str, ...]) -> Reason:
        """The reason with the functions that its sentence names and that are not in `own` cells."""
        names = dict.fromkeys(WORD.findall(reason.text))
        named = [(name, self._cells[name]) for name in names if name in self._cells]
        return replace(reason, named=tuple(pair for pair in named if pair[1] not in own))


class Answers:
    """The cells of an executed notebook, and what of them is the student's own."""

    def __init__(self, nb: NotebookNode, notebook: AssignmentNotebook) -> None:
        self.cells: dict[str, NotebookNode] = {}
        self._own: list[tuple[str, NotebookNode]] = []
        self._notebook = notebook
        self.are_known = not (nb.cells and nb.cells[0].source == NOT_SHOWN)
        to_fill_in = {cell.name for cell in notebook.cells if cell.solution}
        self.asked_for = {
            function: cell.name
            for cell in notebook.cells
            if cell.solution
            for function in DEFINED.findall(cell.released)
        }
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", OWN_CELL)
            if name:
                self.cells.setdefault(name, cell)
            if cell.cell_type == "code" and (name in to_fill_in or name == OWN_CELL):
                self._own.append((name, cell))

    def untouched(self, cell: AssignmentCell) -> bool:
        """Whether a cell to fill in is as it was released."""
        found = self.cells.get(cell.name)
        return found is None or found.source.strip() == cell.released.strip()

    def compared(self, cell: AssignmentCell) -> tuple[Table, ...]:
        """What a visible test compared when it failed, as far as that was recorded."""
        return tables_of(cell, self.cells[cell.name], self._notebook)

    def came_through(self, verdict: Verdict) -> tuple[CodeLine, ...]:
        """The lines of their own that an exception came through, as far as there are such lines."""
        frames = (FRAME.fullmatch(line) for line in verdict.students_lines)
        found = (self._line(frame) for frame in frames if frame)
        return tuple(line for line in found if line is not None)

    def _line(self, frame: re.Match[str]) -> CodeLine | None:
        at = int(frame["number"]), frame["text"].strip()
        names = self._lines.get(at, [])
        function = f"def {frame['function']}("
        named = [name for name, cell in self._own if name in names and function in cell.source]
        return CodeLine([*named, *names][0], *at) if names else None

    @cached_property
    def _lines(self) -> dict[tuple[int, str], list[str]]:
        """The cells of each line of code, by its number in the cell and its text."""
        found: dict[tuple[int, str], list[str]] = {}
        for name, cell in self._own:
            for number, line in enumerate(cell.source.split("\n"), start=1):
                found.setdefault((number, line.strip()), []).append(name)
        return found


def reasons_of_test(
    cell: AssignmentCell,
    points: float,
    answers: Answers,
    own: tuple[str, ...],
    *,
    by_hand: bool = False,
) -> Iterator[Reason]:
    """Why a test cell lost points, or failed without losing any.

    `own` are the names of the cells to fill in that the test is about; `by_hand` if a human has
    given the points.
    """
    outputs = answers.cells[cell.name].get("outputs", ()) if cell.name in answers.cells else ()
    verdicts = [Verdict.read(output) for output in outputs if output.output_type == "error"]
    for verdict in verdicts:
        lines = answers.came_through(verdict)
        reason = Reason(_sentence(verdict.for_student), points)
        if missing := unwritten_by(verdict, lines):
            text = (
                NOT_WRITTEN if missing in own else f"It needs {missing}, which is not written yet"
            )
            yield Reason(text, points)
        elif failed_in_sight(cell, verdict.test_lines):
            reason = replace(
                reason, lines=lines[-MAX_LINES:], check=_check(cell.released, verdict.test_lines)
            )
            reason = _more_of_visible_test(reason, verdict)
            if not (reason.compared or reason.tables or reason.detail or reason.lines):
                reason = replace(reason, tables=answers.compared(cell))
            yield reason
        else:
            yield replace(reason, lines=_where(lines, own))
    if not verdicts and points and not by_hand:
        whole = cell.points or 0.0
        yield Reason(f"A test gives {whole - points:g} of its {whole:g} points", points)


def unwritten_by(verdict: Verdict, lines: tuple[CodeLine, ...]) -> str:
    """The cell that still says that it is to be written, if that is how a test failed."""
    at_end = bool(lines) and verdict.name == UNFINISHED and UNFINISHED in lines[-1].text
    return lines[-1].cell if at_end else ""


def reasons_of_answer(cell: AssignmentCell, answers: Answers) -> Iterator[Reason]:
    """Why a cell that a student filled in did not run to its end."""
    for output in answers.cells[cell.name].get("outputs", ()):
        if output.output_type != "error":
            continue
        if output.ename == STOPPED:
            yield Reason(_sentence(Verdict.read(output).for_student))
            continue
        traceback = plain("\n".join(output.traceback))
        passed = [name for name in IN_FUNCTION.findall(traceback) if name in answers.asked_for]
        elsewhere = [name for name in passed[-1:] if answers.asked_for[name] != cell.name]
        where = f" in {elsewhere[0]}" if elsewhere else ""
        said = f": {output.evalue}" if output.evalue.strip() else ""
        text = f"Your cell ended with {output.ename}{where}{said}"[:MAX_VALUE]
        yield Reason(text, traceback=traceback[-MAX_DETAIL:])


def told_once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons in order of the points that they cost, each once."""
    found: dict[str, Reason] = {}
    for reason in reasons:
        known = found.get(what_of(reason))
        found[what_of(reason)] = reason if known is None else _joined(known, reason)
    return tuple(sorted(found.values(), key=lambda reason: -reason.points))


def what_of(reason: Reason) -> str:
    """What two reasons have in common that are one: the text, or where which exception was raised.

    A visible test shows the exception's message, and a hidden one does not.
    """
    return f"{message_of(reason)} at {reason.lines[-1]}" if reason.lines else reason.text


def message_of(reason: Reason) -> str:
    """The text, less what an exception of the student's own says."""
    return reason.text.partition(": ")[0] if reason.lines else reason.text


def _joined(one: Reason, other: Reason) -> Reason:
    """Both in one, with all that either of them tells."""
    return Reason(
        max(one.text, other.text, key=len),
        one.points + other.points,
        one.compared or other.compared,
        one.tables or other.tables,
        one.lines or other.lines,
        one.check or other.check,
        one.detail or other.detail,
        one.traceback or other.traceback,
        (*one.cells, *other.cells),
    )


def _where(lines: tuple[CodeLine, ...], own: tuple[str, ...]) -> tuple[CodeLine, ...]:
    """Where the code that is tested went on, if elsewhere, and where it ended.

    More of the way would tell more of a hidden test's arguments: a student chooses what it depends
    on.
    """
    at_own = [line for line in lines[:-1] if line.cell in own and lines[-1].cell not in own]
    return (*at_own[-1:], *lines[-1:])


def _more_of_visible_test(reason: Reason, verdict: Verdict) -> Reason:
    """With what was compared. Students have the test, and all that it says."""
    message = plain(verdict.message)
    if found := COMPARED.search(message):
        values = [("expected", found["expected"]), ("got", found["got"])]
        return replace(reason, compared=tuple((label, _value(text)) for label, text in values))
    first, *rest = reason.text.split("\n")
    if tables := _tables(rest):
        return replace(reason, text=first, tables=tables)
    rows = tuple((row[1], _value(row[2])) for line in rest if (row := ROW.fullmatch(line)))
    if rest and len(rows) == len(rest):
        return replace(reason, text=first, compared=rows)
    if rest:
        return replace(reason, text=first, detail="\n".join(rest)[:MAX_DETAIL])
    if reason.lines and message and message not in reason.text:  # the student's own exception
        return replace(reason, text=f"{reason.text}: {_value(message)}")
    return reason


def _tables(lines: list[str]) -> tuple[Table, ...]:
    """The tables of a message: a line `expected got`, then for each a title and indented rows.

    Columns are two blanks apart. What has another form is no table.
    """
    if not lines or lines[0].split() != ["expected", "got"]:
        return ()
    tables: list[Table] = []
    for line in lines[1:]:
        parts = re.split(r"\s{2,}", line.strip())
        if not line.startswith("  "):
            tables.append(Table(line, ()))
        elif not tables or len(parts) > 3:
            return ()
        elif len(parts) == 1:
            tables[-1] = replace(tables[-1], note=line.strip())
        else:
            place, expected, got = parts if len(parts) == 3 else ["", *parts]
            tables[-1] = replace(tables[-1], rows=(*tables[-1].rows, (place, expected, got)))
    return tuple(tables)


def _check(source: str, lines: tuple[str, ...]) -> str:
    """The last of these lines of a visible test, as a whole statement where it is a short one."""
    found = PLACE.match(lines[-1]) if lines else None
    if found is None:
        return ""
    statements = [
        node
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.Assert | ast.Expr | ast.Assign)
        and node.lineno <= int(found[1]) <= (node.end_lineno or 0)
    ]
    code = ast.get_source_segment(source, statements[-1], padded=True) if statements else ""
    return textwrap.dedent(code or "") if (code or "").count("\n") < MAX_LINES else ""


@lru_cache(1000)
def parsed(source: str) -> ast.Module:
    """The code of a visible test; nothing, where it is not plain Python."""
    try:
        return syntax_tree(source)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _sentence(text: str) -> str:
    """What is said, as a sentence begins; the author's words stay as they are."""
    return text[:1].upper() + text[1:] if text.startswith(OURS) else text


def _value(value: str) -> str:
    """A value as it was printed, less what puts the lines of arrays below each other."""
    value = re.sub(r"\n\s+", "\n ", value.strip())
    return value if len(value) <= MAX_VALUE else f"{value[:MAX_VALUE]} …"


def plain(text: str) -> str:
    """Text without a terminal's colours."""
    return ANSI.sub("", text)
