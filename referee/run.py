"""Running a submission in nbgrader's autograding: student code in a sandbox, tests outside it."""

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution

from referee.judge import Judge, TestCell
from referee.kernel import StudentKernel
from referee.sandbox.limits import Limits
from referee.sanitise import remove_links


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
        tests = test_cells(resources["nbgrader"])
        with StudentKernel(folder, Limits(parent=self), self.config) as kernel:
            run_cells(nb, tests, Judge(materials), kernel)
            if not kernel.sandboxed:
                self.log.warning("%s was run WITHOUT a sandbox", folder)
        for note in kernel.notes:
            self.log.warning(note)
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
    nb: NotebookNode, tests: dict[str, TestCell], judge: Judge, kernel: StudentKernel
) -> None:
    """Run the cells of a sanitised notebook in their order."""
    code = [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(code, start=1):
        cell.execution_count = number
        test = tests.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if test is not None and is_grade(cell):
            cell.source = test.source
            cell.outputs = kernel.judge(test, judge)
        else:
            if is_locked(cell):
                judge.provide(cell.source)
            elif is_solution(cell):  # and not a student's own cell, which could be anywhere
                judge.forget_values()
            cell.outputs = kernel.run(cell.source)


def test_cells(names: dict[str, str]) -> dict[str, TestCell]:
    """The test cells of a notebook as its master has them, from the gradebook, by grade id."""
    with Gradebook(names["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        sources = {cell.name: cell.source for cell in notebook.source_cells}
        answers = {cell.name for cell in notebook.solution_cells}  # graded by hand
        return {
            cell.name: TestCell(cell.name, sources[cell.name], cell.max_score)
            for cell in notebook.grade_cells
            if cell.cell_type == "code" and cell.name not in answers
        }
