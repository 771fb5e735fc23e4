"""The course: its folder, and the nbgrader configuration that lies in it."""

import logging
import os
import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbformat.warnings import DuplicateCellId, MissingIDFieldWarning
from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError, SAWarning
from traitlets.config import Config

import referee
from referee.errors import RefereeError
from referee.nbgrader.options import OptionError, require_known_options
from referee.nbgrader.schema import require_schema, shown_url
from referee.nbgrader.timeout import obey_timeout
from referee.nbgrader.timestamps import zone_of_course
from referee.text import one_line, spelt_as_in

CONFIG_NAME = "nbgrader_config.py"
# The folders of a course's steps, as nbgrader has them by default.
STRUCTURE = ("{nbgrader_step}", "{student_id}", "{assignment_id}")
SOURCE_OF_COPY = "source"
SQLITE = "sqlite:///"
IN_MEMORY = "sqlite://"
# What SQLite and PostgreSQL say of a table or a column that is not there.
OTHER_TABLES = re.compile(
    r"no such (table|column)|has no column|(relation|column) .* does not exist"
)
# What to do, by what SQLite says.
REMEDIES = {
    "readonly": "Make it and its folder writable",
    "unable to open": "Correct the permissions of it and its folder",
    "full": "Make room on the disk",
}
ANY_REMEDY = "End the other program that uses the gradebook, or make room on the disk"
UTC = "UTC"
# How traitlets names the option that has a value of a wrong type.
TRAIT_OF_MESSAGE = re.compile(r"'(\w+)' trait")


class GradebookUnavailableError(RefereeError):
    """The gradebook's database cannot be read or written at present."""

    def __init__(self, url: str, error: DatabaseError) -> None:
        remedies = [what for said, what in REMEDIES.items() if said in str(error.orig)]
        super().__init__(
            f"the gradebook {shown_url(url)} cannot be used: {error.orig}. What was graded is kept "
            f"and recorded by the next run. {(remedies or [ANY_REMEDY])[0]}, and run again."
        )


def gradebook_error(url: str, error: DatabaseError) -> RefereeError | None:
    """What is wrong with the gradebook and what to do; None if it is an error of ours."""
    said = str(error.orig)
    if OTHER_TABLES.search(said):
        return RefereeError(
            f"the gradebook {shown_url(url)} has other tables than this version of nbgrader: "
            f"{said}. Make a copy of it and run `nbgrader db upgrade`."
        )
    if isinstance(error, OperationalError):
        return GradebookUnavailableError(url, error)
    if type(error) is not DatabaseError:
        return None
    return RefereeError(
        f"the gradebook {shown_url(url)} is not a database, or is damaged: {said}. Bring it back "
        "from a copy; or move it away, and the next run makes a new one, without any marks."
    )


def is_missing(url: str) -> bool:
    """Whether a database is a file that is not there."""
    found = make_url(url)
    is_file = found.get_backend_name() == "sqlite" and found.database not in (None, "", ":memory:")
    return is_file and not Path(str(found.database)).exists()


def course_root(folder: Path) -> Path | None:
    """The folder of the course that `folder` lies in, None if it lies in none."""
    folders = (folder, *folder.parents)
    return next((root for root in folders if (root / CONFIG_NAME).is_file()), None)


def markings_folder(root: Path) -> Path:
    """The folder of what was given to groups of students by hand, by whom and why."""
    return root / "marking"


@dataclass(frozen=True)
class Course:
    """A course as nbgrader sees it."""

    root: Path
    app: NbGrader

    @classmethod
    def open(cls, folder: Path) -> "Course":
        """Open the course that `folder` lies in, whose root holds nbgrader_config.py.

        Raises:
            RefereeError: neither the folder nor one above it is a course; or it is a checkout of
                Referee, and this is the Referee of another one.

        """
        if (root := course_root(folder)) is None:
            raise RefereeError(
                f"{folder} is not in a course: there is no {CONFIG_NAME} here or in a folder "
                "above. Change into the folder of your course."
            )
        _require_own_environment(root)
        course = cls(root, _configured_app(root))
        _require_folders(course)
        _place_database(course)
        return course

    @classmethod
    def open_copy(cls, root: Path) -> "Course":
        """Open a copy of a course, whatever its configuration says of where the course is.

        Its assignments are in the folder SOURCE_OF_COPY.
        """
        course = cls(root, _configured_app(root))
        course.directory.root, course.directory.source_directory = str(root), SOURCE_OF_COPY
        return course

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
    def reports(self) -> Path:
        """The folder of reports for teachers."""
        return self.root / "report"

    def private_paths(self) -> list[Path]:
        """The gradebook, and the folders of students' work, names, marks, feedback and reports."""
        directory = self.directory
        steps = (
            directory.submitted_directory,
            directory.autograded_directory,
            directory.feedback_directory,
        )
        paths = [self.reports, markings_folder(self.root)]
        paths += [self.root / step for step in (*steps, self.downloads)]
        if directory.db_url.startswith(SQLITE):
            paths.append(Path(directory.db_url.removeprefix(SQLITE)))
        if exchange := self.app.config.Exchange.get("root"):
            paths.append(Path(exchange))
        return paths

    @property
    def sandboxed(self) -> bool:
        """Whether student code is run in a sandbox."""
        return bool(self.app.config.SandboxProvisioner.get("enabled", True))

    def without_sandbox(self) -> "Course":
        """Turn the sandbox off, and return the course."""
        self.app.config.SandboxProvisioner.enabled = False
        return self

    @contextmanager
    def gradebook(self, *, only_read: bool = False) -> Iterator[Gradebook]:
        """A new connection to the gradebook, which makes it, if there is none.

        To `only_read`, there is an empty one in memory then.

        Raises:
            RefereeError: it is no database, or its tables are those of another version of nbgrader.
            GradebookUnavailableError: it cannot be read or written at present.

        """
        url = self.directory.db_url
        if only_read and is_missing(url):
            url = IN_MEMORY
        try:
            require_schema(url)
            with Gradebook(url, self.directory.course_id) as gradebook:
                yield gradebook
        except DatabaseError as error:
            if (known := gradebook_error(url, error)) is None:
                raise
            raise known from error

    @property
    def downloads(self) -> str:
        """The folder where nbgrader keeps what comes from learning platforms."""
        return str(self.app.config.ZipCollectApp.get("downloaded_directory", "downloaded"))

    @property
    def timezone(self) -> str:
        """The name of the time zone that the exchange writes times in."""
        return str(self.app.config.Exchange.get("timezone", UTC))

    @property
    def exclude_students(self) -> set[str]:
        """Students whom the configuration leaves out."""
        return set(filter(None, self.directory.student_id_exclude.split(",")))

    @property
    def students(self) -> str:
        """The pattern of students whom the configuration takes; nbgrader changes its own."""
        return str(self.app.config.CourseDirectory.get("student_id", "*"))

    @property
    def creates_students(self) -> bool:
        """Whether students may be graded whom the gradebook does not know."""
        return bool(self.app.config.Autograde.get("create_student", True))

    def assignments(self) -> list[str]:
        """The names of the course's assignments."""
        source = self.root / self.directory.source_directory
        return sorted(path.name for path in source.glob("*") if path.is_dir())

    def spelt(self, assignment: str) -> str:
        """The name of an assignment as its folder in source/ writes it, accents and all."""
        return spelt_as_in(self.assignments(), assignment)


def _require_folders(course: Course) -> None:
    """Refuse options about folders and notebooks that only nbgrader's own commands obey.

    Raises:
        RefereeError: one is set.

    """
    directory = course.directory
    if Path(directory.root).resolve() != course.root.resolve():
        raise RefereeError(
            f"c.CourseDirectory.root is {directory.root}, and {CONFIG_NAME} is in {course.root}. "
            f"Referee grades the course in the folder of its {CONFIG_NAME}: move it there, or take "
            "the option out."
        )
    if directory.notebook_id != "*":
        raise RefereeError(
            f"c.CourseDirectory.notebook_id is {directory.notebook_id!r}. Referee grades all "
            f"notebooks of an assignment: take the option out of {CONFIG_NAME}."
        )
    if tuple(Path(directory.directory_structure).parts) != STRUCTURE:
        raise RefereeError(
            f"c.CourseDirectory.directory_structure is {directory.directory_structure!r}. "
            f"Referee needs {'/'.join(STRUCTURE)}: move the folders, and take the option out of "
            f"{CONFIG_NAME}; or grade with `nbgrader autograde`."
        )


def _place_database(course: Course) -> None:
    """Let the path of an SQLite database begin at the course, from whichever folder we are run.

    Raises:
        RefereeError: there is no folder for it, or the address is not one of a database.

    """
    directory = course.directory
    try:
        make_url(directory.db_url).get_dialect()
    except ArgumentError:
        # Without the address itself: it may have a password.
        raise RefereeError(
            f"c.CourseDirectory.db_url is not the address of a database. Correct it in "
            f"{CONFIG_NAME}: sqlite:///gradebook.db is one, and postgresql://USER@HOST/NAME."
        ) from None
    path = directory.db_url.removeprefix(SQLITE)
    if directory.db_url.startswith(SQLITE) and path not in ("", ":memory:"):
        placed = course.root / path
        if not path.startswith("file:") and not placed.parent.is_dir():
            raise RefereeError(
                f"there is no folder {placed.parent} for the gradebook (c.CourseDirectory.db_url "
                f"is {directory.db_url!r}). Make it, or correct the option in {CONFIG_NAME}."
            )
        directory.db_url = f"{SQLITE}{placed}"


def _require_own_environment(root: Path) -> None:
    """Refuse a checkout of Referee whose environment was copied with it, and is another one's.

    Its configuration makes the checkout's modules importable: processes would have some of each.
    """
    own, ours = root / "referee" / "__init__.py", Path(referee.__file__)
    if own.is_file() and not own.samefile(ours):
        raise RefereeError(
            f"{root} has a Referee of its own, and this one is in {ours.parent}. An environment "
            "that was copied with its folder still is that of the old folder: in the new one, run "
            "`rm -r .venv` and `make setup`."
        )


def _configured_app(root: Path) -> NbGrader:
    """An nbgrader application with the configuration of the course, which speaks only to logs.

    Raises:
        RefereeError: the configuration has an error.

    """
    # nbgrader runs alembic by its name, also where the environment is not activated.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )
    # Warnings about how nbgrader uses its database; nobody here can fix them.
    warnings.filterwarnings("ignore", category=SAWarning)
    # Ids of cells that a notebook lacks or has twice; nbformat makes others, and says so each time.
    warnings.filterwarnings("ignore", category=DuplicateCellId)
    warnings.filterwarnings("ignore", category=MissingIDFieldWarning)
    NbGrader.clear_instance()
    app = NbGrader.instance(raise_config_file_errors=True, log_level=logging.CRITICAL)
    app.log.handlers[:] = [logging.NullHandler()]
    app.log.propagate = False
    try:
        with chdir(root):  # jupyter reads the configuration of the current folder too
            app.initialize([], root=str(root))
        obey_timeout(app.config)
        require_known_options(app.config)
        _require_zone(app.config)
    except SystemExit as end:  # nbgrader ends itself where an option is of a wrong type
        raise _wrong_configuration(app, root, end.__context__ or end) from end
    except Exception as error:
        raise _wrong_configuration(app, root, error) from error
    app.log_level = logging.INFO
    app.log.handlers[:] = [logging.NullHandler()]
    app.log.propagate = False
    return app


def _wrong_configuration(app: NbGrader, root: Path, problem: BaseException) -> RefereeError:
    """What to say of a configuration that cannot be used, with the file that is at fault.

    That is the course's own, unless only another one has the option's name, as one in ~/.jupyter.
    """
    said = _in_words(problem, root / CONFIG_NAME)
    found = TRAIT_OF_MESSAGE.search(said)
    name = problem.name if isinstance(problem, OptionError) else found[1] if found else ""
    own = root / CONFIG_NAME
    files = [own, *map(Path, reversed(app.loaded_config_files))]
    file = next((each for each in files if name and name in _text_of(each)), own)
    end = "" if said.endswith((".", "?")) else "."
    return RefereeError(f"{file} cannot be used: {said}{end} Correct it and run again.")


def _in_words(problem: BaseException, config: Path) -> str:
    """What is wrong; of an exception in the configuration's code also its name and line."""
    frames = traceback.extract_tb(problem.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename) == config]
    if not lines:
        return one_line(problem)
    said = f": {one_line(problem)}" if str(problem) else ""
    return f"line {lines[-1]}: {type(problem).__name__}{said}"


def _text_of(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _require_zone(config: Config) -> None:
    """Refuse a time zone that does not exist, which nbgrader would take for UTC in silence.

    Raises:
        OptionError: there is one.

    """
    zone = config.Exchange.get("timezone", UTC)
    if zone_of_course(zone) is None:
        problem = f"c.Exchange.timezone is {zone!r}: there is no such zone; one is Europe/Vienna"
        raise OptionError("timezone", problem)
