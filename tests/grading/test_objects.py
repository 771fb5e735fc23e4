"""Objects, plots and files of a student's notebook, as test cells of other people use them.

The cells are in `cells/`, in the percent format: for each kind, the notebook's own, which is run
once, and test cells of which each has to pass, or must not. Some have a provided cell, too,
and modules beside the notebook.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from referee.notebook.definitions import classes_in, globals_read_in, methods_in
from tests.grading.test_judge import Notebook

CELLS = Path(__file__).parent / "cells"
PROVIDED = "import asyncio, dataclasses, inspect, math, os\nimport matplotlib.pyplot as plt"
KINDS = (
    *("objects", "plots", "instances", "settings", "subclasses", "exceptions", "library"),
    *("comparisons", "inherited"),
)

pytestmark = pytest.mark.xdist_group("judge")


def cells(kind: str) -> list[tuple[str, bool]]:
    """The test cells of a kind, each with whether it has to pass."""
    _, *texts = (CELLS / f"{kind}.ipy").read_text().split("\n# %%")
    return [(text.partition("\n")[2].strip(), not text.startswith(" [wrong")) for text in texts]


ALL = [(kind, *cell) for kind in KINDS for cell in cells(kind)]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("objects")
    for path in CELLS.glob("*_beside.py"):
        (folder / path.name).write_text(path.read_text())
    with StudentKernel(folder, Limits(call_cpu=5, call_wall=10, test_wall=12)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.provided(PROVIDED)
        for kind in KINDS:
            if (provided := CELLS / f"{kind}_provided.ipy").exists():
                notebook.provided(provided.read_text())
            source = (CELLS / f"{kind}_notebook.ipy").read_text()
            notebook.judge.meet_solution(
                reads=globals_read_in(source),
                classes=classes_in(source),
                methods=methods_in(source),
            )
            outputs = notebook.solution(source)
            assert not any(output.output_type == "error" for output in outputs)
        yield notebook


@pytest.mark.parametrize(
    ("kind", "source", "passes"), ALL, ids=[f"{kind}: {source}" for kind, source, _ in ALL]
)
def test_cell_passes_as_with_stock_nbgrader_and_no_more(
    notebook: Notebook, kind: str, source: str, passes: bool
) -> None:
    assert (notebook.error(source) == "") is passes, notebook.error(source)
