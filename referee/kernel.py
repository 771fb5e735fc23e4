"""A student's kernel from start to end: cells are run in it, test cells are judged against it."""

import time
from dataclasses import dataclass, field
from logging import Logger, LoggerAdapter
from pathlib import Path
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
from traitlets import default

from referee.boundary.remote import ForkRequests, Student
from referee.judge import Judge, TestCell
from referee.memory import memory_limit
from referee.outcomes import Outcome, Trouble
from referee.sandbox.limits import Limits
from referee.sandbox.provisioner import SandboxProvisioner

MAX_MESSAGE = 2**22  # bytes of one part of a kernel's message; one that sends more is cut off
MEMORY = 2**31  # bytes that a cell's messages may take here
SHOWN = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg")
ENDED = "your notebook's kernel was ended too often"
ENDED_THE_KERNEL = Trouble(Outcome.LOST_CELLS, "it ended the kernel")


class QuietClient(AsyncKernelClient):
    """A client without a heartbeat: garbage on its socket keeps the thread of one from ending."""

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Start the channels."""
        super().start_channels(**kwargs | {"hb": False})


class SandboxKernelManager(AsyncKernelManager):
    """Starts this environment's kernel in a sandbox, whatever kernel a notebook asks for."""

    limits: Limits | None = None  # of the sandbox, instead of the configured ones

    @default("client_factory")
    def _default_client(self) -> type[AsyncKernelClient]:
        return QuietClient

    @property
    def kernel_spec(self) -> KernelSpec:
        """A specification without a command, for the provisioner has its own."""
        provisioner = {"provisioner_name": "referee-sandbox", "config": {}}
        return KernelSpec(language="python", metadata={"kernel_provisioner": provisioner})


class CellClient(NotebookClient):
    """Executes one cell at a time and keeps what fits into the limit of a cell's output.

    What makes a cell's outputs change later (widgets, displays with ids) is left out.
    """

    max_output = 0
    _room = 0

    def run(self, source: str) -> tuple[list[NotebookNode], bool]:
        """The outputs of a cell, and whether the kernel is still alive."""
        self._room = self.max_output
        cell = nbformat.v4.new_code_cell(source)
        self.nb.cells = [cell]
        try:
            with memory_limit(MEMORY):
                self.execute_cell(cell, 0)
        except Exception as error:  # the kernel has died, or sends what is no message
            if not isinstance(error, DeadKernelError):
                self.log.warning("the kernel's messages cannot be read: %s", type(error).__name__)
            return cell.outputs, False
        return cell.outputs, True

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


@dataclass(frozen=True)
class _Cell:
    """A step that is repeated in a new kernel: a cell is run."""

    name: str
    source: str


@dataclass(frozen=True)
class _Guard:
    """Another: a function that has hung is given less time."""

    function: str


@dataclass
class StudentKernel:
    """A kernel in a sandbox. A cell that ends it costs a restart and a replay of the others.

    `notes` and `troubles` say what a teacher should know of how it went.
    """

    folder: Path
    limits: Limits
    config: Any = None
    notes: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    restarts: int = 0
    sandboxed: bool = True
    _client: CellClient | None = None
    _steps: list[Any] = field(default_factory=list)  # cells, guards and states of generators
    _cpu_of_ended: float = 0.0
    _start: float = field(default_factory=time.monotonic)

    def __enter__(self) -> "StudentKernel":
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def run(self, source: str, name: str = "a cell") -> list[NotebookNode]:
        """Run a cell in the kernel and return its outputs; `name` is what notes call it."""
        if reason := self._why_not():
            self._note_budget(reason)
            return [stopped(reason)]
        outputs = self._run(source, name)
        if _is_out_of_memory(outputs):
            self._trouble(Outcome.OUT_OF_MEMORY, f"{name} found no memory")
        self._start_again_if_ended()
        return outputs

    def judge(self, cell: TestCell, judge: Judge) -> list[NotebookNode]:
        """Judge a test cell against a fork of the kernel; the kernel stays as it is."""
        if reason := self._why_not():
            self._note_budget(reason)
            return [stopped(reason)]
        provisioner = self._provisioner
        provisioner.watch.trouble = None
        requests = ForkRequests(provisioner.requests)
        before = set(provisioner.watch.processes())
        student = Student(
            lambda: requests.fork(self.limits.call_cpu, self._deadline(), self.limits.frame),
            lambda: provisioner.watch.end_processes_since(before),
        )
        try:
            outputs = judge.run(cell, student, self.limits.test_wall)
        finally:
            student.close()
        self._note_losses(cell.grade_id, student, outputs)
        for function in sorted(student.hanging):
            self._steps.append(_Guard(function))
            self._guard(function)
        if not cell.has_hidden_tests:
            # Students run this cell too, and what they draw afterwards goes on from there.
            self._steps.append(judge.random_states)
            requests.set_random_states(judge.random_states)
        if not provisioner.watch.is_alive_inside():  # a function has ended the kernel itself
            self.notes.append(f"test cell {cell.grade_id} ended the kernel")
            self._close()
            self._start_again_if_ended()
        return outputs

    def report(self, log: Logger | LoggerAdapter[Any]) -> None:
        """Log what a teacher should know."""
        if not self.sandboxed:
            log.warning("the notebook was run WITHOUT a sandbox")
        for note in self.notes:
            log.warning(note)
        for trouble in self.troubles:
            log.warning(trouble.reason, extra={"trouble": trouble})

    def _run(self, source: str, name: str) -> list[NotebookNode]:
        """Run a cell; if it ends the kernel, close that, and leave the cell out from now on."""
        assert self._client is not None
        watch = self._provisioner.watch
        before = set(watch.processes())
        with watch.cell(*self._cell_limits(name)):
            outputs, alive = self._client.run(source)
        if not alive:
            watch.trouble = watch.trouble or ENDED_THE_KERNEL
            self._close()
        elif not watch.trouble:
            self._steps.append(_Cell(name, source))
        if alive and watch.tasks() > self.limits.processes / 2:  # the judge needs room to fork
            watch.end_processes_since(before)
            self.notes.append(f"{name} left very many processes, which were ended")
        if trouble := watch.trouble:
            outputs.append(stopped(f"this cell was stopped: {trouble.reason}"))
            self._trouble(trouble.outcome, f"{name} was stopped: {trouble.reason}")
        return outputs

    def _cell_limits(self, name: str) -> tuple[float, float]:
        """CPU seconds and seconds of a cell."""
        if name in self.limits.long_cells:
            return self.limits.long_cell_cpu, self.limits.long_cell_wall
        return self.limits.cell_cpu, self.limits.cell_wall

    def _guard(self, function: str) -> None:
        requests = ForkRequests(self._provisioner.requests)
        requests.guard(function, self.limits.hanging_call_cpu, self.limits.hanging_call_wall)

    def _note_losses(self, name: str, student: Student, outputs: list[NotebookNode]) -> None:
        """Note what a test cell has found: calls that had no answer, or found no memory."""
        trouble = self._provisioner.watch.trouble
        for lost in student.losses:
            if trouble:
                self._trouble(trouble.outcome, f"{name}: {trouble.reason}")
            elif lost.hung:
                self._trouble(Outcome.OUT_OF_TIME, f"{name}: the code it calls takes too long")
            else:
                self._trouble(Outcome.LOST_CELLS, f"{name}: {lost}".replace("your", "the"))
        if _is_out_of_memory(outputs):
            self._trouble(Outcome.OUT_OF_MEMORY, f"{name}: the code it calls found no memory")

    def _note_budget(self, reason: str) -> None:
        outcome = Outcome.LOST_CELLS if self._has_ended() else Outcome.OUT_OF_TIME
        self._trouble(outcome, reason.replace("your", "the"))

    def _trouble(self, outcome: Outcome, reason: str) -> None:
        trouble = Trouble(outcome, reason)
        if trouble not in self.troubles:
            self.troubles.append(trouble)

    def _start_again_if_ended(self) -> None:
        """Start a new kernel and run in it the cells that did not end the last one."""
        while self._has_ended() and self.restarts < self.limits.restarts:
            self.restarts += 1
            self._open()
            steps, self._steps = self._steps, []
            for step in steps:
                if self._has_ended() or self._out_of_budget():
                    self._steps.append(step)  # for the next kernel
                else:
                    self._repeat(step)

    def _repeat(self, step: Any) -> None:
        if isinstance(step, _Cell):
            self._run(step.source, step.name)
            return
        if isinstance(step, _Guard):
            self._guard(step.function)
        else:
            ForkRequests(self._provisioner.requests).set_random_states(step)
        self._steps.append(step)

    def _deadline(self) -> float:
        return time.monotonic() + self.limits.call_wall

    def _why_not(self) -> str:
        return ENDED if self._has_ended() else self._out_of_budget()

    def _has_ended(self) -> bool:
        return self._client is None

    def cpu_seconds(self) -> float:
        """CPU seconds that the notebook has used, in all of its kernels."""
        running = 0.0 if self._has_ended() else self._provisioner.watch.cpu_seconds()
        return self._cpu_of_ended + running

    def _out_of_budget(self) -> str:
        if time.monotonic() - self._start > self.limits.notebook_wall:
            return f"your notebook took more than {self.limits.notebook_wall:g} seconds"
        if self.cpu_seconds() > self.limits.notebook_cpu:
            return f"your notebook used more than {self.limits.notebook_cpu:g} CPU seconds"
        return ""

    @property
    def _provisioner(self) -> SandboxProvisioner:
        assert self._client is not None
        return _provisioner_of(self._client)

    def _open(self) -> None:
        client = CellClient(
            nbformat.v4.new_notebook(),
            config=self.config,
            kernel_manager_class=SandboxKernelManager,
            resources={"metadata": {"path": str(self.folder)}},
            timeout=None,
            allow_errors=True,
            shutdown_kernel="immediate",
            extra_arguments=["--log-level=ERROR"],
        )
        client.max_output = self.limits.output
        manager: Any = client.create_kernel_manager()
        manager.limits = self.limits
        manager.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
        client.start_new_kernel()
        client.start_new_kernel_client()
        self._client = client
        self.sandboxed = self._provisioner.enabled

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.km is not None:
            self._cpu_of_ended += _provisioner_of(client).watch.cpu_seconds()
            client._cleanup_kernel()


def _provisioner_of(client: CellClient) -> SandboxProvisioner:
    provisioner = client.km.provisioner if client.km is not None else None
    assert isinstance(provisioner, SandboxProvisioner)
    return provisioner


def _is_out_of_memory(outputs: list[NotebookNode]) -> bool:
    return any(output.get("ename", "").endswith("MemoryError") for output in outputs)


def stopped(reason: str) -> NotebookNode:
    """The output of a cell that did not end by itself, or was not run at all."""
    return nbformat.v4.new_output("error", ename="Stopped", evalue=reason, traceback=[reason])
