"""Building one sandbox, with a kernel in it that was forked from the zygote."""

import os
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from referee.boundary.settings import Settings
from referee.sandbox.bubblewrap import (
    View,
    cannot_build,
    isolation_arguments,
    start_bubblewrap,
    view_arguments,
    write_seccomp_filter,
)
from referee.sandbox.control_group import ControlGroup, GroupUsage
from referee.sandbox.processes import proportional_memory
from referee.sandbox.warm import Zygote, ZygoteLostError

WAITING = ["/bin/sh", "-c", "echo >&0; read _"]  # says that it is there, and waits for the end


@dataclass
class Sandbox:
    """A sandbox with a kernel: the numbers of bubblewrap, of its first process, and of the kernel.

    `files` is a descriptor of the only folder that it can write to, and `group_usage` of what its
    control group uses, if it has one. It ends when its `lifeline` is closed.
    """

    bubblewrap: int
    root: int
    kernel: int
    lifeline: socket.socket
    files: int
    group_usage: GroupUsage | None
    _process: "subprocess.Popen[bytes] | None" = None
    _group: ControlGroup | None = None

    def memory_of(self, pid: int) -> int:
        """Bytes of a process's memory; of pages that it shares with others, its part."""
        return proportional_memory(pid)

    def end(self) -> None:
        """End all of its processes, as the system does without bubblewrap."""
        self.lifeline.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._group is not None:
            self._group.remove()
        if self.group_usage is not None:
            self.group_usage.close()
            self.group_usage = None
        if self.files >= 0:
            os.close(self.files)
            self.files = -1


class Builder(Protocol):
    """Who builds sandboxes."""

    def build(self, folder: Path, stderr: IO[bytes], settings: Settings) -> Sandbox:
        """A sandbox that shows the files of a folder, with a kernel of these settings."""


@dataclass(frozen=True)
class OwnBuilder:
    """Builds sandboxes with this process as their parent; they end with it."""

    read_only: Sequence[str]
    environment: dict[str, str]
    preload: Sequence[str]
    files: int  # bytes that a sandbox may write

    def zygote(self) -> Zygote:
        """The process that kernels are forked from.

        Raises:
            NoSandboxError: there cannot be one here.

        """
        return Zygote.of(self.environment, self.preload)

    def build(self, folder: Path, stderr: IO[bytes], settings: Settings) -> Sandbox:
        """A sandbox that shows the files of a folder, with a kernel of these settings.

        Raises:
            NoSandboxError: there cannot be one here.

        """
        shown = tuple(Path(path) for path in self.read_only)
        view = View(folder, shown, dict(self.environment), self.files)
        try:
            return self._build(view, stderr, settings)
        except ZygoteLostError:
            return self._build(view, stderr, settings)  # from another one

    def _build(self, view: View, stderr: IO[bytes], settings: Settings) -> Sandbox:
        zygote, seccomp, group = self.zygote(), write_seccomp_filter(), None
        lifeline, theirs = socket.socketpair()
        arguments = [*isolation_arguments(seccomp), *view_arguments(view)]
        process = None
        try:
            with theirs:
                process, root = start_bubblewrap(
                    arguments, WAITING, theirs, stderr, (seccomp,), zygote.user_namespace
                )
            if not lifeline.recv(1):
                raise cannot_build(stderr)
            group = ControlGroup.create(root)
            kernel = zygote.fork(root, stderr.fileno(), seccomp, settings)
            if group is not None:
                group.add(kernel)
            files = os.open(f"/proc/{root}/root/tmp", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except BaseException as error:
            lifeline.close()
            if process is not None:
                process.kill()
                process.wait()
            if group is not None:
                group.remove()
            if isinstance(error, OSError):
                raise cannot_build(stderr) from error
            raise
        finally:
            os.close(seccomp)
        stat = group.usage() if group is not None else None
        return Sandbox(process.pid, root, kernel, lifeline, files, stat, process, group)
