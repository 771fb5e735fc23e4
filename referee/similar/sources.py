"""The code that is compared: of submissions, of known solutions, and what students were given."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbformat import NotebookNode

from referee.collect.files import shown, walk
from referee.collect.intake import read_submission
from referee.collect.submissions import Submission, collect
from referee.errors import RefereeError
from referee.model.assignment import Assignment, AssignmentNotebook
from referee.model.limits import MIB, Limits
from referee.model.outcomes import Outcome, Refused
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_assignment
from referee.nbgrader.students import read_people
from referee.notebook.parse import parse_notebook, parse_notebooks
from referee.notebook.restore import is_some_of, recognise
from referee.similar.compare import Cell, Solution
from referee.text import one_line

MOST_CODE = 400_000  # characters of a solution that are looked at; Optimization takes 20,000
MOST_CELLS = 500  # of a solution that have something in them
MOST_NOTEBOOK = 64 * MIB  # bytes of a notebook's file
MOST_BRACKETS = 200_000  # of a notebook's file, which bound the time and the memory to read it
MOST_FILES = 1 * MIB  # bytes of all other files of a submission
MOST_KNOWN = 1000  # files of known solutions
MASTER = "the master's solution"


@dataclass(frozen=True)
class Found:
    """What there is to compare. `left_out` says of others why they are not; `names` are full."""

    solutions: tuple[Solution, ...]
    released: tuple[str, ...]
    left_out: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)


def read_code(course: Course, name: str, known: Iterable[Path] = ()) -> Found:
    """Read the code of an assignment's submissions, its master, and files or folders of others.

    Raises:
        RefereeError: nothing is handed in, or there is no code in what is said to be known.

    """
    assignment = read_assignment(course, name)
    released = (*_released_cells(assignment), *_released_files(course, name))
    solutions, left_out = [], {}
    for submission in collect(course, name):
        try:
            cells = list(_submitted(course, submission, assignment))
        except Exception as error:  # whatever it is, it costs nobody else their comparison
            left_out[submission.student] = one_line(error)
        else:
            solutions.append(_bounded(submission.student, cells))
    others = [*_master(course, assignment), *_known(known, assignment, left_out)]
    given = {source.strip() for source in released}
    return Found(
        tuple(_without(given, solution) for solution in (*solutions, *others)),
        released,
        left_out,
        {person.student: person.name for person in read_people(course) if person.name},
    )


def _without(given: set[str], solution: Solution) -> Solution:
    """The solution without the cells that are as they were given."""
    cells = (cell for cell in solution.cells if cell.source.strip() not in given)
    return replace(solution, cells=tuple(cells))


def _released_cells(assignment: Assignment) -> Iterator[str]:
    for notebook in assignment.notebooks:
        yield from (cell.released for cell in notebook.cells if cell.cell_type == "code")
        yield from notebook.texts


def _released_files(course: Course, assignment: str) -> Iterator[str]:
    """The files with code that students get beside the notebook."""
    release = course.path(course.directory.release_directory, ".", assignment)
    folder = release if release.is_dir() else course.materials(assignment)
    yield from (path.read_text(errors="replace") for path in sorted(folder.glob("*.py")))


def _submitted(course: Course, submission: Submission, assignment: Assignment) -> Iterator[Cell]:
    """The code cells of a submission, and its files with code.

    Raises:
        Refused: it cannot be read.

    """
    limits = Limits(parent=course.app)
    limits.notebook_file = min(limits.notebook_file, MOST_NOTEBOOK)
    limits.files = min(limits.files, MOST_FILES)
    intake = read_submission(submission.folder, assignment, limits, course.directory.ignore)
    for file in intake.notebooks.values():
        _require_simple(file.name, file.content)
    notebooks = parse_notebooks(intake.notebooks, assignment, [])
    several = len(assignment.notebooks) > 1
    for expected in assignment.notebooks:
        if expected.name in notebooks:
            cells = _cells(notebooks[expected.name].cells, expected)
            for cell in cells:
                yield Cell(f"{expected.name}/{cell.name}", cell.source) if several else cell
    for name, content in sorted(intake.files.items()):
        if name.endswith(".py"):
            yield Cell(name, content.decode(errors="replace"))


def _require_simple(name: str, content: bytes) -> None:
    """Refuse a notebook of so many parts that it would take gigabytes to read.

    Raises:
        Refused: it has.

    """
    if content.count(b"{") + content.count(b"[") > MOST_BRACKETS:
        reason = f"{name} has more than {MOST_BRACKETS:,} brackets, which no one writes by hand"
        raise Refused(Outcome.UNREADABLE, f"{reason}; without its outputs it could be compared")


def _cells(cells: Sequence[NotebookNode], expected: AssignmentNotebook) -> list[Cell]:
    """The code that is a student's: solution cells, and then own ones; tests are given."""
    found = {position: name for name, position in recognise(cells, expected.cells).items()}
    locked = {cell.name for cell in expected.cells if cell.locked}
    solved, own, last = [], [], "the top"
    for position, cell in enumerate(cells):
        last = found.get(position, last)
        if cell.cell_type != "code" or found.get(position) in locked:
            continue
        if position in found:
            solved.append(Cell(last, cell.source))
        else:
            own.append(Cell(f"own cell after {last}", cell.source))
    return solved + own


def _bounded(author: str, cells: Iterable[Cell], known: bool = False) -> Solution:
    """A solution of the cells that are not empty, and not more than MOST_CELLS and MOST_CODE."""
    bounded: list[Cell] = []
    room = MOST_CODE
    written = [cell for cell in cells if cell.source.strip()]
    for cell in written[:MOST_CELLS]:
        bounded.append(Cell(cell.name, cell.source[:room]))
        room -= len(bounded[-1].source)
    cut = len(written) > MOST_CELLS or sum(len(cell.source) for cell in written) > MOST_CODE
    return Solution(author, tuple(bounded), known, cut)


def _master(course: Course, assignment: Assignment) -> Iterator[Solution]:
    """The master's own solution, if it can be read: its solution cells."""
    cells = []
    for notebook in assignment.notebooks:
        path = course.materials(assignment.name) / f"{notebook.name}.ipynb"
        if path.is_file():
            cells += _cells(parse_notebook(path.name, path.read_bytes(), []).cells, notebook)
    if cells:
        yield _bounded(MASTER, cells, known=True)


def _known(
    places: Iterable[Path], assignment: Assignment, left_out: dict[str, str]
) -> Iterator[Solution]:
    """The solutions in files and folders; a notebook, or a file of Python, is one.

    Raises:
        RefereeError: there are none in one of them, or too many.

    """
    for place in places:
        paths = [path for path in _files_in(place) if path.suffix in (".py", ".ipynb")]
        if not paths:
            raise RefereeError(f"{place} has no notebook (.ipynb) and no file of Python (.py).")
        if len(paths) > MOST_KNOWN:
            raise RefereeError(
                f"{place} has {len(paths)} notebooks and files of Python, and {MOST_KNOWN} can be "
                "compared. Name a folder with those that you know as solutions."
            )
        for path in paths:
            name = shown(path, place if place.is_dir() else place.parent)
            try:
                yield _bounded(name, _known_cells(path, name, assignment), known=True)
            except (Refused, OSError) as error:
                left_out[name] = one_line(error)


def _files_in(place: Path) -> list[Path]:
    """A file, or those of a folder, less what programs keep for themselves."""
    if place.is_file():
        return [place]
    return sorted(
        path
        for path in walk(place)
        if path.is_file() and not any(part[0] in "._" for part in path.relative_to(place).parts)
    )


def _known_cells(path: Path, name: str, assignment: Assignment) -> list[Cell]:
    """The code of a known solution.

    Raises:
        Refused: it is a notebook that cannot be read.
        OSError: the file cannot be read.

    """
    with path.open("rb") as file:
        content = file.read(MOST_NOTEBOOK)
    if path.suffix == ".py":
        return [Cell(path.name, content.decode(errors="replace"))]
    _require_simple(name, content)
    cells = parse_notebook(name, content, []).cells
    for notebook in assignment.notebooks:
        if is_some_of(cells, notebook.cells):
            return _cells(cells, notebook)
    code = (cell.source for cell in cells if cell.cell_type == "code")
    return [Cell(f"code cell {number}", source) for number, source in enumerate(code, 1)]
