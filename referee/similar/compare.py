"""How much of one solution is in another, counted by how rare it is in the class.

Texts are compared by their fingerprints, as in S. Schleimer, D. S. Wilkerson and A. Aiken,
"Winnowing: Local Algorithms for Document Fingerprinting" (SIGMOD 2003, doi:10.1145/872757.872770),
but none is thrown away: a class is small enough. A fingerprint that two of a class have alone
counts 1, one that more have counts less, and one that half of the class has counts nothing, after
the inverse document frequency of K. Spärck Jones (doi:10.1108/eb026526): what everybody writes is
no evidence. Those whose texts are nearly the same from end to end count as one there, or else a
solution that goes round would be usual because so many have it. What was released is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from referee.similar.fingerprints import MOST_WORDS, NONE, Fingerprints, Text, TextReader

# What is shown to a teacher. docs/similar.md says how these were chosen.
CELL_LEAST = 60.0  # rare fingerprints in common: a short answer cannot have as many
CELL_SHARE = 0.4  # of the fingerprints of a cell that are rare and in common
WHOLE_LEAST = 100.0  # rare fingerprints in common: two functions could have fewer by chance
WHOLE_SHARE = 0.5  # of all that is rare in a solution
SAME_LEAST = 200  # fingerprints of a solution: many may write the same short one
SAME_SHARE = 0.7  # of the fingerprints of two: independent ones in docs/similar.md have 0.3 at most
FEW = 12  # students; a smaller class counts as so many, for it cannot tell what is usual
AT_ONCE = 4_000_000  # matches that are counted at a time, which bounds the memory
ROWS_AT_ONCE = 4096  # fingerprints, likewise

Counts = NDArray[np.int64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook, or a file of code."""

    name: str
    source: str


@dataclass(frozen=True)
class Solution:
    """What somebody has written; `known` if it is none of the class, `cut` if it was longer."""

    author: str
    cells: tuple[Cell, ...]
    known: bool = False
    cut: bool = False


@dataclass(frozen=True)
class CellShare:
    """Rare fingerprints of a cell that the other solution has too, and their share of all of it."""

    cell: int
    common: float
    share: float

    @property
    def alike(self) -> bool:
        """Whether the other has so much of this cell that it is shown."""
        return self.common >= CELL_LEAST and self.share >= CELL_SHARE


@dataclass(frozen=True)
class Side:
    """One of two solutions, by its number: what of it the other has too, in all and by cell.

    `share` is of what it has that is rare: a copy has all of it, also of code that many have.
    """

    solution: int
    common: float
    share: float
    cells: tuple[CellShare, ...]


@dataclass(frozen=True)
class Pair:
    """Two solutions that are alike; if one of them is known, it is the right one."""

    left: Side
    right: Side

    @property
    def common(self) -> float:
        """How many rare fingerprints they have in common: a fingerprint that two have counts 1."""
        return min(self.left.common, self.right.common)

    @property
    def share(self) -> float:
        """What of all that is rare in the smaller solution is in the other too."""
        return max(self.left.share, self.right.share)

    @property
    def whole(self) -> bool:
        """Whether they are alike as a whole. Two who work on their own are hardly ever."""
        return self.common >= WHOLE_LEAST and self.share >= WHOLE_SHARE

    @property
    def alike(self) -> bool:
        """Whether they are alike as a whole or in a cell, which can be chance."""
        cells = (*self.left.cells, *self.right.cells)
        in_a_cell = self.common >= CELL_LEAST and any(cell.alike for cell in cells)
        return self.whole or in_a_cell


@dataclass(frozen=True)
class Comparison:
    """Solutions, the texts of their cells, and the pairs that are alike, most alike first.

    `weights` are by fingerprint, of those that count. `cut` are the numbers of solutions that are
    longer than what was read, `empty` of those of the class in which nothing can be compared.
    """

    solutions: tuple[Solution, ...]
    texts: tuple[tuple[Text, ...], ...]
    weights: dict[int, float]
    pairs: tuple[Pair, ...]
    cut: frozenset[int]
    empty: frozenset[int]


def compare(solutions: Sequence[Solution], released: Iterable[str] = ()) -> Comparison:
    """Compare the solutions of a class with each other, and with the known ones.

    `released` is code that all were given. Nothing is parsed or executed, so code can be anything.
    """
    reader = TextReader()
    given = reader.fingerprints_of(released)
    texts = tuple(reader.read([cell.source for cell in each.cells]) for each in solutions)
    counted = _Counted(texts, [each.known for each in solutions], given)
    pairs = [pair for pair in _pairs(solutions, counted) if pair.alike]
    lengths = [sum(len(text.words) for text in of) for of in texts]
    return Comparison(
        tuple(solutions),
        texts,
        counted.weights_by_fingerprint(),
        tuple(sorted(pairs, key=lambda pair: -pair.common)),
        frozenset(
            number
            for number, (each, length) in enumerate(zip(solutions, lengths, strict=True))
            if each.cut or length >= MOST_WORDS
        ),
        frozenset(
            number
            for number, each in enumerate(solutions)
            if not each.known and not counted.sizes[counted.cells_of(number)].any()
        ),
    )


def groups_of(pairs: Iterable[Pair]) -> list[tuple[int, ...]]:
    """Who is alike, directly or by way of others: groups of numbers, the largest first."""
    groups: list[set[int]] = []
    for pair in pairs:
        members = {pair.left.solution, pair.right.solution}
        apart = [group for group in groups if not group & members]
        for group in groups:
            members |= group if group & members else set()
        groups = [*apart, members]
    return sorted(
        (tuple(sorted(group)) for group in groups), key=lambda group: (-len(group), group)
    )


class _Counted:
    """Which cells have which fingerprints, and in how many solutions of the class each is.

    Cells are numbered through all solutions. `sizes` is how many fingerprints each of them has that
    were not released, each counted once; `weighed` is what these count.
    """

    def __init__(
        self, texts: Sequence[Sequence[Text]], known: Sequence[bool], given: Fingerprints
    ) -> None:
        of_cells = [np.unique(text.fingerprints) for of in texts for text in of]
        of_cells = [each[~np.isin(each, given, assume_unique=True)] for each in of_cells]
        self.sizes: Counts = np.array([len(each) for each in of_cells], np.int64)
        self._ends = np.cumsum([0, *(len(of) for of in texts)])
        self._owners = np.repeat(np.arange(len(texts)), np.diff(self._ends))
        self._solutions = len(texts)
        joined = np.concatenate([NONE, *of_cells])
        self._fingerprints, self._places = np.unique(joined, return_inverse=True)
        self._cells = np.repeat(np.arange(len(self.sizes)), self.sizes)
        self._count(np.array(known, bool))

    def _count(self, known: NDArray[np.bool_]) -> None:
        """Find out who has each fingerprint, and what it counts."""
        owners, many = self._owners[self._cells], len(self._fingerprints)
        has = np.unique(self._places.astype(np.int64) * self._solutions + owners)
        places, self._having = has // self._solutions, has % self._solutions
        self._starts = np.searchsorted(places, np.arange(many + 1))
        mine = ~known[self._having]
        texts = _texts(places[mine], self._having[mine], self._solutions)
        in_class = _numbers_of_texts(places[mine], texts[self._having[mine]], many)
        self._weights = _weights(in_class, len(np.unique(texts[self._having[mine]])))
        # Of what counts, only what others have too has to be counted.
        self._counts = (self._weights > 0) & (np.diff(self._starts) > 1)
        self.weighed: Matrix = np.zeros(len(self.sizes))
        np.add.at(self.weighed, self._cells, self._weights[self._places])

    def cells_of(self, solution: int) -> slice:
        """The numbers of a solution's cells."""
        return slice(self._ends[solution], self._ends[solution + 1])

    def common(self) -> Matrix:
        """What of each cell is in each solution: rare fingerprints, [cell, solution]."""
        shape = len(self.sizes), self._solutions
        total = np.zeros(shape[0] * shape[1])
        counting = np.flatnonzero(self._counts[self._places])
        several = np.diff(self._starts)[self._places[counting]]
        for part in _parts(several, AT_ONCE):
            which, times = counting[part], several[part]
            places = self._places[which]
            steps = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
            others = self._having[np.repeat(self._starts[places], times) + steps]
            at = np.repeat(self._cells[which], times) * self._solutions + others
            weights = np.repeat(self._weights[places], times)
            total += np.bincount(at, weights, minlength=len(total))
        return total.reshape(shape)

    def weights_by_fingerprint(self) -> dict[int, float]:
        """What each fingerprint counts, of those that count."""
        some = self._counts
        return dict(
            zip(self._fingerprints[some].tolist(), self._weights[some].tolist(), strict=True)
        )


def _texts(places: Counts, having: Counts, solutions: int) -> Counts:
    """A number for the text of each solution: those that are nearly the same have one number.

    `places` are the fingerprints that solutions have, in order, and `having` whose each is.
    """
    sizes = np.bincount(having, minlength=solutions)
    common = _in_common(places, having, solutions)
    same = common >= np.maximum(SAME_LEAST, SAME_SHARE * (sizes + sizes[:, None] - common))
    same |= np.eye(solutions, dtype=bool)
    texts = np.arange(solutions)
    while True:  # who is the same by way of others is the same
        joined = np.where(same, texts, solutions).min(axis=1, initial=solutions)
        if np.array_equal(joined, texts):
            return texts
        texts = joined


def _in_common(places: Counts, having: Counts, solutions: int) -> Counts:
    """How many fingerprints each two solutions have in common."""
    common = np.zeros((solutions, solutions), np.int64)
    _, numbers, counts = np.unique(places, return_inverse=True, return_counts=True)
    several = counts > 1
    kept = several[numbers]
    rows, owners = (np.cumsum(several) - 1)[numbers[kept]], having[kept]
    ends = np.cumsum([0, *counts[several]])
    for first in range(0, len(ends) - 1, ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, len(ends) - 1)
        entries = slice(ends[first], ends[last])
        has = np.zeros((last - first, solutions), np.float32)
        has[rows[entries] - first, owners[entries]] = 1
        common += (has.T @ has).astype(np.int64)
    return common


def _numbers_of_texts(places: Counts, texts: Counts, many: int) -> Counts:
    """In how many texts each of so many fingerprints is."""
    different = np.unique(np.stack([places, texts]), axis=1)
    return np.bincount(different[0], minlength=many)


def _weights(in_class: Counts, solutions: int) -> Matrix:
    """What fingerprints count that so many solutions of a class have, out of all that there are."""
    # From 1, where two have it, to 0, where half of the class has.
    many = max(solutions, FEW)
    weights = np.log(many / (2 * np.maximum(in_class, 2))) / np.log(many / 4)
    return np.maximum(weights, 0.0)


def _parts(sizes: Counts, most: int) -> Iterator[slice]:
    """Cut a list into parts whose sizes add up to about so much."""
    number = np.cumsum(sizes) // most
    bounds = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(sizes)]
    yield from (slice(low, high) for low, high in pairwise(bounds))


def _pairs(solutions: Sequence[Solution], counted: _Counted) -> Iterator[Pair]:
    """All pairs with at least one of the class that have enough in common to be looked at."""
    common = counted.common()
    of_cells = [counted.cells_of(number) for number in range(len(solutions))]
    totals = np.array([common[cells].sum(axis=0) for cells in of_cells])
    both = np.triu(np.minimum(totals, totals.T) >= CELL_LEAST, 1)

    def side(mine: int, other: int) -> Side:
        sizes, weighed = counted.sizes[of_cells[mine]], counted.weighed[of_cells[mine]]
        shared = common[of_cells[mine], other]
        cells = tuple(
            CellShare(cell, float(shared[cell]), float(shared[cell] / sizes[cell]))
            for cell in np.flatnonzero(shared).tolist()
        )
        whole = float(shared.sum())
        return Side(mine, whole, whole / max(1.0, float(weighed.sum())), cells)

    for one, other in np.argwhere(both).tolist():
        if not (solutions[one].known and solutions[other].known):
            left, right = (other, one) if solutions[one].known else (one, other)
            yield Pair(side(left, right), side(right, left))
