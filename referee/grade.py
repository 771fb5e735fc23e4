"""Grading a batch of submissions through nbgrader, one process a core."""

import glob
import os
import shutil
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path

from nbgrader.converters import Autograde, GenerateFeedback

from referee.collect import Submission, fingerprint, odd_files
from referee.course import ConverterLog, Course
from referee.record import (
    GRADED,
    INTERRUPTED,
    JournalLine,
    append_to_journal,
    read_journal,
    read_marks,
)

# What the last line of nbgrader's traceback says, and the status that stands for it.
STATUS_OF_ERROR = {
    "NotJSONError": "unreadable",
    "JSONDecodeError": "unreadable",
    "UnicodeDecodeError": "unreadable",
    "ValidationError": "unreadable",
}


def grade_batch(
    course: Course,
    submissions: list[Submission],
    force: bool,
    on_graded: Callable[[JournalLine], None],
) -> list[JournalLine]:
    """Grade the submissions that are new or changed, or all with `force`; report each when done.

    A submission that cannot be graded gets a journal line that says why; the batch goes on. Only
    this process writes the journal: a line "interrupted" before a submission is touched, and the
    line that replaces it when all of its marks are recorded.
    """
    lines, due = _split(course, submissions, force)
    for line in lines:
        on_graded(line)
    for line in due:
        append_to_journal(course, line)

    by_student = {submission.student: submission for submission in submissions}
    for line in _grade_in_processes(course, due, by_student):
        append_to_journal(course, line)
        on_graded(line)
        lines.append(line)
    return lines


def _grade_in_processes(
    course: Course, due: list[JournalLine], by_student: dict[str, Submission]
) -> Iterator[JournalLine]:
    """Grade in one process a core and yield the lines as they are done.

    When a process dies, by whose fault is not known: what it leaves unfinished is graded again, one
    at a time, and only a submission whose process dies then too has failed.
    """
    unfinished = []
    with _worker_pool(course, len(due)) as pool:
        tasks = {pool.submit(_grade, by_student[line.student], line): line for line in due}
        for task in as_completed(tasks):
            try:
                yield task.result()
            except BrokenProcessPool:
                unfinished.append(tasks[task])
    for line in unfinished:
        with _worker_pool(course, 1) as pool:
            try:
                yield pool.submit(_grade, by_student[line.student], line).result()
            except BrokenProcessPool:
                reason = "the process that graded it was ended twice, for want of memory perhaps"
                yield replace(line, status="failed", reason=reason)


@contextmanager
def _worker_pool(course: Course, tasks: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of worker processes that ends at once, also when it is left by an interrupt."""
    workers = max(1, min(_cores(), tasks))
    context = get_context("spawn")
    pool = ProcessPoolExecutor(
        workers, context, initializer=_open_course, initargs=(course.root, course.sandboxed)
    )
    try:
        yield pool
    finally:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(cancel_futures=True)


def grade_submission(course: Course, submission: Submission) -> tuple[str, str, ConverterLog]:
    """Sanitise, run and mark one submission, and write its feedback: (status, reason, log)."""
    # No result of an earlier version may stand for this one, should it fail.
    for step in (course.directory.autograded_directory, course.directory.feedback_directory):
        folder = course.path(step, submission.student, submission.assignment)
        shutil.rmtree(folder, ignore_errors=True)
    if problem := submission.problem():
        return *problem, ConverterLog()
    # nbgrader takes a pattern here; a student's name may look like one.
    student = glob.escape(submission.student)
    odd = odd_files(submission.folder)
    log = course.convert(Autograde, submission.assignment, student, ignore=odd)
    log.notes += [f"{name} is a link or no file at all, and was left out" for name in odd]
    if not log.error:
        feedback = course.convert(GenerateFeedback, submission.assignment, student)
        log.lines += feedback.lines
        log.notes += feedback.notes
        log.error = feedback.error
    return _status(log), log.error, log


def _split(
    course: Course, submissions: list[Submission], force: bool
) -> tuple[list[JournalLine], list[JournalLine]]:
    """The lines of what is graded already, and preliminary lines of what is due."""
    assignment = submissions[0].assignment
    latest = {line.student: line for line in read_journal(course, assignment)}
    marked = {row.student for row in read_marks(course, assignment) if row.status == GRADED}
    source = course.path(course.directory.source_directory, ".", assignment)
    graded, due = [], []
    for submission in submissions:
        state = fingerprint(submission.folder, source)
        line = latest.get(submission.student)
        feedback = course.path(course.directory.feedback_directory, submission.student, assignment)
        done = submission.student in marked and feedback.is_dir()
        if line and state and line.fingerprint == state and done and not force:
            graded.append(line)
        else:
            due.append(
                JournalLine(submission.student, submission.assignment, INTERRUPTED, "", 0.0, state)
            )
    return graded, due


def _status(log: ConverterLog) -> str:
    if not log.error:
        return GRADED
    return next((status for name, status in STATUS_OF_ERROR.items() if name in log.error), "failed")


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# What follows runs in the worker processes.

_course: Course


def _open_course(root: Path, sandboxed: bool) -> None:
    global _course
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that schedules
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _course = Course.open(root) if sandboxed else Course.open(root).without_sandbox()


def _end_with_parent() -> None:
    """End this process when the one that schedules has ended, however it did; kernels follow."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _grade(submission: Submission, line: JournalLine) -> JournalLine:
    start = time.monotonic()
    log = ConverterLog()
    try:
        status, reason, log = grade_submission(_course, submission)
    except BaseException as error:  # a bug of ours or a full disk: on to the next
        status, reason = "failed", f"{type(error).__name__}: {error}"
        log.lines.append(traceback.format_exc())
    seconds = round(time.monotonic() - start, 1)
    kept_log = "" if status == GRADED else "\n".join(log.lines)
    return replace(
        line,
        status=status,
        reason=reason,
        seconds=seconds,
        log=kept_log,
        notes=tuple(log.notes),
        sandboxed=_course.sandboxed,
    )
