"""Objects of the student's that one test cell makes and another one uses, as nbgrader has it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from nbformat import NotebookNode

from referee.grade.kernel import StudentKernel
from referee.judge.cells import TestCell
from referee.judge.earlier_tests import MOST_REPEATED
from referee.judge.judge import Judge
from referee.model.limits import Limits
from referee.notebook.definitions import defined_in, globals_read_in
from tests.grading.test_judge import IMPORTS

pytestmark = pytest.mark.xdist_group("judge")

STACK = """
class Stack:
    def __init__(self, items=()): self.items = list(items)
    def push(self, item): self.items.append(item)
    def pop(self): return self.items.pop()
    def __len__(self): return len(self.items)
"""
QUEUE_FOR_STACK = STACK.replace("pop()", "pop(0)")
TWO_FACED = """
import os
class Bag:
    def size(self):
        if os.path.exists("/tmp/asked"): return 0
        open("/tmp/asked", "w").close()
        return 5
    def count(self): return 0
"""
WORK = """
import time
def work():
    begin = time.process_time()
    while time.process_time() < begin + 1.6: pass
"""
WALK = """
class Walk:
    at = 0.0
    def step(self):
        self.at += np.random.normal()
        return self.at
"""
GENERATOR = "def count_up(n):\n    while True:\n        yield n\n        n += 1"
PLOT = """
import matplotlib.pyplot as plt
def plot(x):
    axes = plt.subplots()[1]
    axes.plot(x, x ** 2)
    return axes
"""

PLOT_IN_THE_CURRENT_ONE = """
import matplotlib.pyplot as plt
def plot(x):
    plt.plot(x)
    return plt.gca()
"""

# A right solution, and tests of which each uses what others have made.
TESTS = {
    "a class that inherits from the student's": (
        STACK,
        [
            "class Loud(Stack):\n    def push(self, item):\n        super().push(item.upper())\n"
            "loud = Loud()\nloud.push('a')\nassert loud.pop() == 'A'",
            "assert len(loud) == 0 and len(Loud(['b'])) == 1",
            "class Louder(Loud):\n    def push(self, item):\n        super().push(item + '!')\n"
            "louder = Louder()\nlouder.push('a')\nassert louder.pop() == 'A!'",
            "assert isinstance(louder, Loud) and issubclass(Louder, Stack)",
        ],
    ),
    "what a function remembers": (
        "from functools import lru_cache\n@lru_cache\ndef square(n): return n * n",
        [
            "assert square(3) == 9 == square(3)",
            "assert square.cache_info().hits == square.cache_info().misses == 1",
            "square.cache_clear()",
            "assert square.cache_info().currsize == 0",
        ],
    ),
    "used by the next test": (STACK, ["s = Stack()\ns.push(1)", "assert s.pop() == 1"]),
    "a figure, which is not the current one of the next test": (
        PLOT_IN_THE_CURRENT_ONE,
        ["a = plot([1])", "b = plot([2])\nassert a is not b and len(a.lines) == len(b.lines) == 1"],
    ),
    "changed by the tests between": (
        STACK,
        ["s = Stack()", "s.push(1)", "s.push(2)", "assert s.items == [1, 2]", "s.pop()"],
    ),
    "one in a list, in an item and in a second name": (
        STACK,
        [
            "both = [Stack(), Stack([4])]\nlast = both[1]",
            "last.push(5)",
            "assert both[1].items[1] == 5",
        ],
    ),
    "made of one that an earlier test has made": (
        STACK,
        ["s = Stack([1])", "t = Stack([s, s])", "t.pop().push(2)", "assert len(t.pop()) == 2"],
    ),
    "used by a function of a test": (
        STACK,
        ["s = Stack()\ndef twice(x): s.push(x); s.push(x)", "twice(3)", "assert s.items == [3, 3]"],
    ),
    "made anew under its name": (
        STACK,
        ["s = Stack([1])", "s = Stack([2])\ns.push(3)", "assert s.items == [2, 3]"],
    ),
    "beside data that another test changes": (
        STACK,
        ["log, s = [], Stack()", "log.append(len(s))", "log.append(len(s))\nassert log == [0, 0]"],
    ),
    "beside data that has another value by now": (
        STACK,
        ["n = 1\ns = Stack([n])", "n = 5", "assert s.pop() == 1 and n == 5"],
    ),
    "made of data that has another value by now": (
        STACK,
        ["n = 1", "s = Stack([n])", "n = 5", "s.push(n)", "n = 7", "assert s.items == [1, n - 2]"],
    ),
    "made by a test that changes data of another": (
        STACK,
        [
            "log, calls, more = [], 0, []",
            "s = Stack()\nlog.append(1)\ncalls += 1\nmore += [1]\nassert log == more == [calls]",
            "s.push(1)\nassert log == more == [calls]",
            "assert len(s) == 1 and log == more == [calls]",
        ],
    ),
    "beside data that a test without it changes": (
        STACK,
        [
            "log, s = [], Stack()",
            "log.append(1)",
            "s.push(log[-1])\nlog.append(2)\nassert len(log) == 2",
        ]
        + ["assert s.items == [1] and log == [1, 2]"] * 2,
    ),
    "beside data that a function of an earlier test reads": (
        STACK,
        [
            "n = 1\ndef get(): return n\ns = Stack()",
            "n = 5",
            "assert len(s) == 0 and get() == n == 5",
        ],
    ),
    "made by a test that passes copies": (
        STACK + "def fill(x): x.append(1)",
        ["# referee: pass copies\ns = Stack()", "x = []\nfill(x)\nassert len(s) == 0 and x == [1]"],
    ),
    "with the time of each test": (
        STACK + WORK,
        ["s = Stack()\nwork()", "work()\nassert len(s) == 0"],
    ),
    "a generator": (
        GENERATOR,
        ["g = count_up(3)\nassert next(g) == 3", "assert next(g) == 4", "assert next(g) == 5"],
    ),
    "a figure": (
        PLOT,
        ["axes = plot(np.arange(3))", "(line,) = axes.lines", "assert line.get_ydata()[2] == 4"],
    ),
    "with the random numbers of its test": (
        WALK,
        [
            "np.random.seed(3)\nw = Walk()\nfirst = w.step()",
            "assert w.at == first and np.random.normal() != first",
            "assert w.step() != first\nnp.random.seed(3)\nassert np.random.normal() == first",
        ],
    ),
    "with the random numbers of Python that follow those of its test": (
        "def walk():\n    while True: yield random.random()",
        [
            "random.seed(3)\nw = walk()\nfirst = next(w)",
            "second = next(w)\nrandom.seed(3)\nassert [first, second] == [next(w), next(w)]",
        ],
    ),
    "that grows, and has told its length before": (
        STACK + "    def __iter__(self): return iter(self.items)",
        ["s = Stack([1])\nassert len(s) == 1\ns.push(2)", "assert list(s) == [1, 2]"],
    ),
}
# A wrong solution, or tests that need what is not there: which of the tests fail.
FAILING = {
    "one that a test which fails sets an attribute of": (
        STACK,
        [
            "s = Stack([1])",
            "import pytest\nwith pytest.raises(AttributeError):\n    s.items = [5]",
            "assert s.items == [5]",
            "assert s.items == [1]",
        ],
        [1, 3],
    ),
    "wrong at what a test before has done": (
        QUEUE_FOR_STACK,
        ["s = Stack([1, 2])", "assert s.pop() == 2", "assert s.items == [1]"],
        [1, 2],
    ),
    "the test that makes it fails before": (
        STACK,
        ["assert Stack([1]).pop() == 2\ns = Stack()", "assert len(s) == 0"],
        [0, 1],
    ),
    "the test that makes it fails afterwards": (
        STACK,
        ["s = Stack([1])\nassert s.pop() == 2", "assert len(s) == 0"],
        [0],
    ),
    "the test that fills a list fails, and another finds none": (
        STACK,
        ["s, sizes = Stack(), []\nassert s.pop is None\nsizes.append(len(s))", "assert not sizes"],
        [0, 1],
    ),
    "the test that makes it fails afterwards, with an exception of pytest's": (
        STACK,
        [
            "import pytest\ns = Stack([1])\nwith pytest.raises(IndexError): s.pop()",
            "assert not s.items",
        ],
        [0],
    ),
    "says otherwise when it is asked again": (
        TWO_FACED,
        ["b = Bag()\nn = b.size()\nassert n == 5", "assert b.count() == n"],
        [1],
    ),
    "says otherwise, for which its first test is given away": (
        TWO_FACED,
        ["b = Bag()\nn = b.size()\nassert n == 5\nassert b.count() == 5", "assert b.count() == n"],
        [0, 1],
    ),
    "an object that is equal to everything": (
        STACK + "    def __eq__(self, other): return True",
        ["s = Stack()", "assert s == 3"],
        [1],
    ),
}

# Solutions that keep something from one call to the next, and tests that can see it.
REMEMBERS = "def collect(item, items=[]):\n    items.append(item)\n    return items"
ADDS_UP = "total = 0\ndef add(n):\n    global total\n    total += n\n    return total"
MEMO = (
    "seen = {}\ndef fib(n):\n"
    "    if n not in seen: seen[n] = n if n < 2 else fib(n - 1) + fib(n - 2)\n    return seen[n]"
)
ACCOUNT = """
class Account:
    opened = 0
    names = []
    def __init__(self, name="", balance=0):
        Account.opened += 1
        self.names.append(name)
        self.balance = balance
    def deposit(self, amount):
        self.balance += amount
        return self.balance
"""
COUNTER = """
def make_counter():
    count = 0
    def step():
        nonlocal count
        count += 1
        return count
    return step
"""
KEPT = {
    "default": (REMEMBERS, ["assert collect(1) == [1]", "assert collect(2) == [2]"]),
    "default that another function hands on": (
        "def extended(items, item): items += [item]; return items\n"
        "def collect(item, *, items=list()): return extended(items, item)",
        ["assert collect(1) == [1]", "assert len(collect(2)) == 1"],
    ),
    "default of a function that another one calls": (
        REMEMBERS + "\ndef number(item): return len(collect(item))",
        ["assert number(1) == 1", "assert number(1) == 1", "assert collect(1) == [1] * 3"],
    ),
    "default of a method": (
        "class Box:\n    def __init__(self, items=[]): self.items = items\n"
        "    def put(self, item): self.items.append(item)",
        ["a = Box()\na.put(1)\nassert a.items == [1]", "b = Box()\nassert b.items == []"],
    ),
    "global": (ADDS_UP, ["assert add(2) == 2", "assert add(2) == 2", "assert total == 4"]),
    "global that a provided cell gives anew": (
        ADDS_UP,
        ["assert add(2) == 2", "#total = 0", "assert add(3) == 3"],
    ),
    "what is remembered": (MEMO, ["assert fib(20) == 6765", "assert len(seen) == 21"]),
    "counter of a class": (
        ACCOUNT,
        ["a = Account()", "b = Account()", "assert Account.opened == 2", "assert b.opened == 2"],
    ),
    "list of a class": (ACCOUNT, ["Account('x')", "assert Account('y').names == ['y']"]),
    "list of a class that a method replaces": (
        "class Box:\n    items = []\n    def __init__(self, first): self.items.append(first)\n"
        "    def reset(self): self.items = []",
        ["Box(1)", "assert Box(2).items == [1, 2]"],
    ),
    "object of the solution": (
        ACCOUNT + "account = Account(balance=5)",
        [
            "assert account.deposit(5) == 10",
            "assert account.deposit(5) == 10",
            "account.deposit(1)",
            "assert account.balance == 16",
        ],
    ),
    "object that a provided cell makes": (
        ACCOUNT,
        ["#account = Account(balance=5)", "account.deposit(5)", "assert account.balance == 10"],
    ),
    "list of the solution that a test changes": (
        "items = [1]\ndef size(): return len(items)",
        ["items.append(2)\nassert size() == 2", "assert size() == 2", "assert items == [1, 2]"],
    ),
    "closure of the solution": (
        COUNTER + "count = make_counter()",
        ["assert count() == 1", "assert count() == 2", "assert count() == 2"],
    ),
    "decorator": (
        "def counted(f):\n    calls = []\n    def inner(x):\n        calls.append(x)\n"
        "        return f(x) + len(calls)\n    return inner\n"
        "@counted\ndef double(x): return 2 * x",
        ["assert double(1) == 3", "assert double(1) == 3"],
    ),
    "attribute of a function": (
        "def asked(): asked.times += 1; return asked.times\nasked.times = 0",
        ["assert asked() == 1", "assert asked() == 1"],
    ),
    "iterator": (
        "numbers = iter(range(9))\ndef following(): return next(numbers)",
        ["assert following() == 0", "assert next(numbers) == 1", "assert following() == 0"],
    ),
    "result of map": (
        "squares = map(lambda x: x * x, [1, 2])",
        ["assert list(squares) == [1, 4]", "assert list(squares) == [1, 4]"],
    ),
    "generator that a function reads": (
        "def count_up():\n    yield 1\n    yield 2\n"
        "numbers = count_up()\ndef total(): return sum(numbers)",
        ["assert total() == 3", "assert total() == 3"],
    ),
    "dictionary of the solution that a function is given": (
        "stock = {}\ndef put(things, name): things[name] = 1\n"
        "def take(things, name): things.pop(name)",
        ["put(stock, 'a')", "put(stock, 'b')\ntake(stock, 'a')", "assert stock == {'b': 1}"],
    ),
    "list that another function is given": (
        "found = [3, 1]\ndef sort(xs): xs.sort()\ndef order(xs): sort(xs); return xs",
        ["assert order(found) == [1, 3]", "assert found == [3, 1]"],
    ),
    "objects that a function is given": (
        ACCOUNT + "a, b = Account(balance=5), Account()\n"
        "def move(first, second, amount):\n"
        "    first.balance -= amount\n    second.balance += amount",
        ["move(a, b, 3)", "move(b, second=a, amount=1)", "assert (a.balance, b.balance) == (3, 2)"],
    ),
    "object that a method is given": (
        ACCOUNT + "class Bank:\n    def rob(self, account): account.balance = 0\n"
        "bank, a = Bank(), Account(balance=5)",
        ["bank.rob(a)\nassert a.balance == 0", "assert a.balance == 5"],
    ),
    "after a test that has failed": (
        ADDS_UP,
        ["add(1)\nassert add(1) == 1\nadd(1)", "assert add(0) == 2", "assert add(1) == 9"],
    ),
    "in a cell with a magic": ("%matplotlib inline\n" + REMEMBERS, ["collect(1)", "collect(2)[1]"]),
}

# What the tests before have left in the kernel.
NOTHING_LEFT = """
import glob, os
for path in glob.glob("/tmp/*ed"): os.remove(path)
%reset -f
"""
Run = Callable[[str, Sequence[TestCell | str]], list[int]]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudentKernel]:
    limits = Limits(call_cpu=3, call_wall=60, test_wall=60)
    with StudentKernel(tmp_path_factory.mktemp("kernel"), limits) as kernel:
        yield kernel


@pytest.fixture
def failing(kernel: StudentKernel, tmp_path: Path) -> Run:
    """Grades a solution, and returns the numbers of the tests that fail."""

    def run(solution: str, cells: Sequence[TestCell | str]) -> list[int]:
        judge = Judge(tmp_path)

        def run_in_kernel(source: str) -> list[NotebookNode]:
            judge.meet_in_kernel(source)
            return kernel.run(source)

        assert kernel.run(NOTHING_LEFT) == []
        judge.provide(IMPORTS)
        run_in_kernel(IMPORTS)
        judge.meet_solution("", reads=globals_read_in(solution), defines=defined_in(solution))
        assert run_in_kernel(solution) == []
        outputs = []
        for cell in cells:
            if isinstance(cell, TestCell):
                outputs.append(kernel.judge(cell, judge))
            else:  # a provided one
                judge.provide(cell)
                run_in_kernel(cell)
        return [n for n, found in enumerate(outputs) if "error" in str(found)]

    return run


def cells_of(*sources: str) -> list[TestCell]:
    return [TestCell(f"test-{number}", source, 1) for number, source in enumerate(sources)]


@pytest.mark.parametrize(("solution", "tests"), TESTS.values(), ids=TESTS)
def test_object_of_an_earlier_test_is_there(failing: Run, solution: str, tests: list[str]) -> None:
    assert failing(solution, cells_of(*tests)) == []


@pytest.mark.parametrize(("solution", "tests", "fail"), FAILING.values(), ids=FAILING)
def test_object_of_an_earlier_test_gives_nothing(
    failing: Run, solution: str, tests: list[str], fail: list[int]
) -> None:
    assert failing(solution, cells_of(*tests)) == fail


@pytest.mark.parametrize("now", ["None", "7"])
def test_provided_cell_gives_a_name_of_an_earlier_test_anew(failing: Run, now: str) -> None:
    made, asked = cells_of("s = Stack()", f"assert s == {now}")
    assert failing(STACK, [made, f"s = {now}", asked]) == []


@pytest.mark.parametrize("was", ["len(mine)", "(len(mine), 'x')[0]", "str(len(mine))"])
def test_value_is_that_of_its_own_time_though_its_test_is_repeated(failing: Run, was: str) -> None:
    made, asked = cells_of(
        f"s = Stack()\nbefore = {was}", f"s.push(1)\nassert len(s) == 1 and {was} != before"
    )
    assert failing(f"{STACK}\nmine = Stack()", [made, "mine.push(1)", asked]) == []


def test_open_solution_cell_gives_a_name_of_an_earlier_test_anew(
    kernel: StudentKernel, tmp_path: Path
) -> None:
    judge, solution = Judge(tmp_path), "s = Stack()\ns.push('mine')"
    first, second = cells_of("s = Stack()\nassert len(s) == 0", "assert s.items == ['mine']")
    assert kernel.run(NOTHING_LEFT) == kernel.run(STACK) == []
    judge.meet_solution("", defines=["Stack"])
    judge.meet_in_kernel(STACK)
    kernel.judge(first, judge)
    judge.meet_solution("# YOUR CODE HERE")
    judge.meet_in_kernel(solution)
    kernel.run(solution)
    assert "error" not in str(kernel.judge(second, judge))


def test_test_that_students_have_repeats_no_hidden_lines(failing: Run) -> None:
    remembers = STACK.replace("def push(self, item):", "def push(self, item): seen.append(item);")
    visible = "s = Stack()\ns.push(1)\n"
    first = TestCell("first", visible + "s.push('CANARY')", 1, True, visible)
    second = "s.push(2)\nassert s.items == seen == [1, 2]"
    assert failing("seen = []" + remembers, [first, *cells_of(second)]) == []


def test_hidden_test_repeats_hidden_lines(failing: Run) -> None:
    visible = "s = Stack()\n"
    first = TestCell("first", visible + "s.push(1)", 1, True, visible)
    assert failing(STACK, [first, TestCell("second", "assert s.pop() == 1", 1, True)]) == []


def test_values_that_hidden_lines_have_held_against_something_stay(failing: Run) -> None:
    """A student's function may answer otherwise when a repetition leaves these lines out."""
    visible = "b = Bag()\nn = b.size()\n"
    first = TestCell("first", visible + "assert n == 5", 1, True, visible)
    assert failing(TWO_FACED, [first, *cells_of("assert b.count() == n")]) == [1]


@pytest.mark.parametrize(("solution", "sources"), KEPT.values(), ids=KEPT)
def test_what_the_notebook_keeps_is_there_as_in_one_kernel(
    failing: Run, solution: str, sources: list[str]
) -> None:
    cells = [
        source[1:] if source.startswith("#") else TestCell(f"test-{number}", source, 1)
        for number, source in enumerate(sources)
    ]
    assert failing(solution, cells) == failing_in_one_kernel(solution, sources)


def failing_in_one_kernel(solution: str, sources: list[str]) -> list[int]:
    """The numbers of the tests that fail where all cells run one after the other."""
    names: dict[str, object] = {}
    exec(solution.replace("%matplotlib inline", ""), names)
    failed = []
    for source in sources:
        try:
            exec(source.removeprefix("#"), names)
            failed.append(False)
        except Exception:
            failed.append(True)
    tests = [fails for fails, source in zip(failed, sources, strict=True) if source[0] != "#"]
    return [number for number, fails in enumerate(tests) if fails]


# It keeps nothing that a test could see again, but counts how often it is called.
KEEPS_NOTHING = (
    "import os\nLAYERS = [2, 3]\n"
    "def work(n, layers=LAYERS, sizes=[1]):\n"
    "    with open('/tmp/worked', 'a') as file: file.write('x')\n"
    "    found = []\n"
    "    def add(x): found.append(x)\n"
    "    add(len(layers) + len(sizes))\n"
    "    return found\n"
    "def times(): return os.path.getsize('/tmp/worked')"
)
LOG = """
def make_log():
    class Log:
        def info(self, text): pass
    return Log()
log = make_log()
"""


@pytest.mark.parametrize("before", ["", "log.info('next')\n"], ids=["alone", "with a log"])
def test_function_that_keeps_nothing_has_no_test_repeated(failing: Run, before: str) -> None:
    tests = cells_of(*[f"{before}assert work(1) == [3]"] * 3, f"{before}assert times() == 3")
    assert failing(KEEPS_NOTHING, [LOG, *tests]) == []


def test_not_too_many_tests_are_repeated_for_what_the_notebook_keeps(failing: Run) -> None:
    counts = (
        "import os\nasked = 0\ndef ask():\n    global asked\n    asked += 1\n"
        "    with open('/tmp/asked', 'a') as file: file.write('x')\n"
        "def times(): return os.path.getsize('/tmp/asked')"
    )
    number = 30
    tests = cells_of(*["ask()"] * number, f"assert {number} < times() <= {number + MOST_REPEATED}")
    assert failing(counts, tests) == []


# What a function returns can be what the notebook keeps.
GIVES_OUT = """
import numpy as np
class History:
    def __init__(self): self._events = []
    def add(self, event): self._events.append(event)
    def events(self): return self._events
    def copy(self): return list(self._events)
    @property
    def last(self): return self._events[-1:]
log, cache, data, grid = [], np.zeros(3), [1, 2], {"a": [1, 2]}
def record(event):
    log.append(event)
    return log
def chunks(items, n):
    chunk = []
    for item in items:
        chunk.append(item)
        if len(chunk) == n:
            yield chunk
            chunk.clear()
def zeros(): return cache
def scaled():
    data[0] = 9
    return [10 * x for x in data]
def rebound():
    global data
    data = [7]
    return data
def rows(): return grid
def row(name):
    found = grid[name]
    return found
"""
SHARED = {
    "list that a test changes": "h = History()\nh.events().append(1)\nassert h.events() == []",
    "copy": "h = History()\nh.copy().append(1)\nassert h.events() == []",
    "part": "h = History()\nh.add(1)\nh.last.append(2)\nassert h.events() == [1]",
    "list that a later call changes": "first = record(1)\nrecord(2)\nassert first == [1]",
    "chunks of one list": "assert list(chunks([1, 2, 3, 4], 2)) == [[1, 2], [3, 4]]",
    "global that is to stay as it is": "old = list(data)\nscaled()\nassert data == old",
    "global that another is given to": "rebound()\nassert data == [7]",
    "array that a test changes": "z = zeros()\nz += 1\nassert zeros().sum() == 0",
    "array less itself": "a, b = zeros(), zeros()\nb -= a\nassert (b == 0).all()",
    "list in a dictionary": "rows()['a'].append(3)\nassert rows() == {'a': [1, 2]}",
    "list that a name is given": "row('a').append(3)\nassert row('a') == [1, 2]",
    "global of another value": "old = list(data)\nr = rebound()\nassert data == old and r == [7]",
    "global of another value, meant": "r = rebound()\nassert data == r == [7]",
    "many changes": "for n in range(50): row('a').append(n)\nassert len(grid['a']) == 2",
}


# Copies that have the very items.
GIVES_ITEMS = """
import copy
class Rows:
    def __init__(self):
        self._rows, self._of = [[1], [2]], {"a": [3]}
    def in_list(self): return list(self._rows)
    def in_slice(self): return self._rows[:]
    def starred(self): return [*self._rows]
    def shallow(self): return copy.copy(self._rows)
    def in_order(self): return sorted(self._rows)
    def by_loop(self): return [row for row in self._rows]
    def by_method(self): return self._of.copy()
    def in_dict(self): return {**self._of}
    def by_name(self, name): return self._of[name] if name in self._of else []
    def or_none(self, name): return self._of.get(name) or []
    def of_dict(self): return {name: row for name, row in self._of.items()}
    def anew(self): return [list(row) for row in self._rows]
    def total(self): return sum(map(len, [*self._rows, *self._of.values()]))
"""
ITEMS = ["in_list()[0]", "in_slice()[0]", "starred()[0]", "shallow()[0]", "in_order()[0]"]
ITEMS += ["by_loop()[0]", "by_method()['a']", "in_dict()['a']", "by_name('a')", "or_none('a')"]
ITEMS += ["of_dict()['a']", "anew()[0]"]


@pytest.mark.parametrize("item", ITEMS)
def test_item_that_a_copy_has_is_shared_as_in_one_kernel(failing: Run, item: str) -> None:
    source = f"r = Rows()\nitem = r.{item}\nitem.append(0)\nassert r.total() == 3"
    assert failing(GIVES_ITEMS, cells_of(source)) == failing_in_one_kernel(GIVES_ITEMS, [source])


@pytest.mark.parametrize("source", SHARED.values(), ids=SHARED)
def test_what_a_function_gives_out_is_shared_as_in_one_kernel(failing: Run, source: str) -> None:
    assert failing(GIVES_OUT, cells_of(source)) == failing_in_one_kernel(GIVES_OUT, [source])


# A right solution, whose tests change what its objects have.
GIVES_PARTS = """
import numpy as np, pandas as pd
from collections import deque
class Pupil:
    def __init__(self, name):
        self.name, self.grades, self.info, self.waits = name, [], {}, deque()
        self.table = pd.DataFrame({"a": [1, 2]})
    def average(self): return sum(self.grades) / len(self.grades)
    def all(self): return self.grades
    def total(self): return int(self.table.to_numpy().sum())
class Board:
    def __init__(self):
        self.grid, self.array = [[" "] * 3 for _ in range(3)], np.zeros((3, 3))
    def winner(self):
        return next((row[0] for row in self.grid if len({*row}) == 1 and row[0] != " "), None)
    def total(self): return self.array.sum()
class Node:
    def __init__(self, value): self.value, self.children = value, []
    def count(self): return 1 + sum(child.count() for child in self.children)
in_stock = {"apple": 3}
def stock(): return in_stock
def total(): return sum(in_stock.values())
"""
KEEPS_COPIES = GIVES_PARTS.replace("return self.grades", "return list(self.grades)").replace(
    "return in_stock", "return dict(in_stock)"
)
COUNTS_NOTHING = (
    GIVES_PARTS.replace("sum(self.grades) / len(self.grades)", "0")
    .replace("1 + sum(child.count() for child in self.children)", "1")
    .replace("len({*row}) == 1", "False")
    .replace("sum()", "sum() * 0")
)
CHANGE_PARTS = {
    "list": "p = Pupil('a')\np.grades.append(90)\np.grades.append(100)\nassert p.average() == 95",
    "list, looked at again": "p = Pupil('a')\np.grades.append(90)\nassert p.grades == [90]",
    "dictionary": "p = Pupil('a')\np.info['x'] = [1]\np.info['x'].append(2)\n"
    "assert p.info == {'x': [1, 2]}",
    "deque": "p = Pupil('a')\np.waits.append(1)\np.waits.appendleft(2)\nassert len(p.waits) == 2",
    "table": "p = Pupil('a')\np.table['b'] = 3\nassert p.total() == 9",
    "names of columns": "p = Pupil('a')\np.table.columns = ['b']\nassert 'b' in p.table",
    "rows": "p = Pupil('a')\np.table.drop(0, inplace=True)\nassert p.total() == 2",
    "another name": "p = Pupil('a')\ngrades = p.grades\ngrades.append(3)\nassert p.average() == 3",
    "result of a method": "p = Pupil('a')\ng = p.all()\ng.append(3)\nassert p.average() == 3",
    "library": "import heapq\np = Pupil('a')\nheapq.heappush(p.grades, 3)\nassert p.average() == 3",
    "function of the test": "def add(to): to.append(4)\np = Pupil('a')\nadd(p.grades)\n"
    "assert p.average() == 4",
    "argument": "def graded(p):\n    p.grades.append(4)\n    return p\n"
    "assert graded(Pupil('a')).average() == 4",
    "method by another name": "p = Pupil('a')\nadd = p.grades.append\nadd(3)\n"
    "assert p.average() == 3",
    "function that makes it": "def made(): return Pupil('a')\np = made()\np.grades.append(4)\n"
    "assert p.average() == 4",
    "test case": "import unittest\nclass T(unittest.TestCase):\n"
    "    def setUp(self): self.p = Pupil('a')\n"
    "    def runTest(self):\n        self.p.grades.append(4)\n"
    "        assert self.p.average() == 4\n"
    "assert unittest.TextTestRunner().run(T()).wasSuccessful()",
    "items of a list": "b = Board()\nfor i in range(3): b.grid[0][i] = 'X'\n"
    "assert b.winner() == 'X'",
    "loop": "b = Board()\nfor row in b.grid: row[:] = 'YYY'\nassert b.winner() == 'Y'",
    "array": "b = Board()\nb.array[0] += 2\nassert b.total() == 6",
    "tree": "a, b = Node(1), Node(2)\na.children.append(b)\nb.children.append(Node(3))\n"
    "assert a.count() == 3 and a.children[0] is b",
    "of another object": "a, b = Pupil('a'), Pupil('b')\na.grades.append(1)\nassert b.grades == []",
    "global": "stock()['pear'] = 4\nassert total() == 7",
    "global by another name": "s = stock()\ns['pear'] = 4\nassert total() == 7",
}


@pytest.mark.parametrize(
    "solution",
    [GIVES_PARTS, KEEPS_COPIES, COUNTS_NOTHING],
    ids=["right", "copies", "wrong"],
)
def test_tests_that_change_parts_of_objects_are_judged_as_in_one_kernel(
    failing: Run, solution: str
) -> None:
    names, sources = zip(*CHANGE_PARTS.items(), strict=True)
    failed = {names[number] for number in failing(solution, cells_of(*sources))}
    in_one_kernel = {names[number] for number in failing_in_one_kernel(solution, [*sources])}
    assert failed == in_one_kernel
    assert bool(failed) == (solution != GIVES_PARTS)


def test_table_can_be_changed_where_no_test_has_loaded_pandas(
    failing: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    assert failing(GIVES_PARTS, cells_of(CHANGE_PARTS["table"])) == []
