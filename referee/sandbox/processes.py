"""What the processes of a sandbox are and use, asked of the system about them and no others.

A machine has many processes; looking through all of them, as psutil does to find the children of
one, costs milliseconds, and a notebook asks hundreds of times.
"""

import os
import select
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

SCHEDSTAT = Path("/proc/self/schedstat")
TICKS = os.sysconf("SC_CLK_TCK")  # a second
PAGE = os.sysconf("SC_PAGE_SIZE")  # bytes
Identity = tuple[int, int]  # the number of a process, and its start, which makes that unique


def processes_from(root: int) -> list[int]:
    """The numbers of a process and of those below it, parents before children.

    One that starts or ends just now may be missing.
    """
    found, parents = [root], [root]
    if not _system_lists_children():
        with suppress(psutil.Error):  # it has ended
            found += [child.pid for child in psutil.Process(root).children(recursive=True)]
        return found
    while parents:
        children = _children(parents.pop())
        found += children
        parents += children
    return found


@cache
def _system_lists_children() -> bool:
    return Path("/proc/self/task", str(os.getpid()), "children").exists()


@dataclass(frozen=True)
class ProcessTimes:
    """CPU seconds of a process, and of its children that have ended and that it waited for."""

    pid: int
    parent: int
    started: int  # which makes a process out of a number
    own: float
    waited: float
    waits_for_disk: bool
    is_ready: bool  # it runs, or waits for a core
    has_ended: bool  # and its parent has not heard of it yet

    @classmethod
    def of(cls, pid: int) -> "ProcessTimes | None":
        """Those of a process, None if it has ended."""
        try:
            fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        except OSError:
            return None
        user, system, of_children, their_system = map(int, fields[11:15])
        return cls(
            pid,
            parent=int(fields[1]),
            started=int(fields[19]),
            own=(user + system) / TICKS,
            waited=(of_children + their_system) / TICKS,
            waits_for_disk=fields[0] == b"D",
            is_ready=fields[0] == b"R",
            has_ended=fields[0] in b"ZX",
        )

    @property
    def identity(self) -> Identity:
        """What tells it from a later process of the same number."""
        return self.pid, self.started


def times_of(processes: Iterable[int]) -> list[ProcessTimes]:
    """Those of the processes that have not ended."""
    return [times for times in map(ProcessTimes.of, processes) if times is not None]


def count_threads(pid: int) -> int:
    """How many threads a process has; none if it has ended."""
    return len(_names(f"/proc/{pid}/task"))


def active_seconds(processes: list[int]) -> dict[int, float] | None:
    """For how long each thread has run, or has been ready to and has waited for a core.

    None where the system does not say; see the kernel's documentation of /proc/PID/schedstat.
    """
    seconds = {}
    for pid in processes:
        for task in _names(f"/proc/{pid}/task"):
            try:
                ran, waited, _ = _read(f"/proc/{pid}/task/{task}/schedstat").split()
            except (OSError, ValueError):
                continue  # it has ended
            seconds[int(task)] = (int(ran) + int(waited)) / 1e9
    return seconds if seconds or SCHEDSTAT.exists() else None


def memory_of_all(processes: list[int], enough: int, shared: Callable[[int], int]) -> int:
    """Bytes of memory of all processes; pages that processes share count once.

    That takes longer, and is found out, by `shared`, only where it could be more than `enough`.
    """
    total = 0
    for pid in processes:
        with suppress(OSError):  # it has ended
            total += int(_read(f"/proc/{pid}/statm").split()[1]) * PAGE
    return total if total <= enough else sum(map(shared, processes))


def proportional_memory(pid: int) -> int:
    """Bytes of a process's memory; of pages that it shares with others, its part."""
    try:
        return int(psutil.Process(pid).memory_full_info().pss)
    except psutil.AccessDenied:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are enough
    except OSError:
        return []


def has_ended(pidfd: int, patience: float = 0.0) -> bool:
    """Whether a process has ended, or does so in so many seconds. Any process may ask."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(patience * 1000))


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names are enough
            children += map(int, _read(f"/proc/{pid}/task/{task}/children").split())
    except OSError:
        pass  # it has ended
    return children


def _read(path: str) -> bytes:
    """A small file of the system, in a tenth of the time that pathlib takes."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 2**16)
    finally:
        os.close(fd)
