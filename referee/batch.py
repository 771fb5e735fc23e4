"""Grading a batch of submissions: what is due is read, sent to workers, and recorded."""

import json
import math
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, Self

from sqlalchemy.exc import OperationalError

from referee import __version__
from referee.collect import Submission, loops_in, state_of
from referee.course import Course
from referee.errors import RefereeError
from referee.gradebook import Known, marked_students
from referee.intake import TIMESTAMP, take_in
from referee.journal import JournalLine, latest_lines
from referee.outcomes import Outcome, Refused
from referee.package import pack
from referee.record import Kept, Recorder
from referee.sandbox.limits import Limits
from referee.work import Result, Work

LOCKED_PATIENCE = 60.0  # seconds for another program to leave the gradebook
# What of nbgrader_config.py makes a difference to results.
SECTIONS = ("Limits", "Autograde", "GenerateFeedback", "AssignLatePenalties", "HTMLExporter")


class Show(Protocol):
    """What a batch tells its user while it is under way."""

    def recorded(self, line: JournalLine, *, now: bool) -> None:
        """A submission is done, `now` or in an earlier run."""

    def watch(self, workers: Any) -> None:
        """These are the workers."""

    def say(self, text: str) -> None:
        """Something that a user should know."""


@dataclass(frozen=True)
class Options:
    """How a batch is graded: `scheduler` is a Dask scheduler's address, empty for this machine."""

    force: bool = False
    workers: int | None = None
    scheduler: str = ""


def grade_batch(
    course: Course, submissions: list[Submission], options: Options, show: Show
) -> list[JournalLine]:
    """Grade the submissions that are new or changed, or all with `force`; return a line of each.

    Whatever happens to one submission costs the others nothing. What is graded is recorded at
    once; a batch that is cut off, wherever that may be, goes on when it is started again.

    Raises:
        RefereeError: no worker can grade, or the gradebook cannot be written to.
        KeyboardInterrupt: a user wants it to end.

    """
    try:
        with (
            Recorder(course, submissions[0].assignment) as recorder,
            Interrupts(show) as interrupts,
        ):
            batch = Batch(course, recorder, submissions, show)
            batch.finish_last_time()
            batch.leave_out_what_has_not_changed(options.force)
            batch.grade(options, interrupts)
            batch.record_postponed()
            return list(batch.lines.values())
    except OperationalError as error:
        raise RefereeError(
            f"the gradebook {course.directory.db_url} cannot be used: {error.orig}. What was "
            "graded is kept and recorded by the next run. End the other program that uses the "
            "gradebook, or make room on the disk, and run again."
        ) from error
    except OSError as error:
        raise RefereeError(
            f"{error.strerror or error}: {error.filename or course.root}. What was recorded stays; "
            "run again to go on."
        ) from error


class Batch:
    """The submissions of one run, from what lies in submitted/ to what is recorded."""

    def __init__(
        self, course: Course, recorder: Recorder, submissions: list[Submission], show: Show
    ) -> None:
        self.course = course
        self.recorder = recorder
        self.show = show
        self.assignment = submissions[0].assignment
        self.limits = Limits(parent=course.app)
        self.lines: dict[str, JournalLine] = {}
        self.known = Known.read(course, self.assignment)
        self.due = {submission.student: submission for submission in submissions}
        grader = _digest(
            __version__,
            course.sandboxed,
            _settings(course),
            self.known.assignment.to_plain(),
            state_of(course.materials(self.assignment), materials=True),
        )
        self.states = {
            submission.student: _digest(
                grader, state_of(submission.folder), self.known.extensions.get(submission.student)
            )
            for submission in submissions
        }
        self._timestamps: dict[str, str] = {}

    def finish_last_time(self) -> None:
        """Record what an earlier run has graded and not recorded any more."""
        self.recorder.tidy_up()
        for _ in self._recorded_when_possible():
            pass  # they are among those that have not changed

    def leave_out_what_has_not_changed(self, force: bool) -> None:
        """Find out what is due; what takes longest comes first, lest all wait for it in the end."""
        latest = latest_lines(self.course, self.assignment)
        marked = marked_students(self.course, self.assignment)
        for student in list(self.due):
            line = latest.get(student)
            if line and line.state == self.states[student] and not force:
                complete = student in marked and self._has_results(student)
                if line.outcome != Outcome.GRADER_FAULT and (
                    complete or not line.outcome.has_marks
                ):
                    del self.due[student]
                    self._done(line, now=False)
        order = sorted(self.due, key=lambda student: self._priority(student, latest))
        self.due = {student: self.due[student] for student in order}

    def _priority(self, student: str, latest: dict[str, JournalLine]) -> tuple[float, int, int]:
        """What is new comes first, then what took longest; of what is new, that with most loops."""
        if student in latest:
            return -latest[student].seconds, 0, 0
        without_end, others = loops_in(self.due[student].folder)
        return -math.inf, -without_end, -others

    def grade(self, options: Options, interrupts: "Interrupts") -> None:
        """Grade what is due, with as many workers as it takes."""
        works = self._works()
        first = next(works, None)
        if first is None:
            _remove_scratch_of_the_dead()
            return
        with self._workers(options) as workers:
            self.show.watch(workers)
            works = chain([first], works)
            for results in workers.grade(works, interrupts.wanted, self.show.say):
                self._record(results)
        if interrupts.wanted():
            raise KeyboardInterrupt

    def record_postponed(self) -> None:
        """Record what could not be recorded at once, as soon as the gradebook can be written to."""
        for line in self._recorded_when_possible():
            self._done(line)

    def _recorded_when_possible(self) -> Iterator[JournalLine]:
        """Record what is kept, waiting for a gradebook that is locked as long as is reasonable."""
        deadline = time.monotonic() + LOCKED_PATIENCE
        waiting = False
        while postponed := self.recorder.postponed():
            try:
                for path in postponed:
                    yield from self.recorder.record(Kept.read(path))
            except OperationalError:
                if time.monotonic() > deadline:
                    raise
                if not waiting:
                    self.show.say("Waiting for another program to leave the gradebook")
                waiting = True
                time.sleep(1.0)

    def _has_results(self, student: str) -> bool:
        """Whether the folders of what was graded are still there."""
        directory = self.course.directory
        return all(
            self.course.path(step, student, self.assignment).is_dir()
            for step in (directory.autograded_directory, directory.feedback_directory)
        )

    def _works(self) -> Iterator[tuple[str, bytes]]:
        """What can be graded of what is due; what cannot be is recorded with its reason."""
        for student, submission in self.due.items():
            try:
                yield student, self._work(submission).to_bytes()
            except Refused as refused:
                result = Result(student, refused.outcome, refused.reason)
                self._record([(student, result.to_bytes())])

    def _work(self, submission: Submission) -> Work:
        if submission.student != submission.folder.parent.name:
            raise Refused(Outcome.UNREADABLE, "the folder's name is not UTF-8, rename it")
        intake = take_in(submission.folder, self.known.assignment, self.limits.files)
        self._timestamps[submission.student] = intake.files.get(TIMESTAMP, b"").decode().strip()
        return Work(
            submission.student,
            intake.notebooks,
            intake.files,
            tuple(intake.notes),
            self.known.by_hand.get(submission.student, {}),
            self.known.extensions.get(submission.student),
        )

    def _workers(self, options: Options) -> AbstractContextManager[Any]:
        # Dask is not needed where nothing is due.
        from referee.cluster.connect import (
            cluster_workers,
            default_count,
            local_workers,
            memory_note,
        )

        package = pack(self.course, self.known.assignment).to_bytes()
        if options.scheduler:
            return cluster_workers(package, options.scheduler)
        if options.workers is None and (note := memory_note(self.limits)):
            self.show.say(note)
        count = options.workers or default_count(self.limits)
        return local_workers(package, min(count, len(self.due)))

    def _record(self, results: list[tuple[str, bytes]]) -> None:
        kept = self.recorder.keep(
            [
                (result, self.states[student], self._timestamps.pop(student, ""))
                for student, result in results
            ]
        )
        try:
            lines = self.recorder.record(kept)
        except OperationalError:
            return  # another program has locked the gradebook; it is kept, and recorded later
        for line in lines:
            self._done(line)

    def _done(self, line: JournalLine, *, now: bool = True) -> None:
        self.lines[line.student] = line
        self.show.recorded(line, now=now)


class Interrupts:
    """Ctrl-C: once to finish what is running and end, twice to end now.

    Other signals that end a program end it now too, but not before it has tidied up.
    """

    def __init__(self, show: Show) -> None:
        self.show = show
        self.count = 0

    def __enter__(self) -> Self:
        self._before = {
            signal.SIGINT: signal.signal(signal.SIGINT, self._interrupt),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._end),
            signal.SIGHUP: signal.signal(signal.SIGHUP, self._end),
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def wanted(self) -> bool:
        """Whether the batch should come to its end."""
        return self.count > 0

    def _interrupt(self, _: int, __: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a third time leaves all as it is
            raise KeyboardInterrupt
        self.show.say("Ending when what is running is done; Ctrl-C again ends now")

    def _end(self, number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        self.show.say("Ending now; what was graded is recorded, run again to go on")
        raise SystemExit(128 + number)


def _remove_scratch_of_the_dead() -> None:
    """Have Dask, which is loaded only if there is any, remove what killed workers have left."""
    if any(Path(tempfile.gettempdir(), "dask-scratch-space").glob("*-*")):
        from referee.cluster.connect import remove_folders_of_the_dead

        remove_folders_of_the_dead()


def _settings(course: Course) -> str:
    """What nbgrader_config.py says, as far as results depend on it."""
    config = {name: course.app.config.get(name, {}) for name in SECTIONS}
    return json.dumps(config, sort_keys=True, default=str)


def _digest(*parts: Any) -> str:
    return sha256(json.dumps(parts, default=str).encode()).hexdigest()
