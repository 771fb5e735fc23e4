"""The whole way: a platform's zip in, graded, marks and pages out; and what is in none of these."""

import zipfile
from pathlib import Path

import nbformat
import pytest

from tests.support.exports import zip_of
from tests.support.toy import CONFIG, NAME, RIGHT, WITH_REFEREE, ToyCourse, cells, make_toy

CANARIES = {"hidden": "canary-in-a-test-71", "expected": "715517", "solution": "canary_answer_17"}
WORKSHEET = """Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)
Participant 11,Zoë O'Brien,z@u,,10.00,-
Participant 12,=1+1,b@u,,10.00,-
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course that was collected from Moodle and graded; its hidden tests have canaries."""
    master = cells()
    for cell in master:
        if cell.id == "double-hidden":
            check = f"# {CANARIES['hidden']}\nassert double(1) != {CANARIES['expected']}\n"
            cell.source = cell.source.replace("assert", check + "assert", 1)
        if cell.id == "double":
            answer = f"{CANARIES['solution']} = 2 * x\n    return {CANARIES['solution']}"
            cell.source = cell.source.replace("return 2 * x", answer)
    course = make_toy(tmp_path_factory.mktemp("platforms"), master=master)
    zip_of(
        course.root / "in.zip",
        {
            "Zoë O'Brien_11_assignsubmission_file_/toy.ipynb": handed_in(course, RIGHT),
            "=1+1_12_assignsubmission_file_/my work.ipynb": handed_in(course, {}),
        },
    )
    course.run("referee", "collect", NAME, "in.zip")
    course.grade()
    (course.root / "worksheet.csv").write_text(WORKSHEET)
    course.run("referee", "export", NAME, "--moodle", "worksheet.csv", "-o", "moodle.csv")
    course.run("referee", "export", NAME, "--feedback-zip", "moodle", "-o", "pages.zip")
    for form in ("csv", "xlsx", "gradescope"):
        output = f"{form}.xlsx" if form == "xlsx" else f"{form}.csv"
        course.run("referee", "export", NAME, f"--{form}", "--by-question", "-o", output)
    return course


def handed_in(course: ToyCourse, answers: dict[str, str]) -> str:
    notebook = course.released()
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    return nbformat.writes(notebook)


def exports(course: ToyCourse) -> dict[str, bytes]:
    """All that was exported, unpacked, by name."""
    found: dict[str, bytes] = {}
    for name in ("moodle.csv", "csv.csv", "gradescope.csv", "xlsx.xlsx", "pages.zip"):
        path: Path = course.root / name
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                found |= {f"{name}/{each}": archive.read(each) for each in archive.namelist()}
        else:
            found[name] = path.read_bytes()
    return found


def test_marks_go_back_into_the_worksheet(course: ToyCourse) -> None:
    expected = WORKSHEET.replace(",z@u,,", ",z@u,10,").replace(",b@u,,", ",b@u,0,")
    assert (course.root / "moodle.csv").read_text() == expected


def test_pages_go_back_under_the_names_of_the_zip(course: ToyCourse) -> None:
    assert {name for name in exports(course) if name.startswith("pages.zip")} == {
        "pages.zip/Zoë O'Brien_11_assignsubmission_file_/toy.html",
        "pages.zip/=1+1_12_assignsubmission_file_/toy.html",
    }


def test_no_export_has_a_canary(course: ToyCourse) -> None:
    master = (course.root / "source" / NAME / f"{NAME}.ipynb").read_text()
    assert all(canary in master for canary in CANARIES.values())
    for name, content in exports(course).items():
        for canary in CANARIES.values():
            assert canary.encode() not in content, name


def test_collecting_again_grades_nothing_again(course: ToyCourse) -> None:
    assert "2 unchanged" in course.run("referee", "collect", NAME, "in.zip")
    journal = (course.root / "autograded/journal.jsonl").read_bytes()
    course.grade()
    assert (course.root / "autograded/journal.jsonl").read_bytes() == journal


def test_zip_collect_of_nbgrader_knows_the_platforms(tmp_path: Path) -> None:
    course = make_toy(tmp_path / "course")
    work = handed_in(course, RIGHT)
    zip_of(
        course.root / "downloaded" / NAME / "archive" / "in.zip",
        {
            "HW_ada_attempt_2026-07-10-12-30-00_my work.ipynb": work,
            "HW_ada_attempt_2026-07-09-12-30-00_toy.ipynb": "an earlier attempt",
            "../../HW_eve_attempt_2026-07-10-12-30-00_toy.ipynb": work,
        },
    )
    course.run("nbgrader", "zip_collect", NAME)
    assert [path.name for path in (course.root / "submitted").iterdir()] == ["ada"]
    folder = course.root / "submitted" / "ada" / NAME
    assert (folder / f"{NAME}.ipynb").read_text() == work
    assert (folder / "timestamp.txt").read_text().startswith("2026-07-10 12:30:00")


def test_course_with_a_collector_of_its_own_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN_COLLECTOR)
    own = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    own += "c.ZipCollectApp.collector_plugin = 'own.Own'\n"
    course = make_toy(tmp_path / "course", CONFIG + own + WITH_REFEREE)
    archive = course.root / "downloaded" / NAME / "archive" / "in.zip"
    zip_of(archive, {"anything.ipynb": handed_in(course, RIGHT)})
    course.run("nbgrader", "zip_collect", NAME)
    assert (course.root / "submitted" / "ada" / NAME / f"{NAME}.ipynb").is_file()


OWN_COLLECTOR = f"""
from nbgrader.plugins.zipcollect import FileNameCollectorPlugin


class Own(FileNameCollectorPlugin):
    def collect(self, submitted_file):
        return {{"student_id": "ada", "file_id": "{NAME}"}}
"""


def test_course_with_names_of_its_own_keeps_the_way_of_nbgrader(tmp_path: Path) -> None:
    course = make_toy(tmp_path / "course")
    with (course.root / "nbgrader_config.py").open("a") as config:
        pattern = r".*/of-(?P<student_id>\w+)-(?P<file_id>\w+)"
        config.write(f"c.FileNameCollectorPlugin.named_regexp = r'{pattern}'\n")
    archive = course.root / "downloaded" / NAME / "archive" / "in.zip"
    zip_of(archive, {"of-ada-toy.ipynb": handed_in(course, RIGHT)})
    course.run("nbgrader", "zip_collect", NAME)
    assert (course.root / "submitted" / "ada" / NAME / f"{NAME}.ipynb").is_file()
