"""Grading a batch of submissions: what is due is read, sent to workers, and recorded."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from referee.batch.interrupts import Interrupts
from referee.batch.jobs import Job, JobKind
from referee.batch.lateness import changed_lateness
from referee.batch.local import local_workers
from referee.batch.plan import Plan
from referee.batch.rehearsal import Rehearsal, Results
from referee.batch.stale_pages import stale_pages
from referee.batch.view import BatchView
from referee.batch.workers import Workers
from referee.collect.intake import read_submission
from referee.collect.submissions import Submission
from referee.errors import RefereeError
from referee.feedback.pages import page_look
from referee.grade.api import settings_of
from referee.grade.forks import remove_what_was_left
from referee.model.limits import Limits
from referee.model.outcomes import Outcome, Refused
from referee.model.work import Pages, Result, Work, from_bytes, to_bytes
from referee.nbgrader.course import Course, GradebookUnavailableError
from referee.nbgrader.gradebook import GradebookState, refusal
from referee.nbgrader.options import unknown_options
from referee.nbgrader.package import pack
from referee.nbgrader.scoring import LatePenalties, PenaltyError, points_with, seconds_late
from referee.nbgrader.steps import Steps, unused_options
from referee.record.journal import JournalLine
from referee.record.recorder import GradedSubmission, Recorder
from referee.text import is_text

LOCKED_PATIENCE = 60.0  # seconds for another program to leave the gradebook


@dataclass(frozen=True)
class Options:
    """How a batch is graded: `scheduler` is a Dask scheduler's address, empty for this machine.

    `unchecked` if students are graded whatever the master's own solution would have.
    """

    force: bool = False
    workers: int | None = None
    scheduler: str = ""
    unchecked: bool = False


class PenaltiesUnknownError(RefereeError):
    """What being late costs some students cannot be computed. `lines` are of all others."""

    def __init__(self, errors: dict[str, PenaltyError], lines: list[JournalLine]) -> None:
        first, names = next(iter(errors.values())), ", ".join(sorted(errors))
        super().__init__(f"{first} Not recorded: {names}. All others are.")
        self.lines = lines


def grade_batch(
    course: Course, submissions: list[Submission], options: Options, view: BatchView
) -> list[JournalLine]:
    """Grade the submissions that are new or changed, or all with `force`; return a line of each.

    Whatever happens to one submission costs the others nothing. What is graded is recorded at
    once; a batch that is cut off, wherever that may be, goes on when it is started again. A master
    that was not graded yet is graded first, and nothing is recorded before it has all points.

    What being late costs is recorded anew where due dates, extensions, penalties or marks by hand
    have changed, and feedback pages that are out of date are written anew. Both executes nothing.

    Raises:
        RehearsalFailedError: the master's own solution loses points.
        PenaltiesUnknownError: what being late costs somebody is not known; all else is done.
        RefereeError: no worker can grade, or the gradebook cannot be written to.
        KeyboardInterrupt: a user wants it to end.

    """
    Steps.of(course)  # before anything is graded
    if unused := unused_options(course):
        view.say(f"Not used, see c.Limits instead: {', '.join(unused)}")
    if unknown := unknown_options(course.app.config):
        view.say(f"Nothing that grades has these options, see their names: {', '.join(unknown)}")
    with _opened(course, submissions, options, view) as batch:
        batch.say_what_is_not_graded()
        batch.record_last_time()
        batch.grade()
        batch.record_postponed()
        batch.record_lateness()
        batch.write_stale_pages()
        batch.end_if_wanted()
        batch.require_penalties()
        return list(batch.lines.values())


def write_feedback(
    course: Course, submissions: list[Submission], options: Options, view: BatchView
) -> int:
    """Write the feedback pages that are out of date, or all with `force`; return how many.

    Raises:
        PenaltiesUnknownError: what being late costs somebody is not known; all else is done.
        RefereeError: no worker can write pages, or the gradebook cannot be read.
        KeyboardInterrupt: a user wants it to end.

    """
    with _opened(course, submissions, options, view) as batch:
        batch.record_last_time()
        batch.record_lateness()
        written = batch.write_stale_pages(all_of_them=options.force)
        batch.require_penalties()
        return written


@contextmanager
def _opened(
    course: Course, submissions: list[Submission], options: Options, view: BatchView
) -> Iterator["Batch"]:
    """A batch, with its recorder and its workers closed in the end.

    Raises:
        RefereeError: a file cannot be written.

    """
    try:
        with (
            Recorder(course, submissions[0].assignment) as recorder,
            Interrupts(view) as interrupts,
            ExitStack() as resources,
        ):
            yield Batch(course, recorder, submissions, options, view, interrupts, resources)
    except OSError as error:
        raise RefereeError(
            f"{error.strerror or error}: {error.filename2 or error.filename or course.root}. "
            "Correct the permissions, or make room on the disk, and run again to go on; what was "
            "recorded stays."
        ) from error


class Batch:
    """The submissions of one run, from what lies in submitted/ to what is recorded."""

    def __init__(
        self,
        course: Course,
        recorder: Recorder,
        submissions: list[Submission],
        options: Options,
        view: BatchView,
        interrupts: Interrupts,
        resources: ExitStack,
    ) -> None:
        self.course = course
        self.recorder = recorder
        self.submissions = submissions
        self.options = options
        self.view = view
        self.interrupts = interrupts
        self.resources = resources  # closed when the batch is done
        self.assignment = submissions[0].assignment
        self.limits = Limits(parent=course.app)
        self.known = GradebookState.read(course, self.assignment)
        self.penalties = LatePenalties(course)
        self.plan = Plan(course, self.known, submissions, self.penalties)
        self.look = page_look(course)
        self.lines: dict[str, JournalLine] = {}
        self.without_penalty: dict[str, PenaltyError] = {}
        self._workers: Workers | None = None

    def say_what_is_not_graded(self) -> None:
        """Name the notebooks of the assignment that are in another language."""
        for notebook in self.known.in_other_languages:
            self.view.say(refusal(notebook))

    def record_last_time(self) -> None:
        """Record what an earlier run has graded and not recorded any more."""
        self.recorder.tidy_up()
        for _ in self._recorded_when_possible():
            pass  # they are among those that have not changed

    def grade(self) -> None:
        """Grade what is due, with as many workers as it takes."""
        due, not_due = self.plan.split(force=self.options.force)
        for line in not_due:
            self._done(line, now=False)
        jobs = self._jobs(due)
        if (first := next(jobs, None)) is None:
            remove_what_was_left(Path(tempfile.gettempdir()))
            return
        jobs = chain([first], jobs)
        if (rehearsal := self._rehearsal()) is None:
            for results in self._results_of(jobs, len(due)):
                self._record(results)
        else:
            results_of_all = self._results_of(chain([rehearsal.job()], jobs), len(due) + 1)
            for results in rehearsal.before(results_of_all, self.view):
                self._record(results)

    def _results_of(self, jobs: Iterator[Job], count: int) -> Iterator[Results]:
        workers = self._started_workers(count)
        return workers.run(jobs, self.interrupts.wanted, self.view.say)

    def _rehearsal(self) -> Rehearsal | None:
        """The master as the first submission, if it has to be."""
        rehearsal = Rehearsal(
            self.course, self.known.assignment, self.plan.grader, self.recorder.pending
        )
        if not rehearsal.is_due:
            return None
        if self.options.unchecked:
            self.view.say("The master's own solution was not tried (--unchecked).")
            return None
        return rehearsal

    def record_postponed(self) -> None:
        """Record what could not be recorded at once, as soon as the gradebook can be written to."""
        for line in self._recorded_when_possible():
            self._done(line)

    def record_lateness(self) -> None:
        """Record anew how late submissions were and what it costs, where that has changed."""
        changed = changed_lateness(
            self.course,
            self.assignment,
            self.known.assignment.due,
            [submission.student for submission in self.submissions],
            self.penalties,
        )
        self.without_penalty |= changed.failed
        if changed.lines:
            self.recorder.record_lateness(changed.lines, changed.penalties)
            self.lines |= {line.student: line for line in changed.lines}
            students = ", ".join(line.student for line in changed.lines)
            self.view.say(f"Late penalties have changed and are recorded anew: {students}")

    def write_stale_pages(self, *, all_of_them: bool = False) -> int:
        """Write feedback pages anew whose marks, comments or template have changed."""
        students = [submission.student for submission in self.submissions]
        works = stale_pages(self.course, self.known.assignment, students, self.look, all_of_them)
        jobs = (Job(JobKind.WRITE_PAGES, work.student, to_bytes(work)) for work in works)
        if (first := next(jobs, None)) is None:
            return 0
        workers = self._started_workers(len(students), grades=False)
        written = 0
        for results in workers.run(chain([first], jobs), lambda: False, self.view.say):
            for _, content in results:
                pages = from_bytes(Pages, content)
                if pages.problem:
                    self.view.say(f"{pages.student}: {pages.problem}")
                self.recorder.replace_pages(pages)
                written += bool(pages.feedback)
        return written

    def require_penalties(self) -> None:
        """Say of whom it is not known what being late costs, once all others are recorded.

        Raises:
            PenaltiesUnknownError: there is somebody.

        """
        if self.without_penalty:
            raise PenaltiesUnknownError(self.without_penalty, list(self.lines.values()))

    def end_if_wanted(self) -> None:
        """Let Ctrl-C have its way, once what was graded is recorded and has its pages."""
        if self.interrupts.wanted():
            raise KeyboardInterrupt

    def _recorded_when_possible(self) -> Iterator[JournalLine]:
        """Record what is kept, waiting for a gradebook that is locked as long as is reasonable."""
        deadline = time.monotonic() + LOCKED_PATIENCE
        waiting = False
        while postponed := self.recorder.postponed():
            try:
                for path in postponed:
                    if (pending := self.recorder.read(path)) is None:
                        self.view.say(f"{path} cannot be read and is set aside")
                    else:
                        yield from self.recorder.record(pending)
            except GradebookUnavailableError:
                if time.monotonic() > deadline:
                    raise
                if not waiting:
                    self.view.say("Waiting until the gradebook can be written")
                waiting = True
                time.sleep(1.0)

    def _jobs(self, due: list[Submission]) -> Iterator[Job]:
        """What can be graded of what is due; what cannot be is recorded with its reason."""
        for submission in due:
            try:
                yield Job(JobKind.GRADE, submission.student, to_bytes(self._work(submission)))
            except Refused as refused:
                result = Result(submission.student, refused.outcome, refused.reason)
                self._record([(submission.student, to_bytes(result))])

    def _work(self, submission: Submission) -> Work:
        if not is_text(submission.folder.parent.name):
            raise Refused(Outcome.UNREADABLE, "the folder's name is not UTF-8, rename it")
        if not self.course.creates_students and submission.student not in self.known.students:
            raise Refused(
                Outcome.UNKNOWN_STUDENT,
                "the gradebook has no such student, and c.Autograde.create_student is False",
            )
        intake = read_submission(
            submission.folder,
            self.known.assignment,
            self.limits,
            self.course.directory.ignore,
            self.course.timezone,
        )
        return Work(
            submission.student,
            intake.notebooks,
            intake.files,
            tuple(intake.notes),
            intake.handed_in,
            tuple(intake.missing),
            intake.time_unclear,
            self.known.names.get(submission.student, ""),
        )

    def _started_workers(self, jobs: int, *, grades: bool = True) -> Workers:
        """The workers of this batch, started for so many jobs if there are none yet.

        Those that were not started to grade can only write pages.
        """
        if self._workers is None:
            self._workers = self.resources.enter_context(self._new_workers(jobs, grades))
            self.view.watch(self._workers)
        return self._workers

    def _new_workers(self, jobs: int, grades: bool) -> AbstractContextManager[Workers]:
        package = to_bytes(pack(self.course, self.known.assignment, self.look))
        if self.options.scheduler:
            from referee.batch.cluster.connect import cluster_workers  # takes a second to import

            return cluster_workers(package, self.limits, self.options.scheduler)
        settings, count = settings_of(self.course, grades=grades), self.options.workers
        return local_workers(package, self.limits, settings, count, jobs, self.view.say)

    def _record(self, results: Results) -> None:
        graded = []
        for student, content in results:
            result = from_bytes(Result, content)
            extension = self.known.extensions.get(student)
            late = seconds_late(self.known.assignment.due, result.handed_in, extension)
            try:
                penalties = self._penalties(result, late)
            except PenaltyError as error:  # it stays as it was; a mark without it would be wrong
                self.without_penalty[student] = error
                continue
            # A worker's page has the autograder's marks only; it would be wrong.
            page_waits = any(penalties.values()) or student in self.known.given
            graded.append(
                GradedSubmission(
                    content,
                    result,
                    self.plan.states[student],
                    penalties,
                    page_waits,
                    late,
                    self.plan.handed_in[student],
                    student in self.plan.unchanged,
                )
            )
        if not graded:
            return
        pending = self.recorder.keep(graded)
        try:
            lines = self.recorder.record(pending)
        except GradebookUnavailableError:
            return  # another program has locked the gradebook; it is kept, and recorded later
        for line in lines:
            self._done(line)

    def _penalties(self, result: Result, late: float) -> dict[str, float | None]:
        """What being late costs a submission, by notebook."""
        given = self.known.given.get(result.student, {})
        return {
            name: self.penalties.penalty(
                result.student, points_with(marks, given.get(name, {})), late
            )
            for name, marks in result.marks.items()
        }

    def _done(self, line: JournalLine, *, now: bool = True) -> None:
        self.lines[line.student] = line
        self.view.recorded(line, now=now)
