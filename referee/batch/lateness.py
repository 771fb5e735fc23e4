"""How late submissions were and what that costs, as due dates, extensions and penalties are now."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import SubmittedPoints, read_submitted_points
from referee.nbgrader.scoring import LatePenalties, PenaltyError, seconds_late
from referee.record.journal import JournalLine, latest_lines


@dataclass(frozen=True)
class ChangedLateness:
    """What is to be recorded anew: the journal's lines, and penalties by student and notebook.

    `failed` says of whom it is not known, and why.
    """

    lines: list[JournalLine]
    penalties: dict[str, dict[str, float | None]]
    failed: dict[str, PenaltyError] = field(default_factory=dict)


def changed_lateness(
    course: Course, assignment: str, due: str, students: Iterable[str], penalties: LatePenalties
) -> ChangedLateness:
    """Compare what was recorded of these students with what the gradebook says now.

    `due` is a time in UTC, ISO 8601, or empty.
    """
    notebooks: dict[str, list[SubmittedPoints]] = defaultdict(list)
    for notebook in read_submitted_points(course, assignment):
        notebooks[notebook.student].append(notebook)
    recorded = latest_lines(course, assignment)
    changed = ChangedLateness([], {})
    for student in students:
        line, found = recorded.get(student), notebooks.get(student, [])
        if line is None or not line.outcome.has_marks or not found:
            continue
        late = seconds_late(due, found[0].handed_in, found[0].extension)
        try:
            costs = {each.notebook: penalties.penalty(student, each.points, late) for each in found}
        except PenaltyError as error:
            changed.failed[student] = error
            continue
        new = replace(line, late=late, late_penalty=sum(cost or 0.0 for cost in costs.values()))
        if new != line or costs != {each.notebook: each.penalty for each in found}:
            changed.lines.append(new)
            changed.penalties[student] = costs
    return changed
