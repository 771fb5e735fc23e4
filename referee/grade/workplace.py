"""Grading one submission: a function of the bytes of a Work, which runs on any machine."""

import json
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import nbformat
from nbformat import NotebookNode

from referee.collect.intake import is_ignored
from referee.feedback.pages import FeedbackPages, marks_to_show
from referee.grade.kernel import StudentKernel
from referee.grade.layout import consistent_files, read_materials, write_files
from referee.grade.run import run_cells
from referee.judge.judge import Judge
from referee.model.assignment import AssignmentNotebook
from referee.model.events import Events, ignore
from referee.model.limits import Limits
from referee.model.outcomes import Outcome, Refused
from referee.model.work import Pages, PageWork, Result, ShownMarks, Work, from_bytes
from referee.nbgrader.package import Package
from referee.nbgrader.release import LinesLog
from referee.nbgrader.scoring import no_marks, score, seconds_late
from referee.nbgrader.steps import Steps, autograding
from referee.notebook.parse import parse_notebooks
from referee.notebook.restore import restore

ONE_AT_A_TIME = threading.Lock()  # tests print and draw random numbers for the whole process


class Workplace:
    """A copy of the course in which submissions are graded, one after the other."""

    def __init__(self, package: Package, root: Path) -> None:
        self.assignment = package.assignment
        self.root = root
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        try:
            self.course = package.unpack(root)
            self.steps = Steps.of(self.course)
            self.pages = FeedbackPages(self.course, package.look)
        except BaseException:
            self.close()
            raise
        self.limits = Limits(parent=self.course.app)
        self.folder = self.course.materials(self.assignment.name)
        self.materials = read_materials(self.folder, self._is_the_assignments)

    def close(self) -> None:
        """Remove the course, and forget the modules that its configuration has imported."""
        shutil.rmtree(self.root, ignore_errors=True)
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(str(self.root)):
                del sys.modules[name]
        sys.path[:] = [path for path in sys.path if not path.startswith(str(self.root))]

    def grade(
        self,
        content: bytes,
        on_cell: Callable[[str], None] = ignore,
        *,
        faults: type[BaseException] = BaseException,
    ) -> Result:
        """Grade a submission, Work as bytes.

        `on_cell` is called with the name of each cell before it runs. An error of ours is a result
        too, with its traceback, if it is one of `faults`.
        """
        work = from_bytes(Work, content)
        start = time.monotonic()
        events, log = Events(on_cell, list(work.notes)), LinesLog()
        self.course.app.log.addHandler(log)
        with ONE_AT_A_TIME, autograding():
            try:
                result = self._grade(work, events)
            except Refused as refused:
                result = Result(work.student, refused.outcome, refused.reason)
            except faults as error:
                result = Result(
                    work.student,
                    Outcome.GRADER_FAULT,
                    f"{type(error).__name__}: {error}",
                    log="\n".join([*log.lines, traceback.format_exc()]),
                )
            finally:
                self.course.app.log.removeHandler(log)
        return replace(
            result,
            notes=tuple(events.notes),
            seconds=round(time.monotonic() - start, 2),
            handed_in=work.handed_in,
            cells=tuple(events.cells),
            sandboxed=self.course.sandboxed,
        )

    def write_pages(self, content: bytes) -> Pages:
        """Write feedback pages anew, PageWork as bytes; no cell is run."""
        work = from_bytes(PageWork, content)
        pages, events = {}, Events()
        try:
            for notebook in self.assignment.notebooks:
                if (executed := work.executed.get(notebook.name)) is None:
                    continue
                nb, marks = nbformat.reads(executed.decode(), as_version=4), work.marks
                page = self._page(nb, notebook, marks[notebook.name], events)
                pages[f"{notebook.name}.html"] = page
        except Exception as error:
            return Pages(work.student, problem=f"{type(error).__name__}: {error}")
        return Pages(work.student, pages, "; ".join(events.notes))

    def _grade(self, work: Work, events: Events) -> Result:
        """Read, restore, run and judge the notebooks, and write their feedback."""
        notebooks = parse_notebooks(work.notebooks, self.assignment, events.notes)
        folder = self.root / "handed-in" / self.assignment.name
        shutil.rmtree(folder, ignore_errors=True)
        marks, executed, pages = {}, {}, {}
        try:
            names = [Path(f"{notebook.name}.ipynb") for notebook in self.assignment.notebooks]
            files = consistent_files(work.files, self.materials, names, events)
            write_files(folder, files)
            for notebook in self.assignment.notebooks:
                name = notebook.name
                if (nb := notebooks.get(name)) is None:
                    marks[name] = no_marks(notebook)
                    continue
                graded = self._grade_notebook(notebook, nb, work.student, folder, events)
                marks[name] = score(graded)
                executed[f"{name}.ipynb"] = nbformat.writes(graded).encode(errors="replace")
                shown = marks_to_show(marks[name])
                pages[f"{name}.html"] = self._page(graded, notebook, shown, events)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        late = seconds_late(self.assignment, work.handed_in, work.extension)
        outcome, reason = events.outcome(late)
        return Result(
            work.student,
            outcome,
            reason,
            late=late,
            marks=marks,
            autograded={str(path): content for path, content in files.items()} | executed,
            feedback=pages,
        )

    def _grade_notebook(
        self,
        notebook: AssignmentNotebook,
        nb: NotebookNode,
        student: str,
        folder: Path,
        events: Events,
    ) -> NotebookNode:
        """The notebook with its tests' outputs."""
        app, steps = self.course.app, self.steps
        resources: dict[str, Any] = {
            "metadata": {"name": notebook.name, "path": str(folder)},
            "unique_key": notebook.name,
            "nbgrader": {
                "notebook": notebook.name,
                "assignment": self.assignment.name,
                "student": student,
            },
        }
        nb = steps.run(steps.before_restoring, self.course, nb, resources)
        restore(nb, notebook, events)
        kernelspec = json.loads(notebook.kernelspec or "{}")
        if "name" in kernelspec:  # a master that was never opened in Jupyter has none
            nb.metadata.kernelspec = kernelspec
        nb.metadata.language_info = NotebookNode(name="python")
        nb = steps.run(steps.before_executing, self.course, nb, resources)
        judge = Judge(self.folder, self.limits)
        with StudentKernel(folder, self.limits, app.config, events) as kernel:
            run_cells(nb, notebook, judge, kernel, events)
        return steps.run(steps.after_executing, self.course, nb, resources)

    def _page(
        self, nb: NotebookNode, notebook: AssignmentNotebook, marks: ShownMarks, events: Events
    ) -> bytes:
        """The page of a notebook; one that cannot be made costs a note, and no marks."""
        try:
            return self.pages.page(nb, notebook, marks)
        except Exception as error:
            events.note(f"the feedback page is a plain one: {type(error).__name__}: {error}"[:500])
            return self.pages.plain_page(nb, notebook, marks)

    def _is_the_assignments(self, name: PurePath) -> bool:
        """Whether a file comes from source/, whatever a submission has under that name."""
        excluded = self.course.app.config.Autograde.get("exclude_overwriting", {})
        return (
            str(name) not in map(str, map(PurePath, excluded.get(self.assignment.name, [])))
            and not is_ignored(name, self.course.directory.ignore)
            and name.suffix != ".ipynb"
        )
