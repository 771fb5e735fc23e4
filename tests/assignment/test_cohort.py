"""A batch graded end to end: real notebooks, kernels, trainings, gradebook and command line."""

import csv
import os
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
    NOTEBOOK,
    RELEASE,
)

Scores = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """The sample cohort, graded."""
    course = make_course(tmp_path_factory.mktemp("cohort"))
    course.hand_in(*sorted(COHORT.glob("[!_]*.py")))
    course.run("referee", "grade", ASSIGNMENT, "--unchecked")
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
            assert list(entry) == [
                "student", "status", "score", "max_score", "to_be_marked", "late_penalty",
                "questions",
            ]  # fmt: skip
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
        table = cohort.run("referee", "grade", ASSIGNMENT, "--unchecked")
        assert journal.read_text() == before
        assert "right-vectorised" in table

    def test_changed_submission_is_graded_again_and_by_stock_autograde_alike(
        self, cohort: SampleCourse
    ) -> None:
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
        cohort.run("referee", "grade", ASSIGNMENT, "--unchecked")
        changed = cohort.scores()["untouched"]
        assert changed["score"] == 10
        only = ("--student", "untouched", "--force")
        cohort.run("nbgrader", "autograde", ASSIGNMENT, *only)
        assert cohort.scores()["untouched"] == changed
        path.write_text(original)
        cohort.run("referee", "grade", ASSIGNMENT, "--unchecked", *only)
        assert cohort.scores()["untouched"]["score"] == 0

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


# A training takes ten seconds: `make test` grades one, `make attacks` all. CI does both, each once.
IN_COHORT = {"vectorised", "loops", "noisy"}
OTHERS = [path for path in sorted((BANK / "right").glob("*.py")) if path.stem not in IN_COHORT]
ONE = [path for path in OTHERS if path.stem == "classes"]
CHOICES = {"all": OTHERS, "rest": [path for path in OTHERS if path not in ONE]}
GRADED = CHOICES.get(os.environ.get("ATTACKS", ""), ONE)


@pytest.fixture(scope="module")
def right_solutions(tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """The right solutions of the bank that are not in the cohort, graded."""
    course = make_course(tmp_path_factory.mktemp("right"))
    course.hand_in(*GRADED)
    course.run("referee", "grade", ASSIGNMENT, "--unchecked")
    return course


@pytest.mark.xdist_group("right solutions")
def test_right_solutions_in_other_styles_have_all_points(right_solutions: SampleCourse) -> None:
    scores = right_solutions.scores()
    assert set(scores) == {path.stem for path in GRADED}
    assert [lost(entry) for entry in scores.values()] == [{}] * len(GRADED)
    assert {entry["score"] for entry in scores.values()} == {100}
