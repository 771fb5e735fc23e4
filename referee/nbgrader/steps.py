"""Which of nbgrader's configured steps Referee takes itself, which it runs, which it refuses."""

from collections.abc import Callable
from contextlib import AbstractContextManager
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
from nbgrader.utils import setenv
from traitlets.utils.importstring import import_item

from referee.errors import RefereeError
from referee.nbgrader.course import Course

# What Referee does itself. A course's own kind of one of these would be ignored, so it is refused.
OURS = (
    ExecutePreprocessor,
    OverwriteCells,
    SaveAutoGrades,
    AssignLatePenalties,
)
DONE_HERE = {*OURS, Execute, CheckCellMetadata, ClearOutput, DeduplicateIds, OverwriteKernelspec}
HOOKS = ("pre_convert_hook", "post_convert_hook")
Step = Callable[[NotebookNode, dict[str, Any]], tuple[NotebookNode, dict[str, Any]]]


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
    kinds = []
    for step in steps:
        kind = import_item(step) if isinstance(step, str) else step
        name = f"{kind.__module__}.{kind.__qualname__}"
        theirs = kind not in DONE_HERE and not kind.__module__.startswith("referee.")
        if theirs and issubclass(kind, OURS):
            raise _refused(f"c.Autograde.{option}", f"has {name!r}")
        kinds.append(kind)
    return kinds


def _split(kinds: list[type], place: type) -> tuple[tuple[type, ...], tuple[type, ...]]:
    """The steps before and after the one whose place it is, less what Referee does itself."""
    at = next((n for n, kind in enumerate(kinds) if _stands_for(kind, place)), 0)
    mine = [kind in DONE_HERE or kind.__module__.startswith("referee.") for kind in kinds]
    before = tuple(kind for kind, own in list(zip(kinds, mine, strict=True))[:at] if not own)
    after = tuple(kind for kind, own in list(zip(kinds, mine, strict=True))[at:] if not own)
    return before, after


def _stands_for(kind: type, place: type) -> bool:
    names = {OverwriteCells: "RestoreCells", ExecutePreprocessor: "Execute"}
    return issubclass(kind, place) or (
        kind.__module__.startswith("referee.") and kind.__name__ == names[place]
    )


def _refused(option: str, what: str) -> RefereeError:
    return RefereeError(
        f"{option} {what}, which `referee grade` does not run. Take it out of nbgrader_config.py, "
        "or grade with `nbgrader autograde`."
    )


def autograding() -> AbstractContextManager[None]:
    """Say to the code of notebooks, as nbgrader does, that it is autograded."""
    saying: AbstractContextManager[None] = setenv(NBGRADER_EXECUTION="autograde")
    return saying


def unused_options(course: Course) -> list[str]:
    """Options of the course that have no effect on `referee grade`."""
    config = course.app.config
    sections = [name for name in ("Execute", "ExecutePreprocessor") if name in config]
    return [f"c.{section}.{option}" for section in sections for option in config[section]]
