"""Enforces the limits that apply to a sandbox as a whole: memory, CPU time, number of files.

Limits of one process are the system's to keep. This samples the sums a few times a second.
"""

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from referee.model.limits import Limits
from referee.model.outcomes import Cause, Trouble
from referee.sandbox.control_group import GroupUsage
from referee.sandbox.processes import (
    Identity,
    ProcessTimes,
    count_threads,
    memory_of_all,
    processes_from,
    proportional_memory,
)
from referee.sandbox.usage import Usage

INTERVAL = 0.2  # seconds between two looks
SAME_LOOK = 0.01  # seconds in which nothing has changed
INTERRUPT_PATIENCE = 10.0  # seconds for an interrupted cell to end
GRACE = 1.0  # seconds in which the end of a kernel is seen
BLOCKED_PATIENCE = 3.0  # seconds for one that does nothing


@dataclass
class _Cell:
    """The cell that is running."""

    cpu_limit: float  # CPU seconds of the sandbox
    deadline: float  # of time.monotonic
    blocked: float  # seconds in which it may do nothing
    interrupted: float | None = None  # when it was, because of its time


# Its own: a test may replace Python's `open` for a while, and a watch looks on meanwhile.
vars(psutil._common)["open"] = open


class Watch(threading.Thread):
    """Looks at the processes below `root`, and ends it when they use too much.

    `root` ends with the kernel, too. A kernel without a sandbox is its own. `files` is a descriptor
    of the only folder that it can write to; `shared_memory` gives a process's memory, in bytes, of
    which it pays for a part where others share it.
    """

    def __init__(
        self,
        root: int,
        kernel: int,
        limits: Limits,
        group_usage: GroupUsage | None = None,
        files: int | None = None,
        shared_memory: Callable[[int], int] = proportional_memory,
    ) -> None:
        super().__init__(daemon=True, name=f"watch of sandbox {root}")
        self.root = psutil.Process(root)
        self.kernel = psutil.Process(kernel)
        self._needed = [_identity(root), _identity(kernel)]
        self.limits = limits
        self._files = files
        self._shared_memory = shared_memory
        self.trouble: Trouble | None = None  # why the cell or the sandbox was ended, if this did it
        self._done = threading.Event()
        self._ended = False
        self._cell: _Cell | None = None
        self._called: float | None = None  # since when the answer to a call is being waited for
        self._waited = 0.0  # seconds in which others were, since the last look
        self._usage = Usage(root, group_usage)
        self._looking = threading.Lock()
        self._looked = 0.0
        self._most_memory = 0

    def run(self) -> None:
        """Look until the kernel or the grader's interest in it has ended."""
        while not self._done.wait(INTERVAL):
            if not self.is_alive_inside():
                self.end()
                return
            try:
                self._look()
            except Exception as error:
                if self.is_alive_inside():
                    self._end_for(
                        Cause.NOT_WATCHED, f"it cannot be watched: {type(error).__name__}"
                    )

    def is_alive_inside(self) -> bool:
        """Whether the sandbox has a kernel, and may keep it."""
        if self._ended:
            return False  # even if the system is not done with that
        return all(map(_is_running, self._needed))

    def ends_soon(self) -> bool:
        """Whether the kernel has ended, or does so in a moment: its sockets are closed before."""
        deadline = time.monotonic() + GRACE
        while self.is_alive_inside() and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self.is_alive_inside()

    def stop(self) -> None:
        """Stop looking."""
        self._done.set()

    def cpu_seconds(self) -> float:
        """CPU seconds that all processes of the sandbox have used, ended ones included.

        What is asked several times in a row is looked at once.
        """
        self.look_at_time()
        return self._usage.cpu_seconds

    def look_at_time(self) -> None:
        """See what CPU time the sandbox has used, and for how long it is blocked."""
        with self._looking:
            if time.monotonic() > self._looked + SAME_LOOK:
                self._usage.look(self._waited_since_last_look())
                self._looked = time.monotonic()

    def _waited_since_last_look(self) -> float:
        """Seconds in which a cell was run, or the answer to a call was waited for."""
        if self._cell is not None:
            return math.inf
        waited, self._waited = self._waited, 0.0
        if (since := self._called) is not None:
            now = time.monotonic()
            waited, self._called = waited + now - since, now
        return waited

    def take_most_memory(self) -> int:
        """The most bytes of memory that were seen since this was asked last; 0 if nobody looked."""
        most, self._most_memory = self._most_memory, 0
        return most

    @property
    def blocked(self) -> float:
        """For how many seconds nothing in the sandbox has run, or could have."""
        return self._usage.blocked or 0.0

    @contextmanager
    def cell(self, cpu: float, wall: float, blocked: float) -> Iterator[None]:
        """Interrupt the kernel when these seconds are over, and end it if that does not help."""
        self.trouble = None
        cell = _Cell(self.cpu_seconds() + cpu, time.monotonic() + wall, blocked)
        self._usage.begin()
        self._cell = cell
        try:
            yield
        finally:
            self._cell = None

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count for how long the sandbox is blocked, for the answer to a call is waited for."""
        self._called = time.monotonic()
        try:
            yield
        finally:
            with self._looking:
                if self._called is not None:  # else a test's other thread has ended its call since
                    self._waited += time.monotonic() - self._called
                    self._called = None

    def forget_blocked(self) -> None:
        """Other calls follow, in another process."""
        self._usage.begin()

    def processes(self) -> set[Identity]:
        """All processes of the sandbox that can be seen from outside."""
        return {process.identity for process in self._usage.times()}

    def tasks(self) -> int:
        """How many processes and threads the sandbox has."""
        return sum(count_threads(pid) for pid, _ in self.processes())

    def end(self, trouble: Trouble | None = None) -> None:
        """End the sandbox: without its first process, the system ends all others."""
        self.trouble = self.trouble or trouble
        self._ended = True
        with suppress(psutil.Error):
            self.root.kill()

    def end_processes_since(self, before: set[Identity]) -> None:
        """End the processes that were started since."""
        deadline = time.monotonic() + INTERRUPT_PATIENCE
        while new := [
            process.pid
            for process in self._usage.times()
            if process.identity not in before and not process.has_ended
        ]:
            _kill(new)
            if time.monotonic() > deadline:
                self._end_for(Cause.PROCESSES, "it starts processes faster than they can be ended")
                return
            time.sleep(0.001)

    def kill_all(self) -> None:
        """End each process that can be seen from outside, the innermost first."""
        _kill(processes_from(self.root.pid)[::-1])

    def _look(self) -> None:
        self.cpu_seconds()
        if self._cell is not None:
            self._end_in_time(self._cell)
        memory = self._memory()
        self._most_memory = max(self._most_memory, memory)
        if memory > self.limits.memory:
            gib = self.limits.memory / 2**30
            self._end_for(
                Cause.MEMORY, f"its processes took more than {gib:g} GiB of memory together"
            )
        if self._file_count() > self.limits.file_count:
            self._end_for(Cause.FILES, f"it made more than {self.limits.file_count} files")

    def _end_for(self, cause: Cause, reason: str) -> None:
        self.end(Trouble(cause, reason))

    def _end_in_time(self, cell: "_Cell") -> None:
        now = time.monotonic()
        if cell.interrupted is not None:
            patience = BLOCKED_PATIENCE if self.blocked > cell.blocked else INTERRUPT_PATIENCE
            if now > cell.interrupted + patience:
                self.end()
        elif trouble := self._trouble_with_time(cell, now):
            self.trouble = trouble
            cell.interrupted = now
            with suppress(psutil.Error):
                self.kernel.send_signal(signal.SIGINT)

    def _trouble_with_time(self, cell: "_Cell", now: float) -> Trouble | None:
        if self.cpu_seconds() > cell.cpu_limit:
            return Trouble(Cause.TIME, "it took too long")
        if self.blocked > cell.blocked:
            seconds = f"{cell.blocked:.2g} second{'' if cell.blocked == 1 else 's'}"
            return Trouble(Cause.TIME, f"it did nothing for {seconds}")
        return Trouble(Cause.WALL_TIME, "it took too long") if now > cell.deadline else None

    def _memory(self) -> int:
        """Bytes of memory of all processes; pages that processes share count once."""
        return memory_of_all(self._usage.processes, self.limits.memory, self._shared_memory)

    def _file_count(self) -> int:
        if self._files is None:
            return 0
        with suppress(OSError):
            status = os.fstatvfs(self._files)
            return status.f_files - status.f_ffree
        return 0


def _kill(processes: list[int]) -> None:
    """End processes of a sandbox that were seen a moment ago."""
    for pid in processes:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _identity(pid: int) -> Identity:
    """What tells a process from a later one of its number.

    Raises:
        psutil.NoSuchProcess: it has ended.

    """
    if (times := ProcessTimes.of(pid)) is None:
        raise psutil.NoSuchProcess(pid)
    return times.identity


def _is_running(identity: Identity) -> bool:
    times = ProcessTimes.of(identity[0])
    return times is not None and times.identity == identity and not times.has_ended
