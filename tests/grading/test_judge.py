"""Judging small test cells against real kernels: what passes, what fails, and what it tells."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import which

import pytest
from nbformat import NotebookNode
from traitlets.config import Config

from referee.grade.kernel import StudentKernel
from referee.judge.cells import TestCell
from referee.judge.judge import Judge
from referee.judge.verdict import Verdict
from referee.model.limits import Limits
from referee.model.outcomes import Cause, Trouble
from referee.nbgrader.hidden import HiddenTests
from referee.notebook.definitions import (
    globals_changed_in,
    globals_read_in,
    globals_written_in,
)

pytestmark = pytest.mark.xdist_group("judge")

IMPORTS = """
%matplotlib inline
import random
import warnings
from collections import OrderedDict, namedtuple
import numpy as np
import numpy.testing as npt
"""


class Notebook:
    """A kernel and its judge, to which cells are given one after the other."""

    def __init__(self, kernel: StudentKernel, folder: Path) -> None:
        self.kernel = kernel
        self.judge = Judge(folder)
        self.provided(IMPORTS)

    def provided(self, source: str) -> None:
        """Run a cell that the instructor provides."""
        self.judge.provide(source)
        self.kernel.run(source)

    def solution(
        self, source: str, released: str | None = None, master: str = ""
    ) -> list[NotebookNode]:
        """Run a solution cell; how it was released, and the master's, are not always known."""
        self.judge.meet_solution(
            released,
            reads=globals_read_in(master),
            writes=globals_written_in(master),
            changes=globals_changed_in(master),
        )
        return self.kernel.run(source)

    def test(self, source: str, points: float = 10) -> list[NotebookNode]:
        """Judge a test cell."""
        hidden = HiddenTests(Config()).removed_from(source) != source
        return self.kernel.judge(TestCell("the-test", source, points, hidden), self.judge)

    def note(self, source: str) -> str:
        """What the teacher is told of a test cell that cannot be judged, or nothing."""
        before = len(self.kernel.events.notes)
        self.test(source)
        return "\n".join(self.kernel.events.notes[before:])

    def error(self, source: str) -> str:
        """The error that a test cell ends with, or nothing."""
        outputs = [output for output in self.test(source) if output.output_type == "error"]
        return f"{outputs[0].ename}: {outputs[0].evalue}" if outputs else ""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudentKernel]:
    limits = Limits(call_cpu=3, call_wall=5, test_wall=6)
    with StudentKernel(tmp_path_factory.mktemp("submission"), limits) as kernel:
        yield kernel


@pytest.fixture
def notebook(kernel: StudentKernel, tmp_path: Path) -> Notebook:
    return Notebook(kernel, tmp_path)


FORWARD_AND_BACK = """
Z = np.arange(6.0).reshape(2, 3) - 2
A, cache = forward(Z)
npt.assert_array_equal(A, np.maximum(Z, 0))
npt.assert_array_equal(backward(np.ones((2, 3)), cache), Z > 0)
"""
BACKWARD = "\ndef backward(dA, cache): return dA * (cache{} > 0)"
# How a right solution may be written, and a test that it must pass.
RIGHT = {
    "cache is a dict": (
        "def forward(Z): return np.maximum(Z, 0), {'Z': Z}" + BACKWARD.format("['Z']"),
        FORWARD_AND_BACK,
    ),
    "cache is a tuple": (
        "def forward(Z): return np.maximum(Z, 0), (Z,)" + BACKWARD.format("[0]"),
        FORWARD_AND_BACK,
    ),
    "cache is a namedtuple": (
        "Cache = namedtuple('Cache', 'Z other')\n"
        "def forward(Z): return np.maximum(Z, 0), Cache(Z, None)" + BACKWARD.format(".Z"),
        FORWARD_AND_BACK,
    ),
    "cache is of an own class": (
        "class Cache: pass\ndef forward(Z):\n    cache = Cache(); cache.Z = Z\n"
        "    return np.maximum(Z, 0), cache" + BACKWARD.format(".Z"),
        FORWARD_AND_BACK,
    ),
    "cache is an own kind of dict": (
        "class Cache(dict):\n    Z = property(lambda self: self['Z'])\n"
        "def forward(Z): return np.maximum(Z, 0), Cache(Z=Z)" + BACKWARD.format(".Z"),
        FORWARD_AND_BACK,
    ),
    "cache is a closure": (
        "def forward(Z): return np.maximum(Z, 0), lambda: Z" + BACKWARD.format("()"),
        FORWARD_AND_BACK,
    ),
    "parameters are changed in place": (
        "def step(P, rate):\n    P['W'] -= rate\n    P['count'] = 1\n    return P",
        "P = {'W': np.ones(3)}\nW = P['W']\nQ = step(P, 0.5)\n"
        "npt.assert_array_equal(W, 0.5)\nassert Q is P and P['W'] is W and P['count'] == 1",
    ),
    "parameters are copied": (
        "def step(P, rate): return {key: value - rate for key, value in P.items()}",
        "P = {'W': np.ones(3)}\nQ = step(P, 0.5)\n"
        "npt.assert_array_equal(P['W'], 1)\nnpt.assert_array_equal(Q['W'], 0.5)",
    ),
    "ordered dict of parameters changed in place": (
        "def start(): return OrderedDict(W=np.ones(2))\n"
        "def step(P):\n    P['W'] += 1\n    return P",
        "P = start()\nstep(P)\nnpt.assert_array_equal(P['W'], 2)",
    ),
    "warnings and prints": (
        "import sys\ndef noisy(x):\n    warnings.warn('careful'); print('loud'); "
        "print('louder', file=sys.stderr)\n    return np.log(x)",
        "assert noisy(np.zeros(1))[0] == -np.inf",
    ),
    "progress bar": (
        "from tqdm.auto import tqdm\ndef slow(n): return sum(i for i in tqdm(range(n)))",
        "assert slow(5) == 10",
    ),
    "random numbers in the order of the test": (
        "def draw(): return np.random.rand(), random.random()",
        "np.random.seed(1); random.seed(1)\nexpected = [np.random.rand(), random.random()]\n"
        "follows = np.random.rand()\nnp.random.seed(1); random.seed(1)\n"
        "assert list(draw()) == expected and np.random.rand() == follows",
    ),
    "global names of its own": (
        "SCALE = 3\ndef scaled(x): return SCALE * helper(x)\ndef helper(x): return x + 1",
        "assert scaled(1) == 6",
    ),
    "0-d arrays": (
        "def same(x): return x",
        "x = np.array(2.5)\ny = same(x)\nassert y.shape == () and y == 2.5",
    ),
    "Fortran order": (
        "def order(x): return bool(x.flags.f_contiguous)",
        "assert order(np.asfortranarray(np.ones((2, 3)))) is True",
    ),
    "views that are not contiguous": (
        "def double(x):\n    x *= 2\n    return x.sum()",
        "x = np.ones((4, 6))\nassert double(x[::2, 1::3]) == 8\nassert x.sum() == 24 + 4",
    ),
    "empty arrays": (
        "def loss(Z, Y=np.array([])): return [] if Y.size == 0 else 1.0",
        "assert loss(np.ones(2)) == []\nassert loss(np.ones(2), np.array([[0, 1]])) == 1.0",
    ),
    "labels of float type": (
        "def classes(Y): return Y.astype(int)[0].tolist()",
        "assert classes(np.array([[1.0, 2.0]])) == [1, 2]",
    ),
    "big-endian numbers": (
        "def total(x): return x.sum()",
        "assert total(np.array([1, 2, 3], '>i4')) == 6",
    ),
    "one of its functions given to another": (
        "def square(x): return x * x\ndef twice(f, x): return f(f(x))",
        "assert twice(square, 3) == 81",
    ),
    "exceptions of its own kind": (
        "class WrongMode(ValueError): pass\ndef check(mode): raise WrongMode(mode)",
        "try:\n    check('odd')\nexcept ValueError as error:\n    assert str(error) == 'odd'\n"
        "else:\n    raise AssertionError('no ValueError')",
    ),
    "figures and asyncio": (
        "import asyncio\nimport matplotlib.pyplot as plt\n"
        "def draw():\n    plt.plot([1, 2]); plt.show()\n"
        "    return asyncio.run(asyncio.sleep(0, 'done'))",
        "assert draw() == 'done'",
    ),
    "processes of its own": (
        "import multiprocessing\ndef many(n):\n"
        "    with multiprocessing.Pool(2) as pool: return pool.map(abs, range(-n, 0))",
        "assert many(3) == [3, 2, 1]",
    ),
}


@pytest.mark.parametrize("form", RIGHT)
def test_right_solution_loses_nothing_by_the_boundary(notebook: Notebook, form: str) -> None:
    solution, test = RIGHT[form]
    notebook.solution(solution)
    assert notebook.error(test) == ""


def test_wrong_result_fails_and_shows_the_line_and_the_message(notebook: Notebook) -> None:
    notebook.solution("def relu(Z): return Z")
    *_, output = notebook.test(
        "A = relu(np.array([-1]))\nnpt.assert_array_equal(A, 0, 'relu of -1')"
    )
    assert output.traceback[0] == "relu of -1"
    assert output.traceback[1] == "the-test, line 2: npt.assert_array_equal(A, 0, 'relu of -1')"


def test_exception_comes_with_the_lines_of_the_student(notebook: Notebook) -> None:
    notebook.solution("def relu(Z):\n    return undefined_name")
    *_, output = notebook.test("relu(1)")
    assert output.ename == "NameError"
    assert "line 2, in relu: return undefined_name" in output.traceback


@pytest.mark.parametrize("value", ["2.5", "np.float64(2.5)", "np.array(2.5)[()]"])
def test_number_on_the_last_line_is_partial_credit(notebook: Notebook, value: str) -> None:
    (output,) = notebook.test(value)
    assert output.data["text/plain"] == "2.5"


@pytest.mark.parametrize(
    ("value", "shown"), [("99.0", "10.0"), ("-1", "0.0"), ("float('nan')", "0.0")]
)
def test_partial_credit_stays_between_nothing_and_all(
    notebook: Notebook, value: str, shown: str
) -> None:
    notebook.solution(f"def points(): return {value}")
    (output,) = notebook.test("points()")
    assert output.data["text/plain"] == shown


def test_prints_of_the_student_are_kept_and_count_for_nothing(notebook: Notebook) -> None:
    notebook.solution("def relu(Z): print('10.0'); return 0")
    outputs = notebook.test("assert relu(1) == 1")
    assert [output.output_type for output in outputs] == ["stream", "error"]
    assert outputs[0].text == "10.0\n"


def test_helper_of_a_provided_cell_is_the_instructors(notebook: Notebook) -> None:
    notebook.provided("LIMIT = 1e-6\ndef close(a, b): return abs(a - b) < LIMIT")
    notebook.solution("LIMIT = 1e9\ndef close(a, b): return True\ndef relu(Z): return 5")
    assert notebook.error("assert close(relu(1), 1)") == "AssertionError: "


def test_helper_of_an_earlier_test_cell_is_the_instructors(notebook: Notebook) -> None:
    notebook.test("def is_right(value): return value == 1")
    notebook.solution("def is_right(value): return True\ndef relu(Z): return 5")
    assert notebook.error("assert is_right(relu(1))") == "AssertionError: "


def test_value_of_a_test_cell_holds_until_the_next_solution_cell(notebook: Notebook) -> None:
    notebook.solution("cost = 'of the student'")
    notebook.test("cost = 'of the test'")
    assert notebook.error("assert cost == 'of the test'") == ""
    notebook.solution("cost = 'of the next training'")
    assert notebook.error("assert cost == 'of the next training'") == ""


def test_builtins_and_modules_are_pythons_own(notebook: Notebook) -> None:
    notebook.solution("abs = any = len = lambda *args: 0\nnp = npt = None\ndef relu(Z): return 5")
    assert notebook.error("npt.assert_array_equal(abs(relu(1)), 1)").startswith("AssertionError")
    notebook.kernel.run("del abs, any, len\nimport numpy as np, numpy.testing as npt")


def test_missing_name_is_a_name_error(notebook: Notebook) -> None:
    assert notebook.error("nowhere_defined(1)").startswith("NameError: name 'nowhere_defined'")


def test_test_cells_cannot_disturb_one_another(notebook: Notebook) -> None:
    notebook.solution("seen = []\ndef remember(x):\n    seen.append(x)\n    return len(seen)")
    assert notebook.error("assert remember(1) == 1 and remember(2) == 2") == ""
    assert notebook.error("assert remember(3) == 1") == ""


def test_visible_test_moves_the_random_numbers_on_as_it_does_for_students(
    notebook: Notebook,
) -> None:
    notebook.test("np.random.seed(5)\nnp.random.rand()")
    (output,) = notebook.solution("float(np.random.rand())")
    (expected,) = notebook.solution("np.random.seed(5); np.random.rand(); float(np.random.rand())")
    assert output.data == expected.data


def test_hidden_test_leaves_the_random_numbers_alone(notebook: Notebook) -> None:
    (expected,) = notebook.solution("np.random.seed(6); float(np.random.rand())")
    notebook.solution("np.random.seed(6)")
    notebook.test("### BEGIN HIDDEN TESTS\nnp.random.seed(7)\n### END HIDDEN TESTS")
    (output,) = notebook.solution("float(np.random.rand())")
    assert output.data == expected.data


def test_test_after_one_that_cannot_be_judged_says_so(notebook: Notebook) -> None:
    pile = "class Pile:\n    n = 0\n    def __bool__(self): return self.n > 0\n"
    notebook.solution(f"{pile}def pile_up(): return Pile()")
    unjudged = "pile = pile_up()\nassert not pile\npile.n = 3"
    assert "asks whether it is true" in notebook.note(unjudged)
    assert "Correct the-test as its own note says" in notebook.note("assert pile.n == 3")


def test_crash_in_one_call_leaves_the_others_of_the_test(notebook: Notebook) -> None:
    notebook.solution("import os\ndef fragile(x):\n    if x == 1: os._exit(3)\n    return x")
    assert "ended its own process (exit code 3)" in notebook.error("fragile(1)")
    survives = "try: fragile(1)\nexcept Exception: pass\nassert fragile(2) == 2"
    assert notebook.error(survives) == ""


QUOTES = """
try:
    scale()
except KeyError as error:
    raise AssertionError(f"{error} is missing")
"""


def test_message_of_a_visible_test_may_quote_what_a_student_raises(notebook: Notebook) -> None:
    notebook.solution("def scale(): raise KeyError('W1')")
    (visible,) = notebook.test(QUOTES)
    (hidden,) = notebook.test(f"### BEGIN HIDDEN TESTS{QUOTES}### END HIDDEN TESTS")
    assert visible.traceback[0] == "'W1' is missing"
    assert hidden.traceback[0] == "KeyError is missing"


def test_endless_test_of_the_instructor_ends(notebook: Notebook) -> None:
    notebook.judge.limits = Limits(test_cpu=1)
    assert "TestTimeout" in notebook.error("while True: pass")


def test_memory_that_a_test_takes_for_a_students_number_is_bounded(notebook: Notebook) -> None:
    notebook.solution("def size(): return 10**12")
    assert "MemoryError" in notebook.error("np.zeros(size())")


def test_magic_that_makes_no_sense_in_a_test_cell_is_refused_by_name(notebook: Notebook) -> None:
    assert notebook.error("%%bash\ntrue").startswith("NotInTests: %%bash cannot be used")
    assert "%who" in notebook.error("%who")
    assert "In is of the notebook's kernel" in notebook.error("In[-1]")


def test_kernel_that_an_earlier_cell_has_ended_is_replaced_before_a_cell_is_judged(
    tmp_path: Path,
) -> None:
    with StudentKernel(tmp_path, Limits()) as kernel:
        notebook = Notebook(kernel, tmp_path)
        notebook.solution("def double(x): return 2 * x", "")
        # The kernel gets the signal now, and ends while the test cell begins.
        os.kill(kernel._provisioner.watch.kernel.pid, signal.SIGKILL)
        assert notebook.error("assert double(2) == 4") == ""
        assert kernel.restarts == 1


def test_cell_that_asks_the_kernel_to_end_is_stopped_and_not_the_one_after_it(
    tmp_path: Path,
) -> None:
    with StudentKernel(tmp_path, Limits()) as kernel:
        notebook = Notebook(kernel, tmp_path)
        (stopped,) = kernel.run("exit()", "own cell 1")
        assert "it ended the kernel" in str(stopped)
        assert kernel.run("def double(x): return 2 * x", "double") == []
        assert notebook.error("assert double(2) == 4") == ""
        assert kernel.restarts == 1


def test_call_that_stops_its_process_group_leaves_the_kernel_alone(tmp_path: Path) -> None:
    with StudentKernel(tmp_path, Limits(call_wall=4, blocked=1)) as kernel:
        notebook = Notebook(kernel, tmp_path)
        notebook.solution("import os, signal\ndef stops(x): os.killpg(0, signal.SIGSTOP)")
        notebook.solution("def double(x): return 2 * x")
        assert "CallLost" in notebook.error("assert stops(1) == 2")
        assert notebook.error("assert double(2) == 4") == ""
        assert kernel.restarts == 0


def test_sandbox_that_has_used_too_much_is_not_used_once_more(tmp_path: Path) -> None:
    with StudentKernel(tmp_path, Limits()) as kernel:
        watch = kernel._provisioner.watch
        watch.end(Trouble(Cause.FILES, "it made too many files"))
        assert not watch.is_alive_inside(), "the system may need a moment"


def test_calls_of_two_threads_may_overlap(tmp_path: Path) -> None:
    with StudentKernel(tmp_path, Limits()) as kernel, ExitStack() as first:
        watch = kernel._provisioner.watch
        first.enter_context(watch.call())
        with watch.call():
            first.close()
        assert watch.is_alive_inside()


def test_what_python_calls_in_the_middle_of_a_call_asks_the_kernel_nothing(
    notebook: Notebook,
) -> None:
    notebook.solution("def double(x): return 2 * x")

    def look(*_: object) -> None:  # as what removes a temporary folder that nobody needs any more
        Path("looked_at").exists()

    thresholds = gc.get_threshold()
    gc.callbacks.append(look)
    gc.set_threshold(20)
    try:
        assert notebook.error("assert double(21) == 42") == ""
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(look)


def test_what_python_calls_while_the_sandbox_is_looked_at_asks_the_kernel_nothing(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a finalizer that it happens to run there; the end of a call waits for that look."""
    notebook.solution("import time\ndef wait(): time.sleep(1)")
    watch = notebook.kernel._provisioner.watch
    see, looks = watch._usage.look, list[bool]()

    def look(waited_for: float) -> None:
        if threading.current_thread() is watch:
            looks.append(Path("looked_at").exists())
        see(waited_for)

    monkeypatch.setattr(watch._usage, "look", look)
    assert notebook.error("wait()") == ""
    assert looks


def test_submissions_own_modules_are_imported_in_the_kernel_and_not_here(
    tmp_path: Path,
) -> None:
    submission = tmp_path / "submission"
    submission.mkdir()
    for name in ("helper", "numpy", "referee"):
        (submission / f"{name}.py").write_text("answer = 41\n")
    with StudentKernel(submission, Limits()) as kernel:
        notebook = Notebook(kernel, tmp_path)
        (output,) = notebook.solution("import helper; helper.answer")
        assert output.data["text/plain"] == "41"
        assert notebook.error("import helper\nassert helper.answer == 41") == ""
        assert "helper" not in sys.modules


def test_name_that_an_unfinished_test_should_have_defined_is_never_the_students(
    notebook: Notebook,
) -> None:
    notebook.solution("prepared = 'made up'\ndef fails(): raise ValueError")
    assert "ValueError" in notebook.error("fails()\nprepared = 'by the test'")
    assert "'prepared' is not defined by the cell that prepares it" in notebook.error("prepared")
    (output,) = notebook.test("prepared")
    assert output.traceback[0] == (
        "this test needs another one before it, which could not be finished"
    )


def test_name_that_a_later_solution_cell_may_define_is_the_students_again(
    notebook: Notebook,
) -> None:
    notebook.solution("def fails(): raise ValueError")
    notebook.error("fails()\nanswer = 1")
    notebook.judge.meet_solution()  # a solution cell
    notebook.solution("answer = 42")
    assert notebook.error("assert answer == 42") == ""


def test_name_that_a_test_has_defined_before_it_failed_is_the_tests(notebook: Notebook) -> None:
    notebook.solution("prepared = 'made up'")
    assert "AssertionError" in notebook.error("prepared = 'by the test'\nassert False")
    assert notebook.error("assert prepared == 'by the test'") == ""


def test_name_that_a_passed_test_had_no_need_to_define_is_the_students(notebook: Notebook) -> None:
    notebook.solution("def helper(x): return x + 1")
    guarded = "try:\n    helper\nexcept NameError:\n    helper = lambda x: x"
    assert notebook.error(guarded) == ""
    assert notebook.error("assert helper(1) == 2") == ""


def test_object_that_a_test_could_not_keep_is_not_replaced_by_the_students(
    notebook: Notebook,
) -> None:
    notebook.solution("class O: pass\ndef evaluate(): return O()\nacc = 1.0")
    assert notebook.error("acc = evaluate()") == ""
    assert "NotComparable" in notebook.error("assert acc > 0.9")


def test_name_that_a_test_gives_to_a_students_function_lasts(notebook: Notebook) -> None:
    notebook.solution("def double(x): return 2 * x")
    assert notebook.error("alias = double\nassert alias(1) == 2") == ""
    assert notebook.error("assert alias(2) == 4") == ""


def test_text_that_cannot_be_saved_costs_nothing(notebook: Notebook) -> None:
    notebook.solution("def odd(): return '\\ud800'")
    outputs = notebook.test("print(odd())\nassert odd() == 1, f'got {odd()}'")
    str(outputs).encode()
    assert "got ?" in outputs[-1].evalue
    (output,) = notebook.test("odd()")
    output.data["text/plain"].encode()


def test_what_exceptions_say_in_a_hidden_test_is_not_said_to_the_student(
    notebook: Notebook,
) -> None:
    notebook.solution("def f(x): raise ValueError(f'called with {x}')")
    calls = "try:\n    f([3, 4])\nexcept Exception as error:\n    problem = error"
    notebook.test(f"### BEGIN HIDDEN TESTS\n{calls}\n### END HIDDEN TESTS")
    (output,) = notebook.test("assert False, f'the layers: {problem!r}'")
    assert output.traceback[0] == "the layers: ValueError"
    assert "called with [3, 4]" in output.traceback[-1]


WRITES = "def scaled(x, beta):\n    beta[...] = 7\n    x *= 2\n    return x"
COMPARES = "x, beta = np.ones(2), np.zeros(2)\ny = scaled(x, beta)\nassert y.sum() == 4, 'y'\n"


def test_call_changes_what_a_test_passes_unless_it_says_so(notebook: Notebook) -> None:
    notebook.solution(WRITES)
    assert notebook.error(COMPARES + "assert y is x and beta.sum() == 14") == ""
    told = "# Referee: pass copies\n" + COMPARES
    assert notebook.error(told + "assert x.sum() == 2 and beta.sum() == 0") == ""
    assert notebook.error(COMPARES + "assert y is x") == "", "the next test cell is as usual"


def test_function_of_an_earlier_cell_reads_what_a_test_gives_to_a_name(notebook: Notebook) -> None:
    notebook.provided("def check(f):\n    for x, y in cases: assert f(x) == y")
    notebook.solution("def successor(x): return x + 1")
    assert notebook.error("cases = [(1, 2)]\ncheck(successor)") == ""
    assert notebook.error("cases = [(1, 3)]\ncheck(successor)").startswith("AssertionError")
    define = "def check_both(f):\n    for x, y in pairs: assert f(x) == y\n"
    assert notebook.error(f"{define}pairs = [(1, 2)]\ncheck_both(successor)") == ""
    assert notebook.error("pairs = [(1, 3)]\ncheck_both(successor)").startswith("AssertionError")


def test_file_whose_content_is_not_here_is_named_if_a_test_fails_that_reads_it(
    notebook: Notebook,
) -> None:
    notebook.solution("def save(name): open(name, 'wb').write(b'\\0\\1')")
    assert notebook.note(
        "save('x.bin')\nassert open('x.bin', 'rb').read() == b'\\0\\1'"
    ).startswith("the-test: the test reads x.bin, which the student's code has written.")
    assert notebook.note("save('x.bin')\nassert len(open('x.bin', 'rb').read()) == 2") == ""


@pytest.mark.parametrize("quote", ["{e}", "{e!r}", "{e.args[0]}", "{[e]}", "{str(e)[:20]}"])
def test_what_an_exception_says_that_a_test_has_made_is_not_said_to_students(
    notebook: Notebook, quote: str
) -> None:
    notebook.solution(
        "class Told(Exception):\n"
        "    def __init__(self, text): super().__init__(f'asked for {text}')\n"
        "    def __str__(self): return f'was asked for {self.args[0][10:]}'"
    )
    made = f"e = Told('the seventeenth'); assert e is None, f'none: {quote}'"
    outputs = notebook.test(f"### BEGIN HIDDEN TESTS\n{made}\n### END HIDDEN TESTS")
    (error,) = [output for output in outputs if output.output_type == "error"]
    told = Verdict.read(error).for_student
    assert told.startswith("none: ")
    assert "Exception" in told
    assert not any(word in told for word in ("asked", "seventeenth"))


def test_container_that_would_lose_its_methods_is_not_passed(notebook: Notebook) -> None:
    """The student's code would have a plain list, and the test would count nothing."""
    notebook.solution("def find(items, item):\n    return [each for each in items].index(item)")
    spy = """
class Spy(list):
    def __iter__(self):
        raise AssertionError("use the index")
find(Spy([1, 2]), 2)
"""
    assert "Spy" in notebook.note(spy) and "__iter__" in notebook.note(spy)


LOG = """
class Log:
    def __init__(self):
        self.lines = []
    def info(self, *parts):
        self.lines.append(parts)
    def debug(self):
        return len(self.lines)
    def warning(self, *parts):
        raise ValueError("no")
    def check(self, is_right):
        assert is_right
def make():
    return Log()
log = make()
"""
DOUBLE = "def double(x):\n    return 2 * x"


@pytest.mark.parametrize(
    "line",
    [
        "log.info('begins')\nassert double(2) == 4",
        "log.info(1.5, None, double)\nassert double(2) == 4",
        "assert double(2) == 4\nlog.info('ends')",
        "if double(2) == 4:\n    log.info('ends')",
        "def check():\n    log.info('begins')\n    assert double(2) == 4\ncheck()",
    ],
)
def test_test_may_write_to_a_log_that_a_provided_cell_makes(notebook: Notebook, line: str) -> None:
    notebook.provided(LOG)
    notebook.solution(DOUBLE)
    assert not notebook.error(line)


def test_log_does_not_hide_what_is_wrong(notebook: Notebook) -> None:
    notebook.provided(LOG)
    notebook.solution("def double(x):\n    return x")
    assert "AssertionError" in notebook.error("log.info('a')\nassert double(2) == 4")


@pytest.mark.parametrize(
    "line",
    [
        "assert log.debug() == 0",
        "assert double(2) == 4\nlog.debug()",  # which would be points
        "log.info('a')\nassert not log.lines",
        "try:\n    log.warning()\nexcept ValueError:\n    pass\nassert True",
        "items = []\nlog.info(items)\nassert items == []",  # could be changed
        "log.check(double(2) == 4)",
        "log.info('a')\nassert globals()['log'].lines",
    ],
)
def test_log_that_a_provided_cell_makes_answers_and_checks_nothing(
    notebook: Notebook, line: str
) -> None:
    """A student can have another one in its place, or give it other methods."""
    notebook.provided(LOG)
    notebook.solution(DOUBLE)
    assert "a provided cell computes" in notebook.note(line)


COUNTING = """
class Probed:
    {of_class}
    def __init__(self, items):
        self.items = items
    def read(self, number):
        {count}
        return self.items[number]
"""
SEARCH = "def find(probed, item):\n    return [probed.read(n) for n in range(4)].index(item)"


@pytest.mark.parametrize(
    ("of_class", "count"),
    [
        ("reads = 0", "Probed.reads += 1"),
        ("reads = 0", "type(self).reads = self.reads + 1"),
        ("reads = []", "self.reads.append(number)"),
        ("reads = {}", "self.reads[number] = 1"),
    ],
)
def test_object_that_counts_in_its_class_is_not_passed(
    notebook: Notebook, of_class: str, count: str
) -> None:
    """It would count in the class that the student's process has, and the test would see none."""
    notebook.provided(COUNTING.format(of_class=of_class, count=count))
    notebook.solution(SEARCH)
    test = "p = Probed([1, 2, 3, 4])\nassert find(p, 3) == 2 and not Probed.reads"
    assert "self.reads" in notebook.note(test)


def test_object_that_counts_in_its_class_is_passed_where_no_test_asks(notebook: Notebook) -> None:
    notebook.provided(COUNTING.format(of_class="reads = 0", count="Probed.reads += 1"))
    notebook.solution(SEARCH)
    assert not notebook.error("assert find(Probed([1, 2, 3, 4]), 3) == 2")


def test_object_that_counts_in_itself_is_passed(notebook: Notebook) -> None:
    notebook.provided(COUNTING.format(of_class="reads = 0", count="self.reads += 1"))
    notebook.solution(SEARCH)
    assert not notebook.error("p = Probed([1, 2, 3, 4])\nassert find(p, 3) == 2 and p.reads == 4")


def test_container_with_other_methods_is_passed_as_a_plain_one(notebook: Notebook) -> None:
    notebook.solution("def largest(items): return max(items)")
    own = """
class Numbers(list):
    def __init__(self, *items): super().__init__(items)
    def __eq__(self, other): return True
    def middle(self): return self[len(self) // 2]
"""
    assert notebook.error(own + "assert largest(Numbers(1, 3, 2)) == 3") == ""


@pytest.mark.skipif(not which("git"), reason="there is no git")
def test_git_works_in_the_folder_of_a_submission(notebook: Notebook) -> None:
    notebook.solution(
        "def status():\n    found = !git init --quiet . && git status\n    return found"
    )
    assert notebook.error("assert status()[0].startswith('On branch')") == ""
