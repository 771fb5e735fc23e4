"""Marks as nbgrader has them: parts for humans, late penalties, extra credit, two notebooks."""

import csv
import json
import os
import random
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.plugins import CsvExportPlugin

import referee
from referee.nbgrader.course import Course
from referee.report.class_report import read_class
from referee.report.marks import Marks, read_marks
from tests.support.toy import (
    CONFIG,
    NAME,
    RIGHT,
    WITH_REFEREE,
    ToyCourse,
    by_hand,
    cells,
    copy_of,
    question,
    task,
)

pytestmark = pytest.mark.xdist_group("marks")
SEED = int(os.environ.get("SEED") or random.randrange(10**6))
DUE = "2026-07-10 12:00:00 UTC"
# A penalty of the course's own: half of the points, or what PENALTY says.
PLUGIN = """
from nbgrader.plugins import LateSubmissionPlugin


class Share(LateSubmissionPlugin):
    def late_submission_penalty(self, student, score, seconds):
        return score * SHARE


SHARE = 0.5
"""
LATE = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path(__file__).parent))
import own
c.AssignLatePenalties.plugin_class = "penalty.Share"
c.Workers.files = ["own.py"]
"""
ANSWERS = {**RIGHT, "explain": "In words."}
HANDED_IN = {  # when, and what
    "ada": ("2026-07-10 13:30:00 +0200", ANSWERS),  # half an hour early
    "bob": ("2026-07-10 08:30:00 EDT", ANSWERS),
    "eve": ("2026-07-10 13:00:00 UTC", ANSWERS),  # an hour late
    "own": ("2026-07-10 11:00:00 UTC", RIGHT),  # with an answer in a cell below the answer's
    "above": ("2026-07-10 11:00:00 UTC", RIGHT),  # above it
    "empty": ("2026-07-10 11:00:00 UTC", {}),
}


def text(source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(source)


def _write_above(path: Path, name: str, answer: str) -> None:
    notebook = nbformat.read(path, 4)
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    notebook.cells.insert(names.index(name), text(answer))
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """Two notebooks with tests, an answer and a task; one is handed in under another name."""
    root = tmp_path_factory.mktemp("marks")
    (root / "penalty.py").write_text(PLUGIN)
    (root / "own.py").touch()
    (root / "nbgrader_config.py").write_text(CONFIG + WITH_REFEREE + LATE)
    course = ToyCourse(root)
    first = [text("# Toy"), text("## 1. Doubling (10 points)"), *cells(), text("## 2. In words")]
    course.write_master([*first, by_hand("explain", 3), text("## 3. Picture"), task("plot", 2)])
    course.write_master([*question("double", "assert double(2) == 4"), text("The end")], "zwei")
    course.release()
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=DUE)
        gradebook.add_student("nobody")
    for student, (when, answers) in HANDED_IN.items():
        below = {"explain": "My answer."} if student == "own" else {}
        path = course.submit(student, answers, below)
        if student == "above":
            _write_above(path, "explain", "My answer.")
        path = course.submit(student, answers, notebook_name="zwei")
        (path.parent / "timestamp.txt").write_text(when)
    folder = course.root / "submitted"
    (folder / f"eve/{NAME}/zwei.ipynb").rename(folder / f"eve/{NAME}/zwei (2).ipynb")
    (folder / f"bob/{NAME}/zwei.ipynb").write_text(
        nbformat.writes(nbformat.v4.new_notebook(cells=[text("Notes")]))
    )
    (folder / f"bob/{NAME}/zwei.ipynb").rename(folder / f"bob/{NAME}/notes.ipynb")
    table = course.grade()
    (course.root / "table.txt").write_text(table)
    return course


@pytest.fixture(scope="module")
def scores(graded: ToyCourse) -> dict[str, dict[str, Any]]:
    return graded.scores()


@pytest.fixture(scope="module")
def table(graded: ToyCourse) -> str:
    """What `referee grade` has printed, without line ends."""
    return " ".join((graded.root / "table.txt").read_text().split())


@pytest.fixture
def course(graded: ToyCourse, tmp_path: Path) -> ToyCourse:
    """A copy of it, for the test to change."""
    return copy_of(graded, tmp_path / "course")


def executed(course: ToyCourse) -> dict[Path, int]:
    """When the executed notebooks were written."""
    autograded = course.root / "autograded"
    return {
        path.relative_to(autograded): path.stat().st_mtime_ns
        for path in autograded.rglob("*.ipynb")
    }


# What counts, and what waits.


def test_rest_counts_while_answers_wait_for_a_human(scores: dict[str, Any], table: str) -> None:
    ada = scores["ada"]
    assert (ada["status"], ada["score"]) == ("needs marking", 15)
    assert (ada["max_score"], ada["to_be_marked"]) == (20, 5)
    assert "15 of 15" in table
    assert "5 to be marked" in table


def test_questions_are_those_of_the_release_and_of_each_notebook(scores: dict[str, Any]) -> None:
    questions = scores["ada"]["questions"]
    assert {key: (q["title"], q["score"], q["max_score"]) for key, q in questions.items()} == {
        f"{NAME}/double": ("Doubling: double", 5, 5),
        "halve": ("Doubling: halve", 5, 5),
        "explain": ("In words", None, 3),
        "plot": ("Picture", None, 2),
        "zwei/double": ("double", 5, 5),
    }
    assert len({q["label"] for q in questions.values()}) == 5


def test_untouched_answer_has_no_points_and_does_not_wait(scores: dict[str, Any]) -> None:
    assert scores["empty"]["questions"]["explain"]["score"] == 0
    assert scores["empty"]["to_be_marked"] == 2


@pytest.mark.parametrize(("student", "where"), [("own", "follow it"), ("above", "stand above it")])
def test_untouched_answer_with_own_cells_beside_it_waits(
    scores: dict[str, Any], table: str, student: str, where: str
) -> None:
    assert scores[student]["to_be_marked"] == 5
    assert f"{student}: explain is as it was released, and own cells {where}" in table


def test_both_ways_of_grading_let_it_wait(course: ToyCourse) -> None:
    course.run("nbgrader", "autograde", NAME, "--student", "own", "--force", "--log-level=ERROR")
    assert course.scores()["own"]["to_be_marked"] == 5


def test_work_under_another_name_counts(scores: dict[str, Any], table: str) -> None:
    assert scores["eve"]["questions"]["zwei/double"]["score"] == 5
    assert "eve: zwei (2).ipynb is taken for zwei.ipynb, which is not there" in table


def test_notebook_that_is_missing_is_a_status_with_what_was_left_over(
    scores: dict[str, Any], table: str
) -> None:
    assert scores["bob"]["status"] == "graded, a notebook is missing"
    assert scores["bob"]["score"] == 10
    assert "bob: graded, a notebook is missing. zwei.ipynb is not there; left over: " in table
    assert "notes.ipynb" in table


def test_missing_notebook_is_why_its_questions_have_no_points(graded: ToyCourse) -> None:
    assert "zwei.ipynb was not handed in" in graded.run("referee", "explain", NAME, "bob")
    (row,) = [row for row in read_marks(Course.open(graded.root), NAME) if row.student == "bob"]
    label = next(mark.label for mark in row.questions.values() if mark.notebook == "zwei")
    assert "zwei.ipynb was not handed in" in graded.run("referee", "explain", NAME, "bob", label)


def test_api_reports_on_the_notebook_that_it_was_given(graded: ToyCourse) -> None:
    path = graded.root / "submitted" / "ada" / NAME / "zwei.ipynb"
    result = referee.grade_notebook(path, NAME, course=graded.root)
    assert {name: marks.points for name, marks in result.marks.items()} == {
        "zwei": {"double-visible": 1, "double-hidden": 4}
    }


def test_same_students_are_listed_by_both_commands(graded: ToyCourse, table: str) -> None:
    names = [*HANDED_IN, "nobody"]
    assert all(f" {student} " in table for student in names)
    assert sorted(names) == list(graded.scores())


# Being late.


def test_time_with_a_zone_is_that_time(scores: dict[str, Any]) -> None:
    assert scores["ada"]["late_penalty"] == 0
    assert (scores["eve"]["score"], scores["eve"]["late_penalty"]) == (7.5, 7.5)


def test_zone_that_is_not_understood_is_a_note_and_costs_nothing(
    scores: dict[str, Any], table: str
) -> None:
    assert scores["bob"]["late_penalty"] == 0
    assert "bob: timestamp.txt: the time zone 'EDT' is not understood" in table


def moved_due_date(course: ToyCourse) -> None:
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-07-11 12:00:00 UTC")


def extension(course: ToyCourse) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_submission(NAME, "eve").extension = timedelta(hours=2)
        gradebook.db.commit()


def other_plugin(course: ToyCourse) -> None:
    path = course.root / "nbgrader_config.py"
    path.write_text(path.read_text().replace("c.AssignLatePenalties", "# c.AssignLatePenalties"))


def changed_plugin(course: ToyCourse) -> None:
    (course.root / "penalty.py").write_text(PLUGIN.replace("SHARE = 0.5", "SHARE = 0.0  # mercy"))


@pytest.mark.parametrize("change", [moved_due_date, extension, other_plugin, changed_plugin])
def test_change_of_penalties_changes_marks_and_executes_nothing(
    course: ToyCourse, change: Any
) -> None:
    before = executed(course)
    change(course)
    table = course.grade()
    eve = course.scores()["eve"]
    assert (eve["score"], eve["late_penalty"]) == (15, 0)
    assert executed(course) == before
    assert "it costs 7.5 points" not in table
    assert "because it came late" not in course.page_text("eve")
    assert "Late penalties have changed" not in course.grade(), "once is enough"


def test_penalty_that_fails_for_one_student_costs_the_others_nothing(course: ToyCourse) -> None:
    fails = "if student == 'eve': raise KeyError(student)\n        return score * SHARE"
    (course.root / "penalty.py").write_text(PLUGIN.replace("return score * SHARE", fails))
    for notebook in (NAME, "zwei"):
        path = course.submit("zed", ANSWERS, notebook_name=notebook)
    (path.parent / "timestamp.txt").write_text(HANDED_IN["eve"][0])
    before = course.scores()["eve"]
    students = ("--student", "eve", "--student", "zed")
    done = course.completed("referee", "grade", NAME, "--unchecked", "--force", *students)
    assert done.returncode == 1
    assert re.search(r"costs eve .* Not recorded: eve. All others are.", done.stderr)
    assert "costs 7.5 points" in done.stdout, "the table is printed"
    assert course.scores()["zed"]["late_penalty"] == 7.5
    assert course.scores()["eve"] == before


def test_penalty_follows_marks_by_hand(course: ToyCourse) -> None:
    give(course, "eve", "explain", 2.0, None)
    course.run("referee", "feedback", NAME)
    assert course.scores()["eve"]["late_penalty"] == 8.5


def test_what_the_configuration_imports_is_part_of_it(course: ToyCourse) -> None:
    before = executed(course)
    (course.root / "own.py").write_text("# changed")
    course.grade("--student", "empty")
    changed = {path for path, time in executed(course).items() if before[path] != time}
    assert {path.parts[0] for path in changed} == {"empty"}


# The same totals as nbgrader's.


def test_explain_has_the_total_of_the_table(course: ToyCourse) -> None:
    give(course, "eve", "explain", 2.0, 1.0)
    course.run("referee", "feedback", NAME)
    eve = course.scores()["eve"]
    head = course.run("referee", "explain", NAME, "eve").splitlines()[0]
    most = eve["max_score"] - eve["to_be_marked"]
    assert head.startswith(f"eve, toy: {eve['score']:g} of {most:g} points (extra credit +1, late")


def give(
    course: ToyCourse, student: str, cell: str, points: float | None, extra: float | None
) -> None:
    """Give points and extra credit as formgrader does."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(cell, NAME, NAME, student)
        grade.manual_score, grade.extra_credit = points, extra
        grade.needs_manual_grade = points is None and grade.auto_score is None
        gradebook.db.commit()


def exported(course: ToyCourse) -> dict[str, dict[str, str]]:
    """What `nbgrader export` says, by student."""
    path = course.root / "grades.csv"
    with course.gradebook() as gradebook:
        CsvExportPlugin(to=str(path)).export(gradebook)
    with path.open() as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def assert_as_exported(course: ToyCourse, marks: list[Marks]) -> None:
    rows = exported(course)
    for row in marks:
        assert row.max_score == pytest.approx(float(rows[row.student]["max_score"]))
        if row.score is not None:
            assert row.score == pytest.approx(float(rows[row.student]["score"])), row
            penalty = float(rows[row.student]["late_submission_penalty"])
            assert row.late_penalty == pytest.approx(penalty)


def change_at_random(course: ToyCourse, chance: random.Random) -> None:
    """Give some points, extra credit and penalties."""
    with course.gradebook() as gradebook:
        for submission in gradebook.assignment_submissions(NAME):
            for notebook in submission.notebooks:
                penalty = chance.choice([None, 0.0, 0.5, 2.5, 2.5, 100.0])
                notebook.late_submission_penalty = penalty
                for grade in notebook.grades:
                    if chance.random() < 0.5:
                        grade.manual_score = chance.choice([None, 0.0, 1.5, 7.0])
                    grade.extra_credit = chance.choice([None, None, 0.0, 0.5, -1.0])
        gradebook.db.commit()


def test_totals_are_those_of_nbgraders_export_in_all_cases(course: ToyCourse) -> None:
    print(f"SEED={SEED}")
    chance, opened = random.Random(SEED), Course.open(course.root)
    totals = set()
    assert_as_exported(course, read_marks(opened, NAME))
    for _ in range(20):
        change_at_random(course, chance)
        marks = read_marks(opened, NAME)
        assert_as_exported(course, marks)
        totals |= {row.score for row in marks}
    assert len(totals) > 20


def test_marks_by_hand_are_starred_in_table_and_json(course: ToyCourse) -> None:
    give(course, "ada", "explain", 2.0, None)
    give(course, "ada", "double-hidden", None, 1.0)
    questions = course.scores()["ada"]["questions"]
    assert [key for key, each in questions.items() if each["by_hand"]] == [
        f"{NAME}/double", "explain",
    ]  # fmt: skip
    table = course.run("referee", "scores", NAME)
    (row,) = [line for line in table.splitlines() if line.split()[:1] == ["ada"]]
    assert {"6*", "2*"} <= set(row.split())


def test_marks_by_hand_of_unchanged_work_are_not_to_be_looked_at_again(course: ToyCourse) -> None:
    give(course, "ada", "explain", 2.0, None)
    course.grade("--student", "ada", "--force")
    with course.gradebook() as gradebook:
        assert not gradebook.find_grade("explain", NAME, NAME, "ada").needs_manual_grade
    course.submit("ada", ANSWERS | {"explain": "Other words."})
    course.grade("--student", "ada")
    with course.gradebook() as gradebook:
        assert gradebook.find_grade("explain", NAME, NAME, "ada").needs_manual_grade


def test_journal_says_when_and_not_how_late(graded: ToyCourse) -> None:
    lines = [json.loads(line) for line in (graded.root / "autograded/journal.jsonl").open()]
    (eve,) = [line for line in lines if line["student"] == "eve"]
    assert (eve["status"], eve["late"], eve["late_penalty"]) == ("graded", 3600, 7.5)


def test_report_is_of_what_was_graded(graded: ToyCourse) -> None:
    report = read_class(Course.open(graded.root), NAME)
    handed = report.handed
    assert [each.student for each in handed.late] == ["eve"]
    assert [each.student for each in handed.lost] == ["bob"]
    assert [each.student for each in handed.missing] == ["nobody"]
    groups = {
        each.question.label: {
            group.message: [hit.student for hit in group.hits] for group in each.groups
        }
        for each in report.questions
    }
    assert groups["Q1"] == {"It is not written yet": ["empty"]}
    missing = "zwei.ipynb was not handed in"
    assert groups["Q5"] == {"It is not written yet": ["empty"], missing: ["bob"]}
    assert report.reliability.wrote_nothing == 1
