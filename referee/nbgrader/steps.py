"""Which of nbgrader's configured steps Referee takes itself, which it runs, which it refuses."""

from dataclasses import dataclass
from typing import Any

from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    Execute,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from traitlets.utils.importstring import import_item

from referee.errors import RefereeError
from referee.nbgrader.config import AUTOGRADE, SANITIZE
from referee.nbgrader.course import Course
from referee.nbgrader.timeout import SECTIONS

# What Referee does itself. A course's own kind of one of these would be ignored, so it is refused.
OURS = (ExecutePreprocessor, OverwriteCells, SaveAutoGrades, AssignLatePenalties)
DONE_HERE = {*OURS, Execute, CheckCellMetadata, ClearOutput, DeduplicateIds, OverwriteKernelspec}
PLUGINS = "referee.plugins"  # what a configured course has in their place
STANDS_FOR = {SANITIZE[0]: OverwriteCells, AUTOGRADE[0]: ExecutePreprocessor}
HOOKS = ("pre_convert_hook", "post_convert_hook")


@dataclass(frozen=True)
class Steps:
    """A course's steps that Referee runs, by when: around restoring and around executing."""

    before_restoring: tuple[type, ...]
    before_executing: tuple[type, ...]
    after_executing: tuple[type, ...]

    @classmethod
    def of(cls, course: Course) -> "Steps":
        """Read them.

        Raises:
            RefereeError: there is one that Referee does not obey; the message names it.

        """
        autograde = Autograde(coursedir=course.directory, parent=course.app)
        for hook in HOOKS:
            if getattr(autograde, hook) is not None:
                raise _refused(f"c.Autograde.{hook}", "is set")
        sanitize = _kinds("sanitize_preprocessors", autograde.sanitize_preprocessors)
        execute = _kinds("autograde_preprocessors", autograde.autograde_preprocessors)
        first, second = _split(sanitize, OverwriteCells)
        third, fourth = _split(execute, ExecutePreprocessor)
        return cls(first, second + third, fourth)

    @staticmethod
    def run(
        kinds: tuple[type, ...], course: Course, nb: NotebookNode, resources: dict[str, Any]
    ) -> NotebookNode:
        """Run some of the steps on a notebook."""
        for kind in kinds:
            nb, resources = kind(parent=course.app)(nb, resources)
        return nb


def _kinds(option: str, steps: list[Any]) -> list[type]:
    try:
        kinds = [import_item(step) if isinstance(step, str) else step for step in steps]
    except ImportError as error:
        raise RefereeError(
            f"c.Autograde.{option} names a step that cannot be imported: {error}. Correct it in "
            "nbgrader_config.py; workers find what c.Workers.files lists."
        ) from error
    for kind in kinds:
        if issubclass(kind, OURS) and not _is_done_here(kind):
            raise _refused(f"c.Autograde.{option}", f"has {_name(kind)!r}")
    return kinds


def _split(kinds: list[type], place: type) -> tuple[tuple[type, ...], tuple[type, ...]]:
    """The steps before and after the one whose place it is, less what Referee does itself."""
    places = [issubclass(STANDS_FOR.get(_name(kind), kind), place) for kind in kinds]
    at = places.index(True) if True in places else 0
    before, after = (
        tuple(kind for kind in some if not _is_done_here(kind)) for some in (kinds[:at], kinds[at:])
    )
    return before, after


def _is_done_here(kind: type) -> bool:
    return kind in DONE_HERE or kind.__module__ == PLUGINS


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _refused(option: str, what: str) -> RefereeError:
    return RefereeError(
        f"{option} {what}, which `referee grade` does not run. Take it out of nbgrader_config.py, "
        "or grade with `nbgrader autograde`."
    )


def unused_options(course: Course) -> list[str]:
    """Options of the course that have no effect on `referee grade`."""
    config = course.app.config
    sections = [name for name in SECTIONS if name in config]
    return [
        f"c.{section}.{option}"
        for section in sections
        for option in config[section]
        if option != "timeout"
    ]
