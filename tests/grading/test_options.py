"""Options of nbgrader that a course may have set: obeyed, or refused by name."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.toy import CONFIG, NAME, RIGHT, ToyCourse, cells, given, make_toy

STEP = """
from nbgrader.preprocessors import {base}


class Own({base}):
    pass
"""


def refused(root: Path, option: str) -> str:
    """What `referee grade` says of a course with this line in its configuration."""
    course = make_toy(root)
    course.submit("ada", RIGHT)
    (root / "own.py").write_text(STEP.format(base=option.rpartition("#")[2].strip() or "Execute"))
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(f"import sys; sys.path.insert(0, {str(root)!r})\n{option}\n")
    result = course.completed("referee", "grade", NAME)
    assert result.returncode == 1
    assert not (root / "autograded/ada").exists()
    return result.stderr


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("c.Autograde.autograde_preprocessors = ['own.Own']  # Execute", "own.Own"),
        ("c.Autograde.autograde_preprocessors = ['own.Own']  # SaveAutoGrades", "own.Own"),
        ("c.Autograde.sanitize_preprocessors = ['own.Own']  # OverwriteCells", "own.Own"),
        ("c.Autograde.pre_convert_hook = lambda **_: None  #", "c.Autograde.pre_convert_hook"),
        ("c.Autograde.post_convert_hook = lambda **_: None  #", "c.Autograde.post_convert_hook"),
    ],
)
def test_step_that_would_be_ignored_is_refused_by_name(
    tmp_path: Path, option: str, name: str
) -> None:
    said = refused(tmp_path, option)
    assert name in said
    assert "nbgrader autograde" in said, "it says what to do"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[ToyCourse, str]:
    """A graded course with options, whose provided cell prints a file, and what grading said."""
    options = """
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.secret"]
c.CourseDirectory.student_id_exclude = "ghost,test-account"
c.Autograde.exclude_overwriting = {"toy": ["theirs.txt"]}
c.ExecutePreprocessor.timeout = 3
c.Execute.execute_retries = 1
"""
    show = given("show", "import os\nprint(sorted(os.listdir()), open('theirs.txt').read())")
    course = make_toy(tmp_path_factory.mktemp("options"), CONFIG + options, [show, *cells()])
    for name, text in {"theirs.txt": "the master's", "ours.txt": "", "a.secret": ""}.items():
        (course.root / "source" / NAME / name).write_text(text)
    sleeps = RIGHT | {"double": "import time\ndef double(x):\n    time.sleep(6)\n    return 2 * x"}
    for student, answers in {"ada": RIGHT, "ghost": RIGHT, "cleo": sleeps}.items():
        folder = course.submit(student, answers).parent
        (folder / "theirs.txt").write_text("the student's")
        (folder / "own.secret").write_text("")
        (folder / "own.txt").write_text("")
    return course, course.grade()


def test_options_about_files_and_students_are_obeyed(graded: tuple[ToyCourse, str]) -> None:
    course, _ = graded
    printed = course.executed("ada")["show"].outputs[0].text
    assert printed == "['ours.txt', 'own.txt', 'theirs.txt'] the student's\n"
    assert not (course.root / "autograded/ghost").exists()
    folder = course.root / "autograded/ada" / NAME
    assert {path.name for path in folder.iterdir()} == {
        "ours.txt", "own.txt", "theirs.txt", f"{NAME}.ipynb",
    }  # fmt: skip


def test_timeout_is_obeyed(graded: tuple[ToyCourse, str]) -> None:
    course, _ = graded
    scores = course.scores()
    points = {student: scores[student]["questions"]["double"]["score"] for student in scores}
    assert points == {"ada": 5, "cleo": 0}
    assert "waits for something that never comes" in course.page_text("cleo")


def test_options_without_effect_are_named(graded: tuple[ToyCourse, str]) -> None:
    _, said = graded
    assert "c.Execute.execute_retries" in said
    assert "timeout" not in said


def test_student_who_is_not_in_the_gradebook_is_refused_where_the_course_says_so(
    tmp_path: Path,
) -> None:
    course = make_toy(tmp_path, CONFIG + "c.Autograde.create_student = False\n")
    course.run("nbgrader", "db", "student", "add", "ada")
    for student in ("ada", "unknown"):
        course.submit(student, RIGHT)
    course.grade()
    statuses = {student: entry["status"] for student, entry in course.scores().items()}
    assert statuses == {"ada": "graded", "unknown": "unknown student"}


def drop_a_column(gradebook: Path) -> None:
    with sqlite3.connect(gradebook) as database:
        database.execute("alter table notebook drop column kernelspec")


def drop_another_column(gradebook: Path) -> None:
    with sqlite3.connect(gradebook) as database:
        database.execute("alter table submitted_notebook drop column late_submission_penalty")


def write_text(gradebook: Path) -> None:
    gradebook.write_text("student,points\n" * 100)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (drop_a_column, "nbgrader db upgrade"),
        (drop_another_column, "nbgrader db upgrade"),
        (write_text, "is not a database"),
    ],
)
def test_gradebook_that_cannot_be_used_says_what_to_do(
    toy: ToyCourse, damage: Callable[[Path], None], told: str
) -> None:
    toy.submit("ada", RIGHT)
    damage(toy.root / "gradebook.db")
    for command in ("scores", "grade"):
        result = toy.completed("referee", command, NAME)
        assert result.returncode == 1
        assert told in result.stderr
        assert "other program" not in result.stderr
        assert "a bug of ours" not in result.stderr


def test_gradebook_of_another_version_of_nbgrader_is_refused(tmp_path: Path) -> None:
    course = make_toy(tmp_path)
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        database.execute("update alembic_version set version_num = '724cde206c17'")
    result = course.completed("referee", "scores", NAME)
    assert result.returncode == 1
    assert "724cde206c17" in result.stderr
    assert "nbgrader db upgrade" in result.stderr


def test_file_that_the_configuration_reads_is_sent_where_it_is_listed(tmp_path: Path) -> None:
    course = make_toy(tmp_path)
    (tmp_path / "people.txt").write_text("ada")
    (tmp_path / "nbgrader_config.py").write_text(f"{CONFIG}people = open('people.txt').read()\n")
    course.submit("ada", RIGHT)
    refused = course.completed("referee", "grade", NAME)
    assert "Where submissions are graded, nbgrader_config.py cannot be used" in refused.stderr
    assert "people.txt" in refused.stderr and "c.Workers.files" in refused.stderr
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write("c.Workers.files = ['people.txt']\n")
    course.grade()
    assert course.scores()["ada"]["score"] == 10
