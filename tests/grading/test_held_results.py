"""What a test's functions return, as the student's code has it: the test's own, or a copy."""

from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.judge.held_results import MOST, is_held
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

STUDENT = """
import numpy as np

def drain(load):
    rows, out = load(), []
    while rows: out.append(rows.pop())
    return out

def mark(get): get()["seen"] = True
def double(get): np.multiply(get(), 2, out=get())
def to_first(get): get()[0].append(1)
def to_each(rows):
    for row in rows: row.append(0)
def to_all(store): store.all().append("x")
def is_same(get): return get() is get()
def is_argument(give, value): return give(value) is value
def added(f): return sum((f(np.ones(3)) for _ in range(300)), np.zeros(3))
"""
RIGHT = {
    "emptied": "rows = [1, 2]; assert drain(lambda: rows) == [2, 1] and rows == []",
    "a dict": "d = {}; mark(lambda: d); assert d == {'seen': True}",
    "an array": "import numpy as np\na = np.ones(2); double(lambda: a); assert a.sum() == 4",
    "in a list made anew": (
        "rows = [[], []]; to_first(lambda: [rows[0], 5]); assert rows == [[1], []]"
    ),
    "in a tuple": "pair = ([], []); to_first(lambda: pair); assert pair == ([1], [])",
    "of a generator": "rows = [[], []]; to_each(row for row in rows); assert rows == [[0], [0]]",
    "of an object of the test's": (
        "class Store:\n    def __init__(self): self.items = []\n"
        "    def all(self): return self.items\n"
        "store = Store(); to_all(store); to_all(store); assert store.items == ['x', 'x']"
    ),
    "of a Mock": (
        "from unittest.mock import Mock\nrows = []; to_all(Mock(**{'all.return_value': rows}))\n"
        "assert rows == ['x']"
    ),
    "one object": "keep = []; assert is_same(lambda: keep) and not is_same(lambda: [])",
    "an argument": "assert is_argument(lambda value: value, [1, [2]])",
    "made anew each time": "assert added(lambda x: x * 2).tolist() == [600, 600, 600]",
}
HELD = [[1], [2]]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("results")
    with StudentKernel(folder, Limits(call_cpu=3, call_wall=10, test_wall=10)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.solution(STUDENT)
        yield notebook


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT)
def test_result_of_a_test_s_function_is_what_the_test_has(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


def test_result_that_nothing_else_has_is_not_held() -> None:
    made = [[1], {"a": [2]}]
    assert not is_held(made)


def test_result_that_something_else_has_is_held() -> None:
    result = HELD
    assert is_held(result)


def test_result_with_a_part_that_something_else_has_is_held() -> None:
    made = [{"a": HELD[0]}]
    assert is_held(made)


def test_result_with_too_many_parts_is_not_held() -> None:
    many: list[list[int]] = [[] for _ in range(MOST + 1)]
    other = many
    assert not is_held(many) and other is many


def test_number_is_not_held() -> None:
    assert not is_held(10**6)
