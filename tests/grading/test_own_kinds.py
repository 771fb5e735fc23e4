"""Kinds of values that a course has added, as the page about writing tests says."""

import re
import sys
from collections.abc import Iterator

import pytest
from traitlets.config import Config

from referee.errors import RefereeError
from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from referee.sandbox.own_kinds import add_own_kinds
from tests.grading.test_judge import Notebook
from tests.support.guides import DOCS

PAGE = (DOCS / "writing-tests.md").read_text()
SECTION = PAGE.split("### Values of other libraries\n")[1].split("\n## ")[0]
KINDS, CONFIGURATION = re.findall(r"^```python\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
STUDENT = """
from statistics import NormalDist
def grades(): return NormalDist(2.0, 0.5)
def wider(dist): return NormalDist(dist.mean, 2 * dist.stdev)
class Agrees(NormalDist):
    def __eq__(self, other): return True
def agrees(): return Agrees(1, 1)
def odd():
    made = NormalDist()
    made._mu = "__import__('os')"
    return made
"""

pytestmark = pytest.mark.xdist_group("judge")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder, work = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("submission")
    (folder / "kinds.py").write_text(KINDS)
    sys.path.insert(0, str(folder))
    config = Config()
    exec(CONFIGURATION, {"c": config})
    with StudentKernel(work, Limits(call_cpu=3, call_wall=5), config) as kernel:
        notebook = Notebook(kernel, work)
        notebook.provided("from statistics import NormalDist")
        assert notebook.solution(STUDENT) == []
        yield notebook
    sys.path.remove(str(folder))


@pytest.mark.parametrize(
    "source",
    [
        "assert grades() == NormalDist(2.0, 0.5) and type(grades()) is NormalDist",
        "assert grades() != NormalDist(2.0, 0.6) and grades().cdf(2) == 0.5",
        "assert wider(NormalDist(1.0, 1.0)) == NormalDist(1.0, 2.0)",
    ],
)
def test_value_of_an_own_kind_crosses_as_itself(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


@pytest.mark.parametrize(
    "source",
    [
        "assert grades() != NormalDist(2.0, 0.5)",
        "assert agrees() == NormalDist(7.0, 1.0)",
        "assert NormalDist(7.0, 1.0) == agrees()",
        "assert odd().mean",
    ],
)
def test_nothing_else_is_taken_for_one(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) != ""


@pytest.mark.parametrize("name", ["kinds", "no_such_module:ValueKind", "os:ValueKind", "os:getcwd"])
def test_name_of_no_kind_says_what_to_correct(name: str) -> None:
    with pytest.raises(RefereeError, match=r"c\.SandboxProvisioner\.kinds has '.*Correct it"):
        add_own_kinds([name])
