"""Feedback pages that are out of date: a human gave marks, or the template has changed."""

from collections.abc import Iterator
from pathlib import Path

from referee.feedback.pages import FeedbackPages
from referee.model.assignment import Assignment
from referee.model.work import PageWork
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_shown_marks
from referee.record.journal import latest_lines


def stale_pages(
    course: Course, assignment: Assignment, students: list[str], look: str, all_of_them: bool
) -> Iterator[PageWork]:
    """What is needed to write them anew, of these students; or all of their pages."""
    pages, directory = FeedbackPages(course, assignment, look), course.directory
    marks = read_shown_marks(course, assignment.name)
    lines = latest_lines(course, assignment.name)
    for student in students:
        if student not in lines or not lines[student].outcome.has_marks:
            continue
        executed, shown = {}, {}
        for notebook in (book.name for book in assignment.notebooks):
            graded, page = (
                course.path(step, student, assignment.name) / f"{notebook}{suffix}"
                for step, suffix in (
                    (directory.autograded_directory, ".ipynb"),
                    (directory.feedback_directory, ".html"),
                )
            )
            new = marks.get(student, {}).get(notebook)
            if new is None or not _is_file(graded):
                continue
            if all_of_them or not pages.is_current(page, new):
                executed[notebook], shown[notebook] = graded.read_bytes(), new
        if executed:
            yield PageWork(student, executed, shown)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
