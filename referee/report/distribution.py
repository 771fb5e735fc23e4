"""How the totals of a class are distributed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median, stdev

BINS = 10


@dataclass(frozen=True)
class Bin:
    """How many students have at least `low` points and fewer than `high`; None is without end.

    `last` if `high` points, which are all there are, belong to it too.
    """

    low: float
    high: float | None
    students: int
    last: bool = False

    @property
    def label(self) -> str:
        """The points, in words."""
        if self.high is None:
            return f"more than {self.low:g}"
        return f"{self.low:g} to {'' if self.last else 'under '}{self.high:g}"


@dataclass(frozen=True)
class Distribution:
    """Totals of a class, in points; `deviation` is the standard deviation, None of one student."""

    students: int
    mean: float
    median: float
    deviation: float | None
    lowest: float
    highest: float
    bins: tuple[Bin, ...]

    @property
    def most(self) -> int:
        """Of how many students the largest bin is."""
        return max(each.students for each in self.bins)


def distribution(totals: Sequence[float], max_score: float) -> Distribution | None:
    """The distribution of totals in ten bins, and one above them if extra credit leads there.

    None if there is no total, or if the assignment has no points.
    """
    if not totals or max_score <= 0:
        return None
    return Distribution(
        len(totals),
        mean(totals),
        median(totals),
        stdev(totals) if len(totals) > 1 else None,
        min(totals),
        max(totals),
        tuple(_bins(totals, max_score)),
    )


def _bins(totals: Sequence[float], max_score: float) -> Iterator[Bin]:
    counts = [0] * BINS
    above = 0
    for total in totals:
        if total > max_score:
            above += 1
        else:
            counts[min(BINS - 1, max(0, int(total * BINS / max_score)))] += 1
    edges = [max_score * number / BINS for number in range(BINS + 1)]
    for number, count in enumerate(counts):
        yield Bin(edges[number], edges[number + 1], count, last=number == BINS - 1)
    if above:
        yield Bin(max_score, None, above)
