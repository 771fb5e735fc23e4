"""What a course needs to be graded: a configuration that works, and its own checks."""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from traitlets import List, Unicode
from traitlets.config import Config, Configurable

from referee.doctor.finding import OK, PROBLEM, WARNING, Finding
from referee.errors import RefereeError
from referee.nbgrader.config import AUTOGRADE, FEEDBACK, SANITIZE
from referee.nbgrader.course import CONFIG_NAME, SQLITE, Course
from referee.nbgrader.schema import shown_url
from referee.text import in_nfc, one_line

STEPS = {
    ("Autograde", "sanitize_preprocessors"): SANITIZE[0],
    ("Autograde", "autograde_preprocessors"): AUTOGRADE[0],
    ("GenerateFeedback", "preprocessors"): FEEDBACK[0],
}
WITHOUT_SANDBOX = {"nbgrader.preprocessors.Execute", "nbgrader.preprocessors.execute.Execute"}


class Doctor(Configurable):
    """Checks of a course's own; set in nbgrader_config.py as c.Doctor.checks."""

    checks = List(
        Unicode(),
        help="Checks of the course, as MODULE:FUNCTION, for modules beside nbgrader_config.py. A "
        "check gets the course's folder and returns a referee.doctor.finding.Finding.",
    ).tag(config=True)


def own_checks(course: Course) -> Iterator[Finding]:
    """What the course's own checks have found."""
    for check in Doctor(config=course.app.config).checks:
        module, _, function = check.partition(":")
        try:
            yield getattr(import_module(module), function)(course.root)
        except Exception as error:
            remedy = f"Correct c.Doctor.checks in {CONFIG_NAME}, or the check."
            yield Finding(check, PROBLEM, f"this check failed: {one_line(error)}", remedy)


def open_course(root: Path | None) -> tuple[Course | None, Finding]:
    """The course, or None and a finding that says why it cannot be opened."""
    if root is None:
        found = f"there is no {CONFIG_NAME} here or above: only the machine is checked"
        return None, Finding("course", WARNING, found, "Run this again in your course's folder.")
    try:
        return Course.open(root), Finding("course", OK, str(root))
    except (RefereeError, OSError) as error:
        remedy = f"Correct {root / CONFIG_NAME}."
        return None, Finding("course", PROBLEM, one_line(error), remedy)


def check_gradebook(course: Course) -> Finding:
    """Whether the gradebook can be read, and has the tables of this version of nbgrader."""
    path = Path(course.directory.db_url.removeprefix(SQLITE))
    if course.directory.db_url.startswith(SQLITE) and not path.exists():
        return Finding("gradebook", OK, f"{path} is not there yet; it is made with the release")
    try:
        with course.gradebook(only_read=True) as gradebook:
            twice = _there_twice([student.id for student in gradebook.students])
    except RefereeError as error:
        return Finding("gradebook", PROBLEM, one_line(error), "Do so, and run this again.")
    if twice:
        found = f"students are there twice, with letters stored in two ways: {', '.join(twice)}"
        remedy = (
            "Look at the marks of both; `nbgrader db student remove ID --force` removes one of "
            "them, with its marks."
        )
        return Finding("gradebook", WARNING, found, remedy)
    return Finding("gradebook", OK, shown_url(course.directory.db_url))


def _there_twice(students: list[str]) -> list[str]:
    """The names that several students have, as people read them."""
    counts = Counter(map(in_nfc, students))
    return sorted(name for name, count in counts.items() if count > 1)


def check_wiring(config: Config) -> Finding:
    """Whether nbgrader's own commands run submissions through Referee, and through nothing else.

    `referee grade` needs none of it.
    """
    steps = {place: {_name(step) for step in config[place[0]].get(place[1], [])} for place in STEPS}
    without = [
        f"c.{section}.{option} is without {STEPS[section, option]!r}"
        for (section, option), names in steps.items()
        if STEPS[section, option] not in names
    ]
    unsafe = [
        f"c.{section}.{option} has {step!r}, which uses no sandbox"
        for (section, option), names in steps.items()
        for step in sorted(WITHOUT_SANDBOX & names)
    ]
    remedy = f"Add to {CONFIG_NAME}: from referee import configure; configure(c)"
    if unsafe or 0 < len(without) < len(STEPS):
        return Finding("nbgrader", PROBLEM, "; ".join([*without, *unsafe]), remedy)
    if without:
        found = "nbgrader's own commands, formgrader's too, run submissions WITHOUT A SANDBOX"
        return Finding("nbgrader", WARNING, f"{found}: {'; '.join(without)}", remedy)
    return Finding("nbgrader", OK, f"{CONFIG_NAME} runs submissions through Referee")


def _name(step: Any) -> str:
    return step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"
