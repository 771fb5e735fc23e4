"""Where the time goes: the slowest cells and submissions of an assignment, from the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from referee.record.journal import JournalLine


@dataclass(frozen=True)
class CellTiming:
    """How long a cell takes, over all submissions: seconds."""

    cell: str
    runs: int
    median: float
    longest: float
    slowest_student: str
    total: float


@dataclass(frozen=True)
class SubmissionTiming:
    """How long a submission took: seconds, CPU seconds of its sandbox, and its slowest cell."""

    student: str
    seconds: float
    cpu: float
    slowest_cell: str


def cell_timings(lines: Iterable[JournalLine]) -> list[CellTiming]:
    """The cells, those first that take the most time of all submissions together."""
    times: dict[str, list[tuple[float, str]]] = {}
    for line in lines:
        for cell in line.cells:
            times.setdefault(cell.cell, []).append((cell.seconds, line.student))
    timings = [
        CellTiming(
            cell,
            len(found),
            median(seconds for seconds, _ in found),
            *max(found),
            sum(seconds for seconds, _ in found),
        )
        for cell, found in times.items()
    ]
    return sorted(timings, key=lambda timing: -timing.total)


def submission_timings(lines: Iterable[JournalLine]) -> list[SubmissionTiming]:
    """The submissions, those first that took longest."""
    timings = []
    for line in lines:
        slowest = max(line.cells, key=lambda cell: cell.seconds, default=None)
        cpu = sum(cell.cpu for cell in line.cells)
        name = slowest.cell if slowest else ""
        timings.append(SubmissionTiming(line.student, line.seconds, cpu, name))
    return sorted(timings, key=lambda timing: -timing.seconds)
