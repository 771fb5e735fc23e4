"""Grading one notebook for a program that has no batch."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from referee.errors import RefereeError
from referee.feedback.pages import page_look
from referee.grade.graders import Graders
from referee.grade.server import ServerSettings
from referee.model.assignment import Assignment, AssignmentNotebook
from referee.model.limits import Limits
from referee.model.work import Result, SubmittedFile, Work, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import gradable, read_assignment
from referee.nbgrader.package import pack
from referee.nbgrader.release import require_assignment
from referee.sandbox.bubblewrap import require_sandbox
from referee.sandbox.provisioner import SandboxProvisioner
from referee.text import in_nfc


def settings_of(course: Course, *, grades: bool = True) -> ServerSettings:
    """What is to be known of a course before its graders have loaded it, on the same machine."""
    kernels = SandboxProvisioner(parent=course.app)
    # Where it names the course's folder, it names the server's copy there, which is elsewhere.
    is_known = not any(os.fspath(course.root) in value for value in kernels.environment.values())
    return ServerSettings(
        [os.fspath(path) for path in course.private_paths()],
        grades,
        dict(kernels.environment),
        list(kernels.preload) if course.sandboxed and is_known else None,
    )


def _notebook_for(path: Path, assignment: Assignment) -> AssignmentNotebook:
    """The notebook of an assignment that a file is taken for.

    Raises:
        RefereeError: there are several, and none has its name.

    """
    named = {in_nfc(notebook.name): notebook for notebook in assignment.notebooks}
    if (found := named.get(in_nfc(path.stem))) is not None:
        return found
    if len(named) > 1:
        raise RefereeError(
            f"{path.name} is no notebook of {assignment.name!r}, which has: {', '.join(named)}."
        )
    return assignment.notebooks[0]


def grade_notebook(
    path: str | Path, assignment: str, *, course: str | Path = ".", student: str = "student"
) -> Result:
    """Grade a notebook by an assignment of a course, and return what became of it.

    Nothing is recorded: the marks are in the result, by notebook and cell, and so are the executed
    notebook and the feedback page. `path` is the notebook's file; in an assignment with several
    notebooks, its name says which one it is, and the result is about that one only. `course` is a
    folder of the course.

    Raises:
        RefereeError: there is no such course, assignment or notebook, or no sandbox.

    """
    path, opened = Path(path), Course.open(Path(course).absolute())
    if opened.sandboxed:
        require_sandbox()
    assignment = opened.spelt(assignment)
    require_assignment(opened, assignment)
    wanted = gradable(read_assignment(opened, assignment))
    notebook = _notebook_for(path, wanted)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefereeError(f"{path} cannot be read: {error.strerror}.") from error
    work = Work(student, {notebook.name: SubmittedFile(path.name, content)}, {})
    package = pack(opened, replace(wanted, notebooks=(notebook,)), page_look(opened))
    with (
        tempfile.TemporaryDirectory(prefix="referee-") as folder,
        Graders(
            to_bytes(package), Path(folder), Limits(parent=opened.app), settings_of(opened)
        ) as graders,
    ):
        graders.wait()
        return graders.grade(to_bytes(work))
