"""What a worker needs to know of a course: packed by the head, unpacked on any machine."""

import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from traitlets import List, Unicode
from traitlets.config import Configurable

from referee.errors import RefereeError
from referee.model.assignment import Assignment
from referee.nbgrader.course import CONFIG_NAME, SOURCE_OF_COPY, Course

NEEDED = "Graders have a copy of it: list the files of the course that it reads in c.Workers.files."


class Workers(Configurable):
    """What is sent to workers; set in nbgrader_config.py as c.Workers.files."""

    files = List(
        Unicode(),
        help="Files of the course that nbgrader_config.py needs, as patterns from its folder.",
    ).tag(config=True)


@dataclass(frozen=True)
class Package:
    """An assignment and all that grading it takes; `files` are the course's, by their path in it.

    `look` says what feedback pages are made with.

    There is nothing of any student in it, and no gradebook.
    """

    assignment: Assignment
    sandboxed: bool
    files: dict[str, bytes]
    look: str = ""

    def unpack(self, root: Path) -> Course:
        """Make a course of it in an empty folder, and open it.

        Raises:
            RefereeError: the configuration cannot be used there.

        """
        for name, content in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        try:
            course = Course.open_copy(root)
        except RefereeError as error:
            said = str(error).replace(f"{root}{os.sep}", "")
            raise RefereeError(f"Where submissions are graded, {said} {NEEDED}") from error
        return course if self.sandboxed else course.without_sandbox()


def pack(course: Course, assignment: Assignment, look: str = "") -> Package:
    """Pack the course for grading one of its assignments."""
    files = {CONFIG_NAME: (course.root / CONFIG_NAME).read_bytes()} | _needed_files(course)
    for _, file in _own_modules(course):
        files[os.fspath(file.relative_to(course.root))] = file.read_bytes()
    materials = course.materials(assignment.name)
    files |= {
        f"{SOURCE_OF_COPY}/{assignment.name}/{name}": content
        for name, content in _files(materials, materials)
        if not name.endswith(".ipynb")  # the master: workers have its tests already
    }
    return Package(assignment, course.sandboxed, files, look)


def course_files(course: Course, without: set[str]) -> dict[str, str]:
    """Hashes of the files that workers need, by path, and of modules in the course's folder.

    These are the modules that are imported by now, less some and those of an environment there.
    """
    needed = {name: _hash(content) for name, content in _needed_files(course).items()}
    for name, file in _own_modules(course):
        if name not in without:
            needed[name] = _hash(file.read_bytes())
    return needed


def _own_modules(course: Course) -> Iterator[tuple[str, Path]]:
    """Modules in the course's folder that are imported by now: those of nbgrader_config.py."""
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/")
        if file.is_relative_to(course.root) and not _is_installed(file, course.root):
            yield name, file


def _needed_files(course: Course) -> dict[str, bytes]:
    """What c.Workers.files lists."""
    return {
        name: content
        for pattern in Workers(parent=course.app).files
        for path in sorted(course.root.glob(pattern))
        for name, content in _files(path, course.root)
    }


def _is_installed(file: Path, root: Path) -> bool:
    """Whether a file belongs to an environment, or to Referee itself."""
    return "site-packages" in file.parts or file.is_relative_to(root / "referee")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _files(path: Path, root: Path) -> Iterator[tuple[str, bytes]]:
    """Contents by path from the root; links become what they lead to."""
    for place in sorted(path.rglob("*")) if path.is_dir() else [path]:
        hidden = any(part.startswith(".") or part == "__pycache__" for part in place.parts[-2:])
        if place.is_file() and not hidden:
            yield os.fspath(place.relative_to(root)), place.read_bytes()
