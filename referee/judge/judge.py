"""Judging test cells: their code runs here, in the trusted process, against a student's kernel.

A test cell is plain Python of the master notebook. Names that it lacks come from the student's
kernel: functions are calls across the boundary, values are plain data.
"""

import ast
import builtins
import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Self

import nbformat
import numpy as np
from nbformat import NotebookNode

from referee.boundary.messages import shortened
from referee.boundary.shared import Captured, RandomStates
from referee.judge.names import TestNamespace, Unprepared, definitions, names_bound
from referee.judge.remote import Handle, NamedFunction, StudentCode
from referee.judge.time_limit import time_limit
from referee.judge.verdict import MAX_TEXT, Verdict
from referee.memory import memory_limit
from referee.model.assignment import AssignmentCell
from referee.model.limits import Limits


@dataclass(frozen=True)
class TestCell:
    """A graded test cell of the master notebook."""

    __test__ = False  # it is no test of pytest's

    grade_id: str
    source: str
    points: float
    has_hidden_tests: bool = False  # whether students have not seen all of it

    @classmethod
    def of(cls, cell: AssignmentCell) -> Self:
        """The test of an assignment's cell."""
        return cls(cell.name, cell.source, cell.points or 0.0, cell.source != cell.released)


@dataclass(frozen=True)
class Judged:
    """How a test cell has ended: its outputs, as nbgrader reads them.

    `random_states` are those that the cell has left the generators in.
    """

    outputs: list[NotebookNode]
    random_states: Any


class Judge:
    """Runs the test cells of one notebook, in their order, and keeps what they define.

    `materials` is the folder of the assignment's own files, where test cells import from.
    """

    def __init__(self, materials: Path, limits: Limits | None = None) -> None:
        self.materials = materials
        self.limits = limits or Limits()
        self._student: StudentCode | None = None  # while a test cell runs
        self._from_student: dict[str, Any] = {}  # names looked up there by this test cell
        self._provided = TestNamespace(
            self.look_up
        )  # what the instructor's cells import and define
        self._recent: dict[str, Any] = {}  # values of test cells since the last solution cell
        self._older: dict[str, Any] = {}  # values of test cells before it
        self._unprepared: set[str] = set()  # what test cells since then should have defined
        self._aliases: dict[str, str] = {}  # names that tests gave to the student's functions

    def provide(self, source: str) -> None:
        """Take over what a provided cell defines without computing: imports, functions, constants.

        In the kernel a student can replace them, helpers and tolerances of tests included. Values
        that are computed stay there, for computing them may need the student's code.
        """
        with self._imports_allowed():
            for code in definitions(source):
                with suppress(Exception), redirect_stdout(StringIO()):
                    exec(code, self._provided)

    def forget_values(self) -> None:
        """A solution cell has run: from here on, the student's values go before older ones."""
        self._older |= self._recent
        self._recent = {}
        self._unprepared = set()

    def run(self, cell: TestCell, student: StudentCode) -> "Judged":
        """Run a test cell."""
        outputs: list[NotebookNode] = []
        printed = Captured(self.limits.printed)
        names = TestNamespace(self.look_up)
        generators = RandomStates()
        ours = generators.get()
        self._student, self._from_student = student, {}
        try:
            with (
                redirect_stdout(printed),
                redirect_stderr(printed),
                self._imports_allowed(),
                memory_limit(self.limits.test_memory),
                time_limit(self.limits.test_wall, self.limits.test_cpu),
            ):
                student.take_random_states()
                value = _execute(cell, names)
            if value is not None:
                outputs.append(_result(value, cell.points))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            outputs.append(_error(error, cell))
            self._unprepared |= names_bound(cell.source) - names.keys()
        finally:
            random_states = generators.get()
            generators.set(ours)
            self._student, self._from_student = None, {}
            self._keep(names)
        if text := printed.getvalue():
            text = shortened(text, len(text))
            outputs.insert(0, nbformat.v4.new_output("stream", name="stdout", text=text))
        return Judged(outputs, random_states)

    def look_up(self, name: str) -> Any:
        """The value of a name that the code which uses it does not define itself.

        Raises:
            KeyError: nobody defines it, or it is one of Python's own.

        """
        for known in (self._recent, self._provided, self._from_student):
            if name in known:
                return known[name]
        if hasattr(builtins, name) or name.startswith("__") or self._student is None:
            raise KeyError(name)
        if name in self._aliases:
            self._from_student[name] = self._student.look_up(self._aliases[name])
            return self._from_student[name]
        if name in self._unprepared:  # and never the student's value in its place
            raise Unprepared(f"{name!r} is not defined by the test that prepares it", name=name)
        try:
            # Once: a value is the same object for the whole test cell.
            self._from_student[name] = self._student.look_up(name)
        except NameError:
            return self._older[name]  # or a KeyError, which Python turns into a NameError
        return self._from_student[name]

    def _keep(self, names: TestNamespace) -> None:
        """Keep what a test cell has defined for those after it: functions and modules for good."""
        for name, value in names.items():
            if not name.startswith("__"):
                self._unprepared.discard(name)
                if isinstance(value, NamedFunction):
                    self._aliases[name] = value.name
                    continue
                if isinstance(value, Handle):  # it ends with the cell's fork
                    self._unprepared.add(name)
                    continue
                lasting = callable(value) or isinstance(value, ModuleType)
                (self._provided if lasting else self._recent)[name] = value

    @contextmanager
    def _imports_allowed(self) -> Iterator[None]:
        sys.path.insert(0, str(self.materials))
        try:
            yield
        finally:
            with suppress(ValueError):
                sys.path.remove(str(self.materials))


def _execute(cell: TestCell, names: TestNamespace) -> Any:
    """Run the code; return the value of its last line if that is an expression, as IPython."""
    filename = _filename(cell)
    lines = cell.source.splitlines(keepends=True)
    linecache.cache[filename] = (len(cell.source), None, lines, filename)
    body, last = _compiled(cell.source, filename)
    exec(body, names)
    return None if last is None else eval(last, names)


@lru_cache(1000)
def _compiled(source: str, filename: str) -> tuple[CodeType, CodeType | None]:
    """The code of a test cell, and that of its last line if this is an expression."""
    tree = ast.parse(source, filename)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    body: CodeType = compile(tree, filename, "exec")
    if not isinstance(last, ast.Expr):
        return body, None
    return body, compile(ast.Expression(last.value), filename, "eval")


def _result(value: Any, points: float) -> NotebookNode:
    """What a cell's last value is shown as; nbgrader takes a number for partial credit."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = float(min(max(value, 0.0), points)) if value == value else 0.0
    text = {"text/plain": shortened(repr(value), MAX_TEXT)}
    return nbformat.v4.new_output("execute_result", data=text, execution_count=None)


def _error(error: BaseException, cell: TestCell) -> NotebookNode:
    """What a cell that failed shows."""
    lines = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == _filename(cell):
            line = linecache.getline(_filename(cell), number).strip()
            lines.append(f"{cell.grade_id}, line {number}: {line}")
    return Verdict.on(error, lines).to_output()


def _filename(cell: TestCell) -> str:
    return f"<{cell.grade_id}>"
