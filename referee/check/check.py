"""Checking an assignment before students are graded: does its master work as its author thinks?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from referee.batch.jobs import Job, JobKind
from referee.batch.local import local_workers
from referee.batch.rehearsal import RehearsalFailedError, all_points, lost_points, work_of
from referee.batch.view import BatchView
from referee.check.findings import (
    CellFinding,
    failing_without_points,
    failures,
    given_away,
)
from referee.check.master import CellRemarks, MasterNotebook
from referee.check.stock import passing_in_notebook
from referee.grade.api import settings_of
from referee.judge.judge import why_unreadable
from referee.model.assignment import Assignment
from referee.model.limits import Limits
from referee.model.work import CellTime, Result, Work, from_bytes, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import gradable, hidden_tests, read_assignment, refusal
from referee.nbgrader.package import pack
from referee.nbgrader.release import release_again_if_changed, require_assignment

MASTER, RELEASE = "source/{}", "release/{}"  # no folder of a student's has such a name


@dataclass(frozen=True)
class ByHand:
    """A cell that a human marks: an answer, or a task."""

    notebook: str
    cell: str
    points: float


@dataclass(frozen=True)
class UsedByCell:
    """What a cell of the master has used, and the limit on its CPU time.

    Times are in seconds, `memory` is in bytes; that of a test is of its calls.
    """

    cell: str
    seconds: float
    cpu: float
    cpu_limit: float
    memory: int


@dataclass(frozen=True)
class Checked:
    """What was found: `lost` by the master's own solution, and `given_away` by the release.

    `failing` are tests that the solution fails and that are worth nothing. `problem` says why the
    master could not be graded at all; `messages` are remarks that cost nothing.
    """

    assignment: str
    points: float
    max_points: float
    problem: str = ""
    lost: tuple[CellFinding, ...] = ()
    failing: tuple[CellFinding, ...] = ()
    given_away: tuple[CellFinding, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    used: tuple[UsedByCell, ...] = ()
    messages: tuple[CellRemarks, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether students can be graded: a right solution has all points, an empty one none."""
        return not (self.problem or self.lost or self.given_away)


def check(course: Course, assignment: str, view: BatchView) -> Checked:
    """Grade the master's own solution and the release, and look at the messages of tests.

    Nothing is recorded. An assignment whose master has changed is released again.

    Raises:
        RefereeError: there is no such assignment, it cannot be released, or no sandbox.

    """
    require_assignment(course, assignment)
    if released := release_again_if_changed(course, assignment):
        view.say(released)
    whole, limits = read_assignment(course, assignment), Limits(parent=course.app)
    known = gradable(whole)
    masters = _masters(course, known)
    hidden = hidden_tests(course, assignment)
    for text in _unreadable(known):
        view.say(text)
    master, release = _works(course, known)
    results = _graded(course, known, limits, [master, release], view)
    result, emptied = results[master.student], results[release.student]
    lost, failing = lost_points(known, result), failing_without_points(known, result)
    tried = [(each.notebook, each.cell.name) for each in (*lost, *failing)]
    stock = passing_in_notebook(course, known, master, tried, view.say) if tried else {}
    explained = partial(failures, known, result, masters=masters, limits=limits, stock=stock)
    return Checked(
        assignment,
        all_points(known) - sum((each.cell.points or 0.0) - each.points for each in lost),
        all_points(known),
        "" if result.outcome.has_marks else f"{result.outcome}: {result.reason}",
        tuple(explained(lost)),
        tuple(explained(failing)),
        tuple(given_away(known, emptied, masters)),
        tuple(_by_hand(known)),
        tuple(_used(known, result, limits)),
        tuple(remarks for each in masters.values() for remarks in each.remarks(hidden)),
        tuple(
            dict.fromkeys(
                [
                    *map(refusal, whole.in_other_languages),
                    *filter(None, [result.reason]),
                    *result.notes,
                ]
            )
        ),
    )


def failures_of(course: Course, failed: RehearsalFailedError) -> list[CellFinding]:
    """What the master's own solution has lost when students were to be graded."""
    masters, limits = _masters(course, failed.assignment), Limits(parent=course.app)
    lost = lost_points(failed.assignment, failed.result)
    return failures(failed.assignment, failed.result, lost, masters, limits)


def _masters(course: Course, assignment: Assignment) -> dict[str, MasterNotebook]:
    folder = course.materials(assignment.name)
    return {
        book.name: MasterNotebook(folder / f"{book.name}.ipynb") for book in assignment.notebooks
    }


def _unreadable(assignment: Assignment) -> Iterator[str]:
    """The tests that no judge can run, which is known before anything has run."""
    for notebook in assignment.notebooks:
        for cell in notebook.cells:
            if cell.tested and (found := why_unreadable(cell.source)) is not None:
                line, why = found
                yield f"{notebook.name}: {cell.name}, line {line}, cannot be run: {why}"


def _works(course: Course, assignment: Assignment) -> tuple[Work, Work]:
    """The master and its release, as if they were handed in."""
    name, release = assignment.name, course.directory.release_directory
    return (
        work_of(course, assignment, course.materials(name), MASTER.format(name)),
        work_of(course, assignment, course.path(release, ".", name), RELEASE.format(name)),
    )


def _graded(
    course: Course, assignment: Assignment, limits: Limits, works: list[Work], view: BatchView
) -> dict[str, Result]:
    """Grade submissions on this machine, and record nothing."""
    package = to_bytes(pack(course, assignment))
    jobs = (Job(JobKind.GRADE, work.student, to_bytes(work)) for work in works)
    found: dict[str, Result] = {}
    with local_workers(package, limits, settings_of(course), None, len(works), view.say) as workers:
        view.watch(workers)
        for results in workers.run(jobs, lambda: False, view.say):
            found |= {student: from_bytes(Result, content) for student, content in results}
    return found


def _by_hand(assignment: Assignment) -> Iterator[ByHand]:
    for notebook in assignment.notebooks:
        for cell in notebook.cells:
            if cell.answer or cell.task:
                yield ByHand(notebook.name, cell.name, cell.points or 0.0)


def _used(assignment: Assignment, result: Result, limits: Limits) -> Iterator[UsedByCell]:
    """What the cells of the master have used, those that took longest first."""
    tests = {cell.name for book in assignment.notebooks for cell in book.cells if cell.tested}

    def limit_of(cell: CellTime) -> float:
        if cell.cell in tests:
            return limits.call_cpu
        return limits.long_cell_cpu if cell.cell in limits.long_cells else limits.cell_cpu

    for cell in sorted(result.cells, key=lambda cell: -cell.seconds):
        name = cell.cell.replace("own cell", "ordinary cell")  # of the student who the master was
        yield UsedByCell(name, cell.seconds, cell.cpu, limit_of(cell), cell.memory)
