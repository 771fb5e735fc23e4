"""Collected submissions: what lies in submitted/, nbgrader's way or put there by hand."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from referee.course import Course
from referee.errors import RefereeError
from referee.files import walk

LOOP = re.compile(rb'(?:"|\\n)\s*(for|while)\b')  # a line of a notebook that begins a loop
MAX_SEARCHED = 2**23  # bytes of a notebook; one with less than a hundred pictures
MAX_HASHED = 2**28  # bytes of a file; a sparse one of a terabyte would take hours


@dataclass(frozen=True)
class Submission:
    """One student's folder of one assignment."""

    student: str
    assignment: str
    folder: Path


def collect(course: Course, assignment: str, students: Iterable[str] = ()) -> list[Submission]:
    """The submissions of an assignment, of all students or the named ones, sorted by student.

    Raises:
        RefereeError: there is none, or none of a named student.

    """
    submitted = course.root / course.directory.submitted_directory
    submissions = find_submissions(course, assignment)
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


def find_submissions(course: Course, assignment: str) -> list[Submission]:
    """What lies in submitted/ for an assignment, sorted by student.

    A student's folder that holds no assignment at all counts too: it is empty, or its files were
    put into the wrong place.
    """
    submitted = course.root / course.directory.submitted_directory
    source = course.root / course.directory.source_directory
    assignments = [path.name for path in source.glob("*") if path.is_dir()]
    return [
        Submission(_student(folder), assignment, folder / assignment)
        for folder in sorted(submitted.glob("*"))
        if _is_there(folder / assignment)
        or (_is_a_students(folder) and not any(_is_there(folder / name) for name in assignments))
    ]


def _student(folder: Path) -> str:
    """The folder's name; what of it is not UTF-8, and could not be stored, is spelt out."""
    return os.fsencode(folder.name).decode(errors="backslashreplace")


def _is_there(folder: Path) -> bool:
    """Whether it is a submission: a folder, a link that leads to none, or one that is closed."""
    try:
        return folder.is_dir() or folder.is_symlink()
    except PermissionError:
        return True


def _is_a_students(folder: Path) -> bool:
    """Whether it is a student's folder, and none that a program keeps for itself."""
    return folder.is_dir() and not folder.name.startswith(".")


def loops_in(folder: Path) -> tuple[int, int]:
    """How many lines of a submission's notebooks begin a while loop, and how many another one.

    This hints at how long it takes: while loops may not end, and for loops are slow.
    """
    loops: Counter[bytes] = Counter()
    for path in walk(folder):
        with suppress(OSError):
            if path.suffix == ".ipynb" and not path.is_symlink() and path.is_file():
                with path.open("rb") as file:
                    loops.update(LOOP.findall(file.read(MAX_SEARCHED)))
    return loops[b"while"], loops[b"for"]


def state_of(folder: Path, *, materials: bool = False) -> str:
    """A hash of the names and contents of all files in a folder.

    Of files that cannot be read, only the names count, of those too large to be taken, size and
    time; links are not followed. Of an assignment's `materials`, the notebooks do not count, and
    links do lead somewhere.
    """
    digest = hashlib.sha256()
    for path in sorted(walk(folder)):
        if materials and path.suffix == ".ipynb":
            continue
        digest.update(os.fsencode(path.relative_to(folder)) + b"\0")
        try:
            if path.is_symlink() and not materials:
                digest.update(os.fsencode(path.readlink()))
            elif path.is_file() and path.stat().st_size > MAX_HASHED:
                digest.update(f"{path.stat().st_size} {path.stat().st_mtime_ns}".encode())
            elif path.is_file():
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError:
            digest.update(b"unreadable")
        digest.update(b"\0")
    return digest.hexdigest()
