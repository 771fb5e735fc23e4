"""Generators of random numbers that a provided cell makes: one for the notebook and its tests."""

from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

GIVEN = """
import random
import numpy as np
rng, state, dice = np.random.default_rng(1), np.random.RandomState(1), random.Random(1)
before = rng.normal(size=3)
"""
STUDENT = """
def drawn(source): return source.random()
def drawn_from_global(): return rng.random()
def total(x): return x.sum()
"""
FRESH = "fresh = np.random.default_rng(1)\nfresh.normal(size=3)\n"
PASSES = {
    "the test draws": "x = rng.normal(size=4)\nassert total(x) == x.sum()",
    "it goes on where the notebook is": FRESH + "assert rng.random() == fresh.random()",
    "both draw": FRESH
    + "found = [drawn_from_global(), rng.random(), drawn(rng), drawn_from_global(), rng.random()]\n"
    "assert found == [fresh.random() for _ in range(5)]",
    "it is only passed on": "assert 0 <= drawn(rng) < 1 and 0 <= drawn(state) < 1",
    "the older one": "same = np.random.RandomState(1)\n"
    "assert [state.random(), drawn(state), state.random()] == [same.random() for _ in range(3)]",
    "Python's": "same = random.Random(1)\n"
    "assert [dice.random(), drawn(dice), dice.random()] == [same.random() for _ in range(3)]",
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("submission")
    with StudentKernel(folder, Limits(call_cpu=5, call_wall=20, test_wall=30)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.provided(GIVEN)
        notebook.solution(STUDENT, master=STUDENT)
        yield notebook


@pytest.mark.parametrize("source", PASSES.values(), ids=PASSES.keys())
def test_generator_is_one_for_both(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


@pytest.mark.parametrize(
    "fake",
    [
        "class Fake:\n    def normal(self, size): return np.zeros(size)\nrng = Fake()",
        "class Generator(np.random.Generator):\n    def normal(self, size): return np.zeros(size)\n"
        "rng = Generator(np.random.PCG64(1))",
        "class Generator:\n    def normal(self, size): return np.zeros(size)\nrng = Generator()",
    ],
)
def test_student_cannot_say_what_is_drawn(notebook: Notebook, fake: str) -> None:
    folder = notebook.judge.materials
    with StudentKernel(folder, Limits(call_cpu=5, call_wall=20, test_wall=30)) as kernel:
        faked = Notebook(kernel, folder)
        faked.provided(GIVEN)
        faked.solution(fake + "\n" + STUDENT.replace("x.sum()", "0"))
        assert faked.error("x = rng.normal(size=4)\nassert total(x) == x.sum()") != ""
