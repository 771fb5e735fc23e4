"""Item statistics of classical test theory: how hard questions are, and how well they separate.

Points are an array of shape (students, questions), with nan where somebody has no mark. Whatever
has no value (one student, no variance) is None.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # shape (students, questions)
NO_SPREAD = 1e-9  # points: differences of sums that are no more than this are rounding
# Cronbach's alpha from which on it is called so (George and Mallery 2003).
BANDS = (
    (0.9, "excellent"),
    (0.8, "good"),
    (0.7, "acceptable"),
    (0.6, "questionable"),
    (0.5, "poor"),
)
# Corrected item-rest correlation from which on a question separates so (Ebel and Frisbie 1991).
SEPARATES = ((0.4, "very well"), (0.3, "well"), (0.2, "fairly"), (0.0, "hardly"))


@dataclass(frozen=True)
class Item:
    """How a question did: of how many students, the mean share of its points, and who had all.

    `discrimination` is the corrected item-rest correlation; `full` and `none` are shares of the
    students, from 0 to 1.
    """

    students: int
    difficulty: float | None
    full: float | None
    none: float | None
    discrimination: float | None

    @property
    def separates(self) -> str:
        """How well it separates strong students from weak ones, in words; empty if not known."""
        if self.discrimination is None:
            return ""
        return _band(self.discrimination, SEPARATES, "the wrong way round")


def items(points: Points, max_points: NDArray[np.float64]) -> list[Item]:
    """Each question's statistics; `max_points` has shape (questions,) and no zeros.

    Shares are of those who have a mark of the question, correlations of those who have all marks.
    """
    return [
        _item(column[~np.isnan(column)], worth, discrimination)
        for column, worth, discrimination in zip(
            points.T, max_points, item_rest_correlations(points), strict=True
        )
    ]


def _item(marks: NDArray[np.float64], worth: float, discrimination: float | None) -> Item:
    if not marks.size:
        return Item(0, None, None, None, discrimination)
    return Item(
        marks.size,
        float(marks.mean() / worth),
        float((marks >= worth - NO_SPREAD).mean()),
        float((marks <= NO_SPREAD).mean()),
        discrimination,
    )


def item_rest_correlations(points: Points) -> list[float | None]:
    """The correlation of each question with the sum of the others (Pearson's r, corrected)."""
    used, rows = complete(points)
    found: list[float | None] = [None] * points.shape[1]
    for place, item in zip(used, rows.T, strict=True):
        found[place] = _correlation(item, rows.sum(axis=1) - item)
    return found


def cronbach_alpha(points: Points) -> float | None:
    """Cronbach's alpha: k / (k - 1) * (1 - sum of the questions' variances / variance of totals).

    Of k questions and of students who have a mark of each. It can be negative.
    """
    _, rows = complete(points)
    students, questions = rows.shape
    totals = rows.sum(axis=1)
    if students < 2 or questions < 2 or np.ptp(totals) <= NO_SPREAD:
        return None
    of_questions = rows.var(axis=0, ddof=1).sum()
    return float(questions / (questions - 1) * (1 - of_questions / totals.var(ddof=1)))


def alpha_band(alpha: float) -> str:
    """What a reliability of this size is usually called."""
    return _band(alpha, BANDS, "unacceptable")


def complete(points: Points) -> tuple[list[int], Points]:
    """The questions that anybody has a mark of, and the rows of students who have all of these."""
    used = [place for place, column in enumerate(points.T) if not np.isnan(column).all()]
    rows = points[:, used]
    return used, rows[~np.isnan(rows).any(axis=1)]


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """Pearson's correlation; None where one of them does not vary."""
    if len(one) < 2 or np.ptp(one) <= NO_SPREAD or np.ptp(other) <= NO_SPREAD:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _band(value: float, bands: tuple[tuple[float, str], ...], below: str) -> str:
    # Rounded as it is shown: 0.80 is good.
    return next((name for least, name in bands if round(value, 2) >= least), below)
