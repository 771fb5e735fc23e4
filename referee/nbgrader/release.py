"""Releasing an assignment with nbgrader, and again when its master has changed."""

import logging
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import is_grade, is_locked, is_task

from referee.errors import RefereeError
from referee.model.assignment import AssignmentNotebook
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_assignment


def require_assignment(course: Course, assignment: str) -> None:
    """Make sure that the gradebook knows the assignment, releasing it if it was never released.

    One without notebooks was not: nbgrader makes its row before it reads the master.

    Raises:
        RefereeError: there is no such assignment in source/, or it cannot be released.

    """
    require_source(course, assignment)
    with course.gradebook() as gradebook:
        try:
            if gradebook.find_assignment(assignment).notebooks:
                return
        except MissingEntry:
            pass
    _release(course, assignment)


def require_source(course: Course, assignment: str) -> Path:
    """The folder of an assignment's master notebooks.

    Raises:
        RefereeError: there is no such assignment in source/.

    """
    source = course.materials(assignment)
    if not source.is_dir():
        raise RefereeError(
            f"there is no assignment {assignment!r}: {source} is not a folder. "
            f"Assignments of this course: {', '.join(course.assignments()) or 'none'}."
        )
    return source


def release_again_if_changed(course: Course, assignment: str) -> bool:
    """Bring the gradebook and release/ up to date with the master notebooks.

    Raises:
        RefereeError: a master has other cells than students have, or cannot be released.

    """
    recorded = read_assignment(course, assignment)
    masters = {
        notebook.name: course.materials(assignment) / f"{notebook.name}.ipynb"
        for notebook in recorded.notebooks
    }
    step = course.path(course.directory.release_directory, ".", assignment)
    delimiter = str(course.app.config.InstantiateTests.get("autotest_delimiter", "AUTOTEST"))
    if all(
        _is_current(book, masters[book.name], step / f"{book.name}.ipynb", delimiter)
        for book in recorded.notebooks
    ):
        return False
    for book in recorded.notebooks:
        if {cell.name for cell in book.cells} != set(_managed_cells(masters[book.name])):
            raise RefereeError(
                f"{masters[book.name]} has other cells than the notebook that was released. "
                "Submissions of that one cannot be graded by this one: give it a name of its "
                "own, or bring the cells back."
            )
    _release(course, assignment)
    return True


def _release(course: Course, assignment: str) -> None:
    """Run `nbgrader generate_assignment`."""
    log = LinesLog()
    course.app.log.addHandler(log)
    course.directory.assignment_id = assignment
    course.directory.student_id = "."
    try:
        GenerateAssignment(coursedir=course.directory, parent=course.app, force=True).start()
    except NbGraderException as error:
        raise RefereeError(
            f"assignment {assignment!r} cannot be released: {log.cause() or error}. "
            f"Run `nbgrader generate_assignment {assignment}` to see where."
        ) from error
    finally:
        course.app.log.removeHandler(log)


def _managed_cells(master: Path) -> dict[str, NotebookNode]:
    """The cells of a master notebook that nbgrader knows, by grade id."""
    cells = nbformat.read(master, as_version=4).cells if master.is_file() else []
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells if "nbgrader" in cell.metadata}


def _is_current(recorded: AssignmentNotebook, master: Path, release: Path, autotest: str) -> bool:
    """Whether the gradebook has the test and provided cells that the master has now.

    Tests that nbgrader writes, where a comment says `autotest`, are in the gradebook only: they are
    current if the release is newer than the master.
    """
    cells = _managed_cells(master)
    texts = {name: cell.source for name, cell in cells.items() if is_locked(cell)}
    known = {cell.name: cell.source for cell in recorded.cells if cell.locked}
    points = {
        name: float(cell.metadata.nbgrader.points)
        for name, cell in cells.items()
        if is_grade(cell) or is_task(cell)
    }
    written = {name for name, text in texts.items() if autotest in text}
    return (
        set(cells) == {cell.name for cell in recorded.cells}
        and texts.keys() == known.keys()
        and all(texts[name] == known[name] for name in texts.keys() - written)
        and points == {c.name: c.points for c in recorded.cells if c.points is not None}
        and (not written or _is_newer(release, master))
    )


def _is_newer(file: Path, than: Path) -> bool:
    return file.is_file() and file.stat().st_mtime_ns >= than.stat().st_mtime_ns


class LinesLog(logging.Handler):
    """What was logged, as text."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's message."""
        self.lines.append(record.getMessage())

    def cause(self) -> str:
        """The last line of the last traceback; converters log it and raise something else."""
        tracebacks = [line for line in self.lines if line.startswith("Traceback")]
        return tracebacks[-1].strip().splitlines()[-1] if tracebacks else ""
