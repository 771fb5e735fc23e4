"""Item statistics: as Python's own `statistics` gives them, and what has no value."""

import statistics
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from referee.report.items import (
    alpha_band,
    complete,
    cronbach_alpha,
    item_rest_correlations,
    items,
)

NAN = float("nan")
WORTH = np.array([10.0, 5.0, 15.0, 2.0])


def class_of(students: int, seed: int) -> NDArray[np.float64]:
    """Points of students who are more or less good, in four questions."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(students, 1))
    share = np.clip(0.6 + 0.3 * ability + 0.2 * rng.normal(size=(students, 4)), 0, 1)
    return np.round(share * WORTH)


def alpha_by_definition(rows: Sequence[Sequence[float]]) -> float:
    """Cronbach's alpha, from the mean covariance of two questions: k c / (v + (k - 1) c)."""
    columns = list(zip(*rows, strict=True))
    k = len(columns)
    mean_variance = statistics.mean(map(statistics.variance, columns))
    pairs = [(one, other) for one in range(k) for other in range(k) if one != other]
    mean_covariance = statistics.mean(
        statistics.covariance(columns[one], columns[other]) for one, other in pairs
    )
    return k * mean_covariance / (mean_variance + (k - 1) * mean_covariance)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("students", [8, 40, 300])
def test_statistics_are_those_of_an_independent_implementation(students: int, seed: int) -> None:
    points = class_of(students, seed)
    rows = points.tolist()
    assert cronbach_alpha(points) == pytest.approx(alpha_by_definition(rows))
    for number, item in enumerate(items(points, WORTH)):
        column = [row[number] for row in rows]
        rest = [sum(row) - row[number] for row in rows]
        worth = WORTH[number]
        assert item.discrimination == pytest.approx(statistics.correlation(column, rest))
        assert item.difficulty == pytest.approx(statistics.fmean(column) / worth)
        assert item.full == pytest.approx(column.count(worth) / students)
        assert item.none == pytest.approx(column.count(0) / students)


def test_one_student_has_shares_and_no_correlations() -> None:
    points = np.array([[10.0, 0.0, 15.0, 1.0]])
    first, second, _, last = items(points, WORTH)
    assert (first.difficulty, first.full, first.none) == (1, 1, 0)
    assert (second.difficulty, last.difficulty) == (0, 0.5)
    assert item_rest_correlations(points) == [None] * 4
    assert cronbach_alpha(points) is None


def test_nobody_has_no_statistics() -> None:
    points = np.empty((0, 4))
    assert {item.difficulty for item in items(points, WORTH)} == {None}
    assert item_rest_correlations(points) == [None] * 4
    assert cronbach_alpha(points) is None


def test_all_the_same_has_no_correlation() -> None:
    points = np.full((20, 4), 0.1 + 0.2)  # which are no round numbers
    assert item_rest_correlations(points) == [None] * 4
    assert cronbach_alpha(points) is None


def test_question_that_nobody_got_has_no_correlation_and_the_others_have() -> None:
    points = class_of(40, 1)
    points[:, 1] = 0
    found = items(points, WORTH)
    assert (found[1].difficulty, found[1].none, found[1].discrimination) == (0, 1, None)
    assert None not in {item.discrimination for item in (found[0], *found[2:])}
    assert cronbach_alpha(points) == pytest.approx(alpha_by_definition(points.tolist()))


def test_missing_marks_count_where_they_are_and_not_as_zero() -> None:
    points = class_of(40, 2)
    gone = points.copy()
    gone[:10, 3] = NAN
    found = items(gone, WORTH)
    assert found[0].students == 40
    assert found[3].students == 30
    assert found[3].difficulty == pytest.approx(points[10:, 3].mean() / 2)
    assert cronbach_alpha(gone) == pytest.approx(alpha_by_definition(points[10:].tolist()))
    assert item_rest_correlations(gone) == pytest.approx(item_rest_correlations(points[10:]))


def test_question_that_nobody_has_a_mark_of_is_left_out() -> None:
    points = class_of(40, 3)
    points[:, 0] = NAN
    used, rows = complete(points)
    assert (used, rows.shape) == ([1, 2, 3], (40, 3))
    assert items(points, WORTH)[0].difficulty is None
    assert cronbach_alpha(points) == pytest.approx(alpha_by_definition(points[:, 1:].tolist()))


def test_one_question_has_no_alpha() -> None:
    assert cronbach_alpha(class_of(40, 4)[:, :1]) is None


def test_question_that_weak_students_get_right_is_the_wrong_way_round() -> None:
    points = class_of(100, 5)
    points[:, 0] = 10 - points[:, 2] * 10 / 15
    item = items(points, WORTH)[0]
    assert item.discrimination is not None and item.discrimination < 0
    assert item.separates == "the wrong way round"


@pytest.mark.parametrize(
    ("alpha", "band"),
    [
        (0.95, "excellent"),
        (0.8, "good"),
        (0.796, "good"),
        (0.79, "acceptable"),
        (-1, "unacceptable"),
    ],
)
def test_alpha_has_the_usual_band_of_the_figure_that_is_shown(alpha: float, band: str) -> None:
    assert alpha_band(alpha) == band
