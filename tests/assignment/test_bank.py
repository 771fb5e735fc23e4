"""The notebook's tests, tested: the right question catches each wrong solution of the bank."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from referee.report.marks import question_of
from tests.support.course import POINTS
from tests.support.kernel import ReferenceKernel, questions_of, reference_kernel
from tests.support.solutions import BANK

WRONG = sorted((BANK / "wrong").glob("[!t]*/*.py"))  # all but training's, see test_trainings

# These break shapes or keys that other functions rely on, so that more than one question fails.
BREAKS_OTHER_FUNCTIONS = {
    "batchnorm/empty_cache_when_on",
    "batchnorm_der/gradient_of_a_constant",  # comes with a batchnorm that is wrong too
    "initialize_network/bias_is_flat",
    "initialize_network/counts_input_as_layer",
    "initialize_network/last_layer_missing",
    "initialize_velocity/forgets_apply_momentum",
    "linear_backward/db_is_flat",
    "linear_forward/cache_holds_output",
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[ReferenceKernel]:
    with reference_kernel() as kernel:
        yield kernel


@pytest.mark.parametrize("path", WRONG, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_wrong_solution_fails_its_own_question_and_no_hidden_test_of_another(
    kernel: ReferenceKernel, path: Path
) -> None:
    question = path.parent.name
    with kernel.solution(path) as concerned:
        failing = kernel.failing(concerned)
    noticed = [cell for cell in failing if question == question_of(cell)]
    if question in POINTS:
        noticed = [cell for cell in noticed if kernel.cells[cell].metadata.nbgrader.points]
    assert noticed, "it costs no points of its own question"
    elsewhere = [
        cell for cell in failing if question not in questions_of([cell]) and "-hidden" in cell
    ]
    if f"{question}/{path.stem}" not in BREAKS_OTHER_FUNCTIONS:
        assert not elsewhere, "a mistake is paid for once"


def test_reference_solution_passes_all_test_cells(kernel: ReferenceKernel) -> None:
    assert kernel.failing(kernel.test_cells()) == []


def test_every_graded_question_has_wrong_solutions() -> None:
    folders = {path.name: len(list(path.glob("*.py"))) for path in (BANK / "wrong").iterdir()}
    for question in [
        "dropout",
        "dropout_der",
        "batchnorm",
        "batchnorm_der",
        "initialize_network",
        "initialize_velocity",
        "update_parameters_with_momentum_Adam",
        "multi_layer_network",
        "classify",
        "training",
    ]:
        assert folders[question] >= 5
