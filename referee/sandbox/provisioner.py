"""Starting and ending a kernel in a sandbox, for any Jupyter client.

A kernel specification asks for it with `"metadata": {"kernel_provisioner": {"provisioner_name":
"referee-sandbox"}}`. The client connects over Unix sockets that are opened outside and handed in,
so that no folder of the machine can be written to from inside.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, ClassVar

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Dict, Instance, List, Unicode, default

from referee.boundary.settings import KernelLimits, Settings
from referee.model.limits import Limits
from referee.sandbox.environment import PRELOADED, other_user, working_folder
from referee.sandbox.errors import NoSandboxError
from referee.sandbox.own_kinds import add_own_kinds
from referee.sandbox.processes import has_ended
from referee.sandbox.sandboxes import Builder, OwnBuilder, Sandbox
from referee.sandbox.stderr import sealed_stderr_file, stderr_tail
from referee.sandbox.watch import Watch

CHANNELS = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
SOCKETS_PREFIX = "referee-"


class _Bubblewrap:
    """A sandbox as Jupyter knows a process; who has started it may be another process."""

    stdin = stdout = stderr = None

    def __init__(self, sandbox: Sandbox) -> None:
        self.pid = sandbox.bubblewrap
        self._sandbox = sandbox
        self._pidfd = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """None while it runs."""
        return -signal.SIGKILL if has_ended(self._pidfd) else None

    def wait(self) -> int:
        """Wait for its end."""
        while not has_ended(self._pidfd, 1.0):
            pass
        return -signal.SIGKILL

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        os.close(self._pidfd)


class SandboxProvisioner(LocalProvisioner):
    """Runs one kernel in bubblewrap, within limits.

    `requests` is the socket that forks of the kernel are asked for on, and `watch` knows what the
    sandbox uses.
    """

    read_only = List(
        Unicode(), help="Folders that every sandbox shows, where they are, to be read only."
    ).tag(config=True)
    environment = Dict(
        help="More environment variables of every kernel. OPENBLAS_NUM_THREADS, MKL_NUM_THREADS "
        "and OMP_NUM_THREADS are 1 unless they are set here or around Referee: as many submissions "
        "are graded at a time as there are cores."
    ).tag(config=True)
    enabled = Bool(
        True,
        help="False runs kernels WITHOUT a sandbox: student code can then do all that you can.",
    ).tag(config=True)
    preload = List(
        Unicode(),
        PRELOADED,
        help="Modules that kernels have loaded when they start. One that cannot be imported is "
        "left out; one that looks for its kernel when it is imported should not be here.",
    ).tag(config=True)
    kinds = List(
        Unicode(),
        help="Kinds of values that cross as themselves beside Referee's own, as MODULE:CLASS, for "
        "modules beside nbgrader_config.py. A class is a referee.boundary.kinds.ValueKind; "
        "students can read its module.",
    ).tag(config=True)
    limits = Instance(Limits)

    requests: socket.socket
    watch: Watch
    sandbox: Sandbox | None = None
    # Builds sandboxes for this whole process, where it cannot do that by itself.
    delegate: ClassVar[Builder | None] = None

    @default("limits")
    def _default_limits(self) -> Limits:
        return Limits(parent=self)  # for Jupyter clients that hand none over

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose the addresses of the kernel's sockets, and write the client's connection file."""
        self.kernel_arguments = list(kwargs.get("extra_arguments", []))
        manager: Any = self.parent
        if not Path(manager.ip).parent.name.startswith(SOCKETS_PREFIX):  # else this is a restart
            manager.ip = str(Path(tempfile.mkdtemp(prefix=SOCKETS_PREFIX)) / "kernel")
        self.sockets_folder = Path(manager.ip).parent
        manager.transport = "ipc"
        manager.transport_encryption = "disabled"  # nobody else can enter that folder
        manager.cache_ports = False
        for number, channel in enumerate(CHANNELS, start=1):
            setattr(manager, channel, number)
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel. Its command is always this environment's ipykernel, whatever `cmd`.

        Raises:
            NoSandboxError: the machine cannot sandbox; the message says why and what to change.

        """
        folder = Path(kwargs.get("cwd") or Path.cwd()).resolve()
        self.stderr = sealed_stderr_file()
        self.requests, theirs = socket.socketpair()
        with ExitStack() as ours:
            ours.enter_context(theirs)
            sockets = {
                port: ours.enter_context(self._listening_socket(port))
                for port in range(1, len(CHANNELS) + 1)
            }
            settings = Settings(
                limits=KernelLimits.of(self.limits),
                user=other_user() if self.enabled else None,
                key=str(self.connection_info["key"], "utf-8"),  # type: ignore[call-overload]
                sockets={port: opened.fileno() for port, opened in sockets.items()},
                channels={channel: self.connection_info[channel] for channel in CHANNELS},  # type: ignore[literal-required]
                requests=theirs.fileno(),
                folder=working_folder(folder) if self.enabled else str(folder),
                arguments=tuple(self.kernel_arguments),
                kinds=add_own_kinds(self.kinds),
            )
            try:
                if self.enabled:
                    self._start_sandboxed(settings, folder)
                else:
                    self._start_in_the_open(settings)
            except Exception:
                await self.cleanup()
                raise
        self.watch.start()
        return self.connection_info

    def _listening_socket(self, port: int) -> socket.socket:
        path = Path(f"{self.connection_info['ip']}-{port}")
        path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(path))
        listening.listen(100)
        return listening

    def builder(self) -> OwnBuilder:
        """Who builds sandboxes with these settings."""
        return OwnBuilder(
            list(self.read_only), dict(self.environment), list(self.preload), self.limits.files
        )

    def _start_sandboxed(self, settings: Settings, folder: Path) -> None:
        builder = type(self).delegate or self.builder()
        self.sandbox = sandbox = builder.build(folder, self.stderr, settings)
        self.process, self.pid = _Bubblewrap(sandbox), sandbox.bubblewrap  # type: ignore[assignment]
        try:
            self.watch = Watch(
                sandbox.root,
                sandbox.kernel,
                self.limits,
                sandbox.group_usage,
                sandbox.files,
                sandbox.memory_of,
            )
        except (psutil.Error, ValueError):  # ValueError: it has no number any more
            raise NoSandboxError(
                f"the kernel ended as it entered its sandbox: {stderr_tail(self.stderr)}. "
                "Run `referee doctor` to see what to change."
            ) from None

    def _end_sandbox(self) -> None:
        """End whatever this has started."""
        if self.sandbox is not None:
            self.sandbox.end()
        elif self.process:
            self.process.kill()
            self.process.wait()

    def _start_in_the_open(self, settings: Settings) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "referee.inside.kernel", settings.to_json()],
            cwd="/",
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.stderr,
            pass_fds=settings.descriptors(),
        )
        self.pid = self.process.pid
        self.watch = Watch(self.pid, self.pid, self.limits)

    async def poll(self) -> int | None:
        """None while the kernel is alive. When it has ended, so does its sandbox."""
        if self.process and not self.watch.is_alive_inside():
            self.watch.end()
            return -signal.SIGKILL
        return await super().poll()

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel; SIGKILL ends the whole sandbox."""
        if not hasattr(self, "watch"):  # it never started
            return
        if signum == signal.SIGKILL:
            self.watch.kill_all()
            if self.process:
                self.process.kill()
            return
        with suppress(psutil.Error):
            self.watch.kernel.send_signal(signum)

    async def cleanup(self, restart: bool = False) -> None:
        """End whatever is left, and remove the sockets."""
        if hasattr(self, "watch"):
            self.watch.stop()
        await self.send_signal(signal.SIGKILL)
        self._end_sandbox()
        with suppress(AttributeError, OSError):
            self.requests.close()
        if not restart:
            shutil.rmtree(self.sockets_folder, ignore_errors=True)
        await super().cleanup(restart=restart)
