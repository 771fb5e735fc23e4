"""Grading one submission: a function of the bytes of a Work, which runs on any machine."""

import json
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade, parse_utc, setenv
from traitlets.utils.importstring import import_item

from referee.assignment import AssignmentNotebook
from referee.course import ConverterLog
from referee.feedback import FeedbackPages
from referee.intake import TIMESTAMP
from referee.judge import Judge
from referee.kernel import StudentKernel
from referee.outcomes import Outcome, Refused, Trouble
from referee.package import Package
from referee.parse import parse_notebooks
from referee.run import run_cells, test_cells
from referee.sandbox.limits import Limits
from referee.sanitise import restore
from referee.work import NotebookMarks, Result, Work

ONE_AT_A_TIME = threading.Lock()  # tests print and draw random numbers for the whole process
NO_ANSWER = "No response."  # nbgrader's comment on a solution cell as it was released


class Workplace:
    """A copy of the course in which submissions are graded, one after the other."""

    def __init__(self, package: Package, root: Path) -> None:
        self.assignment = package.assignment
        self.root = root
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        try:
            self.course = package.unpack(root)
        except BaseException:
            self.close()
            raise
        self.materials = self.course.materials(self.assignment.name)
        self.pages = FeedbackPages(self.course)

    def close(self) -> None:
        """Remove the course, and forget the modules that its configuration has imported."""
        shutil.rmtree(self.root, ignore_errors=True)
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(str(self.root)):
                del sys.modules[name]
        sys.path[:] = [path for path in sys.path if not path.startswith(str(self.root))]

    def grade(self, content: bytes, on_cell: Callable[[str], None] = lambda _: None) -> Result:
        """Grade a submission, Work as bytes.

        `on_cell` is told which cell is next. An error of ours is a result too, with its traceback.
        """
        work = Work.from_bytes(content)
        start = time.monotonic()
        log = ConverterLog(on_cell)
        log.notes += work.notes
        self.course.app.log.addHandler(log)
        # The variable keeps progress bars silent, as under nbgrader.
        with ONE_AT_A_TIME, setenv(NBGRADER_EXECUTION="autograde"):
            try:
                result = self._grade(work, log)
            except Refused as refused:
                result = Result(work.student, refused.outcome, refused.reason)
            except BaseException as error:
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
            notes=tuple(log.notes),
            seconds=round(time.monotonic() - start, 2),
            cells=tuple(log.cells),
            sandboxed=self.course.sandboxed,
        )

    def _grade(self, work: Work, log: ConverterLog) -> Result:
        """Read, sanitise, run and judge the notebooks, and write their feedback."""
        notebooks = parse_notebooks(work.notebooks, self.assignment, log.notes)
        folder = self.root / "handed-in" / self.assignment.name
        files = self._lay_out(folder, work, log)
        marks, executed, pages = {}, {}, {}
        late = self._seconds_late(work)
        try:
            for notebook in self.assignment.notebooks:
                if (nb := notebooks.get(notebook.name)) is None:
                    marks[notebook.name] = _no_marks(notebook)
                    continue
                graded = self._grade_notebook(notebook, nb, folder)
                marks[notebook.name] = _marks(graded)
                by_hand = work.by_hand.get(notebook.name, {})
                shown = _with_marks(graded, marks[notebook.name], by_hand)
                penalty = self._late_penalty(work.student, shown, late)
                marks[notebook.name] = replace(marks[notebook.name], late_penalty=penalty)
                executed[f"{notebook.name}.ipynb"] = nbformat.writes(graded).encode()
                pages[f"{notebook.name}.html"] = self.pages.page(
                    shown, notebook.name, penalty or 0.0
                )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        outcome, reason = _outcome(log.troubles, _lateness(late, marks))
        return Result(
            work.student,
            outcome,
            reason,
            marks=marks,
            autograded=files | executed,
            feedback=pages,
        )

    def _grade_notebook(
        self, notebook: AssignmentNotebook, nb: NotebookNode, folder: Path
    ) -> NotebookNode:
        """The notebook with its tests' outputs."""
        app = self.course.app
        restore(nb, notebook, app.log)
        if notebook.kernelspec:
            nb.metadata.kernelspec = json.loads(notebook.kernelspec)
        nb.metadata.language_info = NotebookNode(name="python")
        with StudentKernel(folder, Limits(parent=app), app.config) as kernel:
            run_cells(nb, test_cells(notebook), Judge(self.materials), kernel, app.log)
        kernel.report(app.log)
        return self._finish(nb, notebook.name)

    def _finish(self, nb: NotebookNode, name: str) -> NotebookNode:
        """Apply the rest of nbgrader's preprocessors, as far as they do without a gradebook."""
        resources: dict[str, Any] = {"metadata": {"name": name}, "nbgrader": {"notebook": name}}
        kinds = Autograde(coursedir=self.course.directory, parent=self.course.app)
        for kind in map(_imported, kinds.autograde_preprocessors):
            if kind.__name__ not in DONE_HERE:
                nb, resources = kind(parent=self.course.app)(nb, resources)
        return nb

    def _lay_out(self, folder: Path, work: Work, log: ConverterLog) -> dict[str, bytes]:
        """Put the submission's files and the assignment's into a folder, and return all of them."""
        ours = {
            path.relative_to(self.materials): path.read_bytes()
            for path in sorted(self.materials.rglob("*"))
            if path.is_file()
        }
        files = {Path(name): content for name, content in work.files.items()}
        for path in list(files):
            for kind, in_the_way in (
                ("file", any(our in path.parents for our in ours)),
                ("folder", any(path in our.parents for our in ours)),
            ):
                if in_the_way:
                    del files[path]
                    log.notes.append(
                        f"{path} stands where the assignment has a {kind}, and was left out"
                    )
        files |= ours
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return {str(path): content for path, content in files.items()}

    def _seconds_late(self, work: Work) -> float:
        """How much later than due it was handed in, an extension considered."""
        handed_in = work.files.get(TIMESTAMP, b"").decode().strip()
        if not handed_in or not self.assignment.due:
            return 0.0
        due = datetime.fromisoformat(self.assignment.due) + timedelta(seconds=work.extension or 0.0)
        return max(0.0, (parse_utc(handed_in) - due).total_seconds())

    def _late_penalty(self, student: str, shown: NotebookNode, late: float) -> float | None:
        """What the course's plugin takes for being late; between nothing and all points."""
        if late <= 0:
            return None
        penalties = AssignLatePenalties(parent=self.course.app)
        penalties.init_plugin()
        score = sum(cell.metadata.nbgrader.score for cell in _graded_cells(shown))
        penalty = penalties.plugin_inst.late_submission_penalty(student, score, late)
        return None if penalty is None else min(max(0.0, penalty), score)


# nbgrader's preprocessors whose work is done above, without a gradebook.
DONE_HERE = {"Execute", "SaveAutoGrades", "AssignLatePenalties", "CheckCellMetadata"}


def _imported(kind: Any) -> Any:
    return import_item(kind) if isinstance(kind, str) else kind


def _graded_cells(nb: NotebookNode) -> list[NotebookNode]:
    """The cells with points, be it for a human to give."""
    return [cell for cell in nb.cells if "points" in cell.metadata.get("nbgrader", {})]


def _marks(nb: NotebookNode) -> NotebookMarks:
    """Points of the graded cells and comments on the solutions, as nbgrader gives them."""
    points: dict[str, float | None] = {}
    comments: dict[str, str | None] = {}
    for cell in nb.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade"):
            points[about.grade_id], _ = determine_grade(cell)
        elif about.get("task"):
            points[about.grade_id] = None
        if about.get("solution") or about.get("task"):
            same = about.get("solution") and about.checksum == compute_checksum(cell)
            comments[about.grade_id] = NO_ANSWER if same and not about.get("task") else None
    return NotebookMarks(points, comments, None)


def _no_marks(notebook: AssignmentNotebook) -> NotebookMarks:
    """The marks of a notebook that was not handed in, while another one was."""
    points = {cell.name: 0.0 for cell in notebook.cells if cell.points is not None}
    return NotebookMarks(dict(points), {}, None)


def _with_marks(nb: NotebookNode, marks: NotebookMarks, by_hand: dict[str, Any]) -> NotebookNode:
    """A copy of the notebook that has points and comments in it, those by humans before ours."""
    shown = nbformat.from_dict(nb)
    for cell in shown.cells:
        about = cell.metadata.get("nbgrader")
        if about is None:
            continue
        given = by_hand.get(about.grade_id, {})
        if about.grade_id in marks.points:
            auto, manual = marks.points[about.grade_id], given.get("points")
            counts = manual if manual is not None else auto
            about.score = 0.0 if counts is None else counts + (given.get("extra") or 0.0)
        if about.grade_id in marks.comments:
            about.comment = given.get("comment") or marks.comments[about.grade_id]
    return shown


def _lateness(seconds: float, marks: dict[str, NotebookMarks]) -> str:
    """How late it was handed in, and what that costs, if it was."""
    if seconds <= 0:
        return ""
    penalty = sum(notebook.late_penalty or 0 for notebook in marks.values())
    return f"handed in {timedelta(seconds=round(seconds))} late; it costs {penalty:g} points"


def _outcome(troubles: list[Trouble], late: str) -> tuple[Outcome, str]:
    """The worst that happened, and all of it in words."""
    happened = {trouble.outcome for trouble in troubles}
    reasons = list(dict.fromkeys(trouble.reason for trouble in troubles)) + ([late] if late else [])
    for outcome in (Outcome.OUT_OF_MEMORY, Outcome.OUT_OF_TIME, Outcome.LOST_CELLS):
        if outcome in happened:
            return outcome, "; ".join(reasons)
    return (Outcome.LATE, late) if late else (Outcome.GRADED, "")
