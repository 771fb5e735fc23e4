"""The system calls that a sandbox has, as a seccomp filter.

Namespaces hide the machine and rlimits bound processes; this closes the ways around both: new
namespaces with file systems and rights of their own, memory that belongs to no process, and parts
of the kernel that no notebook needs. What `calls` does not list is refused, and of some calls that
it lists, what CHECKS says.
"""

import errno
import platform
import socket
import struct
from itertools import groupby

from referee.sandbox.calls import ALLOWED, MISSING, NEWEST

Block = list[bytes]  # instructions; whatever comes in, one of them returns

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
KILL, FAIL, PASS = 0x80000000, 0x00050000, 0x7FFF0000
LOAD, AND, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data; 8 bytes an argument

NEW_NAMESPACES = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: memory that outlives its process
BUFFER_SIZES = (7, 8, 32, 33)  # SO_{SND,RCV}BUF and their FORCE: memory of no process
SOCKETS = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
LEVELS = (socket.IPPROTO_IP, socket.IPPROTO_TCP, socket.IPPROTO_IPV6)  # of other options
NETLINK, NETLINK_ROUTE = 16, 0  # for name lookups; other protocols load parts of the kernel
# TIOCSTI types into a terminal, TIOCLINUX pastes, TIOCSETD loads parts of the kernel.
TERMINALS = (0x5412, 0x541C, 0x5423)
# Linux, 32 bits, version 2.6, both, and the question which it is; not memory that can be executed.
PERSONALITIES = (0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)


def seccomp_filter(machine: str = platform.machine()) -> bytes:
    """The filter as an array of struct sock_filter, see seccomp(2).

    Raises:
        OSError: the machine's processor is not one that the table of calls knows.

    """
    if machine not in ARCHITECTURES:
        raise OSError(f"no list of system calls for {machine}, only x86_64 and aarch64")
    column, audit_number = ARCHITECTURES[machine]
    answers: dict[int | None, Block] = {}
    answers |= {numbers[column]: CHECKS.get(name, ALLOW) for name, numbers in ALLOWED.items()}
    answers |= {numbers[column]: NO_CALL for numbers in MISSING.values()}
    ranges = []
    for answer, calls in groupby(range(NEWEST + 1), lambda number: answers.get(number, REFUSE)):
        ranges.append((next(calls), answer))
    # Also numbers of the x32 kind, which x86_64 takes for the same calls: they begin at 2**30.
    ranges.append((NEWEST + 1, NO_CALL))
    program = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, audit_number, yes=1),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
        *_search(ranges),
    ]
    return b"".join(program)


def _search(ranges: list[tuple[int, Block]]) -> Block:
    """Go to the answer of the range that has the number; they are given by their first numbers.

    A binary search: seven comparisons or fewer. Linux does not even make these for calls that are
    allowed whatever their arguments: it tries the filter once with each number, and remembers.
    """
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    return [_step(AT_LEAST, ranges[middle][0], yes=len(below)), *below, *above]


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; `yes` and `no` say how many of the next to skip, 255 at the most."""
    return struct.pack("=HBBI", code, yes, no, value)


def _load(argument: int) -> bytes:
    """Load the lower half of an argument, which is all that Linux looks at of those below."""
    return _step(LOAD, ARGUMENTS + 8 * argument)


def _choose(argument: int, values: tuple[int, ...], found: Block, other: Block) -> Block:
    """Answer by whether an argument is one of these values; both answers are one instruction."""
    tests = (_step(EQUAL, value, yes=len(values) - i) for i, value in enumerate(values))
    return [_load(argument), *tests, *other, *found]


ALLOW, REFUSE = [_step(RETURN, PASS)], [_step(RETURN, FAIL | errno.EPERM)]
NO_CALL = [_step(RETURN, FAIL | errno.ENOSYS)]
NO_FAMILY = [_step(RETURN, FAIL | errno.EAFNOSUPPORT)]
NO_PROTOCOL = [_step(RETURN, FAIL | errno.EPROTONOSUPPORT)]

# What decides by the arguments whether a call is allowed.
CHECKS: dict[str, Block] = {
    "clone": [_load(0), _step(ANY_BIT, NEW_NAMESPACES, no=1), *REFUSE, *ALLOW],
    "mmap": [
        _load(3),
        _step(AND, SHARED_ANONYMOUS),
        _step(EQUAL, SHARED_ANONYMOUS, no=1),
        *REFUSE,
        *ALLOW,
    ],
    "socket": [
        _load(0),
        _step(EQUAL, NETLINK, no=4),
        *_choose(2, (NETLINK_ROUTE,), ALLOW, NO_PROTOCOL),
        *_choose(0, SOCKETS, ALLOW, NO_FAMILY),
    ],
    "socketpair": _choose(0, (socket.AF_UNIX,), ALLOW, NO_FAMILY),
    "setsockopt": [
        _load(1),
        _step(EQUAL, socket.SOL_SOCKET, no=len(BUFFER_SIZES) + 3),
        *_choose(2, BUFFER_SIZES, REFUSE, ALLOW),
        *_choose(1, LEVELS, ALLOW, REFUSE),
    ],
    "ioctl": _choose(1, TERMINALS, REFUSE, ALLOW),
    "personality": _choose(0, PERSONALITIES, ALLOW, REFUSE),
}
