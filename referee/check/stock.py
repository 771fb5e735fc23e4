"""Running tests in the notebook's own kernel, as stock nbgrader does, in the sandbox.

A test that passes there and loses points otherwise is one that cannot be judged; one that fails
there, too, is wrong, or its solution is.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import nbformat

from referee.batch.jobs import Job, JobKind
from referee.batch.local import local_workers
from referee.check.findings import Cell
from referee.grade.api import settings_of
from referee.model.assignment import Assignment
from referee.model.limits import Limits
from referee.model.work import Result, Work, from_bytes, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.package import pack

MARK = "referee-test-"  # begins the ids of cells that were tests


def passing_in_notebook(
    course: Course,
    assignment: Assignment,
    master: Work,
    tests: Iterable[Cell],
    say: Callable[[str], None],
) -> dict[Cell, bool]:
    """Whether each of these tests passes where it runs as a cell of the student's own."""
    wanted = set(tests)
    ordinary = replace(
        assignment,
        notebooks=tuple(
            replace(book, cells=tuple(cell for cell in book.cells if not cell.tested))
            for book in assignment.notebooks
        ),
    )
    names: dict[str, Cell] = {}
    job = Job(JobKind.GRADE, master.student, to_bytes(_without_tests(master, wanted, names)))
    package, limits = to_bytes(pack(course, ordinary)), Limits(parent=course.app)
    with local_workers(package, limits, settings_of(course), 1, 1, say) as workers:
        for found in workers.run(iter([job]), lambda: False, say):
            for _, content in found:
                return _passing(from_bytes(Result, content), names)
    return {}


def _without_tests(master: Work, wanted: set[Cell], names: dict[str, Cell]) -> Work:
    """The master, in which tests are ordinary cells; `names` get the wanted ones by cell id."""
    notebooks = {}
    for name, file in master.notebooks.items():
        nb = nbformat.reads(file.content.decode(), as_version=4)
        for cell in nb.cells:
            about = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and about.get("grade") and not about.get("solution"):
                cell.metadata = nbformat.NotebookNode()
                if (name, about["grade_id"]) in wanted:
                    cell.id = f"{MARK}{len(names)}"
                    names[cell.id] = (name, about["grade_id"])
        nb.nbformat_minor = max(nb.nbformat_minor, 5)  # from which on cells have ids
        notebooks[name] = replace(file, content=nbformat.writes(nb).encode())
    return replace(master, notebooks=notebooks)


def _passing(result: Result, names: dict[str, Cell]) -> dict[Cell, bool]:
    found: dict[Cell, bool] = {}
    for name, content in result.autograded.items():
        if name.endswith(".ipynb"):
            for cell in nbformat.reads(content.decode(), as_version=4).cells:
                if cell.id in names:
                    kinds = [output.output_type for output in cell.outputs]
                    found[names[cell.id]] = "error" not in kinds
    return found
