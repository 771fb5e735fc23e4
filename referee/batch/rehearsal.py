"""The rehearsal: the master's own solution is graded, and has to have all points.

It is the first job of a batch whose master, tests or grader have changed. Others are graded beside
it; nothing of them is recorded before it has passed.
"""

import json
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from referee.batch.jobs import Job, JobKind
from referee.batch.plan import digest
from referee.batch.view import BatchView
from referee.errors import RefereeError
from referee.model.assignment import Assignment, AssignmentCell
from referee.model.work import Result, SubmittedFile, Work, from_bytes, to_bytes
from referee.nbgrader.course import Course
from referee.record.disk import replace_file

CHECKED = ".checked.json"  # in autograded/: of each assignment, what has passed last
HELD = "held"  # folder of results that wait for the master's, beside those that are not recorded
Results = list[tuple[str, bytes]]  # students, and what became of their submissions


@dataclass(frozen=True)
class LostPoints:
    """A test that has not given all of its points."""

    notebook: str
    cell: AssignmentCell
    points: float


class RehearsalFailedError(RefereeError):
    """The master's own solution has not all points; `result` says what became of it."""

    def __init__(self, assignment: Assignment, result: Result) -> None:
        self.assignment, self.result = assignment, result
        lost = lost_points(assignment, result)
        missing = sum((each.cell.points or 0.0) - each.points for each in lost)
        what = f"loses {missing:g} of {all_points(assignment):g} points"
        if not result.outcome.has_marks:
            what = f"cannot be graded ({result.outcome}: {result.reason})"
        super().__init__(
            f"the master's own solution of {assignment.name!r} {what}, so no marks were recorded. "
            f"`referee check {shlex.quote(assignment.name)}` tells more. Correct the "
            "master and run again; or grade all the same, with --unchecked."
        )


def all_points(assignment: Assignment) -> float:
    """What the tests of an assignment are worth, without what humans mark."""
    return sum(cell.points or 0.0 for _, cell in _tests(assignment))


def lost_points(assignment: Assignment, result: Result) -> list[LostPoints]:
    """The tests that have not given all of their points, in order."""
    found = []
    for notebook, cell in _tests(assignment):
        marks = result.marks.get(notebook)
        points = (marks.points.get(cell.name) if marks else None) or 0.0
        if points < (cell.points or 0.0):
            found.append(LostPoints(notebook, cell, points))
    return found


def _tests(assignment: Assignment) -> Iterator[tuple[str, AssignmentCell]]:
    for notebook in assignment.notebooks:
        for cell in notebook.cells:
            if cell.tested:
                yield notebook.name, cell


def work_of(course: Course, assignment: Assignment, folder: Path, student: str) -> Work:
    """The notebooks of a folder as a submission: the master's own, or what was released.

    A file that students may bring in place of the assignment's is taken from the source.
    """
    notebooks = {
        notebook.name: SubmittedFile(path.name, path.read_bytes())
        for notebook in assignment.notebooks
        if (path := folder / f"{notebook.name}.ipynb").is_file()
    }
    theirs = course.app.config.Autograde.get("exclude_overwriting", {}).get(assignment.name, [])
    materials = course.materials(assignment.name)
    files = {
        str(name): (materials / name).read_bytes()
        for name in theirs
        if (materials / name).is_file()
    }
    return Work(student, notebooks, files)


class Rehearsal:
    """The master of an assignment as the first submission of a batch.

    `grader` is a hash of all that results depend on, and `unrecorded` a folder for what waits.
    """

    def __init__(
        self, course: Course, assignment: Assignment, grader: str, unrecorded: Path
    ) -> None:
        self.course = course
        self.assignment = assignment
        self.student = f"source/{assignment.name}"  # no folder of a student's has such a name
        self._state = digest(grader, self._solutions())
        self._held = unrecorded / HELD
        self._checked = course.root / course.directory.autograded_directory / CHECKED

    @property
    def is_due(self) -> bool:
        """Whether this version has not passed yet. An assignment without tests needs none."""
        has_points = all_points(self.assignment) > 0
        return has_points and self._passed().get(self.assignment.name) != self._state

    def job(self) -> Job:
        """The job of grading it."""
        folder = self.course.materials(self.assignment.name)
        work = work_of(self.course, self.assignment, folder, self.student)
        return Job(JobKind.GRADE, self.student, to_bytes(work))

    def before(self, results: Iterator[Results], view: BatchView) -> Iterator[Results]:
        """Hand on the results of students as soon as the master's has come and is right.

        Raises:
            RehearsalFailedError: it is not.

        """
        held: list[Path] = []
        passed = False
        for found in results:
            students = [pair for pair in found if pair[0] != self.student]
            for _, content in (pair for pair in found if pair[0] == self.student):
                self._require_all_points(from_bytes(Result, content), view)
                passed = True
                yield from map(_read, held)
            if students and passed:
                yield students
            elif students:
                held.append(self._hold(students, len(held)))

    def _require_all_points(self, result: Result, view: BatchView) -> None:
        if not result.outcome.has_marks or lost_points(self.assignment, result):
            raise RehearsalFailedError(self.assignment, result)
        view.say(
            f"The master's own solution has all {all_points(self.assignment):g} points "
            f"({result.seconds:.0f} s)."
        )
        passed = json.dumps(self._passed() | {self.assignment.name: self._state}).encode()
        replace_file(self._checked, passed, self._checked.with_suffix(".unfinished"))

    def _passed(self) -> dict[str, str]:
        """The states that have passed, by assignment."""
        with suppress(OSError, ValueError):
            passed = json.loads(self._checked.read_text())
            return passed if isinstance(passed, dict) else {}
        return {}

    def _solutions(self) -> list[Any]:
        """The cells of the master, without what they have shown: saving changes nothing."""
        folder = self.course.materials(self.assignment.name)
        return [
            [(cell.cell_type, cell.source) for cell in nbformat.read(path, as_version=4).cells]
            for notebook in self.assignment.notebooks
            if (path := folder / f"{notebook.name}.ipynb").is_file()
        ]

    def _hold(self, results: Results, number: int) -> Path:
        """Keep results in a file, for there may be many. The next run removes what is left."""
        self._held.mkdir(parents=True, exist_ok=True)
        path = self._held / f"{number}.msgpack"
        path.write_bytes(to_bytes(results))
        return path


def _read(path: Path) -> Results:
    """Read results that were kept, and remove the file."""
    results = from_bytes(Results, path.read_bytes())
    path.unlink()
    return results
