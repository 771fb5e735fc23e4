"""The course: its folder, and the nbgrader configuration that lies in it."""

import logging
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_locked
from sqlalchemy.exc import SAWarning

from referee.assignment import Assignment, AssignmentNotebook
from referee.errors import RefereeError
from referee.outcomes import Trouble
from referee.work import CellTime

CONFIG_NAME = "nbgrader_config.py"
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Course:
    """A course as nbgrader sees it."""

    root: Path
    app: NbGrader

    @classmethod
    def open(cls, folder: Path) -> "Course":
        """Open the course that `folder` lies in, whose root holds nbgrader_config.py.

        Raises:
            RefereeError: neither the folder nor one above it is a course.

        """
        for root in (folder, *folder.parents):
            if (root / CONFIG_NAME).is_file():
                return cls(root, _configured_app(root))
        raise RefereeError(
            f"{folder} is not in a course: there is no {CONFIG_NAME} here or in a folder above. "
            "Change into the folder of your course."
        )

    @property
    def directory(self) -> CourseDirectory:
        """Where nbgrader keeps things, and its database's address."""
        return self.app.coursedir

    def path(self, step: str, student: str, assignment: str) -> Path:
        """The folder of an assignment in a step's folder, e.g. submitted/STUDENT/ASSIGNMENT."""
        return Path(self.directory.format_path(step, student, assignment))

    def materials(self, assignment: str) -> Path:
        """The folder of an assignment's master notebook, and of what it comes with."""
        return self.path(self.directory.source_directory, ".", assignment)

    @property
    def sandboxed(self) -> bool:
        """Whether student code is run in a sandbox."""
        return bool(self.app.config.SandboxProvisioner.get("enabled", True))

    def without_sandbox(self) -> "Course":
        """Turn the sandbox off, and return the course."""
        self.app.config.SandboxProvisioner.enabled = False
        return self

    def gradebook(self) -> Gradebook:
        """A new connection to the gradebook; a context manager."""
        return Gradebook(self.directory.db_url, self.directory.course_id)

    def require_assignment(self, assignment: str) -> None:
        """Make sure that the gradebook knows the assignment, releasing it if it was never released.

        Raises:
            RefereeError: there is no such assignment in source/, or it cannot be released.

        """
        source = self.materials(assignment)
        if not source.is_dir():
            raise RefereeError(
                f"there is no assignment {assignment!r}: {source} is not a folder. "
                f"Assignments of this course: {', '.join(self._assignments()) or 'none'}."
            )
        with self.gradebook() as gradebook:
            try:
                gradebook.find_assignment(assignment)
                return
            except MissingEntry:
                pass
        self._release(assignment)

    def release_again_if_changed(self, assignment: str) -> bool:
        """Bring the gradebook and release/ up to date with the master notebooks.

        Raises:
            RefereeError: a master has other cells than students have, or cannot be released.

        """
        with self.gradebook() as gradebook:
            recorded = Assignment.read(gradebook, assignment)
        masters = {
            notebook.name: self.materials(assignment) / f"{notebook.name}.ipynb"
            for notebook in recorded.notebooks
        }
        if all(_is_current(book, masters[book.name]) for book in recorded.notebooks):
            return False
        for book in recorded.notebooks:
            if {cell.name for cell in book.cells} != set(_managed_cells(masters[book.name])):
                raise RefereeError(
                    f"{masters[book.name]} has other cells than the notebook that was released. "
                    "Submissions of that one cannot be graded by this one: give it a name of its "
                    "own, or bring the cells back."
                )
        self._release(assignment)
        return True

    def _release(self, assignment: str) -> None:
        log = self.convert(GenerateAssignment, assignment, ".")
        if log.error:
            raise RefereeError(
                f"assignment {assignment!r} cannot be released: {log.error}. "
                f"Run `nbgrader generate_assignment {assignment}` to see where."
            )

    def convert(
        self,
        converter: type[BaseConverter],
        assignment: str,
        student: str,
        log: "ConverterLog | None" = None,
    ) -> "ConverterLog":
        """Run one of nbgrader's converters for one student, and return its log."""
        log = log or ConverterLog()
        self.app.log.addHandler(log)
        self.directory.assignment_id = assignment
        self.directory.student_id = student
        try:
            converter(coursedir=self.directory, parent=self.app, force=True).start()
        except NbGraderException as error:
            log.error = log.cause() or str(error)
        finally:
            self.app.log.removeHandler(log)
        return log

    def _assignments(self) -> list[str]:
        source = self.root / self.directory.source_directory
        return sorted(path.name for path in source.glob("*") if path.is_dir())


def _managed_cells(master: Path) -> dict[str, NotebookNode]:
    """The cells of a master notebook that nbgrader knows, by grade id."""
    cells = nbformat.read(master, as_version=4).cells if master.is_file() else []
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells if "nbgrader" in cell.metadata}


def _is_current(recorded: AssignmentNotebook, master: Path) -> bool:
    """Whether the gradebook has the test and provided cells that the master has now."""
    cells = _managed_cells(master)
    texts = {name: cell.source for name, cell in cells.items() if is_locked(cell)}
    points = {
        name: float(cell.metadata.nbgrader.points) for name, cell in cells.items() if is_grade(cell)
    }
    return (
        set(cells) == {cell.name for cell in recorded.cells}
        and texts == {cell.name: cell.source for cell in recorded.cells if cell.locked}
        and points == {cell.name: cell.points for cell in recorded.cells if cell.graded}
    )


class ConverterLog(logging.Handler):
    """What a converter logged, and the error it ended with, if any.

    `on_cell` is told which cell is next.
    """

    def __init__(self, on_cell: Callable[[str], None] = lambda _: None) -> None:
        super().__init__()
        self.on_cell = on_cell
        self.lines: list[str] = []
        self.notes: list[str] = []  # Referee's own, which a teacher should read
        self.troubles: list[Trouble] = []
        self.cells: list[CellTime] = []
        self.error = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as text, and what Referee's own records have with them."""
        self.lines.append(record.getMessage())
        if (trouble := getattr(record, "trouble", None)) is not None:
            self.troubles.append(trouble)
        elif (time := getattr(record, "time", None)) is not None:
            self.cells.append(time)
        elif (cell := getattr(record, "cell", None)) is not None:
            self.on_cell(cell)
        elif record.levelno >= logging.WARNING and Path(record.pathname).parent == HERE:
            self.notes.append(record.getMessage())

    def cause(self) -> str:
        """The last line of the last traceback; converters log it and raise something else."""
        tracebacks = [line for line in self.lines if line.startswith("Traceback")]
        return tracebacks[-1].strip().splitlines()[-1] if tracebacks else ""


def _configured_app(root: Path) -> NbGrader:
    """An nbgrader application with the configuration of the course, which speaks only to logs.

    Raises:
        RefereeError: the configuration has an error.

    """
    # nbgrader runs alembic by its name, also where the environment is not activated.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )
    # Warnings about how nbgrader uses its database; nobody here can mend them.
    warnings.filterwarnings("ignore", category=SAWarning)
    NbGrader.clear_instance()
    app = NbGrader.instance(raise_config_file_errors=True, log_level=logging.CRITICAL)
    try:
        app.initialize([], root=str(root))
    except Exception as error:
        raise RefereeError(
            f"{root / CONFIG_NAME} cannot be used: {error}. Correct it and run again."
        ) from error
    app.log_level = logging.INFO
    app.log.handlers[:] = [logging.NullHandler()]
    app.log.propagate = False
    return app
