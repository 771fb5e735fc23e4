"""Solutions as plain Python files, and how they get into a notebook.

A solution file has sections, each headed `# %% CELL`, whose text replaces the source of the
notebook's cell with that id. `# %% from PATH` takes over all sections of another file (relative to
tests/); a section without text leaves the cell as it is in the notebook.
"""

import copy
import re
from pathlib import Path

import nbformat

TESTS = Path(__file__).parent.parent
BANK, COHORT = TESTS / "assignment/bank", TESTS / "assignment/cohort"
REPO = TESTS.parent
ASSIGNMENT = "optimization"
NOTEBOOK = f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
MASTER = REPO / "source" / NOTEBOOK
RELEASE = REPO / "release" / NOTEBOOK


def read_solution(path: Path) -> dict[str, str]:
    """The sections of a solution file: the new source of each cell, by the cell's id."""
    sections: dict[str, str] = {}
    for section in re.split(r"^# %% ", path.read_text(), flags=re.MULTILINE)[1:]:
        head, _, text = section.partition("\n")
        if head.startswith("from "):
            sections |= read_solution(TESTS / head.removeprefix("from ").strip())
        elif text.strip():
            sections[head.strip()] = text.strip("\n")
        else:
            sections.pop(head.strip(), None)
    return sections


def apply_solution(notebook: nbformat.NotebookNode, path: Path) -> nbformat.NotebookNode:
    """A copy of the notebook with the solution filled in, as a student would have saved it."""
    solved = copy.deepcopy(notebook)
    sections = read_solution(path)
    for cell in solved.cells:
        cell.source = sections.pop(cell.id, cell.source)
    if sections:
        raise ValueError(
            f"{path} has sections for cells that the notebook does not have: {', '.join(sections)}"
        )
    return solved


def write_submission(
    release: nbformat.NotebookNode, solution: Path, submitted: Path, student: str
) -> Path:
    """Write the notebook with the solution to submitted/STUDENT/optimization/."""
    path = submitted / student / NOTEBOOK
    path.parent.mkdir(parents=True)
    nbformat.write(apply_solution(release, solution), path)
    return path
