"""What formgrader's Autograde button answers: a line, and reasons where something went wrong."""

import logging
import traceback
from types import SimpleNamespace

import pytest
from nbgrader.utils import capture_log

from referee.errors import RefereeError
from referee.nbgrader.answers import RESULT, shorten_answer
from referee.report.marks import Mark, Marks

Log = logging.Logger


def answer(steps) -> str:
    """What nbgrader collects of a conversion that logs this."""
    log = logging.Logger("conversion", logging.DEBUG)

    def start() -> None:
        log.info("This is before the converter makes its exporter.")
        shorten_answer(log)
        steps(log)

    said = capture_log(SimpleNamespace(log=log, start=start))
    assert said["success"]
    assert log.handlers == []
    return said["log"].partition("exporter.\n")[2]


def test_steps_are_not_said_and_the_result_is() -> None:
    def steps(log: Log) -> None:
        log.warning("Removing existing assignment: /course/autograded/ada/toy")
        log.debug("Applying preprocessor: Execute")
        log.info("ada: 10 of 13 points.", extra=RESULT)
        log.info("Writing 300000 bytes")

    assert answer(steps) == "ada: 10 of 13 points.\n"


def test_warnings_are_said() -> None:
    assert answer(lambda log: log.warning("No submitted file: toy.ipynb")) == (
        "No submitted file: toy.ipynb\n"
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RefereeError("toy.ipynb is a link"), "toy.ipynb is a link"),
        (RefereeError("a sandbox\n  is missing:\nnote: so"), "a sandbox is missing: note: so"),
        (ValueError("Traceback"), "ValueError: Traceback"),
        (KeyError(), "KeyError"),
    ],
)
def test_of_an_exception_the_reason_is_said(error: Exception, reason: str) -> None:
    def steps(log: Log) -> None:
        try:
            try:
                raise OSError("a first one\nof two lines")
            except OSError as first:
                raise error from first
        except type(error):
            log.error("There was an error processing assignment: /course/submitted/ada/toy")
            log.error(traceback.format_exc())

    assert answer(steps) == f"{reason}\n"


def test_log_that_nobody_collects_stays_as_it_is() -> None:
    log = logging.Logger("command line")
    log.addHandler(handler := logging.StreamHandler())
    shorten_answer(log)
    assert (handler.filters, handler.formatter) == ([], None)


def mark(label: str, score: float | None, max_score: float, to_be_marked: float = 0.0) -> Mark:
    return Mark(label, "", "", score, max_score, to_be_marked, False)


@pytest.mark.parametrize(
    ("marks", "penalty", "line"),
    [
        ([mark("Q1", 10, 10)], 0, "ada: 10 of 10 points."),
        ([mark("Q1", 12, 10)], 0, "ada: 12 of 10 points."),
        (
            [mark("Q1", 4, 10), mark("Q2", 0, 5), mark("Q3", None, 3, 3)],
            0,
            "ada: 4 of 15 points. Lost: 6 in Q1, 5 in Q2. To be marked by hand: 3 in Q3.",
        ),
        (
            [mark("Q1", 8, 10)],
            2,
            "ada: 6 of 10 points. Lost: 2 in Q1. Taken off for being late: 2.",
        ),
    ],
)
def test_submission_in_a_line(marks: list[Mark], penalty: float, line: str) -> None:
    score = sum(each.score or 0.0 for each in marks) - penalty
    most = sum(each.max_score for each in marks)
    waiting = sum(each.to_be_marked for each in marks)
    questions = {each.label: each for each in marks}
    assert Marks("ada", "graded", score, most, waiting, penalty, questions).in_words() == line
