"""What a course's `timeout` for nbgrader's Execute means for Referee's limits."""

import pytest
from traitlets.config import Config
from traitlets.config.loader import DeferredConfigString

from referee.model.limits import Limits
from referee.nbgrader.timeout import LONGEST, obey_timeout


def limits(timeout: object, section: str = "ExecutePreprocessor", **own: float) -> Limits:
    """The limits of a course with this time-out, and with some limits of its own."""
    config = Config({section: {"timeout": timeout}, "Limits": own})
    obey_timeout(config)
    return Limits(config=config)


def test_without_a_timeout_limits_are_the_defaults() -> None:
    config = Config()
    obey_timeout(config)
    assert Limits(config=config).values() == Limits().values()


@pytest.mark.parametrize("section", ["Execute", "ExecutePreprocessor", "NotebookClient"])
def test_timeout_bounds_cells_and_calls_wherever_nbgrader_reads_it(section: str) -> None:
    set_by_it = limits(2, section)
    assert (set_by_it.cell_cpu, set_by_it.call_cpu, set_by_it.blocked) == (2, 2, 2)


def test_timeout_of_the_command_line_counts() -> None:
    assert limits(DeferredConfigString("2"), "Execute").cell_cpu == 2


def test_long_timeout_makes_room_in_all_that_bounds_a_cell() -> None:
    by_default, long = Limits(), limits(300)
    assert long.cell_cpu == long.call_cpu == 300
    for name in ("cell_wall", "long_cell_wall", "call_wall", "test_wall", "test_cpu"):
        assert getattr(long, name) == 10 * getattr(by_default, name), name


def test_long_timeout_makes_room_for_ten_such_cells_in_a_notebook() -> None:
    by_default, long = Limits(), limits(540)
    assert long.notebook_cpu == 5400
    assert long.notebook_wall == 3 * by_default.notebook_wall
    assert long.submission_wall == 3 * by_default.submission_wall


def test_long_timeout_keeps_nobody_waiting_for_what_does_nothing() -> None:
    assert limits(600).blocked == Limits().blocked


def test_short_timeout_takes_no_room_from_a_busy_machine() -> None:
    assert limits(2).cell_wall == Limits().cell_wall
    assert limits(2).test_cpu == Limits().test_cpu


@pytest.mark.parametrize("timeout", [None, -1, 0])
def test_cell_without_a_limit_has_an_hour(timeout: int | None) -> None:
    assert limits(timeout).cell_cpu == LONGEST


def test_limits_of_the_course_come_before_its_timeout() -> None:
    course = limits(300, cell_cpu=5.0, cell_wall=50.0)
    assert (course.cell_cpu, course.cell_wall, course.call_cpu) == (5, 50, 300)
