"""What a teacher can do about a test that the master's own solution does not pass."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from referee.check.master import MasterNotebook
from referee.judge.names import Binding
from referee.judge.verdict import Verdict
from referee.model.limits import GIB, Limits

GUIDE = "docs/writing-tests.md"
NAME = re.compile(r"'(\w+)'")
PASSED = re.compile(r"^a test passes a (\w+) to the student's code")
ATTRIBUTE = re.compile(r"\(as '(\w+)' of a (\w+)\)$")
FILE = re.compile(r"'([^']+)'$")
TIME = re.compile(r"takes too (long|much)|took too (long|much)|more CPU time|waits for something")


@dataclass(frozen=True)
class Failure:
    """A test that has lost points with the master's own solution.

    `verdict` is None if it did not fail, and gave less on its last line. `passes_in_notebook` says
    whether it passes as stock nbgrader runs it, where that was tried.
    """

    cell: str
    points: float
    max_points: float
    verdict: Verdict | None
    passes_in_notebook: bool | None
    master: MasterNotebook
    assignment: str
    limits: Limits


def remedy(failure: Failure) -> str:
    """The first remedy that fits."""
    return next(text for rule in RULES if (text := rule(failure)))


def _of_last_line(failure: Failure) -> str:
    if failure.verdict is not None:
        return ""
    return (
        "A number on the last line of a test is its points. Correct it; or, if it is not meant so, "
        "end the cell with another line."
    )


def _of_what_tests_lack(failure: Failure) -> str:
    """A magic, a name of the notebook's kernel, or what would run code of the student's."""
    if _error(failure) != "NotInTests":
        return ""
    return f"{GUIDE}, 'What to watch for', says what a test can use, and what to write instead."


def _of_arguments(failure: Failure) -> str:
    found = PASSED.search(failure.verdict.message if failure.verdict else "")
    if _error(failure) != "TypeError" or found is None:
        return ""
    if attribute := ATTRIBUTE.search(failure.verdict.message if failure.verdict else ""):
        return (
            f"Pass a {attribute[2]} without the attribute {attribute[1]!r}, or with data in it. "
            f"{GUIDE}, 'Instances that a test passes', says what crosses with it."
        )
    return (
        f"Make the {found[1]} in an ordinary cell, under a name of its own, and pass it by that "
        f"name. {GUIDE}, 'What to watch for', says what else can be passed."
    )


def _of_syntax(failure: Failure) -> str:
    if _error(failure) not in ("SyntaxError", "IndentationError", "TabError"):
        return ""
    return (
        "A test cell is plain Python, with a few magics. Take out what is neither, or move it to "
        "an ordinary cell."
    )


def _of_names(failure: Failure) -> str:
    """A name that is not defined where the test runs."""
    if _error(failure) not in ("NameError", "Unprepared", "UnboundLocalError"):
        return ""
    found = NAME.search(failure.verdict.message if failure.verdict else "")
    name = found[1] if found else "the name"
    here = failure.master.number_of(failure.cell)
    places = failure.master.places.get(name, [])
    before = [place for place in places if place.number < here]
    if any(place.in_solution and place.how is Binding.IMPORT for place in before):
        return f"{name} is imported in a solution cell; import it in an ordinary one."
    if before:
        return f"{name} is defined by the cell {before[-1].cell!r}, which fails: correct it first."
    if places:
        return (
            f"{name} is defined by the cell {places[0].cell!r}, which comes later: move the test "
            "behind it."
        )
    for cell, line, source in failure.master.broken:
        if re.search(rf"\b{re.escape(name)}\b", source) and cell != failure.cell:
            return (
                f"The cell {cell!r}, in which {name} stands, has a syntax error in line {line}, so "
                "it defines nothing: correct it first."
            )
    return f"No cell of the master defines {name}: define it in the test, or before it."


def _of_modules(failure: Failure) -> str:
    if _error(failure) not in ("ModuleNotFoundError", "ImportError"):
        return ""
    found = NAME.search(failure.verdict.message if failure.verdict else "")
    name = found[1] if found else "the module"
    return (
        f"Install {name} in the environment that Referee runs in, or put {name}.py into "
        f"source/{failure.assignment}/."
    )


def _of_files(failure: Failure) -> str:
    if _error(failure) != "FileNotFoundError":
        return ""
    found = FILE.search(failure.verdict.message if failure.verdict else "")
    name = found[1] if found else "the file"
    return (
        f"Put {name} into source/{failure.assignment}/, or read it in an ordinary cell. A test "
        "reads files by the names that they have there."
    )


def _of_comparisons(failure: Failure) -> str:
    if _error(failure) != "NotComparable":
        return ""
    if failure.verdict and "inherits from" in failure.verdict.message:
        return (
            "Have the class inherit from classes of the notebook only, or define it in a function "
            "of a solution cell and have the test call that function."
        )
    if failure.verdict and "a provided cell computes" in failure.verdict.message:
        return "Have each test that uses it make its own, with the line of the provided cell."
    return (
        "Make the expected object after the result, or compare plain data: an attribute, a length. "
        f"{GUIDE}, 'Comparing objects', has examples."
    )


def _of_time(failure: Failure) -> str:
    said = failure.verdict.for_student + failure.verdict.message if failure.verdict else ""
    if TIME.search(said) is None:
        return ""
    limits = failure.limits
    return (
        f"Make the test smaller, or raise c.Limits.call_cpu ({limits.call_cpu:g} s for its calls) "
        f"or c.Limits.test_cpu ({limits.test_cpu:g} s for its own code) in nbgrader_config.py."
    )


def _of_memory(failure: Failure) -> str:
    if "MemoryError" not in _error(failure):
        return ""
    return (
        "Make the test smaller, or raise c.Limits.memory "
        f"({failure.limits.memory / GIB:g} GiB for a notebook) or c.Limits.test_memory "
        f"({failure.limits.test_memory / GIB:g} GiB for a test) in nbgrader_config.py."
    )


def _of_others(failure: Failure) -> str:
    """What no rule knows: whether it passes in the notebook tells on which side to look."""
    match failure.passes_in_notebook:
        case True:
            return (
                "It passes in the notebook itself, so the solution is right, and Referee cannot "
                f"judge this line. {GUIDE}, 'Line by line', says what to write instead."
            )
        case False:
            return "It fails in the notebook itself, too: correct the test or the solution."
    return (
        f"`referee check {shlex.quote(failure.assignment)}` tries whether it passes in "
        "the notebook itself, as with stock nbgrader."
    )


def _error(failure: Failure) -> str:
    """The name of the error, of the test's own or of the student's code."""
    return failure.verdict.name if failure.verdict else ""


RULES: tuple[Callable[[Failure], str], ...] = (
    _of_last_line,
    _of_what_tests_lack,
    _of_arguments,
    _of_syntax,
    _of_names,
    _of_modules,
    _of_files,
    _of_comparisons,
    _of_time,
    _of_memory,
    _of_others,
)
