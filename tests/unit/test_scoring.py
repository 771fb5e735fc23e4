"""What being late costs, as the course's plugin says it."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from nbgrader.plugins import BasePlugin

from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.nbgrader.scoring import LatePenalties


def penalty(root: Path, answer: Any) -> float | None:
    """What an hour costs of 4 points, if this is what a plugin answers, or raises."""

    class Own(BasePlugin):
        def late_submission_penalty(self, student: str, points: float, late: float) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

    (root / "nbgrader_config.py").touch()
    course = Course.open(root)
    course.app.config.AssignLatePenalties.plugin_class = Own
    return LatePenalties(course).penalty("ann", 4.0, 3600.0)


@pytest.mark.parametrize(
    ("answer", "points"), [(None, None), (1, 1), (Fraction(1, 2), 0.5), (True, 1), (-1, 0), (9, 4)]
)
def test_penalty_is_a_number_within_the_points(
    tmp_path: Path, answer: Any, points: float | None
) -> None:
    found = penalty(tmp_path, answer)
    assert (found, type(found)) == (points, type(None) if points is None else float)


@pytest.mark.parametrize("answer", [KeyError("ann"), "1 point", [1], float("nan")])
def test_plugin_that_says_no_number_is_named(tmp_path: Path, answer: Any) -> None:
    with pytest.raises(RefereeError, match=r"costs ann .* Own: .*c.AssignLatePenalties"):
        penalty(tmp_path, answer)
