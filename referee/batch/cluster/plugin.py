"""What runs on each worker: it unpacks the course, grades, and tells what it is doing."""

import hashlib
import os
import signal
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker

from referee import __version__
from referee.batch.cluster.clock import keep_steady_time
from referee.batch.cluster.jobs import Answer, Job, JobKind
from referee.errors import RefereeError
from referee.model.outcomes import Outcome
from referee.model.work import from_bytes, to_bytes
from referee.slow_imports import skip_slow_imports

if TYPE_CHECKING:
    from referee.grade.workplace import Workplace

TOPIC = "referee"
REPORT_INTERVAL = 0.5  # seconds between two reports of what a worker is doing
LONGEST_FOLDER = 75  # characters of a path that leave room for those of a kernel's sockets: 107


class UnfitError(RefereeError):
    """A worker cannot grade this course: the worker's address, and why."""

    @property
    def worker(self) -> str:
        """Its address."""
        return self.args[0]

    def __str__(self) -> str:
        return f"the worker {self.worker} cannot grade and is left out: {self.args[1]}"


class CoursePlugin(WorkerPlugin):
    """Gives each worker, also one that comes later, a workplace with the course."""

    workplace: "Workplace"
    problem = "it was not set up"

    def __init__(self, package: bytes, local: bool) -> None:
        self.package = package
        self.local = local
        self.version = __version__
        self.name = f"referee-{hashlib.sha256(package).hexdigest()[:16]}"

    def setup(self, worker: Any) -> None:
        """Unpack the course.

        Raises:
            RefereeError: this worker would not grade as the head does.

        """
        try:
            self._set_up(worker)
            self.problem = ""
        except Exception as error:  # Dask tells nobody if this worker has come later
            self.problem = f"{type(error).__name__}: {error}"
            raise

    def _set_up(self, worker: Any) -> None:
        keep_steady_time()
        skip_slow_imports()
        from referee.grade.workplace import Workplace
        from referee.nbgrader.package import Package

        if self.version != __version__:
            raise RefereeError(f"{worker.address} has Referee {__version__}, not {self.version}")
        if self.local:
            with suppress(ValueError):
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the head
        # Dask removes this folder if the process dies, with all that is temporary in it.
        folder = Path(worker.local_directory)
        self.workplace = Workplace(from_bytes(Package, self.package), folder / self.name)
        self._before = tempfile.tempdir
        if len(os.fspath(folder)) <= LONGEST_FOLDER:
            tempfile.tempdir = os.fspath(folder)

    def teardown(self, worker: Any) -> None:
        """Remove it."""
        if not self.problem:
            tempfile.tempdir = self._before
            self.workplace.close()


def work_on_worker(plugin: str, job: Job) -> Answer:
    """Do a job in the workplace of the worker that this runs on.

    Raises:
        UnfitError: there is none, and no other job can be done here either.

    """
    worker = get_worker()
    if problem := getattr(worker.plugins.get(plugin), "problem", CoursePlugin.problem):
        raise UnfitError(worker.address, problem)
    if threading.current_thread() is not threading.main_thread():
        # As it was for the head; the kernels that are started from here are to be interrupted.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    workplace: Workplace = worker.plugins[plugin].workplace  # type: ignore[attr-defined]
    if job.kind is JobKind.WRITE_PAGES:
        return Answer(worker.address, to_bytes(workplace.write_pages(job.work)))
    with Report(worker, job.student) as report:
        result = workplace.grade(job.work, report.on_cell)
    return Answer(worker.address, to_bytes(result), result.outcome == Outcome.GRADER_FAULT)


class Report:
    """Tells the head, now and then, which cell of whose submission this worker is at."""

    def __init__(self, worker: Any, student: str) -> None:
        self.worker = worker
        self.student = student
        self.cell = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def on_cell(self, cell: str) -> None:
        """Take note of the cell that is next."""
        self.cell = cell

    def __enter__(self) -> "Report":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        reported = None
        while True:
            if self.cell != reported:
                reported = self.cell
                event = {"worker": self.worker.address, "student": self.student, "cell": reported}
                self.worker.log_event(TOPIC, event)
            if self._done.wait(REPORT_INTERVAL):
                return
