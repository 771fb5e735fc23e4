"""A course of a few cells, which is graded in seconds and has nothing of the assignment in it.

Each question is a function, a visible test of 1 point and a hidden one of 4.
"""

import html
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from referee.nbgrader.course import Course
from referee.nbgrader.release import release
from tests.support.course import SampleCourse

NAME = "toy"
NOTEBOOK = f"{NAME}/{NAME}.ipynb"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "toy"
c.Limits.memory = 2 * 2**30
c.Limits.cell_cpu, c.Limits.cell_wall = 10, 30
c.Limits.call_cpu, c.Limits.call_wall, c.Limits.test_wall = 3, 10, 30
c.SandboxProvisioner.preload = []  # no matplotlib, which takes longer than to grade a submission
"""
WITH_REFEREE = "from referee import configure; configure(c)\n"
RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "halve": "def halve(x):\n    return x / 2",
}
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


def given(name: str, source: str) -> NotebookNode:
    """A cell of the instructor's that students cannot change."""
    return _cell(name, source, locked=True)


def solution(name: str, source: str) -> NotebookNode:
    """A cell that students fill in; they get what is outside of BEGIN and END SOLUTION."""
    return _cell(name, source, solution=True)


def test(name: str, source: str, points: float) -> NotebookNode:
    """A test cell."""
    return _cell(name, source, grade=True, locked=True, points=points)


test.__test__ = False  # type: ignore[attr-defined] # it is no test of pytest's


def by_hand(name: str, points: float) -> NotebookNode:
    """A text that students write, and that a human grades."""
    return _text(_cell(name, "Your words here.", grade=True, solution=True, points=points))


def task(name: str, points: float, source: str = "Draw a picture below.") -> NotebookNode:
    """A text that asks for something in cells of the student's own, which a human grades."""
    return _text(_cell(name, source, task=True, locked=True, points=points))


def _text(cell: NotebookNode) -> NotebookNode:
    text = nbformat.v4.new_markdown_cell(cell.source, metadata=cell.metadata, id=cell.id)
    text.metadata.nbgrader.cell_type = "markdown"
    return text


def _cell(name: str, source: str, **marks: Any) -> NotebookNode:
    about = {"grade": False, "solution": False, "locked": False, "task": False, **marks}
    about |= {"schema_version": 3, "grade_id": name}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": about}, id=name)


def question(function: str, hidden: str, begin: str = BEGIN, end: str = END) -> list[NotebookNode]:
    """A question: the function, its visible test and its hidden test."""
    head, body = RIGHT[function].split("\n", 1)
    return [
        solution(function, f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"),
        test(f"{function}-visible", f"assert {function}(4) is not None, 'it returns nothing'", 1),
        test(
            f"{function}-hidden",
            f"# Hidden tests of {function} run here.\n{begin}\n{hidden}\n{end}",
            4,
        ),
    ]


def cells(
    of_double: tuple[str, str] = (BEGIN, END), of_halve: tuple[str, str] = (BEGIN, END)
) -> list[NotebookNode]:
    """The cells of the master; the hidden tests of its questions are between these lines."""
    return [
        given("imports", "import numpy as np"),
        *question("double", "assert double(21) == 42, 'double: of a whole number'", *of_double),
        *question("halve", "assert halve(5.0) == 2.5, 'halve: of a fraction'", *of_halve),
    ]


@dataclass(frozen=True)
class ToyCourse(SampleCourse):
    """The course, in a folder of its own."""

    assignment: str = NAME

    def write_master(self, master: Iterable[NotebookNode], notebook: str = NAME) -> None:
        """Write a master notebook."""
        path = self.root / "source" / NAME / f"{notebook}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=list(master)), path)

    def release(self) -> None:
        """Make the release with nbgrader, in this process, which takes a tenth of the time."""
        release(Course.open(self.root), NAME)

    def released(self, notebook: str = NAME) -> NotebookNode:
        """The notebook as students get it."""
        return nbformat.read(self.root / "release" / NAME / f"{notebook}.ipynb", as_version=4)

    def submit(
        self,
        student: str,
        answers: dict[str, str],
        own: dict[str, str] | None = None,
        notebook_name: str = NAME,
    ) -> Path:
        """Hand in the release with these answers, and with own cells behind cells of the master."""
        notebook = self.released(notebook_name)
        for place, source in (own or {}).items():
            names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
            notebook.cells.insert(names.index(place) + 1, nbformat.v4.new_code_cell(source))
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(grade_id, cell.source)
        path = self.root / "submitted" / student / NAME / f"{notebook_name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    def gradebook(self) -> Gradebook:
        """A connection to the gradebook, a context manager."""
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "toy")

    def grade(self, *options: str, code: int = 0) -> str:
        """Do what `referee grade` does; return what it printed.

        The master is not tried: most masters here have wrong tests, or solutions without answers.
        """
        return self.run("referee", "grade", NAME, "--unchecked", *options, code=code)

    def executed(self, student: str) -> dict[str, NotebookNode]:
        """The cells of the executed notebook, by grade id."""
        notebook = nbformat.read(self.root / "autograded" / student / NOTEBOOK, as_version=4)
        return {
            cell.metadata.nbgrader.grade_id: cell
            for cell in notebook.cells
            if "nbgrader" in cell.metadata
        }

    def page(self, student: str) -> str:
        """The feedback page."""
        return (self.root / f"feedback/{student}/{NAME}/{NAME}.html").read_text()

    def page_text(self, student: str) -> str:
        """The feedback page as it is read: without the tags that split code into colours."""
        return text_of(self.page(student))


def text_of(page: str) -> str:
    """What a page says."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def make_toy(
    root: Path, config: str = CONFIG + WITH_REFEREE, master: Iterable[NotebookNode] | None = None
) -> ToyCourse:
    """A course with its release made, that nobody has handed in to."""
    course = ToyCourse(root)
    root.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(config)
    course.write_master(cells() if master is None else master)
    (root / "gradebook.db").write_bytes(_empty_gradebook())
    course.release()
    return course


@cache
def _empty_gradebook() -> bytes:
    """A gradebook as nbgrader makes it, which takes seconds: it starts Alembic."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gradebook.db"
        Gradebook(f"sqlite:///{path}", NAME).close()
        return path.read_bytes()


def copy_of(course: ToyCourse, root: Path) -> ToyCourse:
    """The course as it is, in another folder, which is faster than to release it again."""
    shutil.copytree(course.root, root, dirs_exist_ok=True)
    return ToyCourse(root)
