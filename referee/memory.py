"""How much memory the grader itself may take for what a student has made."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


@contextmanager
def memory_limit(size: int) -> Iterator[None]:
    """Let what takes more than `size` bytes fail before the machine runs out of memory.

    Raises:
        MemoryError: it does; from the code within, for the limit is the process's.

    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = psutil.Process().memory_info().vms + size
    known = [known for known in (soft, hard) if known >= 0]
    resource.setrlimit(resource.RLIMIT_AS, (min([limit, *known]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
