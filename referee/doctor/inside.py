"""What student code might do: sent to the sandbox as text, and run there."""

import ctypes
import errno
import importlib
import json  # noqa: F401 - for what asks
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any


def find_missing(libraries: list[str], submitted: str) -> list[str]:
    """What cannot be used of libraries and the only file that was submitted."""
    missing = []
    for name in libraries:
        try:
            importlib.import_module(name)
        except Exception as error:
            missing.append(f"{name}: {error}")
    if [path.read_text() for path in Path().iterdir()] != [submitted]:
        missing.append("the submitted files")
    return missing


def find_powers() -> list[str]:
    """The powers that the user has or can get."""
    lines = Path("/proc/self/status").read_text().splitlines()
    held = next(line.split()[1] for line in lines if line.startswith("CapEff"))
    powers = {
        "the user number of root": os.getuid() == 0,
        f"the capabilities {held}": int(held, 16) != 0,
        "a way to become root": works("os.setuid(0)"),
    }
    return [power for power, has in powers.items() if has]


def make_namespaces() -> list[str]:
    """The kinds of namespaces that can be made."""
    flags = {"user": 0x10000000, "mount": 0x00020000, "network": 0x40000000, "PID": 0x20000000}
    unshare = "assert ctypes.CDLL(None).unshare({}) == 0"
    return [name for name, flag in flags.items() if works(unshare.format(flag))]


def find_calls(numbers: dict[str, int]) -> list[str]:
    """The system calls that are not refused; their arguments are such that they do nothing."""
    call = ctypes.CDLL(None, use_errno=True).syscall
    nothing = [ctypes.c_long(-1)] * 6
    found = []
    for name, number in numbers.items():
        done = call(ctypes.c_long(number), *nothing) != -1
        if done or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            found.append(name)
    return found


def works(code: str) -> bool:
    """Whether a line of Python works in a process of its own."""
    command = [sys.executable, "-c", f"import ctypes, os; {code}"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def write_everywhere() -> list[str]:
    """The places that can be written to; leaves no trace."""
    places = {"/", "/dev", "/etc", "/home", "/opt", "/root", "/run", "/srv", "/usr", "/var"}
    places |= {line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    places |= {sys.prefix, *sys.path, "/files", *map(str, Path("/files").glob("*"))}
    places = {place for place in places if Path(place).exists()}
    private = Path("/tmp").stat().st_dev
    written = []
    for place in places:
        status = Path(place).stat()
        with suppress(OSError):
            if status.st_dev == private:
                continue
            if stat.S_ISDIR(status.st_mode):
                tempfile.TemporaryFile(dir=place).close()
                written.append(place)
            elif stat.S_ISREG(status.st_mode):
                os.close(os.open(place, os.O_WRONLY))
                written.append(place)
    return sorted(written)


def find_processes(mark: str) -> list[str]:
    """The processes that can be seen and that carry the mark."""
    seen = set()
    for file in [*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")]:
        with suppress(OSError):
            if mark.encode() in file.read_bytes():
                seen.add(file.parent.name)
    return sorted(seen)


def connect(port: int, name: str) -> list[str]:
    """What can be reached of a TCP port and an abstract Unix socket."""
    reached = []
    addresses: dict[str, tuple[int, Any]] = {
        "TCP ports": (socket.AF_INET, ("127.0.0.1", port)),
        "abstract Unix sockets": (socket.AF_UNIX, f"\0{name}"),
    }
    for kind, (family, address) in addresses.items():
        with socket.socket(family) as ours, suppress(OSError):
            ours.settimeout(2)
            ours.connect(address)
            reached.append(kind)
    return reached


def allocate(size: int) -> bool:
    """Whether memory of this size can be had; it is not touched."""
    try:
        return bool(bytes(size))
    except MemoryError:
        return False


def allocate_in_children(count: int, size: int, seconds: float) -> None:
    """Take memory of this size in each of so many processes, and keep it."""
    code = f"import time; taken = bytearray({size}); time.sleep({seconds})"
    for child in [subprocess.Popen([sys.executable, "-c", code]) for _ in range(count)]:
        child.wait()


def start_processes(count: int, limit: int) -> str:
    """How many of so many processes can be started; "" if the system stops that at the limit."""
    children, said, stopped = [], "no error", False
    try:
        for _ in range(count):
            children.append(subprocess.Popen(["sleep", "30"]))
    except OSError as error:
        said, stopped = str(error), error.errno == errno.EAGAIN
    for child in children:
        child.kill()
        child.wait()
    kept = stopped and len(children) < limit
    return "" if kept else f"{len(children)} can be started ({said})"


def start_daemon(name: str, seconds: float) -> None:
    """Start a process that leaves its parent, session and group behind."""
    daemon = [sys.executable, "-c", f"import time; time.sleep({seconds})", name]
    code = f"import subprocess; subprocess.Popen({daemon}, start_new_session=True)"
    subprocess.run([sys.executable, "-c", code])


def write_files(size: int, count: int) -> int:
    """How many of so many bytes can be written to /tmp, in so many files."""
    written = 0
    with ExitStack() as files, suppress(OSError):
        for _ in range(count):
            file = files.enter_context(tempfile.TemporaryFile(buffering=0, dir="/tmp"))
            for _ in range(size // count // 2**20):
                written += file.write(bytes(2**20))
    return written


def open_files(count: int, limit: int) -> str:
    """How many of so many files can be open at once; "" if the system stops that at the limit."""
    opened: list[int] = []
    try:
        for _ in range(count):
            opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        if error.errno == errno.EMFILE and len(opened) < limit:
            return ""
    finally:
        for fd in opened:
            os.close(fd)
    return f"{len(opened)} can be open"


def make_files(count: int, seconds: float) -> None:
    """Make so many files, and keep them for so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            Path(folder, str(number)).touch()
        time.sleep(seconds)


def compute(seconds: float) -> None:
    """Compute for so many seconds of CPU time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
