"""Recording results: the marks, the executed notebook and the journal's line, all or nothing.

A result is first kept whole, in a file of its own, and then recorded from there. Recording can be
cut off anywhere: whoever records next finds the file and does it again, with the same outcome.
"""

import errno
import fcntl
import os
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

import msgspec

from referee.errors import RefereeError
from referee.model.outcomes import Outcome
from referee.model.work import BESIDE_PAGES, Pages, Result, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.permissions import Permissions, share_with_group
from referee.nbgrader.rows import GradebookWriter
from referee.record.disk import mount_of, replace_file, replace_folder, sync_all, sync_folder
from referee.record.journal import JournalLine, append_to_journal, read_journal

PENDING = ".unrecorded"  # folder in autograded/ of results that are not recorded yet
LOCK = ".lock"
PROBE = ".probe"
OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
FAILED = "failed"  # folder in there of results that cannot be recorded


@dataclass(frozen=True)
class GradedSubmission:
    """A Result, also as the bytes that came from its worker, and what no worker knows of it.

    `state` is a hash of all that it depends on, and `handed_in` of the submission's files, which
    are `unchanged` if they were graded before. `late` is in seconds, and `penalties` are what it
    costs, by notebook. `page_waits` if its pages lack marks that only the gradebook has: they are
    not recorded.
    """

    content: bytes
    result: Result
    state: str
    penalties: dict[str, float | None]
    page_waits: bool = False
    late: float = 0.0
    handed_in: str = ""
    unchanged: bool = False


@dataclass(frozen=True)
class Label:
    """What belongs to a result and no worker knows."""

    id: str
    assignment: str
    state: str
    graded_at: str
    penalties: dict[str, float | None]
    page_waits: bool = False
    late: float = 0.0
    handed_in: str = ""
    unchanged: bool = False

    @property
    def late_penalty(self) -> float:
        """What being late costs in all."""
        return sum(penalty or 0.0 for penalty in self.penalties.values())


@dataclass(frozen=True)
class PendingResults:
    """Results that are kept in a file, until they are recorded together."""

    path: Path
    results: list[tuple[Label, Result]]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file, which has pairs of a label and a result."""
        pairs = msgspec.msgpack.decode(path.read_bytes(), type=list[tuple[Label, Result]])
        return cls(path, pairs)


def with_penalties(label: Label, result: Result) -> Result:
    """The result with what being late costs in its marks."""
    marks = {
        name: replace(notebook, late_penalty=label.penalties.get(name))
        for name, notebook in result.marks.items()
    }
    return replace(result, marks=marks)


class Recorder:
    """Records results of one assignment, and those that other runs have kept of any.

    Only one can be open in a course.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self.course = course
        self.assignment = assignment
        self.autograded = course.root / course.directory.autograded_directory
        self.pending = self.autograded / PENDING
        self.permissions = {
            course.directory.autograded_directory: Permissions.of(course, "Autograde"),
            course.directory.feedback_directory: Permissions.of(course, "GenerateFeedback"),
        }

    def __enter__(self) -> Self:
        share_with_group(self.course)
        self.pending.mkdir(parents=True, exist_ok=True)
        self._lock = (self.autograded / LOCK).open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise RefereeError(
                f"another `referee grade` is at work in {self.course.root}. Wait until it has "
                "ended, or end it; what it has graded is kept."
            ) from None
        try:
            self._gradebook = GradebookWriter(self.course).__enter__()
        except BaseException:
            self._lock.close()
            raise
        self.journalled = {line.id for line in read_journal(self.course)}
        return self

    def __exit__(self, *_: object) -> None:
        self._gradebook.__exit__()
        self._lock.close()

    def keep(self, graded: list[GradedSubmission]) -> PendingResults:
        """Keep results in one file, safe from crashes, to be recorded together."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        labels = [
            Label(
                uuid4().hex,
                self.assignment,
                each.state,
                now,
                each.penalties,
                each.page_waits,
                each.late,
                each.handed_in,
                each.unchanged,
            )
            for each in graded
        ]
        path = self.pending / f"{labels[0].id}.msgpack"
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            # The results' bytes are kept as they came.
            pairs = zip(labels, (msgspec.Raw(each.content) for each in graded), strict=True)
            file.write(to_bytes(list(pairs)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        sync_folder(self.pending)
        results = [(label, each.result) for label, each in zip(labels, graded, strict=True)]
        return PendingResults(path, results)

    def postponed(self) -> list[Path]:
        """What is kept and not recorded yet, oldest first."""
        return sorted(self.pending.glob("*.msgpack"), key=lambda path: path.stat().st_mtime)

    def read(self, path: Path) -> PendingResults | None:
        """Read what is kept in a file; one that another version has written is set aside."""
        try:
            return PendingResults.read(path)
        except msgspec.DecodeError:
            path.rename(path.with_suffix(".unreadable"))
            return None

    def record(self, pending: PendingResults) -> list[JournalLine]:
        """Record the results that are kept in a file; doing it twice is doing it once.

        A result that cannot be recorded costs its own submission: it is set aside, and a fault of
        the grader is recorded in its place.

        Raises:
            GradebookUnavailableError: another program uses it, say; nothing is recorded, and
                the results are kept.
            OSError: the disk is full, or cannot be written at all; the results are kept.

        """
        try:
            return self._record(pending)
        except OSError as error:
            self._require_disk(error)
            if len(pending.results) == 1:
                return self._record(self._set_aside(pending, error))
        lines = [line for one in self._split(pending) for line in self.record(one)]
        pending.path.unlink()
        return lines

    def _record(self, pending: PendingResults) -> list[JournalLine]:
        results = [(label, with_penalties(label, result)) for label, result in pending.results]
        # All that is kept in one file is of one run, and so of one assignment.
        assignment = pending.results[0][0].assignment
        unchanged = {result.student for label, result in results if label.unchanged}
        self._gradebook.write(assignment, [result for _, result in results], unchanged)
        for label, result in results:
            self._put_files(label, result)
        sync_all(self.autograded)  # before the journal says that they are there
        students = [result.student for _, result in results]
        points = self._gradebook.points_of_tests(assignment, students)
        lines = [_line(label, result, points.get(result.student)) for label, result in results]
        append_to_journal(self.course, [line for line in lines if line.id not in self.journalled])
        self.journalled |= {line.id for line in lines}
        pending.path.unlink()
        return lines

    def _require_disk(self, error: OSError) -> None:
        """Raise an error that is not one result's: a full disk, or a folder that is closed."""
        if error.errno in OF_THE_DISK:
            raise error
        directory = self.course.directory
        for step in (directory.autograded_directory, directory.feedback_directory):
            probe = self.course.root / step / PROBE
            probe.mkdir(parents=True, exist_ok=True)
            (probe / "file").write_bytes(b"a")
            shutil.rmtree(probe)
        append_to_journal(self.course, [])

    def _split(self, pending: PendingResults) -> list[PendingResults]:
        """The results of a file in files of their own."""
        return [
            self._kept(self.pending / f"{label.id}-alone.msgpack", [(label, result)])
            for label, result in pending.results
        ]

    def _set_aside(self, pending: PendingResults, error: OSError) -> PendingResults:
        """Keep a result that cannot be recorded for a teacher to look at, and a fault for it."""
        (label, result), *_ = pending.results
        aside = self.pending / FAILED
        aside.mkdir(exist_ok=True)
        kept = aside / f"{label.id}.msgpack"
        kept.write_bytes(pending.path.read_bytes())
        reason = f"it cannot be recorded, and is kept in {kept}: {error}"
        fault = Result(result.student, Outcome.GRADER_FAULT, reason, log=reason)
        return self._kept(pending.path, [(label, fault)])

    def _kept(self, path: Path, results: list[tuple[Label, Result]]) -> PendingResults:
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(to_bytes(results))
        unfinished.rename(path)
        return PendingResults(path, results)

    def record_lateness(
        self, lines: list[JournalLine], penalties: dict[str, dict[str, float | None]]
    ) -> None:
        """Record lines that say anew how late submissions were, and what it costs.

        `penalties` are by student and notebook.

        Raises:
            GradebookUnavailableError: another program uses it, say; nothing is recorded.

        """
        self._gradebook.write_penalties(self.assignment, penalties)
        append_to_journal(self.course, [replace(line, id=uuid4().hex) for line in lines])

    def replace_pages(self, pages: Pages) -> None:
        """Put feedback pages that were written anew where nbgrader has them."""
        directory, student = self.course.directory, pages.student
        folder = self.course.path(directory.feedback_directory, student, self.assignment)
        graded = self.course.path(directory.autograded_directory, student, self.assignment)
        beside = {name: graded / name for name in BESIDE_PAGES if pages.feedback}
        files = {name: path.read_bytes() for name, path in beside.items() if path.is_file()}
        permissions = self.permissions[directory.feedback_directory]
        for name, content in (files | pages.feedback).items():
            staging = self._staging(directory.feedback_directory) / "page.unfinished"
            replace_file(folder / name, content, staging, permissions.give)

    def tidy_up(self) -> None:
        """Remove what writes that were cut off have left behind."""
        for path in self.pending.iterdir():
            if path.is_dir() and path.name != FAILED:
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".unfinished":
                path.unlink()
        elsewhere = self.course.root / self.course.directory.feedback_directory / PENDING
        if elsewhere != self.pending:
            shutil.rmtree(elsewhere, ignore_errors=True)

    def _put_files(self, label: Label, result: Result) -> None:
        """Put the executed notebook and its feedback where nbgrader has them."""
        graded = result.autograded
        beside = {name: graded[name] for name in BESIDE_PAGES if name in graded}
        pages = {} if label.page_waits or not result.feedback else result.feedback | beside
        for step, files in (
            (self.course.directory.autograded_directory, graded),
            (self.course.directory.feedback_directory, pages),
        ):
            folder = self.course.path(step, result.student, label.assignment)
            staging = self._staging(step) / f"{label.id}-{Path(step).name}"
            replace_folder(files, folder, staging, self.permissions[step].give)

    def _staging(self, step: str) -> Path:
        """A folder for what is unfinished, in the same mount as a step's folder.

        A folder cannot be moved at once from one mount to another, of one file system or two.
        """
        folder = there = self.course.root / step
        while not there.exists():
            there = there.parent
        if mount_of(there) == mount_of(self.pending):
            return self.pending
        staging = folder / PENDING
        staging.mkdir(parents=True, exist_ok=True)
        return staging


def _line(label: Label, result: Result, points: float | None) -> JournalLine:
    return JournalLine(
        label.id,
        result.student,
        label.assignment,
        str(result.outcome),
        result.reason,
        result.seconds,
        label.state,
        label.graded_at,
        result.log,
        result.notes,
        result.sandboxed,
        result.cells,
        label.late,
        label.late_penalty,
        label.handed_in,
        points,
    )
