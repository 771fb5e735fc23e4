"""Jupyter's clients of a kernel, made to take only what a page or a notebook may hold."""

from dataclasses import dataclass
from typing import Any

import nbformat
import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg
from traitlets import Instance, default

from referee.memory import memory_limit
from referee.model.limits import Limits
from referee.sandbox.provisioner import SandboxProvisioner

MAX_MESSAGE = 2**22  # bytes of one part of a kernel's message; one that sends more is cut off
SHOWN = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg")


class QuietClient(AsyncKernelClient):
    """A client without a heartbeat: garbage on its socket keeps the thread of one from ending."""

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Start the channels."""
        super().start_channels(**kwargs | {"hb": False})


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
    """Executes one cell at a time and keeps what fits into the limit of a cell's output.

    What makes a cell's outputs change later (widgets, displays with ids) is left out.
    """

    limits = Instance(Limits)
    _room = 0

    def run(self, source: str) -> CellRun:
        """Run a cell."""
        self._room = self.limits.output
        cell = nbformat.v4.new_code_cell(source)
        self.nb.cells = [cell]
        try:
            with memory_limit(self.limits.messages):
                self.execute_cell(cell, 0)
        except DeadKernelError:
            return CellRun(cell.outputs, kernel_alive=False)
        except Exception as error:  # the kernel sends what is no message
            return CellRun(cell.outputs, False, type(error).__name__)
        return CellRun(cell.outputs, kernel_alive=True)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Keep a message of output as far as there is room for it."""
        if self.clear_before_next_output:
            outs.clear()
            self.clear_before_next_output = False
        output = output_from_msg(msg)
        if output.output_type == "stream":
            text = output.text[: max(0, self._room)]
            self._room -= len(text)
            if outs and outs[-1].output_type == "stream" and outs[-1].name == output.name:
                outs[-1].text += text
            elif text:
                outs.append(nbformat.v4.new_output("stream", name=output.name, text=text))
        else:
            if "data" in output:
                output.data = {kind: output.data[kind] for kind in SHOWN if kind in output.data}
            if len(str(output)) > self._room and output.output_type == "error":
                output.traceback = ["the traceback is longer than what is kept of a cell"]
                output.ename, output.evalue = output.ename[:200], output.evalue[:200]
            if len(str(output)) <= self._room:
                outs.append(output)
            self._room -= len(str(output))
        return output

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


def start_kernel(folder: str, limits: Limits, config: Any) -> CellClient:
    """Start a kernel that sees the files of a folder, and a client for it.

    Raises:
        NoSandboxError: this machine cannot sandbox student code.

    """
    client = CellClient(
        nbformat.v4.new_notebook(),
        config=config,
        limits=limits,
        kernel_manager_class=SandboxKernelManager,
        resources={"metadata": {"path": folder}},
        timeout=None,
        allow_errors=True,
        shutdown_kernel="immediate",
        extra_arguments=["--log-level=ERROR"],
    )
    manager: Any = client.create_kernel_manager()
    manager.limits = limits
    manager.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
    client.start_new_kernel()
    client.start_new_kernel_client()
    return client
