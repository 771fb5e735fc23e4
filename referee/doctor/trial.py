"""What the sandbox is tried with: a kernel with small limits, and a host with things to hide."""

import json
import logging
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from traitlets.config import Config

import referee
from referee.doctor import inside
from referee.grade.kernel import StudentKernel
from referee.model.events import Events
from referee.model.limits import GIB, MIB, Limits
from referee.model.outcomes import Cause
from referee.sandbox.bubblewrap import (
    View,
    find_bubblewrap,
    isolation_arguments,
    view_arguments,
    write_seccomp_filter,
)
from referee.text import one_line

# Small, so that trying them is quick.
SMALL = {
    "memory": 1 * GIB,
    "processes": 48,
    "files": 16 * MIB,
    "file_count": 1000,
    "output": 10_000,
    "open_files": 200,
}
NAP = 120  # seconds until processes that should have been ended end by themselves


class Broken(Exception):  # noqa: N818 - a promise
    """A promise that the sandbox does not keep; the message says how."""


class KernelLost(Broken):
    """The kernel gave no answer, which may be what was expected; `causes` say what stopped it."""

    def __init__(self, message: str, causes: frozenset[Cause] = frozenset()) -> None:
        super().__init__(message)
        self.causes = causes


@dataclass
class Trial:
    """A kernel that has the functions of `inside`."""

    kernel: StudentKernel

    def ask(self, expression: str) -> Any:
        """The value of an expression in the kernel.

        Raises:
            KernelLost: there is none, for the cell was stopped.

        """
        mark = secrets.token_hex(8)
        self.kernel.events = Events()
        outputs = self.kernel.run(f"print('\\n{mark}' + json.dumps({expression}) + '{mark}')")
        said = "".join(output.get("text", "") for output in outputs)
        if answer := re.search(f"{mark}(.*?){mark}", said, re.DOTALL):
            return json.loads(answer[1])
        errors = [output.evalue or output.ename for output in outputs if "evalue" in output]
        why = one_line("; ".join(errors) or said[-200:])
        causes = frozenset(trouble.cause for trouble in self.kernel.events.troubles)
        raise KernelLost(f"the kernel did not answer: {why}", causes)

    def processes(self) -> set[psutil.Process]:
        """The processes of the sandbox, as its watch sees them."""
        return {psutil.Process(pid) for pid, _ in self.kernel._provisioner.watch.processes()}


@contextmanager
def kernel_to_try(
    config: Config, folder: Path, limits: dict[str, int] | None = None
) -> Iterator[Trial]:
    """A kernel as grading starts it, with the limits of SMALL, or those that replace them."""
    tried = deepcopy(config)
    tried.Limits.update(SMALL | {"restarts": 0} | (limits or {}))
    tried.SandboxProvisioner.environment = {
        **config.SandboxProvisioner.get("environment", {}),
        # Address space is limited, too; without these, it depends on the number of cores.
        "MALLOC_ARENA_MAX": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    logging.disable(logging.CRITICAL)  # that a kernel has died is no news here
    try:
        with StudentKernel(folder, Limits(config=tried), tried) as kernel:
            kernel.run(Path(inside.__file__).read_text())
            yield Trial(kernel)
    finally:
        logging.disable(logging.NOTSET)


def stderr_of_failed_start(config: Config, folder: Path) -> str:
    """The last line on stderr of a sandbox that starts and does not become a kernel, or ""."""
    shown = tuple(map(Path, config.SandboxProvisioner.get("read_only", [])))
    seccomp = write_seccomp_filter()
    view = view_arguments(View(folder, shown, {}, SMALL["files"]))
    code = "import ipykernel.kernelapp, referee.inside.kernel, referee.inside.server"
    command = [str(find_bubblewrap()), *isolation_arguments(seccomp), *view, "--"]
    command += [sys.executable, "-c", code]
    ended = subprocess.run(
        command, pass_fds=[seccomp], stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(seccomp)
    return ended.stderr.strip().rpartition("\n")[2]


@dataclass(frozen=True)
class Host:
    """What is there outside of a sandbox, for the attempts to reach from inside."""

    folder: Path  # of the kernel; its only file is whole
    mark: str  # names a variable of the environment, a process, an abstract Unix socket
    port: int  # on 127.0.0.1, where somebody listens
    private: tuple[str, ...]  # paths


@contextmanager
def host_to_hide(config: Config, root: Path | None) -> Iterator[Host]:
    """Put things in place that student code should not reach."""
    mark = f"REFEREE_DOCTOR_{secrets.token_hex(8)}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doctor-"))) / "work"
        folder.mkdir()
        folder.parent.chmod(0o755)
        neighbour, submitted = folder.parent / "neighbour.txt", folder / "submitted.txt"
        neighbour.write_text(mark)
        submitted.write_text(mark)
        submitted.chmod(0o666)

        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0{mark}")
        abstract.listen()

        os.environ[mark] = mark
        stack.callback(os.environ.pop, mark)
        process = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({NAP})", mark])
        stack.callback(process.wait)
        stack.callback(process.kill)

        private = [neighbour, *_private(config, Path("~").expanduser())]
        private += _private(config, root) if root else []
        yield Host(folder, mark, listener.getsockname()[1], tuple(map(str, private)))


def _private(config: Config, folder: Path) -> list[Path]:
    """What lies in a folder, without what a kernel needs to see of it."""
    needed = {sys.prefix, sys.base_prefix, sys.base_exec_prefix, str(Path(referee.__file__).parent)}
    needed |= {path for path in sys.path if path.endswith("-packages")}
    needed |= set(config.SandboxProvisioner.get("read_only", []))
    needed |= {str(Path(path).resolve()) for path in needed}
    entries: list[Path] = []
    with suppress(OSError):
        entries = sorted(folder.absolute().iterdir())
    return [
        entry for entry in entries if not any(Path(path).is_relative_to(entry) for path in needed)
    ]
