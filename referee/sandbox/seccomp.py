"""The system calls that a sandbox refuses, as a seccomp filter.

Namespaces hide the machine and rlimits bound processes; this closes the ways around both: new
namespaces with file systems and rights of their own, memory that belongs to no process, and parts
of the kernel that no notebook needs. What is not listed is allowed.
"""

import errno
import platform
import socket
import struct

# Numbers on (x86_64, aarch64), from the kernel's syscall tables.
REFUSED = {
    # namespaces, mounts and other roots
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    # memory that no limit of a process or a folder counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # other processes' memory
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    # parts of the kernel with a history of holes
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
}
CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)
MMAP, SETSOCKOPT = (9, 222), (54, 208)
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: memory that outlives its process
BUFFER_SIZES = (7, 8, 32, 33)  # SO_{SND,RCV}BUF and their FORCE: memory of no process
NEW_NAMESPACES = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
SOCKETS = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)  # 16: netlink, for name lookups

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
X32_CALLS = 0x40000000  # x86_64 takes these numbers too, for the same calls
KILL, FAIL, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
LOAD, AND, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data; 8 bytes an argument


def seccomp_filter() -> bytes:
    """The filter as an array of struct sock_filter, see seccomp(2).

    Raises:
        OSError: the machine's processor is not one that the tables above know.

    """
    if platform.machine() not in ARCHITECTURES:
        raise OSError(f"no list of system calls for {platform.machine()}, only x86_64 and aarch64")
    column, audit_number = ARCHITECTURES[platform.machine()]
    refuse = _step(RETURN, FAIL | errno.EPERM)
    program = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, audit_number, yes=1),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
        _step(AT_LEAST, X32_CALLS, no=1),
        refuse,
    ]
    for numbers in REFUSED.values():
        program += [_step(EQUAL, numbers[column], no=1), refuse]
    # clone3 hides its flags from filters; without it, libraries use clone.
    program += [_step(EQUAL, CLONE3[column], no=1), _step(RETURN, FAIL | errno.ENOSYS)]
    program += [
        _step(EQUAL, CLONE[column], no=4),
        _step(LOAD, ARGUMENTS),
        _step(ANY_BIT, NEW_NAMESPACES, no=1),
        refuse,
        _step(RETURN, ALLOW),
    ]
    program += [
        _step(EQUAL, MMAP[column], no=5),
        _step(LOAD, ARGUMENTS + 3 * 8),
        _step(AND, SHARED_ANONYMOUS),
        _step(EQUAL, SHARED_ANONYMOUS, no=1),
        refuse,
        _step(RETURN, ALLOW),
    ]
    program += [
        _step(EQUAL, SETSOCKOPT[column], no=len(BUFFER_SIZES) + 5),
        _step(LOAD, ARGUMENTS + 8),
        _step(EQUAL, socket.SOL_SOCKET, no=len(BUFFER_SIZES) + 2),
        _step(LOAD, ARGUMENTS + 2 * 8),
        *(_step(EQUAL, size, yes=len(BUFFER_SIZES) - i) for i, size in enumerate(BUFFER_SIZES)),
        _step(RETURN, ALLOW),
        refuse,
    ]
    program += [_step(EQUAL, SOCKET[column], no=2 + len(SOCKETS)), _step(LOAD, ARGUMENTS)]
    for place, family in enumerate(SOCKETS):
        program.append(_step(EQUAL, family, yes=len(SOCKETS) - place))
    program += [_step(RETURN, FAIL | errno.EAFNOSUPPORT), _step(RETURN, ALLOW)]
    return b"".join(program)


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; `yes` and `no` say how many of the next to skip."""
    return struct.pack("=HBBI", code, yes, no, value)
