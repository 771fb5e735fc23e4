"""Timings: which cells and submissions took long."""

from referee.model.work import CellTime
from referee.report.timings import cell_timings, submission_timings
from tests.support.journal import journal_line


def test_slowest_cells_and_submissions_come_first() -> None:
    lines = [
        journal_line("a", cells=(CellTime("one", 1.0, 0.5), CellTime("two", 3.0, 2.0))),
        journal_line("b", cells=(CellTime("one", 2.0, 0.5), CellTime("two", 1.0, 1.0))),
    ]
    first, second = cell_timings(lines)
    assert (first.cell, first.runs, first.median, first.longest) == ("two", 2, 2.0, 3.0)
    assert (first.slowest_student, second.cell) == ("a", "one")
    assert [row.slowest_cell for row in submission_timings(lines)] == ["two", "one"]
