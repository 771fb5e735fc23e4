"""Jupyter's clients of a kernel, made to take only what a page or a notebook may hold."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty
from typing import Any

import nbformat
import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from traitlets import Dict, Instance, default

from referee.grade.outputs import OutputRoom, built_output, size_of
from referee.memory import memory_limit
from referee.model.limits import Limits
from referee.sandbox.provisioner import SandboxProvisioner

# Not the application's: formgrader shows what that logs, and nbclient logs each picture.
LOG = logging.getLogger(__name__)
LOG.setLevel(logging.WARNING)
MAX_MESSAGE = 2**22  # bytes of one part of a kernel's message; one that sends more is cut off
CUT = "[more was shown than is kept, see c.Limits.output and c.Limits.notebook_output]\n"


class QuietClient(AsyncKernelClient):
    """A client without a heartbeat: garbage on its socket keeps the thread of one from ending."""

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Start the channels."""
        super().start_channels(**kwargs | {"hb": False})

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, on both channels.

        Jupyter's way goes on to listen for a fifth of a second, in which nothing more comes.

        Raises:
            RuntimeError: the kernel has ended, or has not answered in so many seconds.

        """
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while not await self._answers():
            if not await self.is_alive():
                raise RuntimeError("the kernel has ended before it answered")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kernel has not answered in {timeout:g} seconds")

    async def _answers(self) -> bool:
        """Ask for what the kernel is; whether it has replied, and has said to all that it is done.

        Who has just begun to listen to what is said to all may have missed that.
        """
        asked = self.kernel_info()
        try:
            reply = await self.get_shell_msg(timeout=1)
            while reply["parent_header"].get("msg_id") != asked:
                reply = await self.get_shell_msg(timeout=1)
            said = await self.get_iopub_msg(timeout=0.2)
            while not (
                said["parent_header"].get("msg_id") == asked
                and said["content"].get("execution_state") == "idle"
            ):
                said = await self.get_iopub_msg(timeout=0.2)
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


class SandboxKernelManager(AsyncKernelManager):
    """Starts this environment's kernel in a sandbox, whatever kernel a notebook asks for."""

    limits = Instance(Limits)

    @default("client_factory")
    def _default_client(self) -> type[AsyncKernelClient]:
        return QuietClient

    @property
    def kernel_spec(self) -> KernelSpec:
        """A specification without a command, for the provisioner has its own."""
        provisioner = {"provisioner_name": "referee-sandbox", "config": {"limits": self.limits}}
        return KernelSpec(language="python", metadata={"kernel_provisioner": provisioner})


@dataclass(frozen=True)
class CellRun:
    """How a cell has run: `problem` says why the kernel's messages could not be read, if so."""

    outputs: list[NotebookNode]
    kernel_alive: bool
    problem: str = ""


class CellClient(NotebookClient):
    """Executes one cell at a time and keeps what fits into the limits of output.

    What was displayed and is changed later, by `clear_output` or by the id of a display, is kept as
    it was in the end; widgets are left out.
    """

    limits = Instance(Limits)
    room = Instance(OutputRoom)
    _displays = Dict()  # what is shown, by the ids of displays, of all cells so far

    def run(self, source: str) -> CellRun:
        """Run a cell."""
        self._used, self._cut, self._ends = len(CUT), False, False
        self._displayed_here: set[str] = set()
        cell = nbformat.v4.new_code_cell(source)
        self.nb.cells = [cell]
        alive, problem = True, ""
        try:
            with memory_limit(self.limits.messages):
                self.execute_cell(cell, 0)
        except DeadKernelError:
            alive = False
        except Exception as error:  # the kernel sends what is no message
            alive, problem = False, type(error).__name__
        if self._cut:
            cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=CUT))
        self.room.spend(self._used)
        return CellRun(cell.outputs, alive and not self._ends, problem)

    @default("on_cell_executed")
    def _default_on_cell_executed(self) -> Callable[..., None]:
        return self._hear_reply

    def _hear_reply(self, execute_reply: dict[str, Any], **_: Any) -> None:
        """Notice `exit()`: the kernel replies, and ends a moment later, in the next cell."""
        payload = execute_reply["content"].get("payload", [])
        self._ends = any(each["source"] == "ask_exit" for each in payload)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: Any, cell_index: int
    ) -> NotebookNode | None:
        """Keep a message of output as far as there is room for it."""
        if self.clear_before_next_output:
            self._clear(outs)
            self.clear_before_next_output = False
        if (output := built_output(msg)) is None:
            return None
        left = max(0, self.room.left(self._used))
        self._cut |= size_of(output) > left
        if output.output_type == "stream":
            output.text = output.text[:left]
        elif output.output_type == "error" and size_of(output) > left:
            output.traceback = ["the traceback is longer than what is kept of a cell"]
            output.evalue = output.evalue[:200]
        if size_of(output) <= left:
            self._used += size_of(output)
            self._keep(outs, output, display_id)
        return output

    def _keep(self, outs: list[NotebookNode], output: NotebookNode, display_id: Any) -> None:
        """Put an output behind the others; text goes on where the same stream has left off."""
        if output.output_type == "stream" and outs and outs[-1].get("name") == output.name:
            outs[-1].text += output.text
        elif output.output_type != "stream" or output.text:
            outs.append(output)
            if isinstance(display_id, str):
                self._displays[display_id] = output
                self._displayed_here.add(display_id)

    def clear_output(self, outs: list[NotebookNode], msg: Any, cell_index: int) -> None:
        """Forget what was shown, now or when there is something else to show."""
        if msg["content"].get("wait"):
            self.clear_before_next_output = True
        else:
            self._clear(outs)

    def _clear(self, outs: list[NotebookNode]) -> None:
        outs.clear()
        for display_id in self._displayed_here:
            self._displays.pop(display_id, None)
        self._displayed_here.clear()
        self._used, self._cut = len(CUT), False

    def _update_display_id(self, display_id: Any, msg: dict[str, Any]) -> None:
        """Show something else in place of what has this id, in this cell or one before it."""
        shown = self._displays.get(display_id) if isinstance(display_id, str) else None
        if msg["msg_type"] != "update_display_data" or shown is None:
            return
        output = built_output(msg)
        more = size_of(output) - size_of(shown) if output is not None else 0
        if output is not None and more <= self.room.left(self._used):
            self._used += more
            shown.data, shown.metadata = output.data, output.metadata

    def handle_comm_msg(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Ignore what is said to widgets."""

    @property
    def provisioner(self) -> SandboxProvisioner:
        """The sandbox of the kernel, which has been started."""
        provisioner = self.km.provisioner if self.km is not None else None
        assert isinstance(provisioner, SandboxProvisioner)
        return provisioner

    def close(self) -> None:
        """End the kernel and its sandbox."""
        if self.km is not None:
            self._cleanup_kernel()


def start_kernel(folder: str, limits: Limits, room: OutputRoom, config: Any) -> CellClient:
    """Start a kernel that sees the files of a folder, and a client that keeps output in the room.

    Raises:
        NoSandboxError: this machine cannot sandbox student code.

    """
    client = CellClient(
        nbformat.v4.new_notebook(),
        config=config,
        limits=limits,
        room=room,
        kernel_manager_class=SandboxKernelManager,
        resources={"metadata": {"path": folder}},
        timeout=None,
        allow_errors=True,
        shutdown_kernel="immediate",
        extra_arguments=["--log-level=ERROR"],
        log=LOG,
    )
    manager: Any = client.create_kernel_manager()
    manager.limits = limits
    manager.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
    client.start_new_kernel()
    client.start_new_kernel_client()
    return client
