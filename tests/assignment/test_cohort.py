"""A batch graded end to end: real notebooks, kernels, trainings, gradebook and command line."""

import csv
import json
import os
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader

from tests.support.course import BIN, POINTS, SampleCourse, lost, make_course
from tests.support.solutions import (
    ASSIGNMENT,
    BANK,
    COHORT,
    MASTER,
    NOTEBOOK,
    RELEASE,
    read_solution,
    write_submission,
)

Scores = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """The sample cohort, graded."""
    course = make_course(tmp_path_factory.mktemp("cohort"))
    course.hand_in(*sorted(COHORT.glob("[!_]*.py")))
    course.run("referee", "grade", ASSIGNMENT)
    return course


@pytest.fixture(scope="module")
def scores(cohort: SampleCourse) -> Scores:
    """Its marks, as they are when it is graded."""
    return cohort.scores()


@pytest.mark.xdist_group("cohort")
class TestSampleCohort:
    """Marks of the six submissions that `make grade` grades, and what else works on the result."""

    @pytest.mark.parametrize("student", ["right-vectorised", "right-loops", "right-noisy"])
    def test_right_submission_has_all_points(self, scores: Scores, student: str) -> None:
        entry = scores[student]
        assert (entry["score"], entry["max_score"], entry["status"]) == (100, 100, "graded")

    def test_unfinished_batchnorm_loses_its_points_and_keeps_those_of_training(
        self, scores: Scores
    ) -> None:
        entry = scores["batchnorm-unfinished"]
        assert lost(entry) == {"batchnorm": 0, "batchnorm_der": 0}
        assert entry["score"] == 70

    def test_unscaled_dropout_loses_the_points_of_dropout_only(self, scores: Scores) -> None:
        entry = scores["dropout-unscaled"]
        assert lost(entry) == {"dropout": 0}
        assert entry["score"] == 90

    def test_untouched_release_has_no_points(self, scores: Scores) -> None:
        entry = scores["untouched"]
        assert entry["score"] == 0
        assert entry["status"] == "graded"

    def test_nobody_is_missing(self, cohort: SampleCourse, scores: Scores) -> None:
        handed_in = {path.name for path in (cohort.root / "submitted").iterdir()}
        assert set(scores) == handed_in
        assert len(handed_in) == 6

    def test_scores_have_the_documented_form(self, scores: Scores) -> None:
        for entry in scores.values():
            assert list(entry) == ["student", "status", "score", "max_score", "questions"]
            assert {name: q["max_score"] for name, q in entry["questions"].items()} == POINTS
            assert sum(q["score"] for q in entry["questions"].values()) == entry["score"]

    def test_executed_notebook_shows_what_the_student_printed(self, cohort: SampleCourse) -> None:
        notebook = nbformat.read(
            cohort.root / "autograded/right-vectorised" / NOTEBOOK, as_version=4
        )
        cells = {cell.id: cell for cell in notebook.cells}
        printed = "".join(out.get("text", "") for out in cells["training_1"].outputs)
        assert "Cost at iteration 0 is: 3.19439" in printed
        assert "widget" not in str(cells["training_1"].outputs), (
            "the progress bar is silent in logs"
        )

    def test_pictures_of_the_notebook_are_drawn(self, cohort: SampleCourse) -> None:
        notebook = nbformat.read(
            cohort.root / "autograded/right-vectorised" / NOTEBOOK, as_version=4
        )
        drawn = [cell.id for cell in notebook.cells if "image/png" in str(cell.get("outputs", ""))]
        assert drawn == [
            "grid",
            "dropout-picture",
            "batchnorm-picture",
            "loss-first",
            "batch-statistics",
            "loss-second",
            "misclassified",
        ]

    def test_every_student_has_a_feedback_page(self, cohort: SampleCourse) -> None:
        for student in cohort.scores():
            assert (cohort.root / f"feedback/{student}/{ASSIGNMENT}/{ASSIGNMENT}.html").is_file()

    def test_unchanged_submissions_are_not_graded_again(self, cohort: SampleCourse) -> None:
        journal = cohort.root / "autograded/journal.jsonl"
        before = journal.read_text()
        table = cohort.run("referee", "grade", ASSIGNMENT)
        assert journal.read_text() == before
        assert "right-vectorised" in table

    def test_changed_submission_is_graded_again(self, cohort: SampleCourse) -> None:
        path = cohort.root / "submitted/untouched" / NOTEBOOK
        original = path.read_text()
        notebook = nbformat.reads(original, as_version=4)
        for cell in notebook.cells:
            if cell.id == "dropout_der":
                cell.source = (
                    "def dropout_der(dA_in, cache):\n"
                    "    p, mode, mask = cache\n"
                    "    if mode not in ('train', 'test'): raise ValueError(mode)\n"
                    "    return dA_in * mask if p and mode == 'train' else dA_in"
                )
        nbformat.write(notebook, path)
        cohort.run("referee", "grade", ASSIGNMENT)
        assert cohort.scores()["untouched"]["score"] == 10
        path.write_text(original)
        cohort.run("referee", "grade", ASSIGNMENT, "--student", "untouched", "--force")
        assert cohort.scores()["untouched"]["score"] == 0

    def test_stock_autograde_gives_the_same_marks(self, cohort: SampleCourse) -> None:
        before = cohort.scores()["batchnorm-unfinished"]
        cohort.run(
            "nbgrader", "autograde", ASSIGNMENT, "--student", "batchnorm-unfinished", "--force"
        )
        assert cohort.scores()["batchnorm-unfinished"] == before

    def test_stock_feedback_and_release_work_on_the_same_folders(
        self, cohort: SampleCourse
    ) -> None:
        page = cohort.root / f"feedback/untouched/{ASSIGNMENT}/{ASSIGNMENT}.html"
        page.unlink()
        cohort.run("nbgrader", "generate_feedback", ASSIGNMENT, "--student", "untouched", "--force")
        assert page.is_file()
        cohort.run("nbgrader", "generate_assignment", ASSIGNMENT, "--force")
        assert (cohort.root / "release" / NOTEBOOK).read_bytes() == RELEASE.read_bytes()

    def test_stock_export_has_the_marks(self, cohort: SampleCourse) -> None:
        cohort.run("nbgrader", "export", "--to", "marks.csv")
        with (cohort.root / "marks.csv").open() as file:
            exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
        assert exported == {student: entry["score"] for student, entry in cohort.scores().items()}

    def test_views_of_formgrader_show_the_marks(
        self, cohort: SampleCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", os.pathsep.join([str(BIN), os.environ["PATH"]]))
        monkeypatch.chdir(cohort.root)
        app = NbGrader()
        app.initialize([], root=str(cohort.root))
        api = NbGraderAPI(app.coursedir, parent=app)
        scores = cohort.scores()

        (assignment,) = api.get_assignments()
        assert assignment["num_submissions"] == 6
        assert assignment["max_score"] == 100
        assert assignment["average_score"] == pytest.approx(
            sum(entry["score"] for entry in scores.values()) / 6
        )
        submissions = {row["student"]: row for row in api.get_submissions(ASSIGNMENT)}
        assert {student: row["score"] for student, row in submissions.items()} == {
            student: entry["score"] for student, entry in scores.items()
        }
        assert not any(row["needs_manual_grade"] for row in submissions.values())
        assert {row["id"]: row["score"] for row in api.get_students()} == {
            student: row["score"] for student, row in submissions.items()
        }
        (notebook,) = api.get_notebooks(ASSIGNMENT)
        assert notebook["average_code_score"] == pytest.approx(assignment["average_score"])
        rows = api.get_notebook_submissions(ASSIGNMENT, ASSIGNMENT)
        failed = {row["student"]: row["failed_tests"] for row in rows}
        assert failed["untouched"]
        assert not failed["right-vectorised"]


@pytest.fixture(scope="module")
def right_solutions(tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """The right solutions of the bank that are not in the cohort, graded."""
    course = make_course(tmp_path_factory.mktemp("right"))
    in_cohort = {"vectorised", "loops", "noisy"}
    course.hand_in(*(p for p in sorted((BANK / "right").glob("*.py")) if p.stem not in in_cohort))
    course.run("referee", "grade", ASSIGNMENT)
    return course


@pytest.mark.xdist_group("right solutions")
def test_right_solutions_in_other_styles_have_all_points(right_solutions: SampleCourse) -> None:
    scores = right_solutions.scores()
    assert set(scores) == {"classes", "einsum", "functional", "helper_functions", "in_place"}
    assert [lost(entry) for entry in scores.values()] == [{}] * 5
    assert {entry["score"] for entry in scores.values()} == {100}


@pytest.fixture
def course(tmp_path: Path) -> SampleCourse:
    """A course that nobody has handed in to."""
    return make_course(tmp_path)


def test_bad_submissions_get_a_line_and_a_reason_and_stop_nobody(course: SampleCourse) -> None:
    course.hand_in(COHORT / "untouched.py")
    submitted = course.root / "submitted"
    for student, name, content in [
        ("a-truncated", f"{ASSIGNMENT}.ipynb", RELEASE.read_text()[:5000]),
        ("b-empty", f"{ASSIGNMENT}.ipynb", ""),
        ("c-other-name", "homework.ipynb", RELEASE.read_text()),
        ("d-[x]*", "readme.txt", "I could not export it"),
    ]:
        path = submitted / student / ASSIGNMENT / name
        path.parent.mkdir(parents=True)
        path.write_text(content)

    table = course.run("referee", "grade", ASSIGNMENT)
    statuses = {student: entry["status"] for student, entry in course.scores().items()}
    assert statuses == {
        "a-truncated": "unreadable",
        "b-empty": "not a notebook",
        "c-other-name": "graded",
        "d-[x]*": "missing",
        "untouched": "graded",
    }
    assert "homework.ipynb is taken for optimization.ipynb" in table
    assert "found: readme.txt" in table
    assert {entry["score"] for entry in course.scores().values()} == {None, 0}


@pytest.fixture(scope="module")
def odd_notebooks(tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """Submissions that have 10 points for dropout_der, in notebooks that went through a lot."""
    course = make_course(tmp_path_factory.mktemp("odd"))
    for student in ("duplicated", "stripped", "flooding"):
        release = nbformat.read(RELEASE, as_version=4)
        path = write_submission(
            release, COHORT / "untouched.py", course.root / "submitted", student
        )
        notebook = nbformat.read(path, as_version=4)
        cells = {cell.id: cell for cell in notebook.cells}
        cells["dropout_der"].source = read_solution(BANK / "right/vectorised.py")["dropout_der"]
        if student == "duplicated":
            copied = deepcopy(cells["dropout_der"])
            copied.id = "a-copy"
            notebook.cells.insert(notebook.cells.index(cells["dropout_der"]), copied)
        if student == "stripped":
            for cell in notebook.cells:
                cell.metadata = nbformat.NotebookNode()
        if student == "flooding":
            cells["relu"].source = "for _ in range(300): print('x' * 100_000)"
        nbformat.write(notebook, path)
    course.run("referee", "grade", ASSIGNMENT)
    return course


@pytest.mark.xdist_group("odd notebooks")
@pytest.mark.parametrize("student", ["duplicated", "stripped", "flooding"])
def test_odd_notebook_keeps_its_points(odd_notebooks: SampleCourse, student: str) -> None:
    entry = odd_notebooks.scores()[student]
    assert (entry["status"], entry["score"]) == ("graded", 10)


@pytest.mark.xdist_group("odd notebooks")
def test_flood_of_output_is_cut(odd_notebooks: SampleCourse) -> None:
    executed = odd_notebooks.root / "autograded/flooding" / NOTEBOOK
    assert executed.stat().st_size < 2_000_000


@pytest.mark.xdist_group("odd notebooks")
def test_changed_test_is_released_and_all_are_graded_by_it(odd_notebooks: SampleCourse) -> None:
    path = odd_notebooks.root / "source" / NOTEBOOK
    original = path.read_text()
    path.write_text(original.replace("relu of a random array", "relu of random numbers"))
    told = odd_notebooks.run("referee", "grade", ASSIGNMENT)
    assert "has changed and is released again" in told
    assert "[3/3]" in told
    assert "[" not in odd_notebooks.run("referee", "grade", ASSIGNMENT)


@pytest.mark.xdist_group("odd notebooks")
def test_master_with_other_cells_is_refused(odd_notebooks: SampleCourse) -> None:
    path = odd_notebooks.root / "source" / NOTEBOOK
    original = path.read_text()
    master = nbformat.read(path, as_version=4)
    master.cells = [cell for cell in master.cells if cell.id != "relu-hidden"]
    nbformat.write(master, path)
    assert odd_notebooks.run("referee", "grade", ASSIGNMENT, code=1) == ""
    path.write_text(original)


def test_machine_without_a_sandbox_is_refused(course: SampleCourse, tmp_path: Path) -> None:
    course.hand_in(COHORT / "untouched.py")
    forbidden = tmp_path / "bin/bwrap"  # as where user namespaces are forbidden
    forbidden.parent.mkdir()
    forbidden.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.9.0 && exit\nexit 1\n'
    )
    forbidden.chmod(0o755)
    path = os.pathsep.join([str(forbidden.parent), os.environ["PATH"]])
    command = [str(BIN / "referee"), "grade", ASSIGNMENT]
    env = os.environ | {"PATH": path}
    result = subprocess.run(command, cwd=course.root, env=env, capture_output=True, text=True)
    assert result.returncode == 1
    assert "student code cannot be sandboxed here" in result.stderr
    assert "referee doctor" in result.stderr
    assert course.scores()["untouched"]["status"] == "pending"


def test_grading_without_a_sandbox_is_recorded(course: SampleCourse) -> None:
    course.hand_in(COHORT / "untouched.py")
    told = course.run("referee", "grade", ASSIGNMENT, "--no-sandbox")
    assert told.startswith("WITHOUT A SANDBOX")
    assert "Graded WITHOUT A SANDBOX: untouched" in told
    *_, line = map(json.loads, (course.root / "autograded/journal.jsonl").open())
    assert (line["status"], line["sandboxed"]) == ("graded", False)


def test_results_that_are_gone_are_made_again_and_never_shown_stale(course: SampleCourse) -> None:
    course.hand_in(COHORT / "untouched.py")
    course.run("referee", "grade", ASSIGNMENT)
    assert course.scores()["untouched"]["status"] == "graded"

    (course.root / "gradebook.db").unlink()
    assert course.scores()["untouched"]["status"] == "pending"
    course.run("referee", "grade", ASSIGNMENT)
    assert course.scores()["untouched"]["status"] == "graded"

    (course.root / "submitted/untouched" / NOTEBOOK).unlink()
    course.run("referee", "grade", ASSIGNMENT)
    entry = course.scores()["untouched"]
    assert (entry["status"], entry["score"]) == ("missing", None)


def test_line_that_a_crash_cut_short_is_skipped(course: SampleCourse) -> None:
    course.hand_in(COHORT / "untouched.py")
    journal = course.root / "autograded/journal.jsonl"
    journal.parent.mkdir()
    journal.write_bytes(b'{"student": "untouched", "stat\xff')
    course.run("referee", "grade", ASSIGNMENT)
    assert course.scores()["untouched"]["status"] == "graded"
    assert len(journal.read_bytes().splitlines()) == 2


def test_submission_that_was_never_graded_is_pending(course: SampleCourse) -> None:
    course.hand_in(COHORT / "untouched.py")
    entry = course.scores()["untouched"]
    assert (entry["status"], entry["score"], entry["max_score"]) == ("pending", None, 100)


def test_student_without_a_submission_is_missing(course: SampleCourse) -> None:
    course.hand_in(COHORT / "untouched.py")
    course.run("nbgrader", "db", "student", "add", "absent")
    assert course.scores()["absent"]["status"] == "missing"


def test_deleted_cells_come_back_where_they_were(course: SampleCourse) -> None:
    course.hand_in(COHORT / "untouched.py")
    path = course.root / "submitted/untouched" / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    released = [
        cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata
    ]
    deleted = ("imports", "linear", "training", "dropout_der-hidden", "layer_forward")
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith(deleted)]
    nbformat.write(notebook, path)

    course.run("referee", "grade", ASSIGNMENT)
    assert course.scores()["untouched"]["status"] == "graded, some cells failed"
    graded = nbformat.read(course.root / "autograded/untouched" / NOTEBOOK, as_version=4)
    restored = [
        cell.metadata.nbgrader.grade_id for cell in graded.cells if "nbgrader" in cell.metadata
    ]
    assert restored == released
    master = {cell.id: cell.source for cell in nbformat.read(MASTER, as_version=4).cells}
    for cell in graded.cells:
        if cell.metadata.get("nbgrader", {}).get("locked"):
            assert cell.source == master[cell.metadata.nbgrader.grade_id]
