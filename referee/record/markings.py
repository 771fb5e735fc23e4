"""The log of what was given to groups of students by hand: one line for each time."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from referee.errors import RefereeError
from referee.model.marking import Marking
from referee.nbgrader.course import Course, markings_folder
from referee.record.disk import append_lines


def markings_path(root: Path, assignment: str) -> Path:
    """The file with one JSON line for each marking of an assignment of the course in `root`."""
    return markings_folder(root) / f"{assignment}.jsonl"


def read_markings(root: Path, assignment: str) -> list[Marking]:
    """The markings of an assignment, oldest first, less any cut short by a crash."""
    path = markings_path(root, assignment)
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else []:
        try:
            found.append(msgspec.json.decode(line, type=Marking))
        except msgspec.DecodeError:
            continue
    return found


def append_marking(course: Course, assignment: str, marking: Marking) -> None:
    """Add a marking to the log, for good.

    Raises:
        RefereeError: the log cannot be written.

    """
    path = markings_path(course.root, assignment)
    try:
        append_lines(path, [msgspec.json.encode(marking)])
    except OSError as error:
        raise RefereeError(
            f"no mark was changed: the log {path} cannot be written: {error.strerror}. Make it "
            "writable, or make room on the disk, and run again."
        ) from error


def markings_of(markings: Iterable[Marking], student: str) -> list[Marking]:
    """What was given to a student, and was not taken back."""
    markings = list(markings)
    gone = taken_back(markings)
    return [
        each
        for each in markings
        if not each.takes_back
        and student in each.students
        and student not in gone.get(each.number, ())
    ]


def taken_back(markings: Iterable[Marking]) -> dict[int, set[str]]:
    """From which students each marking was taken back, by its number."""
    found: dict[int, set[str]] = {}
    for marking in markings:
        if marking.takes_back:
            found.setdefault(marking.takes_back, set()).update(marking.students)
    return found
