"""Commands of the pages about platforms, and of all other pages, are run as they stand there.

The course is a small one that is called as the guides call theirs.
"""

import json
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat import NotebookNode

from referee.cli import referee
from tests.support.course import SampleCourse
from tests.support.exports import submitters
from tests.support.guides import DOCS, PAGES, Command, commands_of
from tests.support.toy import CONFIG, WITH_REFEREE, given, solution
from tests.support.toy import test as cell_of_tests

NAME = "optimization"
ROSTER = "id,login,email,name,uid\nada,adal,ada@u,Ada Lovelace,1234\n"
GRADEBOOK = (
    "Student,ID,SIS Login ID,Section,optimization (17)\n"
    "    Points Possible,,,,7\n"
    '"Lovelace, Ada",1234,adal,A,\n'
)
WORKSHEET = (
    "Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)\n"
    "Participant 1234,Ada Lovelace,ada@u,,7.00,-\n"
)
# What lies in an archive beside the notebook, where the platform says something there.
BESIDE = {
    "blackboard": {
        "Optimization_adal_attempt_2026-07-10-12-30-00.txt": "Name: Ada Lovelace (adal)\n"
    },
    "gradescope": {
        "assignment_9_export/submission_metadata.yml": "submission_5678:\n"
        + submitters("ada|ada@u|Ada Lovelace")
        + "  :created_at: 2026-07-10 12:30:00 Z\n"
    },
}
NAME_IN_ARCHIVE = re.compile(r"A notebook in the zip is called `([^`]+)`")
ARCHIVE = re.compile(r"referee collect optimization (\S+\.zip)")
COLLECTED = f"downloaded/{NAME}/collected.json"

PLATFORMS = sorted((DOCS / "platforms").glob("*.md"))
OTHER_PAGES = [page for page in PAGES if page not in PLATFORMS and page.name != "first-hour.md"]
# What is complete on these pages, and the README's table, but for the machine of its reader.
OTHERS = {
    each.text: each
    for page in OTHER_PAGES
    for each in commands_of(page)
    if each.words[:2] != ["referee", "collect"] and NAME in each.words and each.can_be_run
}

pytestmark = pytest.mark.xdist_group("guides")


def master() -> list[NotebookNode]:
    body = "### BEGIN SOLUTION\n    return A * (A > p)\n    ### END SOLUTION"
    hidden = (
        "### BEGIN HIDDEN TESTS\n"
        "assert dropout(1, 2) == 0, 'dropout: small values are kept. Look at the comparison.'\n"
        "### END HIDDEN TESTS"
    )
    heading = nbformat.v4.new_markdown_cell("## 3. Dropout", id="heading")
    return [
        given("imports", "import math"),
        heading,
        solution("dropout", f"def dropout(A, p):\n    {body}"),
        cell_of_tests("dropout-hidden", hidden, 7),
    ]


def write_archive(page: Path, course: SampleCourse) -> None:
    """Write the archive that a page collects, with the names that the page says it has."""
    text = page.read_text()
    (name,), (archive,) = NAME_IN_ARCHIVE.findall(text), ARCHIVE.findall(text)
    handed_in = course.root / "release" / NAME / f"{NAME}.ipynb"
    with zipfile.ZipFile(course.root / archive, "w") as file:
        file.write(handed_in, name)
        for beside, content in BESIDE.get(page.stem, {}).items():
            file.writestr(beside, content)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """A course with the guides' files, in which nobody has handed in."""
    root = tmp_path_factory.mktemp("guides")
    (root / "nbgrader_config.py").write_text(CONFIG + WITH_REFEREE)
    source = root / "source" / NAME / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=master()), source)
    course = SampleCourse(root, NAME)
    course.run("nbgrader", "generate_assignment", NAME, "--log-level=ERROR")
    for name, text in {"roster": ROSTER, "gradebook": GRADEBOOK, "worksheet": WORKSHEET}.items():
        (root / f"{name}.csv").write_text(text)
    return course


def copy_of(course: SampleCourse, folder: Path) -> SampleCourse:
    return SampleCourse(Path(shutil.copytree(course.root, folder / "course")), NAME)


@pytest.fixture(scope="module")
def course(released: SampleCourse, tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """A course in which ada has handed in by Moodle and is graded."""
    course = copy_of(released, tmp_path_factory.mktemp("graded"))
    write_archive(DOCS / "platforms/moodle.md", course)
    course.run("referee", "collect", NAME, "submissions.zip", "--roster", "roster.csv")
    course.run("referee", "grade", NAME)
    return course


def run(
    command: Command, course: SampleCourse, monkeypatch: pytest.MonkeyPatch, code: int = 0
) -> str:
    """Run a command of `referee` in this process, where it is loaded already; return its output."""
    monkeypatch.chdir(course.root)
    words = [word.replace("STUDENT", "ada") for word in command.words[1:]]
    result = CliRunner().invoke(referee, words)
    assert result.exit_code == code, f"{command.text}: {result.output} {result.exception}"
    return result.output


@pytest.mark.parametrize("page", PLATFORMS, ids=lambda page: page.stem)
def test_commands_of_a_platform_bring_work_in_and_marks_out(
    page: Path, released: SampleCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = copy_of(released, tmp_path)
    write_archive(page, course)
    collect, grade, *exports = [each for each in commands_of(page) if each.complete]
    run(collect, course, monkeypatch)
    collected = json.loads((course.root / COLLECTED).read_text()).values()
    assert page.stem in {each["platform"].lower() for each in collected}
    assert "ada" in run(grade, course, monkeypatch)
    assert exports
    for command in exports:
        written = re.findall(r"^Written: (\S+)[.]", run(command, course, monkeypatch), re.M)
        assert len(written) == 1, command.text
        assert (course.root / written[0]).exists()


@pytest.mark.parametrize("command", OTHERS.values(), ids=lambda each: each.text)
def test_command_of_another_page_runs(
    command: Command, course: SampleCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = command.text.endswith("--feedback-zip canvas")  # was collected from there
    run(command, course, monkeypatch, code=3 if nobody else 0)
