"""The whole way through nbgrader's exchange, from the release to a student's feedback."""

import json
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from tests.support.exchange import EXCHANGE, make_exchange
from tests.support.toy import CONFIG, NAME, NOTEBOOK, RIGHT, WITH_REFEREE, ToyCourse, make_toy

pytestmark = pytest.mark.xdist_group("exchange")
COURSE = 'c.CourseDirectory.course_id = "toy"\n'
# What formgrader's buttons call.
FORMGRADER = """
import json
from pathlib import Path
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
app = NbGrader.instance()
app.initialize([], root=str(Path.cwd()))
app.log_level = "DEBUG"  # as JupyterLab has it
api = NbGraderAPI(app.coursedir, parent=app)
answers = {
    name: getattr(api, name)(*arguments)
    for name, arguments in {
        "autograde": ("toy", STUDENT),
        "generate_feedback": ("toy", STUDENT, True),
        "release_feedback": ("toy", STUDENT),
    }.items()
}
print("ANSWERS", json.dumps(answers))
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course with a submission by the exchange, graded; the student works in `student`."""
    root = make_exchange(tmp_path_factory.mktemp("exchange"))
    course = make_toy(root / "course", CONFIG + WITH_REFEREE + EXCHANGE)
    (course.root / "source" / NAME / "numbers.csv").write_text("1,2,3")
    student = ToyCourse(root / "student")
    student.root.mkdir()
    (student.root / "nbgrader_config.py").write_text("c = get_config()\n" + EXCHANGE + COURSE)
    course.run("nbgrader", "generate_assignment", NAME, "--force")
    course.run("nbgrader", "release_assignment", NAME)
    student.run("nbgrader", "fetch_assignment", NAME)
    path = student.root / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = RIGHT.get(cell.id, cell.source) if cell.id != "halve" else cell.source
    nbformat.write(notebook, path)
    (student.root / NAME / "notes.html").write_text("mine")
    student.run("nbgrader", "submit", NAME)
    course.run("nbgrader", "collect", NAME)
    course.grade()
    return course


@pytest.fixture(scope="module")
def student(course: ToyCourse) -> ToyCourse:
    return ToyCourse(course.root.parent / "student")


def fetched(student: ToyCourse) -> str:
    """The page that a student has fetched."""
    student.run("nbgrader", "fetch_feedback", NAME)
    (page,) = (student.root / NAME / "feedback").rglob("*.html")
    return page.read_text()


def name_of_student(course: ToyCourse) -> str:
    (name,) = (path.name for path in (course.root / "submitted").iterdir())
    return name


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


BESIDE = {f"{NAME}.html", "timestamp.txt", "submission_secret.txt"}


def test_whole_way_from_release_to_feedback(course: ToyCourse, student: ToyCourse) -> None:
    feedback = course.root / "feedback" / name_of_student(course) / NAME
    assert files_in(feedback) == BESIDE
    course.run("nbgrader", "release_feedback", NAME)
    assert fetched(student) == (feedback / f"{NAME}.html").read_text()
    course.run("nbgrader", "export")
    assert ",5.0,0.0,5.0,10.0" in (course.root / "grades.csv").read_text()


def test_pages_that_are_written_anew_can_be_released_too(
    course: ToyCourse, student: ToyCourse
) -> None:
    name = name_of_student(course)
    with course.gradebook() as gradebook:
        gradebook.find_comment("halve", NAME, NAME, name).manual_comment = "Half of it is missing."
        gradebook.db.commit()
    for path in (course.root / "feedback" / name / NAME).iterdir():
        path.unlink()
    course.run("referee", "feedback", NAME)
    course.run("nbgrader", "release_feedback", NAME)
    assert "Half of it is missing." in fetched(student)


def test_nbgraders_own_feedback_has_pages_only_and_warns_of_nothing(course: ToyCourse) -> None:
    result = course.completed("nbgrader", "generate_feedback", NAME, "--force")
    assert result.returncode == 0
    assert "not recognized" not in result.stderr
    assert files_in(course.root / "feedback" / name_of_student(course) / NAME) == BESIDE


def test_formgraders_buttons_work(course: ToyCourse) -> None:
    program = FORMGRADER.replace("STUDENT", repr(name_of_student(course)))
    printed = course.run(sys.executable, "-c", program)
    answers = json.loads(printed.split("ANSWERS", 1)[1])
    assert {name: answer["success"] for name, answer in answers.items()} == {
        "autograde": True, "generate_feedback": True, "release_feedback": True,
    }  # fmt: skip
    line = f"{name_of_student(course)}: 5 of 10 points. Lost: 5 in Q2.\n"
    assert answers["autograde"]["log"] == line


def test_formgraders_button_says_why_a_submission_cannot_be_graded(course: ToyCourse) -> None:
    folder = course.root / "submitted/eve" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").symlink_to("/etc/passwd")
    printed = course.run(sys.executable, "-c", FORMGRADER.replace("STUDENT", "'eve'"))
    shutil.rmtree(folder.parent)
    answer = json.loads(printed.split("ANSWERS", 1)[1])["autograde"]
    assert answer["success"] is False
    assert (
        answer["log"] == f"{folder / NAME}.ipynb is a link to something else, which is not read\n"
    )


def test_submission_that_is_collected_again_is_graded_again(
    course: ToyCourse, student: ToyCourse
) -> None:
    path = student.root / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = RIGHT.get(cell.id, cell.source)
    nbformat.write(notebook, path)
    student.run("nbgrader", "submit", NAME)
    course.run("nbgrader", "collect", NAME, "--update")
    course.grade()
    assert course.scores()[name_of_student(course)]["score"] == 10
