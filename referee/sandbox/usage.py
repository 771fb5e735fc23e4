"""What the processes of a sandbox use: CPU time, and for how long nothing of them ran.

All is asked from outside, of the system.
"""

import time
from contextlib import suppress
from dataclasses import dataclass

from referee.sandbox.control_group import GroupUsage
from referee.sandbox.processes import (
    Identity,
    ProcessTimes,
    active_seconds,
    processes_from,
    times_of,
)

LONGEST_LOOK = 0.5  # seconds between two looks that count; more, and we were not running ourselves
DISK_PATIENCE = 60.0  # seconds in which waiting for a disk counts as work


def processes_of(root: int, group_usage: GroupUsage | None) -> list[int]:
    """The numbers of a sandbox's processes, which its control group knows at once."""
    if group_usage is not None:
        with suppress(OSError):
            return group_usage.processes()
    return processes_from(root)


@dataclass
class Usage:
    """The CPU seconds of a sandbox, and those in which it was blocked, as of the last look.

    It is blocked while none of its processes runs, waits for a core, or waits for the disk, and
    this process does not work through what it has sent. Time in which it is not makes up for time
    in which it was: `blocked` grows and shrinks, from zero. `blocked` is None where the system does
    not say how long processes wait for a core. `processes` are their numbers.
    """

    root: int  # the number of its first process
    group_usage: GroupUsage | None = None  # of its control group, if it has one
    cpu_seconds: float = 0.0
    blocked: float | None = 0.0

    def __post_init__(self) -> None:
        self.processes: list[int] = []
        self._times: dict[Identity, ProcessTimes] = {}
        self._lost = 0.0  # CPU seconds of processes that have ended and that nobody waited for
        self._active: dict[int, float] = {}  # seconds that each thread has run or waited for a core
        self._looked, self._own = time.monotonic(), time.process_time()
        self._disk = 0.0  # seconds in which a process has waited for a disk
        self._waited = 0.0  # seconds in which any process of the group has waited for a core

    def times(self) -> list[ProcessTimes]:
        """Those of all processes of the sandbox that can be seen from outside."""
        return times_of(processes_of(self.root, self.group_usage))

    def look(self, waited_for: float) -> None:
        """Look again; of the time since, it should have done something in `waited_for` seconds."""
        times = self.times()
        self.processes = [process.pid for process in times]
        used = -self.cpu_seconds
        self._count({process.identity: process for process in times})
        used += self.cpu_seconds
        if self.blocked is None:
            return
        now, own = time.monotonic(), time.process_time()
        passed, self._looked = now - self._looked, now
        worked, self._own = own - self._own, own
        waited = -self._waited
        with suppress(OSError):
            self._waited = self.group_usage.waiting_seconds() if self.group_usage else 0.0
        waited += self._waited
        if not waited_for:
            return
        busy = max(worked, used + waited)
        if any(process.is_ready for process in times):
            busy = passed
        if self._disk < DISK_PATIENCE and any(process.waits_for_disk for process in times):
            self._disk += passed
            busy = passed
        if busy < passed:
            if (ran := self._longest_run()) is None:
                self.blocked = None
                return
            busy = max(busy, ran)  # threads that have ended are in `used` and `waited`
        busy = min(busy, passed)
        idle = min(passed, waited_for, LONGEST_LOOK) - busy
        self.blocked = max(0.0, self.blocked + (idle if idle > busy else -busy))

    def _longest_run(self) -> float | None:
        """For how long any thread has run or waited for a core, since this was asked last.

        Only one of them, for many that wait for one core are no more at work than one.
        """
        if (active := active_seconds(self.processes)) is None:
            return None
        ran = max((s - self._active.get(task, 0.0) for task, s in active.items()), default=0.0)
        self._active = active
        return ran

    def begin(self) -> None:
        """What was blocked until now does not count any more."""
        self._disk = 0.0
        if self.blocked is not None:
            self.blocked = 0.0

    def _count(self, times: dict[Identity, ProcessTimes]) -> None:
        """Sum up; what has ended without being waited for stays in the sum as it was last seen."""
        if self.group_usage is not None:
            with suppress(OSError):
                self.cpu_seconds = max(self.cpu_seconds, self.group_usage.cpu_seconds())
                return
        self._lost += sum(
            max(0.0, ended - self._grown(ancestor, times))
            for ancestor, ended in self._ended(times).items()
        )
        self._times = times
        total = self._lost + sum(process.own + process.waited for process in times.values())
        self.cpu_seconds = max(self.cpu_seconds, total)

    def _ended(self, times: dict[Identity, ProcessTimes]) -> dict[int, float]:
        """CPU seconds of the processes that are gone, by the nearest ancestor that is not."""
        parents = {process.pid: process.parent for process in self._times.values()}
        alive = {process.pid for process in times.values()}
        ended: dict[int, float] = {}
        for identity in self._times.keys() - times.keys():
            process, ancestor = self._times[identity], self._times[identity].parent
            while ancestor not in alive and ancestor in parents:
                ancestor = parents[ancestor]
            ended[ancestor] = ended.get(ancestor, 0.0) + process.own + process.waited
        return ended

    def _grown(self, pid: int, times: dict[Identity, ProcessTimes]) -> float:
        """What a process has added to the time of children that it waited for."""
        now = next((process for process in times.values() if process.pid == pid), None)
        before = self._times.get(now.identity) if now else None
        return now.waited - before.waited if now and before else 0.0
