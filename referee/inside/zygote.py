"""The process that students' kernels are forked from; their libraries are imported in it already.

Started as `python -m referee.inside.zygote MODULE ...` by `warm`, which says what it may see. It
keeps nothing of what it is asked: a request is a socket, and only the fork reads what comes over
it. The fork enters the sandbox that bubblewrap has built, gives up its powers and becomes the
kernel; none of this can be undone by what runs later.
"""

import ctypes
import gc
import importlib
import linecache
import os
import random
import re
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import current_process
from pathlib import Path

from referee.boundary.settings import Settings
from referee.inside.kernel import become, run_kernel, set_limits

# What a kernel imports before its first cell or with the first %magic. The backend of inline
# figures is not among them: it looks for its kernel when it is imported.
KERNEL_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "referee.inside.server",
    "referee.inside.output",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics.ast_mod",
    "IPython.core.magics.execution",
    "IPython.core.magics.pylab",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "IPython.utils.module_paths",
    "encodings.ascii",
    "encodings.idna",
    "encodings.latin_1",
    "faulthandler",
    "mmap",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
)
DEBUGGER = "debugpy"  # which nobody can reach in a sandbox
INLINE = "module://matplotlib_inline.backend_inline"  # as ipykernel sets it
MAX_REQUEST = 2**16
MAX_PROGRAM = 2**16  # bytes
MAX_DESCRIPTORS = 16
NAMESPACES = {  # flags of clone(2), by their names in /proc/PID/ns
    "user": 0x10000000,
    "mnt": 0x00020000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "cgroup": 0x02000000,
}
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 4, 22, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
AMBIENT_CLEAR_ALL, SECCOMP_MODE_FILTER, CAPABILITIES_VERSION_3 = 4, 2, 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Request:
    """Which sandbox a kernel is to enter, and what it is to be there."""

    first_process: int  # of the sandbox
    settings: Settings  # with numbers of the descriptors below
    sandbox: int  # a pidfd of the first process
    stderr: int
    refused: int  # has seccomp's program of the system calls that are refused

    @classmethod
    def receive(cls, conversation: socket.socket) -> "Request":
        """Read what Zygote.fork sent."""
        message, fds, *_ = socket.recv_fds(conversation, MAX_REQUEST, MAX_DESCRIPTORS)
        first_process, _, settings = message.decode().partition(" ")
        sandbox, stderr, refused, *handed_in = fds
        moved = Settings.from_json(settings).with_descriptors(handed_in)
        return cls(int(first_process), moved, sandbox, stderr, refused)


def main(modules: list[str]) -> None:
    """Load all, then fork on request. Returns in kernels only, and when they have ended."""
    load([*KERNEL_MODULES, *modules])
    run_kernel(serve(socket.socket(fileno=0)))


def load(modules: list[str]) -> None:
    """Import what is there of these modules, and prepare for being forked."""
    os.environ.setdefault("MPLBACKEND", INLINE)  # matplotlib looks at it once
    gc.disable()  # until all has loaded: looking for garbage is a sixth of that time
    sys.modules[DEBUGGER] = None  # type: ignore[assignment] # forks copy a tenth less without it
    for module in modules:
        with suppress(ImportError):
            importlib.import_module(module)
    del sys.modules[DEBUGGER]
    linecache.clearcache()
    del sys.argv[1:]
    gc.collect()
    gc.freeze()  # objects that are not looked at stay shared
    gc.enable()
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)  # libraries end their threads before a fork, and start them when needed


def serve(control: socket.socket) -> Settings:
    """Fork for each request, until who asks has ended. Returns in kernels only."""
    while True:
        message, fds, *_ = socket.recv_fds(control, 1, 1)
        if not message:
            os._exit(0)
        require_nothing_shared()
        if (child := os.fork()) == 0:
            os.dup2(os.open(os.devnull, os.O_RDWR), control.detach())
            return begin(fork_into_sandbox(fds[0]))
        os.close(fds[0])
        os.waitpid(child, 0)


def fork_into_sandbox(asked_on: int) -> Request:
    """Enter a sandbox, tell which process the kernel is, and end; returns in the kernel only."""
    conversation = socket.socket(fileno=asked_on)
    try:
        request = Request.receive(conversation)
        enter(request)
        # Only children are in the sandbox's namespace of processes, and only children of those
        # become children of its first process.
        if child := os.fork():
            os.waitpid(child, 0)
            os._exit(0)
        os.setsid()
        if kernel := os.fork():
            socket.send_fds(conversation, [b"+"], [os.pidfd_open(kernel)])
            os._exit(0)
    except BaseException as error:
        conversation.send(f"{type(error).__name__}: {error}".encode()[:MAX_REQUEST])
        os._exit(1)
    conversation.close()
    return request


def require_nothing_shared() -> None:
    """End if forks would miss threads, or could write to memory or files that they all have."""
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - there are very few
    if threads != 1:
        sys.exit(f"a preloaded module has started {threads - 1} threads, which forks would miss")
    for line in Path("/proc/self/maps").read_text().splitlines():
        if re.match(".w.s", line.split()[1]):
            sys.exit(f"a preloaded module shares memory with forks: {line}")


def enter(request: Request) -> None:
    """Join all namespaces of the sandbox; that of processes is for children only."""
    namespaces = 0
    for name, flag in NAMESPACES.items():
        ours, theirs = (Path(f"/proc/{pid}/ns/{name}") for pid in ("self", request.first_process))
        if ours.readlink() != theirs.readlink():
            namespaces |= flag
    check(libc.setns(request.sandbox, namespaces), "setns")


def begin(request: Request) -> Settings:
    """Make this process what the first process of a new sandbox would be, without its powers."""
    while os.getppid() != 1:  # its parent has powers and ends now
        time.sleep(0.0001)
    settings = request.settings
    program = os.pread(request.refused, MAX_PROGRAM, 0)
    null = os.open(os.devnull, os.O_RDWR)
    for fd, place in [(null, 0), (null, 1), (request.stderr, 2)]:
        os.dup2(fd, place)
    close_all_but({0, 1, 2, settings.requests, *settings.sockets.values()})
    set_limits(settings.limits)
    give_up_powers(settings.user, program)
    reseed_after_fork()
    return settings


def close_all_but(kept: set[int]) -> None:
    """Close all file descriptors but these."""
    for fd in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - its links lead nowhere
        if fd not in kept:
            with suppress(OSError):  # the one that this list was read from
                os.close(fd)


def give_up_powers(user: int | None, program: bytes) -> None:
    """Give up all capabilities, and the system calls that seccomp's program refuses."""
    for capability in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text()) + 1):
        check(process_control(PR_CAPBSET_DROP, capability), "PR_CAPBSET_DROP")
    check(process_control(PR_CAP_AMBIENT, AMBIENT_CLEAR_ALL), "PR_CAP_AMBIENT")
    if user is not None:
        become(user)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION_3, 0)
    check(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    if user is None:  # as after the start of a program; who has become another stays closed to it
        check(process_control(PR_SET_DUMPABLE, 1), "PR_SET_DUMPABLE")
    check(process_control(PR_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS")
    instructions = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))

    filtered = Program(len(program) // 8, ctypes.addressof(instructions))
    check(
        process_control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(filtered)),
        "PR_SET_SECCOMP",
    )


def process_control(option: int, *arguments: int) -> int:
    """Change what this process may do, see prctl(2)."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    result: int = libc.prctl(option, *map(ctypes.c_ulong, padded))
    return result


def check(result: int, call: str) -> None:
    """Raise the error of a call that failed."""
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{call}: {os.strerror(error)}")


def reseed_after_fork() -> None:
    """Reseed all random generators, and repeat the set-up that preloaded modules do on import."""
    import numpy as np

    random.seed()
    np.random.seed()
    current_process().authkey = os.urandom(32)
    if widgets := sys.modules.get("ipywidgets"):
        widgets.register_comm_target()


if __name__ == "__main__":
    main(sys.argv[1:])
