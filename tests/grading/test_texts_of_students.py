"""Texts of a student that a test evaluates, or a library for it: they reach nothing but data."""

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

STUDENT = """
x = 3
mine = 1
def said(number): return SAID[number]
def half(): return Fraction(1, 2)
def table(): return pd.DataFrame({"a": [0, 1, 2], "b": ["x", "y", None]})
class Dog:
    def __init__(self, name): self.name = name
    def speak(self): return self.name
def slope(expression):
    import sympy
    return sympy.diff(expression, sympy.Symbol("t"))
def write(name, text):
    with open(name, "w") as file: file.write(text)
def content_of(name):
    with open(name) as file: return file.read()
def same(path): return path
def double(box):
    for _ in range(15): box.items = [box.items, box.items]
"""
PROVIDED = """
import math
import os
import numpy as np
import pandas as pd
from fractions import Fraction
def shown(text, *values): return text.format(*values)
def found(value, name): return getattr(value, name)
class Box:
    def __init__(self): self.items = [1]
    def same(self, kind): return type(self) is kind
class Parts:
    def __init__(self, **parts):
        for name, part in parts.items(): setattr(self, "_" + name, part)
    def get(self, name): return getattr(self, "_" + name)
class Store:
    ended = []
    def __init__(self): self.path = "own"
    def __del__(self):
        Store.ended.append(1)
        os.remove(self.path)
"""
# Nothing is written where it would stay, should a guard fail: there is no folder of that name.
# Texts of a student that a test has a library evaluate; `known` is a variable of the test.
SAID = {
    1: "a == @known",
    2: "known",
    3: "a.to_csv('/nowhere/of_student.csv')",
    4: "a.to_csv.__func__.__globals__",
    5: "@pd.io.common.os.getpid()",
    6: "{0.__class__.__new__.__globals__[sys].modules[__main__].known}",
    7: "{0:{0.__class__.__new__.__globals__}}",
    8: "__globals__",
    9: "__main__",
    10: "__main__.known",
    11: "/etc/passwd",
    12: "../../../../../../../../etc/passwd",
    13: "ATTACH DATABASE '/nowhere/of_student.db' AS other",
    14: "VACUUM INTO '/nowhere/of_student.db'",
    15: "!!python/name:__main__.known",
    16: '!!python/object/apply:eval ["known"]',
    17: "x.__class__",
    18: "__import__('os').getpid()",
    19: "{{ value.__class__.__new__.__globals__ }}",
    20: "file:/nowhere/of_student.db?mode=rwc",
    21: "gi_frame.f_globals",
    22: "/root/../home/../root/.ssh/config",
    23: "{{ value['__class__'] }}",
    24: "{{ value|attr('__class__') }}",
    25: "(lambda known: known)(known)",
    26: "/proc/self/environ",
    27: "f.__globals__",
    28: "/nowhere/of_student",
    29: "a.agg('to_csv', path_or_buf='/nowhere/of_student.csv')",
    30: "a.values.tofile('/nowhere/of_student.csv')",
    47: "/dev/tty",
    # what does no harm
    31: "a > a.mean() and b.str.contains('y')",
    32: "c = a + 1",
    33: "{0.real} and {name:>5}",
    34: "sqrt",
    35: "SELECT a + 1 FROM t",
    36: "a: [1, 2]",
    37: "t**2 + 1",
    38: "Hello {{ value }}",
    39: "written.txt",
    40: "a + b",
    41: "speak",
    42: "a.clip(0, 1) > 0 and b.str.match('x|y') == True and b.str.isalpha() == True",
    43: "log10(a + 1) < arctan2(a, 1) + 2 and a.isin([1, 2]) and a.cummax() == a",
    44: "d.dt.day_name() == 'Wednesday' and d.dt.quarter == 1 and d.dt.month.between(1, 2)",
    45: "`the name` > 1 and index >= 0",
    46: "given.txt",
    # what is no text of the teacher's, and not the student's own name
    48: "q",
    49: "mine",
    50: b"#coding:utf-7\n+AF8AXw-import+AF8AXw-('os').getpid()",
    # templates that put names together while they are rendered
    53: "{{ '{0.__globals__[os].sys.modules[__main__].known}'.format(lipsum) }}",
    54: "{{ [value]|map(attribute='%c_class_%c'|format(95, 95))|list }}",
    # formulas with NumPy's modules in them
    55: "testing.runstring('x', {})",
    56: "ctypeslib.load_library('libc.so.6', '/lib/x86_64-linux-gnu').getpid()",
    57: "'{0.__globals__}'.format(linspace)",
    # what Python reads otherwise than it looks, or uses before it is made
    58: b"#\xe9\n# coding: latin-1\nknown",
    59: b"\r\r\n# coding: utf-7\n0 and+ACM-0 or known",
    60: "0 if 0 and __pd_eval_local_ else known",
    61: "__pd_eval_local_known",
    62: "known = @known",
    63: "class word(metaclass=lambda name, bases, of: of['x']):\n    x = known\n    known = 0",
    64: "match 0:\n    case int(__class__=word): pass",
    # what never ends
    51: "a" * 40 + "b",
    52: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
}
LOAD = """import importlib.util
def load(name):
    spec = importlib.util.spec_from_file_location(name, name + ".py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""
EVALUATED = [
    *(
        f"known = 6\nassert ({evaluate}) is not None"
        for evaluate in (
            *(f"pd.DataFrame({{'a': [6]}}).query(said({n}), engine='python')" for n in (1, 5)),
            *(
                f"pd.DataFrame({{'a': [6]}}).eval(said({n}), engine='python')"
                for n in (3, 4, 5, 29, 30)
            ),
            "pd.DataFrame({'a': [6]})['a'].to_frame().eval('c = ' + said(2))",
            "pd.DataFrame({'a': [6]}).eval(said(61))",
            "pd.DataFrame({'a': [6]}).eval(said(62))",
            "pd.eval(said(2))",
            "said(6).format(half())",
            "said(7).format(half())",
            "str.format(said(6), half())",
            "said(6).format_map({'0': half()})",
            "' '.join(map(said(6).format, [half()]))",
            "__import__('string').Formatter().format(said(6), half())",
            "getattr(lambda: 0, said(8))",
            "setattr(lambda: 0, said(8), 1) or 1",
            "__import__('operator').attrgetter(said(21))(number for number in [1])",
            "__import__(said(9))",
            "__import__('importlib').import_module(said(9))",
            "__import__('pydoc').locate(said(10))",
            *(f"open(said({n})).read()" for n in (11, 12, 22, 26, 47)),
            "__import__('codecs').open(said(11)).read()",
            "os.makedirs(said(28)) or 1",
            "os.mkfifo(said(28)) or 1",
            "os.chown(said(28), -1, -1) or 1",
            "[*os.walk(said(12)[:-11])]",
            "pd.read_csv(said(11), sep='\\0')",
            "np.loadtxt(said(11), dtype=str)",
            "__import__('pathlib').Path(said(11)).read_text()",
            "__import__('os').listdir(said(12)[:-11])",
            "__import__('shutil').copyfile('given.txt', said(28)) or 1",
            "__import__('sqlite3').connect(said(20), uri=True)",
            *(f"__import__('sqlite3').connect(':memory:').execute(said({n}))" for n in (13, 14)),
            *(f"__import__('yaml').unsafe_load(said({n}))" for n in (15, 16)),
            "__import__('logging.config').config.dictConfig("
            "{'version': 1, 'filters': {'f': {'()': said(10)}}}) or 1",
            "__import__('sympy').lambdify('x', said(17))",
            *(f"__import__('sympy').lambdify('x', said({n}))(2)" for n in (18, 55, 56, 57)),
            *(
                f"__import__('jinja2').Template(said({n})).render(value=half())"
                for n in (19, 23, 24, 53, 54)
            ),
            "__import__('timeit').timeit(said(25), globals=globals(), number=1)",
            "__import__('PIL.ImageMath').ImageMath.unsafe_eval(said(27), f=len)",
            # what runs a text is handed on to a library
            "pd.Series([said(18)]).apply(eval)",
            "pd.read_csv(__import__('io').StringIO('a\\n' + said(18)), converters={'a': eval})",
            "np.vectorize(eval)([said(18)])",
            "__import__('unittest').TestCase().assertRaises(SyntaxError, eval, said(18)) or 1",
            "__import__('concurrent.futures').futures.ThreadPoolExecutor().submit(eval, said(2))"
            ".result()",
            "pd.Series([half()]).apply(said(6).format)",
            "pd.Series([lambda: 0]).apply(getattr, args=(said(8),))",
            "pd.Series([said(9)]).apply(__import__('importlib').import_module)",
            # and to a function of a provided cell
            "shown(said(6), half())",
            "found(lambda: 0, said(8))",
            "Parts().get(said(8)[1:])",
        )
    ),
    "known = 6\nassert eval(said(2)) == known, 'not what is known'",
    "word, q = 'squid', 6\nassert eval(said(48)) == q",
    "mine = 6\nassert eval(said(49)) == mine",
    "assert eval(said(50)) is None",
    *(
        f"known = 6\nassert eval({text}) in (None, known)"
        for text in ("compile(said(58), '', 'exec')", "said(59)", "said(60)")
    ),
    *(f"known, word = 6, 'word int'\nexec(said({n}))\nassert word != known" for n in (63, 64)),
    "known = 6\ntry:\n    open(said(11))\nexcept Exception:\n    pass",
    # a module that the test writes, and one beside the notebook that is loaded by its path
    f"with open('m.py', 'w') as file:\n    file.write(said(18))\n{LOAD}load('m')",
    "with open('m2.py', 'w') as file:\n    file.write(said(18))\nimport m2",
    f"{LOAD}load('helper').run(said(18))",
]
HARMLESS = [
    "with open('own_too.py', 'w') as file:\n    file.write('x = 3')\n"
    "import own_too\nassert own_too.x == 3",
    "write('theirs.py', 'x = 1')\nopen('theirs.py', 'w').write('x = 3')\n"
    "import theirs\nassert theirs.x == 3",
    "open('mine_first.py', 'w').write('x = 3')\nwrite('mine_first.py', 'x = 1')\n"
    "import mine_first\nassert mine_first.x == 1",
    f"{LOAD}with open('own_module.py', 'w') as file:\n    file.write('x = 3')\n"
    "assert load('own_module').x == 3 and load('helper').run('1 + 1') == 2",
    "import codecs\nwrite('coded.txt', 'text')\nassert codecs.open('coded.txt').read() == 'text'\n"
    "os.makedirs('above/below')\nassert [*os.walk('above')][0][1] == ['below']",
    "assert Parts(wheel=3).get('wheel') == 3",
    "assert shown(said(33).replace('name:', '1:'), 3, 'x') == '3 and     x' and Box().same(Box)",
    "assert shown('{0.__class__.__name__}', 3) == 'int' and found(math, said(34))(4) == 2",
    "t = pd.DataFrame({'a': [0, 1], 'b': ['x', 'y'], 'd': pd.to_datetime(['2020-01-01'] * 2)})\n"
    "t['the name'] = [1, 2]\n"
    "assert [len(t.query(said(n))) for n in (42, 43, 44, 45)] == [1, 1, 2, 1]",
    "assert open(said(46)).read() == 'given'\nopen(said(46), 'a').write(' more')\n"
    "import shutil\nshutil.copy(said(46), 'copy.txt')\n"
    "assert open('copy.txt').read() == 'given more'",
    "assert len(table().query('a > 0')) == 2 and len(table().query('a > @x - 2')) == 1",
    "limit = 1\nassert len(table().query('a >= @limit and a in [1, 2]')) == 2",
    "assert table().dropna().query(said(31))['b'].tolist() == ['y']",
    "assert table().eval(said(32))['c'].tolist() == [1, 2, 3]",
    "one = table()['a']\nassert pd.eval('one + 1').tolist() == [1, 2, 3]",
    "assert said(33).format(3, name='x') == '3 and     x'",
    "assert '{0.__class__.__name__}'.format(3) == 'int' and str.format('{}', 3) == '3'",
    "assert (4).__format__('d') == '4' and format(4, 'd') == '4' and 'a'.format() == 'a'",
    "assert getattr(math, said(34))(4) == 2 and getattr(Dog('a'), said(41))() == 'a'",
    "assert [getattr(3, f'__{name}__')(2) for name in ('add', 'mul')] == [5, 6]",
    "assert getattr(Dog('a'), '__doc__', 3) is None and getattr(3, 'no', 4) == 4",
    "import importlib\nfor name in ['math', 'json']:\n    importlib.import_module(name)",
    "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('CREATE TABLE t (a)')\n"
    "c.execute('INSERT INTO t VALUES (2)')\nassert c.execute(said(35)).fetchall() == [(3,)]",
    "import sqlite3\nc = sqlite3.connect('own.db')\nc.execute(\"ATTACH 'own2.db' AS b\")\n"
    "assert pd.read_sql('SELECT 1 AS a', c)['a'].tolist() == [1]",
    "import yaml\nassert yaml.safe_load(said(36)) == yaml.unsafe_load(said(36)) == {'a': [1, 2]}\n"
    "assert yaml.unsafe_load('!!python/tuple [1, 2]') == (1, 2)",
    "import sympy\nassert sympy.lambdify('t', said(37))(3) == 10\n"
    "t = sympy.Symbol('t')\nassert sympy.lambdify(t, slope(sympy.sin(t)))(0) == 1\n"
    "parts = sympy.Piecewise((t, (t > 0) & (t < 9)), (sympy.Max(t, 1) + sympy.re(t), True))\n"
    "for modules in ('numpy', 'math', 'mpmath', 'sympy'):\n"
    "    assert sympy.lambdify(t, parts, modules)(2) == 2",
    "import jinja2\nassert jinja2.Template(said(38)).render(value=3) == 'Hello 3'",
    "import jinja2\nown = '{{ value.__class__.__name__ }} {{ \"{0:.1f}\".format(value) }}'\n"
    "assert jinja2.Template(own).render(value=3) == 'int 3.0'",
    "assert '1.00' in pd.DataFrame({'a': [1]}).style.format('{:.2f}').highlight_max().to_html()",
    "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as file:\n    file.write('a')\n"
    "with tempfile.TemporaryDirectory() as folder:\n    open(folder + '/a', 'w').close()",
    "import tempfile\nwith tempfile.TemporaryDirectory() as folder:\n"
    "    name = folder + '/x.txt'\n    write(name, 'text')\n    assert open(name).read() == 'text'",
    "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as file:\n    file.write('a')\n"
    "    file.flush()\n    assert content_of(file.name) == 'a'",
    "import tempfile\nfrom pathlib import Path\n"
    "with tempfile.TemporaryDirectory(prefix='mine') as folder:\n"
    "    path = Path(folder) / 'x.txt'\n    path.write_text('b')\n"
    "    assert content_of(path) == 'b' and same(path) == path",
    "write(said(39), 'text')\nassert open(said(39)).read() == 'text'\n"
    "from pathlib import Path\nPath('folder').mkdir()\nPath('folder/a').write_text('b')",
    "import os\nassert open(os.devnull).read() == '' and open('/etc/group').read()",
    "import matplotlib.font_manager as fonts\nassert fonts.findfont('DejaVu Sans')",
    "import string\nassert string.Formatter().format('{0.real}', 3) == '3'\n"
    "assert string.Template('$a').substitute(a=3) == '3'",
    "import logging.config\n"
    "h = {'class': 'logging.NullHandler'}\n"
    "logging.config.dictConfig({'version': 1, 'handlers': {'h': h}})",
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "given.txt").write_text("given")
    (folder / "helper.py").write_text("def run(text): return eval(text)")
    with StudentKernel(folder, Limits(call_cpu=3, call_wall=5, test_wall=6)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.provided(PROVIDED)
        notebook.solution(f"SAID = {SAID!r}\n{STUDENT}")
        yield notebook


@pytest.mark.parametrize("source", EVALUATED)
def test_text_of_the_students_reaches_nothing(notebook: Notebook, source: str) -> None:
    assert notebook.note(source) != ""


@pytest.mark.parametrize("source", HARMLESS)
def test_text_that_reaches_nothing_is_evaluated(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


@pytest.mark.parametrize(
    "source",
    [
        "import re\nassert re.fullmatch('(a+)+', said(51))",
        "import sqlite3\ntry:\n    sqlite3.connect(':memory:').execute(said(52)).fetchall()\n"
        "except Exception:\n    pass",
    ],
)
def test_text_that_has_a_library_compute_for_ever_costs_its_test_only(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setattr(notebook.judge, "limits", Limits(test_cpu=0.5))
    assert notebook.error(source).startswith("TestTimeout")
    assert notebook.error("assert said(41) == 'speak'") == ""


def test_thread_of_an_earlier_test_runs_no_text_of_the_students(notebook: Notebook) -> None:
    pool = "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\n"
    assert notebook.error(f"{pool}assert pool.submit(int).result() == 0") == ""
    assert notebook.note("known = 6\npool.submit(eval, said(18)).result()") != ""


def test_message_that_would_never_end_is_not_shown(notebook: Notebook) -> None:
    """Each list is in the next one twice: there are 2**60 of them to print."""
    source = "box = Box()\nfor _ in range(4):\n    double(box)\nassert box.items == [1], box.items"
    assert notebook.error(source) == "AssertionError: (its message cannot be shown)"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "source",
    [
        "import weakref\nbox = Box()\nweakref.finalize(box, os.remove, others())\ndel box",
        "import weakref\nbox = Box()\nweakref.finalize(box, os.remove, others())",
        "import weakref\nbox, at = Box(), others()\nr = weakref.ref(box, lambda _: os.remove(at))",
        "name = others()\nassert False\ndef unused(at=os.remove(name)): pass",
    ],
)
def test_what_a_test_leaves_behind_uses_no_file_that_a_student_names(
    notebook: Notebook, tmp_path: Path, source: str
) -> None:
    named = tmp_path / "others"
    named.touch()
    notebook.solution(f"def others(): return {str(named)!r}")
    # What an earlier test has had is kept for a while.
    for each in (source, "box = None", "1", "2"):
        notebook.test(each)
    gc.collect()
    assert named.exists()


def collect_in_another_thread() -> Iterator[None]:
    """Collect garbage in a thread that is there already, as those of the grader are."""
    begin = threading.Event()
    thread = threading.Thread(target=lambda: begin.wait() and gc.collect())
    thread.start()
    yield
    begin.set()
    thread.join()
    yield


def collect_here() -> Iterator[None]:
    yield
    gc.collect()
    yield


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # by `__del__`
@pytest.mark.parametrize("collect", [collect_here, collect_in_another_thread])
def test_what_ends_after_its_test_uses_no_file_that_a_student_names(
    notebook: Notebook, tmp_path: Path, collect: Callable[[], Iterator[None]]
) -> None:
    others = tmp_path / "others"
    others.touch()
    notebook.solution(f"def lead(store): store.path = {str(others)!r}")
    gc.disable()
    try:
        collecting = collect()
        next(collecting)
        # It is in a circle, and so goes when garbage is collected.
        source = "Store.ended.clear()\nstore = Store()\nstore.itself = store\nlead(store)"
        assert notebook.error(f"{source}\nassert len(store.path) > 3") == ""
        for source in (
            "store = None",
            "1",
            "2",
        ):  # what an earlier test has had is kept for a while
            notebook.test(source)
        next(collecting)
    finally:
        gc.enable()
    assert notebook.error("assert Store.ended") == ""
    assert others.exists()
