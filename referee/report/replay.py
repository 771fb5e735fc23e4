"""A notebook with which a teacher repeats by hand what made a test fail.

It has the student's cells up to the test, the call that led to the failure, and the test itself. It
quotes hidden tests, and it runs the student's code without a sandbox: both are said in it.
"""

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from referee.errors import RefereeError
from referee.judge.names import bindings
from referee.nbgrader.course import Course
from referee.notebook.syntax import syntax_tree
from referee.report.places import require_teachers_place
from referee.report.reasons import (
    QuestionReasons,
    Reason,
    StudentReasons,
    executed_folder,
    read_executed,
)

HEAD = """# {student}, {question}: {points:g} of {max_points:g} points

**For teachers only.** This notebook has hidden tests and the values that they use. Do not give it \
to students.

**It runs the student's code without a sandbox**, with all that you can do on this machine. Read \
the code first.

Graded {graded_at} with {versions}. Results can differ with other versions.
"""
CALL = "## The call that led to the failure of `{cell}`\n\nWhen it was graded, it {outcome}"
CUT = (
    "## The call that led to the failure of `{cell}`\n\nNot all of its arguments were kept. The "
    "test below makes it again:\n\n{call}"
)
TEST = "## The test `{cell}`\n\n**Hidden from students, in full or in part.**"


def write_replay(
    course: Course, found: StudentReasons, question: QuestionReasons, path: Path
) -> None:
    """Write the notebook.

    Raises:
        RefereeError: nothing has failed, or the file is there already, or students could get it.

    """
    tests = [reason for reason in question.reasons if reason.failed or reason.explanation]
    if not tests:
        raise RefereeError(
            f"no test of {question.label} {question.name} has failed: there is nothing to replay."
        )
    require_teachers_place(course, path, ".ipynb", "hidden tests")
    if path.exists() or path.is_symlink():
        raise RefereeError(f"{path} exists. Remove it, or use another name.")
    nb = read_executed(course, found.assignment, found.student, question.notebook)
    folder = executed_folder(course, found.assignment, found.student)
    cells = [*_head(found, question, folder), *_cells(nb, tests)]
    replay = nbformat.v4.new_notebook(cells=cells)
    replay.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    path.write_text(nbformat.writes(replay))


def _head(found: StudentReasons, question: QuestionReasons, folder: Path) -> Iterator[NotebookNode]:
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    yield nbformat.v4.new_markdown_cell(
        HEAD.format(
            student=found.student,
            question=f"{question.label} {question.title}",
            points=question.points,
            max_points=question.max_points,
            graded_at=found.graded_at,
            versions=versions or "an earlier version of Referee",
        )
    )
    yield _code(
        "import base64\nimport os\nimport random\nimport sys\n\nimport numpy as np\n"
        "from numpy import inf, nan\n\n"
        "# The student's files and those of the assignment are here.\n"
        f"os.chdir({str(folder)!r})\nsys.path.insert(0, os.getcwd())"
    )


def _cells(nb: NotebookNode, tests: list[Reason]) -> Iterator[NotebookNode]:
    """The student's cells, and behind those that come before it, each failed test."""
    reasons = {reason.cell: reason for reason in tests}
    last = max(place for place, cell in enumerate(nb.cells) if _name(cell) in reasons)
    earlier: list[NotebookNode] = []  # tests, from which later ones can have names
    for cell in nb.cells[: last + 1]:
        reason = reasons.get(_name(cell))
        if reason is not None:
            yield from _replayed(reason, cell, earlier)
        if cell.cell_type != "code":
            continue
        if _is_test(cell):
            earlier.append(cell)
        else:
            yield _code(cell.source)


def _replayed(
    reason: Reason, cell: NotebookNode, earlier: list[NotebookNode]
) -> Iterator[NotebookNode]:
    call = reason.explanation.call if reason.explanation is not None else None
    if call is not None and call.source:
        outcome = "raised" if call.raised else "returned"
        outcome = f"{outcome}:\n\n{_quoted(call.raised or call.returned)}"
        outcome = f"had no answer: {call.lost}." if call.lost else outcome
        yield _text(CALL.format(cell=reason.cell, outcome=outcome))
        yield _code("\n".join(filter(None, [call.prepare, call.source])))
    elif call is not None:
        yield _text(CUT.format(cell=reason.cell, call=_quoted(call.call)))
    yield _text(TEST.format(cell=reason.cell))
    for needed in _needed(cell, earlier):
        yield _code(needed.source)
    yield _code(cell.source)


def _needed(cell: NotebookNode, earlier: list[NotebookNode]) -> list[NotebookNode]:
    """The earlier tests that bind names which a test uses and does not bind itself."""
    used = {
        node.id
        for node in ast.walk(_parsed(cell.source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    used -= _bound(cell.source)
    return [other for other in earlier if used & _bound(other.source)]


def _parsed(source: str) -> ast.Module:
    """The code of a test; nothing, where it is not plain Python."""
    try:
        return syntax_tree(source)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _bound(source: str) -> set[str]:
    return set(bindings(source)) if _parsed(source).body else set()


def _name(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _is_test(cell: NotebookNode) -> bool:
    about = cell.metadata.get("nbgrader", {})
    return bool(about.get("grade") and not about.get("solution"))


def _quoted(text: str) -> str:
    """A text of the student's, as a block of code: nothing in it is Markdown."""
    return textwrap.indent(text, "    ", lambda _: True)


def _text(source: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source)


def _code(source: str) -> NotebookNode:
    """A cell of code; if it fails, the cells below it run all the same."""
    return nbformat.v4.new_code_cell(source, metadata={"tags": ["raises-exception"]})
