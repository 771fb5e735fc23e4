"""What was restored, stopped or odd is said to the teacher, in the journal and under the table."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.toy import CONFIG, RIGHT, WITH_REFEREE, ToyCourse, make_toy

pytestmark = pytest.mark.xdist_group("notes")
MANY = "import subprocess\nfor _ in range(40):\n    subprocess.Popen(['sleep', '60'])"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """The table of a course with odd submissions, and the last line of each in its journal."""
    course = make_toy(tmp_path_factory.mktemp("notes"), CONFIG + WITH_REFEREE)
    without_a_cell(course, "deleted", "double-visible")
    without_a_cell(course, "without-answer", "halve")
    path = course.submit("reordered", RIGHT)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.reverse()
    nbformat.write(notebook, path)
    course.submit("many", RIGHT, {"imports": MANY})
    table = course.grade()
    lines = [json.loads(line) for line in (course.root / "autograded/journal.jsonl").open()]
    return table, {line["student"]: line for line in lines}


def without_a_cell(course: ToyCourse, student: str, cell_id: str) -> None:
    path = course.submit(student, RIGHT)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id != cell_id]
    nbformat.write(notebook, path)


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("deleted", "cell double-visible was missing and is restored"),
        ("without-answer", "cell halve was missing and is restored"),
        ("reordered", "cells were in another order, which is restored"),
        ("many", "own cell 2 left very many processes, which were ended"),
    ],
)
def test_note_is_in_the_journal_and_under_the_table(
    graded: tuple[str, dict[str, Any]], student: str, note: str
) -> None:
    table, lines = graded
    assert note in lines[student]["notes"]
    assert f"{student}: {note}" in " ".join(table.split())


def test_answer_that_was_deleted_is_a_reason(graded: tuple[str, dict[str, Any]]) -> None:
    line = graded[1]["without-answer"]
    assert (line["status"], line["reason"]) == (
        "graded, some cells failed",
        "cell halve was missing",
    )


def test_running_without_a_sandbox_is_a_note(tmp_path: Path) -> None:
    course = make_toy(tmp_path)
    course.submit("ada", RIGHT)
    table = course.grade("--no-sandbox")
    assert "ada: the notebook was run WITHOUT a sandbox" in table
