"""Enforces the limits that apply to a sandbox as a whole: memory, CPU time, number of files.

Limits of one process are the system's to keep. This samples the sums a few times a second.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from referee.model.limits import Limits
from referee.model.outcomes import Cause, Trouble
from referee.sandbox.processes import cpu_seconds, descendants

INTERVAL = 0.2  # seconds between two looks
SAME_LOOK = 0.01  # seconds in which nothing has changed
INTERRUPT_PATIENCE = 10.0  # seconds for an interrupted cell to end


@dataclass
class _Cell:
    """The cell that is running."""

    cpu_limit: float  # CPU seconds of the sandbox
    deadline: float  # of time.monotonic
    interrupted: float | None = None  # when it was


class Watch(threading.Thread):
    """Looks at the processes below `root`, and ends it when they use too much.

    `root` ends with the kernel, too. A kernel without a sandbox is its own.
    """

    def __init__(self, root: int, kernel: int, limits: Limits) -> None:
        super().__init__(daemon=True, name=f"watch of sandbox {root}")
        self.root = psutil.Process(root)
        self.kernel = psutil.Process(kernel)
        self.limits = limits
        self.trouble: Trouble | None = None  # why the cell or the sandbox was ended, if this did it
        self._done = threading.Event()
        self._cell: _Cell | None = None
        self._cpu_seconds = 0.0  # when last looked at; an ended sandbox cannot be
        self._looked = 0.0

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
        """Whether the sandbox has a kernel."""
        try:
            return self.root.is_running() and not _has_ended(self.kernel)
        except psutil.Error:
            return False

    def stop(self) -> None:
        """Stop looking."""
        self._done.set()

    def cpu_seconds(self) -> float:
        """CPU seconds that all processes of the sandbox have used, ended ones included.

        What is asked several times in a row is looked at once.
        """
        if time.monotonic() < self._looked + SAME_LOOK:
            return self._cpu_seconds
        total = 0.0
        for process in self.processes():
            total += cpu_seconds(process)
        self._cpu_seconds, self._looked = max(self._cpu_seconds, total), time.monotonic()
        return self._cpu_seconds

    @contextmanager
    def cell(self, cpu: float, wall: float) -> Iterator[None]:
        """Interrupt the kernel when these seconds are over, and end it if that does not help."""
        self.trouble = None
        self._cell = _Cell(self.cpu_seconds() + cpu, time.monotonic() + wall)
        try:
            yield
        finally:
            self._cell = None

    def processes(self) -> list[psutil.Process]:
        """All processes of the sandbox that can be seen from outside."""
        try:
            return [self.root, *descendants(self.root)]
        except psutil.Error:
            return []

    def tasks(self) -> int:
        """How many processes and threads the sandbox has."""
        total = 0
        for process in self.processes():
            with suppress(psutil.Error):
                total += process.num_threads()
        return total

    def end(self, trouble: Trouble | None = None) -> None:
        """End the sandbox: without its first process, the system ends all others."""
        self.trouble = self.trouble or trouble
        with suppress(psutil.Error):
            self.root.kill()

    def end_processes_since(self, before: set[psutil.Process]) -> None:
        """End the processes that were started since."""
        deadline = time.monotonic() + INTERRUPT_PATIENCE
        while new := [
            process
            for process in self.processes()
            if process not in before and not _has_ended(process)
        ]:
            for process in new:
                with suppress(psutil.Error):
                    process.kill()
            if time.monotonic() > deadline:
                self._end_for(Cause.PROCESSES, "it starts processes faster than they can be ended")
                return
            time.sleep(0.001)

    def _look(self) -> None:
        self.cpu_seconds()
        if self._cell is not None:
            self._look_at_time(self._cell)
        if self._memory() > self.limits.memory:
            gib = self.limits.memory / 2**30
            self._end_for(
                Cause.MEMORY, f"its processes took more than {gib:g} GiB of memory together"
            )
        if self._file_count() > self.limits.file_count:
            self._end_for(Cause.FILES, f"it made more than {self.limits.file_count} files")

    def _end_for(self, cause: Cause, reason: str) -> None:
        self.end(Trouble(cause, reason))

    def _look_at_time(self, cell: "_Cell") -> None:
        now = time.monotonic()
        if cell.interrupted is not None:
            if now > cell.interrupted + INTERRUPT_PATIENCE:
                self.end()
        elif self.cpu_seconds() > cell.cpu_limit or now > cell.deadline:
            self.trouble = Trouble(Cause.TIME, "it took too long")
            cell.interrupted = now
            with suppress(psutil.Error):
                self.kernel.send_signal(signal.SIGINT)

    def _memory(self) -> int:
        """Bytes of memory of all processes; pages that processes share count once."""
        processes = self.processes()
        total = 0
        for process in processes:
            with suppress(psutil.Error):
                total += process.memory_info().rss
        if total <= self.limits.memory:
            return total
        shared_once = 0
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                try:
                    shared_once += process.memory_full_info().pss
                except psutil.AccessDenied:
                    shared_once += process.memory_info().rss
        return shared_once

    def _file_count(self) -> int:
        if self.root == self.kernel:
            return 0
        with suppress(OSError):
            status = os.statvfs(f"/proc/{self.root.pid}/root/tmp")
            return status.f_files - status.f_ffree
        return 0


def _has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True
