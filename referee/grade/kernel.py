"""A student's kernel from start to end: cells are run in it, test cells are judged against it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from nbformat import NotebookNode

from referee.grade.client import CellClient, start_kernel
from referee.grade.outputs import OutputRoom
from referee.grade.patience import Patience
from referee.grade.replay import (
    Budget,
    CellStep,
    GuardStep,
    RandomStep,
    Step,
    Stop,
    Stopped,
)
from referee.judge.cells import TestCell
from referee.judge.folder import take_as_ours
from referee.judge.judge import Judge
from referee.judge.remote import CallBackLimits, CallClock, StudentCode
from referee.judge.requests import ForkRequests
from referee.judge.verdict import Verdict
from referee.model.events import Events
from referee.model.limits import Limits
from referee.model.outcomes import Cause, Trouble
from referee.sandbox.provisioner import SandboxProvisioner
from referee.sandbox.watch import Watch

ENDED_THE_KERNEL = Trouble(Cause.KERNEL_ENDED, "it ended the kernel")


class StudentKernel:
    """A kernel in a sandbox. A cell that ends it costs a restart and a replay of the others.

    `events` get what a teacher should know of how it went; `folder` has the files that it sees.
    """

    def __init__(
        self, folder: Path, limits: Limits, config: Any = None, events: Events | None = None
    ) -> None:
        self.folder = folder
        self.limits = limits
        self.config = config
        self.events = events or Events()
        self.restarts = 0
        self.sandboxed = True
        self._client: CellClient | None = None
        self._steps: list[Step] = []
        self._patience = Patience(limits)
        self._cpu_of_ended = 0.0
        self._room = OutputRoom(limits.output, limits.notebook_output)
        self._budget = Budget(limits, self.cpu_seconds)

    def __enter__(self) -> Self:
        self._open()
        if not self.sandboxed:
            self.events.note("the notebook was run WITHOUT a sandbox")
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def run(self, source: str, name: str = "a cell") -> list[NotebookNode]:
        """Run a cell in the kernel and return its outputs; `name` is what notes call it."""
        if stopped := self._stopped():
            return [self._not_run(stopped)]
        outputs = self._run(source, name)
        if _is_out_of_memory(outputs):
            self.events.trouble(Cause.MEMORY, f"{name} found no memory")
        self._start_again_if_ended()
        return outputs

    def judge(self, cell: TestCell, judge: Judge) -> list[NotebookNode]:
        """Judge a test cell against a fork of the kernel; the kernel stays as it is."""
        if stopped := self._stopped():
            return [self._not_run(stopped)]
        watch = self._provisioner.watch
        take_as_ours(watch)
        student = self._student_code(watch)
        try:
            judged = judge.run(cell, student)
        finally:
            student.close()
        if student.has_found_no_kernel and watch.ends_soon():
            # What the cell before has called ended the kernel, and was not quite done with that.
            self._close()
            self._start_again_if_ended()
            return self.judge(cell, judge)
        self._note_losses(cell.grade_id, student, judged.outputs)
        if judged.explanation is not None:
            self.events.explanations[cell.grade_id] = judged.explanation
        if judged.note:
            self.events.note(judged.note)
        if judged.trouble is not None:
            self.events.trouble(judged.trouble.cause, judged.trouble.reason)
        for function, lost in sorted(student.hanging.items()):
            limits = self.limits
            wall = limits.call_wall if lost.end.by_cpu_time else limits.hanging_call_wall
            self._take(GuardStep(function, limits.hanging_call_cpu, wall))
        if not cell.has_hidden_tests:
            # Students run this cell too, and what they draw afterwards goes on from there.
            self._take(RandomStep(judged.random_states))
        if not watch.is_alive_inside():  # a function has ended the kernel itself
            self.events.note(f"test cell {cell.grade_id} ended the kernel")
            self._close()
            self._start_again_if_ended()
        return judged.outputs

    def _student_code(self, watch: Watch) -> StudentCode:
        """The kernel as the next test cell sees it."""
        watch.trouble = None
        requests, limits = self._requests, self.limits
        before = watch.processes()
        return StudentCode(
            lambda tests: requests.fork(
                limits.call_cpu * tests,
                WatchedClock(watch, limits, tests, self._patience),
                limits.frame,
            ),
            lambda: watch.end_processes_since(before),
            limits.lost_calls,
        )

    def cpu_seconds(self) -> float:
        """CPU seconds that the notebook has used, in all of its kernels."""
        running = 0.0 if self._has_ended() else self._provisioner.watch.cpu_seconds()
        return self._cpu_of_ended + running

    def take_most_memory(self) -> int:
        """The most bytes of memory that the sandbox was seen with since this was asked last."""
        return 0 if self._has_ended() else self._provisioner.watch.take_most_memory()

    def _run(self, source: str, name: str) -> list[NotebookNode]:
        """Run a cell; if it ends the kernel, close that, and leave the cell out from now on."""
        assert self._client is not None
        watch = self._provisioner.watch
        before = watch.processes()
        cell = f"cell {name}"
        most = self._patience.left(cell)
        with watch.cell(*self._cell_limits(name), most):
            ran = self._client.run(source)
            watch.look_at_time()
        self._patience.spend(cell, watch.blocked)
        if watch.trouble and watch.blocked > most:
            self._patience.end(cell)
        outputs = ran.outputs
        if ran.problem:
            self.events.note(f"the kernel's messages cannot be read: {ran.problem}")
        if not ran.kernel_alive:
            watch.trouble = watch.trouble or ENDED_THE_KERNEL
            self._close()
        elif not watch.trouble:
            self._steps.append(CellStep(name, source))
        if ran.kernel_alive and watch.tasks() > self.limits.processes / 2:
            watch.end_processes_since(before)  # the judge needs room to fork
            self.events.note(f"{name} left very many processes, which were ended")
        if trouble := watch.trouble:
            outputs.append(Verdict.stopped(f"this cell was stopped: {trouble.reason}").to_output())
            self.events.trouble(trouble.cause, f"{name} was stopped: {trouble.reason}")
        return outputs

    def _cell_limits(self, name: str) -> tuple[float, float]:
        """CPU seconds and wall-clock seconds of a cell."""
        if name in self.limits.long_cells:
            return self.limits.long_cell_cpu, self.limits.long_cell_wall
        return self.limits.cell_cpu, self.limits.cell_wall

    def _note_losses(self, name: str, student: StudentCode, outputs: list[NotebookNode]) -> None:
        """Note what a test cell has found: calls that had no answer, or found no memory."""
        trouble = self._provisioner.watch.trouble
        for lost in student.losses:
            if trouble:
                self.events.trouble(trouble.cause, f"{name}: {trouble.reason}")
            elif lost.hung:
                cause = Cause.WALL_TIME if lost.by_wall_time_alone else Cause.TIME
                self.events.trouble(cause, f"{name}: the code it calls takes too long")
            else:
                self.events.trouble(Cause.CALL_LOST, f"{name}: {lost.for_teacher}")
        if _is_out_of_memory(outputs):
            self.events.trouble(Cause.MEMORY, f"{name}: the code it calls found no memory")

    def _not_run(self, stopped: Stopped) -> NotebookNode:
        self.events.trouble(stopped.cause, stopped.for_teacher)
        return Verdict.stopped(stopped.for_student).to_output()

    def _start_again_if_ended(self) -> None:
        """Start a new kernel and run in it the cells that did not end the last one."""
        while self._has_ended() and self.restarts < self.limits.restarts:
            self.restarts += 1
            self._open()
            steps, self._steps = self._steps, []
            for step in steps:
                if self._has_ended() or self._budget.exceeded():
                    self._steps.append(step)  # for the next kernel
                else:
                    self._take(step)

    def _take(self, step: Step) -> None:
        """Do something that the next kernel has to repeat, if there is one."""
        match step:
            case CellStep(name, source):
                self._run(source, name)  # which remembers it, if it did not end the kernel
                return
            case GuardStep(function, cpu, wall):
                self._requests.guard(function, cpu, wall)
            case RandomStep(states):
                self._requests.set_random_states(states)
        self._steps.append(step)

    def _stopped(self) -> Stopped | None:
        return Stopped(Stop.KERNEL) if self._has_ended() else self._budget.exceeded()

    def _has_ended(self) -> bool:
        return self._client is None

    @property
    def _provisioner(self) -> SandboxProvisioner:
        assert self._client is not None
        return self._client.provisioner

    @property
    def _requests(self) -> ForkRequests:
        calls_back = CallBackLimits(self.limits.calls_back, self.limits.calls_back_depth)
        limits = self.limits
        return ForkRequests(
            self._provisioner.requests, limits.printed, calls_back, limits.arguments
        )

    def _open(self) -> None:
        self._client = start_kernel(str(self.folder), self.limits, self._room, self.config)
        self.sandboxed = self._provisioner.enabled

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            self._cpu_of_ended += client.provisioner.watch.cpu_seconds()
            client.close()


class WatchedClock(CallClock):
    """The time of a fork's calls, by the clock and by what the sandbox does meanwhile."""

    def __init__(self, watch: Watch, limits: Limits, tests: int, patience: Patience) -> None:
        super().__init__(time.monotonic() + limits.call_wall * tests)
        self._watch = watch
        self._patience = patience
        self._most_of_all = limits.blocked  # idle seconds of the fork
        self._most = limits.blocked  # until the call that runs is stopped
        watch.forget_blocked()

    @contextmanager
    def running(self, asked: str) -> Iterator[None]:
        """The answer to what is asked is waited for."""
        before = self._watch.blocked
        self._most = min(self._most_of_all, before + self._patience.left(asked))
        with self._watch.call():
            try:
                yield
            except TimeoutError:
                if self.is_blocked():
                    self._patience.end(asked)
                raise
            finally:
                if self._watch.blocked > before:  # else it took less than from one look to the next
                    self._watch.look_at_time()
                self._patience.spend(asked, self._watch.blocked - before)

    def is_blocked(self) -> bool:
        """Whether the sandbox has done nothing for longer than it may."""
        return self._watch.blocked > self._most


def _is_out_of_memory(outputs: list[NotebookNode]) -> bool:
    return any(output.get("ename", "").endswith("MemoryError") for output in outputs)
