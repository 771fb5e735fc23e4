"""`referee grade`: what it makes of submissions, of a changed master, and of what is gone."""

import copy
import json
import os
import shutil
from pathlib import Path

import nbformat
import nbgrader
import pytest

from referee.nbgrader.course import Course
from tests.support.course import BIN, lost
from tests.support.toy import CONFIG, NAME, NOTEBOOK, RIGHT, ToyCourse, cells, copy_of
from tests.support.toy import given as make_given
from tests.support.toy import test as make_test

HALF = {"halve": RIGHT["halve"]}  # which leaves `double` as it was released, without points


def change_master(course: ToyCourse, old: str, new: str) -> None:
    """Replace some text of the master."""
    path = course.root / "source" / NOTEBOOK
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def marked(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """The assignment's cells in their order, by grade id."""
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


def test_bad_submissions_get_a_line_and_a_reason_and_stop_nobody(toy: ToyCourse) -> None:
    whole = toy.submit("e-whole", RIGHT).read_text()
    for student, name, content in [
        ("a-truncated", f"{NAME}.ipynb", whole[: len(whole) // 2]),
        ("b-empty", f"{NAME}.ipynb", ""),
        ("c-other-name", "homework.ipynb", whole),
        ("d-[x]*", "readme.txt", "I could not export it"),
    ]:
        path = toy.root / "submitted" / student / NAME / name
        path.parent.mkdir(parents=True)
        path.write_text(content)

    table = toy.grade()
    results = {
        student: (entry["status"], entry["score"]) for student, entry in toy.scores().items()
    }
    assert results == {
        "a-truncated": ("unreadable", None),
        "b-empty": ("not a notebook", None),
        "c-other-name": ("graded", 10),
        "d-[x]*": ("missing", None),
        "e-whole": ("graded", 10),
    }
    assert f"homework.ipynb is taken for {NAME}.ipynb" in table
    assert "found: readme.txt" in table


@pytest.fixture(scope="module")
def odd_notebooks(released_toy: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """Submissions that have the points of `halve`, in notebooks that went through a lot."""
    course = copy_of(released_toy, tmp_path_factory.mktemp("odd"))
    duplicated = course.submit("duplicated", HALF)
    notebook = nbformat.read(duplicated, as_version=4)
    solved = marked(notebook)["halve"]
    twin = copy.deepcopy(solved)
    twin.id = "a-copy"
    notebook.cells.insert(notebook.cells.index(solved), twin)
    nbformat.write(notebook, duplicated)

    stripped = course.submit("stripped", HALF)
    notebook = nbformat.read(stripped, as_version=4)
    for cell in notebook.cells:
        cell.metadata = nbformat.NotebookNode()
    nbformat.write(notebook, stripped)

    course.submit("flooding", HALF | {"double": "for _ in range(300): print('x' * 100_000)"})
    course.grade()
    return course


@pytest.mark.xdist_group("odd notebooks")
def test_odd_notebook_keeps_its_points(odd_notebooks: ToyCourse) -> None:
    results = {
        student: (entry["status"], lost(entry)) for student, entry in odd_notebooks.scores().items()
    }
    assert results == dict.fromkeys(
        ("duplicated", "stripped", "flooding"), ("graded", {"double": 0})
    )


@pytest.mark.xdist_group("odd notebooks")
def test_flood_of_output_is_cut(odd_notebooks: ToyCourse) -> None:
    executed = odd_notebooks.root / "autograded/flooding" / NOTEBOOK
    assert 1_000_000 < executed.stat().st_size < 2_000_000


def test_changed_test_is_released_and_all_are_graded_by_it(toy: ToyCourse) -> None:
    for student in ("ada", "bob"):
        toy.submit(student, RIGHT)
    toy.grade()
    assert [lost(entry) for entry in toy.scores().values()] == [{}] * 2

    change_master(toy, "halve(5.0) == 2.5", "halve(5.0) == 3.5")
    told = toy.grade()
    assert "has changed and is released again" in told
    assert "[2/2]" in told
    assert [lost(entry) for entry in toy.scores().values()] == [{"halve": 1}] * 2
    assert "[" not in toy.grade(), "nobody is graded by it twice"


def test_master_with_other_cells_is_refused(toy: ToyCourse) -> None:
    toy.submit("ada", RIGHT)
    path = toy.root / "source" / NOTEBOOK
    master = nbformat.read(path, as_version=4)
    master.cells.remove(marked(master)["double-hidden"])
    nbformat.write(master, path)
    result = toy.completed("referee", "grade", NAME)
    assert (result.returncode, result.stdout) == (1, "")
    assert "has other cells than the notebook that was released" in result.stderr
    assert f"If nothing was handed in yet, run `referee release {NAME}`" in result.stderr


def test_machine_without_a_sandbox_is_refused(toy: ToyCourse, tmp_path: Path) -> None:
    toy.submit("ada", RIGHT)
    forbidden = tmp_path / "bin/bwrap"  # as where user namespaces are forbidden
    forbidden.parent.mkdir()
    forbidden.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.9.0 && exit\nexit 1\n'
    )
    forbidden.chmod(0o755)
    path = os.pathsep.join([str(forbidden.parent), os.environ["PATH"]])
    result = toy.completed(str(BIN / "referee"), "grade", NAME, env={"PATH": path})
    assert result.returncode == 1
    assert "student code cannot be sandboxed here" in result.stderr
    assert "referee doctor" in result.stderr
    assert toy.scores()["ada"]["status"] == "pending"


def test_grading_without_a_sandbox_is_recorded(toy: ToyCourse) -> None:
    toy.submit("ada", RIGHT)
    told = toy.grade("--no-sandbox")
    assert told.startswith("WITHOUT A SANDBOX")
    assert "Graded WITHOUT A SANDBOX: ada" in told
    *_, line = map(json.loads, (toy.root / "autograded/journal.jsonl").open())
    assert (line["status"], line["sandboxed"]) == ("graded", False)


def test_results_that_are_gone_are_made_again_and_never_shown_stale(toy: ToyCourse) -> None:
    path = toy.submit("ada", RIGHT)
    toy.grade()
    assert toy.scores()["ada"]["status"] == "graded"

    toy.submit("ben", RIGHT).write_text("not JSON")
    toy.grade()
    (toy.root / "gradebook.db").unlink()
    assert toy.scores()["ada"]["status"] == "pending"
    toy.grade()
    assert toy.scores()["ada"]["status"] == "graded"
    with Course.open(toy.root).gradebook() as gradebook:
        assert {student.id for student in gradebook.students} == {"ada", "ben"}

    path.unlink()
    toy.grade()
    entry = toy.scores()["ada"]
    assert (entry["status"], entry["score"]) == ("missing", None)


def test_line_that_a_crash_cut_short_is_skipped(toy: ToyCourse) -> None:
    toy.submit("ada", RIGHT)
    journal = toy.root / "autograded/journal.jsonl"
    journal.parent.mkdir()
    journal.write_bytes(b'{"student": "ada", "stat\xff')
    toy.grade()
    assert toy.scores()["ada"]["status"] == "graded"
    assert len(journal.read_bytes().splitlines()) == 2


def test_submission_that_was_never_graded_is_pending(toy: ToyCourse) -> None:
    toy.submit("ada", RIGHT)
    entry = toy.scores()["ada"]
    assert (entry["status"], entry["score"], entry["max_score"]) == ("pending", None, 10)


def test_student_without_a_submission_is_missing(toy: ToyCourse) -> None:
    toy.submit("ada", RIGHT)
    toy.run("nbgrader", "db", "student", "add", "absent")
    assert toy.scores()["absent"]["status"] == "missing"


def test_deleted_cells_come_back_where_they_were(toy: ToyCourse) -> None:
    path = toy.submit("ada", RIGHT)
    notebook = nbformat.read(path, as_version=4)
    for name in ("imports", "double", "double-hidden", "halve-visible"):
        notebook.cells.remove(marked(notebook)[name])
    nbformat.write(notebook, path)

    toy.grade()
    entry = toy.scores()["ada"]
    assert (entry["status"], lost(entry)) == ("graded, some cells failed", {"double": 0})
    graded, master = toy.executed("ada"), marked(nbformat.read(toy.root / "source" / NOTEBOOK, 4))
    assert list(graded) == list(master)
    for name, cell in graded.items():
        if cell.metadata.nbgrader.locked:
            assert cell.source == master[name].source


def course_with_autotest(root: Path, given: str) -> ToyCourse:
    """A course whose last test is written by nbgrader, by what the solution returns."""
    templates = Path(nbgrader.__file__).parent / "docs/source/user_guide/autotests.yml"
    shutil.copy(templates, root)
    (root / "nbgrader_config.py").write_text(CONFIG)
    course = ToyCourse(root)
    auto = make_test("auto", "### AUTOTEST double(3)", 2)
    course.write_master([make_given("given", given), *cells(), auto])
    master = nbformat.read(root / "source" / NOTEBOOK, as_version=4)
    master.metadata.kernelspec = {"name": "python3", "display_name": "", "language": "python"}
    nbformat.write(master, root / "source" / NOTEBOOK)
    return course


def test_master_with_tests_that_nbgrader_writes_is_released_once(tmp_path: Path) -> None:
    course = course_with_autotest(tmp_path, "import math")
    course.release()
    course.submit("ada", RIGHT)
    assert "has changed" not in course.grade()
    assert course.scores()["ada"]["score"] == 12


def test_release_says_what_kept_nbgrader_from_writing_a_test(tmp_path: Path) -> None:
    course = course_with_autotest(tmp_path, "import not_there")
    result = course.completed("referee", "release", NAME)
    reason = "cannot be released: ModuleNotFoundError: No module named 'not_there'. "
    assert reason in result.stderr and result.returncode == 1


def test_release_without_the_templates_of_tests_says_where_nbgraders_are(tmp_path: Path) -> None:
    course = course_with_autotest(tmp_path, "import math")
    (tmp_path / "autotests.yml").unlink()
    said = course.completed("referee", "release", NAME).stderr
    assert "Copy the templates for AUTOTEST beside nbgrader_config.py" in said
    shutil.copy(said.partition("nbgrader's: ")[2].partition(". Then")[0], tmp_path)
    assert course.completed("referee", "release", NAME).returncode == 0
