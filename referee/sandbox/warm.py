"""Starts kernels by forking a process in which the libraries are already imported, the zygote.

The zygote sees what an empty sandbox shows, and has the environment of kernels, so that nothing is
in its memory, or can be reached by the files it has open, that a kernel may not know. Its process
is one of the machine's, for only from there can a sandbox's namespace of processes be entered.
"""

import os
import re
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from referee.boundary.settings import Settings
from referee.errors import RefereeError
from referee.sandbox.bubblewrap import View, start_bubblewrap, view_arguments, zygote_arguments
from referee.sandbox.environment import kernel_environment, other_user
from referee.sandbox.processes import has_ended
from referee.sandbox.stderr import sealed_stderr_file, stderr_tail

ANSWER = 2**16  # bytes
PATIENCE = 120.0  # seconds for all to be loaded, on a busy machine
CACHES = 2**24  # bytes of files that libraries may write when they are loaded


class ZygoteLostError(RefereeError):
    """A zygote did not give what it was asked for: another may."""


class Zygote:
    """A process that kernels are forked from, as long as this object's process lives.

    The system ends it with the thread that started it; `Zygote.of` starts another then.
    """

    _latest: "Zygote | None" = None
    _lock = threading.Lock()

    @classmethod
    def of(cls, environment: dict[str, str], modules: Sequence[str]) -> "Zygote":
        """The zygote of the present process, started if there is none with these."""
        with cls._lock:
            latest = cls._latest
            made_of = kernel_environment(environment), list(modules)
            if latest is None or latest.made_of != made_of or latest.has_ended():
                if latest is not None:
                    latest.end()
                cls._latest = latest = cls(environment, modules)
            return latest

    def __init__(self, environment: dict[str, str], modules: Sequence[str]) -> None:
        self.made_of = kernel_environment(environment), list(modules)
        self.stderr = sealed_stderr_file()
        self.control, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "referee.inside.zygote", *modules]
        with theirs, tempfile.TemporaryDirectory() as nothing:
            view = View(Path(nothing), (), environment, CACHES)
            arguments = [*zygote_arguments(), *view_arguments(view, ("--ro-bind", "/proc"))]
            self.process, self.pid = start_bubblewrap(arguments, command, theirs, self.stderr)
        self._pidfd, self._ended = os.pidfd_open(self.process.pid), False
        # Where it has a user namespace, those of its kernels lie in it, else it could not enter.
        self.user_namespace: IO[bytes] | None = None
        if other_user() is None:
            self.user_namespace = Path(f"/proc/{self.pid}/ns/user").open("rb")  # noqa: SIM115

    def has_ended(self) -> bool:
        """Whether it can fork no more."""
        # Who asks may be a fork of the process that has started it, which cannot wait for it.
        return self._ended or has_ended(self._pidfd)

    def end(self) -> None:
        """End it; its forks live on."""
        if self._ended:
            return
        self._ended = True
        self.control.close()
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        self.process.wait()
        os.close(self._pidfd)

    def fork(self, first_process: int, stderr: int, seccomp: int, settings: Settings) -> int:
        """Fork a kernel into the sandbox of this first process; return the kernel's number.

        `stderr` is a descriptor to write to, and `seccomp` one of the filter for system calls.

        Raises:
            ZygoteLostError: there is no kernel; the message says why.

        """
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        sandbox = os.pidfd_open(first_process)
        message = f"{first_process} {settings.to_json()}".encode()
        ours.settimeout(PATIENCE)
        with ours:
            try:
                with theirs:
                    socket.send_fds(
                        ours, [message], [sandbox, stderr, seccomp, *settings.descriptors()]
                    )
                    socket.send_fds(self.control, [b"F"], [theirs.fileno()])
                answer, fds, *_ = socket.recv_fds(ours, ANSWER, 1)
            except OSError as error:
                answer, fds = str(error).encode(), []
            finally:
                os.close(sandbox)
        if not fds:
            self.end()
            why = answer.decode(errors="replace") or stderr_tail(self.stderr).splitlines()[-1]
            raise ZygoteLostError(
                f"no kernel can be forked from the process with the libraries: {why}. If this is "
                "about a module of c.SandboxProvisioner.preload, take it out of there."
            )
        with os.fdopen(fds[0]) as pidfd:
            facts = Path(f"/proc/self/fdinfo/{pidfd.fileno()}").read_text()
        return int(re.findall(r"^Pid:\s*(-?\d+)", facts, re.MULTILINE)[0])
