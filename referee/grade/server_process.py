"""Starting the process of the server, as soon as it is known that there will be work for it.

The command line forks it when it has loaded itself, so that what both need is loaded once.
Elsewhere a server is a new process.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socket import SOCK_SEQPACKET, socket, socketpair
from typing import IO, NoReturn, Protocol

from referee.sandbox.environment import ONE_THREAD
from referee.sandbox.stderr import sealed_stderr_file


class Process(Protocol):
    """A child of this process, as far as one of `subprocess.Popen` is used here."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for that. Raises subprocess.TimeoutExpired when there is none in time."""

    def kill(self) -> None:
        """End it."""


@dataclass(frozen=True)
class ServerProcess:
    """A server that waits for its folder on the control socket; it ends when that is closed."""

    process: Process
    control: socket
    stderr: IO[bytes]
    environment: dict[str, str]

    def end(self) -> None:
        """End it, which has nothing to tidy up yet."""
        self.process.kill()
        self.process.wait()
        self.control.close()
        self.stderr.close()


_ahead: ServerProcess | None = None


def fork_ahead(serve: Callable[[], None]) -> None:
    """Fork a server for the first who takes one, from a process without other threads.

    `serve` is called in the fork, with the control socket as its stdin.
    """
    global _ahead
    stderr, environment = sealed_stderr_file(), _environment()
    control, theirs = socketpair(type=SOCK_SEQPACKET)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # is for this process only
    with theirs:
        if (child := os.fork()) == 0:
            control.close()  # else it would not see that its parent has
            _become_server(serve, theirs, stderr)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    _ahead = ServerProcess(_Forked(child), control, stderr, environment)


def take() -> ServerProcess:
    """Return the process that was forked ahead, if it is as one of now would be, or a new one."""
    global _ahead
    ahead, _ahead = _ahead, None
    if ahead is None:
        return _started()
    # A course's configuration may have set what libraries look at when they are imported.
    if ahead.environment == _environment() and ahead.process.poll() is None:
        return ahead
    ahead.end()
    return _started()


def _started() -> ServerProcess:
    stderr, environment = sealed_stderr_file(), _environment()
    control, theirs = socketpair(type=SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            # Not from the folder that this is started in: it may be the one of a submission.
            [sys.executable, "-P", "-m", "referee.grade.server"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=environment | {"PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,  # Ctrl-C is not for it
        )
    return ServerProcess(process, control, stderr, environment)


def _environment() -> dict[str, str]:
    """That of a server, but for PATH, to which opening a course adds, in a server too."""
    environment = ONE_THREAD | os.environ
    environment.pop("PATH", None)
    return environment


def _become_server(serve: Callable[[], None], control: socket, stderr: IO[bytes]) -> NoReturn:
    """Be, in a fork, as a process would be that is started anew."""
    code = 1
    try:
        os.setsid()
        for fd in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - names are enough
            if fd > 2 and _was_handed_down(fd):
                os.close(fd)
        opened = control.fileno(), os.open(os.devnull, os.O_RDWR), stderr.fileno()
        # Copies first: where the command has no stdin, one of these may be in its place.
        copies = [fcntl.fcntl(fd, fcntl.F_DUPFD, 3) for fd in opened]
        for standard, fd in enumerate(copies):
            os.dup2(fd, standard)
            os.close(fd)
        if not sys.flags.safe_path:
            del sys.path[0]  # where the command was started; it may be a submission's folder
        serve()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        os.write(2, traceback.format_exc().encode(errors="replace"))
    finally:
        os._exit(code)


def _was_handed_down(fd: int) -> bool:
    """Whether a file was open when this program began; what it opens itself is not inheritable."""
    try:
        return os.get_inheritable(fd)
    except OSError:
        return False


class _Forked:
    """A fork of this process, which several threads may wait for."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._pidfd = os.pidfd_open(pid)
        self._lock = threading.Lock()
        self._code: int | None = None

    def poll(self) -> int | None:
        with self._lock:
            if self._code is None:
                number, status = os.waitpid(self.pid, os.WNOHANG)
                self._code = os.waitstatus_to_exitcode(status) if number else None
            return self._code

    def wait(self, timeout: float | None = None) -> int:
        ended = select.poll()
        ended.register(self._pidfd, select.POLLIN)
        ended.poll(None if timeout is None else timeout * 1000)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
