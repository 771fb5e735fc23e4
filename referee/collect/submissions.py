"""Collected submissions: what lies in submitted/, nbgrader's way or put there by hand."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import students_of
from referee.text import Spellings, in_nfc, what_there_is

# Folders that are nobody's, of archives, file systems and file servers.
OF_PROGRAMS = {"__MACOSX", "__pycache__", "lost+found", "@eaDir", "#recycle", "$RECYCLE.BIN"}
MOST_OTHERS = 3  # names that a hint has


@dataclass(frozen=True)
class Submission:
    """One student's folder of one assignment."""

    student: str
    assignment: str
    folder: Path


def _of_other_names(course: Course, submitted: Path) -> str:
    """A hint at submissions of what is no assignment: one may have been renamed."""
    names = {in_nfc(path.name) for path in submitted.glob("*/[!.]*") if path.is_dir()}
    if not (others := sorted(names - set(map(in_nfc, course.assignments())))):
        return ""
    return (
        f" There are submissions of {', '.join(others[:MOST_OTHERS])}, and no such assignment. If "
        "it was renamed, give it its old name again: marks by hand stay with that."
    )


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
            "Put each student's notebook there, or collect them with `nbgrader collect` "
            f"or `referee collect`.{_of_other_names(course, submitted)}"
        )
    known = {submission.student for submission in submissions}
    wanted = set(map(Spellings(known).of, students))
    if unknown := sorted(wanted - known):
        raise RefereeError(
            f"no submission of {assignment!r} by {', '.join(unknown)} in {submitted}. "
            f"{what_there_is(unknown[0], known)}"
        )
    return [each for each in submissions if not wanted or each.student in wanted]


def find_submissions(course: Course, assignment: str) -> list[Submission]:
    """What lies in submitted/ for an assignment, sorted by student.

    A student's folder that holds no assignment at all counts too: it is empty, or its files were
    put into the wrong place. Students whom the configuration excludes do not count, nor those who
    do not fit its pattern for them (`c.CourseDirectory.student_id`).
    """
    submitted = course.root / course.directory.submitted_directory
    assignments = course.assignments()
    # What cannot be read must be an error, and not as if nobody had handed in: glob passes over it.
    entries = sorted(submitted.iterdir()) if submitted.is_dir() else []
    folders = [entry for entry in entries if entry.name not in OF_PROGRAMS]
    students = _students(course, folders)
    submissions = [
        Submission(students[folder], assignment, _folder_of(folder, assignment))
        for folder in folders
        if _is_there(_folder_of(folder, assignment))
        or (
            _is_a_students(folder)
            and not any(_is_there(_folder_of(folder, name)) for name in assignments)
        )
    ]
    excluded, wanted = course.exclude_students, course.students
    return [
        each
        for each in submissions
        if each.student not in excluded and fnmatchcase(each.student, wanted)
    ]


def loose_notebooks(course: Course, assignment: str) -> list[Path]:
    """Notebooks in submitted/ that are of no submission, since they lie outside of its folder.

    Those of a student's folder without any assignment are not among them: that is a submission.
    """
    submitted = course.root / course.directory.submitted_directory
    counted = {submission.folder.parent for submission in find_submissions(course, assignment)}
    return [
        path
        for pattern in ("*.ipynb", "*/*.ipynb")
        for path in sorted(submitted.glob(pattern))
        if path.is_file()
        and not path.name.startswith(".")
        and (path.parent == submitted or _is_a_students(path.parent))
        and (path.parent not in counted or _is_there(_folder_of(path.parent, assignment)))
    ]


def _students(course: Course, folders: list[Path]) -> dict[Path, str]:
    """Whose folders they are: their names in NFC, where these are not the same for two of them.

    A student whom the gradebook writes otherwise, as nbgrader does on a Mac, is called as there:
    another name would be another student, without the marks by hand. What of a name is not UTF-8,
    and could not be stored, is spelt out.
    """
    names = [os.fsencode(folder.name).decode(errors="backslashreplace") for folder in folders]
    same = Counter(map(in_nfc, names))
    known = Spellings([] if all(map(str.isascii, names)) else _in_gradebook(course))
    return {
        folder: known.of(in_nfc(name)) if same[in_nfc(name)] == 1 else name
        for folder, name in zip(folders, names, strict=True)
    }


def _in_gradebook(course: Course) -> set[str]:
    """The students of the gradebook."""
    with course.gradebook(only_read=True) as gradebook:
        return students_of(gradebook.db)


def _folder_of(student: Path, assignment: str) -> Path:
    """The folder of an assignment, also if a Mac has written its name."""
    folder = student / assignment
    if assignment.isascii() or _is_there(folder) or not _is_a_students(student):
        return folder
    try:
        entries = sorted(student.iterdir())
    except OSError:
        return folder
    return next((entry for entry in entries if in_nfc(entry.name) == in_nfc(assignment)), folder)


def _is_there(folder: Path) -> bool:
    """Whether it is a submission: a folder, a link that leads to none, or one that is closed."""
    try:
        return folder.is_dir() or folder.is_symlink()
    except PermissionError:
        return True


def _is_a_students(folder: Path) -> bool:
    """Whether it is a student's folder, and none that a program keeps for itself."""
    return folder.is_dir() and not folder.name.startswith(".") and folder.name not in OF_PROGRAMS
