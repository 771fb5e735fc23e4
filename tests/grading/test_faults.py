"""Code that crashes, hangs or takes all it can: it costs the tests that call it, nothing else."""

from typing import Any

import pytest

from tests.support.course import lost
from tests.support.leftovers import left_behind
from tests.support.toy import CONFIG, NOTEBOOK, RIGHT, WITH_REFEREE, ToyCourse, copy_of

pytestmark = pytest.mark.xdist_group("faults")

LIMITS = """
c.Limits.call_cpu, c.Limits.call_wall, c.Limits.test_wall = 1, 4, 30
c.Limits.cell_cpu, c.Limits.cell_wall = 3, 6
c.Limits.memory = 2**31
c.Limits.files, c.Limits.file_count = 32 * 2**20, 2000
c.Limits.output = c.Limits.printed = 2**18
"""

# What the function `double` does besides its work, or instead of it.
IN_A_FUNCTION = {
    "exits": "import os; os._exit(0)",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "loops": "while True: pass",
    "sleeps": "import time; time.sleep(10_000)",
    "swallows-interrupts": (
        "while True:\n        try:\n            while 1: pass\n        except BaseException: pass"
    ),
    "recurses": "double(x)",
    "forks": "import os\n    while True:\n        os.fork()",
    "starts-threads": (
        "import threading, time\n    while True:\n"
        "        threading.Thread(target=time.sleep, args=(60,)).start()"
    ),
    "takes-memory": "np.ones(30 * 2**30 // 8)",
    "takes-memory-in-parts": "kept = []\n    while True: kept.append(bytearray(2**24))",
    "takes-memory-in-children": (
        "import os, time\n    for _ in range(10):\n        if os.fork() == 0:\n"
        "            kept = b'x' * (300 * 2**20); time.sleep(60); os._exit(0)\n    time.sleep(60)"
    ),
    "floods": "for _ in range(1000): print('x' * 2**20)\n    raise ValueError('flooded')",
    "fills-the-disk": "open('/tmp/large', 'wb').write(bytes(2**28))",
    "fills-the-disk-in-parts": (
        "for i in range(10_000): open(f'/tmp/{i}', 'wb').write(bytes(2**20))"
    ),
    "makes-files": "i = 0\n    while True: i += 1; open(f'/tmp/{i}', 'w').close()",
}
# What a cell of the student's own, between the questions, does.
IN_A_CELL = {
    "cell-exits": "import os; os._exit(1)",
    "cell-crashes": "import ctypes; ctypes.string_at(0)",
    "cell-swallows-interrupts": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    ),
    "cell-loops": "while True: pass",
    "cell-takes-memory": "kept = np.ones(30 * 2**30 // 8)",
    "cell-floods": "for _ in range(1000): print('x' * 2**20)",
    "cell-forks": "import os\nwhile True: os.fork()",
}


@pytest.fixture(scope="module")
def faulty(released_toy: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course of small limits in which all of these were graded, on right solutions."""
    course = copy_of(released_toy, tmp_path_factory.mktemp("faulty"))
    (course.root / "nbgrader_config.py").write_text(CONFIG + LIMITS + WITH_REFEREE)
    for student, code in IN_A_FUNCTION.items():
        fault = f"def double(x):\n    {code}\n    return 2 * x"
        course.submit(student, RIGHT | {"double": fault})
    for student, code in IN_A_CELL.items():
        course.submit(student, RIGHT, own={"double-hidden": code})
    course.grade()
    return course


@pytest.fixture(scope="module")
def scores(faulty: ToyCourse) -> dict[str, dict[str, Any]]:
    return faulty.scores()


@pytest.mark.parametrize("student", IN_A_FUNCTION)
def test_fault_in_a_function_costs_the_tests_that_need_it(
    scores: dict[str, dict[str, Any]], student: str
) -> None:
    assert lost(scores[student]) == {"double": 0}


@pytest.mark.parametrize("student", IN_A_CELL)
def test_fault_in_a_cell_costs_nothing_else(
    scores: dict[str, dict[str, Any]], student: str
) -> None:
    assert lost(scores[student]) == {}


def test_faults_leave_no_process_behind(faulty: ToyCourse) -> None:
    assert faulty.root.exists()
    assert left_behind() == []


def test_faults_leave_small_results(faulty: ToyCourse) -> None:
    for student in (*IN_A_FUNCTION, *IN_A_CELL):
        size = (faulty.root / "autograded" / student / NOTEBOOK).stat().st_size
        assert size < 1_000_000, f"{student}: a quarter of a MiB a cell that prints"
