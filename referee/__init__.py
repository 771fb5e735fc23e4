"""Referee: an autograder for Jupyter notebooks whose marks can be trusted.

The folders tell the story of one submission. `collect` finds it in submitted/ and reads it; `batch`
hands it to a worker; `grade` grades it, in a process of its own: `notebook` makes sense of the
file, `sandbox` starts a kernel, of which `inside` is the part in reach of student code, and `judge`
runs the tests against it, across the `boundary`. `feedback` writes the student's page, `record`
keeps the result, and `report` shows the marks. `nbgrader` is the adapter for the course and its
gradebook; `model` is the data that all of them share; `doctor` checks the machine.

The public API is `grade_notebook` and, for the configuration of a course, `configure`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from referee.grade.api import grade_notebook as grade_notebook
    from referee.nbgrader.config import configure as configure

__version__ = "0.3.0"
__all__ = ["__version__", "configure", "grade_notebook"]


def __getattr__(name: str) -> Any:
    """Load the public functions when they are used: kernels import this package too."""
    if name == "configure":
        from referee.nbgrader.config import configure

        return configure
    if name == "grade_notebook":
        from referee.grade.api import grade_notebook

        return grade_notebook
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
