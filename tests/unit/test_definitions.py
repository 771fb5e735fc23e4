"""What of a cell is there for others: its imports, and what it defines."""

import nbformat
import pytest

from referee.nbgrader.released import ReleasedNotebooks
from referee.notebook.definitions import (
    classes_in,
    defined_in,
    definitions_in,
    files_written_in,
    imports_in,
    methods_in,
    modules_in,
    needs_of,
    values_in,
)
from tests.support.toy import given, solution, test


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import math\nx = math.pi", "import math"),
        ("%matplotlib inline\n!ls\nimport numpy as np, os.path", "import numpy as np, os.path"),
        ("with open('x') as f:\n    from a import b\n    f.read()", "from a import b"),
        ("if x:\n    import a\nelse:\n    import b", "import a\nimport b"),
        (
            "try:\n    import a\n    go()\nexcept ImportError as e:\n    import b as a",
            "try:\n    import a\nexcept ImportError:\n    import b as a",
        ),
        ("def f():\n    import a", ""),
        ("for x in y:\n    import a", ""),
        ("this is no Python", ""),
        ("\x00", ""),
    ],
)
def test_imports_of_a_cell(source: str, found: str) -> None:
    assert imports_in(source) == found


def test_definitions_of_a_cell_are_without_what_it_does() -> None:
    source = "from a import b\nx = 1\ndef f():\n    return x\nassert f()\nclass C: pass"
    assert definitions_in(source).split() == (
        ["from", "a", "import", "b", "def", "f():", "return", "x", "class", "C:", "pass"]
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    len = 1\nclass C: pass\nx = 1", "f C"),
        ("abs = lambda x: x\nf = abs", "abs"),
        ("if True:\n    def sorted(v): return v", "sorted"),
        ("(all, x), *min = 1, 2\nfor any in []: pass", "all any min"),
        ("import math as pow\n[id for id in x]\nlen(x)\n__name__ = 'x'", ""),
        ("this is no Python", ""),
    ],
)
def test_what_a_cell_defines(source: str, found: str) -> None:
    assert " ".join(defined_in(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1\ny = 2", "x = 1"),
        ("a = 1\nb = a + 1\nx = f(b)\nassert x == 3", "a = 1\nb = a + 1\nx = f(b)"),
        ("x, y = f()\nx += 1\nx.append(2)", "x, y = f()\nx += 1"),
        ("for x in y:\n    pass\ndef f():\n    x = 1", ""),
        ("print(x)", ""),
    ],
)
def test_values_of_a_cell_come_with_what_they_are_made_of(source: str, found: str) -> None:
    assert values_in(source, {"x"}) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("open('a.txt', 'w').write('x')\nopen('b.txt', mode='a')\nopen('c.txt')", "a.txt b.txt"),
        ("np.savez('./d/a.npz', x=1)\nnp.load('b.npy')\nframe.to_csv('c.csv')", "d/a.npz c.csv"),
        ("Path('a.txt').write_text('x')\nPath('b.txt').read_text()", "a.txt"),
        ("def f(name):\n    np.save(name, 1)\n    np.save('a.npy', 1)", "a.npy"),
    ],
)
def test_files_that_a_cell_writes_to(source: str, found: str) -> None:
    assert list(files_written_in(source)) == found.split()


def test_modules_of_a_cell() -> None:
    source = "import a, b.c\ndef f():\n    from d.e import g\nfrom . import h"
    assert modules_in(source) == ["a", "b.c", "d.e"]


def test_methods_of_a_class_come_with_those_that_it_inherits() -> None:
    source = (
        "class A(list):\n    def append(self, x): 1\n    size = 1\n"
        "class B(A):\n    def __add__(self, x): 1\n    __radd__ = __add__\n"
        "class Rights(enum.IntFlag):\n    R = 4\n"
        "def f():\n    class C:\n        def g(self): 1"
    )
    found = methods_in(source)
    assert found[:5] == (
        *(("A", "append"), ("A", "size")),
        *(("B", "__add__"), ("B", "__radd__"), ("B", "append")),
    )
    assert ("Rights", "__or__") in found and not any(name == "C" for name, _ in found)


def test_classes_of_a_cell_are_those_of_calls_and_other_names_too() -> None:
    source = 'class A: pass\nB = A\nP = collections.namedtuple("P", "x")\nc = A()\nD = B'
    assert classes_in(source) == ("A", "B", "P", "D")


@pytest.mark.parametrize(
    ("source", "method", "has"),
    [
        ("class A: pass", "object", True),
        ("class A(abc.ABC): pass", "object", True),
        ("class B: pass\nclass A(B): pass", "object", True),
        ("class B(dict): pass\nclass A(B): pass", "object", False),
        ("class A(list): pass", "object", False),
        ("class B: pass\nA = B", "object", True),
        ("class A(enum.Enum): X = 1", "Enum", True),
        ("class A(typing.NamedTuple): x: int", "object", True),
        ("A = collections.namedtuple('A', 'x')", "object", True),
        ("@dataclass(frozen=True)\nclass A: x: int", "__hash__", True),
        ("@dataclass\nclass A: x: int", "__eq__", True),
        ("@dataclass\nclass A: x: int", "__lt__", False),
        ("@dataclass(order=True)\nclass A: x: int", "__lt__", True),
        ("@functools.total_ordering\nclass A:\n    def __lt__(self, o): 1", "__ge__", True),
        ("@functools.total_ordering\nclass A:\n    def __lt__(self, o): 1", "__new__", False),
        ("@singleton\nclass A: pass", "__new__", True),
        ("class A(metaclass=Single): pass", "__new__", True),
        ("class A(metaclass=abc.ABCMeta): pass", "__new__", False),
    ],
)
def test_methods_of_a_class_say_what_it_is(source: str, method: str, has: bool) -> None:
    assert (("A", method) in methods_in(source)) is has


def test_imports_of_ordinary_cells_belong_to_the_code_cell_that_follows(tmp_path) -> None:
    cells = [
        nbformat.v4.new_code_cell("import math", metadata={"nbgrader": {"solution": False}}),
        nbformat.v4.new_markdown_cell("import text"),
        nbformat.v4.new_code_cell("import os\nx = 1"),
        given("provided", "y = 2"),
        solution("answer", "### BEGIN SOLUTION\nimport json\n### END SOLUTION"),
        solution("class", "class A(list):\n    def pop(self): return 1"),
        nbformat.v4.new_code_cell("import sys"),
        test("test", "assert True", 1),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "book.ipynb")
    found = ReleasedNotebooks(None, tmp_path).of("book")
    assert found.imports == {
        "provided": "import math\nimport os",
        "answer": "",
        "class": "",
        "test": "import sys",
    }
    assert found.own_imports == {"answer": "import json", "class": ""}
    assert found.methods == {"answer": (), "class": (("A", "pop"),)}


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("s = Stack()\ns.push(1)", "Stack"),
        ("s.push(1)\ns = Stack()", "s Stack"),
        ("s += other", "s other"),
        ("def f(s):\n    t = s.pop()\n    return t + rest", "rest"),
        ("same = [each for each in both]\nsame[0].go()", "both"),
        ("for each in both:\n    each.go()", "both"),
        ("go = lambda s: s.x + w", "w"),
        ("class A:\n    b = s\n    def m(self): return z", "s z"),
        ("this is no Python", ""),
    ],
)
def test_names_that_a_cell_needs(source: str, needed: str) -> None:
    assert needs_of(source) == set(needed.split())
