"""What a release that failed says."""

import logging
import traceback

import pytest

from referee.nbgrader.release import LinesLog, _what_to_do


def logged(error: Exception) -> LinesLog:
    log = LinesLog()
    log.emit(logging.makeLogRecord({"msg": "".join(traceback.format_exception(error))}))
    return log


@pytest.mark.parametrize(
    ("error", "remedy"),
    [(OSError(28, "No space left"), "Make room"), (ValueError("a cell"), "Correct the master")],
)
def test_cause_is_found_behind_another_one_and_remedied(error: Exception, remedy: str) -> None:
    first = KeyError("without frames")
    try:
        raise error from first
    except type(error) as caught:
        log = logged(caught)
    assert log.causes() == [f"{type(error).__name__}: {error}"]
    assert _what_to_do(log).startswith(remedy)
