"""Marks and comments that a human gives: they reach the page and the table, and nothing is run."""

import shutil
import unicodedata
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from referee.record.recorder import Recorder
from tests.support.toy import (
    CONFIG,
    NAME,
    RIGHT,
    WITH_REFEREE,
    ToyCourse,
    by_hand,
    cells,
    copy_of,
    make_toy,
)

pytestmark = pytest.mark.xdist_group("by hand")

COMMENT = "A fine explanation, but for its second half."


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course with a question that a human grades; ada and bob are graded by `referee grade`."""
    course = make_toy(tmp_path_factory.mktemp("graded"), master=[*cells(), by_hand("explain", 3)])
    for student in ("ada", "bob"):
        course.submit(student, RIGHT | {"explain": "Twice and half."})
    course.grade()
    return course


@pytest.fixture
def course(graded: ToyCourse, tmp_path: Path) -> ToyCourse:
    """A copy of it."""
    return copy_of(graded, tmp_path / "course")


def give(course: ToyCourse, student: str, points: float, comment: str) -> None:
    """Give points and a comment as formgrader does."""
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", "toy") as gradebook:
        grade = gradebook.find_grade("explain", NAME, NAME, student)
        grade.manual_score = points
        grade.needs_manual_grade = False
        gradebook.find_comment("explain", NAME, NAME, student).manual_comment = comment
        gradebook.db.commit()


def executed_at(course: ToyCourse) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns for path in (course.root / "autograded").rglob("*.ipynb")
    }


def test_page_and_table_have_them_and_no_cell_is_run(course: ToyCourse) -> None:
    journal = course.root / "autograded/journal.jsonl"
    lines, notebooks, bob = journal.read_text(), executed_at(course), course.page("bob")
    assert COMMENT not in course.page("ada")

    give(course, "ada", 2.5, COMMENT)
    table = course.grade()
    assert COMMENT in course.page("ada")
    assert "12.5" in table
    assert "12.5" in course.page("ada")
    assert journal.read_text() == lines, "nothing was graded"
    assert executed_at(course) == notebooks
    assert course.page("bob") == bob, "and only the page that was out of date is written"


def test_command_feedback_writes_what_is_out_of_date(course: ToyCourse) -> None:
    assert "was written: 0" in course.run("referee", "feedback", NAME)
    give(course, "ada", 1.0, COMMENT)
    shutil.rmtree(course.root / "feedback/bob")
    assert "was written: 2" in course.run("referee", "feedback", NAME)
    assert COMMENT in course.page("ada")
    assert "was written: 0" in course.run("referee", "feedback", NAME)


def test_page_of_a_wrong_answer_is_written_once(
    course: ToyCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []
    monkeypatch.setattr(Recorder, "replace_pages", lambda _, pages: again.append(pages.student))
    course.submit("eve", {"double": "def double(x):\n    return x"})
    course.grade()
    assert "eve" in course.scores()
    assert not again


def test_changed_template_writes_all_pages_anew_and_executes_nothing(course: ToyCourse) -> None:
    notebooks = executed_at(course)
    config = CONFIG + WITH_REFEREE + "c.HTMLExporter.exclude_input_prompt = True\n"
    (course.root / "nbgrader_config.py").write_text(config)
    before = course.page("ada")
    course.grade()
    assert course.page("ada") != before
    assert executed_at(course) == notebooks


def test_marks_by_hand_survive_when_a_submission_is_graded_again(course: ToyCourse) -> None:
    give(course, "ada", 2.0, COMMENT)
    course.grade("--force", "--student", "ada")
    assert course.scores()["ada"]["score"] == 12
    assert COMMENT in course.page("ada")


def test_mark_of_what_was_handed_in_before_is_to_be_looked_at_again(course: ToyCourse) -> None:
    give(course, "ada", 2.0, COMMENT)
    again = "to be looked at again in formgrader: ada (Q3)"
    assert again not in course.run("referee", "scores", NAME)
    course.submit("ada", RIGHT | {"explain": "Another answer."})
    assert again in " ".join(course.grade().split())
    assert again in " ".join(course.run("referee", "export", NAME, "--csv").split())
    give(course, "ada", 3.0, COMMENT)
    assert again not in course.run("referee", "scores", NAME)


def test_marks_by_hand_survive_for_a_student_whom_a_mac_has_written(course: ToyCourse) -> None:
    """The folder has the name with an accent as a character of its own; so has nbgrader then."""
    zoe = unicodedata.normalize("NFD", "Zoë")
    with course.gradebook() as gradebook:
        gradebook.add_student(zoe)
    course.submit(zoe, RIGHT | {"explain": "Twice and half."})
    course.grade("--student", "Zoë")
    give(course, zoe, 2.0, COMMENT)
    course.grade("--force", "--student", "Zoë")
    assert course.scores()[zoe]["score"] == 12
    assert "Zoë" not in course.scores()
    assert "12 of 13 points" in course.run("referee", "explain", NAME, "Zoë")


def test_page_of_a_late_submission_has_its_penalty(tmp_path: Path) -> None:
    zero = "c.LateSubmissionPlugin.penalty_method = 'zero'\n"
    course = make_toy(tmp_path, CONFIG + WITH_REFEREE + zero)
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", "toy") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-01-01 12:00:00 UTC")
    for student, day in {"early": 1, "late": 2}.items():
        folder = course.submit(student, RIGHT).parent
        (folder / "timestamp.txt").write_text(f"2026-01-0{day} 11:00:00 UTC")
    table = course.grade()
    assert "it costs 10 points" in " ".join(table.split())
    assert "10 of 10 points" in course.page_text("early")
    assert "0 of 10 points" in course.page_text("late")
    assert "10 points taken off, because it came late" in course.page_text("late")
    assert "Handed in on 02 January 2026, 11:00 UTC" in course.page_text("late")
    assert "was written: 0" in course.run("referee", "feedback", NAME), "marks were all known"


def test_options_that_name_folders_and_functions_write_pages_once(tmp_path: Path) -> None:
    options = """
from pathlib import Path
def shout(text): return text.upper()
c.TemplateExporter.filters = {"shout": shout}
c.TemplateExporter.extra_template_basedirs = [str(Path(__file__).parent / "templates")]
"""
    course = make_toy(tmp_path, CONFIG + options)
    course.submit("ada", RIGHT)
    course.grade()
    assert "was written: 0" in course.run("referee", "feedback", NAME)


def test_page_folder_that_is_gone_is_written_without_executing_anything(course: ToyCourse) -> None:
    notebooks = executed_at(course)
    shutil.rmtree(course.root / "feedback")
    course.grade()
    assert "double" in course.page("ada")
    assert executed_at(course) == notebooks
