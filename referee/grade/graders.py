"""The worker's side of grading: each submission in a process of its own, limited from outside.

Whatever a submission does to the process that reads, judges and shows it, what was found until then
counts, and the worker, which reads no byte of a student's, goes on.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Self

from referee.errors import RefereeError
from referee.grade.forks import Fork, Server, ServerLostError
from referee.grade.messages import (
    At,
    Failed,
    GiveUp,
    Grade,
    Graded,
    MessageError,
    Phase,
    Report,
    Request,
    Scored,
    Skip,
    WritePages,
    Written,
    receive,
    send,
)
from referee.grade.server import ServerSettings
from referee.model.events import ignore
from referee.model.limits import MIB, Limits
from referee.model.outcomes import Cause, Outcome, Trouble
from referee.model.work import Pages, PageWork, Result, Work, from_bytes

ATTEMPTS = 5  # at a submission, within its time
LOST_SERVERS = 5  # attempts that do not count, for there was nothing to ask
SLACK = 16 * MIB  # bytes of a message that are no files: marks, notes, names
MAX_LOG, MAX_REASON = 20_000, 500  # characters
SENDING = 120.0  # seconds for a grading process to take its request
PATIENCE = 5.0  # seconds beyond a limit that the grading process is to keep by itself

OnCell = Callable[[str], None]


class Graders:
    """Grades submissions of an assignment, as many at a time as there are threads that ask.

    `package` is the Package as bytes; what is written meanwhile lies below `folder`.
    """

    def __init__(
        self, package: bytes, folder: Path, limits: Limits, settings: ServerSettings
    ) -> None:
        self._package = package
        self._folder = folder
        self._settings = settings
        self._limits = limits
        self._lock = threading.Lock()
        self._closed = False
        self._server = Server(package, folder, settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self) -> None:
        """Wait until all is loaded.

        Raises:
            RefereeError: this machine cannot grade this course; the message says why.

        """
        try:
            self._server.wait()
        except RefereeError:
            if not self._server.was_killed():
                raise
            self._running_server().wait()

    def close(self) -> None:
        """End all, whatever it is doing."""
        self._closed = True
        with self._lock:
            self._server.close()

    def grade(self, content: bytes, on_cell: OnCell = ignore) -> Result:
        """Grade a submission, Work as bytes. `on_cell` is called with each cell before it runs."""
        work = from_bytes(Work, content)
        attempt, to_blame = self._graded(work, on_cell)
        if attempt.result is None and not to_blame:
            return _fault(work, attempt)
        if attempt.result is None or attempt.pages is None:
            given_up = GiveUp(work, attempt.trouble, attempt.points, attempt.result)
            attempt = self._attempt(given_up, on_cell, self._deadline())
        if attempt.result is None:
            return _fault(work, attempt)
        pages = attempt.pages or Pages(work.student, problem="there is no feedback page")
        notes = (*attempt.result.notes, *filter(None, [pages.problem]))
        return replace(attempt.result, notes=notes, feedback=pages.feedback)

    def write_pages(self, content: bytes) -> Pages:
        """Write feedback pages anew, PageWork as bytes; no cell is run."""
        work = from_bytes(PageWork, content)
        attempt = self._attempt(WritePages(work), ignore, self._deadline())
        return attempt.pages or Pages(work.student, problem=attempt.trouble.reason)

    def _graded(self, work: Work, on_cell: OnCell) -> tuple["_Attempt", bool]:
        """Try until there is a result, without cells at which processes have ended.

        Returns the last attempt, with the points that any has found, and whether the submission is
        to blame if there is no result: it has reached a limit, or processes have ended at the same
        cell twice. A process that ends for the first time at a cell may have been ended by others.
        """
        deadline, points = self._deadline(), dict[str, dict[str, float | None]]()
        skipped: tuple[Skip, ...] = ()
        ended_at: list[At] = []
        to_blame, lost = False, 0
        while len(ended_at) < ATTEMPTS:
            attempt = self._attempt(Grade(work, skipped), on_cell, deadline)
            attempt.points = points = _merged(points, attempt.points)
            if attempt.result is not None or attempt.is_late or self._closed:
                return attempt, attempt.is_late
            if attempt.server_lost and lost < LOST_SERVERS:
                lost += 1
                continue
            at = attempt.at
            repeated = at in ended_at
            to_blame |= attempt.stopped or (repeated and bool(at.cell))
            if at.cell and (attempt.stopped or repeated):
                skipped += (Skip(at.notebook, at.cell, attempt.trouble),)
            elif attempt.stopped:  # while it read the notebook, as it would again
                break
            ended_at.append(at)
        return attempt, to_blame

    def _deadline(self) -> float:
        """Until when all attempts at a submission are to be over, in seconds of time.monotonic."""
        return time.monotonic() + self._limits.submission_wall

    def _attempt(self, request: Request, on_cell: OnCell, deadline: float) -> "_Attempt":
        """Ask a new process, of another server if this one has ended."""
        most = self._limits.result + self._limits.files + len(self._package) + SLACK
        attempt = _Attempt(self._limits, on_cell, deadline, most)
        try:
            server = self._running_server()
            with server.fork(kernels=isinstance(request, Grade)) as fork:
                attempt.run(fork, request)
                if attempt.trouble_with_process and server.ends_soon():
                    attempt.server_lost = True
        except ServerLostError as error:
            attempt.server_lost = True
            attempt.trouble = Trouble(Cause.GRADING_ENDED, str(error))
        except RefereeError as error:
            attempt.trouble = Trouble(Cause.GRADING_ENDED, str(error))
        return attempt

    def _running_server(self) -> Server:
        with self._lock:
            if self._closed:
                raise ServerLostError("the run has ended")
            if self._server.has_ended():
                self._server.close()
                self._server = Server(self._package, self._folder, self._settings)
            return self._server


class _StoppedError(Exception):
    """A grading process has reached a limit; `cause` says of which kind."""

    def __init__(self, reason: str, cause: Cause = Cause.TIME) -> None:
        super().__init__(reason)
        self.cause = cause


@dataclass
class _Attempt:
    """One process for one submission, and what it has said so far.

    `stopped` if it reached a limit, and `is_late` if this is that of the whole submission.
    """

    limits: Limits
    on_cell: OnCell
    deadline: float  # of all attempts, in seconds of time.monotonic
    most: int  # bytes of a message
    at: At = At(Phase.READING)  # noqa: RUF009 - it is frozen
    points: dict[str, dict[str, float | None]] = field(default_factory=dict)
    result: Result | None = None
    pages: Pages | None = None
    trouble: Trouble = Trouble(Cause.GRADING_ENDED, "it said nothing")  # noqa: RUF009
    log: str = ""  # a traceback of ours
    stopped: bool = False
    is_late: bool = False
    server_lost: bool = False  # it says nothing of the submission
    trouble_with_process: bool = False

    def run(self, fork: Fork, request: Request) -> None:
        """Send the request, and listen until all is said or a limit is reached."""
        try:
            fork.channel.settimeout(SENDING)
            send(fork.channel, request)
            self._listen(fork, request.work.student)
        except _StoppedError as stopped:
            self.stopped = True
            self.trouble = Trouble(stopped.cause, str(stopped))
        except (MessageError, EOFError, OSError) as error:
            self.trouble_with_process = True
            why = str(error) or fork.end(PATIENCE)
            self.trouble = Trouble(
                Cause.GRADING_ENDED,
                f"the grading process failed while {self.at.phase.value}: {why}",
            )

    def _listen(self, fork: Fork, student: str) -> None:
        limits = self.limits
        since, cpu_before = time.monotonic(), 0.0

        def require_time() -> None:
            """Raise _StoppedError if what is being done takes too long."""
            now, phase = time.monotonic(), self.at.phase
            if now > self.deadline:
                self.is_late = True
                raise _StoppedError(f"grading took more than {limits.submission_wall:g} seconds")
            wall = limits.notebook_wall if phase is Phase.CELL else limits.test_wall
            if now > since + wall + PATIENCE:
                reason = f"{phase.value} took more than {wall:g} seconds"
                raise _StoppedError(reason, Cause.WALL_TIME)
            if fork.cpu_seconds() > cpu_before + self._cpu_limit():
                raise _StoppedError(f"{phase.value} took too much CPU time")

        while self.pages is None:
            report: Report = receive(fork.channel, Report, self.most, require_time)  # type: ignore[arg-type]
            match report:
                case At():
                    self.at, since, cpu_before = report, time.monotonic(), fork.cpu_seconds()
                    self.on_cell(report.cell or report.phase.value)
                case Scored(notebook, cell, points):
                    self.points.setdefault(notebook, {})[cell] = points
                case Graded(result):
                    _require(result.student == student, "it is of another student")
                    _require_safe_names(result.autograded)
                    self.result = result
                case Failed(traceback):
                    self.log = traceback[-MAX_LOG:]
                    raise MessageError(traceback.strip().rpartition("\n")[2][:MAX_REASON])
                case Written(pages):
                    _require(pages.student == student, "they are of another student")
                    _require_safe_names(pages.feedback)
                    self.pages = pages

    def _cpu_limit(self) -> float:
        """CPU seconds that what is being done may take, outside of the sandbox."""
        match self.at.phase:
            case Phase.TEST:  # which keeps the time by itself, where nothing prevents it
                return self.limits.test_cpu + PATIENCE
            case Phase.CELL:
                return self.limits.long_cell_cpu
        return self.limits.handling_cpu


def _fault(work: Work, attempt: _Attempt) -> Result:
    """The grader has failed, and not by what the submission did."""
    reason = attempt.trouble.reason
    return Result(work.student, Outcome.GRADER_FAULT, reason, log=attempt.log or reason)


def _merged(
    points: dict[str, dict[str, float | None]], more: dict[str, dict[str, float | None]]
) -> dict[str, dict[str, float | None]]:
    """Points of cells by notebook, the later ones first."""
    return {name: points.get(name, {}) | more.get(name, {}) for name in points.keys() | more.keys()}


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise MessageError(otherwise)


def _require_safe_names(files: Iterable[str]) -> None:
    for name in files:
        path = PurePosixPath(name)
        safe = path.parts and not path.is_absolute() and ".." not in path.parts and "\0" not in name
        _require(bool(safe), f"a file called {name!r}")
