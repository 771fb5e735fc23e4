"""What is read from the source of a notebook's cells about what they keep."""

import pytest

from referee.judge.kept_state import MOST, KeptState
from referee.notebook.definitions import needs_of

CELL = """
import numpy as np
def remembers(x, items=[]): items.append(x); return items
def hands_on(x, items={}): return fill(x, items)
def calls(x): return remembers(x)[0]
def looks(x, sizes=[1], start=np.zeros(3)): return [size for size in sizes if size > len(start)]
def counts():
    global total
    total += 1
def counts_from_nothing():
    global found
    found = 1 + globals().get("found", 0)
def memo(n):
    if n not in seen: seen[n] = n
    return seen[n]
def local(xs):
    found = []
    def add(x): found.append(x)
    for x in xs: add(x)
    return found
def closure():
    n = 0
    def step():
        nonlocal n
        n += 1
        return n
    return step
class Account:
    opened = 0
    def __init__(self, balance): Account.opened += 1; self.balance = balance
    def deposit(self, amount): self.balance += amount; return self.balance
class Point:
    def __init__(self, x): self.x = x
def put(things, name): things[name] = 1
def put_all(things, names):
    for name in names: put(things, name)
def larger(xs, n): return [x for x in xs if x > n] + list(map(abs, xs))
def count_up():
    yield 1
total, seen = 0, {}
step = closure()
account = Account(3)
numbers = iter("abc")
counted = count_up()
def read(): return list(counted)
"""
CHANGED = {
    "remembers(1)": {"remembers"},
    "hands_on(1)": {"hands_on"},
    "calls(1)": {"remembers"},
    "looks(1)": set(),
    "counts()": {"total"},
    "counts_from_nothing()": {"found"},
    "memo(1)": {"seen"},
    "local([1])": set(),
    "step()": {"closure"},
    "Account(1)": {"Account"},
    "assert account.deposit(1) == 4": {"Account", "account"},
    "Point(1)": set(),
    "next(numbers)": {"numbers"},
    "list(numbers)": {"numbers"},
    "read()": {"counted"},
    "put(seen, 1)": {"seen"},
    "put_all(things=seen, names=[1])": {"seen"},
    "larger(seen, total)": set(),
    "seen.clear()": {"seen"},
    "seen[1] = 2": {"seen"},
    "np.random.seed(1)\nx = [1]\nx.append(2)": set(),
}


@pytest.mark.parametrize(("test", "changed"), CHANGED.items(), ids=CHANGED)
def test_what_a_test_can_have_changed_is_found(test: str, changed: set[str]) -> None:
    state = KeptState()
    state.meet_cell(CELL)
    assert state.changed_by(test, state.reached_from(needs_of(test))) == changed


def test_what_a_cell_defines_anew_keeps_nothing_of_before() -> None:
    state = KeptState()
    state.meet_cell(CELL)
    assert state.meet_cell("def counts(): return 1") == {"counts"}
    assert state.changed_by("counts()", state.reached_from({"counts"})) == set()


@pytest.mark.parametrize(
    "source",
    ["def f(:", "(" * 5000, "\0", "a = '\ud800'", "x" * (MOST + 1), "+".join("a" * 40_000)],
    ids=["syntax", "parentheses", "null", "surrogate", "long", "deep"],
)
def test_what_cannot_be_read_keeps_nothing(source: str) -> None:
    state = KeptState()
    assert state.meet_cell(source) == set()
    assert state.changed_by("f()", {"f"}) == set()


def test_lines_of_ipython_do_not_hide_what_a_cell_keeps() -> None:
    state = KeptState()
    state.meet_cell("%matplotlib inline\n!ls\nlen?\n" + CELL)
    assert state.changed_by("counts()", state.reached_from({"counts"})) == {"total"}
