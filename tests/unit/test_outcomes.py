"""Outcomes: which one counts of several, and which have marks."""

import pytest

from referee.model.events import Events
from referee.model.outcomes import Cause, Outcome


def test_worst_of_what_happened_counts_and_all_of_it_is_said() -> None:
    events = Events()
    events.trouble(Cause.KERNEL_ENDED, "double ended the kernel")
    events.trouble(Cause.MEMORY, "halve found no memory")
    events.trouble(Cause.TIME, "halve took too long")
    outcome, reason = events.outcome()
    assert outcome == Outcome.OUT_OF_MEMORY
    assert reason == ("double ended the kernel; halve found no memory; halve took too long")


def test_same_trouble_is_said_once() -> None:
    events = Events()
    for _ in range(3):
        events.trouble(Cause.TIME, "it took too long")
    assert events.outcome() == (Outcome.OUT_OF_TIME, "it took too long")


def test_nothing_happened() -> None:
    assert Events().outcome() == (Outcome.GRADED, "")


@pytest.mark.parametrize("cause", Cause)
def test_every_trouble_leaves_the_submission_its_marks(cause: Cause) -> None:
    assert cause.outcome.has_marks


def test_outcomes_with_marks_come_before_those_without() -> None:
    with_marks = [outcome.has_marks for outcome in Outcome]
    assert with_marks == sorted(with_marks, reverse=True)
    assert not Outcome.GRADER_FAULT.has_marks


def test_journals_of_earlier_versions_are_understood() -> None:
    assert Outcome("graded with lost cells") is Outcome.LOST_CELLS
