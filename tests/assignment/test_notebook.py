"""The master notebook: its points and cells, its numbers, and the functions it provides."""

import ast
import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import numpy as np
import pytest

from referee.model.questions import question_of
from tests.support.course import POINTS
from tests.support.solutions import MASTER, RELEASE, REPO, TESTS
from tests.tools.pin_files import pinned

# The cells whose functions are part of the network.
PROVIDED = {
    "linear",
    "initialize_bnorm_params",
    "layer_forward",
    "multi_layer_forward",
    "layer_backward",
    "multi_layer_backward",
}


@pytest.fixture(scope="module")
def master() -> nbformat.NotebookNode:
    return nbformat.read(MASTER, as_version=4)


@pytest.fixture(scope="module")
def functions(master: nbformat.NotebookNode, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The functions of the master notebook, as a module."""
    sources = ["import numpy as np", "from digits import progress_bar"]
    for cell in master.cells:
        if re.match("def ", cell.source) and not is_test(cell):
            tree = ast.parse(cell.source)
            sources += [
                ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef)
            ]
    path = tmp_path_factory.mktemp("functions") / "functions.py"
    path.write_text("\n\n".join(sources))
    return path


@pytest.fixture(scope="module")
def network(functions: Path) -> ModuleType:
    module = ModuleType("network")
    exec(functions.read_text(), module.__dict__)
    return module


def is_test(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def test_all_fixtures_of_the_specification_hold(functions: Path) -> None:
    replay = [sys.executable, str(TESTS / "assignment/spec/replay_fixtures.py"), str(functions)]
    env = os.environ | {"PYTHONPATH": str(REPO)}  # of digits.py
    result = subprocess.run(replay, env=env, capture_output=True, text=True)
    assert result.stdout.strip() == "67 checks run, 0 failed", result.stdout + result.stderr


def test_points_of_the_questions_are_those_of_the_specification(
    master: nbformat.NotebookNode,
) -> None:
    points: dict[str, float] = {}
    for cell in filter(is_test, master.cells):
        question = question_of(cell.metadata.nbgrader.grade_id)
        points[question] = points.get(question, 0) + cell.metadata.nbgrader.points
    assert {question: given for question, given in points.items() if given} == POINTS
    assert sum(POINTS.values()) == 100


@pytest.mark.parametrize("question", POINTS)
def test_question_has_a_visible_and_a_hidden_test(
    master: nbformat.NotebookNode, question: str
) -> None:
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in filter(is_test, master.cells)}
    assert "BEGIN HIDDEN TESTS" not in cells[f"{question}-visible"].source
    assert "BEGIN HIDDEN TESTS" in cells[f"{question}-hidden"].source


def test_code_cells_that_the_assignment_does_not_need_are_no_part_of_it(
    master: nbformat.NotebookNode,
) -> None:
    # So they can change without a change of the assignment in the gradebook.
    code = [cell for cell in master.cells if cell.cell_type == "code"]
    free = [cell for cell in code if "nbgrader" not in cell.metadata]
    assert [cell.id for cell in free] == ["setup", "experiment", "play", "check"]
    skipped = [cell.id for cell in free if "skip-execution" in cell.metadata.get("tags", [])]
    assert skipped == ["experiment", "play", "check"], "they cost time and no points"


def test_headings_have_the_labels_and_points_of_the_table(master: nbformat.NotebookNode) -> None:
    texts = {cell.id: cell.source for cell in master.cells if cell.cell_type == "markdown"}
    rows = re.findall(r"(Q\d+) (`\w+`|the trainings) \| (\d+)", texts["title"])
    table = {label: (name.strip("`"), points) for label, name, points in rows}
    assert list(table) == [f"Q{number}" for number in (1, 6, 2, 7, 3, 8, 4, 9, 5, 10)]
    for number, (question, points) in enumerate(POINTS.items(), start=1):
        name = "the trainings" if question == "training" else question
        assert table[f"Q{number}"] == (name, str(points))
        heading = texts[f"{question}-text"].splitlines()[0]
        assert re.fullmatch(rf"## Q{number}\. .* \({points} points\)", heading), heading


def test_what_is_no_question_has_a_heading_without_a_number(master: nbformat.NotebookNode) -> None:
    plain = 0
    for cell in master.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            heading = cell.source.splitlines()[0]
            plain += not heading.startswith("## Q")
            assert heading.startswith("## Q") or not re.search(r"\d", heading)
    assert plain > 10


def test_texts_name_questions_that_there_are(master: nbformat.NotebookNode) -> None:
    for cell in master.cells:
        if cell.cell_type == "markdown":
            named = set(map(int, re.findall(r"\bQ(\d+)", cell.source)))
            assert named <= set(range(1, len(POINTS) + 1)), cell.id
            assert not re.search(r"[Ss]ections? \d|Assignment 2", cell.source), cell.id


def test_students_read_no_variable_of_the_grader(master: nbformat.NotebookNode) -> None:
    for cell in master.cells:
        assert "NBGRADER" not in cell.source, cell.id


def test_set_up_cell_knows_the_files_beside_the_notebook(master: nbformat.NotebookNode) -> None:
    (setup,) = (cell for cell in master.cells if cell.id == "setup")
    assert pinned(setup.source, MASTER.parent) == setup.source, "run `make release`"


@pytest.mark.parametrize("path", [MASTER, RELEASE], ids=["source", "release"])
def test_picture_of_the_network_is_in_the_notebook_itself(path: Path) -> None:
    cells = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
    ((alternative, name),) = re.findall(
        r"!\[([^]]+)\]\(attachment:(.*)\)", cells["network-picture"].source
    )
    picture = b64decode(cells["network-picture"].attachments[name]["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 60_000
    assert all(f"Q{number})" in alternative for number in range(1, 11))


def test_cells_are_named_alike_for_jupyter_and_nbgrader(master: nbformat.NotebookNode) -> None:
    for cell in master.cells:
        if "nbgrader" in cell.metadata:
            assert cell.id == cell.metadata.nbgrader.grade_id


@pytest.mark.parametrize("path", [MASTER, RELEASE], ids=["source", "release"])
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


def test_a_save_changes_nothing_but_what_was_edited(master: nbformat.NotebookNode) -> None:
    # Jupyter's own way to write a notebook, so that a diff shows what the author changed.
    assert nbformat.writes(master) + "\n" == MASTER.read_text()
    assert json.loads(MASTER.read_text())["nbformat_minor"] == 5


def test_stock_validation_passes() -> None:
    command = [sys.executable, "-m", "nbgrader", "validate", str(MASTER)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert "Success! Your notebook passes all the tests." in result.stdout, (
        result.stdout + result.stderr
    )


def test_hidden_tests_leave_the_seed_of_student_code_to_numpy(
    master: nbformat.NotebookNode,
) -> None:
    # Tests that draw their inputs do so with a seed of their own: the same marks in every run.
    for cell in filter(is_test, master.cells):
        assert "default_rng()" not in cell.source
        assert not re.search(r"np\.random\.seed\(\)", cell.source)


def test_test_and_picture_cells_define_no_name_that_a_student_may_use(
    master: nbformat.NotebookNode,
) -> None:
    # A student's helper called `accuracy`, say, must not become a loop variable of ours.
    promised = {"trX", "trY", "tsX", "tsY", "costs", "parameters", "trAcc", "teAcc", "plot_costs"}
    for cell in master.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("locked"):
            defined = set()
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef) and cell.id not in PROVIDED:
                    defined.add(node.name)
                elif not isinstance(node, ast.FunctionDef):
                    names = [name for name in ast.walk(node) if isinstance(name, ast.Name)]
                    defined |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
            assert not {
                name for name in defined - promised if not name.startswith(("test_", "draw_"))
            }


def test_linear_activation_and_its_gradient_are_the_identity(network: ModuleType) -> None:
    Z = np.array([[1.0, -2.0]])
    A, cache = network.linear(Z)
    dZ = network.linear_der(Z, cache)
    np.testing.assert_array_equal(A, Z)
    np.testing.assert_array_equal(dZ, Z)
    assert not np.shares_memory(dZ, Z)


def test_batchnorm_parameters_are_drawn_beta_before_gamma_layer_by_layer(
    network: ModuleType,
) -> None:
    parameters = {"numLayers": 2, "W1": np.ones((3, 2)), "W2": np.ones((4, 3))}
    np.random.seed(5)
    expected = [np.random.randn(size, 1) for size in (3, 3, 4, 4)]
    np.random.seed(5)
    network.initialize_bnorm_params(parameters, [1, 1], False)
    drawn = [
        parameters[key] for key in ("bnorm_beta1", "bnorm_gamma1", "bnorm_beta2", "bnorm_gamma2")
    ]
    for got, want in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(got, want)
    assert not [key for key in parameters if key.startswith(("V", "G"))]


def test_layers_without_batchnorm_have_empty_parameters(network: ModuleType) -> None:
    parameters: dict[str, Any] = {"numLayers": 1, "W1": np.ones((3, 2))}
    network.initialize_bnorm_params(parameters, [0], True)
    for key in ("bnorm_beta1", "bnorm_gamma1", "Vbnorm_beta1", "Gbnorm_gamma1"):
        assert parameters[key].size == 0


def test_layer_computes_linear_activation_batchnorm_dropout_in_this_order(
    network: ModuleType,
) -> None:
    rng = np.random.default_rng(1)
    A, W, b, beta, gamma = (
        rng.normal(size=shape) for shape in [(4, 6), (3, 4), (3, 1), (3, 1), (3, 1)]
    )
    np.random.seed(9)
    out, cache = network.layer_forward(A, W, b, "relu", 0.4, beta, gamma, "train")
    np.random.seed(9)
    expected = network.batchnorm(np.maximum(0, W @ A + b), beta, gamma)[0]
    np.testing.assert_allclose(out, (np.random.rand(3, 6) < 0.6) / 0.6 * expected)
    assert set(cache) == {"lin_cache", "act_cache", "bnorm_cache", "drop_cache"}


@pytest.mark.parametrize("drops", [[0, 0, 0], [0.4, 0.2, 0]], ids=["plain", "dropout"])
@pytest.mark.parametrize("bnorms", [[0, 0, 0], [1, 0, 1]], ids=["plain", "batchnorm"])
def test_gradients_of_the_whole_network_are_slopes_of_its_loss(
    network: ModuleType, drops: list[float], bnorms: list[int]
) -> None:
    np.random.seed(2)
    X, Y = np.random.randn(4, 7), np.array([[0, 1, 2, 2, 1, 0, 1]])
    parameters = network.initialize_network([4, 5, 4, 3], ["relu", "relu", "linear"], drops)
    parameters = network.initialize_velocity(parameters, False)
    parameters = network.initialize_bnorm_params(parameters, bnorms, False)
    for key in ("b1", "b2", "b3"):  # away from the kink of ReLU, where a dropped sample would sit
        parameters[key] += np.random.uniform(0.1, 0.5, size=parameters[key].shape)

    def forward() -> tuple[float, dict[str, np.ndarray], list[dict[str, object]]]:
        np.random.seed(3)
        scores, caches = network.multi_layer_forward(X, parameters, "train")
        _, cache, loss = network.softmax_cross_entropy_loss(scores, Y)
        return float(loss), cache, caches

    _, cache, caches = forward()
    gradients = network.multi_layer_backward(
        network.softmax_cross_entropy_loss_der(Y, cache), caches, parameters
    )
    for key, gradient in gradients.items():
        parameter = parameters[key.removeprefix("d")]
        for index in np.ndindex(parameter.shape):
            value, losses = parameter[index], []
            for step in (1e-6, -1e-6):
                parameter[index] = value + step
                losses.append(forward()[0])
            parameter[index] = value
            assert gradient[index] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-6)


def test_dropout_inside_a_network_is_silent_in_test_mode(network: ModuleType) -> None:
    parameters = network.initialize_network([3, 4, 2], ["relu", "linear"], [0.9, 0.9])
    parameters = network.initialize_bnorm_params(parameters, [0, 0], False)
    X = np.random.default_rng(4).normal(size=(3, 5))
    first, _ = network.multi_layer_forward(X, parameters, "test")
    second, _ = network.multi_layer_forward(X, parameters, "test")
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("function", ["layer_forward", "layer_backward"])
def test_unknown_activation_is_named_in_the_error(network: ModuleType, function: str) -> None:
    A, W, b = np.ones((2, 3)), np.ones((2, 2)), np.ones((2, 1))
    cache = network.layer_forward(A, W, b, "relu", 0, np.array([]), np.array([]), "train")[1]
    with pytest.raises(ValueError, match="'tanh'"):
        if function == "layer_forward":
            network.layer_forward(A, W, b, "tanh", 0, np.array([]), np.array([]), "train")
        else:
            network.layer_backward(A, cache, W, b, "tanh")


def test_lists_of_the_wrong_length_are_named_in_the_error(network: ModuleType) -> None:
    with pytest.raises(ValueError, match="drop_prob_list and bnorm_list must have 2 entries"):
        network.multi_layer_network(
            np.ones((3, 2)), np.array([[0, 1]]), [3, 4, 2], ["relu", "linear"], [0], [0, 0]
        )
