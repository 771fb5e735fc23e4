"""Feedback pages as the zip that a platform takes back, with the names that it gave."""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from referee.collect.records import Collected
from referee.nbgrader.course import Course
from referee.report.export.students import Students

# The folder around all others that a platform wants; ILIAS one whose name begins so.
FOLDERS = {"ILIAS": "multi_feedback/"}


@dataclass
class FeedbackZip:
    """What is in the zip: how many students have pages in it, and whose could not be named."""

    students: int = 0
    without_name: list[str] = field(default_factory=list)


def find_pages(course: Course, assignment: str) -> dict[str, list[Path]]:
    """The feedback pages of an assignment, by student; of those who have one."""
    feedback = course.root / course.directory.feedback_directory
    students = sorted(feedback.iterdir()) if feedback.is_dir() else []
    found = {}
    for student in students:
        pages = sorted((student / assignment).glob("*.html"))
        if pages := [page for page in pages if not page.is_symlink()]:
            found[student.name] = pages
    return found


def write_feedback_zip(
    course: Course, assignment: str, platform: str, students: Students, path: Path
) -> FeedbackZip:
    """Write the pages of all students who were collected from this platform.

    A page has the name that the platform gave to the notebook, up to what the student had called
    it; the platform finds its student by it.
    """
    result = FeedbackZip()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, pages in find_pages(course, assignment).items():
            prefixes = _prefixes(students.records.get(student), platform)
            if not prefixes:
                result.without_name.append(student)
            else:
                result.students += 1
                any_of_them = next(iter(prefixes.values()))
                for page in pages:
                    prefix = prefixes.get(page.stem, any_of_them)
                    archive.writestr(
                        f"{FOLDERS.get(platform, '')}{prefix}{page.name}", page.read_bytes()
                    )
    return result


def _prefixes(record: Collected | None, platform: str) -> dict[str, str]:
    return record.prefixes if record is not None and record.platform == platform else {}
