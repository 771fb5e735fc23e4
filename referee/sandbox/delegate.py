"""A helper process that builds sandboxes for one that is confined and cannot mount anything.

It is forked before that is confined, has its own settings, and does three things on request: build
a sandbox that shows a folder below a given one, end it, and say what memory a process has. And it
ends a sandbox that takes too much memory, for a test can keep the other process from looking.
"""

import os
import select
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec
import psutil

from referee.boundary.settings import Settings
from referee.sandbox.control_group import GroupUsage
from referee.sandbox.errors import NoSandboxError
from referee.sandbox.processes import memory_of_all, proportional_memory
from referee.sandbox.sandboxes import OwnBuilder, Sandbox
from referee.sandbox.usage import processes_of

MAX_MESSAGE = 2**17  # bytes
MAX_DESCRIPTORS = 16
INTERVAL = 0.3  # seconds between two looks at memory


class Build(msgspec.Struct, tag=True):
    """Build a sandbox. Descriptors come along: of stderr, and those of the settings."""

    folder: str
    settings: str


class Built(msgspec.Struct, tag=True):
    """It is built. Descriptors come along: its lifeline, its files, and what it uses."""

    bubblewrap: int
    root: int
    kernel: int


class End(msgspec.Struct, tag=True):
    """End the sandbox of this bubblewrap."""

    bubblewrap: int


class AskMemory(msgspec.Struct, tag=True):
    """Say what memory a process has."""

    pid: int


class Answer(msgspec.Struct, tag=True):
    """What was asked for, or what went wrong."""

    memory: int = 0
    problem: str = ""


Request = Build | End | AskMemory
Reply = Built | Answer


class Delegate:
    """The other end of the helper process, which ends with the process that has made this."""

    def __init__(self, builder: OwnBuilder, below: Path, memory: int) -> None:
        self._lock = threading.Lock()
        self._channel, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            try:  # it ends when its channel does, and not by a signal: bubblewrap, which has not
                # set up its sandbox yet when its parent ends, can wait for ever
                self._channel.close()
                _Helper(theirs, builder, below.resolve(), memory).serve()
            finally:
                os._exit(0)
        theirs.close()

    def build(self, folder: Path, stderr: IO[bytes], settings: Settings) -> Sandbox:
        """A sandbox that shows the files of a folder, with a kernel of these settings.

        Raises:
            NoSandboxError: there cannot be one here.

        """
        request = Build(os.fspath(folder), settings.to_json())
        reply, fds = self.ask(request, [stderr.fileno(), *settings.descriptors()])
        if not isinstance(reply, Built):
            raise NoSandboxError(reply.problem)
        lifeline, files, *usage = fds
        return DelegatedSandbox(
            reply.bubblewrap,
            reply.root,
            reply.kernel,
            socket.socket(fileno=lifeline),
            files,
            GroupUsage(*usage) if usage else None,
            delegate=self,
        )

    def ask(self, request: Request, fds: list[int] | None = None) -> tuple[Reply, list[int]]:
        """Have something done."""
        with self._lock:
            socket.send_fds(self._channel, [msgspec.msgpack.encode(request)], fds or [])
            content, got, *_ = socket.recv_fds(self._channel, MAX_MESSAGE, MAX_DESCRIPTORS)
        reply: Reply = msgspec.msgpack.decode(content, type=Reply)
        return reply, got


@dataclass
class DelegatedSandbox(Sandbox):
    """A sandbox that the helper process has built, and ends."""

    delegate: Delegate | None = None

    def memory_of(self, pid: int) -> int:
        """Bytes of a process's memory; of pages that it shares with others, its part."""
        assert self.delegate is not None
        reply, _ = self.delegate.ask(AskMemory(pid))
        return reply.memory if isinstance(reply, Answer) else 0

    def end(self) -> None:
        """End all of its processes."""
        assert self.delegate is not None
        super().end()
        self.delegate.ask(End(self.bubblewrap))


@dataclass
class _Helper:
    """What the helper process does."""

    channel: socket.socket
    builder: OwnBuilder
    below: Path
    memory: int  # bytes of a sandbox
    sandboxes: dict[int, Sandbox] = field(default_factory=dict)  # by their bubblewraps

    def serve(self) -> None:
        """Do what is asked, until who asks has ended."""
        while True:
            while not select.select([self.channel], [], [], INTERVAL)[0]:
                self._look_at_memory()
            content, fds, *_ = socket.recv_fds(self.channel, MAX_MESSAGE, MAX_DESCRIPTORS)
            if not content:
                return
            reply, sent = self._do(msgspec.msgpack.decode(content, type=Request), fds)
            socket.send_fds(self.channel, [msgspec.msgpack.encode(reply)], sent)
            for fd in fds:
                os.close(fd)
            if isinstance(reply, Built):  # its lifeline is for who has asked
                self.sandboxes[reply.bubblewrap].lifeline.close()

    def _look_at_memory(self) -> None:
        for sandbox in self.sandboxes.values():
            enough = self.memory + self.memory // 4  # who else looks comes first, with a reason
            processes = processes_of(sandbox.root, sandbox.group_usage)
            if memory_of_all(processes, enough, proportional_memory) > enough:
                with suppress(psutil.Error):
                    psutil.Process(sandbox.root).kill()

    def _do(self, request: Request, fds: list[int]) -> tuple[Reply, list[int]]:
        match request:
            case Build(folder, settings):
                try:
                    return self._build(Path(folder), settings, fds)
                except Exception as error:
                    return Answer(problem=str(error) or type(error).__name__), []
            case End(bubblewrap):
                if (sandbox := self.sandboxes.pop(bubblewrap, None)) is not None:
                    sandbox.end()
                return Answer(), []
            case AskMemory(pid):
                return Answer(memory=proportional_memory(pid)), []

    def _build(self, folder: Path, settings: str, fds: list[int]) -> tuple[Reply, list[int]]:
        if not folder.resolve().is_relative_to(self.below):
            raise NoSandboxError(f"{folder} is not to be shown")
        stderr, *handed = fds
        moved = Settings.from_json(settings).with_descriptors(handed)
        with os.fdopen(os.dup(stderr), "r+b") as file:
            sandbox = self.builder.build(folder, file, moved)
        self.sandboxes[sandbox.bubblewrap] = sandbox
        sent = [sandbox.lifeline.fileno(), sandbox.files]
        if sandbox.group_usage is not None:
            sent += sandbox.group_usage.fds
        return Built(sandbox.bubblewrap, sandbox.root, sandbox.kernel), sent
