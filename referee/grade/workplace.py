"""Grading one submission, from its bytes to a result: what a grading process does."""

import importlib
import json
import os
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import nbformat
import nbformat.reader
from nbformat import NotebookNode

from referee.collect.intake import is_ignored
from referee.feedback.pages import FeedbackPages, marks_to_show
from referee.feedback.reasons import NOT_SHOWN
from referee.grade.kernel import StudentKernel
from referee.grade.layout import consistent_files, read_materials, write_files
from referee.grade.messages import (
    At,
    GiveUp,
    Grade,
    Graded,
    Phase,
    Report,
    Request,
    Scored,
    Skip,
    WritePages,
    Written,
)
from referee.grade.run import run_cells
from referee.judge.judge import Judge, prepare
from referee.memory import memory_limit
from referee.model.assignment import AssignmentNotebook
from referee.model.events import Events
from referee.model.limits import Limits
from referee.model.outcomes import Cause, Outcome, Refused, Trouble
from referee.model.work import Pages, PageWork, Result, ShownMarks, Work
from referee.nbgrader.package import Package
from referee.nbgrader.release import LinesLog
from referee.nbgrader.scoring import marks_found, no_marks, score
from referee.nbgrader.steps import Steps
from referee.notebook.definitions import modules_in
from referee.notebook.parse import parse_notebooks
from referee.notebook.restore import restore
from referee.sandbox.delegate import Delegate
from referee.sandbox.landlock import Confinement
from referee.sandbox.own_kinds import add_own_kinds
from referee.sandbox.provisioner import SandboxProvisioner

LINE = 9  # bytes that a line of a text takes in a notebook's file, besides itself
Say = Callable[[Report], None]


class Workplace:
    """A copy of the course in which submissions are graded, each in a process of its own."""

    def __init__(self, package: Package, root: Path) -> None:
        self.assignment = package.assignment
        self.root = root
        root.mkdir(parents=True)
        self.course = package.unpack(root)
        self.steps = Steps.of(self.course)
        self.pages = FeedbackPages(self.course, package.assignment, package.look)
        self.limits = Limits(parent=self.course.app)
        self.folder = self.course.materials(self.assignment.name)
        self.materials = read_materials(self.folder, self._is_the_assignments)

    def prepare_kernels(self) -> None:
        """Have the libraries of kernels imported before the first one is needed.

        Raises:
            NoSandboxError: this machine cannot sandbox student code.

        """
        if self.course.sandboxed:
            SandboxProvisioner(parent=self.course.app).builder().zygote()

    def warm_up(self) -> None:
        """Do once what takes time: import what tests use, and compile them."""
        kernels = SandboxProvisioner(parent=self.course.app)
        add_own_kinds(kernels.kinds)
        for module in kernels.preload:
            with suppress(ImportError):  # kernels are without it, too
                importlib.import_module(module)
        for module in self._modules_of_tests():
            with suppress(Exception):  # it is met again where it is used
                importlib.import_module(module)
        for notebook in self.assignment.notebooks:
            prepare(notebook.cells)

    def warm_up_pages(self) -> None:
        """Compile the templates of pages, and write a first one, which takes longer than others."""
        empty = {notebook.name: self._empty(notebook) for notebook in self.assignment.notebooks}
        marks = {notebook.name: no_marks(notebook) for notebook in self.assignment.notebooks}
        self._pages(Work("", {}, {}), Result("", Outcome.GRADED, marks=marks), empty, Events())
        self.pages.prepare()
        for nb in empty.values():  # the first one to be read takes a fifth of a second
            nbformat.reads(_written(nb).decode(), as_version=4)

    def _modules_of_tests(self) -> Iterable[str]:
        """The modules that cells of the instructor's import, but for those beside the notebook."""
        beside = {path.stem for path in self.folder.glob("*")}
        for notebook in self.assignment.notebooks:
            for cell in notebook.cells:
                own = cell.source if cell.locked and cell.cell_type == "code" else ""
                for source in (own, cell.imports, cell.own_imports):
                    for module in modules_in(source):
                        if module.partition(".")[0] not in beside:
                            yield module

    def confine(
        self, scratch: Path, temporary: Path, hidden: Confinement | None, *, kernels: bool
    ) -> None:
        """Let this process write to these two folders only, and see nothing of what is hidden.

        They may be one. Kernels' sockets lie in `temporary`, whose path has to be short. Without
        `kernels`, none can be started.
        """
        scratch.mkdir()
        temporary.mkdir(exist_ok=True)
        tempfile.tempdir = os.fspath(temporary)
        if kernels and self.course.sandboxed:  # a second process, which takes its time to fork
            builder = SandboxProvisioner(parent=self.course.app, limits=self.limits).builder()
            SandboxProvisioner.delegate = Delegate(builder, scratch, self.limits.memory)
        if hidden is not None:
            hidden.enter([scratch, temporary, Path("/dev/null")])

    def answer(self, request: Request, scratch: Path, say: Say) -> None:
        """Do what is asked in the scratch folder, and say what was found as soon as it is."""
        with memory_limit(self.limits.grading_memory):
            match request:
                case Grade(work, skipped):
                    self._grade(work, skipped, scratch, say)
                case GiveUp():
                    self._give_up(request, say)
                case WritePages(work):
                    say(Written(self._write_pages(work)))

    def _grade(self, work: Work, skipped: Iterable[Skip], scratch: Path, say: Say) -> None:
        """Grade a submission, and write its pages. An error of ours is a result, too."""
        start = time.monotonic()
        events, log = Events(notes=list(work.notes)), LinesLog()
        self.course.app.log.addHandler(log)
        executed: dict[str, NotebookNode] = {}
        say(At(Phase.READING))
        try:
            result, executed = self._graded(work, skipped, scratch, events, say)
        except Refused as refused:
            result = Result(work.student, refused.outcome, refused.reason)
        except Exception as error:
            result = Result(
                work.student,
                Outcome.GRADER_FAULT,
                f"{type(error).__name__}: {error}",
                log="\n".join([*log.lines, traceback.format_exc()]),
            )
        result = replace(
            result,
            notes=tuple(events.notes),
            handed_in=work.handed_in,
            time_unclear=work.time_unclear,
            cells=tuple(events.cells),
            sandboxed=self.course.sandboxed,
        )
        say(Graded(replace(result, seconds=round(time.monotonic() - start, 2))))
        say(At(Phase.PAGES))
        events.notes.clear()
        pages = self._pages(work, result, executed, events)
        if sum(map(len, pages.values())) > self.limits.result:
            events.note("the feedback pages are plain ones: others are larger than c.Limits.result")
            pages = self._pages(work, result, executed, events, plain=True)
        say(Written(Pages(work.student, pages, "; ".join(events.notes))))

    def _graded(
        self, work: Work, skipped: Iterable[Skip], scratch: Path, events: Events, say: Say
    ) -> tuple[Result, dict[str, NotebookNode]]:
        """Read, restore, run and judge the notebooks; return those that were executed, too."""
        notebooks = parse_notebooks(work.notebooks, self.assignment, events.notes)
        _say_what_is_missing(work, events)
        folder = scratch / self.assignment.name
        names = [Path(f"{notebook.name}.ipynb") for notebook in self.assignment.notebooks]
        files = consistent_files(work.files, self.materials, names, events)
        write_files(folder, files)
        marks, executed = {}, {}
        for notebook in self.assignment.notebooks:
            name = notebook.name
            if (nb := notebooks.get(name)) is None:
                marks[name] = no_marks(notebook)
                continue
            at_this = {skip.cell: skip.trouble for skip in skipped if skip.notebook == name}
            _listen(events, name, say)
            executed[name] = self._executed(notebook, nb, work.student, folder, events, at_this)
            marks[name] = score(executed[name])
        outcome, reason = events.outcome()
        most, written = self.limits.result, dict[str, bytes]()
        too_large = sum(map(_least_size, executed.values())) > most
        if not too_large:
            written = {f"{name}.ipynb": _written(nb) for name, nb in executed.items()}
        if too_large or sum(map(len, written.values())) > most:
            events.note("the executed notebooks are larger than c.Limits.result, and not kept")
            executed = {
                notebook.name: self._empty(notebook)
                for notebook in self.assignment.notebooks
                if notebook.name in executed
            }
            written = {f"{name}.ipynb": _written(nb) for name, nb in executed.items()}
        autograded = {str(path): content for path, content in files.items()} | written
        result = Result(
            work.student,
            outcome,
            reason,
            marks=marks,
            autograded=autograded,
            busy=events.busy,
        )
        return result, executed

    def _give_up(self, request: GiveUp, say: Say) -> None:
        """Say what is known of a submission whose notebooks nobody can read, run or show."""
        work, events = request.work, Events(notes=list(request.work.notes))
        empty = {notebook.name: self._empty(notebook) for notebook in self.assignment.notebooks}
        handed_in = {name: nb for name, nb in empty.items() if name in work.notebooks}
        if (result := request.known) is None:
            files = consistent_files(
                work.files, self.materials, [Path(f"{name}.ipynb") for name in empty], events
            )
            events.trouble(request.trouble.cause, request.trouble.reason)
            _say_what_is_missing(work, events)
            outcome, reason = events.outcome()
            result = Result(
                work.student,
                outcome,
                reason,
                notes=tuple(events.notes),
                handed_in=work.handed_in,
                time_unclear=work.time_unclear,
                marks={
                    notebook.name: marks_found(notebook, request.points.get(notebook.name, {}))
                    if notebook.name in handed_in
                    else no_marks(notebook)
                    for notebook in self.assignment.notebooks
                },
                autograded={str(path): content for path, content in files.items()}
                | {f"{name}.ipynb": _written(nb) for name, nb in handed_in.items()},
                sandboxed=self.course.sandboxed,
                busy=events.busy,
            )
        say(Graded(result))
        events.notes.clear()
        say(Written(Pages(work.student, self._pages(work, result, handed_in, events))))

    def _empty(self, notebook: AssignmentNotebook) -> NotebookNode:
        """The notebook as it was released, saying that the student's is not shown."""
        nb = nbformat.v4.new_notebook()
        restore(nb, notebook, Events())
        nb.cells.insert(0, nbformat.v4.new_markdown_cell(NOT_SHOWN))
        nb.metadata.language_info = NotebookNode(name="python")
        return nb

    def _pages(
        self,
        work: Work,
        result: Result,
        executed: dict[str, NotebookNode],
        events: Events,
        plain: bool = False,
    ) -> dict[str, bytes]:
        """The pages of the notebooks that were executed, with the autograder's marks."""
        pages = {}
        for notebook in self.assignment.notebooks:
            if (nb := executed.get(name := notebook.name)) is not None:
                student = work.full_name or work.student
                marks = marks_to_show(result.marks[name], student, work.handed_in)
                page = self._page(nb, notebook, marks, events, plain)
                pages[f"{name}.html"] = page
        return pages

    def _write_pages(self, work: PageWork) -> Pages:
        """Write feedback pages anew; no cell is run."""
        pages, events = {}, Events()
        try:
            for notebook in self.assignment.notebooks:
                if (executed := work.executed.get(notebook.name)) is None:
                    continue
                # It was checked when it was executed; nbformat.reads would do that again.
                nb = nbformat.convert(nbformat.reader.reads(executed.decode()), 4)
                page = self._page(nb, notebook, work.marks[notebook.name], events)
                pages[f"{notebook.name}.html"] = page
        except Exception as error:
            return Pages(work.student, problem=f"{type(error).__name__}: {error}")
        return Pages(work.student, pages, "; ".join(events.notes))

    def _executed(
        self,
        notebook: AssignmentNotebook,
        nb: NotebookNode,
        student: str,
        folder: Path,
        events: Events,
        skipped: dict[str, Trouble],
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
            run_cells(nb, notebook, judge, kernel, events, skipped)
        return steps.run(steps.after_executing, self.course, nb, resources)

    def _page(
        self,
        nb: NotebookNode,
        notebook: AssignmentNotebook,
        marks: ShownMarks,
        events: Events,
        plain: bool = False,
    ) -> bytes:
        """The page of a notebook; one that cannot be made costs a note, and no marks."""
        if plain:
            return self.pages.plain_page(nb, notebook, marks)
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


def _say_what_is_missing(work: Work, events: Events) -> None:
    """Tell the teacher of notebooks that are not there."""
    for reason in work.missing:
        events.trouble(Cause.NOTEBOOK_MISSING, reason)


def _listen(events: Events, notebook: str, say: Say) -> None:
    """Say at which cell of a notebook a grading process is, and what its tests give."""

    def at(cell: str, tested: bool) -> None:
        say(At(Phase.TEST if tested else Phase.CELL, notebook, cell))

    events.on_cell = at
    events.on_score = lambda cell, points: say(Scored(notebook, cell, points))


def _least_size(nb: NotebookNode) -> int:
    """Bytes that the notebook's file has at least: each line of a text is one of the file, too.

    To write millions of empty lines takes a hundred times their memory.
    """
    return sum(len(cell.source) + LINE * cell.source.count("\n") for cell in nb.cells)


def _written(nb: NotebookNode) -> bytes:
    """The notebook as a file."""
    return nbformat.writes(nb).encode(errors="replace")
