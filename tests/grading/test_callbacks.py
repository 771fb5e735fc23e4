"""What a test gives the student's code of its own: functions, iterators, globals, patches."""

from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

STUDENT = """
import functools
from concurrent.futures import ThreadPoolExecutor

def apply(f, *args): return f(*args)
def integrate(f, a, b, n=1000):
    h = (b - a) / n
    return sum(f(a + (i + 0.5) * h) for i in range(n)) * h
def described(f): return f.__name__, f.__doc__
def classes_of(f):
    import inspect
    known = inspect.signature(f)
    return f.__annotations__, known.parameters["a"].annotation, known.return_annotation
def identity(f): return f
def message(f):
    try: f()
    except ValueError as error: return str(error)
def listed(items): return list(items)
def first(items): return next(items)
def keep(f):
    global kept
    kept = f
def use_kept(): return kept(1)
def filled(f):
    x = []
    f(x)
    return x
def around(f):
    print("a")
    f()
    print("c")
def drawn(f): return np.random.rand(), f(), np.random.rand()
def in_threads(f):
    with ThreadPoolExecutor(4) as pool: return list(pool.map(f, range(20)))
class MyError(ValueError): pass
def fails(): raise MyError("x")
def catches_own(f):
    try: f()
    except MyError: return True
def factorial(n, rest): return 1 if n == 0 else n * rest(n - 1, rest)
def visit(nodes, f):
    for node in nodes: f(node)
    return [node.get("seen") for node in nodes]
def doubled(f): return lambda x: 2 * f(x)
def plus_one(f):
    @functools.wraps(f)
    def wrapper(*args): return f(*args) + 1
    return wrapper
def of_generator(rng): return rng.normal()
def again(rng): return np.random.default_rng(rng).normal()
def shuffled(x, rng): rng.shuffle(x)
def line(file): return file.readline()
def writes(file): print("x", file=file)
scale, counter, log = 2, 0, []
def uses_scale(x): return scale * x
def calls_scale(x): return scale(x)
def count():
    global counter
    counter += 1
def add(x): log.append(x)
def spy(): return [globals().get(name) for name in ("expected", "y")]
def asks(): return 2 * int(input("n? "))
def says(x): print(x, end="")
def waits():
    import time
    time.sleep(30)
def rolls():
    import random
    return random.random()
class TooMany(UserWarning): pass
def warns(x):
    import warnings
    for _ in range(2): warnings.warn(f"{x} are left", UserWarning)
    return x
def warns_of_its_own():
    import warnings
    warnings.warn("too many", TooMany)
def divides(x): return np.log(np.array([0.0, x]))
def takes_real(x): return x.astype(float)
def warns_and_goes_on():
    import warnings
    try: warnings.warn("x")
    except UserWarning: return "caught"
    return "no"
def silent():
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("x")
def helper(x): return 2 * x
def uses_helper(x): return helper(x) + 1
def shows():
    import matplotlib.pyplot as plt
    plt.show()
def reaches(f): return sorted(set(f.__globals__) & {"expected", "secret"}), dir(f)
"""

# What the master's solution does in other ways.
OTHERS = """
def largest(items): return reduce(max, items)
def largest_by_module(items): return functools.reduce(max, items)
def inverse(a): return np.linalg.inv(a)
def total(items): return sum(items)
def dedented(text):
    import textwrap
    return textwrap.dedent(text)
def steps(n): return list(accumulate(range(n)))
def downloaded(url):
    import urllib.request
    with urllib.request.urlopen(url) as answer: return answer.read().decode()
def words_in(path):
    with open(path) as file: return file.read().split()
def doubled_in(context):
    with context as x: return 2 * x
def first_of(items): return items[0]
def fails_in(context):
    with context: raise ValueError("no")
"""

IMPORTS = """
import builtins, contextlib, functools, io, math, random, sys
from functools import reduce
from itertools import accumulate
from contextlib import redirect_stdout
from unittest.mock import MagicMock, Mock, patch
import pytest
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    limits = Limits(call_cpu=5, call_wall=20, test_wall=20, calls_back=2000)
    folder = tmp_path_factory.mktemp("callbacks")
    with StudentKernel(folder, limits) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.provided(IMPORTS)
        notebook.solution(STUDENT, "scale = counter = log = y = helper = None", STUDENT)
        notebook.solution(OTHERS, "def largest(items):\n    pass")
        yield notebook


WORKS = {
    "lambda": "assert apply(lambda v: v * 2, 3) == 6",
    "many calls": "assert abs(integrate(lambda x: x * x, 0, 1) - 1 / 3) < 1e-5",
    "function of NumPy": "assert abs(integrate(np.sin, 0, 1) - 1 + math.cos(1)) < 1e-5",
    "name and docstring": """
def f(x):
    "Of the test."
assert described(f) == ("f", f.__doc__)""",
    "name without docstring": """
def f(x):
    "It is 6."
assert described(f) == ("f", None)""",
    "identity": "f = lambda: 1\nassert identity(f) is f and identity(np.sin) is np.sin",
    "builtin, method, partial": """
items = []
apply(items.append, 3)
assert items == [3] and apply(str.upper, "a") == "A" and apply(int, "3") == 3
assert apply(functools.partial(pow, 2), 3) == 8""",
    "callable object": """
class Adder:
    def __init__(self): self.calls = 0
    def __call__(self, x):
        self.calls += 1
        return x + 1
adder = Adder()
assert apply(adder, 1) == 2 and adder.calls == 1""",
    "mock": """
mock = Mock(return_value=4)
assert apply(mock, 1, 2) == 4
mock.assert_called_once_with(1, 2)""",
    "classes of parameters": """
def f(a: int, b, *, c: str = "x") -> float: return 1.5
assert classes_of(f) == ({"a": int, "c": str, "return": float}, int, float)
assert classes_of(lambda a: a)[0] == {}""",
    "name of a mock": """
mock = Mock()
mock.__name__ = "load"
assert described(mock)[0] == "load" and plus_one(mock).__name__ == "load"
try: described(Mock())
except AttributeError: pass
else: assert False""",
    "exception that the student catches": """
def bad(): raise ValueError("no")
assert message(bad) == 'no'""",
    "exception that comes through": """
class Mine(Exception): pass
error = Mine("x")
def bad(): raise error
try: apply(bad)
except Mine as got: assert got is error
else: assert False""",
    "generator": """
numbers = (i for i in range(3))
assert first(numbers) == 0 and next(numbers) == 1 and first(numbers) == 2""",
    "iterators and views": """
assert listed(zip([1], [2])) == [(1, 2)] and listed(map(str, [1])) == ["1"]
assert listed({"a": 1}.keys()) == ["a"] and listed({"a": 1}.items()) == [("a", 1)]""",
    "kept for a later call": "keep(lambda x: x + 1)\nassert use_kept() == 2",
    "argument changed in place": "assert filled(lambda x: x.append(3)) == [3]",
    "test's own object": """
nodes = [{}, {}]
def mark(node): node["seen"] = node in nodes
assert visit(nodes, mark) == [True, True] and nodes[0]["seen"]""",
    "random numbers": """
np.random.seed(1)
a = drawn(lambda: np.random.rand())
np.random.seed(1)
assert a == tuple(np.random.rand(3))""",
    "threads": "assert in_threads(lambda x: x * x) == [x * x for x in range(20)]",
    "calls in calls": "assert factorial(5, lambda n, rest: factorial(n, rest)) == 120",
    "function made of it": "f = doubled(lambda x: x + 1)\nassert f(3) == 8",
    "decorator": """
def f(x): return x
assert plus_one(f)(3) == 4 and plus_one(f).__name__ == 'f'""",
    "generator of random numbers": """
def drawn(rng):
    x = np.arange(5.0)
    numbers = [rng.normal(), of_generator(rng), apply(lambda: rng.normal()), rng.normal()]
    return (numbers, shuffled(x, rng), x.tolist())
def alone(rng):
    x = np.arange(5.0)
    return ([rng.normal() for _ in range(4)], rng.shuffle(x), x.tolist())
for make in (np.random.default_rng, np.random.RandomState):
    assert drawn(make(3)) == alone(make(3))
rng, same = np.random.default_rng(4), np.random.default_rng(4)
assert [again(rng), rng.normal()] == [same.normal(), same.normal()]
rng, same = random.Random(3), random.Random(3)
assert [apply(rng.random), rng.random()] == [same.random(), same.random()]""",
    "files": """
file = io.StringIO("a\\nb\\nc")
assert (file.readline(), line(file), file.readline()) == ("a\\n", "b\\n", "c")
written = io.StringIO()
print("y", file=written)
writes(written)
assert written.getvalue() == "y\\nx\\n" and line(io.BytesIO(b"12")) == b"12"
""",
    "a million numbers": """
assert apply(len, list(range(10**6))) == 10**6
assert apply(sum, [0.5] * 10**6) == 500000""",
    "context": """
log = []
@contextlib.contextmanager
def opened():
    try:
        yield log.append("in") or 4
    except ValueError:
        log.append("error")
        raise
    finally:
        log.append("out")
assert doubled_in(opened()) == 8 and log == ["in", "out"]
with pytest.raises(ValueError): fails_in(opened())
assert log[2:] == ["in", "error", "out"]""",
    "mock that is a context": """
mock = MagicMock()
mock.__enter__.return_value = 4
mock.__getitem__.return_value = 7
assert doubled_in(mock) == 8 and mock.__exit__.called and first_of(mock) == 7
with pytest.raises((TypeError, AttributeError)): doubled_in(Mock())""",
    "no way into the test": """
secret = 3
names, attributes = reaches(lambda: secret)
assert names == []""",
}


@pytest.mark.parametrize("source", WORKS.values(), ids=WORKS)
def test_what_a_test_passes_works(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


def test_what_is_printed_on_both_sides_is_in_order(notebook: Notebook) -> None:
    (output,) = notebook.test("around(lambda: print('b'))")
    assert output.text == "a\nb\nc\n"


REFUSED = {
    "too deep": (
        "factorial(200, lambda n, rest: factorial(n, rest))",
        "nested too deep",
    ),
    "too often": ("integrate(lambda x: x, 0, 1, 3000)", "calls a function of the test too often"),
    "not to be passed": ("apply(len, __import__('threading').Lock())", "only plain data"),
    "result not to be passed": (
        "apply(lambda: __import__('threading').Lock())",
        "only plain data",
    ),
}


@pytest.mark.parametrize(("source", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_says_so(notebook: Notebook, source: str, why: str) -> None:
    (output,) = notebook.test(source)
    assert why in str(output)


SEEN = {
    "global": "scale = 3\nassert uses_scale(2) == 6",
    "global that is a function": "scale = lambda x: 5\nassert calls_scale(2) == 5",
    "global that a function of the test sets": """
def sets():
    global scale
    scale = 9
sets()
assert uses_scale(1) == 9""",
    "global that the student's code changes": """
counter = 0
count(), count()
assert counter == 2
counter = 10
count()
assert counter == 11""",
    "global that both fill": """
log = []
add(1)
log.append(2)
add(3)
assert log == [1, 2, 3]
log = [9]
add(4)
assert log == [9, 4]""",
    "global that the test changes in place": """
add(1)
log.clear()
add(2)
assert log == [2]
log[0] = 5
add(6)
assert log == [5, 6]""",
    "replaced helper": """
old = helper
def helper(x): return 50
assert uses_helper(1) == 51
helper = old
assert uses_helper(1) == 3""",
    "patched helper": """
with patch("__main__.helper", return_value=100) as mock:
    assert uses_helper(1) == 101
mock.assert_called_once_with(1)
assert uses_helper(1) == 3 and helper(1) == 2""",
    "patched module of one's own": """
import __main__
scale = 2
with patch.object(__main__, "scale", 7):
    assert uses_scale(1) == 7
assert uses_scale(1) == 2""",
    "input": """
with patch("builtins.input", side_effect=["1", "2"]) as mock:
    assert asks() == 2 and asks() == 4
    try: asks()
    except Exception: pass
    else: assert False
mock.assert_called_with("n? ")
try: asks()
except EOFError: pass
else: assert False""",
    "input by assignment": "builtins.input = lambda *a: '4'\nassert asks() == 8",
    "input ends with the test": """
try: asks()
except EOFError: pass
else: assert False""",
    "stdin": """
old = sys.stdin
sys.stdin = io.StringIO("4\\n5\\n")
assert asks() == 8 and asks() == 10
sys.stdin = old
try: asks()
except EOFError: pass
else: assert False""",
    "patched stdin": "with patch('sys.stdin', io.StringIO('7\\n')):\n    assert asks() == 14",
    "print": """
with patch("builtins.print") as mock:
    says("hi")
mock.assert_called_with("hi", end="")
assert mock.call_args_list[0].args == ("hi",)""",
    "output": """
kept = io.StringIO()
with redirect_stdout(kept):
    says("x")
    print("y")
assert kept.getvalue() == "xy\\n"
""",
    "sleep": """
with patch("time.sleep") as mock:
    waits()
mock.assert_called_once_with(30)""",
    "random number": """
with patch("random.random", return_value=0.25):
    assert rolls() == 0.25
assert rolls() != 0.25""",
    "import taken away": """
reduce = None
try: largest([1, 2])
except TypeError: pass
else: assert False
assert largest_by_module([1, 2]) == 2""",
    "import taken away by an earlier test": """
try: largest([1, 2])
except TypeError: pass
else: assert False""",
    "import that is data in a test stays": "accumulate = 5\nassert steps(3) == [0, 1, 3]",
    "function of Python's taken away": """
def sum(*args): raise AssertionError("use a loop")
try: total([1, 2])
except AssertionError: pass
else: assert False
del sum
assert total([1, 2]) == sum([1, 2]) == 3""",
    "function of a module taken away": """
functools.reduce = None
try: largest_by_module([1, 2])
except TypeError: pass
else: assert False""",
    "function of a module is back in the next test": """
assert functools.reduce(max, [1, 2]) == 2 == largest_by_module([1, 2])""",
    "function of a submodule": """
import numpy as np
with patch("numpy.linalg.inv", return_value=7) as mock:
    assert inverse(np.eye(2)) == 7
mock.assert_called_once()
del np.linalg.inv
try: inverse(np.eye(2))
except AttributeError: pass
else: assert False""",
    "function of a module that no list has": """
import textwrap
textwrap.dedent = lambda text: "x"
assert "x" == dedented("  a")""",
    "opened by with": """
from unittest.mock import mock_open
with patch("urllib.request.urlopen") as mock:
    mock.return_value.__enter__.return_value.read.return_value = b"hi"
    assert downloaded("x") == "hi"
mock.assert_called_once_with("x")
with patch("__main__.open", mock_open(read_data="a b")) as mock:
    assert words_in("x") == ["a", "b"]
mock.assert_called_once_with("x")""",
    "show": """
with patch("matplotlib.pyplot.show") as mock:
    shows()
mock.assert_called_once()""",
}


WARNINGS = {
    "recorded": """
with warnings.catch_warnings(record=True) as heard:
    assert warns(5) == 5
    assert [str(each.message) for each in heard] == ["5 are left"]
    assert heard[0].category is UserWarning
    assert warns(6) == 6 and len(heard) == 2
with warnings.catch_warnings(record=True) as heard:
    warns(5)
    assert len(heard) == 1""",
    "none": """
with warnings.catch_warnings(record=True) as heard:
    silent(), uses_helper(1)
assert heard == []""",
    "expected": """
with pytest.warns(UserWarning, match="5 are left"): warns(5)
with unittest.TestCase().assertWarns(RuntimeWarning): divides(1.0)
with pytest.warns(TooMany): warns_of_its_own()
with pytest.warns(np.exceptions.ComplexWarning): takes_real(np.array([1j]))
with pytest.raises(pytest.fail.Exception):
    with pytest.warns(DeprecationWarning): warns(5)""",
    "as errors": """
with warnings.catch_warnings():
    warnings.simplefilter("error")
    with pytest.raises(UserWarning, match="5 are left"): warns(5)
    with pytest.raises(RuntimeWarning): divides(1.0)
    assert warns_and_goes_on() == "caught"
assert "no" == warns_and_goes_on()""",
    "nobody looks for": "\nassert warns(5) == 5",
}


@pytest.mark.parametrize("source", WARNINGS.values(), ids=WARNINGS)
def test_test_hears_the_warnings_of_the_students_code(notebook: Notebook, source: str) -> None:
    assert notebook.error("import numpy as np, pytest, unittest, warnings" + source) == ""


def test_what_passes_for_a_warning_is_none(notebook: Notebook) -> None:
    notebook.solution(
        "import warnings\ndef forges(*what): return warnings.showwarning(*what)",
        "def forges(*what):\n    pass",
    )
    forged = "[('x', int), ('x', ValueError), (1, 2, 3, 4), ('x', 'y', [], [])]"
    source = f"import warnings, pytest\nfor what in {forged}:\n"
    source += "    with pytest.raises(TypeError): forges(*what)"
    assert notebook.error(source) == ""


@pytest.mark.parametrize("source", SEEN.values(), ids=SEEN)
def test_what_a_test_replaces_is_replaced_for_the_students_code(
    notebook: Notebook, source: str
) -> None:
    assert notebook.error(source) == ""


def test_other_names_of_a_test_stay_with_the_test(notebook: Notebook) -> None:
    assert notebook.error("expected, y = 5, 6\nassert spy() == [None, None]") == ""


def test_what_a_test_replaces_is_replaced_after_a_lost_call(notebook: Notebook) -> None:
    notebook.solution("import os\ndef ends(): os._exit(1)", "def ends():\n    pass")
    lost = "\ntry:\n    ends()\nexcept Exception:\n    pass\n"
    source = f"scale = 4\nbuiltins.input = lambda *a: '4'{lost}assert uses_scale(2) == asks() == 8"
    assert notebook.error(source) == ""
