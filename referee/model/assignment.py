"""An assignment as plain data: its notebooks' cells, as the gradebook has them."""

import json
from dataclasses import dataclass, replace

PYTHON = "python"
# Kernels that do not always say their language.
OTHER_KERNELS = {
    "ir": "R",
    "xr": "R",
    "java": "Java",
    "ijava": "Java",
    "rapaio-jupyter-kernel": "Java",
}


@dataclass(frozen=True)
class AssignmentCell:
    """A cell that students are to find in their notebook.

    `source` is the gradebook's, hidden tests included, and `released` what of it students have;
    `points` is None for a cell without a grade. `heading` is what the release calls the section
    that it is in: the text of the nearest heading. `imports` are those of the ordinary cells of the
    master right before it, as code, and `own_imports` those of a master's solution; `reads` and
    `writes` are the globals that functions of that solution use, and give values to, `changes` the
    latter and those that they change in place, `defines` the functions and classes in it, and
    `classes` the classes alone; `saves` are the files that it writes to.
    """

    name: str
    cell_type: str
    locked: bool
    source: str
    released: str
    checksum: str
    points: float | None
    solution: bool
    task: bool
    heading: str = ""
    imports: str = ""
    own_imports: str = ""
    reads: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    saves: tuple[str, ...] = ()
    methods: tuple[tuple[str, str], ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def graded(self) -> bool:
        """Whether it is a test, or an answer that a human grades."""
        return self.points is not None and not self.task

    @property
    def answer(self) -> bool:
        """Whether it is an answer that a human grades."""
        return self.graded and self.solution

    @property
    def tested(self) -> bool:
        """Whether it is a test cell that runs by itself."""
        return self.graded and self.cell_type == "code" and not self.solution


@dataclass(frozen=True)
class AssignmentNotebook:
    """A notebook of an assignment, with its cells in order.

    `kernelspec` is JSON; `schema_version` is that of nbgrader's metadata of cells. `texts` are the
    sources of the release's other cells.
    """

    name: str
    kernelspec: str | None
    schema_version: int
    cells: tuple[AssignmentCell, ...]
    texts: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """The language of its kernel."""
        return language_of(self.kernelspec)


@dataclass(frozen=True)
class Assignment:
    """An assignment; `due` is a time in UTC, ISO 8601, or empty."""

    name: str
    due: str
    notebooks: tuple[AssignmentNotebook, ...]

    @property
    def in_python(self) -> "Assignment":
        """What of it can be graded: the notebooks in Python."""
        python = tuple(book for book in self.notebooks if book.language == PYTHON)
        return replace(self, notebooks=python)

    @property
    def in_other_languages(self) -> tuple[AssignmentNotebook, ...]:
        """The notebooks that are not in Python and have something to grade."""
        return tuple(book for book in self.notebooks if book.language != PYTHON and book.cells)


def language_of(kernelspec: str | None) -> str:
    """The language of a kernel, by its specification as JSON; `python` where nothing is said."""
    try:
        found = json.loads(kernelspec or "{}")
        said, name = str(found.get("language") or ""), str(found.get("name") or "")
    except (ValueError, AttributeError):
        return PYTHON
    if said.casefold().startswith(PYTHON):
        return PYTHON
    return said or OTHER_KERNELS.get(name.casefold(), PYTHON)


def what_marks_depend_on(assignment: Assignment) -> Assignment:
    """The assignment without texts, and without its due date: a penalty needs no grading."""
    notebooks = tuple(
        replace(
            notebook,
            cells=tuple(replace(cell, heading="") for cell in notebook.cells),
            texts=(),
        )
        for notebook in assignment.notebooks
    )
    return replace(assignment, due="", notebooks=notebooks)
