"""The command line: help, and errors as one clear line."""

import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from referee.cli import main
from referee.cli import referee as command
from referee.errors import RefereeError
from referee.nbgrader.course import Course
from tests.support.exports import folder_of, notebook
from tests.support.toy import NAME, ToyCourse

COMMANDS = ("grade", "scores", "timings", "report", "mark", "check", "collect", "export")
REFEREE = Path(sys.executable).parent / "referee"


def referee(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the package."""
    return subprocess.run(
        [str(REFEREE), *args],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "100"},
    )


def main_here(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """What the script does, without the second that a process of its own takes."""
    out, err, code = StringIO(), StringIO(), 0
    with (
        chdir(folder),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.MonkeyPatch.context() as m,
    ):
        m.setattr(sys, "argv", ["referee", *args])
        m.setenv("COLUMNS", "100")
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())


def test_script_of_the_package_prints_help(tmp_path: Path) -> None:
    result = referee(tmp_path, "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: referee")
    assert result.stderr == ""


def test_script_of_the_package_refuses_wrong_use(tmp_path: Path) -> None:
    result = referee(tmp_path, "unknown")
    assert result.returncode == 2
    assert "Usage: referee" in result.stderr


@pytest.mark.parametrize(
    "args", [["-h"], *([name, "--help"] for name in COMMANDS)], ids=lambda args: " ".join(args)
)
def test_help_is_printed(args: list[str]) -> None:
    result = CliRunner().invoke(command, args, prog_name="referee")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: referee")
    assert result.stderr == ""


@pytest.mark.parametrize(
    "args", [["grade"], ["grade", NAME, "--colour", "red"], ["mark", NAME, "--points", "+1"]]
)
def test_wrong_use_exits_with_2(args: list[str]) -> None:
    result = CliRunner().invoke(command, args, prog_name="referee")
    assert result.exit_code == 2
    assert "Usage: referee" in result.stderr


def assert_one_line_of_error(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert result.returncode == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.startswith("referee: error: ")
    for part in parts:
        assert part in result.stderr


def test_folder_without_a_course_is_named(tmp_path: Path) -> None:
    assert_one_line_of_error(
        referee(tmp_path, "grade", NAME), str(tmp_path), "no nbgrader_config.py"
    )


def test_unknown_assignment_is_named_with_those_there_are(toy: ToyCourse) -> None:
    assert_one_line_of_error(main_here(toy.root, "scores", "top"), "'top'", "toy.")
    assert_one_line_of_error(main_here(toy.root, "explain", "Toi", "ada"), "Did you mean toy?")


@pytest.mark.parametrize(
    ("args", "said"),
    [(["grade"], "Assignments of this course: toy."), (["explain", NAME], "Students: ada.")],
)
def test_what_there_is_is_said_where_nothing_is_named(
    toy: ToyCourse, args: list[str], said: str
) -> None:
    (toy.root / "submitted/ada/toy").mkdir(parents=True)
    result = main_here(toy.root, *args)
    assert (result.returncode, result.stderr.splitlines()[-1]) == (2, said)


def test_timings_name_an_assignment_that_is_not_there(toy: ToyCourse) -> None:
    assert_one_line_of_error(main_here(toy.root, "timings", "top"), "'top'", "toy.")


def test_folder_that_cannot_be_written_is_named(toy: ToyCourse) -> None:
    (toy.root / "report").write_text("a file, in the way of the folder")
    result = main_here(toy.root, "report", NAME)
    assert_one_line_of_error(result, f"{toy.root}/report", "run again.")
    assert "bug" not in result.stderr


def test_nothing_submitted_says_where_to_put_it(toy: ToyCourse) -> None:
    assert_one_line_of_error(main_here(toy.root, "grade", NAME), f"submitted/STUDENT/{NAME}")


def test_unknown_student_is_named_with_those_there_are(toy: ToyCourse) -> None:
    (toy.root / "submitted/ada/toy").mkdir(parents=True)
    result = main_here(toy.root, "grade", NAME, "--student", "adda")
    assert_one_line_of_error(result, "adda", "There are: ada.")


def test_unknown_student_is_named_with_all_of_a_small_class(toy: ToyCourse) -> None:
    for student in ("ada", "ben"):
        (toy.root / f"submitted/{student}/toy").mkdir(parents=True)
    result = main_here(toy.root, "explain", NAME, "adda")
    assert_one_line_of_error(result, "adda", "Did you mean ada? There are: ada, ben.")


def test_command_to_run_has_a_name_with_a_blank_in_quotes(toy: ToyCourse) -> None:
    (toy.root / "submitted/Ada L/toy").mkdir(parents=True)
    result = main_here(toy.root, "explain", NAME, "Ada L")
    assert_one_line_of_error(result, f"`referee grade {NAME} --student 'Ada L'`")


def test_broken_configuration_is_an_error_of_one_line(toy: ToyCourse) -> None:
    (toy.root / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = = 3\n")
    assert_one_line_of_error(main_here(toy.root, "scores", NAME), "nbgrader_config.py")


@pytest.mark.parametrize("value", ['"a lot"', "-1"])
def test_limit_that_is_no_limit_is_an_error_of_the_configuration(
    toy: ToyCourse, value: str
) -> None:
    (toy.root / "submitted/ada/toy").mkdir(parents=True)
    with (toy.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Limits.cell_cpu = {value}\n")
    result = main_here(toy.root, "grade", NAME)
    assert_one_line_of_error(result, "nbgrader_config.py cannot be used: ", "'cell_cpu'")
    assert "bug of ours" not in result.stderr


def test_section_that_is_nearly_one_of_ours_is_an_error_of_the_configuration(
    toy: ToyCourse,
) -> None:
    with (toy.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.Limts.memory = 2**30\n")
    assert_one_line_of_error(main_here(toy.root, "scores", NAME), "c.Limts", "c.Limits?")


def test_damaged_release_is_named_with_what_makes_it_anew(toy: ToyCourse) -> None:
    path = toy.root / "release/toy/toy.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("<<<<<<< HEAD\n{}")
    result = main_here(toy.root, "report", NAME)
    assert_one_line_of_error(result, str(path), "Make it anew: `referee release toy`.")
    assert "bug of ours" not in result.stderr


def test_pages_that_cannot_be_written_are_an_error_of_one_line(toy: ToyCourse) -> None:
    (toy.root / "feedback/ada/toy").mkdir(parents=True)
    (toy.root / "feedback/ada/toy/toy.html").touch()
    result = main_here(toy.root, "export", NAME, "--feedback-zip", "moodle", "-o", "no/x.zip")
    assert_one_line_of_error(result, "there is no folder ", "/no. Make it first.")


def test_export_says_so_if_nothing_was_graded(toy: ToyCourse) -> None:
    (toy.root / "submitted/ada/toy").mkdir(parents=True)
    gives = f"`referee grade {NAME}`"
    assert f"Nobody has marks yet: {gives}" in main_here(toy.root, "export", NAME, "--csv").stdout
    result = main_here(toy.root, "export", NAME, "--feedback-zip", "moodle")
    assert_one_line_of_error(result, "no feedback page", gives)
    assert not list(toy.root.glob("*.zip"))


def test_mark_says_so_if_nobody_has_marks_yet(toy: ToyCourse) -> None:
    assert "Nobody has marks yet: referee grade" in main_here(toy.root, "mark", NAME).stdout


def test_checkout_with_the_environment_of_another_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()")
    (tmp_path / "referee").mkdir()
    (tmp_path / "referee/__init__.py").write_text("")
    assert_one_line_of_error(referee(tmp_path, "scores", NAME), "`make setup`")


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = referee(tmp_path, "--debug", "scores", NAME)
    assert result.returncode == 1
    assert "Traceback (most recent call last)" in result.stderr


def test_debug_may_stand_behind_the_command(tmp_path: Path) -> None:
    with pytest.raises(RefereeError, match=r"no nbgrader_config\.py"):
        main_here(tmp_path, "scores", NAME, "--debug")


def test_command_works_in_a_folder_of_the_course(toy: ToyCourse) -> None:
    result = main_here(toy.root / "source", "scores", NAME, "--json")
    assert (result.returncode, result.stdout.strip()) == (0, "[]")


def test_check_names_an_assignment_that_is_not_there(toy: ToyCourse) -> None:
    assert_one_line_of_error(main_here(toy.root, "check", "top"), "'top'", "toy.")


def test_interrupt_while_the_command_is_loaded_is_a_line() -> None:
    program = """
import sys
class Interrupted:
    def find_spec(self, name, path, target=None):
        if name == "referee.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from referee.__main__ import main
main()
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 130
    assert result.stderr.splitlines() == ["referee: interrupted before anything was graded"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("grade", "referee: interrupted; what was graded is recorded, run again to go on"),
        ("report", "referee: interrupted"),
    ],
)
def test_ctrl_c_says_what_stays_of_this_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Course, "open", interrupted)
    monkeypatch.setattr("sys.argv", ["referee", name, "toy"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err.splitlines() == [said]


def test_collecting_exits_with_3_if_somebody_could_not_be_placed(toy: ToyCourse) -> None:
    folder_of(toy.root / "in", {"ada/toy.ipynb": notebook("ada")})
    (toy.root / "roster.csv").write_text("id\nada\n")
    args = ("collect", NAME, "in", "--roster", "roster.csv")
    assert main_here(toy.root, *args).returncode == 0
    folder_of(toy.root / "in", {"mallory/toy.ipynb": notebook("x")})
    result = main_here(toy.root, *args)
    assert (result.returncode, result.stderr) == (3, "")
    assert "mallory: nobody in the roster" in result.stdout
