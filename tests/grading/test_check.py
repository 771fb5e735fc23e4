"""`referee check` and the rehearsal of `referee grade`: the master is tried before students."""

import json
from typing import Any

import pytest

from tests.support.toy import NAME, ToyCourse, by_hand, make_toy, solution, test

pytestmark = pytest.mark.xdist_group("check")

BEGIN, END = "### BEGIN SOLUTION\n", "\n### END SOLUTION"
SOLUTION = """
import statistics as stats
class Dog:
    def __init__(self, name): self.name = name
    def __eq__(self, other): return self.name == other.name
def made(): return Dog(1)
def f(x): return x * x
def memory(): return "x" * 50_000_000
"""
# Test cells that lose points with the solution: the cell, its line, and a part of its remedy.
BROKEN = {
    "later": ("x = 1\nassert later == 3", 2, "later is defined by the cell 'last'"),
    "nowhere": ("assert nowhere == 3", 1, "No cell of the master defines nowhere"),
    "wrong": ("assert f(3) == 10", 1, "It fails in the notebook itself, too"),
    "unreadable": ("assert f(3) == 9\nassert f(3) is is 9", 2, "A test cell is plain Python"),
    "objects": ("rex = Dog(1)\nassert [made()] < [rex]", 2, "or compare plain data"),
    "file": ("assert open('data.csv').read()", 1, f"Put data.csv into source/{NAME}/"),
    "module": ("import no_such_module", 1, "Install no_such_module"),
    "partial": ("1 * (f(1) == 1) / 2", 1, "A number on the last line of a test is its points"),
}
FREE = {
    "free": ("assert 1 + 1 == 2", "whatever a student does"),
    "too-mild": ("try:\n    f(1)\nexcept NameError:\n    pass", "before a student has written"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course with a master that is not sound."""
    master = [
        solution("first", BEGIN + SOLUTION + END),
        *(test(name, source, 1) for name, (source, _, _) in BROKEN.items()),
        *(test(name, source, 1) for name, (source, _) in FREE.items()),
        test("practice", "assert f(3) == 9\nassert f(4) == 17", 0),
        test("right", "assert f(3) == 9, 'f: the square is wrong. Look at the exponent.'", 1),
        solution("last", BEGIN + "later = 3" + END),
        by_hand("essay", 4),
    ]
    return make_toy(tmp_path_factory.mktemp("check") / "broken", master=master)


@pytest.fixture(scope="module")
def found(broken: ToyCourse) -> dict[str, Any]:
    """What the check finds, as JSON."""
    return json.loads(broken.run("referee", "check", NAME, "--json", code=1))


@pytest.mark.parametrize("cell", BROKEN)
def test_lost_points_are_told_with_line_and_remedy(found: dict[str, Any], cell: str) -> None:
    (lost,) = [each for each in found["lost"] if each["cell"] == cell]
    _, line, remedy = BROKEN[cell]
    assert (lost["notebook"], lost["line"]) == (NAME, line)
    assert remedy in lost["remedy"], lost
    assert lost["points"] == (0.5 if cell == "partial" else 0) and lost["max_points"] == 1


@pytest.mark.parametrize("cell", FREE)
def test_points_for_nothing_are_told(found: dict[str, Any], cell: str) -> None:
    (given,) = [each for each in found["given_away"] if each["cell"] == cell]
    assert FREE[cell][1] in given["reason"]


def test_test_without_points_that_fails_is_told_with_line_and_remedy(
    found: dict[str, Any],
) -> None:
    (failing,) = found["failing"]
    assert (failing["cell"], failing["line"], failing["max_points"]) == ("practice", 2, 0)
    assert "It fails in the notebook itself, too" in failing["remedy"]


def test_nothing_else_is_found_fault_with(found: dict[str, Any]) -> None:
    assert {each["cell"] for each in found["lost"]} == set(BROKEN)
    assert {each["cell"] for each in found["given_away"]} == set(FREE)
    assert (found["is_sound"], found["points"], found["max_points"]) == (False, 3.5, 11)


def test_what_humans_mark_and_what_cells_take_is_listed(found: dict[str, Any]) -> None:
    assert found["by_hand"] == [{"notebook": NAME, "cell": "essay", "points": 4}]
    assert {"first", "right"} < {each["cell"] for each in found["used"]}
    seconds = [each["seconds"] for each in found["used"]]
    assert seconds == sorted(seconds, reverse=True)


def test_messages_are_looked_at(found: dict[str, Any]) -> None:
    remarks = {each["cell"]: each["remarks"] for each in found["messages"]}
    assert remarks["right"] == [] and remarks["wrong"][0]["line"] == 1


def test_students_are_not_graded_by_a_master_that_loses_points(broken: ToyCourse) -> None:
    broken.submit("ada", {"first": SOLUTION})
    result = broken.completed("referee", "grade", NAME)
    assert result.returncode == 1
    assert f"{NAME}: wrong, line 1 loses 1 of 1 points" in result.stdout
    assert "loses 7.5 of 11 points" in result.stderr and "--unchecked" in result.stderr
    assert broken.scores()["ada"]["status"] == "pending"

    assert "was not tried (--unchecked)" in broken.grade()
    assert broken.scores()["ada"]["status"] != "pending"


def test_master_is_tried_once_for_each_version(broken: ToyCourse) -> None:
    tried = "The master's own solution has all"
    course = make_toy(broken.root.parent / "sound")
    course.submit("ada", {})
    course.submit("bob", {})
    assert f"{tried} 10 points" in course.run("referee", "grade", NAME)
    assert tried not in course.run("referee", "grade", NAME, "--force")
    assert set(course.scores()) == {"ada", "bob"}, "the master is no student"
    assert not (course.root / "autograded/source").exists()

    checked = course.run("referee", "check", NAME)
    assert f"{NAME} is sound." in checked and "has 10 of 10 points" in checked
    master = course.root / "source" / NAME / f"{NAME}.ipynb"
    master.write_text(master.read_text().replace("return 2 * x", "return x + x"))
    assert tried in course.run("referee", "grade", NAME, "--force"), "a solution has changed"
