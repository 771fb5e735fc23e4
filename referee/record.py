"""Recording results: the marks, the executed notebook and the journal's line, all or nothing.

A result is first kept whole, in a file of its own, and then recorded from there. Recording can be
cut off anywhere: whoever records next finds the file and does it again, with the same outcome.
"""

import fcntl
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

import msgpack

from referee.course import Course
from referee.errors import RefereeError
from referee.gradebook import write_marks
from referee.journal import JournalLine, append_to_journal, read_journal, sync_all, sync_folder
from referee.work import Result

KEPT = ".unrecorded"  # folder in autograded/ of results that are not recorded yet
LOCK = ".lock"


@dataclass(frozen=True)
class Label:
    """What belongs to a result and no worker knows."""

    id: str
    assignment: str
    state: str
    graded_at: str
    timestamp: str  # when it was handed in; empty where nobody says


@dataclass(frozen=True)
class Kept:
    """Results that are kept in a file, until they are recorded together."""

    path: Path
    results: list[tuple[Label, Result]]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file, which has label and result by turns."""
        with path.open("rb") as file:
            parts = list(msgpack.Unpacker(file, max_buffer_size=0, strict_map_key=False))
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return cls(path, [(Label(**label), Result.from_plain(result)) for label, result in pairs])


class Recorder:
    """Records results of one assignment, and those that other runs have kept of any.

    Only one can be open in a course.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self.course = course
        self.assignment = assignment
        self.autograded = course.root / course.directory.autograded_directory
        self.kept = self.autograded / KEPT

    def __enter__(self) -> Self:
        self.kept.mkdir(parents=True, exist_ok=True)
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
            self._gradebook = self.course.gradebook()
        except BaseException:
            self._lock.close()
            raise
        self.journalled = {line.id for line in read_journal(self.course)}
        return self

    def __exit__(self, *_: object) -> None:
        self._gradebook.close()
        self._lock.close()

    def keep(self, results: list[tuple[bytes, str, str]]) -> Kept:
        """Keep results in one file, safe from crashes, to be recorded together.

        Each is a Result as bytes, its state, and the time when it was handed in, if that is known.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        labels = [
            Label(uuid4().hex, self.assignment, state, now, timestamp)
            for _, state, timestamp in results
        ]
        path = self.kept / f"{labels[0].id}.msgpack"
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            for label, (content, _, _) in zip(labels, results, strict=True):
                file.write(msgpack.packb(label, default=vars))
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        sync_folder(self.kept)
        read = [Result.from_bytes(content) for content, _, _ in results]
        return Kept(path, list(zip(labels, read, strict=True)))

    def postponed(self) -> list[Path]:
        """What is kept and not recorded yet, oldest first."""
        return sorted(self.kept.glob("*.msgpack"), key=lambda path: path.stat().st_mtime)

    def record(self, kept: Kept) -> list[JournalLine]:
        """Record the results that are kept in a file; doing it twice is doing it once.

        Raises:
            OperationalError: the gradebook is locked; nothing is recorded, the results are kept.

        """
        self._record_marks(kept)
        for label, result in kept.results:
            self._put_files(label, result)
        sync_all(self.autograded)  # before the journal says that they are there
        lines = [_line(label, result) for label, result in kept.results]
        append_to_journal(self.course, [line for line in lines if line.id not in self.journalled])
        self.journalled |= {line.id for line in lines}
        kept.path.unlink()
        return lines

    def tidy_up(self) -> None:
        """Remove what writes that were cut off have left behind."""
        for path in self.kept.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".unfinished":
                path.unlink()

    def _record_marks(self, kept: Kept) -> None:
        """Put the marks into the gradebook, in one transaction."""
        db = self._gradebook.db
        try:
            # All that is kept in one file is of one run, and so of one assignment.
            assignment = kept.results[0][0].assignment
            write_marks(db, assignment, [(each, label.timestamp) for label, each in kept.results])
            db.commit()
        except BaseException:
            db.rollback()
            raise
        db.expunge_all()

    def _put_files(self, label: Label, result: Result) -> None:
        """Put the executed notebook and its feedback where nbgrader has them."""
        for step, files in (
            (self.course.directory.autograded_directory, result.autograded),
            (self.course.directory.feedback_directory, result.feedback),
        ):
            folder = self.course.path(step, result.student, label.assignment)
            _put(files, folder, self.kept / f"{label.id}-{Path(step).name}")


def _line(label: Label, result: Result) -> JournalLine:
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
        tuple((cell.cell, cell.seconds, cell.cpu) for cell in result.cells),
    )


def _put(files: dict[str, bytes], folder: Path, staging: Path) -> None:
    """Replace a folder by one with these files, or by none; the last step is a rename."""
    shutil.rmtree(staging, ignore_errors=True)
    for name, content in files.items():
        path = staging / "new" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if folder.exists() or folder.is_symlink():
        staging.mkdir(exist_ok=True)
        folder.rename(staging / "old")
    if files:
        folder.parent.mkdir(parents=True, exist_ok=True)
        (staging / "new").rename(folder)
    shutil.rmtree(staging, ignore_errors=True)
