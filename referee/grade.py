"""Grading a batch of submissions, one after the other, through nbgrader."""

import glob
import time
from collections.abc import Callable

from nbgrader.converters import Autograde, GenerateFeedback

from referee.collect import Submission, fingerprint
from referee.course import ConverterLog, Course
from referee.record import GRADED, JournalLine, append_to_journal, read_journal

# What the last line of nbgrader's traceback says, and the status that stands for it.
STATUS_OF_ERROR = {
    "UnresponsiveKernelError": "hung",
    "DeadKernelError": "kernel-died",
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
    """Grade the submissions that are new or changed, or all with `force`; report each when it is done.

    A submission that cannot be graded gets a journal line that says why; the batch goes on.
    """
    latest = {line.student: line for line in read_journal(course, submissions[0].assignment)}
    lines = []
    for submission in submissions:
        source = course.path(course.directory.source_directory, ".", submission.assignment)
        state = fingerprint(submission.folder, source)
        line = latest.get(submission.student)
        if force or line is None or line.fingerprint != state or not _is_recorded(course, submission):
            line = grade_submission(course, submission, state)
            append_to_journal(course, line)
        on_graded(line)
        lines.append(line)
    return lines


def grade_submission(course: Course, submission: Submission, state: str) -> JournalLine:
    """Sanitise, run and mark one submission, and write its feedback."""
    start = time.monotonic()
    if problem := submission.problem():
        status, reason, log = *problem, ConverterLog()
    else:
        # nbgrader takes a pattern here; a student's name may look like one.
        student = glob.escape(submission.student)
        log = course.convert(Autograde, submission.assignment, student)
        if not log.error:
            feedback = course.convert(GenerateFeedback, submission.assignment, student)
            log.lines += feedback.lines
            log.error = feedback.error
        status, reason = _status(log), log.error
    seconds = round(time.monotonic() - start, 1)
    kept_log = "" if status == GRADED else "\n".join(log.lines)
    return JournalLine(submission.student, submission.assignment, status, reason, seconds, state, kept_log)


def _status(log: ConverterLog) -> str:
    if not log.error:
        return GRADED
    return next((status for name, status in STATUS_OF_ERROR.items() if name in log.error), "failed")


def _is_recorded(course: Course, submission: Submission) -> bool:
    """Whether the executed notebook of a graded submission is still where it was written."""
    step = course.directory.autograded_directory
    return course.path(step, submission.student, submission.assignment).is_dir()
