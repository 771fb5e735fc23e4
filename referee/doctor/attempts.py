"""Each promise of the sandbox, tried from inside as no student should."""

import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import psutil
from traitlets.config import Config

from referee.doctor.causes import explain
from referee.doctor.finding import OK, PROBLEM, Finding
from referee.doctor.machine import gib
from referee.doctor.trial import (
    NAP,
    SMALL,
    Broken,
    Host,
    KernelLost,
    Trial,
    host_to_hide,
    kernel_to_try,
    stderr_of_failed_start,
)
from referee.model.limits import MIB
from referee.model.outcomes import Cause
from referee.nbgrader.course import CONFIG_NAME
from referee.sandbox.environment import other_user
from referee.sandbox.seccomp import ARCHITECTURES
from referee.text import one_line

FEW_SECONDS = 0.5  # that a cell may take
TRIED = 2.0  # seconds that something is tried for which should be stopped at once
PATIENCE = 5.0  # seconds for processes to be seen, or to end
POLL = 0.05  # seconds
UNSAFE = (
    "Do not grade untrusted submissions here; report it to Referee with `referee doctor --json`."
)
FEW_USERS = (
    "Grade as another user than root (docker run --user 1000 ...), or start the container as the "
    "machine's root and without user namespaces of its own: it has no user for each sandbox."
)


def try_sandbox(config: Config, root: Path | None) -> Iterator[Finding]:
    """Start kernels as they are started for students, and try in them what should not work."""
    with host_to_hide(config, root) as host:
        with ExitStack() as stack:
            start = time.monotonic()
            try:
                trial = stack.enter_context(kernel_to_try(config, host.folder))
            except Exception as error:
                said = one_line(error)
                with suppress(Exception):
                    said = stderr_of_failed_start(config, host.folder) or said
                yield Finding("sandbox", PROBLEM, said, "Remove the causes below.")
                yield from explain(said, config)
                return
            yield started(config, time.monotonic() - start)
            for name in ATTEMPTS:
                yield attempted(name, trial, host)
        for name in LAST_ATTEMPTS:
            yield attempted_alone(name, config, host)


def started(config: Config, seconds: float) -> Finding:
    """The finding of a kernel that has started: in a sandbox, or not in one."""
    if config.SandboxProvisioner.get("enabled", True):
        return Finding("sandbox", OK, f"a kernel starts in {seconds:.1f} s")
    found = "it is switched off: student code can do all that you can"
    remedy = f"Take c.SandboxProvisioner.enabled out of {CONFIG_NAME}."
    return Finding("sandbox", PROBLEM, found, remedy)


def attempted(name: str, trial: Trial, host: Host) -> Finding:
    """The finding of an attempt, also when it ends the kernel."""
    try:
        return Finding(name, OK, (ATTEMPTS | LAST_ATTEMPTS)[name](trial, host))
    except Broken as broken:
        problem = str(broken)
    except Exception as error:
        problem = f"this could not be tried: {one_line(error)}"
    few_users = name == "processes" and os.geteuid() == 0 and other_user() is None
    return Finding(name, PROBLEM, problem, FEW_USERS if few_users else UNSAFE)


def attempted_alone(name: str, config: Config, host: Host) -> Finding:
    """The finding of an attempt in a kernel of its own, also when none starts."""
    try:
        with kernel_to_try(config, host.folder) as trial:
            return attempted(name, trial, host)
    except Exception as error:
        return Finding(name, PROBLEM, f"this could not be tried: {one_line(error)}", UNSAFE)


# The attempts. Each returns what was found, or raises Broken.


def ask(expression: str, broken: str, kept: str) -> "Attempt":
    """Attempt what returns something only if it works; {} in `broken` is what it returns."""

    def attempt(trial: Trial, host: Host) -> str:
        if answer := trial.ask(expression.format(host=host)):
            raise Broken(one_line(broken.format(answer)))
        return kept

    return attempt


def try_output(trial: Trial, host: Host) -> str:
    """A cell's output is cut."""
    limit = SMALL["output"]
    outputs = trial.kernel.run(f"for _ in range(1000): print('x' * {limit // 100})")
    length = sum(len(output.get("text", "")) for output in outputs)
    if length > limit:
        raise Broken(f"a cell can print {length} characters where {limit} are allowed")
    return f"a cell that prints too much is cut at {limit} characters"


def try_time(limit: str, unit: str, expression: str, trial: Trial, host: Host) -> str:
    """A cell that takes too long is interrupted, and the kernel goes on."""
    limits = trial.kernel.limits
    usual = getattr(limits, limit)
    setattr(limits, limit, FEW_SECONDS)
    try:
        trial.ask(expression.format(TRIED))
    except KernelLost as lost:
        if not lost.causes & {Cause.TIME, Cause.WALL_TIME}:
            raise
    else:
        raise Broken(f"a cell can take {TRIED:g} {unit} where {FEW_SECONDS:g} are allowed")
    finally:
        setattr(limits, limit, usual)
    trial.ask("'still there'")
    return f"a cell is interrupted after {FEW_SECONDS:g} {unit}; the kernel goes on"


def _processes_named(name: str) -> set[psutil.Process]:
    """The processes with this argument, which one that starts may have a moment later."""
    end = time.monotonic() + PATIENCE
    found: set[psutil.Process] = set()
    while not found and time.monotonic() < end:
        running = psutil.process_iter(["cmdline"])
        found = {process for process in running if name in (process.info["cmdline"] or [])}
        if not found:
            time.sleep(POLL)
    return found


def try_to_survive(trial: Trial, host: Host) -> str:
    """No process that student code started goes on when the kernel has ended."""
    name = f"{host.mark}-daemon"
    trial.ask(f"start_daemon({name!r}, {NAP})")
    if not (daemon := _processes_named(name)):
        raise Broken("a process that should have been started cannot be found")
    processes = trial.processes() | daemon
    trial.kernel.__exit__()
    _, left = psutil.wait_procs(processes, timeout=PATIENCE)
    for process in left:
        process.kill()
    if left:
        numbers = ", ".join(str(process.pid) for process in left)
        raise Broken(f"processes go on when the kernel has ended: {numbers}")
    return f"all {len(processes)} processes end with the kernel, a daemon among them"


def try_to_be_ended(
    allowed: str, forbidden: str, cause: Cause, what: str, trial: Trial, host: Host
) -> str:
    """A sandbox that goes too far is ended, for a reason that names what was too much."""
    trial.ask(allowed)
    try:
        trial.ask(forbidden)
    except KernelLost as lost:
        if cause not in lost.causes:
            raise
        return f"a sandbox that {what} is ended"
    raise Broken(f"a sandbox that {what} goes on")


Attempt = Callable[[Trial, Host], str]
MEMORY, FILES, PROCESSES = SMALL["memory"], SMALL["files"], SMALL["processes"]
FILE_COUNT, OPEN_FILES = SMALL["file_count"], SMALL["open_files"]
LIBRARIES = [name for name in ("numpy", "matplotlib") if find_spec(name)]
# Numbers on (x86_64, aarch64) of calls that a sandbox has no list of: it lists what is allowed.
REFUSED_CALLS = {
    "kcmp": (312, 272),
    "io_setup": (206, 0),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "move_pages": (279, 239),
    "name_to_handle_at": (303, 264),
    "pidfd_getfd": (438, 438),
    "process_vm_readv": (310, 270),
    "quotactl_fd": (443, 443),
    "userfaultfd": (323, 282),
    "statmount": (457, 457),
    "open_tree_attr": (467, 467),
    "one that Linux may have one day": (600, 600),
}
COLUMN, _ = ARCHITECTURES.get(platform.machine(), (0, 0))
CALLS = {name: numbers[COLUMN] for name, numbers in REFUSED_CALLS.items()}
ATTEMPTS: dict[str, Attempt] = {
    "libraries": ask(
        f"find_missing({LIBRARIES}, {{host.mark!r}})",
        "student code cannot use {}",
        f"{', '.join(LIBRARIES)} and the submitted files can be used",
    ),
    "user": ask(
        "find_powers()",
        "student code has {}",
        "student code has no capabilities, and cannot become root",
    ),
    "environment": ask(
        "{host.mark!r} in os.environ",
        "student code can read your environment",
        "none of your variables can be read",
    ),
    "files of others": ask(
        "[path for path in {host.private!r} if os.path.lexists(path)]",
        "student code can see of your files: {}",
        "the files of course, home and grader cannot be seen",
    ),
    "writing": ask(
        "write_everywhere()",
        "student code can write to {}",
        "neither what was submitted nor anything else outside of /tmp can be written",
    ),
    "other processes": ask(
        "find_processes({host.mark!r})",
        "student code can see your processes: {}",
        "none of yours can be seen",
    ),
    "network": ask(
        "connect({host.port}, {host.mark!r})",
        "student code can reach of this machine: {}",
        "there is none, neither TCP nor Unix sockets of this machine",
    ),
    "namespaces": ask(
        "make_namespaces()",
        "student code can make new ones: {}",
        "new ones, in which student code would be root, are refused",
    ),
    "system calls": ask(
        f"find_calls(dict({list(CALLS.items())}))",
        "student code can use {}",
        f"{len(CALLS)} that are not on the list are refused, one of the future among them",
    ),
    "memory of one": ask(
        f"allocate({MEMORY + 64 * MIB})",
        f"a process can take more than its limit of {gib(MEMORY)}",
        f"a process that takes more than {gib(MEMORY)} gets a MemoryError",
    ),
    "processes": ask(
        f"start_processes({PROCESSES + 10}, {PROCESSES})",
        f"where {PROCESSES} processes are allowed: {{}}",
        f"no more than {PROCESSES} can be started; the kernel goes on",
    ),
    "size of files": ask(
        f"[size for n in (1, 4) if (size := write_files({2 * FILES}, n)) > {FILES}]",
        f"where {FILES} bytes are allowed, these can be written: {{}}",
        f"no more than {FILES // MIB} MiB can be written, in one file or in several",
    ),
    "open files": ask(
        f"open_files({2 * OPEN_FILES}, {OPEN_FILES})",
        f"where {OPEN_FILES} files may be open, these are: {{}}",
        f"a process cannot have more than {OPEN_FILES} files open",
    ),
    "output": try_output,
    "CPU time of a cell": partial(try_time, "cell_cpu", "seconds of CPU time", "compute({})"),
    "time": partial(try_time, "cell_wall", "seconds", "time.sleep({})"),
    "time of doing nothing": partial(try_time, "blocked", "idle seconds", "time.sleep({})"),
    "descendants": try_to_survive,  # the last, for it ends the kernel
}
# The attempt that tries each limit of a sandbox.
TRIED_LIMITS = {
    "memory": ("memory of one", "memory of all"),
    "processes": ("processes",),
    "files": ("size of files",),
    "file_count": ("number of files",),
    "open_files": ("open files",),
    "output": ("output",),
    "cell_cpu": ("CPU time of a cell",),
    "cell_wall": ("time",),
    "blocked": ("time of doing nothing",),
}
# The others bound what the grader itself does, which needs no trial of the machine.
NOT_TRIED = {
    "long_cells", "long_cell_cpu", "long_cell_wall", "call_cpu", "call_wall",
    "hanging_call_cpu", "hanging_call_wall", "test_wall", "test_memory", "lost_calls", "frame",
    "calls_back", "calls_back_depth", "arguments",
    "notebook_blocked", "notebook_cpu", "notebook_output", "notebook_wall", "restarts", "printed",
    "messages", "notebook_file", "submitted_files", "submission_wall", "handling_cpu",
    "grading_memory", "result", "test_cpu",
}  # fmt: skip
LAST_ATTEMPTS: dict[str, Attempt] = {  # each ends a kernel of its own
    "number of files": partial(
        try_to_be_ended,
        f"make_files({FILE_COUNT // 4}, 0.5)",
        f"make_files({2 * FILE_COUNT}, {TRIED})",
        Cause.FILES,
        f"makes more than {FILE_COUNT} files",
    ),
    "memory of all": partial(
        try_to_be_ended,
        f"allocate_in_children(1, {MEMORY // 4}, 0.5)",
        f"allocate_in_children(5, {MEMORY // 4}, {TRIED})",
        Cause.MEMORY,
        f"takes more than {gib(MEMORY)} with all its processes together",
    ),
}
