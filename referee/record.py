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
class Kept:
    """A result as it is kept until it is recorded, one of those in a file."""

    id: str
    assignment: str
    state: str
    graded_at: str
    timestamp: str  # when it was handed in; empty where nobody says
    result: bytes


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

    def keep(self, result: Result, state: str, timestamp: str) -> Path:
        """Keep a result, safe from crashes."""
        return self.keep_together([(result, state, timestamp)])

    def keep_together(self, results: list[tuple[Result, str, str]]) -> Path:
        """Keep results in one file, to be recorded together.

        Each comes with its state and the time when it was handed in, if that is known.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        kept = [
            Kept(uuid4().hex, self.assignment, state, now, timestamp, result.to_bytes())
            for result, state, timestamp in results
        ]
        path = self.kept / f"{kept[0].id}.msgpack"
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(msgpack.packb(kept, default=vars))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        sync_folder(self.kept)
        return path

    def postponed(self) -> list[Path]:
        """What is kept and not recorded yet, oldest first."""
        return sorted(self.kept.glob("*.msgpack"), key=lambda path: path.stat().st_mtime)

    def record(self, path: Path) -> list[JournalLine]:
        """Record the results that are kept in a file; doing it twice is doing it once.

        Raises:
            OperationalError: the gradebook is locked; nothing is recorded, the results are kept.

        """
        together = [Kept(**kept) for kept in msgpack.unpackb(path.read_bytes())]
        results = [Result.from_bytes(kept.result) for kept in together]
        self._record_marks(together, results)
        for kept, result in zip(together, results, strict=True):
            self._put_files(kept, result)
        sync_all(self.autograded)  # before the journal says that they are there
        lines = [_line(*pair) for pair in zip(together, results, strict=True)]
        append_to_journal(self.course, [line for line in lines if line.id not in self.journalled])
        self.journalled |= {line.id for line in lines}
        path.unlink()
        return lines

    def tidy_up(self) -> None:
        """Remove what writes that were cut off have left behind."""
        for path in self.kept.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".unfinished":
                path.unlink()

    def _record_marks(self, together: list[Kept], results: list[Result]) -> None:
        """Put the marks into the gradebook, in one transaction."""
        db = self._gradebook.db
        try:
            # All that is kept in one file is of one run, and so of one assignment.
            timestamps = [kept.timestamp for kept in together]
            write_marks(db, together[0].assignment, list(zip(results, timestamps, strict=True)))
            db.commit()
        except BaseException:
            db.rollback()
            raise
        db.expunge_all()

    def _put_files(self, kept: Kept, result: Result) -> None:
        """Put the executed notebook and its feedback where nbgrader has them."""
        for step, files in (
            (self.course.directory.autograded_directory, result.autograded),
            (self.course.directory.feedback_directory, result.feedback),
        ):
            folder = self.course.path(step, result.student, kept.assignment)
            _put(files, folder, self.kept / f"{kept.id}-{Path(step).name}")


def _line(kept: Kept, result: Result) -> JournalLine:
    return JournalLine(
        kept.id,
        result.student,
        kept.assignment,
        str(result.outcome),
        result.reason,
        result.seconds,
        kept.state,
        kept.graded_at,
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
