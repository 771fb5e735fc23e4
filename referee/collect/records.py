"""What was collected, of whom: what the next collection and the way back need to know.

It is kept in downloaded/ASSIGNMENT/, where nbgrader keeps what comes from learning platforms, and
not in submitted/, where student code could read it.
"""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from referee.collect.people import Identity
from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.nbgrader.students import read_people

FILE = "collected.json"


@dataclass(frozen=True)
class Collected:
    """What was collected of a student.

    `digest` is of the files as they were written. `prefixes` are, by the name of a notebook, what
    the platform has put before the name of its file; the assignment's come first.
    """

    platform: str
    who: Identity
    digest: str
    attempt: int = 0
    time: str = ""  # in UTC, ISO 8601
    late: bool = False
    prefixes: dict[str, str] = field(default_factory=dict)


def records_path(course: Course, assignment: str) -> Path:
    """The file of the records of an assignment."""
    return course.root / course.downloads / assignment / FILE


def read_records(course: Course, assignment: str) -> dict[str, Collected]:
    """What was collected for an assignment, by student.

    Raises:
        RefereeError: the file is damaged.

    """
    path = records_path(course, assignment)
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Collected])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise RefereeError(
            f"{path} cannot be read: {error}. Move it away; what is in submitted/ stays as it is."
        ) from None


def read_live_records(course: Course, assignment: str) -> dict[str, Collected]:
    """The records of those who are students still: of the gradebook, or with a folder.

    Somebody who was renamed or removed since is none, and must be in nobody's way.

    Raises:
        RefereeError: the file is damaged.

    """
    known = {each.student for each in read_people(course)}
    submitted = course.directory.submitted_directory
    return {
        student: record
        for student, record in read_records(course, assignment).items()
        if student in known or course.path(submitted, student, assignment).exists()
    }


def write_records(course: Course, assignment: str, records: dict[str, Collected]) -> None:
    """Write what was collected, in place of what was there."""
    path = records_path(course, assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.format(msgspec.json.encode(dict(sorted(records.items())))))
    new.replace(path)
