"""Whose a name is: each row of the table in referee/judge/names.py, with a student who has it."""

import decimal
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from referee.grade.run import run_cells
from referee.judge.cells import TestCell
from referee.judge.judge import Judge
from referee.judge.names import Binding, bindings, is_open, statements
from referee.model.assignment import AssignmentCell, AssignmentNotebook
from referee.model.events import Events
from referee.model.outcomes import Cause, Trouble

NOTHING_YET = "raise ValueError  # as a test does that the student's code does not withstand\n"
CLOSED = "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
NO_MATERIALS = Path("/no/files/of/an/assignment")  # modules beside those would be a teacher's
OPEN = "# YOUR CODE HERE\nraise NotImplementedError()"


class Student:
    """A kernel that has every name, unless it lacks some, each with the same value."""

    context: Any = None
    steps = 0
    losses: tuple[Any, ...] = ()
    is_linked = False

    def __init__(self, lacks: str = "") -> None:
        self.lacks = lacks.split()

    def look_up(self, name: str) -> Any:
        if name in self.lacks:
            raise NameError(name)
        return "student's"

    def take_random_states(self) -> None:
        pass

    def files(self, known: dict[str, int]) -> list[Any]:
        return []

    def draw(self, function: str, args: Any, kwargs: Any) -> None:
        pass

    def set_global(self, name: str, value: Any = None) -> None:
        pass


class Master:
    """A judge that meets the cells of a master in their order."""

    def __init__(self, *cells: tuple[str, str], lacks: str = "") -> None:
        self.judge = Judge(NO_MATERIALS)
        self.student: Any = Student(lacks)
        for kind, source in cells:
            if kind == "provided":
                self.judge.provide(source)
            elif kind == "solution":
                self.judge.meet_solution(source)
            else:
                self.test(source)

    def test(self, source: str) -> str:
        """What a test cell ends with: the text of its last line, or the name of its error."""
        for output in self.judge.run(TestCell("t", source, 1), self.student).outputs:
            return str(output.data["text/plain"] if "data" in output else output.ename)
        return ""


class Kernel:
    """Takes a notebook's cells, and judges tests against a student who has every name."""

    def run(self, source: str, name: str) -> list[NotebookNode]:
        return []

    def judge(self, cell: TestCell, judge: Judge) -> list[NotebookNode]:
        student: Any = Student()
        return judge.run(cell, student).outputs

    def cpu_seconds(self) -> float:
        return 0.0

    def take_most_memory(self) -> int:
        return 0


STUDENTS = '"student\'s"'
UNPREPARED = "Unprepared"
# What the cells before it bind, and what a test then finds as `x`.
ROWS = {
    "nobody": ([], STUDENTS),
    "test": ([("test", "x = 'ours'")], "'ours'"),
    "test, and failed": ([("test", NOTHING_YET + "x = 'ours'")], UNPREPARED),
    "test, and failed after it": ([("test", "x = 'ours'\n" + NOTHING_YET)], "'ours'"),
    "test's loop, and failed": ([("test", NOTHING_YET + "for x in 'ab': pass")], UNPREPARED),
    "test's function, and failed": ([("test", NOTHING_YET + "def x(): pass")], "<function"),
    "test's import, and failed": ([("test", NOTHING_YET + "import os as x")], "<module 'os'"),
    "test's function that needs the student's, and failed": (
        [("test", NOTHING_YET + "def x(y=z): pass")],
        UNPREPARED,
    ),
    "test's list, and failed before it was full": (
        [("test", "x = []\nfor number in range(3):\n    f()\n    x.append(number)")],
        UNPREPARED,
    ),
    "test's dict, and failed before it was full": (
        [("test", "x = {}\nx['a'] = f()")],
        UNPREPARED,
    ),
    "test's array, and failed before it was full": (
        [("test", "x = [[0]]\nx[0][0] += f()")],
        UNPREPARED,
    ),
    "test's sum, and failed before it was complete": (
        [("test", "x = 0\nfor number in range(3): x += f()")],
        UNPREPARED,
    ),
    "test's list, and failed after it was full": (
        [("test", "x = []\nx.append(1)\nf()\nassert x.copy() == [1]")],
        "[1]",
    ),
    "provided import, and a failed test's": (
        [("provided", "import os as x"), ("test", NOTHING_YET + "import os as x")],
        "<module 'os'",
    ),
    "test's global, and failed": (
        [("test", NOTHING_YET + "def f():\n    global x\n    x = 1")],
        UNPREPARED,
    ),
    "test, and deleted": ([("test", "x = 1"), ("test", "del x")], UNPREPARED),
    "failed test, then another": (
        [("test", NOTHING_YET + "x = 'ours'"), ("test", "x = 'again'")],
        "'again'",
    ),
    "test, then a failed one": (
        [("test", "x = 'ours'"), ("test", NOTHING_YET + "x = 'again'")],
        UNPREPARED,
    ),
    "test, then a closed solution": ([("test", "x = 'ours'"), ("solution", CLOSED)], "'ours'"),
    "failed test, then a closed solution": (
        [("test", NOTHING_YET + "x = 'ours'"), ("solution", CLOSED)],
        UNPREPARED,
    ),
    "test, then an open solution": ([("test", "x = 'ours'"), ("solution", OPEN)], STUDENTS),
    "test's function, then an open solution": (
        [("test", "def x(): pass"), ("solution", OPEN)],
        "<function",
    ),
    "failed test's function, then an open solution": (
        [("test", NOTHING_YET + "def x(): pass"), ("solution", OPEN)],
        "<function",
    ),
    "test, then a solution that binds it": (
        [("test", "x = 'ours'"), ("solution", "def x(): ...")],
        STUDENTS,
    ),
    "test that need not, nobody before": (
        [("test", "if False:\n    x = 'ours'")],
        UNPREPARED,
    ),
    "test that looked whether it is there": (
        [("test", "try:\n    x\nexcept NameError:\n    x = 'ours'")],
        STUDENTS,
    ),
    "solution, then a test that need not": (
        [("solution", "def x(): ..."), ("test", "if False:\n    x = 'ours'")],
        STUDENTS,
    ),
    "open solution, then a test that need not": (
        [("solution", OPEN), ("test", "if False:\n    x = 'ours'")],
        STUDENTS,
    ),
    "solution": ([("solution", "def x(): ...")], STUDENTS),
    "solution, then a test": ([("solution", "def x(): ..."), ("test", "x = 'ours'")], "'ours'"),
    "provided value": ([("provided", "x = compute()")], STUDENTS),
    "provided value, after a test": ([("test", "x = 1"), ("provided", "x = 2")], STUDENTS),
    "provided function": ([("provided", "def x(): pass\nx.__repr__")], "<function"),
    "provided class": ([("provided", "class x: pass")], "<class"),
    "provided lambda": ([("provided", "x = lambda: 1")], "<function"),
    "provided import": ([("provided", "import os as x")], "<module 'os'"),
    "provided import of all": ([("provided", "from os.path import *"), ("test", "x = join")], "<f"),
    "provided import, and a solution's": (
        [("provided", "import os as x"), ("solution", "import sys as x\n" + CLOSED)],
        "<module 'os'",
    ),
    "provided import, then a solution that defines it": (
        [("provided", "from os.path import join as x"), ("solution", "def x(): ...")],
        STUDENTS,
    ),
    "provided function, then an open solution": (
        [("provided", "def x(): pass"), ("solution", OPEN)],
        "<function",
    ),
    "provided function, then a solution that defines it": (
        [("provided", "def x(): pass"), ("solution", "def x(): ...")],
        STUDENTS,
    ),
    "solution, then a provided function": (
        [("solution", "def x(): ..."), ("provided", "def x(): pass")],
        "<function",
    ),
    "provided function, then computed": (
        [("provided", "def x(): pass\nx = timed(x)")],
        STUDENTS,
    ),
    "provided definition that needs the student's": (
        [("provided", "class x(Base): pass")],
        STUDENTS,
    ),
    "provided import of what a student hands in": (
        [("provided", "from handed_in import x")],
        STUDENTS,
    ),
    "provided definition that fails for another reason": (
        [("provided", "def x(y=[0] * 2**62): pass")],
        UNPREPARED,
    ),
    "Python, and the student": ([("solution", CLOSED), ("test", "x = len")], "<built-in"),
}


@pytest.mark.parametrize("row", ROWS)
def test_name_is_whose_the_master_says(row: str) -> None:
    cells, expected = ROWS[row]
    assert Master(*cells).test("x").startswith(expected)


def test_constant_of_a_provided_cell_is_the_instructors() -> None:
    cells = [("provided", "LIMIT = 'ours'"), ("solution", OPEN)]
    assert Master(*cells).test("LIMIT") == "'ours'"
    assert Master(*cells, ("solution", "LIMIT = 1")).test("LIMIT") == STUDENTS


@pytest.mark.parametrize("cell", [OPEN, "def x(): ..."])
def test_value_of_a_test_is_there_where_the_student_has_none(cell: str) -> None:
    master = Master(("test", "x = 'ours'"), ("solution", cell), lacks="x")
    assert master.test("x") == "'ours'"


def test_function_of_the_solution_hides_pythons_own_of_that_name() -> None:
    assert Master(("solution", "def max(a, b): ...")).test("max") == STUDENTS
    assert Master(("solution", CLOSED)).test("max").startswith("<built-in")


@pytest.mark.parametrize("cell", [("solution", "max = None"), ("provided", "max = computed()")])
def test_value_of_the_master_hides_pythons_own_of_that_name(cell: tuple[str, str]) -> None:
    assert Master(cell).test("max") == STUDENTS


def test_provided_function_calls_what_the_student_has_put_in_its_place() -> None:
    cells = [("provided", "def x(): pass\ndef y(): return x"), ("solution", "def x(): ...")]
    assert Master(*cells).test("y()") == STUDENTS


IMPORTING = {
    "try:\n    import json as x\nexcept ImportError:\n    x = None": "<module 'json'",
    "try:\n    import nothing as x\nexcept ImportError:\n    x = None": "None",
    "try:\n    import nothing as x\n    FOUND = 1\nexcept ImportError:\n    import json as x": (
        "<module 'json'"
    ),
    "import sys\nif sys.maxsize < 3:\n    import nothing as x\nelse:\n    import json as x": (
        "<module 'json'"
    ),
    "if students:\n    import json as x": STUDENTS,
    "if f():\n    import json as x": STUDENTS,
    "try:\n    import json\n    x = 1\nexcept ImportError:\n    x = 2": STUDENTS,
}


@pytest.mark.parametrize("cell", IMPORTING)
def test_import_that_depends_on_what_is_there_is_the_instructors(cell: str) -> None:
    assert Master(("provided", cell)).test("(x,)").startswith("(" + IMPORTING[cell])


BINDS = {
    "a = b.c = d[0] = 1": "a",
    "(a, *b), c = x": "a b c",
    "a: int = 1": "a",
    "a += 1": "a",
    "if (a := 1): b = 2": "a b",
    "for a, b in x: c = 1": "a b c",
    "with x as a: b = 1": "a b",
    "try: a = 1\nexcept E as b: c = 1\nfinally: d = 1": "a b c d",
    "while x: a = 1": "a",
    "import a.b, c.d as e": "a e",
    "from a import b, c as d": "b d",
    "from a import *": "",
    "def a(b=(c := 1)):\n    d = 1\n    global e\n    e = 2": "a c e",
    "@(a := x)\nclass b(c): d = 1": "a b",
    "a = lambda b: (c := 1)": "a",
    "[(a := b) for b in x]": "a",
    "{b: c for b in x for c in (a := y)}": "a",
    "del a": "a",
    "match x:\n    case [a, *b]: pass\n    case {'k': c, **d}: pass\n    case E() as e: pass": (
        "a b c d e"
    ),
    "%matplotlib inline\na = 1": "a",
    "a = (": "",
}


@pytest.mark.parametrize("source", BINDS)
def test_names_that_a_cell_binds(source: str) -> None:
    assert sorted(bindings(source)) == BINDS[source].split()


def test_how_a_cell_binds_a_name_last_counts() -> None:
    found = bindings("import a\ndef b(): pass\nb = 1\nc = 1\nimport c\nd = 1\ndel d")
    assert found == {
        "a": Binding.IMPORT,
        "b": Binding.VALUE,
        "c": Binding.IMPORT,
        "d": Binding.DELETION,
    }


@pytest.mark.parametrize(
    ("released", "expected"),
    [
        (CLOSED, False),
        ('"""Text."""\nimport a\n' + CLOSED, False),
        (OPEN, True),
        ("# your code", True),
        (CLOSED + "\n# your code", True),
        ("a = 1\n" + CLOSED, True),
        ("", True),
        ("def f(", True),
    ],
)
def test_solution_cell_is_open_if_students_write_on_its_top_level(
    released: str, expected: bool
) -> None:
    assert is_open(released) is expected


def cell_of(name: str, source: str, kind: str, released: str = "") -> AssignmentCell:
    points = 1.0 if kind == "test" else None
    locked, solution = kind in ("test", "provided"), kind == "solution"
    return AssignmentCell(
        name, "code", locked, source, released or source, "", points, solution, False
    )


def test_cells_of_the_assignment_decide_and_those_of_the_submission_do_not() -> None:
    cells = (
        cell_of("given", "import os as path\nLIMIT = 1", "provided"),
        cell_of("prepares", NOTHING_YET + "prepared = 1", "test"),
        cell_of("skipped", "also_prepared = 1", "test"),
        cell_of("answer", CLOSED, "solution"),
        cell_of("judges", "prepared", "test"),
        cell_of("judges-the-skipped", "also_prepared", "test"),
        cell_of("replaced", "def LIMIT(): ...", "solution"),
        cell_of("limit", "LIMIT", "test"),
        cell_of("module", "path.name", "test"),
    )
    nb = nbformat.v4.new_notebook()
    for cell in cells:
        marks = {"grade": cell.tested, "solution": cell.solution, "points": cell.points}
        about = {"nbgrader": {"grade_id": cell.name, **marks}}
        written = "prepared = path = 'made up'\n" if cell.solution else ""
        nb.cells.append(nbformat.v4.new_code_cell(written + cell.source, metadata=about))
        nb.cells.append(nbformat.v4.new_code_cell("prepared = path = LIMIT = 1"))
    kernel: Any = Kernel()
    skipped = {"skipped": Trouble(Cause.MEMORY, "it ended the grading process")}
    assignment = AssignmentNotebook("t", None, 3, cells)
    run_cells(nb, assignment, Judge(NO_MATERIALS), kernel, Events(), skipped)
    said = {
        cell.metadata.nbgrader.grade_id: cell.outputs[0]
        for cell in nb.cells
        if "nbgrader" in cell.metadata and cell.outputs
    }
    assert said["judges"].ename == said["judges-the-skipped"].ename == "Unprepared"
    assert said["limit"].data["text/plain"] == STUDENTS
    assert said["module"].data["text/plain"] == repr(os.name)


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("np.set_printoptions(precision=2, suppress=True)", True),
        ("_ = np.set_printoptions(precision=2)", True),
        ("pd.set_option('display.max_rows', 5)", True),
        ("pd.options.display.max_rows = 5", True),
        ("plt.rcParams['figure.figsize'] = (3, 2)", True),
        ("plt.style.use('ggplot')", True),
        ("decimal.getcontext().prec = 4", True),
        ("np.set_printoptions(precision=digits())", False),
        ("figure.options = 3", False),
        ("model.train(3)", False),
        ("scores['a'] = 3", False),
    ],
)
def test_setting_of_a_provided_cell_holds_where_tests_run(source: str, holds: bool) -> None:
    assert (statements(source)[0].code is not None) is holds


def test_decimals_of_a_test_are_as_precise_as_a_provided_cell_has_said() -> None:
    judge, before = Judge(Path()), decimal.getcontext().prec
    try:
        judge.provide("import decimal\ndecimal.getcontext().prec = 4")
        assert str(decimal.Decimal(1) / 3) == "0.3333"
    finally:
        decimal.getcontext().prec = before
