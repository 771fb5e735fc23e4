"""The release: what students get, and what they must not get."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.support.solutions import ASSIGNMENT, MASTER, RELEASE, REPO

CANARY = "CANARY"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the course with nothing released."""
    for name in ("nbgrader_config.py", "digits.py"):
        shutil.copy(REPO / name, tmp_path)
    shutil.copytree(REPO / "source", tmp_path / "source", symlinks=True)
    return tmp_path


def make_release(course: Path) -> Path:
    """Run `nbgrader generate_assignment`, which needs its environment's programs on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT]
    result = subprocess.run(
        command, cwd=course, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return course / "release" / ASSIGNMENT


def test_committed_release_is_what_the_source_generates(course: Path) -> None:
    made = make_release(course)
    names = sorted(path.name for path in made.iterdir())
    assert names == sorted(path.name for path in RELEASE.parent.iterdir())
    for name in names:
        assert (made / name).read_bytes() == (RELEASE.parent / name).read_bytes(), (
            "run `make release`"
        )


def test_release_holds_no_trace_of_solutions_and_hidden_tests(course: Path) -> None:
    master = course / "source" / ASSIGNMENT / MASTER.name
    notebook = nbformat.read(master, as_version=4)
    planted = 0
    for cell in notebook.cells:
        cell.source, count = re.subn(
            r"^( *)### BEGIN (SOLUTION|HIDDEN TESTS)$",
            rf"\g<0>\n\1{CANARY} = '{CANARY}'  # {CANARY} \2",
            cell.source,
            flags=re.MULTILINE,
        )
        planted += count
        if count and cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text=f"{CANARY} in an output")]
    assert planted > 30
    nbformat.write(notebook, master)

    released = [path for path in make_release(course).rglob("*") if path.is_file()]
    assert {path.name for path in released} == {path.name for path in RELEASE.parent.iterdir()}
    for path in released:
        assert CANARY.encode() not in path.read_bytes(), path.name


def test_no_line_of_a_solution_or_hidden_test_is_released() -> None:
    master, release = (nbformat.read(path, as_version=4) for path in (MASTER, RELEASE))
    secret = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)
    for cell, released in zip(master.cells, release.cells, strict=True):
        assert cell.id == released.id
        provided = {line.strip() for line in secret.sub("", cell.source).splitlines()}
        for _, text in secret.findall(cell.source):
            for line in {line.strip() for line in text.splitlines()} - provided:
                assert len(line) < 4 or line not in released.source, (cell.id, line)


@pytest.mark.parametrize("module", ["digits.py", "notebook_check.py", "visible_tests.py"])
def test_students_get_the_modules_that_the_repository_has(module: str) -> None:
    assert (RELEASE.parent / module).read_bytes() == (MASTER.parent / module).read_bytes()


def test_released_cells_ask_for_code() -> None:
    for cell in nbformat.read(RELEASE, as_version=4).cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            assert "# YOUR CODE HERE" in cell.source
            assert "raise NotImplementedError()" in cell.source
