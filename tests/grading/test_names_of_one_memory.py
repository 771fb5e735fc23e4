"""Names of the notebook that have the same data have them in a test, too, as in one kernel."""

from collections.abc import Iterator

import numpy as np
import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

PROVIDED = """
import numpy as np
img = np.zeros((3, 4))
rows = np.arange(12.0).reshape(3, 4)
"""
ANSWERS = {
    "copies": "backup, first, last = img.copy(), rows[0].copy(), rows[-1:] + 0",
    "slices": "backup, first, last = img[:], rows[0], rows[-1:]",
    "shapes": "backup, first, last = np.asarray(img).reshape(3, 4), rows.ravel()[:4], rows[2:3, :]",
    "transposed": "backup, first, last = img.T.T, rows.T[:, 0], rows[::-1][:1]",
    "the same": "backup, first, last = img, rows[0], rows",
}
FUNCTIONS = """
def raised(x):
    x += 1
    return x.sum()
"""
TESTS = {
    "the whole is changed": "img[0, 0] = 5\nassert backup[0, 0] == 0",
    "the part is changed": "backup[0, 0] = 5\nassert img[0, 0] == 0",
    "the part is read first": "assert not np.shares_memory(backup, img)",
    "the whole is read first": "assert not np.shares_memory(img, backup)",
    "a row": "first[1] = 50\nassert rows[0, 1] == 1",
    "the last row": "rows[2, 3] = 50\nassert last[0, 3] == 11",
    "parts of one": "assert not np.shares_memory(first, rows) and not np.shares_memory(last, rows)",
    "neighbours": "first[:] = 7\nassert last[0, 0] == 8",
    "given to a call": "raised(img)\nassert backup[0, 0] == 0",
    "a part is given to a call": "raised(first)\nassert rows[0, 1] == 1",
    "before another call": "img[1, 1] = 3\nraised(np.ones(2))\nassert backup[1, 1] == 0",
    "after a call": "raised(np.ones(2))\nimg[1, 1] = 3\nassert backup[1, 1] == 0",
}

CONTAINERS = "numbers = [1, 2]\nages = {'ada': [36]}\n"
NAMES = {
    "copies": "others, of_ada, same_ages = list(numbers), ages['ada'][:], dict(ages)",
    "the same": "others, of_ada, same_ages = numbers, ages['ada'], ages",
}
ADDING = """
def add(x):
    x.append(3)
def rename(x):
    x["lin"] = x.pop("ada")
"""
TESTS_OF_CONTAINERS = {
    "a list": "add(numbers)\nassert others == [1, 2]",
    "its other name": "add(others)\nassert numbers == [1, 2]",
    "a dict": "rename(ages)\nassert 'ada' in same_ages",
    "a part of a dict": "add(of_ada)\nassert ages == {'ada': [36]}",
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudentKernel]:
    limits = Limits(call_cpu=5, call_wall=20, test_wall=30)
    with StudentKernel(tmp_path_factory.mktemp("submission"), limits) as kernel:
        yield kernel


def passes_in_one_kernel(*cells: str) -> bool:
    """Whether the last cell raises no AssertionError after the others."""
    names = {"np": np}
    *before, test = cells
    for cell in before:
        exec(cell, names)
    try:
        exec(test, names)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_arrays_share_memory_as_in_one_kernel(
    kernel: StudentKernel, tmp_path_factory: pytest.TempPathFactory, answer: str, test: str
) -> None:
    notebook = Notebook(kernel, tmp_path_factory.mktemp("judge"))
    notebook.provided(PROVIDED)
    notebook.solution(answer + FUNCTIONS)
    assert (not notebook.error(test)) == passes_in_one_kernel(PROVIDED, answer + FUNCTIONS, test)


@pytest.mark.parametrize("test", TESTS_OF_CONTAINERS.values(), ids=TESTS_OF_CONTAINERS)
@pytest.mark.parametrize("answer", NAMES.values(), ids=NAMES)
def test_names_of_one_container_see_what_a_call_does_to_it(
    kernel: StudentKernel, tmp_path_factory: pytest.TempPathFactory, answer: str, test: str
) -> None:
    notebook = Notebook(kernel, tmp_path_factory.mktemp("judge"))
    notebook.provided(CONTAINERS)
    notebook.solution(answer + ADDING)
    assert (not notebook.error(test)) == passes_in_one_kernel(CONTAINERS, answer + ADDING, test)
