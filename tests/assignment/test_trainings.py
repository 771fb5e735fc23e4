"""The two trainings on MNIST: where they land, and what the question does not accept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kernel import ReferenceKernel, reference_kernel
from tests.support.solutions import BANK, read_solution

pytestmark = pytest.mark.xdist_group("trainings")

WRONG = sorted((BANK / "wrong/training").glob("*.py"))

# The two trainings are the same for each wrong solution that only computes the accuracies wrongly,
# and so are the labels that their networks give to the digits: the same call returns what it
# returned the first time.
REMEMBER = """
import copy
import pickle

def remember(function):
    known = {}
    def call_once(X, *args, **kwargs):
        if X.shape[1] < 1000:
            return function(X, *args, **kwargs)
        data = (X.shape, float(X[:, ::200].sum()), float(X[::50].sum()))
        key = pickle.dumps((data, args, kwargs, np.random.get_state()))
        if key not in known:
            known[key] = function(X, *args, **kwargs)
        return copy.deepcopy(known[key])
    return call_once

multi_layer_network = remember(multi_layer_network)
classify = remembered = remember(classify)
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[ReferenceKernel]:
    with reference_kernel() as kernel:
        kernel.run(REMEMBER)
        yield kernel


def failing_tests(kernel: ReferenceKernel, sections: dict[str, str]) -> list[str]:
    """Run both trainings and their tests, in the order of the notebook."""
    failing = []
    for training, tests in [
        ("training_1", ["training-visible", "training-hidden-first"]),
        ("training_2", ["training-hidden"]),
    ]:
        kernel.run_cell("fresh-start")
        kernel.run(sections.get(training, kernel.cells[training].source))
        failing += kernel.failing(tests)
    return failing


def test_reference_passes_all_tests_of_the_trainings(kernel: ReferenceKernel) -> None:
    assert failing_tests(kernel, {}) == []


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_wrong_training_loses_points(kernel: ReferenceKernel, path: Path) -> None:
    failing = failing_tests(kernel, read_solution(path))
    kernel.run("from digits import get_mnist")  # in case the solution brought its own
    kernel.run("classify = remembered")  # or this
    assert [cell for cell in failing if kernel.cells[cell].metadata.nbgrader.points]


def results(kernel: ReferenceKernel, training: str) -> tuple[list[float], float, float]:
    """The costs and the two accuracies that a training ends with."""
    kernel.run_cell(training)
    return kernel.value("[float(c) for c in costs], float(trAcc), float(teAcc)")


def test_first_training_lands_where_the_specification_says(kernel: ReferenceKernel) -> None:
    costs, train, test = results(kernel, "training_1")
    assert costs[0] == pytest.approx(3.19439, abs=1e-4)
    assert len(costs) == 15
    assert 95.5 < train < 98
    assert 95 < test < 97.5


def test_second_training_lands_where_the_specification_says(kernel: ReferenceKernel) -> None:
    costs, train, test = results(kernel, "training_2")
    assert costs[0] == pytest.approx(2.75886, abs=1e-4)
    assert len(costs) == 15
    assert 96 < train < 98.5
    assert 95.5 < test < 97.5
