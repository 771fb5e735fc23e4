"""The course: its folder, and the nbgrader configuration that lies in it."""

import glob
import logging
import os
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry, Notebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_locked
from sqlalchemy.exc import SAWarning

from referee.errors import RefereeError

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
            RefereeError: there is no such assignment in source/, it cannot be released, or it has
                changed since it was.

        """
        source = self.path(self.directory.source_directory, ".", assignment)
        if not source.is_dir():
            raise RefereeError(
                f"there is no assignment {assignment!r}: {source} is not a folder. "
                f"Assignments of this course: {', '.join(self._assignments()) or 'none'}."
            )
        with self.gradebook() as gradebook:
            try:
                recorded = gradebook.find_assignment(assignment)
            except MissingEntry:
                recorded = None
            if recorded is not None:
                for notebook in recorded.notebooks:
                    self._require_current(notebook, source / f"{notebook.name}.ipynb")
                return
        log = self.convert(GenerateAssignment, assignment, ".")
        if log.error:
            raise RefereeError(
                f"assignment {assignment!r} cannot be released: {log.error}. "
                f"Run `nbgrader generate_assignment {assignment}` to see where."
            )

    def _require_current(self, recorded: Notebook, master: Path) -> None:
        """Make sure that the gradebook has the test and provided cells that the master has now."""
        cells = nbformat.read(master, as_version=4).cells if master.is_file() else []
        cells = [cell for cell in cells if "nbgrader" in cell.metadata]
        texts = {cell.metadata.nbgrader.grade_id: cell.source for cell in cells if is_locked(cell)}
        points = {
            cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
            for cell in cells
            if is_grade(cell)
        }
        if not (
            {cell.metadata.nbgrader.grade_id for cell in cells}
            == {cell.name for cell in recorded.source_cells}
            and texts == {cell.name: cell.source for cell in recorded.source_cells if cell.locked}
            and points == {cell.name: cell.max_score for cell in recorded.grade_cells}
        ):
            raise RefereeError(
                f"{master} is not what was released: the gradebook holds other cells or points. "
                f"Run `nbgrader generate_assignment {master.parent.name} --force`, then this again."
            )

    def convert(
        self,
        converter: type[BaseConverter],
        assignment: str,
        student: str,
        ignore: Iterable[str] = (),
    ) -> "ConverterLog":
        """Run one of nbgrader's converters for one student, less the files named `ignore`.

        `student` is a pattern, as nbgrader has it.
        """
        log = ConverterLog()
        self.app.log.addHandler(log)
        always_ignored = list(self.directory.ignore)
        self.directory.ignore = [*always_ignored, *map(glob.escape, ignore)]
        self.directory.assignment_id = assignment
        self.directory.student_id = student
        try:
            converter(coursedir=self.directory, parent=self.app, force=True).start()
        except NbGraderException as error:
            log.error = log.cause() or str(error)
        finally:
            self.app.log.removeHandler(log)
            self.directory.ignore = always_ignored
        return log

    def _assignments(self) -> list[str]:
        source = self.root / self.directory.source_directory
        return sorted(path.name for path in source.glob("*") if path.is_dir())


class ConverterLog(logging.Handler):
    """What a converter logged, and the error it ended with, if any."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.notes: list[str] = []  # Referee's own, which a teacher should read
        self.error = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as text."""
        self.lines.append(record.getMessage())
        if record.levelno >= logging.WARNING and Path(record.pathname).parent == HERE:
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
    app.log.handlers.clear()
    app.log.propagate = False
    return app
