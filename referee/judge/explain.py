"""Why a test cell has failed, put together for a teacher: the line, the values, the calls."""

from msgspec.structs import replace

from referee.judge.call_log import CallLog
from referee.judge.failure import Failure, failure_of, last_line
from referee.judge.points import NoPoints
from referee.model.explanation import Explanation


def explained(error: BaseException | None, cell: str, calls: CallLog) -> Explanation:
    """Why a test cell has failed; without an error, it has given less than all of its points.

    It never fails: what cannot be explained is a note.
    """
    failure, notes = Failure(), list(calls.notes)
    try:
        failure = _failure(error, cell, calls.filename)
    except Exception as problem:  # of whatever kind; a mark does not depend on it
        notes.append(f"the line that failed is not known: {type(problem).__name__}")
    found = Explanation(failure.line, failure.comparison, failure.values, made=calls.made)
    try:
        led_to_it = calls.leading_to(failure.objects)
        found = replace(found, calls=calls.recorded(led_to_it), led_to_it=led_to_it)
    except Exception as problem:
        notes.append(f"the calls are not known: {type(problem).__name__}")
    return replace(found, notes=tuple(notes))


def _failure(error: BaseException | None, cell: str, filename: str) -> Failure:
    if error is None or isinstance(error, NoPoints):
        return Failure(last_line(filename, cell))
    return failure_of(error, {filename: cell})
