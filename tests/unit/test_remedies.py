"""What a teacher is told to do about a test that Referee cannot judge."""

from pathlib import Path

import nbformat
import pytest

from referee.check.master import MasterNotebook
from referee.check.remedies import Failure, remedy
from referee.judge.magics import NotInTests
from referee.judge.places import NotComparable
from referee.judge.verdict import Verdict
from referee.model.limits import Limits

REMEDIES = [
    (TypeError("a test passes a Pool to the student's code; only ..."), "Make the Pool in an"),
    (
        TypeError("a test passes a lock to the student's code; only ... (as 'key' of a Door)"),
        "without the attribute 'key'",
    ),
    (TypeError("unsupported operand"), "Referee cannot judge this line"),
    (
        NotComparable("the test defines a class that inherits from Square of ..."),
        "in a function of a solution cell",
    ),
    (NotComparable("the test looks into Log ..., which a provided cell computes"), "make its own"),
    (NotInTests("In is of the notebook's kernel"), "says what a test can use"),
]


@pytest.mark.parametrize(("error", "said"), REMEDIES)
def test_remedy_is_that_of_the_reason(error: Exception, said: str, tmp_path: Path) -> None:
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "master.ipynb")
    master = MasterNotebook(tmp_path / "master.ipynb")
    verdict = Verdict.on(error, [])
    failure = Failure("cell", 0, 1, verdict, True, master, "hw1", Limits())
    assert said in remedy(failure)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%matplotlib inline\ndef area(r) return r", "'code cell 1', in which area stands, has a"),
        ("# area\n%matplotlib inline", "No cell of the master defines area"),
        ("def other(r) return r", "No cell of the master defines area"),
    ],
)
def test_remedy_of_a_missing_name_knows_syntax_errors(
    source: str, said: str, tmp_path: Path
) -> None:
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "master.ipynb")
    verdict = Verdict.on(NameError("name 'area' is not defined", name="area"), [])
    master = MasterNotebook(tmp_path / "master.ipynb")
    failure = Failure("cell", 0, 1, verdict, True, master, "hw1", Limits())
    assert said in remedy(failure)
