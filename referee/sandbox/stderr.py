"""What a process says on stderr before it is in its sandbox, kept in memory."""

import fcntl
import os
from typing import IO

MAX_STDERR = 2**16  # bytes


def sealed_stderr_file() -> IO[bytes]:
    """A file for stderr: in memory and of one size, for it can be written to from inside."""
    fd = os.memfd_create("stderr", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, MAX_STDERR)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
    return os.fdopen(fd, "r+b")


def stderr_tail(stderr: IO[bytes]) -> str:
    """What was written to stderr, up to 2000 bytes."""
    stderr.seek(0)
    words = stderr.read(MAX_STDERR).partition(b"\0")[0]
    return words[:2000].decode(errors="replace").strip() or "it says nothing"
