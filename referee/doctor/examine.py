"""All that is looked at, in the order in which it is shown."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from traitlets.config import Config

from referee.batch.local import default_count
from referee.doctor.course import check_gradebook, check_wiring, open_course, own_checks
from referee.doctor.finding import PROBLEM, Finding
from referee.doctor.machine import (
    check_accounting,
    check_bubblewrap,
    check_confinement,
    check_cores,
    check_disk,
    check_memory,
    check_processor,
    check_python,
    check_socket_path,
    check_system,
)
from referee.model.limits import Limits
from referee.nbgrader.course import course_root
from referee.text import one_line


def examine(folder: Path) -> Iterator[Finding]:
    """All findings about this machine, and about the course that `folder` lies in, if any."""
    temporary = Path(tempfile.gettempdir())
    root = course_root(folder)
    course, finding = open_course(root)
    yield finding
    config = course.app.config if course else Config()
    limits = Limits(config=config)

    yield check("Python", check_python)
    yield check("system", check_system)
    yield check("cores", partial(check_cores, default_count(limits)))
    yield check("memory", partial(check_memory, limits.memory))
    if root:
        yield check("course folder", partial(check_disk, "course folder", root))
    yield check("temporary folder", partial(check_disk, "temporary folder", temporary))
    yield check("temporary folder's name", partial(check_socket_path, temporary))
    if course:
        yield from own_checks(course)
        yield check("gradebook", partial(check_gradebook, course))
        yield check("nbgrader", partial(check_wiring, config))
    if sys.platform == "linux":
        from referee.doctor.attempts import try_sandbox  # which looks at the kernel of Linux

        yield check("processor", check_processor)
        yield check("bubblewrap", check_bubblewrap)
        yield check("confinement", check_confinement)
        yield check("CPU time", check_accounting)
        yield from try_sandbox(config, root)


def check(name: str, look: Callable[[], Finding]) -> Finding:
    """The finding of a check, also when the check itself fails."""
    try:
        return look()
    except Exception as error:
        found = f"this could not be checked: {one_line(error)}"
        remedy = "This is a bug of Referee, or a machine that it does not know: please report it."
        return Finding(name, PROBLEM, found, remedy)
