"""The list of system calls, against Linux's headers, and the filter, run as Linux runs it."""

import errno
import re
import socket
import struct
from pathlib import Path

import pytest

from referee.sandbox.calls import ALLOWED, MISSING, NEWEST
from referee.sandbox.seccomp import ARCHITECTURES, CHECKS, seccomp_filter

MACHINES = tuple(ARCHITECTURES)
# Of Debian's package linux-libc-dev, which any C compiler needs; the second is what aarch64 has.
HEADERS = (
    [
        Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        Path("/usr/include/asm/unistd_64.h"),
    ],
    [Path("/usr/include/asm-generic/unistd.h")],
)
# Linux refuses a longer filter, see bpf_check_classic and BPF_MAXINSNS.
LONGEST = 4096
ALLOW, KILL = "allowed", "killed"

# What was refused by name before there was a list of what is allowed, and what should have been.
REFUSED = """
    unshare setns mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount
    fspick mount_setattr open_by_handle_at quotactl memfd_create memfd_secret shmget msgget semget
    mq_open ptrace process_vm_readv process_vm_writev bpf perf_event_open userfaultfd
    io_uring_setup io_uring_enter io_uring_register add_key request_key keyctl kexec_load
    init_module finit_module delete_module
    quotactl_fd name_to_handle_at pidfd_getfd kcmp io_setup io_submit modify_ldt move_pages
    migrate_pages fanotify_init syslog acct swapon reboot settimeofday sethostname
"""
# open_tree_attr, statmount, listmount and calls that there are not yet
LATER = (467, 457, 458, NEWEST + 1, 600, 4000)


def numbers_of(column: int) -> dict[str, int]:
    """The calls of an architecture, as a header of this machine has them."""
    present = [path for path in HEADERS[column] if path.exists()]
    if not present:
        pytest.skip("the headers of Linux are not installed")
    text = present[0].read_text()
    numbers = {
        name: int(number)
        for name, number in re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)", text)
    }
    # Where 32 and 64 bits share a number, its name for 64 bits is given below.
    for name, shared in re.findall(r"#define\s+__NR_(\w+)\s+__NR3264_(\w+)", text):
        if shared in numbers:
            numbers.setdefault(name, numbers[shared])
    return numbers


@pytest.mark.parametrize("column", [0, 1], ids=MACHINES)
def test_numbers_are_those_of_the_headers(column: int) -> None:
    numbers = numbers_of(column)
    newest = max(numbers.values())  # which an older header may have
    for name, listed in (ALLOWED | MISSING).items():
        number = listed[column]
        if name in numbers or (number is not None and number <= newest):
            assert numbers.get(name) == number, name


@pytest.mark.parametrize("column", [0, 1], ids=MACHINES)
def test_no_number_is_listed_twice(column: int) -> None:
    numbers = [listed[column] for listed in (ALLOWED | MISSING).values() if listed[column]]
    assert len(numbers) == len(set(numbers))
    assert max(number for number in numbers if number) <= NEWEST


def answer(machine: str, number: int, *arguments: int, audit_number: int | None = None) -> str:
    """What the filter says to a call: the part of an interpreter of BPF that it needs."""
    audit_number = ARCHITECTURES[machine][1] if audit_number is None else audit_number
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=IIQ6Q", number, audit_number, 0, *padded)
    program = list(struct.iter_unpack("=HBBI", seccomp_filter(machine)))
    place = accumulator = 0
    while True:
        code, yes, no, value = program[place]
        place += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x54:
                accumulator &= value
            case 0x15:
                place += yes if accumulator == value else no
            case 0x35:
                place += yes if accumulator >= value else no
            case 0x45:
                place += yes if accumulator & value else no
            case 0x06:
                match value & 0xFFFF0000:
                    case 0x7FFF0000:
                        return ALLOW
                    case 0x80000000:
                        return KILL
                    case 0x00050000:
                        return errno.errorcode[value & 0xFFFF]
                raise AssertionError(f"returns {value:x}")
            case _:
                raise AssertionError(f"an instruction {code:x}")


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_listed_is_allowed_and_nothing_else(machine: str) -> None:
    column = MACHINES.index(machine)
    allowed = {listed[column] for name, listed in ALLOWED.items() if name not in CHECKS}
    missing = {listed[column] for listed in MISSING.values()}
    checked = {ALLOWED[name][column] for name in CHECKS}
    for number in {*range(NEWEST + 200)} - checked:
        if number in allowed:
            expected = ALLOW
        else:
            expected = "ENOSYS" if number in missing or number > NEWEST else "EPERM"
        assert answer(machine, number) == expected, number


@pytest.mark.parametrize("machine", MACHINES)
def test_known_ways_out_are_refused(machine: str) -> None:
    numbers = numbers_of(MACHINES.index(machine))
    for name in REFUSED.split():
        if name in numbers:
            assert answer(machine, numbers[name]) == "EPERM", name
    assert {answer(machine, number) for number in LATER} == {"ENOSYS"}


@pytest.mark.parametrize("machine", MACHINES)
def test_program_is_one_that_linux_takes(machine: str) -> None:
    program = list(struct.iter_unpack("=HBBI", seccomp_filter(machine)))
    assert len(program) <= LONGEST
    for place, (code, yes, no, _) in enumerate(program):
        assert place + 1 + max(yes, no) < len(program) or code == 0x06


@pytest.mark.parametrize("machine", MACHINES)
def test_other_numberings_of_calls_are_refused(machine: str) -> None:
    i386, x32 = 0x40000003, 0x40000000
    assert answer(machine, 0, audit_number=i386) == KILL
    assert answer(machine, x32) == answer(machine, x32 + 9) == "ENOSYS"
    assert answer(machine, 2**32 - 1) == "ENOSYS"


NOT_LOOKED_AT = 0xDEADBEEF << 32  # Linux takes these arguments to be of 32 bits


@pytest.mark.parametrize("upper", [0, NOT_LOOKED_AT])
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("clone", (0x01200011,), ALLOW),  # fork
        ("clone", (0x003D0F00,), ALLOW),  # a thread
        *(("clone", (1 << bit | 17,), "EPERM") for bit in (17, 25, 26, 27, 28, 29, 30)),
        ("mmap", (0, 4096, 3, 0x22), ALLOW),
        ("mmap", (0, 4096, 3, 0x01), ALLOW),
        ("mmap", (0, 4096, 3, 0x21), "EPERM"),
        ("mmap", (0, 4096, 3, 0x23), "EPERM"),
        ("mmap", (0, 4096, 3, 0x8021), "EPERM"),
        ("socket", (socket.AF_UNIX, 1), ALLOW),
        ("socket", (socket.AF_INET, 1), ALLOW),
        ("socket", (socket.AF_INET6, 2), ALLOW),
        ("socket", (16, 3, 0), ALLOW),  # netlink, routes
        ("socket", (16, 3, 12), "EPROTONOSUPPORT"),  # netlink, firewall
        ("socket", (17, 3), "EAFNOSUPPORT"),  # packets
        ("socket", (38, 5), "EAFNOSUPPORT"),  # AF_ALG
        ("socket", (40, 1), "EAFNOSUPPORT"),  # the host of a virtual machine
        ("socketpair", (socket.AF_UNIX, 1), ALLOW),
        ("socketpair", (30, 1), "EAFNOSUPPORT"),  # TIPC
        ("setsockopt", (0, 1, 2), ALLOW),
        ("setsockopt", (0, 0, 11), ALLOW),  # errors of name lookups
        ("setsockopt", (0, 6, 1), ALLOW),  # no delay, which http.client and asyncio ask for
        ("setsockopt", (0, 6, 7), ALLOW),  # at this level, no size of a buffer
        ("setsockopt", (0, 41, 26), ALLOW),  # IPv6 only
        ("setsockopt", (0, 270, 1), "EPERM"),  # of netlink
        *(("setsockopt", (0, 1, size), "EPERM") for size in (7, 8, 32, 33)),
        ("ioctl", (0, 0x5401), ALLOW),  # is it a terminal?
        *(("ioctl", (0, request), "EPERM") for request in (0x5412, 0x541C, 0x5423)),
        ("personality", (0xFFFFFFFF,), ALLOW),
        ("personality", (0,), ALLOW),
        ("personality", (0x0400000,), "EPERM"),  # READ_IMPLIES_EXEC
    ],
)
def test_arguments_decide(
    machine: str, name: str, arguments: tuple[int, ...], expected: str, upper: int
) -> None:
    number = ALLOWED[name][MACHINES.index(machine)]
    assert number is not None
    padded = (*arguments, 0, 0, 0, 0)[:4]
    assert answer(machine, number, *(upper | argument for argument in padded)) == expected


def test_other_processors_are_refused() -> None:
    with pytest.raises(OSError, match="no list of system calls for riscv64"):
        seccomp_filter("riscv64")
