"""Judging test cells: their code runs here, in the trusted process, against a student's kernel.

A test cell is plain Python of the master notebook. Names that it lacks come from the student's
kernel: functions are calls across the boundary, values are plain data.
"""

import ast
import builtins
import ctypes
import linecache
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import nbformat
import numpy as np
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from referee.boundary.remote import CallLost, Handle, NamedFunction, Student
from referee.boundary.student import Captured, RandomStates
from referee.memory import memory_limit

MEMORY = 6 * 2**30  # bytes that a test may take beyond what the grading process has
MAX_TEXT = 10_000  # characters of a message
BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"


@dataclass(frozen=True)
class TestCell:
    """A graded test cell of the master notebook."""

    __test__ = False  # it is no test of pytest's

    grade_id: str
    source: str
    points: float

    @property
    def has_hidden_tests(self) -> bool:
        """Whether students have not seen all of it."""
        return BEGIN_HIDDEN in self.source


class TestTimeout(BaseException):
    """A test cell takes too long here, outside the student's kernel."""

    __test__ = False


class Judge:
    """Runs the test cells of one notebook, in their order, and keeps what they define.

    `materials` is the folder of the assignment's own files, where test cells import from.
    """

    def __init__(self, materials: Path) -> None:
        self.materials = materials
        self.random_states: Any = None
        self._student: Student | None = None  # while a test cell runs
        self._from_student: dict[str, Any] = {}  # names looked up there by this test cell
        self._provided = Names(self)  # what the instructor's cells import and define
        self._recent: dict[str, Any] = {}  # values of test cells since the last solution cell
        self._older: dict[str, Any] = {}  # values of test cells before it

    def provide(self, source: str) -> None:
        """Take over what a provided cell defines without computing: imports, functions, constants.

        In the kernel a student can replace them, helpers and tolerances of tests included. Values
        that are computed stay there, for computing them may need the student's code.
        """
        with self._imports_allowed():
            for code in _definitions(source):
                with suppress(Exception), redirect_stdout(StringIO()):
                    exec(code, self._provided)

    def forget_values(self) -> None:
        """A solution cell has run: from here on, the student's values go before older ones."""
        self._older |= self._recent
        self._recent = {}

    def run(self, cell: TestCell, student: Student, wall: float) -> list[NotebookNode]:
        """Run a test cell; the outputs say how it ended, as nbgrader reads them.

        `random_states` are then those that the cell leaves its generators in.
        """
        outputs: list[NotebookNode] = []
        printed = Captured()
        names = Names(self)
        generators = RandomStates()
        ours = generators.get()
        self._student, self._from_student = student, {}
        try:
            with (
                redirect_stdout(printed),
                redirect_stderr(printed),
                self._imports_allowed(),
                memory_limit(MEMORY),
                _time_limit(wall),
            ):
                student.take_random_states()
                value = _execute(cell, names)
            if value is not None:
                outputs.append(_result(value, cell.points))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            outputs.append(_error(error, cell))
        finally:
            self.random_states = generators.get()
            generators.set(ours)
            self._student, self._from_student = None, {}
            self._keep(names)
        if text := printed.getvalue():
            outputs.insert(0, nbformat.v4.new_output("stream", name="stdout", text=text))
        return outputs

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
        try:
            # Once: a value is the same object for the whole test cell.
            self._from_student[name] = self._student.look_up(name)
        except NameError:
            return self._older[name]  # or a KeyError, which Python turns into a NameError
        return self._from_student[name]

    def _keep(self, names: "Names") -> None:
        """Keep what a test cell has defined for those after it: functions and modules for good."""
        for name, value in names.items():
            if not name.startswith("__"):
                if isinstance(value, Handle | NamedFunction):
                    continue  # it ends with the cell's fork
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


class Names(dict[str, Any]):
    """Global names of the instructor's code; what it does not define is looked up when used."""

    def __init__(self, judge: Judge) -> None:
        super().__init__(__name__="__main__")
        self._judge = judge

    def __missing__(self, name: str) -> Any:
        """Look the name up."""
        return self._judge.look_up(name)


@lru_cache(1000)
def _definitions(source: str) -> list[CodeType]:
    """The statements of a cell that define without computing."""
    try:
        statements = ast.parse(TransformerManager().transform_cell(source)).body
    except SyntaxError:
        return []
    return [
        compile(ast.Module([statement], []), "<provided cell>", "exec")
        for statement in statements
        if _only_defines(statement)
    ]


def _only_defines(statement: ast.stmt) -> bool:
    """Whether it is an import, a definition, or a constant: a literal with a NAME in capitals."""
    if isinstance(statement, ast.Assign):
        named = [isinstance(to, ast.Name) and to.id.isupper() for to in statement.targets]
        return all(named) and _is_literal(statement.value)
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)


def _is_literal(expression: ast.expr) -> bool:
    try:
        ast.literal_eval(expression)
    except ValueError:
        return False
    return True


def _execute(cell: TestCell, names: Names) -> Any:
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
    text = {"text/plain": repr(value)[:MAX_TEXT]}
    return nbformat.v4.new_output("execute_result", data=text, execution_count=None)


def _error(error: BaseException, cell: TestCell) -> NotebookNode:
    """What a cell that failed shows; the first line of its traceback is meant for the student."""
    name = getattr(error, "student_name", type(error).__name__)
    message = str(error)[:MAX_TEXT]
    lines = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == _filename(cell):
            line = linecache.getline(_filename(cell), number).strip()
            lines.append(f"{cell.grade_id}, line {number}: {line}")
    if told := getattr(error, "student_traceback", ""):
        lines += ["in the student's notebook:", *told.splitlines()]
    if detail := getattr(error, "detail", ""):
        lines.append(detail)
    shown = [_for_student(error), *lines, f"{name}: {message}"]
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=shown)


def _for_student(error: BaseException) -> str:
    """What a student may read of a failed test: the author's text, nothing that was compared.

    Nothing of it comes from the student's side either, which could pass on what the test gave it.
    """
    if hasattr(error, "student_name"):
        return f"your code raised {type(error).__name__}"
    if isinstance(error, CallLost):
        return str(error)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_globals.get("__name__", "").startswith("numpy.testing"):
            return str(frame.f_locals.get("err_msg") or "the result is not what was expected")
    if isinstance(error, AssertionError):
        return str(error)[:MAX_TEXT] or "the result is not what was expected"
    if isinstance(error, NameError):
        return f"your notebook does not define {error.name}" if error.name else "a name is missing"
    return f"the result cannot be checked ({type(error).__name__})"


def _filename(cell: TestCell) -> str:
    return f"<{cell.grade_id}>"


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise TestTimeout in this thread when the time is over.

    Raises:
        TestTimeout: it is.

    """
    thread, over = threading.get_ident(), threading.Lock()
    done: list[bool] = []

    def raise_timeout() -> None:
        with over:
            if done:
                return
            raised = ctypes.py_object(TestTimeout)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)

    timer = threading.Timer(seconds, raise_timeout)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with over:  # either it was raised already, or it never will be
            done.append(True)
        timer.cancel()
