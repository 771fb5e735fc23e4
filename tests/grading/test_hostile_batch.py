"""One batch of all that submissions can bring against the grader, and of six ordinary ones.

Each hostile submission is an honest one besides, and gets the points of what it computes; each test
looks at the trace that its deed has left.
"""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from referee.model.outcomes import Outcome
from referee.nbgrader.course import Course
from referee.record.journal import JournalLine, latest_lines
from tests.support.course import lost
from tests.support.leftovers import left_behind
from tests.support.toy import CONFIG, NAME, NOTEBOOK, RIGHT, WITH_REFEREE, ToyCourse, make_toy
from tests.support.toy import question as asked

pytestmark = pytest.mark.xdist_group("hostile batch")

LIMITS = """
c.Limits.test_cpu, c.Limits.call_wall, c.Limits.cell_wall, c.Limits.test_wall = 1, 60, 60, 60
c.Limits.cell_cpu, c.Limits.blocked, c.Limits.handling_cpu = 3, 2, 10
c.Limits.messages, c.Limits.grading_memory = 2**29, 3 * 2**30
c.Limits.notebook_output, c.Limits.output = 2**21, 2**20
"""
ORDINARY = [f"ordinary{number}" for number in range(1, 7)]

# Own cells, behind the first question.
OWN_CELL = {
    "endless_message": """
import os, socket, threading
parts = b"\\x03" + (2**20).to_bytes(8, "big") + bytes(2**20)  # of ZeroMQ: more parts follow
for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        channel = socket.socket(fileno=os.dup(fd))
        if channel.family == socket.AF_UNIX and channel.getsockname().endswith("-2"):
            channel.setblocking(True)
            print("sending", flush=True)
            while True:
                channel.sendall(parts)
    except (OSError, AttributeError):
        pass
""",
    "unwaited_processes": """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    for _ in range(12):
        if os.fork() == 0:
            os.setsid()
            while time.process_time() < 0.3: pass
            os._exit(0)
    time.sleep(0.1)
""",
    "sleeping_cell": "import time; time.sleep(10**6)",
    "blank_lines": "pass\n" + " \n" * 40_000,
    "stars": "*" * 60_000,
    "dots": "'''" + "a." * 100_000,
    "brackets": "(" * 100_000,
    "nested_html": "from IPython.display import *\ndisplay(HTML('<div>' * 150_000))",
    "nested_list": "from IPython.display import *\ndisplay(Markdown('> ' * 400_000))",
    "emphasis": "from IPython.display import *\ndisplay(Markdown('*a **' * 200_000))",
    "odd_metadata": "from IPython.display import *\ndisplay({'image/png': 'iVBORw0KGgo='}, "
    "metadata={'image/png': 5, 'width': [[]]}, raw=True)",
    "ends_the_first_process": "import os\nfor pid in range(1, 50):\n"
    "    try: os.kill(pid, 9)\n    except OSError: pass",
}
# Functions instead of `double`; they are wrong, and lose its points.
FUNCTION = {
    "sum": "def double(x):\n    return 10**11",
    "sleeping": "def double(x):\n    import time\n    time.sleep(10**6)",
    "huge_array": "def double(x):\n    return np.ones(2**26)",
    "huge_text": "def double(x):\n    return 'x' * 2**28",
    "deep": "def double(x):\n    r = []\n    for _ in range(10**5): r = [r]\n    return r",
}
OTHERWISE = ("many_cells", "colliding_names", "folder_of_that_name")
# No signal of Python's ends the sum of what is no list.
SUM = "assert sum(range(double(1))) == 1, 'double: as a number of steps'"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """The course in which all of these were graded, in one batch."""
    master = [
        *asked("double", SUM),
        *asked("halve", "assert halve(5.0) == 2.5, 'halve: of a fraction'"),
    ]
    root = tmp_path_factory.mktemp("hostile")
    course = make_toy(root, CONFIG + LIMITS + WITH_REFEREE, master)
    for student in ORDINARY:
        course.submit(student, RIGHT)
    for student, cell in OWN_CELL.items():
        course.submit(student, RIGHT, {"double-hidden": cell})
    for student, function in FUNCTION.items():
        course.submit(student, RIGHT | {"double": "import numpy as np\n" + function})
    many_cells(course.submit("many_cells", RIGHT))
    colliding(course.submit("colliding_names", RIGHT))
    folder_of_that_name(course.submit("folder_of_that_name", RIGHT))
    course.submit("deep_json", RIGHT).write_text('{"cells": ' + "[" * 200_000)
    course.submit("no_text", RIGHT).write_bytes(b"\xff\xfe" * 1000)
    course.grade()
    return course


def many_cells(path: Path) -> None:
    nb = nbformat.read(path, as_version=4)
    nb.cells += [nbformat.v4.new_code_cell("print('x' * 900_000)") for _ in range(60)]
    nbformat.write(nb, path)


def colliding(path: Path) -> None:
    inner = path.parent / "sub" / "a" / "b"
    inner.parent.mkdir(parents=True)
    inner.write_text("a file in a folder")
    (path.parent / "a").write_text("a file of the folder's name")
    path.rename(path.parent / "sub" / path.name)


def folder_of_that_name(path: Path) -> None:
    path.rename(path.with_name("mine.ipynb"))
    path.mkdir()
    (path / "x.txt").write_text("in the notebook's place")


@pytest.fixture(scope="module")
def lines(course: ToyCourse) -> dict[str, JournalLine]:
    return latest_lines(Course.open(course.root), NAME)


@pytest.fixture(scope="module")
def scores(course: ToyCourse) -> dict[str, dict[str, Any]]:
    return course.scores()


@pytest.mark.parametrize("student", ORDINARY)
def test_ordinary_submission_has_all_points(
    scores: dict[str, dict[str, Any]], lines: dict[str, JournalLine], student: str
) -> None:
    assert lost(scores[student]) == {}
    assert lines[student].outcome == Outcome.GRADED


@pytest.mark.parametrize(
    "student", [*OWN_CELL, "many_cells", "colliding_names", "folder_of_that_name"]
)
def test_hostile_cell_costs_no_points(scores: dict[str, dict[str, Any]], student: str) -> None:
    # A kernel that is interrupted while it forks may keep the locks of that for ever.
    mine = {"halve"} if student == "unwaited_processes" else set()
    assert set(lost(scores[student])) <= mine


@pytest.mark.parametrize("student", FUNCTION)
def test_hostile_function_loses_its_own_points(
    scores: dict[str, dict[str, Any]], student: str
) -> None:
    assert set(lost(scores[student])) == {"double"}


@pytest.mark.parametrize(
    ("student", "outcome", "reason"),
    [
        ("unwaited_processes", Outcome.OUT_OF_TIME, "own cell 4 was stopped: it took too long"),
        ("sleeping_cell", Outcome.OUT_OF_TIME, "it did nothing for 2 seconds"),
        ("sum", Outcome.OUT_OF_TIME, "double-hidden was stopped: judging a test cell took too"),
        ("sleeping", Outcome.OUT_OF_TIME, "the code it calls takes too long"),
        ("ends_the_first_process", Outcome.LOST_CELLS, "it ended the kernel"),
        ("deep_json", Outcome.UNREADABLE, ""),
        ("no_text", Outcome.NOT_A_NOTEBOOK, ""),
    ],
)
def test_deed_was_done_and_is_said(
    lines: dict[str, JournalLine], student: str, outcome: Outcome, reason: str
) -> None:
    assert lines[student].outcome == outcome
    assert reason in lines[student].reason


def test_nothing_was_a_fault_of_the_grader(lines: dict[str, JournalLine]) -> None:
    assert [line.student for line in lines.values() if line.outcome == Outcome.GRADER_FAULT] == []


def test_no_result_is_large(course: ToyCourse) -> None:
    for step in ("autograded", "feedback"):
        for path in (course.root / step).rglob("toy.*"):
            assert path.is_dir() or path.stat().st_size < 8 * 2**20, path


def test_each_marked_submission_has_its_page_and_its_notebook(
    course: ToyCourse, lines: dict[str, JournalLine]
) -> None:
    for line in lines.values():
        if line.outcome.has_marks:
            assert "halve-hidden" in course.page_text(line.student)
            json.loads((course.root / "autograded" / line.student / NOTEBOOK).read_text())


def test_nothing_is_left_running(course: ToyCourse) -> None:
    assert course.root.exists()
    assert left_behind() == []
