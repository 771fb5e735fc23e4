"""Why a test cell has failed, put together for a teacher: the line, the values, the calls."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from referee.judge.call_log import CallLog
from referee.judge.exceptions import CallLost, raised_by_student
from referee.judge.failure import Failure, failure_of, last_line
from referee.judge.points import NoPoints
from referee.judge.time_limit import TestTimeout, time_limit
from referee.model.explanation import Explanation
from referee.model.questions import question_of

MOST_CPU, MOST_WALL = 0.5, 60.0  # seconds for the values, and as many for the calls


def explained(error: BaseException | None, cell: str, calls: CallLog) -> Explanation:
    """Why a test cell has failed; without an error, it has given less than all of its points.

    It never fails, and takes a second at most: what cannot be explained is a note.
    """
    failure, notes = Failure(), list(calls.notes)
    with _noted(notes, "the values" if error else "the line"):
        _find(failure, error, cell, calls.filename)
    found = Explanation(failure.line, failure.comparison, failure.values, made=calls.made)
    with _noted(notes, "the calls"):
        by_call = isinstance(error, CallLost) or bool(error and raised_by_student(error))
        led_to_it = calls.leading_to(failure.objects, question_of(cell), by_call=by_call)
        found = replace(found, calls=calls.recorded(led_to_it), led_to_it=led_to_it)
    return replace(found, notes=tuple(notes))


def _find(failure: Failure, error: BaseException | None, cell: str, filename: str) -> None:
    if error is None or isinstance(error, NoPoints):
        failure.line = last_line(filename, cell)
    else:
        failure_of(error, {filename: cell}, failure)


@contextmanager
def _noted(notes: list[str], what: str) -> Iterator[None]:
    """Have it noted if something cannot be found, or takes too long; no mark depends on it."""
    try:
        with time_limit(MOST_WALL, MOST_CPU):
            yield
    except TestTimeout:
        notes.append(f"not all is known of {what}: it takes too long to look at them")
    except Exception as problem:  # of whatever kind
        notes.append(f"not all is known of {what}: {type(problem).__name__}")
