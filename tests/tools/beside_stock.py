"""Assignments graded by stock nbgrader and by Referee: `python -m tests.tools.beside_stock FILES`

Prints each test cell that has other points. A file is an assignment in the percent format, whose
cells begin with `# %% given`, `# %% solution NAME`, `# %% test NAME` (of one point), and, at its
end, `# %% answer STUDENT NAME` for what a student has in a solution cell instead of the master's.
A student named "master" hands in the master's own. Nothing is sandboxed for stock nbgrader.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SubmittedAssignment

from tests.support import toy
from tests.support.course import BIN

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "beside"
c.Execute.timeout = 60
"""
Scores = dict[tuple[str, str, str], float]


@dataclass
class Assignment:
    """A file's master, and what students have in the place of its solutions."""

    name: str
    master: list[NotebookNode] = field(default_factory=list)
    answers: dict[str, dict[str, str]] = field(default_factory=lambda: {"master": {}})

    @classmethod
    def of(cls, path: Path) -> "Assignment":
        """The assignment of a file, with the files that lie in a folder of its name beside it."""
        assignment = cls(path.stem)
        _, *texts = ("\n" + path.read_text()).split("\n# %% ")
        for number, text in enumerate(texts):
            head, _, source = text.partition("\n")
            assignment.take(head.split(), source.strip(), number)
        return assignment

    def take(self, words: list[str], source: str, number: int) -> None:
        """Take a cell."""
        match words:
            case ["given", *_]:
                self.master.append(toy.given(f"given-{number}", source))
            case ["solution", name]:
                marked = f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"
                self.master.append(toy.solution(name, marked))
            case ["test", name, *_]:
                self.master.append(toy.test(name, source, 1))
            case ["answer", student, name]:
                self.answers.setdefault(student, {})[name] = source
            case _:
                raise SystemExit(f"{self.name}: no such cell: # %% {' '.join(words)}")


def main(paths: list[Path]) -> None:
    """Grade the assignments in both ways and print what differs."""
    assignments = [Assignment.of(path) for path in paths]
    with tempfile.TemporaryDirectory(prefix="referee-beside-") as folder:
        stock, ours = Path(folder, "stock"), Path(folder, "ours")
        stock.mkdir()
        (stock / "nbgrader_config.py").write_text(STOCK)
        for assignment, path in zip(assignments, paths, strict=True):
            write(assignment, stock, path.with_suffix(""))
        shutil.copytree(stock, ours)
        (ours / "nbgrader_config.py").write_text(STOCK + toy.WITH_REFEREE)
        names = [assignment.name for assignment in assignments]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda name: grade_in_stock(stock, name), names))
        for name in names:
            run(ours, "referee", "grade", name, "--unchecked")
        report(scores(stock), scores(ours), (stock, ours))


def write(assignment: Assignment, course: Path, beside: Path) -> None:
    """Write the master of an assignment, and the submissions of its students."""
    name = assignment.name
    source = course / "source" / name
    source.mkdir(parents=True)
    if beside.is_dir():
        shutil.copytree(beside, source, dirs_exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=assignment.master), source / f"{name}.ipynb")
    for student, answers in assignment.answers.items():
        folder = course / "submitted" / student / name
        shutil.copytree(source, folder)
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        nbformat.write(notebook, folder / f"{name}.ipynb")


def grade_in_stock(course: Path, assignment: str) -> None:
    """Grade an assignment with stock nbgrader, with a gradebook of its own."""
    database = f"--CourseDirectory.db_url=sqlite:///{course}/{assignment}.db"
    run(course, "nbgrader", "generate_assignment", assignment, database)
    run(course, "nbgrader", "autograde", assignment, database)


def run(course: Path, *command: str) -> None:
    """Run a command in a course; say what it has printed if it failed."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    env = os.environ | {"PATH": path}
    ended = subprocess.run(command, cwd=course, env=env, capture_output=True, text=True)
    if ended.returncode:
        print(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")


def scores(course: Path) -> Scores:
    """The points of each test cell, by assignment, student and name of the cell."""
    return {
        (submission.assignment.name, submission.student.id, grade.name): grade.auto_score or 0.0
        for database in course.glob("*.db")
        for submission in submissions(database)
        for notebook in submission.notebooks
        for grade in notebook.grades
    }


def submissions(database: Path) -> Iterator[SubmittedAssignment]:
    """The submissions in a gradebook, as long as the next one is asked for."""
    with Gradebook(f"sqlite:///{database}", "beside") as gradebook:
        for assignment in gradebook.assignments:
            yield from assignment.submissions


def report(stock: Scores, ours: Scores, courses: tuple[Path, Path]) -> None:
    """Print what has other points, and how many have the same."""
    same, masters = 0, 0
    for place, points in sorted(stock.items()):
        same += ours.get(place) == points
        masters += place[1] == "master" and points == 1
        if ours.get(place) != points:
            print(f"\n{' '.join(place)}: {points} with stock, {ours.get(place)} with Referee")
            for course in courses:
                print(f"    {course.name}: {error_of(course, *place)[-600:]}")
    print(f"\n{same} of {len(stock)} the same; the master passes {masters} with stock")


def error_of(course: Path, assignment: str, student: str, cell: str) -> str:
    """What the executed test cell shows of its error."""
    path = course / "autograded" / student / assignment / f"{assignment}.ipynb"
    if not path.exists():
        return "not graded"
    shown = [
        f"{output.ename}: {output.evalue}"
        for executed in nbformat.read(path, as_version=4).cells
        if executed.metadata.get("nbgrader", {}).get("grade_id") == cell
        for output in executed.get("outputs", [])
        if output.output_type == "error"
    ]
    return " ".join(shown) or "no error"


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
