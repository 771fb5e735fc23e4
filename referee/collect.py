"""Collected submissions: what lies in submitted/, nbgrader's way or put there by hand."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from referee.course import Course
from referee.errors import RefereeError


@dataclass(frozen=True)
class Submission:
    """One student's folder of one assignment."""

    student: str
    assignment: str
    folder: Path

    def problem(self) -> tuple[str, str] | None:
        """Why this cannot be graded, as (status, reason), or None."""
        wanted = self.folder / f"{self.assignment}.ipynb"
        if wanted.is_symlink() or self.folder.is_symlink():
            return ("no-notebook", f"{wanted.name} is a link to something else, which is not read")
        if wanted.is_file():
            return None
        found = sorted(path.name for path in self.folder.glob("*.ipynb"))
        return (
            "no-notebook",
            f"{wanted.name} is not there; found: {', '.join(found) or 'no notebook at all'}",
        )


def odd_files(folder: Path) -> list[str]:
    """Names of what is neither a file nor a folder, but a link or a pipe, say."""
    names = {
        path.name
        for path in folder.rglob("*")
        if path.is_symlink() or not (path.is_file() or path.is_dir())
    }
    return sorted(names)


def collect(course: Course, assignment: str, students: Iterable[str] = ()) -> list[Submission]:
    """The submissions of an assignment, of all students or the named ones, sorted by student.

    Raises:
        RefereeError: there is none, or none of a named student.

    """
    submitted = course.root / course.directory.submitted_directory
    folders = sorted(folder for folder in submitted.glob("*") if (folder / assignment).is_dir())
    submissions = [Submission(folder.name, assignment, folder / assignment) for folder in folders]
    if not submissions:
        raise RefereeError(
            f"nothing to grade: no folder {submitted}/STUDENT/{assignment}. "
            "Put each student's notebook there, or collect them with `nbgrader collect`."
        )
    known = {submission.student for submission in submissions}
    if unknown := sorted(set(students) - known):
        raise RefereeError(
            f"no submission of {assignment!r} by {', '.join(unknown)} in {submitted}. "
            f"There are: {', '.join(sorted(known))}."
        )
    return [
        submission for submission in submissions if not students or submission.student in students
    ]


def fingerprint(*folders: Path) -> str:
    """A hash of the names and contents of all files in the folders; empty if one is unreadable."""
    digest = hashlib.sha256()
    try:
        for folder in folders:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                digest.update(os.fsencode(path.relative_to(folder)))
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError:
        return ""
    return digest.hexdigest()
