"""The workers of this machine: threads, each of which has one submission graded at a time."""

import os
import queue
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from dask.system import CPU_COUNT

from referee.batch.jobs import Answer, Job, do
from referee.grade.forks import remove_what_was_left
from referee.grade.graders import Graders
from referee.grade.server import ServerSettings
from referee.model.limits import GIB, Limits

TICK = 0.5  # seconds between two looks at whether the run should end
TOGETHER = 0.2  # seconds within which results come that are recorded together
MOST_AT_ONCE = 32  # of these
LATELY = 1.0  # seconds over which it is measured whether cores have nothing to do
ENOUGH_IDLE = 0.5  # cores that have nothing to do, for one more submission at a time
TRIES = 2  # at a submission that the grader fails on


@contextmanager
def local_workers(
    package: bytes,
    limits: Limits,
    settings: ServerSettings,
    count: int | None,
    jobs: int,
    say: Callable[[str], None],
) -> Iterator["LocalWorkers"]:
    """Workers on this machine: `count`, or one a core, and no more than there are jobs.

    Where the user names no count, there are as many spare ones, if there is memory for them: they
    work while cores have nothing to do, since a submission that sleeps takes time and no core. To
    write pages takes neither time nor memory.

    `say` tells the user of cores that there is no memory for.
    """
    folder = Path(tempfile.gettempdir())
    remove_what_was_left(folder)
    with Graders(package, folder, limits, settings) as graders:  # which load while this goes on
        spare = 0
        if count is None and not settings.grades:
            count = CPU_COUNT
        if count is None:
            count, spare = default_count(limits), spare_count(limits)
            if note := memory_note(limits):
                say(note)
        graders.wait()
        with LocalWorkers(graders, min(count, jobs), min(spare, max(0, jobs - count))) as workers:
            yield workers


@dataclass(frozen=True)
class _Done:
    job: Job
    answer: Answer

    @property
    def pair(self) -> tuple[str, bytes]:
        return self.job.student, self.answer.result


class LocalWorkers:
    """Threads that have submissions graded. `doing` says at what each is: (student, cell).

    Args:
        graders: grade what a thread hands them.
        count: submissions at a time.
        spare: so many more, while cores have nothing to do.

    """

    def __init__(self, graders: Graders, count: int, spare: int = 0) -> None:
        self._graders = graders
        self._count = count
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[_Done] = queue.SimpleQueue()
        self._doing: dict[str, tuple[str, str]] = {}
        self._threads = [
            threading.Thread(target=self._work, args=(f"worker {number}",), daemon=True)
            for number in range(1, count + spare + 1)
        ]

    def __enter__(self) -> "LocalWorkers":
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # is for this thread
        try:
            for thread in self._threads:
                thread.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self

    def __exit__(self, *_: object) -> None:
        self._graders.close()  # nobody waits for what they are doing
        for _thread in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    @property
    def doing(self) -> Mapping[str, tuple[str, str]]:
        """The student and the cell that each worker is at."""
        return dict(self._doing)

    def run(
        self, jobs: Iterator[Job], stopping: Callable[[], bool], say: Callable[[str], None]
    ) -> Iterator[list[tuple[str, bytes]]]:
        """Do jobs, each as soon as there is a worker for it.

        Yields (student, result as bytes) as they come, those together that come at about the same
        time. When `stopping` says so, what is running is the last. What lost something to
        wall-clock time alone is done once more in the end, with nothing beside it.
        """
        busy: list[_Done] = []
        for ended in self._run(jobs, self._count, len(self._threads), stopping):
            waiting = [done for done in ended if done.answer.busy and machine_is_busy()]
            busy += waiting
            if kept := [done.pair for done in ended if done not in waiting]:
                yield kept
        if busy and not stopping():
            names = ", ".join(done.job.student for done in busy)
            say(f"Graded once more, alone, for the machine may have been too busy: {names}")
        # Where the run is to end, what is left of them is for the next one.
        for ended in self._run(iter([done.job for done in busy]), 1, 1, stopping):
            yield [done.pair for done in ended]

    def _run(
        self, jobs: Iterator[Job], at_once: int, at_most: int, stopping: Callable[[], bool]
    ) -> Iterator[list["_Done"]]:
        """Do jobs and yield what has ended, some at a time.

        So many are done `at_once`; while cores have nothing to do, one more, and `at_most` so many.
        """
        running = 0
        cores = IdleCores()

        def fill() -> None:
            nonlocal running
            allowed = at_once
            if at_once <= running < at_most and cores.idle() >= ENOUGH_IDLE:
                allowed = running + 1
            while running < allowed and not stopping():
                if (job := next(jobs, None)) is None:
                    return
                self._jobs.put(job)
                running += 1

        fill()
        while running:
            ended: list[_Done] = []
            deadline = time.monotonic() + TICK
            while len(ended) < MOST_AT_ONCE:
                try:
                    ended.append(self._done.get(timeout=max(0.0, deadline - time.monotonic())))
                except queue.Empty:
                    break
                running -= 1
                fill()
                deadline = min(deadline, time.monotonic() + TOGETHER)
            if ended:
                yield ended
            fill()

    def _work(self, name: str) -> None:
        while (job := self._jobs.get()) is not None:
            answer = self._answer(job, name)
            self._doing.pop(name, None)
            self._done.put(_Done(job, answer))

    def _answer(self, job: Job, name: str) -> Answer:
        def on_cell(cell: str) -> None:
            self._doing[name] = (job.student, cell)

        for _ in range(TRIES):
            try:
                answer = Answer.of(name, do(job, self._graders, on_cell))
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                answer = Answer(name, job.failed(reason), failed=True)
            if not answer.failed:
                break
        return answer


class IdleCores:
    """Tells how many of the cores that this process may use have had nothing to do lately."""

    def __init__(self) -> None:
        self._cores = os.sched_getaffinity(0)
        self._since = time.monotonic()
        self._idle_until_then = self._idle_seconds()

    def idle(self) -> float:
        """Return their mean number since the last measurement; 0 if that was a moment ago."""
        now = time.monotonic()
        if now - self._since < LATELY:
            return 0
        seconds = self._idle_seconds()
        idle = (seconds - self._idle_until_then) / (now - self._since)
        self._since, self._idle_until_then = now, seconds
        return idle

    def _idle_seconds(self) -> float:
        times = psutil.cpu_times(percpu=True)
        return sum(time.idle for core, time in enumerate(times) if core in self._cores)


def machine_is_busy() -> bool:
    """Whether more has wanted to run in the last minutes than this machine has cores for."""
    return os.getloadavg()[1] > CPU_COUNT


def default_count(limits: Limits) -> int:
    """How many workers this machine has cores and memory for, each with a sandbox at its limit."""
    return max(1, min(CPU_COUNT, int(_memory() // limits.memory)))


def spare_count(limits: Limits) -> int:
    """How many workers more there is memory for, at most as many again.

    None where a container's quota is less than the cores that are there: how idle these are says
    nothing then.
    """
    if len(os.sched_getaffinity(0)) > CPU_COUNT:
        return 0
    return max(0, min(CPU_COUNT, int(_memory() // limits.memory) - CPU_COUNT))


def memory_note(limits: Limits) -> str:
    """What to tell a user whose machine has more cores than memory for them; empty otherwise."""
    count = default_count(limits)
    if count == CPU_COUNT:
        return ""
    return (
        f"{count} of {CPU_COUNT} cores are used: each submission may take "
        f"{limits.memory / GIB:g} GiB (c.Limits.memory) of {_memory() / GIB:.0f} GiB. "
        "--workers overrides this."
    )


def _memory() -> int:
    """Bytes of memory that this process may use, limits of containers considered."""
    from distributed.system import MEMORY_LIMIT  # it takes half a second to import

    return int(MEMORY_LIMIT)
