"""nbgrader's rules of scoring: points and comments of a notebook, and what being late costs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isnan

from nbformat import NotebookNode
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade

from referee.errors import RefereeError
from referee.model.assignment import AssignmentNotebook
from referee.model.work import NotebookMarks
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import Given

NO_ANSWER = "No response."  # nbgrader's comment on a solution cell as it was released


def score(nb: NotebookNode) -> NotebookMarks:
    """Points of the graded cells and comments on the solutions of an executed notebook."""
    points: dict[str, float | None] = {}
    comments: dict[str, str | None] = {}
    for cell in nb.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade"):
            points[about.grade_id] = points_of(cell)
        elif about.get("task"):
            points[about.grade_id] = None
        if about.get("solution") or about.get("task"):
            same = about.get("solution") and about.get("checksum") == compute_checksum(cell)
            comments[about.grade_id] = NO_ANSWER if same and not about.get("task") else None
    return NotebookMarks(points, comments)


def points_of(cell: NotebookNode) -> float | None:
    """What a graded cell has earned; None is for a human to give."""
    points = determine_grade(cell)[0]
    # As the gradebook gives them back: pages are out of date where 0 has become 0.0.
    return None if points is None else float(points)


def marks_found(notebook: AssignmentNotebook, points: dict[str, float | None]) -> NotebookMarks:
    """The marks of a notebook of which only these points were found.

    Other tests have given none; what a human grades is for a human to give.
    """
    found = {
        cell.name: points.get(cell.name, 0.0 if cell.tested else None)
        for cell in notebook.cells
        if cell.points is not None
    }
    return NotebookMarks(found, {})


def no_marks(notebook: AssignmentNotebook) -> NotebookMarks:
    """The marks of a notebook that was not handed in, while another one was."""
    points = {cell.name: 0.0 for cell in notebook.cells if cell.points is not None}
    return NotebookMarks(dict(points), {})


def seconds_late(due: str, handed_in: datetime | None, extension: float | None) -> float:
    """How much later than due a submission was handed in, an extension (in seconds) considered."""
    if handed_in is None or not due:
        return 0.0
    until = datetime.fromisoformat(due) + timedelta(seconds=extension or 0.0)
    return max(0.0, (handed_in - until).total_seconds())


def points_with(marks: NotebookMarks, given: Mapping[str, Given]) -> float:
    """The points of a notebook; `given` are those that humans gave, by cell."""
    total = 0.0
    for cell, auto in marks.points.items():
        by_hand = given.get(cell, Given(None, 0.0))
        counts = by_hand.points if by_hand.points is not None else auto
        total += 0.0 if counts is None else counts + by_hand.extra
    return total


class LatePenalties:
    """What the course's plugin takes for being late."""

    def __init__(self, course: Course) -> None:
        self._penalties = AssignLatePenalties(parent=course.app)
        self._penalties.init_plugin()

    @property
    def sections(self) -> set[str]:
        """The sections of nbgrader_config.py that it obeys, whichever plugin it is."""
        return {kind.__name__ for kind in self._kinds}

    @property
    def modules(self) -> set[str]:
        """The modules that the course's plugin is of."""
        return {kind.__module__ for kind in self._kinds}

    @property
    def _kinds(self) -> list[type]:
        return [*type(self._penalties).mro(), *type(self._penalties.plugin_inst).mro()]

    def penalty(self, student: str, points: float, late: float) -> float | None:
        """Points that are taken for a notebook: between none and all that it has.

        `late` is in seconds.

        Raises:
            PenaltyError: the plugin fails, or what it says is no number.

        """
        if late <= 0:
            return None
        plugin = self._penalties.plugin_inst
        try:
            penalty = plugin.late_submission_penalty(student, points, late)
            number = None if penalty is None else float(penalty)  # it may be a fraction
        except Exception as error:
            raise _no_penalty(plugin, student, f"{type(error).__name__}: {error}") from error
        if number is None:
            return None
        if isnan(number):
            raise _no_penalty(plugin, student, "it says nan")
        return min(max(0.0, number), max(0.0, points))


class PenaltyError(RefereeError):
    """What being late costs a student cannot be computed."""


def _no_penalty(plugin: object, student: str, why: str) -> PenaltyError:
    return PenaltyError(
        f"what being late costs {student} cannot be computed by the course's "
        f"{type(plugin).__name__}: {why}. Correct c.AssignLatePenalties.plugin_class, and run "
        "again."
    )
