"""Files that a test writes, as objects of the student's code find them that have their names."""

from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

STUDENT = """
import os

class Log:
    def __init__(self, path):
        self.path = path

    def lines(self):
        return open(self.path).read().splitlines() if os.path.exists(self.path) else []

def is_there(): return [name for name in os.listdir('.') if name == 'expected.txt']
"""
WRITES = "with open({}, 'w') as file: file.write('a\\nb')\n"
RIGHT = {
    "changed after it was named": (
        "open('log.txt', 'w').write('x')\nlog = Log('log.txt')\nassert log.lines() == ['x']\n"
        + WRITES.format("'log.txt'")
        + "assert log.lines() == ['a', 'b']"
    ),
    "written after it was named": (
        "log = Log('new.txt')\nassert log.lines() == []\n"
        + WRITES.format("'new.txt'")
        + "assert log.lines() == ['a', 'b']"
    ),
    "deleted after it was named": (
        "import os\n"
        + WRITES.format("'old.txt'")
        + "log = Log('old.txt')\nassert log.lines()\nos.remove('old.txt')\nassert not log.lines()"
    ),
    "temporary": (
        "import tempfile\nwith tempfile.TemporaryDirectory() as folder:\n"
        "    log = Log(folder + '/log.txt')\n    "
        + WRITES.format("folder + '/log.txt'")
        + "    assert log.lines() == ['a', 'b']"
    ),
    "never named": WRITES.format("'expected.txt'") + "assert is_there() == []",
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("files")
    with StudentKernel(folder, Limits(call_cpu=3, call_wall=10, test_wall=10)) as kernel:
        notebook = Notebook(kernel, tmp_path_factory.mktemp("materials"))
        notebook.solution(STUDENT)
        yield notebook


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT)
def test_file_is_as_the_test_has_left_it(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""
