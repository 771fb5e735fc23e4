"""Grading one notebook for a program that has no batch."""

import os
import tempfile
from pathlib import Path

from referee.errors import RefereeError
from referee.feedback.pages import page_look
from referee.grade.graders import Graders
from referee.grade.server import ServerSettings
from referee.model.limits import Limits
from referee.model.work import Result, SubmittedFile, Work, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_assignment
from referee.nbgrader.package import pack
from referee.nbgrader.release import require_assignment
from referee.sandbox.bubblewrap import require_sandbox
from referee.sandbox.provisioner import SandboxProvisioner


def settings_of(course: Course) -> ServerSettings:
    """What is to be known of a course before its graders have loaded it, on the same machine."""
    kernels = SandboxProvisioner(parent=course.app)
    return ServerSettings(
        [os.fspath(path) for path in course.private_paths()],
        dict(kernels.environment),
        list(kernels.preload) if course.sandboxed else None,
    )


def grade_notebook(
    path: str | Path, assignment: str, *, course: str | Path = ".", student: str = "student"
) -> Result:
    """Grade a notebook by an assignment of a course, and return what became of it.

    Nothing is recorded: the marks are in the result, by notebook and cell, and so are the executed
    notebook and the feedback page. `path` is the notebook's file; in an assignment with several
    notebooks, its name says which one it is. `course` is a folder of the course.

    Raises:
        RefereeError: there is no such course, assignment or notebook, or no sandbox.

    """
    path, opened = Path(path), Course.open(Path(course).absolute())
    if opened.sandboxed:
        require_sandbox()
    require_assignment(opened, assignment)
    wanted = read_assignment(opened, assignment)
    names = [notebook.name for notebook in wanted.notebooks]
    if len(names) > 1 and path.stem not in names:
        raise RefereeError(
            f"{path.name} is no notebook of {assignment!r}, which has: {', '.join(names)}."
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefereeError(f"{path} cannot be read: {error.strerror}.") from error
    name = path.stem if path.stem in names else names[0]
    work = Work(student, {name: SubmittedFile(path.name, content)}, {})
    package = pack(opened, wanted, page_look(opened))
    with (
        tempfile.TemporaryDirectory(prefix="referee-") as folder,
        Graders(
            to_bytes(package), Path(folder), Limits(parent=opened.app), settings_of(opened)
        ) as graders,
    ):
        graders.wait()
        return graders.grade(to_bytes(work))
