"""A copy of the course in a folder of its own, and submissions in it."""

import contextlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from click.testing import CliRunner

from referee.cli import referee
from tests.support.solutions import ASSIGNMENT, NOTEBOOK, RELEASE, REPO, write_submission

BIN = Path(sys.executable).parent
TAKES_TIME = re.compile("matplotlib|print")

POINTS = {
    "dropout": 10,
    "dropout_der": 10,
    "batchnorm": 15,
    "batchnorm_der": 15,
    "initialize_network": 5,
    "initialize_velocity": 5,
    "update_parameters_with_momentum_Adam": 15,
    "multi_layer_network": 10,
    "classify": 5,
    "training": 10,
}


@dataclass(frozen=True)
class SampleCourse:
    """A copy of the course in a folder of its own."""

    root: Path
    assignment: str = ASSIGNMENT

    def completed(
        self, *command: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in the course to its end."""
        path = os.pathsep.join([str(BIN), os.environ["PATH"]])
        env = os.environ | {"PATH": path} | (env or {})
        env.pop("NBGRADER_EXECUTION", None)
        return subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True)

    def run(self, *command: str, code: int = 0, env: dict[str, str] | None = None) -> str:
        """Run a command and return what it printed on stdout; it has to end with this code."""
        if command[0] == "referee" and env is None:
            return self.run_here(*command[1:], code=code)
        result = self.completed(*command, env=env)
        assert result.returncode == code, f"{command}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def run_here(self, *arguments: str, code: int = 0) -> str:
        """What a command of ours prints; without the seconds that a process of its own takes."""
        path = sys.path.copy()
        _forget_plugins()  # a test may change one, and another has one of the same name
        with contextlib.chdir(self.root):
            result = CliRunner().invoke(referee, arguments, catch_exceptions=False)
        assert result.exit_code == code, f"{arguments}\n{result.stdout}\n{result.stderr}"
        sys.path[:] = path
        return result.stdout

    def hand_in(self, *solutions: Path) -> None:
        """Add a submission made of the release for each solution file."""
        release = nbformat.read(RELEASE, as_version=4)
        for solution in solutions:
            write_submission(release, solution, self.root / "submitted", solution.stem)

    def scores(self) -> dict[str, dict[str, Any]]:
        """What `referee scores --json` prints, by student."""
        entries = json.loads(self.run_here("scores", self.assignment, "--json"))
        assert len({entry["student"] for entry in entries}) == len(entries)
        return {entry["student"]: entry for entry in entries}


def _forget_plugins() -> None:
    """Let go of the modules that lie beside configurations of courses, as a new process has."""
    for name, module in list(sys.modules.items()):
        folder = Path(getattr(module, "__file__", None) or REPO).parent
        if folder != REPO and (folder / "nbgrader_config.py").is_file():
            del sys.modules[name]
    importlib.invalidate_caches()


def make_course(root: Path) -> SampleCourse:
    for name in ("nbgrader_config.py", "digits.py"):
        shutil.copy(REPO / name, root)
    shutil.copytree(REPO / "source", root / "source", symlinks=True)
    return SampleCourse(root)


def lost(entry: dict[str, Any]) -> dict[str, float]:
    """The questions of a student that have not all points, with the points they have."""
    return {
        name: q["score"] for name, q in entry["questions"].items() if q["score"] != q["max_score"]
    }


def only_what_counts(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook less its text, pictures and tests without points, which only take time here."""
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.metadata.get("nbgrader", {}).get("points") != 0
        and "plt." not in cell.source
    ]
    for cell in notebook.cells:
        if cell.id in ("imports", "load"):
            lines = cell.source.splitlines()
            cell.source = "\n".join(line for line in lines if not TAKES_TIME.search(line))
    return notebook


def hand_in(
    course: SampleCourse,
    student: str,
    sections: dict[str, str],
    witnesses: tuple[str, ...] = (),
    deed: Callable[[], None] = lambda: None,
) -> None:
    """Make a submission of solution cells and of what an attack does to the notebook.

    `witnesses` are the sources of a first and a last cell, and `deed` is what the section
    [notebook] calls when it has done what it is there for.
    """
    notebook = nbformat.read(course.root / "release" / NOTEBOOK, as_version=4)
    sections = dict(sections)
    edit = sections.pop("[notebook]", "")
    for cell in notebook.cells:
        if cell.id in sections:
            cell.source = sections.pop(cell.id)
            cell.metadata.pop("tags", None)  # which would have it skipped
    assert not sections, f"no such cells: {', '.join(sections)}"
    folder = course.root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    exec(edit, {"notebook": notebook, "folder": folder, "deed": deed})
    if witnesses and isinstance(notebook.get("cells"), list):
        first, last = map(nbformat.v4.new_code_cell, witnesses)
        notebook.cells = [first, *notebook.cells, last]
    path = folder / f"{ASSIGNMENT}.ipynb"
    if not path.exists():
        path.write_text(json.dumps(notebook))  # whatever it is by now
