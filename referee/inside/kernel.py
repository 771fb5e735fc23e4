"""A student's kernel: its limits, and an ipykernel that is driven from outside.

A sandbox's kernel is a fork of the `zygote`. One without a sandbox is started as
`python -m referee.inside.kernel SETTINGS`. Limits set here cannot be undone by what runs later:
hard limits need a capability to be raised, and in a sandbox there is none left.
"""

import functools
import os
import resource
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Any

from referee.boundary.settings import FILES, KernelLimits, Settings

INTERACTIVE = ("notebook", "nbagg", "widget", "ipympl")  # displays that only a browser fills
CHECK_SAME_THREAD = 4  # its place among the arguments of sqlite3.connect


def main(text: str) -> None:
    """Become a student's kernel that is in no sandbox."""
    settings = Settings.from_json(text)
    set_limits(settings.limits)
    run_kernel(settings)


def set_limits(limits: KernelLimits) -> None:
    """Bound what each process may use, for this process and all that descend from it."""
    for kind, value in [
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_FSIZE, limits.files),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ]:
        resource.setrlimit(kind, (value, value))


def become(user: int) -> None:
    """Leave root for a user that owns nothing and that no other sandbox has."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def run_kernel(settings: Settings) -> None:
    """Run an ipykernel whose sockets were opened outside, and the thread that forks it."""
    import zmq
    from ipykernel.heartbeat import Heartbeat
    from ipykernel.kernelapp import IPKernelApp

    from referee.boundary.kinds import add_own
    from referee.inside.output import limit_output
    from referee.inside.server import ForkServer

    class KernelApp(IPKernelApp):
        def _try_bind_socket(self, s: Any, port: int) -> int:
            s.setsockopt(zmq.USE_FD, settings.sockets[port])
            return super()._try_bind_socket(s, port)

        def init_heartbeat(self) -> None:
            class InheritedHeartbeat(Heartbeat):
                def _try_bind_socket(self) -> None:
                    self.socket.setsockopt(zmq.USE_FD, settings.sockets[self.port])
                    super()._try_bind_socket()

            address = (self.transport, self.ip, self.hb_port)
            self.heartbeat = InheritedHeartbeat(zmq.Context(), address)
            self.heartbeat.start()

        def write_connection_file(self, **_: Any) -> None:
            """Whoever may connect has the file already."""

    app = KernelApp.instance(transport="ipc", ip="/tmp/kernel", **settings.channels)
    app.session.key = settings.key.encode()
    stderr_status = os.fstat(2)  # what goes wrong before the kernel is ready
    copy_files(settings.folder)
    os.chdir(settings.folder)
    app.initialize(list(settings.arguments))
    limit_output(app.kernel.shell, settings.limits.output)
    for kind in settings.kinds:
        add_own(*kind)
    let_forks_use_databases()
    requests = socket.socket(fileno=settings.requests)
    ForkServer(requests, app.kernel.shell, settings.limits.printed).start()
    run_commands_without_terminal(app.kernel.shell)
    show_figures_as_pictures(app.kernel.shell)
    detach_stderr(stderr_status)
    app.start()


def detach_stderr(stderr_status: os.stat_result) -> None:
    """Close the file that stderr was, and all copies of its descriptor."""
    with Path(os.devnull).open("w") as silence:
        os.dup2(silence.fileno(), 2)
        for fd in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - its links lead nowhere
            with suppress(OSError):  # the one that this list was read from
                if os.path.samestat(os.fstat(fd), stderr_status):
                    os.dup2(silence.fileno(), fd)


def run_commands_without_terminal(shell: Any) -> None:
    """Let `!command` work where there are no terminals."""

    def system(command: str) -> None:
        expanded = shell.var_expand(command, depth=1)
        result = subprocess.run(
            expanded, shell=True, text=True, errors="replace", stdout=PIPE, stderr=STDOUT
        )
        print(result.stdout, end="")
        shell.user_ns["_exit_code"] = result.returncode

    shell.system = system


def show_figures_as_pictures(shell: Any) -> None:
    """Have `%matplotlib notebook` and the like be `inline`, whose figures a human can look at."""
    enable = shell.enable_matplotlib

    def enable_matplotlib(gui: str | None = None) -> Any:
        return enable("inline" if gui in INTERACTIVE else gui)

    shell.enable_matplotlib = enable_matplotlib


def let_forks_use_databases() -> None:
    """Have connections to SQLite take calls from any thread: that of a fork is no cell's."""
    import sqlite3

    connect = sqlite3.connect

    @functools.wraps(connect)
    def connect_for_all(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        if len(args) <= CHECK_SAME_THREAD:
            kwargs.setdefault("check_same_thread", False)
        return connect(*args, **kwargs)

    for module in (sqlite3, sqlite3.dbapi2):
        vars(module)["connect"] = connect_for_all


def copy_files(folder: str) -> None:
    """Fill the working folder with copies of the files that are handed in, to be changed at will.

    What does not fit is a link to the original, which can only be read.
    """
    for path in Path(FILES).iterdir() if Path(FILES).is_dir() else ():
        place = Path(folder) / path.name
        try:
            copy = shutil.copytree if path.is_dir() else shutil.copyfile
            copy(path, place)
        except OSError:
            shutil.rmtree(place, ignore_errors=True)
            place.unlink(missing_ok=True)
            place.symlink_to(path)


if __name__ == "__main__":
    main(sys.argv[1])
