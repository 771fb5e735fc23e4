"""Releasing an assignment with nbgrader, and again when its master has changed."""

import ast
import glob
import logging
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import nbgrader
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import is_grade, is_locked, is_task

from referee.errors import RefereeError
from referee.model.assignment import AssignmentNotebook
from referee.nbgrader.course import CONFIG_NAME, Course
from referee.nbgrader.gradebook import read_assignment
from referee.nbgrader.released import is_managed
from referee.text import one_line, what_there_is

OLD_METADATA = "old version of the nbgrader metadata"  # in what nbgrader says
NO_NAMES = ("", ".", "..")  # of one folder in source/
OF_THE_MACHINE = ("OSError", "PermissionError")
TEMPLATES = "autotests.yml"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
OTHER_CELLS = "give the new one a name of its own, or bring the cells back."


def require_assignment(course: Course, assignment: str) -> None:
    """Make sure that the gradebook knows the assignment, releasing it if it was never released.

    One without notebooks was not: nbgrader makes its row before it reads the master.

    Raises:
        RefereeError: there is no such assignment in source/, or it cannot be released.

    """
    require_source(course, assignment)
    with course.gradebook(only_read=True) as gradebook:
        try:
            if gradebook.find_assignment(assignment).notebooks:
                return
        except MissingEntry:
            pass
    release(course, assignment)


def require_source(course: Course, assignment: str) -> Path:
    """The folder of an assignment's master notebooks.

    Raises:
        RefereeError: there is no such assignment in source/.

    """
    source = course.materials(assignment)
    is_name = assignment not in NO_NAMES and "/" not in assignment
    if not (is_name and source.is_dir()):
        folder = course.directory.source_directory
        why = f"{source} is not a folder" if is_name else f"it is no name of a folder in {folder}/"
        raise RefereeError(
            f"there is no assignment {assignment!r}: {why}. "
            f"{what_there_is(assignment, course.assignments())}"
        )
    return source


def release(course: Course, assignment: str) -> None:
    """Make release/ASSIGNMENT of source/ASSIGNMENT with nbgrader; the gradebook learns its cells.

    Raises:
        RefereeError: it cannot be released; then release/ASSIGNMENT is as it was.

    """
    require_source(course, assignment)
    log = LinesLog()
    course.app.log.addHandler(log)
    try:
        with _restored_on_failure(_release_folder(course, assignment)):
            # nbgrader adds notebooks to an assignment with submissions one at a time only.
            for name in _added_after_submissions(course, assignment):
                _generate(course, assignment, glob.escape(name))
            _generate(course, assignment, "*")
    except NbGraderException as error:
        if any(OLD_METADATA in one_line(said) for said in (*log.lines, error)):
            source = course.directory.source_directory
            raise RefereeError(
                f"assignment {assignment!r} was made with an older nbgrader, whose metadata this "
                f"one does not read. Make a copy of {source}/, run `nbgrader update {source}` in "
                f"{course.root}, and run again."
            ) from error
        cause = (log.causes() or [str(error)])[0].rstrip(".")
        raise RefereeError(
            f"assignment {assignment!r} cannot be released: {cause}. "
            f"release/ is as it was. {_what_to_do(log)}"
        ) from error
    finally:
        course.app.log.removeHandler(log)


def release_again_if_changed(course: Course, assignment: str) -> str:
    """Bring the gradebook and release/ up to date with the masters; return what was new.

    Raises:
        RefereeError: a master has other cells than students have, is gone, or cannot be released.

    """
    recorded = read_assignment(course, assignment)
    masters = {book.name: _master(course, assignment, book.name) for book in recorded.notebooks}
    if gone := [str(path) for path in masters.values() if not path.is_file()]:
        raise RefereeError(
            f"{', '.join(gone)}: not there any more, and the assignment was released with it. "
            f"Bring it back; or, if nothing was graded yet, run "
            f"`referee release {shlex.quote(assignment)}`."
        )
    added = [
        name
        for name in _notebooks_in_source(course, assignment)
        if name not in masters and _managed_cells(_master(course, assignment, name))
    ]
    folder = _release_folder(course, assignment)
    delimiter = str(course.app.config.InstantiateTests.get("autotest_delimiter", "AUTOTEST"))
    changed = [
        book
        for book in recorded.notebooks
        if not _is_current(book, masters[book.name], folder / f"{book.name}.ipynb", delimiter)
    ]
    for book in changed:
        if {cell.name for cell in book.cells} != set(_managed_cells(masters[book.name])):
            raise RefereeError(
                f"{masters[book.name]} has other cells than the notebook that was released. "
                f"Submissions of that one cannot be graded by this one: {OTHER_CELLS} If nothing "
                f"was handed in yet, run `referee release {shlex.quote(assignment)}`."
            )
    if not (added or changed):
        return ""
    release(course, assignment)
    said = [f"The master of {assignment} has changed and is released again."] if changed else []
    said += [
        f"{name}.ipynb is new in the source of {assignment}, and released. It counts for all "
        "students: it is missing where it was not handed in."
        for name in added
    ]
    return " ".join(said)


def _release_folder(course: Course, assignment: str) -> Path:
    return course.path(course.directory.release_directory, ".", assignment)


def _master(course: Course, assignment: str, name: str) -> Path:
    return course.materials(assignment) / f"{name}.ipynb"


def _notebooks_in_source(course: Course, assignment: str) -> list[str]:
    """The names of the notebooks that nbgrader releases."""
    files = sorted(course.materials(assignment).glob("*.ipynb"))
    return [path.stem for path in files if not path.name.startswith(".")]


def _added_after_submissions(course: Course, assignment: str) -> list[str]:
    """The notebooks in source/ that the gradebook does not know, though it has submissions."""
    with course.gradebook(only_read=True) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry:
            return []
        known = {notebook.name for notebook in found.notebooks}
        has_submissions = bool(found.submissions)
    names = _notebooks_in_source(course, assignment) if has_submissions else []
    return [name for name in names if name not in known]


def _generate(course: Course, assignment: str, notebooks: str) -> None:
    """Run `nbgrader generate_assignment` on the notebooks that a pattern matches."""
    directory = course.directory
    directory.assignment_id, directory.student_id, directory.notebook_id = (
        assignment, ".", notebooks,
    )  # fmt: skip
    try:
        GenerateAssignment(coursedir=directory, parent=course.app, force=True).start()
    finally:
        directory.notebook_id = "*"


@contextmanager
def _restored_on_failure(folder: Path) -> Iterator[None]:
    """Bring a folder back as it was if what replaces it fails: nbgrader removes it first.

    Where a run was killed, the next one brings it back.
    """
    before = folder.with_name(f".{folder.name}-before")
    if before.is_dir():
        _move(before, folder)
    if folder.is_dir():
        folder.rename(before)
    try:
        yield
    except BaseException:
        if before.is_dir():
            _move(before, folder)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _move(folder: Path, to: Path) -> None:
    """Give a folder the name of another, which is removed."""
    shutil.rmtree(to, ignore_errors=True)
    folder.rename(to)


def _what_to_do(log: "LinesLog") -> str:
    """What a teacher can do about a release that failed."""
    if any(each.startswith(OF_THE_MACHINE) for each in log.causes()):
        return "Make room on the disk, or correct the permissions, and run again."
    if any(TEMPLATES in each for each in log.causes()):
        nbgraders = Path(nbgrader.__file__).parent / "docs/source/user_guide" / TEMPLATES
        there = f", such as nbgrader's: {nbgraders}" if nbgraders.is_file() else ""
        return f"Copy the templates for AUTOTEST beside {CONFIG_NAME}{there}. Then run again."
    if any("submissions associated" in line for line in log.lines):
        return f"What students have handed in needs the notebooks as they were: {OTHER_CELLS}"
    files = [line.split(" ", 2)[2] for line in log.lines if line.startswith("Converting notebook")]
    return f"Correct {Path(files[-1]) if files else 'the master'} and run again."


def _managed_cells(master: Path) -> dict[str, NotebookNode]:
    """The cells of a master notebook that nbgrader knows, by grade id.

    Raises:
        RefereeError: it is not a notebook, or has an id twice.

    """
    try:
        cells = nbformat.read(master, as_version=4).cells if master.is_file() else []
    except ValueError as error:
        raise RefereeError(
            f"{master} is not a notebook: {error}. Correct it, or take it out of source/."
        ) from error
    managed = [cell for cell in cells if is_managed(cell)]
    ids = Counter(cell.metadata.nbgrader.grade_id for cell in managed)
    if twice := [name for name, times in ids.items() if times > 1]:
        raise RefereeError(
            f"{master} has more than one cell with the ID {', '.join(twice)}. Give each an ID of "
            "its own, in JupyterLab's Create Assignment panel, and run again."
        )
    return {cell.metadata.nbgrader.grade_id: cell for cell in managed}


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

    def causes(self) -> list[str]:
        """The last line of each traceback; converters log them and raise something else."""
        # One of an exception without frames begins with that, where another followed.
        tracebacks = [line for line in self.lines if "Traceback (most recent call" in line]
        return [_said_last(traceback) for traceback in tracebacks]


def _said_last(traceback: str) -> str:
    """The last line of a traceback, or of one that a kernel has made: coloured parts in a list."""
    last = traceback.strip().splitlines()[-1]
    with suppress(SyntaxError, ValueError):
        parts = ast.literal_eval(last)
        last = str(parts[-1]) if isinstance(parts, list) and parts else last
    return COLOUR.sub("", last)
