"""`referee grade` and `nbgrader autograde` give the same marks, whatever was done to a notebook."""

import copy
import os
import random
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from tests.support.toy import NAME, RIGHT, WITH_REFEREE, ToyCourse, make_toy

SEED = int(os.environ.get("SEED") or random.randrange(10**6))
SUBMISSIONS = 14


def any_cell(notebook: NotebookNode, chance: random.Random) -> NotebookNode:
    return chance.choice(notebook.cells)


def delete_a_cell(notebook: NotebookNode, chance: random.Random) -> None:
    notebook.cells.remove(any_cell(notebook, chance))


def duplicate_a_cell(notebook: NotebookNode, chance: random.Random) -> None:
    cell = any_cell(notebook, chance)
    twin = copy.deepcopy(cell)
    twin.id = f"twin-{chance.randrange(10**6)}"
    notebook.cells.insert(notebook.cells.index(cell), twin)


def reorder_cells(notebook: NotebookNode, chance: random.Random) -> None:
    chance.shuffle(notebook.cells)


def strip_metadata(notebook: NotebookNode, chance: random.Random) -> None:
    for cell in notebook.cells:
        if chance.random() < 0.5:
            cell.metadata = NotebookNode()


def swap_grade_ids(notebook: NotebookNode, chance: random.Random) -> None:
    managed = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    if len(managed) > 1:
        one, other = chance.sample(managed, 2)
        one.metadata, other.metadata = other.metadata, one.metadata


def claim_points(notebook: NotebookNode, chance: random.Random) -> None:
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.points = 100.0


def rewrite_tests(notebook: NotebookNode, chance: random.Random) -> None:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = chance.choice(["pass", "1", "raise SystemExit", "100"])


def retype_a_cell(notebook: NotebookNode, chance: random.Random) -> None:
    cell = any_cell(notebook, chance)
    cell.cell_type = chance.choice(["markdown", "raw"])
    cell.pop("outputs", None)
    cell.pop("execution_count", None)


def add_own_cells(notebook: NotebookNode, chance: random.Random) -> None:
    source = chance.choice(["halve = double", "double = None", "import sys; sys.exit()", "1 / 0"])
    place = chance.randrange(len(notebook.cells) + 1)
    notebook.cells.insert(place, nbformat.v4.new_code_cell(source))


def write_a_lot(notebook: NotebookNode, chance: random.Random) -> None:
    notebook.cells.append(nbformat.v4.new_code_cell("print('x' * 100_000)\nimport sys\n1 / 0"))


DAMAGES: list[Callable[[NotebookNode, random.Random], None]] = [
    delete_a_cell,
    duplicate_a_cell,
    reorder_cells,
    strip_metadata,
    swap_grade_ids,
    claim_points,
    rewrite_tests,
    retype_a_cell,
    add_own_cells,
    write_a_lot,
]
ANSWERS = {
    "double": [RIGHT["double"], "def double(x): return x + x", "def double(x): return x", "1 / 0"],
    "halve": [RIGHT["halve"], "def halve(x): return x // 2", "def halve(x): raise ValueError", ""],
}


def damage(course: ToyCourse, student: str) -> None:
    """Hand in some answers, in a notebook to which a few things were done."""
    chance = random.Random(f"{SEED} {student}")
    path = course.submit(student, {name: chance.choice(ANSWERS[name]) for name in ANSWERS})
    notebook = nbformat.read(path, as_version=4)
    for kind in chance.sample(DAMAGES, chance.randrange(1, 4)):
        kind(notebook, chance)
    path.write_text(nbformat.v4.writes_json(notebook))


def marks(course: ToyCourse) -> dict[str, dict[str, float | None]]:
    """The autograder's points in the gradebook, by student and cell."""
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", "toy") as gradebook:
        return {
            submission.student_id: {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(NAME)
        }


ADDED = "c.Autograde.sanitize_preprocessors.append('own.Own')\n"


@pytest.mark.parametrize("others", ["", WITH_REFEREE + ADDED, ADDED + WITH_REFEREE])
def test_both_ways_give_the_same_marks(tmp_path: Path, others: str) -> None:
    print(f"SEED={SEED}")
    course = make_toy(tmp_path)
    path = course.root / "nbgrader_config.py"
    path.write_text(path.read_text().replace(WITH_REFEREE, others or WITH_REFEREE))
    with path.open("a") as config:
        config.write(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n")
        config.write('c.Workers.files = ["own.py"]\n')
    (tmp_path / "own.py").write_text(OWN_STEP)
    for number in range(SUBMISSIONS if not others else 2):
        damage(course, f"student-{number:02}")
    course.grade()
    ours = marks(course)
    course.run("nbgrader", "autograde", NAME, "--force", "--log-level=CRITICAL")
    assert marks(course) == ours
    assert len(ours) == (SUBMISSIONS if not others else 2)


# A course's own step: it gives `double` away, so that it cannot be overlooked.
OWN_STEP = """
from nbgrader.preprocessors import NbGraderPreprocessor


class Own(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "double":
                cell.source = "def double(x): return 2 * x"
        return nb, resources
"""
