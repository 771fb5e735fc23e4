"""The program that tests the hidden tests: what it makes of a right solution."""

from typing import Any

import pytest

from tests.support.solutions import BANK, read_solution
from tests.tools.mutants import is_wrong, mutants_of

SOLUTION = read_solution(BANK / "right/vectorised.py")


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # for `== 0` that became `is 0`
def test_mutants_are_the_same_each_time_and_of_many_kinds() -> None:
    made = [mutants_of(name, "vectorised", SOLUTION[name]) for name in ("dropout", "batchnorm")]
    again = [mutants_of(name, "vectorised", SOLUTION[name]) for name in ("dropout", "batchnorm")]
    assert made == again
    mutants = [mutant for some in made for mutant in some]
    assert len({mutant.source for mutant in mutants}) == len(mutants) > 200
    assert len({mutant.operator for mutant in mutants}) >= 25
    for mutant in mutants:
        compile(mutant.source, mutant.function, "exec")


def test_only_what_the_student_writes_is_changed_where_most_lines_are_given() -> None:
    source = "def multi_layer_network(X):\n    a = 1\n    ### BEGIN SOLUTION\n    b = 2\n"
    source += "    ### END SOLUTION\n    return a, b\n"
    for mutant in mutants_of("multi_layer_network", "reference", source):
        assert "a = 1\n" in mutant.source
        assert "return (a, b)" in mutant.source


def test_a_behaviour_is_wrong_by_value_and_by_error_and_not_by_rounding() -> None:
    right: list[Any] = [("value", 1.0, (), 0.5, [])]
    assert not is_wrong([("value", 1.0 + 1e-9, (), 0.5, [])], right, "relu")
    assert is_wrong([("value", 1.1, (), 0.5, [])], right, "relu")
    assert is_wrong([("error", True)], right, "relu")
