"""Shapes that other people's courses have: each is graded, or refused by name."""

import json
import shutil
import unicodedata
from pathlib import Path

import nbformat
import pytest

from tests.support.course import SampleCourse
from tests.support.toy import (
    CONFIG,
    NAME,
    ToyCourse,
    cells,
    given,
    make_toy,
    solution,
    test,
)

pytestmark = pytest.mark.xdist_group("odd courses")

BEGIN, END = "### BEGIN SOLUTION\n", "\n### END SOLUTION"
R = {"name": "ir", "display_name": "R", "language": "R"}
SHOWN = "class Dog:\n    def speak(self): return ''"
DEFINED = "class Dog:\n    def speak(self): return 'wuff'"
TOTAL = "def sum(values): return 42"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course with a notebook in Python and one in R, graded; ada has marks in both."""
    course = make_toy(
        tmp_path_factory.mktemp("odd") / "course",
        master=[
            given("shown", SHOWN),
            solution("again", BEGIN + DEFINED + "\n" + TOTAL + END),
            test("of-class", "assert Dog().speak() == 'wuff'", 2),
            test("of-builtin", "assert sum([1]) == 42", 1),
        ],
    )
    book = [
        solution("fr", "f <- function(x) {\n### BEGIN SOLUTION\nx * 2\n### END SOLUTION\n}"),
        test("fr-test", "stopifnot(f(2) == 4)", 3),
    ]
    path = course.root / "source" / NAME / "stats.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=book, metadata={"kernelspec": R}), path)
    course.release()
    for student, answer in {"ada": f"{DEFINED}\n{TOTAL}", "ben": "# nothing"}.items():
        course.submit(student, {"again": answer})
        course.submit(student, {"fr": "f <- function(x) x * 2"}, notebook_name="stats")
    with course.gradebook() as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(NAME, "ada")
        marked = gradebook.find_submission_notebook("stats", NAME, "ada")
        assert marked is not None
        (grade,) = marked.grades
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    return course


@pytest.fixture(scope="module")
def printed(odd: ToyCourse) -> str:
    """What grading it prints; the master is tried first."""
    return odd.run("referee", "grade", NAME)


def test_notebook_in_another_language_is_named_and_the_rest_is_graded(
    odd: ToyCourse, printed: str
) -> None:
    assert "stats.ipynb is in R, and not graded" in printed
    assert "own solution has all 3 points" in printed
    assert odd.scores()["ada"]["score"] == 3 + 2.5


def test_marks_of_a_notebook_in_another_language_stay(odd: ToyCourse, printed: str) -> None:
    with odd.gradebook() as gradebook:
        (grade,) = gradebook.find_submission_notebook("stats", NAME, "ada").grades
        assert (grade.manual_score, grade.needs_manual_grade) == (2.5, False)
        assert [book.name for book in gradebook.find_submission(NAME, "ben").notebooks] == [NAME]


def test_class_that_a_solution_defines_again_is_the_students(odd: ToyCourse, printed: str) -> None:
    questions = odd.scores()["ben"]["questions"]
    assert questions["of-class"]["score"] == 0 and questions["of-builtin"]["score"] == 0


def test_check_names_a_notebook_in_another_language(odd: ToyCourse, printed: str) -> None:
    found = json.loads(odd.run("referee", "check", NAME, "--json"))
    assert any("stats.ipynb is in R" in note for note in found["notes"])


def test_metadata_of_an_older_nbgrader_is_named_with_what_to_run(tmp_path: Path) -> None:
    course = ToyCourse(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    master = cells()
    for cell in master:
        cell.metadata.nbgrader.schema_version = 1
        del cell.metadata.nbgrader["task"]
    course.write_master(master)
    result = course.completed("referee", "check", NAME)
    assert result.returncode == 1 and "run `nbgrader update source`" in result.stderr

    course.run("nbgrader", "update", "source", "--log-level=ERROR")
    assert "is sound" in course.run("referee", "check", NAME)


def test_names_with_accents_and_a_header_beside_the_assignments(tmp_path: Path) -> None:
    """What a Mac hands in writes an accent as a character of its own."""
    header = 'c.IncludeHeaderFooter.header = "source/header.ipynb"\n'
    (tmp_path / "nbgrader_config.py").write_text(CONFIG + header)
    course = SampleCourse(tmp_path, "Übung 1")
    folder = tmp_path / "source" / "Übung 1"
    folder.mkdir(parents=True)
    text = nbformat.v4.new_markdown_cell("# Written by a header")
    nbformat.write(nbformat.v4.new_notebook(cells=[text]), tmp_path / "source/header.ipynb")
    master = folder / "Aufgabe é 1.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells()), master)
    of_mac = [unicodedata.normalize("NFD", name) for name in ("Übung 1", master.name)]
    handed_in = tmp_path.joinpath("submitted", "ada", *of_mac)
    handed_in.parent.mkdir(parents=True)
    shutil.copy(master, handed_in)
    assert "own solution has all 10 points" in course.run("referee", "grade", of_mac[0])
    assert course.scores()["ada"]["score"] == 10


def test_command_of_a_shell_in_a_test_costs_that_test_only(tmp_path: Path) -> None:
    """It is named, and does not keep the rest from being graded."""
    course = make_toy(
        tmp_path / "course",
        master=[
            solution("double", f"def double(x):\n{BEGIN}    return 2 * x{END}"),
            test("of-shell", "listed = !ls\nassert double(2) == 4", 2),
            test("of-function", "assert double(2) == 4", 1),
        ],
    )
    course.release()
    course.submit("ada", {"double": "def double(x): return 2 * x"})
    printed = course.run("referee", "grade", NAME, "--unchecked")
    assert course.scores()["ada"]["score"] == 1
    assert "!commands, help and the like cannot be used" in printed
