"""Confining this process with Landlock: files that it may read and write, and no network.

What is confined stays so, with all that it starts. See landlock(7); the structures and numbers are
those of <linux/landlock.h>.
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, the same on all processors
VERSION = 1  # the flag that asks for the version of the interface
PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38
# Rights, by the version of the interface that brought them.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
ALL_OF_VERSION = {1: (1 << 13) - 1, 2: 1 << 13, 3: TRUNCATE, 5: IOCTL_DEV}
NETWORK = 3  # to bind and to connect with TCP, of version 4
READ = EXECUTE | READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # rights that a file can have

libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def landlock_version() -> int:
    """The version of the interface that this system has, 0 if none."""
    version: int = libc.syscall(CREATE_RULESET, None, 0, VERSION)
    return max(0, version)


class Confinement:
    """What a process may read; it is looked up once, and used for many processes.

    Its files are opened one after the other: a folder can have more than a process may have open.
    """

    def __init__(self, readable: Iterable[Path]) -> None:
        self._readable = list(readable)

    def enter(self, writable: Iterable[Path]) -> None:
        """Confine this process and all that it starts, for good.

        Raises:
            OSError: the system does not do that.

        """
        version = landlock_version()
        rights = sum(bits for since, bits in ALL_OF_VERSION.items() if since <= version)
        handled = _Ruleset(rights, NETWORK if version >= 4 else 0)
        size = ctypes.sizeof(handled) if version >= 4 else 8
        ruleset = _checked(libc.syscall(CREATE_RULESET, ctypes.byref(handled), size, 0))
        try:
            for path in self._readable:
                _allow(ruleset, path, READ & rights)
            for path in writable:
                _allow(ruleset, path, rights)
            _checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
            _checked(libc.syscall(RESTRICT_SELF, ruleset, 0))
        finally:
            os.close(ruleset)


def all_but(hidden: Iterable[Path]) -> list[Path]:
    """Files and folders that together are all there is now, but for what is hidden."""
    hidden = {path.resolve() for path in hidden}
    split = {
        parent
        for path in hidden
        for parent in path.parents
        if not hidden.intersection([parent, *parent.parents])
    }
    shown = []
    for folder in sorted(split):
        with suppress(OSError):  # nobody can look into it
            shown += [
                entry
                for entry in sorted(folder.iterdir())
                if entry not in split and entry not in hidden and not entry.is_symlink()
            ]
    return shown if hidden else [Path("/")]


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # it is not there any more, or nobody may look at it
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= OF_FILES
        rule = _PathBeneath(rights, fd)
        _checked(libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(fd)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
