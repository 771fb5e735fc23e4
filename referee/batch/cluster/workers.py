"""Giving submissions to workers and taking their results, whatever becomes of a worker."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from distributed import Client, Future

from referee.batch.cluster.plugin import TOPIC, UnfitError
from referee.batch.jobs import Answer, Job
from referee.errors import RefereeError

TICK = 0.5  # seconds between two looks at how many workers there are
MOST_AT_ONCE = 32  # results that are recorded together
TOGETHER = 0.2  # seconds within which they come; recording one costs about as much as recording ten
TRIES = 2  # of a submission that the grader fails on, or whose worker was too busy
WITHOUT_WORKERS = 5.0  # seconds without any worker after which the user is warned


@dataclass(frozen=True)
class _Running:
    """A job that a worker has."""

    job: Job
    tries: int
    future: Future[Answer]


class Workers:
    """The workers of a batch. `doing` says at what each was last seen: (student, cell)."""

    def __init__(
        self, client: Client, do: Callable[[Job], Answer], patience: float = math.inf
    ) -> None:
        self.client = client
        self._patience = patience  # seconds without any worker until a run is ended
        self.doing: dict[str, tuple[str, str]] = {}
        self._do = do
        self._running: dict[str, _Running] = {}
        self._unfit: set[str] = set()  # addresses of workers that nothing is given to any more
        self._done: SimpleQueue[str] = SimpleQueue()
        self._count, self._counted = 0, 0.0
        client.subscribe_topic(TOPIC, self._take_note)

    def count(self) -> int:
        """How many submissions the workers can grade at a time, as of the last half second."""
        if time.monotonic() > self._counted + TICK:
            self._count = sum(self._fit().values())
            self._counted = time.monotonic()
        return self._count

    def _fit(self) -> dict[str, int]:
        """How many threads each worker has, of those that can grade."""
        try:
            threads = self.client.nthreads()
        except OSError:
            self._require_scheduler(gone=True)
            raise
        return {address: n for address, n in threads.items() if address not in self._unfit}

    def run(
        self,
        jobs: Iterator[Job],
        stopping: Callable[[], bool],
        say: Callable[[str], None],
    ) -> Iterator[list[tuple[str, bytes]]]:
        """Do jobs, each as soon as there is a worker for it.

        Yields (student, result as bytes) as they come, those together that come at about the same
        time. What the grader itself fails on is tried once more, on another worker if there is one.
        When `stopping` says so, what is running is the last. `say` tells the user of a lack of
        workers.

        Raises:
            RefereeError: the scheduler is gone, or there are no workers for too long.

        """
        self._fill(jobs, stopping)
        had_workers, warned = time.monotonic(), False
        while self._running:
            if not (ended := self._ended(lambda: self._fill(jobs, stopping))):
                self._require_scheduler()
                if self.count():
                    had_workers, warned = time.monotonic(), False
                elif stopping():
                    return
                elif time.monotonic() > had_workers + self._patience:
                    raise RefereeError(
                        f"there has been no worker for {self._patience:g} seconds. What was graded "
                        "is recorded. Start workers with `dask worker`, and run again to go on."
                    )
                elif not warned and time.monotonic() > had_workers + WITHOUT_WORKERS:
                    warned = True
                    say("Waiting for workers: there are none at present")
            results = []
            for task, answer in zip(ended, self._answers(ended), strict=True):
                if isinstance(answer, UnfitError):
                    self._leave_out(answer, say)
                    self._start(task.job, task.tries)
                    continue
                if (answer.failed or answer.busy) and task.tries < TRIES:
                    self._start(task.job, task.tries + 1, answer.worker)
                else:
                    results.append((task.job.student, answer.result))
            if results:
                yield results
            self._fill(jobs, stopping)  # where a worker has come, or was left out

    def _fill(self, jobs: Iterator[Job], stopping: Callable[[], bool]) -> None:
        """Start as many as there are workers; none waits at a worker that is busy."""
        while not stopping() and len(self._running) < max(1, self.count()):
            if (following := next(jobs, None)) is None:
                return
            self._start(following, tries=1)

    def _leave_out(self, error: UnfitError, say: Callable[[str], None]) -> None:
        """Give nothing to this worker any more: it would fail on all that others still have to do.

        Raises:
            RefereeError: there is no other.

        """
        if error.worker not in self._unfit:
            self._unfit.add(error.worker)
            self._counted = 0.0
            say(str(error))
        if not self._fit():
            raise RefereeError("none of the workers can grade. What was graded is recorded.")

    def _start(self, job: Job, tries: int, not_on: str = "") -> None:
        where: dict[str, Any] = {}
        if not_on or self._unfit:
            others = [address for address in self._fit() if address != not_on]
            where = {"workers": others, "allow_other_workers": True} if others else {}
        future = self.client.submit(self._do, job, pure=False, **where)
        self._running[str(future.key)] = _Running(job, tries, future)
        future.add_done_callback(lambda done: self._done.put(str(done.key)))

    def _ended(self, fill: Callable[[], None]) -> list[_Running]:
        """What has ended, after waiting for it for a while: what ends at about the same time.

        A worker that has ended gets other work at once.
        """
        ended: list[_Running] = []
        deadline = time.monotonic() + TICK
        while self._running and len(ended) < MOST_AT_ONCE:
            try:
                key = self._done.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                break
            if not ended:
                deadline = time.monotonic() + TOGETHER
            ended.append(self._running.pop(key))
            fill()
        return ended

    def _answers(self, ended: list[_Running]) -> Iterator[Answer | UnfitError]:
        """What workers say of what has ended."""
        students = {task.job.student for task in ended}
        self.doing = {worker: at for worker, at in self.doing.items() if at[0] not in students}
        try:
            answers = self.client.gather([task.future for task in ended])
        except Exception:  # one of them has failed
            answers = [None] * len(ended)
        for task, answer in zip(ended, answers, strict=True):
            try:
                yield answer or task.future.result()
            except UnfitError as error:
                yield error
            except Exception as error:  # its worker died, for example
                self._require_scheduler()
                reason = f"{type(error).__name__}: {error}"
                yield Answer("", task.job.failed(reason), failed=True)
            task.future.release()

    def _require_scheduler(self, gone: bool = False) -> None:
        if gone or self.client.status != "running":
            raise RefereeError(
                "the connection to the scheduler is lost. What was graded is recorded: run again "
                "to go on."
            )

    def _take_note(self, event: tuple[float, dict[str, str]]) -> None:
        _, what = event
        self.doing = self.doing | {what["worker"]: (what["student"], what["cell"])}
