"""Code that does nothing is stopped soon; code that waits for a core or works is not."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from referee.model.outcomes import Outcome
from referee.nbgrader.course import Course
from referee.record.journal import latest_lines
from tests.support.course import lost
from tests.support.toy import NAME, NOTEBOOK, RIGHT, ToyCourse, copy_of, given, question

pytestmark = pytest.mark.xdist_group("blocked")

BLOCKED = 1.0
DEAF_BLOCKED = 5.0
BUSY = 4
WAITS = {
    "sleep": "import time; time.sleep(1000)",
    "naps": "import time\nwhile True: time.sleep(0.02)",
    "naps_and_work": "import time\nwhile True:\n    time.sleep(0.8)\n    sum(range(10**6))",
    "lock": "import threading\nlock = threading.Lock()\nlock.acquire(); lock.acquire()",
    "event": "import threading; threading.Event().wait()",
    "socket": "import socket; a, b = socket.socketpair(); a.recv(1)",
    "accept": "import socket\ns = socket.create_server(('127.0.0.1', 0)); s.accept()",
    "pipe": "import os; r, w = os.pipe(); os.read(r, 1)",
    "child": "import subprocess; subprocess.run(['sleep', '1000'])",
    "queue": "import queue; queue.Queue().get()",
    "async": "import asyncio, threading\n"
    "t = threading.Thread(target=lambda: asyncio.run(asyncio.sleep(1000))); t.start(); t.join()",
    "threads_that_come_and_go": "import threading, time\n"
    "while True:\n    threading.Thread(target=int).start(); time.sleep(0.1)",
    "deaf": "import time\nwhile True:\n    try: time.sleep(1000)\n    except BaseException: pass",
}
IN_CELLS = ("sleep", "naps_and_work", "socket", "child", "deaf")
# Functions that do nothing, and are not stopped by what stops others.
DEAF = {
    "deaf": WAITS["deaf"],
    "stopped": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "text": "raise type('E', (ValueError,), {'__str__': lambda _: __import__('time').sleep(1000)})",
}
RESTS = 1.7  # seconds of each call or cell; the first may do nothing for 2, and one in all for 3
WORKS = {
    "short_nap": "import time; time.sleep(0.5)",
    "many_naps": "import time\nfor _ in range(4):\n    time.sleep(0.5)\n"
    "    t = time.process_time()\n    while time.process_time() < t + 0.6: pass",
    "short_children": "import subprocess\nfor _ in range(60):\n"
    "    subprocess.run(['sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'])",
    "threads": "import threading, time\ndef work():\n    end = time.thread_time() + 0.03\n"
    "    while time.thread_time() < end: pass\nfor _ in range(60):\n"
    "    thread = threading.Thread(target=work); thread.start(); thread.join()",
    "children": "import subprocess, sys\n"
    "subprocess.run([sys.executable, '-c', 'x = sum(range(10**8))'])",
}


@pytest.fixture(scope="module")
def course(released_toy: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course in which everything waits, in a function or in a cell of its own."""
    course = copy_of(released_toy, tmp_path_factory.mktemp("blocked"))
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Limits.blocked = {BLOCKED}\nc.Limits.cell_wall = 600\n")
        config.write("c.Limits.call_wall = c.Limits.test_wall = 600\n")
        config.write("c.Limits.hanging_call_wall = 0.5\n")
        config.write("c.Limits.call_cpu = 10\n")  # on a busy machine the system counts too much
    for name, code in (WAITS | WORKS).items():
        course.submit(f"call_{name}", doubling(code))
        if name in WORKS or name in IN_CELLS:
            course.submit(f"cell_{name}", RIGHT, {"double-hidden": code})
    course.grade()
    return course


@pytest.fixture(scope="module")
def deaf(released_toy: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course of functions that are not stopped by what stops others."""
    course = copy_of(released_toy, tmp_path_factory.mktemp("deaf"))
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Limits.blocked = {DEAF_BLOCKED}\n")
        config.write("c.Limits.call_wall = c.Limits.test_wall = 600\n")
    for name, code in DEAF.items():
        course.submit(name, doubling(code))
    course.grade()
    return course


@pytest.fixture(scope="module")
def resting(released_toy: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course of code that does nothing for a little less than it may, again and again."""
    course = copy_of(released_toy, tmp_path_factory.mktemp("resting"))
    hidden = "assert [double(x) for x in (21, 5, 8)] == [42, 10, 16], 'double: of numbers'"
    course.write_master([given("imports", "import numpy as np"), *question("double", hidden)])
    course.release()
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.Limits.blocked, c.Limits.notebook_blocked = 2, 3.6\n")
        config.write("c.Limits.call_wall = c.Limits.test_wall = c.Limits.cell_wall = 600\n")
    rest = f"import time; time.sleep({RESTS})"
    course.submit("calls", doubling(rest))
    places = ["imports", "double", "double-visible", "double-hidden"]
    course.submit("cells", RIGHT, dict.fromkeys(places, f"{rest}\nprint('rested')"))
    course.grade()
    return course


def doubling(code: str) -> dict[str, str]:
    """Answers of which one does something else first."""
    body = code.replace("\n", "\n    ")
    return RIGHT | {"double": f"def double(x):\n    {body}\n    return 2 * x"}


@pytest.fixture(scope="module")
def scores(course: ToyCourse) -> dict[str, dict[str, Any]]:
    return course.scores()


def outcome(course: ToyCourse, student: str) -> Outcome:
    return latest_lines(Course.open(course.root), NAME)[student].outcome


@pytest.mark.parametrize("name", WAITS)
def test_function_that_does_nothing_loses_its_own_points(
    course: ToyCourse, scores: dict[str, dict[str, Any]], name: str
) -> None:
    assert outcome(course, f"call_{name}") == Outcome.OUT_OF_TIME
    assert lost(scores[f"call_{name}"]) == {"double": 0}


@pytest.mark.parametrize("name", DEAF)
def test_what_has_done_nothing_has_less_time_in_the_next_test(deaf: ToyCourse, name: str) -> None:
    cells = latest_lines(Course.open(deaf.root), NAME)[name].cells
    seconds = {cell.cell: cell.seconds for cell in cells}
    assert seconds["double-visible"] > DEAF_BLOCKED
    assert seconds["double-hidden"] < DEAF_BLOCKED


@pytest.mark.parametrize("name", DEAF)
def test_what_is_not_stopped_loses_its_own_points(deaf: ToyCourse, name: str) -> None:
    assert lost(deaf.scores()[name]) == {"double": 0}


def test_function_that_rests_in_each_call_has_less_time_in_later_ones(resting: ToyCourse) -> None:
    assert lost(resting.scores()["calls"]) == {"double": 1}
    assert outcome(resting, "calls") == Outcome.OUT_OF_TIME


def test_cells_that_rest_are_stopped_when_the_notebook_has_rested_enough(
    resting: ToyCourse,
) -> None:
    assert lost(resting.scores()["cells"]) == {}
    executed = nbformat.read(resting.root / "autograded" / "cells" / NOTEBOOK, as_version=4)
    outputs = [cell.outputs for cell in executed.cells if "rested" in cell.source]
    assert [each[0].get("text") for each in outputs] == ["rested\n"] * 2 + [None] * 2
    assert "it did nothing for 1" in str(outputs[2])  # a busy machine counts a little less


@pytest.mark.parametrize("name", IN_CELLS)
def test_cell_that_does_nothing_costs_no_points(
    course: ToyCourse, scores: dict[str, dict[str, Any]], name: str
) -> None:
    assert outcome(course, f"cell_{name}") == Outcome.OUT_OF_TIME
    assert lost(scores[f"cell_{name}"]) == {}


@pytest.mark.parametrize(
    "student", [f"{kind}_{name}" for kind in ("call", "cell") for name in WORKS]
)
def test_code_that_works_and_rests_has_all_points(
    course: ToyCourse, scores: dict[str, dict[str, Any]], student: str
) -> None:
    assert outcome(course, student) == Outcome.GRADED
    assert lost(scores[student]) == {}


def test_busy_machine_takes_no_points(released_toy: ToyCourse, tmp_path: Path) -> None:
    course = copy_of(released_toy, tmp_path / "toy")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.Limits.blocked = 1\nc.Limits.cell_wall = 600\n")
        config.write("c.Limits.call_wall = c.Limits.test_wall = 600\n")
    work = "import time\nt = time.process_time()\nwhile time.process_time() < t + 1: pass"
    course.submit("ada", doubling(work), {"halve": work})
    with busy(BUSY):
        course.grade()
    assert outcome(course, "ada") == Outcome.GRADED
    assert lost(course.scores()["ada"]) == {}


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing else than take time."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=spin, args=(os.getpid(),)) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def spin(parent: int) -> None:
    """Compute until the parent has ended."""
    while os.getppid() == parent:
        sum(range(10**6))
