"""Running the cells of a submission in their order: student code in a sandbox, tests outside it."""

import re
import time
from collections.abc import Mapping
from types import MappingProxyType

from nbformat import NotebookNode

from referee.grade.explanations import ExplanationRoom, begin
from referee.grade.kernel import StudentKernel
from referee.grade.outputs import leave_out_slow_drawings
from referee.judge.cells import TestCell
from referee.judge.judge import Judge
from referee.judge.names import bindings
from referee.judge.verdict import Verdict
from referee.model.assignment import AssignmentCell, AssignmentNotebook
from referee.model.events import Events
from referee.model.outcomes import Outcome, Trouble
from referee.model.work import CellTime
from referee.nbgrader.scoring import points_of
from referee.notebook.definitions import definitions_in, values_in
from referee.notebook.restore import is_skipped

NOTHING: Mapping[str, Trouble] = MappingProxyType({})
WORD = re.compile(r"[^\W\d]\w*")


def run_cells(
    nb: NotebookNode,
    notebook: AssignmentNotebook,
    judge: Judge,
    kernel: StudentKernel,
    events: Events,
    skipped: Mapping[str, Trouble] = NOTHING,
) -> None:
    """Run the cells of a restored notebook, by what its assignment says they are.

    `events` get the times that they took. `skipped` cells are not run, for these reasons; a
    student's own cells that are tagged so are not, either. Why tests failed is kept in the metadata
    of their cells.
    """
    judge.follow(notebook.cells)
    begin(nb)
    room = ExplanationRoom()
    known = {cell.name: cell for cell in notebook.cells}
    code = [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]
    code = [cell for cell in code if not is_skipped(cell)]
    words_after = _words_after(code, known)
    cpu = kernel.cpu_seconds()
    for number, cell in enumerate(code, start=1):
        cell.execution_count = number
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        name = grade_id or f"own cell {number}"
        start, cpu_before = time.monotonic(), cpu
        ours = known.get(grade_id)  # None for a student's own cell, which could be anywhere
        tested = ours is not None and ours.tested
        events.on_cell(name, tested)
        if name in skipped:
            trouble = skipped[name]
            events.trouble(trouble.cause, f"{name} was stopped: {trouble.reason}")
            why = (
                trouble.reason if trouble.outcome is Outcome.OUT_OF_TIME else "it cannot be graded"
            )
            cell.outputs = [Verdict.stopped(f"this cell was stopped: {why}").to_output()]
        elif ours is not None and ours.tested:
            cell.source = ours.source
            cell.outputs = kernel.judge(TestCell.of(ours), judge)
            if (explanation := events.explanations.pop(ours.name, None)) is not None:
                room.keep(cell, explanation)
            _lend_names(ours, words_after[number], kernel)
        else:
            judge.meet_in_kernel(cell.source)
            cell.outputs = kernel.run(cell.source, name)
        if tested:
            events.on_score(name, points_of(cell))
        cpu = kernel.cpu_seconds()
        seconds, cpu_seconds = time.monotonic() - start, cpu - cpu_before
        memory = kernel.take_most_memory()
        events.cells.append(CellTime(name, round(seconds, 3), round(cpu_seconds, 3), memory))
    leave_out_slow_drawings(output for cell in code for output in cell.outputs)


def _words_after(
    code: list[NotebookNode], known: Mapping[str, AssignmentCell]
) -> list[frozenset[str]]:
    """For each number of cells: the words of those after them that run in the kernel."""
    words = [frozenset[str]()]
    for cell in reversed(code):
        ours = known.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        own = () if ours is not None and ours.tested else WORD.findall(cell.source)
        words.append(words[-1].union(own))
    return words[::-1]


def _lend_names(test: AssignmentCell, used_later: frozenset[str], kernel: StudentKernel) -> None:
    """Run in the kernel what a test imports, defines and assigns, where a later cell uses it.

    Students have run the test, less its hidden part, before they wrote that cell.
    """
    definitions = definitions_in(test.released)
    if used_later & bindings(definitions).keys():
        kernel.run(definitions, test.name)
    if values := values_in(test.released, used_later):
        kernel.run(values, test.name)
