"""Each promise of the sandbox, tried from inside as no student should."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
from traitlets.config import Config

from referee.course import CONFIG_NAME
from referee.doctor.causes import explain
from referee.doctor.finding import OK, PROBLEM, Finding, one_line
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
    last_words,
)
from referee.sandbox.bubblewrap import other_user
from referee.sandbox.limits import MIB

FEW_SECONDS = 0.5  # that a cell may take
TRIED = 2.0  # seconds that something is tried for which should be stopped at once
PATIENCE = 5.0  # seconds for processes to end
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
                    said = last_words(config, host.folder) or said
                yield Finding("sandbox", PROBLEM, said, "Mend the causes below.")
                yield from explain(said, config)
                return
            yield started(config, time.monotonic() - start)
            for name in ATTEMPTS:
                yield attempted(name, trial, host)
        for name in LAST_ATTEMPTS:
            with kernel_to_try(config, host.folder) as trial:
                yield attempted(name, trial, host)


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


# The attempts. Each returns what was found, or raises Broken.


def try_python(trial: Trial, host: Host) -> str:
    """The libraries of the course and the submitted files can be used."""
    missing, files = trial.ask("use_libraries('numpy', 'matplotlib')")
    if missing:
        raise Broken(f"student code cannot use {one_line(missing)}")
    if files != {"submitted.txt": host.mark}:
        raise Broken(f"student code does not see its own files, but {sorted(files)}")
    return "NumPy, Matplotlib and the submitted files can be used"


def try_to_be_root(trial: Trial, host: Host) -> str:
    """Student code has no powers, and gets none."""
    user, powers, becomes_root = trial.ask("get_powers()")
    if user == 0 or int(powers, 16):
        raise Broken(f"student code runs as user {user} with the capabilities {powers}")
    if becomes_root:
        raise Broken("student code can become root")
    return f"student code runs as user {user}, without capabilities, and cannot become root"


def try_environment(trial: Trial, host: Host) -> str:
    """Variables of the grader's environment are not in the kernel's."""
    names = trial.ask("list(os.environ)")
    if host.mark in names:
        raise Broken(f"student code can read all {len(names)} variables of your environment")
    return f"none of your variables can be read; there are {len(names)} others"


def try_to_read(trial: Trial, host: Host) -> str:
    """Neither the course nor the home folder can be seen, nor what lies beside the submission."""
    seen = trial.ask(f"[path for path in {host.private!r} if os.path.lexists(path)]")
    if seen:
        raise Broken(f"student code can see {len(seen)} of your files: {', '.join(seen[:3])}")
    return f"{len(host.private)} files and folders of course, home and grader cannot be seen"


def try_to_write(trial: Trial, host: Host) -> str:
    """Nothing outside of /tmp can be written, nor what was submitted."""
    tried, written = trial.ask("write_everywhere()")
    if written:
        raise Broken(f"student code can write to {', '.join(written[:5])}")
    return f"nothing outside of /tmp can be written; {tried} places were tried"


def try_to_see_processes(trial: Trial, host: Host) -> str:
    """Processes outside of the sandbox cannot be seen."""
    count, seen = trial.ask(f"find_process({host.mark!r})")
    if seen:
        raise Broken("student code can see your processes")
    return f"none of yours can be seen; there are {count} in the sandbox"


def try_network(trial: Trial, host: Host) -> str:
    """Nothing that listens on this machine can be reached."""
    if reached := trial.ask(f"connect({host.port}, {host.mark!r})"):
        raise Broken(f"student code can reach {' and '.join(reached)} of this machine")
    return "there is none, neither TCP nor Unix sockets of this machine"


def try_namespaces(trial: Trial, host: Host) -> str:
    """New namespaces, in which student code would be root, are refused."""
    if made := trial.ask("make_namespaces()"):
        raise Broken(f"student code can make {', '.join(made)} namespaces")
    return "new ones are refused"


def try_memory(trial: Trial, host: Host) -> str:
    """A process that takes more than its memory gets a MemoryError."""
    limit = SMALL["memory"]
    if trial.ask(f"allocate({limit + 64 * MIB})"):
        raise Broken(f"a process can take more than its limit of {gib(limit)}")
    return f"a process that takes more than {gib(limit)} gets a MemoryError"


def try_processes(trial: Trial, host: Host) -> str:
    """No more processes can be started than allowed."""
    limit = SMALL["processes"]
    started, error = trial.ask(f"start_processes({limit + 10})")
    if started >= limit or error != errno.EAGAIN:
        why = os.strerror(error) if error else "no error"
        raise Broken(f"{started} processes can be started where {limit} are allowed ({why})")
    return f"of {limit} allowed, {started} more could be started; the kernel goes on"


def try_files(trial: Trial, host: Host) -> str:
    """Neither one file nor all together can be larger than allowed."""
    limit = SMALL["files"]
    for count in (1, 4):
        written = trial.ask(f"write_files({2 * limit}, {count})")
        if written > limit:
            mib = f"{written // MIB} MiB can be written in {count} files"
            raise Broken(f"{mib} where {limit // MIB} are allowed")
    return f"no more than {limit // MIB} MiB can be written, in one file or in several"


def try_output(trial: Trial, host: Host) -> str:
    """A cell's output is cut."""
    limit = SMALL["output"]
    outputs = trial.kernel.run(f"for _ in range(1000): print('x' * {limit // 100})")
    length = sum(len(output.get("text", "")) for output in outputs)
    if length > limit:
        raise Broken(f"a cell can print {length} characters where {limit} are allowed")
    return f"a cell that prints too much is cut at {limit} characters"


def try_cpu_time(trial: Trial, host: Host) -> str:
    """A cell that computes for too long is interrupted."""
    return _try_time(trial, "cell_cpu", "seconds of CPU time", f"compute({TRIED})")


def try_wall_time(trial: Trial, host: Host) -> str:
    """A cell that waits for too long is interrupted."""
    return _try_time(trial, "cell_wall", "seconds", f"time.sleep({TRIED})")


def _try_time(trial: Trial, limit: str, unit: str, expression: str) -> str:
    limits = trial.kernel.limits
    usual = getattr(limits, limit)
    setattr(limits, limit, FEW_SECONDS)
    try:
        trial.ask(expression)
    except KernelLost as lost:
        if "too long" not in str(lost):
            raise
    else:
        raise Broken(f"a cell can take {TRIED:g} {unit} where {FEW_SECONDS:g} are allowed")
    finally:
        setattr(limits, limit, usual)
    trial.ask("'still there'")
    return f"a cell is interrupted after {FEW_SECONDS:g} {unit}; the kernel goes on"


def try_to_survive(trial: Trial, host: Host) -> str:
    """No process that student code started goes on when the kernel has ended."""
    name = f"{host.mark}-daemon"
    trial.ask(f"start_daemon({name!r}, {NAP})")
    running = psutil.process_iter(["cmdline"])
    daemon = {process for process in running if name in (process.info["cmdline"] or [])}
    if not daemon:
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


def try_many_files(trial: Trial, host: Host) -> str:
    """A sandbox in which too many files are made is ended."""
    allowed = SMALL["file_count"]
    trial.ask(f"make_files({allowed // 4}, 0.5)")
    return _try_to_be_ended(
        trial,
        f"make_files({2 * allowed}, {TRIED})",
        "files",
        f"a sandbox that makes more than {allowed} is ended",
        f"{2 * allowed} files can be made where {allowed} are allowed",
    )


def try_memory_of_all(trial: Trial, host: Host) -> str:
    """A sandbox whose processes take too much memory together is ended."""
    allowed = SMALL["memory"]
    return _try_to_be_ended(
        trial,
        f"allocate_in_children(5, {allowed // 4}, {TRIED})",
        "memory",
        f"a sandbox whose processes take more than {gib(allowed)} together is ended",
        f"the processes of a sandbox can take more than {gib(allowed)} together",
    )


def _try_to_be_ended(trial: Trial, expression: str, reason: str, kept: str, broken: str) -> str:
    try:
        trial.ask(expression)
    except KernelLost as lost:
        if reason not in str(lost):
            raise
        return kept
    raise Broken(broken)


Attempt = Callable[[Trial, Host], str]
ATTEMPTS: dict[str, Attempt] = {
    "libraries": try_python,
    "user": try_to_be_root,
    "environment": try_environment,
    "files of others": try_to_read,
    "writing": try_to_write,
    "other processes": try_to_see_processes,
    "network": try_network,
    "namespaces": try_namespaces,
    "memory of one": try_memory,
    "processes": try_processes,
    "size of files": try_files,
    "output": try_output,
    "CPU time": try_cpu_time,
    "time": try_wall_time,
    "descendants": try_to_survive,  # the last, for it ends the kernel
}
LAST_ATTEMPTS: dict[str, Attempt] = {  # each ends a kernel of its own
    "number of files": try_many_files,
    "memory of all": try_memory_of_all,
}
