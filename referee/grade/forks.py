"""Starting the process that has all loaded, and having it fork; see `server` for its side."""

import fcntl
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec
import psutil

from referee.errors import RefereeError
from referee.grade.server import (
    KERNELS,
    LOCK,
    MAX_REASON,
    NO_KERNELS,
    PACKAGE,
    PREFIX,
    READY,
    SETTINGS,
    STATUS,
    ServerSettings,
    remove_folder,
)
from referee.grade.server_process import take
from referee.sandbox.control_group import remove_stale_groups
from referee.sandbox.processes import has_ended
from referee.sandbox.stderr import stderr_tail

LOADING = 120.0  # seconds for all to be loaded, on a busy machine
GRACE = 0.3  # seconds in which the ends of a server and of its forks are seen
ENDING = 10.0  # seconds for a process to end, and for the server to say how
REMOVING = 30  # tries to remove a folder in which forks that are being ended may still write


class ServerLostError(RefereeError):
    """The server has ended; another may be started."""


@dataclass(frozen=True)
class Fork:
    """A process that waits for its request on the channel; `scratch` is the folder that it uses."""

    channel: socket.socket
    number: int
    scratch: Path
    _pidfd: int
    _status: socket.socket

    def cpu_seconds(self) -> float:
        """What it has used, without its children."""
        try:
            times = psutil.Process(self.number).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def end(self, patience: float = 0.0) -> str:
        """End it if it has not ended in so many seconds; return how it has ended, in words."""
        has_ended(self._pidfd, patience)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        self._status.settimeout(ENDING)
        try:
            (status,) = STATUS.unpack(self._status.recv(STATUS.size))
        except (OSError, struct.error):
            return "it was lost"
        if os.WIFSIGNALED(status):
            return f"it was ended by {signal.Signals(os.WTERMSIG(status)).name}"
        return f"it ended with exit code {os.WEXITSTATUS(status)}"

    def close(self) -> None:
        """End it, and remove what it has left."""
        self.channel.close()
        os.close(self._pidfd)
        self._status.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
        remove_stale_groups()  # where it could not end its sandbox


class Server:
    """The process that has all loaded, with a folder of its own in `parent`.

    It ends, and removes the folder, when the process that has started it ends.
    """

    def __init__(self, package: bytes, parent: Path, settings: ServerSettings) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        (self.folder / PACKAGE).write_bytes(package)
        (self.folder / SETTINGS).write_bytes(msgspec.json.encode(settings))
        self._lock = (self.folder / "new").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        (self.folder / "new").rename(self.folder / LOCK)  # it is there only when it is locked
        self._waiting = threading.Lock()
        self._ready = False
        started = take()
        self._process, self._control, self._stderr = (
            started.process,
            started.control,
            started.stderr,
        )
        with suppress(OSError):  # it has ended: who waits for it learns of it
            socket.send_fds(self._control, [os.fsencode(self.folder)], [self._lock.fileno()])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self) -> None:
        """Wait until it can fork.

        Raises:
            RefereeError: it cannot; the message says why.

        """
        with self._waiting:
            if self._ready:
                return
            self._control.settimeout(LOADING)
            try:
                said = self._control.recv(MAX_REASON)
            except OSError as error:
                said = str(error).encode()
            if said != READY:
                why = said.decode(errors="replace") or stderr_tail(self._stderr)
                raise RefereeError(f"nothing can be graded here: {why}")
            self._ready = True

    @contextmanager
    def fork(self, *, kernels: bool = True) -> Iterator[Fork]:
        """A new process, which is ended in the end; with `kernels`, it can start some.

        Raises:
            ServerLostError: the server has ended.
            RefereeError: it was never there.

        """
        self.wait()
        (channel, theirs), (status, their_status) = socket.socketpair(), socket.socketpair()
        try:
            with theirs, their_status:
                asked = KERNELS if kernels else NO_KERNELS
                socket.send_fds(self._control, [asked], [theirs.fileno(), their_status.fileno()])
            status.settimeout(LOADING)
            said, fds, *_ = socket.recv_fds(status, STATUS.size, 1)
            (number,) = STATUS.unpack(said)
            pidfd = fds[0]
        except (OSError, struct.error, IndexError) as error:
            channel.close()
            status.close()
            self._process.wait(ENDING) if not self.has_ended() else None
            raise ServerLostError(f"the grading process could not be forked: {error}") from error
        fork = Fork(channel, number, self.folder / str(number), pidfd, status)
        try:
            yield fork
        finally:
            fork.end()
            fork.close()

    def has_ended(self) -> bool:
        """Whether it has ended, by itself or because somebody ended it."""
        return self._process.poll() is not None

    def was_killed(self) -> bool:
        """Whether it was ended by a signal, which is for others to explain."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(ENDING) < 0
        return False

    def ends_soon(self) -> bool:
        """Whether it has ended, or is about to: its forks end a moment before."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
            return True
        return False

    def close(self) -> None:
        """End it and all that it has forked, and remove its folder."""
        self._control.close()
        try:
            self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._lock.close()
        remove_folder(self.folder, REMOVING)


def remove_what_was_left(parent: Path) -> None:
    """Remove what servers, and who started them, could not when they were killed."""
    remove_stale_groups()
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            about = folder.lstat()
            if about.st_uid != os.getuid() or not stat.S_ISDIR(about.st_mode):
                continue  # it is somebody else's, and may be a trap
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_folder(folder)
            finally:
                os.close(lock)
