"""A control group for one sandbox, where this process may make one: it knows all CPU time used.

Without one, processes that ended between two looks, and that nobody waited for, are not counted.
"""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

PREFIX = "referee-"
PATIENCE = 1.0  # seconds for killed processes to end


class CpuStat:
    """The CPU time of a control group, by a descriptor of its file; any process may have it."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def seconds(self) -> float:
        """CPU seconds that all processes of the group have ever used.

        Raises:
            OSError: the system does not say.

        """
        usage = re.search(rb"^usage_usec (\d+)", os.pread(self.fd, 4096, 0), re.MULTILINE)
        if usage is None:
            raise OSError("the system does not say what a control group uses")
        return int(usage[1]) / 1e6

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self.fd)


class ControlGroup:
    """A group of processes of the system's, below the one that this process is in (cgroup v2)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, first_process: int) -> "ControlGroup | None":
        """A group with this process and all that it will start, None where that cannot be."""
        if (ours := _group_of_this_process()) is None:
            return None
        group = cls(ours / f"{PREFIX}{first_process}")
        try:
            group.folder.mkdir()
            group.add(first_process)
            stat = group.cpu_stat()
            stat.seconds()
            stat.close()
        except OSError:
            group.remove()
            return None
        return group

    def add(self, process: int) -> None:
        """Move a process into the group."""
        (self.folder / "cgroup.procs").write_text(str(process))

    def cpu_stat(self) -> CpuStat:
        """What it uses."""
        return CpuStat(os.open(self.folder / "cpu.stat", os.O_RDONLY | os.O_CLOEXEC))

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
