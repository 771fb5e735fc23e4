"""The notebook's tests, tested: the right question catches each wrong solution of the bank."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from referee.judge.verdict import Verdict
from referee.model.questions import question_of
from tests.support.course import POINTS
from tests.support.kernel import TRAININGS, ReferenceKernel, questions_of, reference_kernel
from tests.support.solutions import BANK, read_solution

RIGHT = sorted((BANK / "right").glob("*.py"))
WRONG = sorted((BANK / "wrong").glob("[!t]*/*.py"))  # all but training's, see test_trainings

# These break shapes or keys that other functions rely on, so that more than one question fails.
BREAKS_OTHER_FUNCTIONS = {
    "batchnorm/empty_cache_when_on",
    # come with a batchnorm that is wrong too
    "batchnorm_der/divides_by_m_twice_after_a_wrong_batchnorm",
    "batchnorm_der/forgets_variance_of_a_wrong_batchnorm",
    "batchnorm_der/gradient_of_a_constant",
    "initialize_network/bias_is_flat",
    "initialize_network/counts_input_as_layer",
    "initialize_network/last_layer_missing",
    "initialize_velocity/forgets_apply_momentum",
    "linear_backward/db_is_flat",
    "linear_forward/cache_holds_output",
    "softmax_cross_entropy_loss/no_loss",
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
    assert noticed, "it costs no points of its own question"
    elsewhere = [cell for cell in failing if question not in questions_of([cell])]
    if f"{question}/{path.stem}" not in BREAKS_OTHER_FUNCTIONS:
        assert not elsewhere, "a mistake is paid for once"


@pytest.mark.parametrize(
    "path",
    sorted((BANK / "wrong/batchnorm").glob("*_kept_in_cache.py")),
    ids=lambda path: path.stem,
)
def test_right_backward_pass_keeps_its_points_after_a_wrong_forward_pass(
    kernel: ReferenceKernel, path: Path
) -> None:
    with kernel.solution(path) as concerned:
        failing = set(kernel.failing(concerned))
    assert failing == {"batchnorm-hidden", "batchnorm-hidden-edges"}, "all 15 points, and no others"


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_right_solution_passes_all_test_cells(kernel: ReferenceKernel, path: Path) -> None:
    sections = read_solution(path)
    cells = [cell_id for cell_id in sections if not cell_id.startswith(TRAININGS)]
    for cell_id in cells:
        kernel.run(sections[cell_id])
    failing = kernel.failing(kernel.test_cells())
    for cell_id in cells:
        kernel.run_cell(cell_id)
    assert failing == []


def test_an_edge_costs_at_most_a_fifth_of_its_question(kernel: ReferenceKernel) -> None:
    for cell_id in kernel.test_cells():
        points = kernel.cells[cell_id].metadata.nbgrader.points
        if cell_id.endswith(("-edges", "-caches")):
            assert 0 < points <= POINTS[question_of(cell_id)] / 5


def test_solution_that_lacks_only_the_announced_edges_loses_little(
    kernel: ReferenceKernel,
) -> None:
    with kernel.solution(BANK / "without_edges.py") as concerned:
        failing = kernel.failing(concerned)
    edges = ["dropout", "dropout_der", "batchnorm", "batchnorm_der"]
    assert failing == [f"{question}-hidden-edges" for question in edges]
    assert sum(kernel.cells[cell].metadata.nbgrader.points for cell in failing) <= 7


def test_reference_solution_passes_all_test_cells(kernel: ReferenceKernel) -> None:
    assert kernel.failing(kernel.test_cells()) == []


def test_visible_test_that_fails_tells_what_was_expected_and_what_came(
    kernel: ReferenceKernel,
) -> None:
    with kernel.solution(BANK / "wrong/dropout/not_scaled.py"):
        (output,) = kernel.judged("dropout-visible")
    assert Verdict.read(output).for_student.splitlines()[:4] == [
        "dropout: 2 checks fail",
        "              expected            got",
        'A_out of dropout(A, 0.3, mode="train") must be mask * A',
        "  [0, 0]    0.59574572       0.417022",
    ]


def test_visible_test_that_passes_says_so(kernel: ReferenceKernel) -> None:
    (output,) = kernel.judged("dropout-visible")
    assert output.text == "dropout: all visible tests pass. Hidden tests check more.\n"


@pytest.mark.parametrize(
    ("mistake", "advice"),
    [
        ("dropout/keeps_with_drop_prob", "R is right: look at what it is compared with"),
        ("dropout/draws_normal_numbers", "Look at how R is drawn"),
        ("dropout/drops_whole_neurons", "Look at how R is drawn"),
        ("batchnorm/median_for_mean_kept_in_cache", "Look at how mu is defined"),
        ("batchnorm/epsilon_too_large_kept_in_cache", "what epsilon is, where it stands"),
        ("batchnorm_der/divides_by_m_twice_after_a_wrong_batchnorm", "wrong by one factor"),
        ("batchnorm_der/forgets_gamma", "wrong by one factor"),
        ("batchnorm_der/forgets_path_through_mean", "The values of a row must add up to 0"),
        ("batchnorm_der/mean_and_variance_as_constants", "The values of a row must add up to 0"),
        ("batchnorm_der/forgets_path_through_variance", "Look at the last term in the brackets"),
    ],
)
def test_message_looks_at_the_part_that_is_wrong(
    kernel: ReferenceKernel, mistake: str, advice: str
) -> None:
    with kernel.solution(BANK / f"wrong/{mistake}.py"):
        (output,) = kernel.judged(f"{mistake.partition('/')[0]}-hidden")
    assert advice in Verdict.read(output).for_student


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
