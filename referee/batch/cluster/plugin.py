"""What runs on each worker of a cluster: it has submissions graded, and tells what it is doing."""

import hashlib
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from referee import __version__
from referee.batch.cluster.clock import keep_steady_time
from referee.batch.jobs import Answer, Job, do
from referee.errors import RefereeError
from referee.grade.graders import Graders
from referee.grade.server import ServerSettings
from referee.model.limits import Limits

TOPIC = "referee"
REPORT_INTERVAL = 0.5  # seconds between two reports of what a worker is doing
LONGEST_FOLDER = 45  # characters of a path that leave room for those of a kernel's sockets: 107


class UnfitError(RefereeError):
    """A worker cannot grade this course: the worker's address, and why."""

    @property
    def worker(self) -> str:
        """Its address."""
        return self.args[0]

    def __str__(self) -> str:
        return f"the worker {self.worker} cannot grade and is left out: {self.args[1]}"


class CoursePlugin(WorkerPlugin):
    """Gives each worker, also one that comes later, what grades submissions of the course."""

    graders: Graders
    problem = "it was not set up"

    def __init__(self, package: bytes, limits: dict[str, Any]) -> None:
        self.package = package
        self.limits = limits
        self.version = __version__
        self.name = f"referee-{hashlib.sha256(package).hexdigest()[:16]}"

    def setup(self, worker: Any) -> None:
        """Load the course.

        Raises:
            RefereeError: this worker would not grade as the head does.

        """
        try:
            keep_steady_time()
            if self.version != __version__:
                raise RefereeError(
                    f"{worker.address} has Referee {__version__}, not {self.version}"
                )
            # Dask removes this folder if the process dies, with all that is in it.
            folder = Path(worker.local_directory)
            if len(os.fspath(folder)) > LONGEST_FOLDER:
                folder = Path(tempfile.gettempdir())
            others = os.fspath(Path(worker.local_directory).parent)  # other workers' folders
            settings = ServerSettings([others])
            self.graders = Graders(self.package, folder, Limits(**self.limits), settings)
            self.graders.wait()
            self.problem = ""
        except Exception as error:  # Dask tells nobody if this worker has come later
            self.problem = f"{type(error).__name__}: {error}"
            raise

    def teardown(self, worker: Any) -> None:
        """End what is being graded."""
        if hasattr(self, "graders"):
            self.graders.close()


def work_on_worker(plugin: str, job: Job) -> Answer:
    """Do a job on the worker that this runs on.

    Raises:
        UnfitError: there is none, and no other job can be done here either.

    """
    worker = get_worker()
    if problem := getattr(worker.plugins.get(plugin), "problem", CoursePlugin.problem):
        raise UnfitError(worker.address, problem)
    graders: Graders = worker.plugins[plugin].graders  # type: ignore[attr-defined]
    with Report(worker, job.student) as report:
        return Answer.of(worker.address, do(job, graders, report.on_cell))


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
