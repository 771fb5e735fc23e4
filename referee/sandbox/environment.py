"""Who a kernel is and what surrounds it: its user, home, environment variables and modules."""

import os
import sys
from pathlib import Path

HOME = "/tmp/student"  # /tmp is the only place that can be written to
FIRST_USER = 0x70000000  # far from users that exist

# As many submissions are graded at a time as there are cores. Threads of one would only be in the
# way of the others, and take address space for each core of a machine that has many.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")

# A submission's folder belongs to another user than its code runs as, which git refuses to work in.
GIT = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}

# What is imported when kernels start, where a course does not say otherwise.
PRELOADED = [
    "numpy.testing",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PpmImagePlugin",
    "tqdm.asyncio",
    "ipywidgets",
]

# What a kernel learns of the environment it was started in, where it is set.
KEPT_ENVIRONMENT = (*ONE_THREAD, "OPENBLAS_CORETYPE", "NBGRADER_EXECUTION", "TZ")


def kernel_environment(more: dict[str, str]) -> dict[str, str]:
    """The kernel's whole environment."""
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "2",  # else threads take address space that counts as memory
        **GIT,
        **ONE_THREAD,
        **kept,
        **more,
    }


def working_folder(folder: Path) -> str:
    """Where the files of this folder appear in the sandbox."""
    return f"{HOME}/{folder.name or 'work'}"


def other_user() -> int | None:
    """The user that student code runs as when root starts it; None where it is another's process.

    Limits on the number of processes do not hold for root. The number is this process's own, so
    that no two sandboxes share a user. In a container whose root is another user of the machine,
    there may be no such user, and a user namespace does instead.
    """
    user = FIRST_USER + os.getpid()
    if os.geteuid() != 0:
        return None
    mapped = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    known = any(int(first) <= user < int(first) + int(count) for first, _, count in mapped)
    return user if known else None
