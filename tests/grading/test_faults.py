"""Code that crashes, hangs or takes all it can: it costs the tests that call it, nothing else."""

from typing import Any

import nbformat
import pytest

from tests.support.course import SampleCourse, hand_in, lost, make_course, only_what_counts
from tests.support.leftovers import left_behind
from tests.support.solutions import ASSIGNMENT, BANK, NOTEBOOK, read_solution

LIMITS = """
c.Limits.call_cpu, c.Limits.call_wall, c.Limits.test_wall = 3, 6, 60
c.Limits.cell_cpu, c.Limits.cell_wall = 8, 16
c.Limits.memory = 2 * 2**30
c.Limits.files = 32 * 2**20
"""

# What the function initialize_velocity does besides its work, or instead of it.
IN_A_FUNCTION = {
    "exits": "import os; os._exit(0)",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "loops": "while True: pass",
    "sleeps": "import time; time.sleep(10_000)",
    "swallows-interrupts": (
        "while True:\n        try:\n            while 1: pass\n        except BaseException: pass"
    ),
    "recurses": "initialize_velocity(P, apply_momentum)",
    "forks": "import os\n    while True:\n        os.fork()",
    "starts-threads": (
        "import threading, time\n    while True:\n"
        "        threading.Thread(target=time.sleep, args=(60,)).start()"
    ),
    "takes-memory": "np.ones(30 * 2**30 // 8)",
    "takes-memory-in-parts": "kept = []\n    while True: kept.append(bytearray(2**24))",
    "takes-memory-in-children": (
        "import os, time\n    for _ in range(6):\n        if os.fork() == 0:\n"
        "            kept = b'x' * (600 * 2**20); time.sleep(60); os._exit(0)\n    time.sleep(60)"
    ),
    "floods": "for _ in range(1000): print('x' * 2**20)\n    raise ValueError('flooded')",
    "fills-the-disk": "open('/tmp/large', 'wb').write(bytes(2**30))",
    "fills-the-disk-in-parts": (
        "for i in range(10_000): open(f'/tmp/{i}', 'wb').write(bytes(2**20))"
    ),
    "makes-files": "i = 0\n    while True: i += 1; open(f'/tmp/{i}', 'w').close()",
}
# What a cell of the student's own, between dropout and dropout_der, does.
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
def faulty(tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """A course in which all of these were graded, on right solutions without trainings."""
    course = make_course(tmp_path_factory.mktemp("faulty"))
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(LIMITS)
    path = course.root / "source" / NOTEBOOK
    master = only_what_counts(nbformat.read(path, as_version=4))
    master.cells = [cell for cell in master.cells if not cell.id.startswith("training")]
    nbformat.write(master, path)
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)

    right = read_solution(BANK / "right/vectorised.py")
    right = {cell_id: source for cell_id, source in right.items() if "training" not in cell_id}
    for student, code in IN_A_FUNCTION.items():
        fault = f"def initialize_velocity(P, apply_momentum):\n    {code}\n    return P"
        hand_in(course, student, right | {"initialize_velocity": fault})
    for student, code in IN_A_CELL.items():
        own_cell = (
            "import nbformat\nplace = [cell.id for cell in notebook.cells].index('dropout_der')\n"
            f"notebook.cells.insert(place, nbformat.v4.new_code_cell({code!r}))"
        )
        hand_in(course, student, right | {"[notebook]": own_cell})
    course.run("referee", "grade", ASSIGNMENT)
    return course


@pytest.fixture(scope="module")
def scores(faulty: SampleCourse) -> dict[str, dict[str, Any]]:
    return faulty.scores()


@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize("student", IN_A_FUNCTION)
def test_fault_in_a_function_costs_the_tests_that_need_it(
    scores: dict[str, dict[str, Any]], student: str
) -> None:
    # A network cannot be trained without its velocities; all else has its points.
    assert lost(scores[student]) == {"initialize_velocity": 0, "multi_layer_network": 0}


@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize("student", IN_A_CELL)
def test_fault_in_a_cell_costs_nothing_else(
    scores: dict[str, dict[str, Any]], student: str
) -> None:
    assert lost(scores[student]) == {}


@pytest.mark.xdist_group("faults")
def test_faults_leave_no_process_behind(faulty: SampleCourse) -> None:
    assert faulty.root.exists()
    assert left_behind() == []


@pytest.mark.xdist_group("faults")
def test_faults_leave_small_results(faulty: SampleCourse) -> None:
    for student in (*IN_A_FUNCTION, *IN_A_CELL):
        assert (
            faulty.root / "autograded" / student / NOTEBOOK
        ).stat().st_size < 6_000_000  # a MiB a cell
