"""A control group for one sandbox, where this process may make one: it knows all CPU time used.

Without one, processes that ended between two looks, and that nobody waited for, are not counted.
"""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from referee.sandbox.processes import processes_from

PREFIX = "referee-"
PATIENCE = 1.0  # seconds for killed processes to end
MAX_LISTED = 2**20  # bytes of a list of processes


class GroupUsage:
    """What a control group has and uses, by descriptors of its files; any process may have them."""

    def __init__(self, stat: int, pressure: int, procs: int) -> None:
        self.fds = [stat, pressure, procs]

    def cpu_seconds(self) -> float:
        """CPU seconds that all processes of the group have ever used.

        Raises:
            OSError: the system does not say.

        """
        return self._microseconds(0, rb"^usage_usec (\d+)") / 1e6

    def waiting_seconds(self) -> float:
        """Seconds in which any process of the group has been ready to run, and waited for a core.

        Raises:
            OSError: the system does not say.

        """
        return self._microseconds(1, rb"^some .*total=(\d+)") / 1e6

    def processes(self) -> list[int]:
        """The numbers of its processes, in no order.

        Raises:
            OSError: the system does not say.

        """
        listed = self._read(2, MAX_LISTED)
        if len(listed) == MAX_LISTED:
            raise OSError("a control group has more processes than can be")
        return [int(line) for line in listed.split()]

    def _microseconds(self, file: int, line: bytes) -> int:
        found = re.search(line, self._read(file, 4096), re.MULTILINE)
        if found is None:
            raise OSError("the system does not say what a control group uses")
        return int(found[1])

    def _read(self, file: int, most: int) -> bytes:
        if not self.fds:
            raise OSError("the control group is not looked at any more")
        return os.pread(self.fds[file], most, 0)

    def close(self) -> None:
        """Close the descriptors."""
        fds, self.fds = self.fds, []
        for fd in fds:
            os.close(fd)


class ControlGroup:
    """A group of processes of the system's, below the one that this process is in (cgroup v2)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, first_process: int) -> "ControlGroup | None":
        """A group with this process and all below it, None where that cannot be."""
        if (ours := _group_of_this_process()) is None:
            return None
        group = cls(ours / f"{PREFIX}{first_process}")
        try:
            group.folder.mkdir()
            for process in processes_from(first_process):
                group.add(process)
            usage = group.usage()
            usage.cpu_seconds()
            usage.waiting_seconds()
            usage.processes()
            usage.close()
        except OSError:
            group.remove()
            return None
        return group

    def add(self, process: int) -> None:
        """Move a process into the group."""
        (self.folder / "cgroup.procs").write_text(str(process))

    def usage(self) -> GroupUsage:
        """What it uses.

        Raises:
            OSError: the system does not say.

        """
        names = ("cpu.stat", "cpu.pressure", "cgroup.procs")
        return GroupUsage(*(os.open(self.folder / n, os.O_RDONLY | os.O_CLOEXEC) for n in names))

    def remove(self) -> None:
        """End what is left of its processes, and remove the group."""
        with suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + PATIENCE
        while self.folder.exists() and time.monotonic() < deadline:
            with suppress(OSError):  # a process is still ending
                self.folder.rmdir()
                return
            time.sleep(0.005)


def _group_of_this_process() -> Path | None:
    try:
        line = re.search(r"^0::(/.*)$", Path("/proc/self/cgroup").read_text(), re.M)
        mounts = Path("/proc/self/mountinfo").read_text()
    except OSError:
        return None
    mounted = re.search(r"^\S+ \S+ \S+ (\S+) (\S+) .* - cgroup2 ", mounts, re.M)
    if line is None or mounted is None:
        return None
    root, place = mounted.groups()
    inside = os.path.relpath(line[1], root)
    return None if inside.startswith("..") else Path(place, inside)


def remove_stale_groups() -> None:
    """Remove groups whose processes were ended together with who should have removed them."""
    if (ours := _group_of_this_process()) is not None:
        for folder in ours.glob(f"{PREFIX}*"):
            with suppress(OSError):  # one that has processes cannot be removed
                folder.rmdir()
