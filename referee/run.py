"""Running a submission in nbgrader's autograding: student code in a sandbox, tests outside it."""

import time
from logging import Logger, LoggerAdapter
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution

from referee.assignment import AssignmentNotebook
from referee.judge import Judge, TestCell
from referee.kernel import StudentKernel
from referee.sandbox.limits import Limits
from referee.sanitise import remove_links
from referee.work import CellTime


class Execute(NbGraderPreprocessor):
    """Executes a notebook, in place of nbgrader's own preprocessor of that name."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run all cells, in order, and put what they show into the notebook.

        Raises:
            NoSandboxError: this machine cannot sandbox student code.

        """
        folder = Path(resources["metadata"]["path"])
        materials = self._folder("source", resources)
        for removed in remove_links(folder, self._folder("submitted", resources), materials):
            self.log.warning("%s is a link, not a file, and was left out", removed)
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
            tests = test_cells(AssignmentNotebook.of(notebook))
        with StudentKernel(folder, Limits(parent=self), self.config) as kernel:
            run_cells(nb, tests, Judge(materials), kernel, self.log)
        kernel.report(self.log)
        return nb, resources

    def _folder(self, step: str, resources: dict[str, Any]) -> Path:
        """The folder of this assignment in source/, or of this submission in submitted/."""
        owner = self.parent
        while not hasattr(owner, "coursedir"):
            owner = owner.parent
        course: CourseDirectory = owner.coursedir
        names = resources["nbgrader"]
        directory, student = {
            "source": (course.source_directory, "."),
            "submitted": (course.submitted_directory, names["student"]),
        }[step]
        return Path(course.format_path(directory, student, names["assignment"])).absolute()


def run_cells(
    nb: NotebookNode,
    tests: dict[str, TestCell],
    judge: Judge,
    kernel: StudentKernel,
    log: LoggerAdapter[Any] | Logger,
) -> None:
    """Run the cells of a sanitised notebook in their order; the log gets the times they took."""
    code = [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]
    cpu = kernel.cpu_seconds()
    for number, cell in enumerate(code, start=1):
        cell.execution_count = number
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        name = grade_id or f"own cell {number}"
        log.info("running %s", name, extra={"cell": name})
        start, cpu_before = time.monotonic(), cpu
        test = tests.get(grade_id)
        if test is not None and is_grade(cell):
            cell.source = test.source
            cell.outputs = kernel.judge(test, judge)
        else:
            if is_locked(cell):
                judge.provide(cell.source)
            elif is_solution(cell):  # and not a student's own cell, which could be anywhere
                judge.forget_values()
            cell.outputs = kernel.run(cell.source, name)
        cpu = kernel.cpu_seconds()
        took = CellTime(name, _rounded(time.monotonic() - start), _rounded(cpu - cpu_before))
        log.info("%s took %g s", name, took.seconds, extra={"time": took})


def _rounded(seconds: float) -> float:
    return round(seconds, 3)


def test_cells(notebook: AssignmentNotebook) -> dict[str, TestCell]:
    """The test cells of a notebook as its master has them, by grade id."""
    return {
        cell.name: TestCell(cell.name, cell.source, cell.points or 0.0)
        for cell in notebook.cells
        if cell.graded and cell.cell_type == "code" and not cell.solution  # graded by hand
    }
