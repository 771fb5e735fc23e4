"""The page about writing tests: each line that it says works does, and each that does not does not.

Rows are added to the page, and nothing here.
"""

import re
from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from referee.notebook.definitions import classes_in, methods_in
from tests.grading.test_judge import Notebook
from tests.support.guides import DOCS

PAGE = (DOCS / "writing-tests.md").read_text()
EXAMPLES = PAGE.split("## Line by line\n")[1].split("\n## ")[0]
WORKING, NOT_WORKING = EXAMPLES.split("### What does not work")
PROVIDED, SOLUTION = re.findall(r"^```python\n(.*?)^```$", EXAMPLES, re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(.+?)` \| (.+) \|$", re.MULTILINE)
WORKS = [line for line, _ in ROW.findall(WORKING)]
INSTEAD = [(line, *re.findall(r"`([^`]+)`$", rest)) for line, rest in ROW.findall(NOT_WORKING)]

pytestmark = pytest.mark.xdist_group("judge")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("page")
    with StudentKernel(folder, Limits(call_cpu=3, call_wall=5, test_wall=6)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.provided(PROVIDED)
        notebook.judge.meet_solution(classes=classes_in(SOLUTION), methods=methods_in(SOLUTION))
        assert notebook.solution(SOLUTION) == []
        yield notebook


def test_page_has_examples() -> None:
    rows = [line for line in EXAMPLES.splitlines() if line.startswith("| `")]
    assert len(rows) == len(WORKS) + len(INSTEAD)
    assert all(len(row) == 2 for row in INSTEAD), "each has something to write instead"


@pytest.mark.parametrize("line", WORKS)
def test_line_that_works_passes(notebook: Notebook, line: str) -> None:
    assert notebook.error(line) == ""


@pytest.mark.parametrize(("line", "instead"), INSTEAD, ids=[row[0] for row in INSTEAD])
def test_line_that_does_not_work_fails_and_another_passes(
    notebook: Notebook, line: str, instead: str
) -> None:
    assert notebook.error(line) != ""
    assert notebook.error(instead) == ""
