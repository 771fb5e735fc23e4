"""The attack corpus: what cheaters try earns nothing, reads nothing and changes nothing.

Each file of tests/attacks/ is a submission that implements none of the questions. A section
`[notebook]` is run here, when the submission is made, with `notebook` and `folder` at hand.
"""

import hashlib
import json
import os
import re
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.leftovers import left_behind
from tests.solutions import ASSIGNMENT, NOTEBOOK, TESTS, read_solution
from tests.test_grading import SampleCourse, make_course

EVERY = sorted((TESTS / "attacks").glob("*.py"))
# All of them take a quarter of an hour on two cores: `make attacks`, which CI runs.
ATTACKS = EVERY if os.environ.get("ATTACKS") == "all" else EVERY[::3]
HIDDEN = "### BEGIN HIDDEN TESTS\n"
VICTIM = "a-victim"
PORT = 45671  # where an attack tries to reach a service of the machine
CANARY = re.compile(r"CANARY-\w+")

TAKES_TIME = re.compile("matplotlib|print")

# Less than a course gives, so that attacks which wait do not keep everybody waiting.
LIMITS = """
c.Limits.call_cpu, c.Limits.call_wall, c.Limits.test_wall = 3, 4, 8
c.Limits.cell_cpu, c.Limits.cell_wall = 10, 15
"""


@dataclass
class AttackedCourse:
    """A course in which every attack is graded, and what it is like before and after."""

    course: SampleCourse
    home: Path
    alone: dict[str, Any] = field(default_factory=dict)  # the victim's marks before the attacks
    scores: dict[str, Any] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    left_behind: list[str] = field(default_factory=list)
    visitors: Any = None

    def prepare(self) -> None:
        """Release the assignment, grade the victim alone, and hand in the attacks."""
        plant_canaries(self.course)
        self.course.run("nbgrader", "generate_assignment", ASSIGNMENT)
        self.course.run("nbgrader", "db", "student", "add", VICTIM, "--last-name", "CANARY-name")
        victim = read_solution(TESTS / "cohort/untouched.py") | {"relu": "# CANARY-submission"}
        hand_in(self.course, VICTIM, victim)
        self.course.run("referee", "grade", ASSIGNMENT)
        self.alone = self.course.scores()[VICTIM]
        for attack in ATTACKS:
            hand_in(self.course, attack.stem, read_solution(attack))

    def grade(self) -> None:
        """Grade all, in a home folder and an environment with secrets."""
        (self.home / "canary.txt").write_text("CANARY-home")
        secrets = {"HOME": str(self.home), "REFEREE_CANARY": "CANARY-environment"}
        self.before = self._state()
        self.course.run("referee", "grade", ASSIGNMENT, env=secrets)
        self.after = self._state()
        self.left_behind = left_behind()
        self.scores = self.course.scores()

    def outputs_of(self, student: str) -> str:
        """All that the executed notebook shows."""
        path = self.course.root / "autograded" / student / NOTEBOOK
        if not path.exists():  # it could not be graded, and has no outputs
            return ""
        notebook = nbformat.read(path, as_version=4)
        return str([cell.get("outputs") for cell in notebook.cells])

    def _state(self) -> dict[str, str]:
        """A checksum of each file that grading these attacks should not change."""
        files = {}
        for folder in (self.home, self.course.root):
            for path in folder.rglob("*"):
                parts = path.relative_to(folder).parts
                results = parts[0] in ("autograded", "feedback") and parts[1:2] != (VICTIM,)
                if not path.is_file() or results or parts[0] == ".cache":
                    continue
                if not path.samefile(self.course.root / "gradebook.db"):  # which an attack links to
                    files[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return files


def only_what_counts(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook less its text, pictures and tests without points, which only take time here."""
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and (cell.metadata.get("nbgrader", {}).get("points") != 0 or "-hidden-" in cell.id)
        and "plt." not in cell.source
    ]
    for cell in notebook.cells:
        if cell.id in ("imports", "load"):
            lines = cell.source.splitlines()
            cell.source = "\n".join(line for line in lines if not TAKES_TIME.search(line))
    return notebook


def plant_canaries(course: SampleCourse) -> None:
    """Put secrets where attacks look for them."""
    path = course.root / "source" / NOTEBOOK
    master = only_what_counts(nbformat.read(path, as_version=4))
    for cell in master.cells:
        secret = (
            '# CANARY-comment\nsecret = "CANARY-constant"\nassert secret == "CANARY-constant"\n'
        )
        cell.source = cell.source.replace(HIDDEN, HIDDEN + secret)
    nbformat.write(master, path)
    for place in (course.root, course.root / "source"):
        (place / "canary.txt").write_text("CANARY-file")


def hand_in(course: SampleCourse, student: str, sections: dict[str, str]) -> None:
    """Make a submission of solution cells and of what an attack does to the notebook."""
    notebook = nbformat.read(course.root / "release" / NOTEBOOK, as_version=4)
    sections = dict(sections)
    edit = sections.pop("[notebook]", "")
    for cell in notebook.cells:
        cell.source = sections.pop(cell.id, cell.source)
    assert not sections, f"no such cells: {', '.join(sections)}"
    folder = course.root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    exec(edit, {"notebook": notebook, "folder": folder})
    path = folder / f"{ASSIGNMENT}.ipynb"
    if not path.exists():
        path.write_text(json.dumps(notebook))  # whatever it is by now


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> AttackedCourse:
    """A course that every attack was handed in to, and that was graded with its victim."""
    course = make_course(tmp_path_factory.mktemp("attacked"))
    home = tmp_path_factory.mktemp("home")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(LIMITS)
    attacked = AttackedCourse(course, home)
    with socket.create_server(("127.0.0.1", PORT)) as listener:
        listener.setblocking(False)
        attacked.prepare()
        attacked.grade()
        with suppress(BlockingIOError):
            attacked.visitors = listener.accept()
    return attacked


@pytest.mark.xdist_group("attacks")
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_attack_earns_nothing_and_reads_nothing(attacked: AttackedCourse, attack: Path) -> None:
    entry = attacked.scores[attack.stem]
    assert not entry["score"]
    assert not any(question["score"] for question in entry["questions"].values())
    assert not CANARY.findall(attacked.outputs_of(attack.stem))
    for page in (attacked.course.root / "feedback" / attack.stem).rglob("*.html"):
        assert not CANARY.findall(page.read_text())


@pytest.mark.xdist_group("attacks")
def test_attacks_change_no_file_outside_their_results(attacked: AttackedCourse) -> None:
    assert attacked.after == attacked.before


@pytest.mark.xdist_group("attacks")
def test_attacks_do_not_change_the_marks_of_others(attacked: AttackedCourse) -> None:
    assert attacked.scores[VICTIM] == attacked.alone


@pytest.mark.xdist_group("attacks")
def test_attacks_reach_no_service_of_the_machine(attacked: AttackedCourse) -> None:
    assert attacked.visitors is None


@pytest.mark.xdist_group("attacks")
def test_attacks_leave_no_process_behind(attacked: AttackedCourse) -> None:
    assert attacked.left_behind == []
