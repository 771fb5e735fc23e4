"""Why a test cell has failed, put together for a teacher: the line, the values, the calls."""

from typing import Any

from referee.judge.call_log import CallLog
from referee.judge.failure import Failure, failure_of
from referee.model.explanation import Explanation


def explained(error: BaseException | None, cell: str, calls: CallLog) -> Explanation:
    """Why a test cell has failed; without an error, it has given less than all of its points.

    It never fails: what cannot be explained is a note.
    """
    notes: list[str] = []
    failure: Failure | None = None
    if error is not None:
        try:
            failure = failure_of(error, {calls.filename: cell})
        except Exception as problem:  # of whatever kind; a mark does not depend on it
            notes.append(f"the line that failed is not known: {type(problem).__name__}")
    try:
        return _with_calls(failure, calls, notes)
    except Exception as problem:
        notes.append(f"the calls are not known: {type(problem).__name__}")
    if failure is None:
        return Explanation(notes=tuple(notes))
    return Explanation(failure.line, failure.comparison, failure.values, notes=tuple(notes))


def _with_calls(failure: Failure | None, calls: CallLog, notes: list[str]) -> Explanation:
    objects: list[Any] = failure.objects if failure is not None else []
    led_to_it = calls.leading_to(objects)
    return Explanation(
        failure.line if failure is not None else None,
        failure.comparison if failure is not None else None,
        failure.values if failure is not None else (),
        calls.recorded(led_to_it),
        calls.made,
        led_to_it,
        (*calls.notes, *notes),
    )
