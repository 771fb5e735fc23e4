"""What students see when they check their notebook before they hand it in."""

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Protocol

import nbformat
import pytest

from tests.support.solutions import COHORT, MASTER, RELEASE, apply_solution
from tests.support.toy import solution
from tests.support.toy import test as test_cell


class Check(Protocol):
    def __call__(self, notebook: Path, **names: object) -> str: ...


@pytest.fixture(scope="module")
def module() -> ModuleType:
    """The file beside the notebook, which is no part of a package."""
    spec = spec_from_file_location("notebook_check", MASTER.parent / "notebook_check.py")
    assert spec and spec.loader
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def check(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """Check a notebook as in a kernel that Jupyter has started for it; return what is printed."""

    def printed(notebook: Path, **names: object) -> str:
        monkeypatch.delenv("NBGRADER_EXECUTION")
        kernel = ModuleType("__main__")
        vars(kernel).update({"__session__": str(notebook)} | names)
        monkeypatch.setitem(sys.modules, "__main__", kernel)
        module.check()
        return re.sub(r"\x1b\[\d+m", "", capsys.readouterr().out)

    return printed


def notebook(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "work.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


def heading(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(f"## {text}\n\nWords.")


def visible_test(function: str, expression: str) -> nbformat.NotebookNode:
    """A visible test as the assignment has them."""
    return test_cell(
        f"{function}-visible",
        f"def test_{function}_visible():\n    {expression}\n\n\ntest_{function}_visible()",
        0,
    )


DOUBLE = (
    heading("Q1. Twice (5 points)"),
    solution("double", "def double(x):\n    return 2 * x"),
    visible_test("double", "assert double(3) == 6, 'double: the result must be 2 x'"),
)
UNFINISHED = (
    heading("Q2. Half (5 points)"),
    solution("halve", "def halve(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"),
    visible_test("halve", "assert halve(4) == 2"),
)


def lines_of(text: str) -> list[str]:
    return [re.sub(r" {2,}", " | ", line) for line in text.splitlines()]


def test_each_visible_test_has_a_line_with_the_heading_of_its_question(
    check: Check, tmp_path: Path
) -> None:
    triple = (
        heading("Three times (not graded)"),
        solution("triple", "def triple(x):\n    return x"),
        visible_test("triple", "assert triple(3) == 9, 'triple: the result must be 3 x'"),
        visible_test("both", "assert halve(triple(2)) == 3"),
    )
    said = lines_of(check(notebook(tmp_path, *DOUBLE, *UNFINISHED, *triple)))
    assert said[2:6] == [
        "passed | Q1. Twice",
        "not written yet | Q2. Half",
        "failed | Three times: triple: the result must be 3 x",
        "not written yet | Three times, both: it needs halve",
    ]
    assert "4 visible tests without the trainings: 1 passed, 1 failed, 2 not written yet." in said
    assert said[-1] == "These are the visible tests; hidden tests give the points."


def test_file_counts_and_not_what_the_kernel_has(check: Check, tmp_path: Path) -> None:
    path = notebook(tmp_path, *DOUBLE)
    newer = "def double(x):\n    return x + x + 1"
    said = check(path, double=lambda x: 0, In=["", DOUBLE[1].source, newer])
    assert "1 passed" in said
    assert "You have last run another double than the file has." in said
    assert "Save the notebook" in said


def test_nothing_is_said_of_saving_when_the_file_is_what_was_run(
    check: Check, tmp_path: Path
) -> None:
    said = check(notebook(tmp_path, *DOUBLE), In=["", "def double(x): return 0", DOUBLE[1].source])
    assert "Save" not in said


def test_trainings_and_what_follows_are_not_run(check: Check, tmp_path: Path) -> None:
    training = solution("training_1", "raise SystemExit('this takes minutes')")
    later = visible_test("training", "assert False")
    said = check(notebook(tmp_path, *DOUBLE, heading("Q10. Training"), training, later))
    assert "1 visible tests without the trainings: 1 passed, 0 failed" in said


def test_cell_that_ends_python_is_named(check: Check, tmp_path: Path) -> None:
    crash = solution("crash", "import os\nos._exit(0)")
    said = lines_of(check(notebook(tmp_path, *DOUBLE, crash, *UNFINISHED)))
    assert "failed | cell crash: it ends Python, and so ended the check" in said


def test_cell_that_never_ends_is_named(
    check: Check, tmp_path: Path, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 4.0)
    endless = solution("endless", "while True:\n    pass")
    said = lines_of(check(notebook(tmp_path, endless, *DOUBLE)))
    assert "failed | cell endless: it takes more than 4 seconds, and so ended the check" in said


def test_solution_cell_that_is_no_python_is_named(check: Check, tmp_path: Path) -> None:
    said = check(notebook(tmp_path, solution("double", "def double(x:\n    return"), DOUBLE[2]))
    assert "cell double: SyntaxError" in said
    assert "NameError: name 'double' is not defined" in said


def test_without_a_file_the_tests_of_the_kernel_are_called(check: Check) -> None:
    def test_double_visible() -> None:
        raise AssertionError("double: the result must be 2 x")

    said = lines_of(check(Path("/gone.ipynb"), test_double_visible=test_double_visible))
    assert "The file of this notebook is not known here" in said[0]
    assert "failed | double: double: the result must be 2 x" in said


def test_kernel_in_which_nothing_was_run_is_told_what_to_do(check: Check) -> None:
    said = check(Path("/gone.ipynb"))
    assert "You have run no test yet. Run all cells from the first one on" in said
    assert "0 passed" not in said


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": []}', '{"cells": [{}]}'])
def test_file_that_was_not_saved_is_told_to_be(check: Check, tmp_path: Path, content: str) -> None:
    path = tmp_path / "work.ipynb"
    path.write_text(content)
    said = check(path)
    assert said.strip() == (
        "work.ipynb is no whole notebook yet. "
        "Save the notebook (Ctrl+S or Cmd+S), and run this cell again."
    )


def test_file_without_visible_tests_is_told_to_be_saved(check: Check, tmp_path: Path) -> None:
    said = check(notebook(tmp_path, DOUBLE[1]))
    assert "The file has no visible test before the first training. Save the notebook" in said


def test_file_without_answers_is_told_what_to_do(check: Check, tmp_path: Path) -> None:
    said = lines_of(check(notebook(tmp_path, *UNFINISHED)))
    assert said[-2].startswith(
        "The file has no answers yet. Write the functions that say YOUR CODE"
    )
    assert said[-2].endswith("Save the notebook (Ctrl+S or Cmd+S), and run this cell again.")


@pytest.mark.parametrize("variable", ["__session__", "__vsc_ipynb_file__"])
def test_file_is_the_one_that_jupyter_or_vs_code_names(
    module: ModuleType, tmp_path: Path, variable: str
) -> None:
    path = notebook(tmp_path, *DOUBLE)
    assert module.notebook_file({variable: str(path)}) == path
    assert module.notebook_file({variable: str(tmp_path / "renamed.ipynb")}) is None
    assert module.notebook_file({variable: "console-1"}) is None


def test_nothing_is_run_where_work_is_graded(
    module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    module.check()  # NBGRADER_EXECUTION is set for all tests
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("relu: as it is", "relu: as it is"),
        (
            "\nNot equal to tolerance rtol=0, atol=1e-05\nW1 differs\nMismatched elements: 3 / 12",
            "W1 differs",
        ),
        ("\nArrays are not equal\nrelu: 0\n\n(shapes (2,), (3,) mismatch)\n ACTUAL: 1", "relu: 0"),
        (
            "relu: 1 check fails\n    expected  got\nA: too large\n  [0]  1  2",
            "relu: 1 check fails; A: too large",
        ),
    ],
)
def test_sentence_leaves_out_the_tables(module: ModuleType, message: str, expected: str) -> None:
    assert module.sentence(message) == expected


def test_unscaled_dropout_of_the_cohort_is_the_only_failure(check: Check, tmp_path: Path) -> None:
    path = tmp_path / RELEASE.name
    released = nbformat.read(RELEASE, as_version=4)
    nbformat.write(apply_solution(released, COHORT / "dropout-unscaled.py"), path)
    for file in RELEASE.parent.glob("*.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    said = lines_of(check(path))
    failed = [line for line in said if line.startswith("failed")]
    assert any(line.startswith("failed | Q1. Dropout, forward: ") for line in failed), said
    assert "passed | Q9. Prediction" in said
    assert re.search(r"1[78] visible tests without the trainings: 1[56] passed, 2 failed", said[-2])
