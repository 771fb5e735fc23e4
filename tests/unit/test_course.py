"""A course's folders, as its configuration has them: obeyed, or refused by name."""

from pathlib import Path

import pytest

from referee.collect.submissions import find_submissions
from referee.errors import RefereeError
from referee.model.assignment import Assignment
from referee.model.work import Pages
from referee.nbgrader.course import Course
from referee.nbgrader.options import unknown_options
from referee.nbgrader.package import pack
from referee.nbgrader.permissions import Permissions
from referee.nbgrader.students import read_people
from referee.record.disk import replace_file, replace_folder
from referee.record.recorder import Recorder

# Options of other programs, of plugins, and of older versions of nbgrader; as courses have them.
TAKEN = [
    "JupyterHub.db_url",
    "Authenticator.admin_users",
    "Authenticator.enable_auth_state",
    "LocalAuthenticator.create_system_users",
    "PAMAuthenticator.admin_groups",
    "HubAuth.graders",
    "ServerApp.root_dir",
    "FileContentsManager.delete_to_trash",
    "Exporter.default_preprocessors",
    "HTMLExporter.template_name",
    "SubMarks.penalty",
    "LateSubmissionPlugin.penalty_per_day",
    "TransferApp.path_includes_course",
    "FormgradeApp.authenticator_class",
    "AssignApp.create_assignment",
    "NbGraderConfig.course_id",
    "NbGrader.course_id",
    "NbGrader.db_assignments",
    "CourseDirectory.db_assignments",
    "CourseDirectory.db_students",
    "Exchange.assignment_dir",
    "ExchangeRelease.force",
    "Feedback.force",
]


def opened(root: Path, option: str = "", below: str = "") -> Course:
    (root / below).mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(f"c = get_config()\n{option}\n")
    return Course.open(root / below)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("root", "/elsewhere"),
        ("directory_structure", "{nbgrader_step}/{assignment_id}/{student_id}"),
        ("directory_structure", "{assignment_id}/{nbgrader_step}/{student_id}"),
        ("notebook_id", "p*"),
    ],
)
def test_folders_that_would_be_ignored_are_refused_by_name(
    tmp_path: Path, option: str, value: str
) -> None:
    with pytest.raises(RefereeError, match=f"c.CourseDirectory.{option} is .*take the option out"):
        opened(tmp_path, f"c.CourseDirectory.{option} = {value!r}")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("CourseDirectory.db_urll = 'x'", "has no db_urll, did you mean db_url"),
        ("Autograde.forec = True", "has no forec, did you mean force"),
        ("ClearHiddenTests.begin_test_delimiter = ''", "did you mean begin_test_delimeter"),
        ("Exchange.assignment_dirr = '.'", "did you mean assignment_dir"),
        ("Autograd.force = True", "no c.Autograd, did you mean c.Autograde"),
        ("autograde.force = True", "did you mean c.Autograde"),
        ("ExecutePreprocesor.timeout = 5", "did you mean c.ExecutePreprocessor"),
        ("ExecutePreprocessor.timout = 5", "has no timout, did you mean timeout"),
        ("Limit.memory = 2**30", "did you mean c.Limits"),
        ("Limits.memry = 2**30", "c.Limits has no memry, did you mean memory"),
        ("Limits.speed = 1", "c.Limits has no speed"),
        ("Workers.fils = []", "did you mean files"),
        ("CourseDirectory.course_id = 3", "'course_id' trait"),
        ("Exchange.timezone = 'Europe/Vienn'", "there is no such zone"),
    ],
)
def test_wrong_option_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], option: str, said: str
) -> None:
    with pytest.raises(RefereeError, match=f"cannot be used: .*{said}.* Correct it"):
        opened(tmp_path, f"c.{option}")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "line {}: ZeroDivisionError: division by zero. Correct it"),
        ("import sys; sys.exit(3)", "line {}: SystemExit: 3. Correct it"),
        ("raise ValueError", "line {}: ValueError. Correct it"),
        ("import json; json.loads('')", "line {}: JSONDecodeError: Expecting value"),
    ],
)
def test_line_of_the_configuration_that_fails_is_named(
    tmp_path: Path, code: str, said: str
) -> None:
    with pytest.raises(RefereeError) as refused:
        opened(tmp_path, f"\n\n{code}\n")
    text = (tmp_path / "nbgrader_config.py").read_text()
    line = text.splitlines().index(code) + 1
    assert said.format(line) in str(refused.value)


@pytest.mark.parametrize("url", ["nonsense", "postgres://me:secret@host/name", ""])
def test_address_that_is_none_of_a_database_is_refused_without_its_password(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(RefereeError, match="db_url is not the address of a database") as refused:
        opened(tmp_path, f"c.CourseDirectory.db_url = {url!r}")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "option", ["CourseDirectory.db_urll = 'x'", "CourseDirectory.course_id = 3"]
)
def test_file_that_has_the_wrong_option_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    other = tmp_path / "of the user" / "nbgrader_config.py"
    other.parent.mkdir()
    other.write_text(f"c = get_config()\nc.{option}\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(other.parent))
    with pytest.raises(RefereeError, match=rf"^{other} cannot be used: .*[^?.][?.] Correct it"):
        opened(tmp_path / "course")


def test_options_of_a_plugin_that_the_course_names_are_taken(tmp_path: Path) -> None:
    named = "c.AssignLatePenalties.plugin_class = 'late.LateSubmissionsPlugin'"
    opened(tmp_path, f"{named}\nc.LateSubmissionsPlugin.per_day = 1")
    with pytest.raises(RefereeError, match=r"did you mean c\.LateSubmissionPlugin"):
        opened(tmp_path, "c.LateSubmissionsPlugin.per_day = 1")


def test_options_that_nothing_has_are_named(tmp_path: Path) -> None:
    written = "c.CourseDirectory.course = 'x'\nc.Elsewhere.option = 1\nc.Workers.files = []\n"
    known = "c.Autograde.create_student = False\nfrom referee import configure; configure(c)"
    course = opened(tmp_path, written + known)
    assert unknown_options(course.app.config) == ["c.CourseDirectory.course", "c.Elsewhere"]


def test_options_of_others_and_of_other_versions_are_taken(tmp_path: Path) -> None:
    opened(tmp_path, "\n".join(f"c.{option} = 'x'" for option in TAKEN))


def test_what_is_written_has_the_permissions_of_the_configuration(tmp_path: Path) -> None:
    shared = "c.CourseDirectory.groupshared = True\nc.GenerateFeedback.permissions = 640"
    course = opened(tmp_path, shared)
    recorder = Recorder(course, "a")
    recorder.pending.mkdir(parents=True)
    recorder.replace_pages(Pages("ann", {"p.html": b""}))
    assert (tmp_path / "feedback/ann/a/p.html").stat().st_mode & 0o777 == 0o640
    graded, give = tmp_path / "autograded/ann/a", Permissions.of(course, "Autograde").give
    replace_folder({"below/p.ipynb": b""}, graded, recorder.pending / "new", give)
    assert (graded / "below/p.ipynb").stat().st_mode & 0o777 == 0o664
    assert (graded / "below").stat().st_mode & graded.stat().st_mode & 0o2770 == 0o2770


def test_permissions_that_are_none_are_refused(tmp_path: Path) -> None:
    course = opened(tmp_path, "c.Autograde.permissions = 689")
    with pytest.raises(RefereeError, match=r"c.Autograde.permissions is 689, .* Correct it"):
        Permissions.of(course, "Autograde")


def test_only_students_of_the_pattern_count(tmp_path: Path) -> None:
    for student in ("ann", "ben"):
        (tmp_path / "submitted" / student / "a").mkdir(parents=True)
    course = opened(tmp_path, "c.CourseDirectory.student_id = 'a*'")
    course.directory.student_id = "."  # as nbgrader does where it releases
    assert [each.student for each in find_submissions(course, "a")] == ["ann"]


def test_folder_of_the_gradebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefereeError, match=r"no folder .*/grades for the gradebook.* Make it"):
        opened(tmp_path, "c.CourseDirectory.db_url = 'sqlite:///grades/gradebook.db'")


def test_root_that_is_the_folder_of_the_configuration_is_no_other(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "course")
    course = opened(tmp_path / "course", f"c.CourseDirectory.root = '{tmp_path / 'link'}'")
    assert course.root == tmp_path / "course"


def test_path_of_the_database_begins_at_the_course(tmp_path: Path) -> None:
    course = opened(tmp_path, "c.CourseDirectory.db_url = 'sqlite:///marks.db'", below="a/b")
    assert course.directory.db_url == f"sqlite:///{tmp_path / 'marks.db'}"
    assert tmp_path / "marks.db" in course.private_paths()


def test_reading_makes_no_gradebook(tmp_path: Path) -> None:
    course = opened(tmp_path)
    assert read_people(course) == []
    with course.gradebook(only_read=True) as gradebook:
        assert gradebook.assignments == []
    assert not (course.root / "gradebook.db").exists()
    with course.gradebook() as gradebook:
        gradebook.add_student("ada", first_name="Ada")
    assert [person.student for person in read_people(course)] == ["ada"]


def test_files_of_an_assignment_elsewhere_are_in_the_copy_of_a_course(tmp_path: Path) -> None:
    source = tmp_path / "elsewhere"
    (source / "a/data").mkdir(parents=True)
    (source / "a/data/numbers.csv").write_text("1,2")
    root = f"c.CourseDirectory.root = '{tmp_path / 'course'}'\n"
    course = opened(tmp_path / "course", f"{root}c.CourseDirectory.source_directory = '{source}'")
    copy = pack(course, Assignment("a", "", ())).unpack(tmp_path / "copy")
    assert copy.materials("a").resolve() == tmp_path / "copy/source/a"
    assert (copy.materials("a") / "data/numbers.csv").read_text() == "1,2"


def test_modules_that_the_configuration_imports_are_in_the_copy_of_a_course(tmp_path: Path) -> None:
    (tmp_path / "policy_of_this_course.py").write_text("")
    course = opened(tmp_path, "import policy_of_this_course")
    assert "policy_of_this_course.py" in pack(course, Assignment("a", "", ())).files


def test_file_that_a_full_disk_has_no_room_for_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as raised:
        replace_file(tmp_path / "report.html", b"page", Path("/dev/full"))
    assert raised.value.filename == str(tmp_path / "report.html")
