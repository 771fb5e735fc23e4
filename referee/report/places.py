"""Where files for teachers may be written: nowhere that students get or bring."""

from pathlib import Path

from referee.errors import RefereeError
from referee.nbgrader.course import Course


def place_of_page(course: Course, path: Path | None, name: str, holds: str) -> Path:
    """Where a page for teachers is written: report/NAME.html of the course unless said otherwise.

    `holds` says what it holds.

    Raises:
        RefereeError: students could get what is written there, or there is no such folder.

    """
    if path is None:
        course.reports.mkdir(exist_ok=True)
        path = course.reports / f"{name}.html"
    require_teachers_place(course, path, ".html", holds)
    return path


def require_teachers_place(course: Course, path: Path, suffix: str, holds: str) -> None:
    """Refuse a path that students could get, or that has no folder or another suffix.

    `holds` says what the file would hold.

    Raises:
        RefereeError: the path, what is wrong with it, and what to do.

    """
    if path.suffix != suffix:
        raise RefereeError(f"{path} has another kind of name. Use one that ends with {suffix}.")
    if not path.absolute().parent.is_dir():
        raise RefereeError(f"there is no folder {path.absolute().parent}. Make it first.")
    directory = course.directory
    for step in (
        directory.source_directory,  # nbgrader copies what lies there into the release
        directory.release_directory,
        directory.feedback_directory,
        directory.submitted_directory,
        directory.autograded_directory,  # nbgrader makes pages for students of it
    ):
        if path.resolve().is_relative_to((course.root / step).resolve()):
            raise RefereeError(
                f"{path} is in {step}/, which students get or bring, or of which their pages are "
                f"made. It would hold {holds}: use another folder."
            )
