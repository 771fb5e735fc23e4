"""Test cells as other people's courses have them: what nbgrader passes passes, and no more."""

import base64
import pickle
import zlib
from collections.abc import Iterator
from datetime import date

import nbformat
import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook
from tests.grading.test_own_kinds import CONFIGURATION
from tests.grading.test_own_kinds import KINDS as OWN_KINDS
from tests.support.toy import NAME, make_toy, solution, test

pytestmark = pytest.mark.xdist_group("judge")

PACKED = base64.b64encode(zlib.compress(b"a = int(area(1) == math.pi)"))
PROVIDED = """
from functools import partial
total = partial(sum, start=1)
import decimal, json
class BankError(ValueError):
    def __init__(self, text, amount):
        super().__init__(text)
        self.amount = amount
"""
STUDENT = (
    '''
import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from collections import namedtuple

x = 3
row = np.array([1.0, 2.0])
rows_of = [0, row, {"row": row}]

class Animal:
    """An animal."""
    legs = 4

    def __init__(self, name):
        self.name = name

    def speak(self, times=1):
        return self.name * times

class Dog(Animal):
    def __eq__(self, other):
        return isinstance(other, Dog) and self.name == other.name

    def __len__(self):
        return len(self.name)

    def __getitem__(self, place):
        return self.name[place]

    def __add__(self, other):
        return Dog(self.name + other.name)

    def __str__(self):
        return f"Dog {self.name}"

    def __contains__(self, letter):
        return letter in self.name

class Always:
    """Equal to everything, and true."""
    def __eq__(self, other): return True
    def __ne__(self, other): return True
    def __bool__(self): return True
    def __lt__(self, other): return True
    def __gt__(self, other): return True
    def __hash__(self): return hash(6)

class Stack:
    def __init__(self): self.items = []
    def push(self, item): self.items.append(item)
    def __len__(self): return len(self.items)

class Vector:
    def __init__(self, x): self.x = x
    def __add__(self, other): return Vector(self.x + other.x)
    def __abs__(self): return abs(self.x)
    def __float__(self): return float(self.x)

class Agrees:
    """Agrees with whatever it is compared with by computing."""
    def zero(self, *args): return 0.0
    def itself(self, *args): return self
    __sub__ = __rsub__ = __mod__ = __rmod__ = __xor__ = __float__ = __int__ = __len__ = zero
    __truediv__ = __rtruediv__ = __add__ = __radd__ = __mul__ = __pow__ = itself
    __abs__ = __round__ = sqrt = conjugate = real = sum = max = mean = std = any = zero
    def all(self, *args): return True
    def __contains__(self, item): return True

class Chains(Agrees):
    __sub__ = __rsub__ = Agrees.itself

def agrees(): return Agrees()
def chains(): return Chains()

class Countdown:
    """Is its own iterator."""
    def __init__(self, n): self.n = n
    def __len__(self): return self.n
    def __iter__(self):
        self.left = self.n
        return self
    def __next__(self):
        self.left -= 1
        if self.left < 0: raise StopIteration
        return self.left + 1

class Purse:
    def __init__(self, euros): self.euros = euros
    def __iadd__(self, other):
        self.euros += other.euros
        return self

class Doubling(dict):
    def __missing__(self, key): return key * 2

class Labelled(list):
    label = "none"
    def shown(self): return f"{self.label}: {len(self)}"
    @property
    def size(self): return len(self)

class MyError(ValueError):
    pass

def always(): return Always()
def fail(): raise MyError("no")
def strict(): raise UserWarning("x")
def g(n):
    for i in range(n):
        got = yield i
        if got: yield got * 100
def half(): return Fraction(1, 2)
def day(): return date(2020, 1, 2)
def now(): return datetime(2020, 1, 2, 3, 4)
def price(): return Decimal("1.10")
def some(): return frozenset([1, 2])
def rows(): return range(3)
def cut(): return slice(1, 3)
def wait(): return timedelta(hours=1)
def area(r, pi=math.pi):
    """Area of a circle."""
    return pi * r * r
def bare(): pass
def dogs(): return [Dog("a"), Dog("b")]
def is_dog(dog): return isinstance(dog, Dog)
def second(of, how): return of[how]
def rule():
    import inspect
    return inspect.cleandoc
def root(): return math.sqrt
'''
    + """
import numpy as np
import pandas as pd
from collections import Counter, OrderedDict, defaultdict, deque

def table(): return pd.DataFrame({"a": [0, 1, 2], "b": ["x", "y", None]})
def typed():
    columns = {"i": pd.array([1, None]), "c": pd.Categorical(["u", "v"]), "s": ["x", None]}
    return pd.DataFrame(columns | {"t": pd.date_range("2020", periods=2, tz="UTC"), "n": [1, 2]})
def types(): return typed().dtypes
def type_of(name): return typed()[name].dtype
def convert(df, to): return df.astype(to)
def ages(): return table().groupby("b")["a"].mean()
def when(): return pd.Timestamp("2020-01-02", tz="Europe/Berlin")
def doubled(df): return df.assign(a=df["a"] * 2)
def drop_b(df): del df["b"]
class Table(pd.DataFrame):
    def equals(self, other): return True
    def sum(self, *args): return 3
def liar(): return Table({"a": [9]})
def holds(): return pd.DataFrame({"a": [Always()]})
def count(text): return Counter(text)
def queue(): return deque([1, 2, 3], 3)
def known(*names): return dict.fromkeys(names, 1).keys()
def pairs(**names): return names.items()
class Node:
    pass
def nodes(): return {Node(): 1, Node(): 2}.keys()
def groups(): return defaultdict(lambda: 7, a=1)
def all_hidden():
    every = np.ma.array(np.zeros(3), mask=True)
    return every
def hidden_one(): return np.ma.masked
def missing(kind): return pd.Series([None], dtype=kind)
def masked(): return np.ma.masked_array([1, 2, 3], [0, 1, 0])
def rows_of_fields(): return np.array([("a", 1.5)], [("name", "U3"), ("x", "f8")])
def kind_of(x): return np.asarray(x).dtype
class Holder:
    def __init__(self, x): self.dtype = np.asarray(x).dtype
def sort_of(x): return type(x)
def stem(path): return type(path)(path.stem)
def single(): return np.float32
def days(): return np.array(["2020-01-01", "2020-02-01"], "M8[D]")
def grid(): return np.matrix([[1, 2], [3, 4]])
import sqlite3
database = sqlite3.connect(":memory:")
database.execute("create table t(a)")
database.execute("insert into t values (3)")
def all_of(table): return database.execute(f"select * from {table}").fetchall()
import scipy.sparse as sparse
import sympy
from PIL import Image
t = sympy.Symbol("t")
def ratings(): return sparse.csr_matrix(([5, 3], ([0, 2], [1, 1])), shape=(3, 2))
def slope(expression): return sympy.diff(expression, t)
def roots(): return sympy.solve(t**2 - 4, t)
def red(): return Image.new("RGB", (4, 3), (255, 0, 0))
class Answer(sympy.Symbol):
    def __eq__(self, other): return True
    def __sub__(self, other): return sympy.Integer(0)
    __hash__ = sympy.Symbol.__hash__
def agrees_in_symbols(): return Answer("t")
"""
)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    limits = Limits(call_cpu=3, call_wall=5, test_wall=6)
    folder = tmp_path_factory.mktemp("any")
    (folder / "given.pkl").write_bytes(pickle.dumps(date(2020, 1, 2)))
    with StudentKernel(folder, limits) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.judge.provide(
            "import math, inspect\nfrom datetime import date, datetime, timedelta"
        )
        notebook.judge.provide("from decimal import Decimal\nfrom fractions import Fraction")
        notebook.judge.provide("import numpy as np\nimport pandas as pd")
        notebook.provided(PROVIDED)
        notebook.solution(STUDENT)
        yield notebook


UNITTEST = """
import unittest
class TestHalf(unittest.TestCase):
    def test_half(self): self.assertEqual(half(), Fraction(1, {}))
result = unittest.main(argv=[""], exit=False).result
assert result.wasSuccessful()"""
RIGHT = [
    UNITTEST.format(2) + " and result.testsRun == 1",
    "assert Dog('a').name == 'a'",
    "assert Dog('ab').speak(2) == 'abab'",
    "assert Dog('a').speak(times=3) == 'aaa'",
    "assert Dog.legs == 4 and Animal.__doc__ == 'An animal.'",
    "assert isinstance(Dog('a'), Dog) and isinstance(Dog('a'), Animal)",
    "assert not isinstance(Animal('a'), Dog)",
    "assert isinstance(Dog('a'), (int, Dog)) and issubclass(Dog, Animal)",
    "assert type(Dog('a')) == Dog and type(Dog('a')) is Dog and Dog('a').__class__ is Dog",
    "assert type(3) is int and type(Dog('a')).__name__ == 'Dog'",
    "import pathlib\nassert stem(pathlib.Path('a/b.txt')) == pathlib.Path('b')",
    "assert len(Dog('abc')) == 3 and Dog('abc')[1] == 'b' and Dog('abc')[0:2] == 'ab'",
    "assert (Dog('a') + Dog('b')).name == 'ab'",
    "assert str(Dog('a')) == 'Dog a' and f'{Dog(\"a\")}' == 'Dog a'",
    "assert 'b' in Dog('abc') and 'z' not in Dog('abc')",
    "assert hasattr(Dog('a'), 'speak') and not hasattr(Dog('a'), 'bark')",
    "assert 'speak' in dir(Dog('a')) and 'name' in vars(Dog('a'))",
    "dog = Dog('a'); dog.name = 'c'; assert dog.speak() == 'c'; del dog.name\n"
    "assert not hasattr(dog, 'name')",
    "assert [dog.name for dog in dogs()] == ['a', 'b']",
    "assert is_dog(Dog('a')) and is_dog(dogs()[0])",
    "d = dogs(); assert d[0] is d[0] and d[0] is not d[1]",
    "a = Animal('a'); assert a == a and a != Animal('a') and a in [a]",
    "assert rows_of == [0, row, {'row': row}] and rows_of[1] is row",
    "assert row is rows_of[1] is rows_of[2]['row'] and np.array([1.0, 2.0]) is not row",
    "row[0] = 5; assert rows_of[1][0] == 5",
    "assert Dog('a') is not None and Dog('a') != None",
    "assert list(g(3)) == [0, 1, 2] and sum(g(4)) == 6 and next(g(1)) == 0",
    "it = g(3); next(it); assert it.send(7) == 700",
    "c = Countdown(2); assert list(c) == list(c) == [2, 1] and len(c) == 2 and sum(c) == 3",
    "assert 'x' in globals() and 'x' in dir() and 'x' in locals() and 'y' not in globals()",
    "assert globals()['x'] == 3 and globals().get('nothing') is None",
    "def f():\n    here = 1\n    return dir(), 'x' in globals()\nassert f() == (['here'], True)",
    "assert (Vector(2) + Vector(3)).x == 5 and abs(Vector(-2)) == 2",
    "p = q = Purse(1); p += Purse(2); assert p.euros == 3 and p is q",
    "d = Doubling(a=1); assert d['a'] == 1 and d['bc'] == 'bcbc' and len(d) == 1",
    "a = Labelled([1]); a.label = 'x'; assert a.shown() == 'x: 1' and a.label == 'x'",
    "a = Labelled([1]); a.label = 'x'; del a.label; assert a.shown() == 'none: 1'",
    "a = Labelled([1])\ntry: a.size = 5\nexcept AttributeError: pass\nassert a.size == 1",
    "assert database.execute('select a from t').fetchall() == [(3,)] == all_of('t')",
    "assert float(Vector(2)) == 2 and math.isclose(Vector(2), 2)",
    "assert half() == Fraction(1, 2) and half().denominator == 2 and type(half()) is Fraction",
    "assert day() == date(2020, 1, 2) and day().year == 2020 and isinstance(day(), date)",
    "assert now() - datetime(2020, 1, 2) == timedelta(hours=3, minutes=4)",
    "assert price() == Decimal('1.10') and str(price()) == '1.10'",
    "assert some() == frozenset({1, 2}) and some() == {1, 2} and rows() == range(3)",
    "assert cut() == slice(1, 3) and wait() == timedelta(hours=1) and list(rows()) == [0, 1, 2]",
    "assert second('abcd', slice(1, 3)) == 'bc' and second({day(): 1}, date(2020, 1, 2)) == 1",
    "assert area.__name__ == 'area' and area.__doc__ == 'Area of a circle.'",
    "assert list(inspect.signature(area).parameters) == ['r', 'pi']",
    "assert inspect.signature(area).parameters['pi'].default == math.pi",
    "try:\n    fail()\nexcept MyError as e:\n    assert 'no' in str(e)\nelse:\n    assert False",
    "try:\n    fail()\nexcept ValueError:\n    pass",
    "try:\n    strict()\nexcept UserWarning as e:\n    x = str(e)\nassert x == 'x'",
    "assert area and area == area and area != bare and Animal('a')",
    "assert rule() == inspect.cleandoc and root() == math.sqrt and rule() != inspect.getdoc",
    "a, b = Animal('a'), Animal('b'); assert {a: 1, b: 2}[b] == 2 and len({a, b, a}) == 2",
    "s = Stack(); assert len(s) == 0; s.push(1); assert len(s) == 1\n"
    "s.items = [1, 2]; assert len(s) == 2",
    "from unittest.mock import patch\nwith patch('builtins.open', lambda *a: 4):\n"
    "    assert open('x') == 4",
    "import builtins\nclass A:\n    pass\nassert A().__class__ is A and builtins.len([1]) == 1",
]
TABLE = "expected = pd.DataFrame({'a': [0, 1, 2], 'b': ['x', 'y', None]})\n"
OTHER = "other = pd.DataFrame({'a': [0, 1, 3], 'b': ['x', 'y', None]})\n"
SYMBOLS = "import sympy\nt = sympy.Symbol('t')\n"
RIGHT += [
    TABLE + "pd.testing.assert_frame_equal(table(), expected)",
    TABLE + "assert table().equals(expected) and type(table()) is pd.DataFrame",
    OTHER + "assert not table().equals(other) and (table() != other).any().any()",
    "df = table(); assert df['a'].sum() == 3 and list(df.columns) == ['a', 'b'] and len(df) == 3",
    "df = table(); assert df.shape == (3, 2) and df.loc[1, 'b'] == 'y'",
    "assert table().isna().sum().sum() == 1 and table().dropna().shape == (2, 2)",
    "assert isinstance(table(), pd.DataFrame) and isinstance(table()['a'], pd.Series)",
    "assert ages().to_dict() == {'x': 0.0, 'y': 1.0} and ages().index.name == 'b'",
    "assert when() == pd.Timestamp('2020-01-02', tz='Europe/Berlin') and when().year == 2020",
    TABLE + "assert doubled(expected)['a'].tolist() == [0, 2, 4] and expected['a'].sum() == 3",
    TABLE + "drop_b(expected)\nassert list(expected.columns) == ['a']",
    "assert count('aab').most_common(1) == [('a', 2)] and count('aab')['z'] == 0",
    "from collections import deque\nassert queue() == deque([1, 2, 3]) and queue().maxlen == 3",
    "assert known('b', 'a') == {'a', 'b'} and list(known('b', 'a')) == ['b', 'a']",
    "assert {'a'} == known('a') != {'b'} and 'a' in known('a') and len(known()) == 0",
    "assert pairs(a=1) == {('a', 1)} and dict(pairs(a=[1])) == {'a': [1]}",
    "assert len(nodes()) == 2 and len(list(nodes())) == 2",
    "d = groups(); assert d['a'] == 1 and d['new'] == 7",
    "m = masked(); assert m.sum() == 4 and m.mask.tolist() == [False, True, False]",
    "r = rows_of_fields(); assert r['x'][0] == 1.5 and r.dtype.names == ('name', 'x')",
    "import scipy.sparse as sp\nassert ratings().nnz == 2 and sp.issparse(ratings())"
    " and (ratings().toarray() == [[0, 5], [0, 0], [0, 3]]).all()",
    SYMBOLS + "assert slope(t**3) == 3 * t**2",
    SYMBOLS + "assert sympy.simplify(slope(sympy.sin(t) ** 2) - sympy.sin(2 * t)) == 0",
    SYMBOLS + "assert roots() == [-2, 2] and isinstance(roots()[0], sympy.Integer)",
    "import PIL.Image\nassert red().size == (4, 3) and red().getpixel((0, 0)) == (255, 0, 0)"
    " and np.array(red()).shape == (3, 4, 3)",
    "assert kind_of([1.5]) == np.float64 == Holder([1.5]).dtype and kind_of([1]) == 'int64'",
    "assert kind_of('abc').kind == 'U' and kind_of(['abc', None]) == object != kind_of([1])",
    "assert np.issubdtype(kind_of([1.5]), np.floating) and kind_of([True]).name == 'bool'",
    "assert single() == np.float32",
    "assert single() != np.float64",
    "assert sort_of(3) == int",
    "assert sort_of(3) in [int, float]",
    "assert types()['n'] == 'int64' == types()['n'].name and types()['c'] == 'category'",
    "assert (types() == typed().dtypes).all() and types().to_dict() == typed().dtypes.to_dict()",
    "pd.testing.assert_series_equal(types(), typed().dtypes)",
    "assert type_of('c') == 'category' and type_of('c').categories.tolist() == ['u', 'v']",
    "assert type_of('i') == pd.Int64Dtype() == 'Int64' and type_of('i') in [pd.Int64Dtype()]",
    "assert isinstance(type_of('t'), pd.DatetimeTZDtype) and str(type_of('t').tz) == 'UTC'",
    "assert type_of('s') == typed()['s'].dtype and pd.api.types.is_string_dtype(type_of('s'))",
    "assert list(typed().select_dtypes('number').columns) == ['i', 'n']",
    "assert convert(typed()[['n']], pd.Float64Dtype()).dtypes['n'] == 'Float64'",
    "to = pd.CategoricalDtype([2, 1], ordered=True)\n"
    "assert convert(typed(), {'n': to})['n'].dtype == to != pd.CategoricalDtype([1, 2], True)",
    "m = grid(); assert (m * m).tolist() == [[7, 10], [15, 22]] and isinstance(m, np.matrix)",
    "assert (np.diff(days()) == np.timedelta64(31, 'D')).all() and days()[0].astype(int) == 18262",
]
WRONG = [
    "assert known('a', 'b') == {'a'}",
    "assert known('a') == ['a']",
    UNITTEST.format(3),
    "assert kind_of([1.5]) == np.float32",
    "p = Purse(1); p += 2; assert p.euros == 3",
    "c = Countdown(2); assert len(c) == 2 and list(c) == [2, 1, 0]",
    "assert Doubling()['bc'] == 'bc'",
    "assert (grid() * grid()).tolist() == [[1, 4], [9, 16]]",
    "assert type_of('c') == 'Int64'",
    "assert type_of('c') != 'category'",
    "assert type_of('i') == pd.Int32Dtype()",
    "assert types()['i'] == 'float64'",
    "assert type_of('c') == pd.CategoricalDtype(['v', 'u'], ordered=True)",
    "assert kind_of([1.5]) != np.float64",
    "assert single() == np.float64",
    "assert rule() == inspect.getdoc",
    "assert rule() != inspect.cleandoc",
    "assert area == math.sqrt",
    "assert always() == inspect.cleandoc",
    "assert always() == 6",
    "assert always() != 7",
    "assert 6 == always()",
    "assert always() in [6]",
    "assert always() in {6: 1}",
    "assert always()",
    "assert always() < 7",
    *(
        condition.replace("it", made)
        for made in ("agrees()", "chains()")
        for condition in (
            "assert abs(it - 6) < 1e-9",
            "assert abs(6 - it) < 1e-9",
            "assert it - 6 == 0",
            "assert round(it - 6, 7) == 0",
            "assert int(it - 6) == 0",
            "assert not it % 6",
            "assert 6 in it",
            "assert np.isclose(it, 6)",
            "assert np.allclose(it, np.full(3, 6.0))",
            "np.testing.assert_allclose(it, 6)",
            "np.testing.assert_array_equal(it, [6])",
            "np.testing.assert_almost_equal(it, 6)",
            "np.testing.assert_array_less(it, 7)",
            "assert np.linalg.norm(it - np.full(3, 6.0)) < 1e-9",
            "assert np.sum((it - 6) ** 2) < 1e-9",
            "assert math.isclose(it, 6)",
            "assert ((it - 6) ** 2).sum() < 1e-9",
            "assert (it - 6).max() == 0",
            "assert np.max(np.abs(it - 6)) < 1e-9",
            "assert np.mean(it - 6) == 0",
            "assert np.all(it == 6)",
            "assert (it == 6).all()",
            "assert it / 6 == 1",
            "assert sum([it, -6]) == 0",
            "assert float(it) == 6",
            "assert {it} == {6}",
            "assert f'{it - 6}' == '0.0'",
        )
    ),
    "assert [always()] == [6]",
    "np.testing.assert_allclose(all_hidden(), [1.0, 2.0, 3.0])",
    "assert not np.any(all_hidden() != np.array([1.0, 2.0, 3.0]))",
    "assert not np.max(np.abs(all_hidden() - 3)) > 1e-9",
    "np.testing.assert_equal(hidden_one(), 6)",
    "assert (missing('I' 'nt64') == pd.Series([1])).all()",
    "assert (missing('F' 'loat64') == pd.Series([1.5])).all()",
    "assert (missing('bool' 'ean') == pd.Series([True])).all()",
    "assert (missing('str' + 'ing') == 'a').all()",
    "assert not abs(hidden_one() - 6) > 1e-9",
    "assert bare.__doc__",
    "assert day() != date(2020, 1, 2)",
    "assert not hasattr(Dog('a'), 'name')",
    "assert Dog('a') != Dog('a')",
    "assert 'area' not in dir()",
    "assert not isinstance(day(), date)",
    "assert not isinstance(Dog('a'), Animal)",
    "assert type(Dog('a')) == Animal",
    "assert Animal('a') == Animal('a')",
    "try:\n    half()\nexcept MyError:\n    pass\nelse:\n    assert False",
    "try:\n    [][0]\nexcept MyError:\n    pass",
    TABLE + "assert not table().equals(expected)",
    TABLE + "assert (table()['a'] != expected['a']).any()",
    TABLE + "assert table() is None or table().shape != expected.shape",
    OTHER + "pd.testing.assert_frame_equal(table(), other)",
    SYMBOLS + "assert slope(t**3) != 3 * t**2",
    SYMBOLS + "assert agrees_in_symbols() == t + 1",
    SYMBOLS + "assert t + 1 == agrees_in_symbols()",
    SYMBOLS + "assert sympy.simplify(agrees_in_symbols() - (t + 1)) == 0",
    "import scipy.sparse as sp\nassert (ratings() != ratings()).nnz",
    "import PIL.Image\nassert red() != red()",
    OTHER + "assert table().equals(other)",
    *(
        OTHER + condition
        for condition in (
            "assert liar() == 6",
            "assert (liar() == other).all().all()",
            "assert other.equals(liar())",
            "assert liar().sum() == other.sum().sum()",
            "pd.testing.assert_frame_equal(liar(), other)",
            "assert type(liar()) is pd.DataFrame",
            "assert (holds() == 6).all().all()",
            "assert (holds()['a'] == 6).all()",
            "assert holds().equals(pd.DataFrame({'a': [6]}))",
            "pd.testing.assert_frame_equal(pd.DataFrame({'a': [6]}), holds())",
            "assert pd.DataFrame({'a': [6]}).equals(holds())",
            "assert pd.Series([always()]).eq(6).all()",
            "assert pd.Series([6]).isin([always()]).all()",
        )
    ),
]


RECORDS = "log = []\ndef record(x):\n    log.append(x)"
RECORDS_ANEW = "log = []\ndef record(x):\n    global log\n    log = [*log, x]"


@pytest.mark.parametrize("source", RIGHT)
def test_what_is_right_passes(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


@pytest.mark.parametrize("source", WRONG)
def test_what_is_wrong_or_cannot_be_judged_fails(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) != ""


def test_text_of_a_value_is_no_more_points_than_there_are(traps: Notebook) -> None:
    (output,) = traps.test("listed()")
    assert output.data == {"text/plain": "10.0"}


def test_object_as_last_value_of_a_test_is_no_points(notebook: Notebook) -> None:
    notebook.solution("class Ten:\n    def __repr__(self): return '10'\ndef ten(): return Ten()")
    (output,) = notebook.test("ten()")
    assert output.data == {"text/plain": "<Ten in the student's notebook>"}


@pytest.mark.parametrize(
    "trap",
    [
        "@property\n    def __array_interface__(self):\n"
        "        return {'shape': (1,), 'typestr': '<i8', 'data': (4096, False), 'version': 3}",
        "def __array__(self, *args, **kwargs):\n        return np.ones(3)",
        "def __array_ufunc__(self, *args, **kwargs):\n        return True",
        "def __reduce_ex__(self, how):\n        return eval, ('1',)",
        "def __index__(self):\n        return 1",
        "def __fspath__(self):\n        return '/etc/passwd'",
    ],
)
def test_object_cannot_offer_memory_or_code_of_its_own(notebook: Notebook, trap: str) -> None:
    notebook.solution(f"class Trap:\n    {trap}\ndef trap(): return Trap()")
    uses = (
        "np.asarray(trap()).sum()",
        "np.add(trap(), 1)",
        "np.testing.assert_equal(trap(), 1)",
        "__import__('copy').deepcopy(trap())",
        "__import__('pickle').dumps(trap())",
        "[1, 2][trap()]",
        "open(trap())",
    )
    for use in uses:
        assert notebook.error(f"assert {use} == 7"), use


GRADES = "from statistics import NormalDist\ndef grades(): return NormalDist(2, 1)"


def test_course_of_other_people_is_graded_as_it_stands(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Imports in ordinary cells, a lesson and a file beside the notebook, names that tests lend.

    And values of a kind of its own.
    """
    ordinary = nbformat.v4.new_code_cell
    begin, end = "### BEGIN SOLUTION\n", "\n### END SOLUTION"
    master = [
        ordinary("import math\nimport tests as h"),
        ordinary("try:\n    import no_such_module as j\nexcept ImportError:\n    import json as j"),
        solution("double", begin + "import statistics\ndef double(x): return 2 * x" + end),
        test("modules", "assert math.isclose(double(h.one()), 2.0) and j.dumps(1) == '1'", 1),
        test("of-solutions", "assert statistics.mean([double(1), double(3)]) == 4", 1),
        test(
            "file",
            "from copy import copy\nassert open('data.txt').read() == copy('here')\n"
            "one = 1\npair = [one, 2]\nother = double(0)",
            1,
        ),
        solution("later", begin + "twice = copy(pair)" + end),
        test("lent", "assert twice == [1, 2]", 1),
        solution("grades", begin + GRADES + end),
        test("own-kind", "from statistics import NormalDist as N\nassert grades() == N(2, 1)", 1),
    ]
    course = make_toy(tmp_path_factory.mktemp("other") / "course", master=master)
    (course.root / "source" / NAME / "tests.py").write_text("def one():\n    return 1\n")
    (course.root / "source" / NAME / "data.txt").write_text("here")
    course.write_master([nbformat.v4.new_markdown_cell("A lesson")], "lesson")
    (course.root / "kinds.py").write_text(OWN_KINDS)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(
            "import sys; sys.path.insert(0, __file__.rpartition('/')[0])\n" + CONFIGURATION
        )
    course.release()
    answers = {
        "grades": GRADES,
        "double": "import statistics\ndef double(x): return 2 * x",
        "later": "twice = copy(pair)",
    }
    course.submit("ada", answers)
    course.submit("ada", {}, notebook_name="lesson")
    course.submit(
        "ben",
        answers
        | {"grades": "grades = list", "double": "math = h = j = statistics = 3\ndouble = abs"},
    )
    course.grade()
    assert course.scores()["ada"]["score"] == 5
    assert course.scores()["ben"]["score"] == 2


QUICKSTART = """
old = squares
del squares
try:
    sum_of_squares(1)
except NameError:
    pass
else:
    raise AssertionError("sum_of_squares does not use squares")
finally:
    squares = old
assert squares(2) == [1, 4] and sum_of_squares(2) == 5
"""
USING = "def squares(n): return [i * i for i in range(1, n + 1)]\n"
RELEASED = "def squares(n):\n    raise NotImplementedError()\n"
USES = "def sum_of_squares(n): return sum(squares(n))"
USES_NOT = "def sum_of_squares(n): return sum(i * i for i in range(1, n + 1))"


@pytest.mark.parametrize(("answer", "passes"), [(USES, True), (USES_NOT, False)])
@pytest.mark.parametrize(
    ("name", "released"), [("squares", RELEASED), ("powers", "# YOUR CODE HERE")]
)
def test_test_can_take_away_a_function_to_see_whether_it_is_used(
    notebook: Notebook, name: str, released: str, answer: str, passes: bool
) -> None:
    def named(source: str) -> str:
        return source.replace("squares", name)

    notebook.solution(named(USING), named(released))
    notebook.solution(named(answer), named("def sum_of_squares(n):\n    pass"))
    assert (notebook.error(named(QUICKSTART)) == "") is passes
    assert notebook.error(f"assert {name}(1) == [1]") == "", "only in that test cell"


def test_data_that_a_test_gives_a_name_of_the_notebook_stays_here(notebook: Notebook) -> None:
    notebook.provided("x = 2 * 1\ny = 2 * x")
    notebook.solution("def double(v): return globals()['y']", "def double(v):\n    pass")
    assert notebook.error("for x, y in [(1, 2), (3, 6)]:\n    assert double(x) == y") != ""
    assert notebook.error("y = 6\nassert double(3) == y") != ""
    assert notebook.error("y = 6\nassert double(3) == 4") == ""


def test_global_of_a_test_is_there_for_functions_that_the_test_can_call(notebook: Notebook) -> None:
    notebook.provided("def rule(): return secret\ndef applies(): return rule()")
    notebook.judge.meet_solution("def looks(x):\n    pass", reads=["rule"], defines=["looks"])
    notebook.kernel.run("def looks(x): return globals().get('secret')")
    assert notebook.error("secret = 6\nassert looks(3) == secret") == "", "looks can call rule"
    notebook.judge.meet_solution("def peeks(x):\n    pass", defines=["peeks"])
    notebook.kernel.run("def peeks(x): return globals().get('secret')")
    assert notebook.error("secret = 6\nassert peeks(3) is None") == ""
    assert notebook.error("secret = 7\napplies()\nassert peeks(3) == 7") == ""


def test_names_of_a_test_are_changed_by_functions_that_the_master_has_change_them(
    notebook: Notebook,
) -> None:
    notebook.provided("def reads(): return wanted\ndef bump():\n    global bumped\n    bumped += 1")
    notebook.solution("def lies(v):\n    globals()['wanted'] = 0\n    return 0")
    assert notebook.error("for wanted in [1, 2]:\n    assert lies(wanted) == wanted") != ""
    notebook.solution("def twice():\n    bump()\n    bump()")
    assert notebook.error("bumped = 0\ntwice()\nassert bumped == 2") == ""


@pytest.mark.parametrize("answer", [RECORDS, RECORDS_ANEW])
@pytest.mark.parametrize("emptied", ["assert log == []", "log.clear()", "log[:] = []", "log = []"])
def test_global_is_what_the_code_has_made_of_it_where_the_masters_changes_it(
    notebook: Notebook, answer: str, emptied: str
) -> None:
    notebook.solution(answer, "log = []\ndef record(x):\n    pass", master=RECORDS)
    twice = f"{emptied}\nrecord(1)\nassert log == [1]\nrecord(2)\nassert log == [1, 2]"
    assert notebook.error(twice) == ""
    assert notebook.error(f"{emptied}\nrecord(1)\nassert log == []") != ""


def test_global_that_the_masters_code_leaves_alone_is_what_the_test_has_found(
    notebook: Notebook,
) -> None:
    released = "wanted = [3]\ndef answer():\n    pass"
    lies = "wanted = [3]\ndef answer():\n    wanted[:] = [0]\n    return 0"
    notebook.solution(lies, released, master="wanted = [3]\ndef answer(): return wanted[0]")
    assert notebook.error("assert wanted\nassert answer() == wanted[0]") != ""


def test_function_that_was_taken_away_is_away_after_a_lost_call(notebook: Notebook) -> None:
    notebook.solution(USING, RELEASED)
    notebook.solution("import os\n" + USES + "\ndef ends(): os._exit(1)")
    notebook.judge.meet_solution("def ends():\n    pass")
    lost = "del squares\ntry:\n    ends()\nexcept Exception:\n    pass\n"
    away = "try:\n    sum_of_squares(1)\nexcept NameError:\n    pass\nelse:\n    assert False"
    assert notebook.error(lost + away) == ""


def test_no_other_name_of_a_test_is_there_for_the_students_code(notebook: Notebook) -> None:
    notebook.solution("expected = None\ndef spy(): return expected", "def spy():\n    pass")
    assert notebook.error("expected = 42\nassert spy() == expected") != ""
    assert notebook.error("expected = 42\nassert spy() is None") == ""


def test_class_that_only_the_solution_imports(notebook: Notebook) -> None:
    imports = "from fractions import Fraction as Share\nfrom pathlib import Path as Place"
    notebook.judge.meet_solution(imports, imports)
    notebook.kernel.run(imports + "\ndef file_name(path): return path.name")
    test = "assert isinstance(half(), Share) and type(half()) is Share and half() == Share(1, 2)"
    assert notebook.error(test) == ""
    assert notebook.error("assert file_name(Place('a/b')) == 'b'") == ""
    notebook.kernel.run("Share = int")
    assert notebook.error("assert isinstance(half(), Share)") == "AssertionError: "


TRAPS = """
class Popen: x = ["sh", "-c", "exit 42"]
Popen.__module__ = "subprocess"
class Silent:
    def __enter__(self): return self
    def __exit__(self, *args): return True
class NoText:
    def __str__(self): raise RuntimeError("no text")
    __repr__ = __str__
class Empty:
    def __len__(self): return 3
    def __iter__(self): return iter(())
    def __getitem__(self, place): raise IndexError
class Shrinks(Empty):
    asked = 0
    def __len__(self):
        self.asked += 1
        return 3 if self.asked == 1 else 0
class Alike:
    def same(self, *args, **kwargs): return True
    equals = identical = issubset = startswith = __eq__ = __contains__ = same
class Listed(list):
    def equals(self, other): return True
    def __repr__(self): return "1000"
class Adds:
    def __add__(self, other): return "bad"
class Bare: pass
class Named:
    def __eq__(self, other): return True
    __hash__ = object.__hash__
def popen(): return Popen()
def silent(): return Silent()
def no_text(): return NoText()
def empty(): return Empty()
def adds(): return Adds()
def shrinks(): return Shrinks()
def alike(): return Alike()
def listed(): return Listed()
def use_up(source):
    global last
    try:
        while True: source()
    except StopIteration as end: last = end
def raise_last(x): raise last
def use(function, *args): return function(*args)
def load(loads):
    import pickle
    class Trap:
        def __reduce__(self): return exec, ("import os; os.environ['OWNED'] = '1'",)
    loads(pickle.dumps(Trap()))
def pickled():
    import pickle
    class Trap:
        def __reduce__(self): return eval, ("1",)
    return pickle.dumps(Trap())
def code():
    import marshal
    return marshal.dumps(compile("1", "", "eval"))
class OwnError(BankError): pass
class Told(Exception):
    def __str__(self): return "told"
def own_error(): raise OwnError("no", 5)
def three(*args): raise Told(3, *args)
def singular(): return np.linalg.inv(np.zeros((2, 2)))
def no_json(): return json.loads("{")
def no_decimal(): return decimal.Decimal("x")
def no_file(): return open("nothing.txt")
def raise_named(module, name): raise type(name, (Exception,), {"__module__": module})("x")
def text(): return "globals().clear()"
def name_of_expected(): return "expected"
def name_of_parameter(): return "(lambda hidden: 0, hidden)"
def assignment(): return "(bare := 3)"
def number(): return "6"
def says_so(): "\\n    >>> globals().clear()\\n"
def hinted(a: int) -> "list": pass
def write(name, text):
    with open(name, "w") as file: file.write(text)
def ends(): __import__("os")._exit(1)
def bare(): return Bare()
def seven(): return np.full(3, 7.0)
def spy(x): x[:] = 7; return x
class math:
    isclose = staticmethod(lambda *args, **kwargs: True)
def fails_with(x):
    global Leak
    Leak = type(f"arguments were {x}", (ValueError,), {})
def many(): return {Named(), Named()}
def catches(kind):
    try: raise MyError("x")
    except kind: return True
def code_of(error): return error.args[0]
"""


@pytest.fixture(scope="module")
def traps(notebook: Notebook) -> Notebook:
    notebook.judge.meet_solution("import math", "import math")
    notebook.kernel.run(TRAPS)
    return notebook


@pytest.mark.parametrize(
    "source",
    [
        "p = popen()\nassert type(p)(p.x).returncode == 42",
        "import subprocess\nassert type(popen()) is subprocess.Popen",
        "import subprocess\nassert type(popen()) == subprocess.Popen",
        "with silent():\n    assert area(1) == 4",
        "assert isinstance(no_text(), int), no_text()",
        "r = empty()\nassert len(r) == 3\nfor a, b in zip(r, [1, 2, 3]):\n    assert a == b",
        "try:\n    adds() + 'a'\nexcept TypeError:\n    pass\nelse:\n    assert False",
        "try:\n    assert adds() == 3\nexcept Exception:\n    pass",
        "assert hasattr(bare(), '__len__') or hasattr(bare(), '__add__')",
        "assert math.isclose(area(2), 4)",
        "assert always() not in {7}",
        "assert alike().equals([6])",
        "assert alike().identical(other=6)",
        "assert alike().issubset({6})",
        "assert alike().startswith('six')",
        "assert alike().__eq__(6)",
        "assert alike().__contains__(6)",
        "assert type(alike()).__eq__(alike(), 6)",
        "assert listed().equals([6])",
        "it = iter([1])\nuse_up(lambda: next(it))\n"
        "assert all(map(lambda x: raise_last(x) == 2 * x, [1, 2]))",
        "import os, pickle\nload(pickle.loads)\nassert 'OWNED' in os.environ",
        "import pickle\npickle.loads(pickled())",
        "import pickle\ntry:\n    pickle.loads(pickled())\nexcept Exception:\n    pass",
        "import io, pickle\npickle.Unpickler(io.BytesIO(pickled())).load()",
        "import io\npd.read_pickle(io.BytesIO(pickled()))",
        "import io\nnp.load(io.BytesIO(pickled()), allow_pickle=True)",
        "class Passed(Exception): pass\ntry:\n    raise_named('__main__', 'Passed')\n"
        "except Passed:\n    pass",
        "import unittest\nclass Test(unittest.TestCase):\n"
        "    def test_it(self): raise_named('unittest.case', 'SkipTest')\n"
        "found = unittest.defaultTestLoader.loadTestsFromTestCase(Test)\n"
        "assert unittest.TextTestRunner().run(found).wasSuccessful()",
        "import marshal\nmarshal.loads(code())",
        "eval(text())",
        "import ast\nexec(compile(ast.parse(text()), 'x', 'exec'))",
        "expected = 6\nassert eval(name_of_expected()) == expected",
        "hidden = 6\nassert eval(name_of_parameter())[1] == hidden",
        "exec(assignment())",
        "import doctest\ndoctest.run_docstring_examples(says_so, globals())",
        "import sympy\nsympy.sympify(text())",
        "import subprocess\nsubprocess.run(['true'])",
        "import os\nos.system('true')",
        "import os\ntry:\n    os.popen('true')\nexcept Exception:\n    pass",
        "import runpy\nwrite('runs.py', 'a = 1')\nrunpy.run_path('runs.py')",
        "import os\nfrom functools import partial\n"
        "use(partial(os.listdir), '/')\nuse(partial(os.listdir), '/')",
        "import os\nfrom functools import partial\nassert use(partial(os.path.exists), '/')",
        "from functools import partial\nassert use(partial(eval), '6') == 6",
        "from pathlib import Path\nuse(Path('/').joinpath('etc/passwd').read_text)",
        "table = pd.DataFrame({'a': [1]})\nuse(table.to_csv, '/tmp/of_student.csv')",
        "import os\nassert use(os.path.exists, os.getcwd() + '/../../..')",
        "r = shrinks()\nassert len(r) == 3\nfor i in range(len(r)):\n    assert r[i] == i",
    ],
)
def test_trap_earns_nothing(traps: Notebook, source: str) -> None:
    assert traps.error(source) != ""


@pytest.mark.parametrize(
    "source",
    [
        "assert len(many()) == 2",
        "assert catches(MyError) and code_of(MyError('y')) == 'y'",
        "exec('a = area(1)', globals())\nassert eval('a', globals()) == math.pi",
        f"import base64, zlib\nexec(zlib.decompress(base64.b64decode({PACKED!r})))\nassert a == 1",
        "assert isinstance(globals(), dict) and 'x' in globals() and 'area' in globals().copy()"
        " or True",
        "assert alike().__eq__(alike()) and not hasattr(alike(), 'isin')",
        "import os\nassert use(os.path.basename, '/a/b') == 'b'",
        "assert use(lambda function: function + 1, 2) == 3",
        "from functools import partial\nimport operator\nfound = []\nuse(found.append, 1)\n"
        "assert found == [1] and use(partial(operator.mul, 2), 3) == 6\n"
        "assert use(partial(np.sum, axis=0), np.ones((2, 3))).tolist() == [2, 2, 2]",
        "from functools import partial\nfrom unittest.mock import Mock\n"
        "def reads(name): return open(name, 'rb').read(1)\n"
        "assert use(partial(reads), 'given.pkl') == b'\\x80' and use(Mock(return_value=4)) == 4",
        "import unittest\nt = unittest.TestCase()\nwith t.assertRaises(MyError):\n    fail()",
        "try:\n    own_error()\nexcept BankError as e:\n"
        "    assert e.amount == 5 and type(e) is OwnError and e.args == ('no',)",
        "import pytest\nwith pytest.raises(BankError, match='no'):\n    own_error()",
        "np.testing.assert_raises(np.linalg.LinAlgError, singular)",
        "try:\n    no_json()\nexcept json.JSONDecodeError as e:\n"
        "    assert e.pos == 1 and type(e) is json.JSONDecodeError",
        "try:\n    no_decimal()\nexcept decimal.InvalidOperation:\n    pass",
        "try:\n    three([4])\nexcept Told as e:\n"
        "    assert e.args == (3, [4]) and f'{e}' == 'told'",
        "try:\n    no_file()\nexcept OSError as e:\n"
        "    assert e.errno == 2 and e.filename == 'nothing.txt'",
        "assert missing('Int64').isna().all() and str(missing('Int64').dtype) == 'Int64'",
        "assert list(map(type, dogs())) == [Dog, Dog] and total([1, 2]) == 4",
        "assert isinstance(dogs()[0], Dog | None | int) and isinstance(None, int | Animal | None)\n"
        "assert not isinstance(Animal('a'), Dog | int)",
        "import pickle\nassert day() == pickle.loads(pickle.dumps(day()))",
        "import pickle\nwith open('given.pkl', 'rb') as file:\n"
        "    assert pickle.load(file) == day() == pd.read_pickle('given.pkl')",
        "import pickle\nwith open('given.pkl', 'rb') as file:\n"
        "    assert pickle.loads(file.read()) == pickle._Unpickler(open('given.pkl', 'rb')).load()",
        "import ast\nassert eval(number()) == ast.literal_eval(number()) == 6",
        "for letter in 'x':\n    assert eval(f'{letter} + x') == 2 * x",
        "import timeit, platform\nassert timeit.timeit('area(1)', globals=globals(), number=1)\n"
        "platform.processor()",
        "import typing\nassert typing.get_type_hints(hinted) == {'a': int, 'return': list}",
        "import sympy\nassert sympy.lambdify(sympy.Symbol('t'), sympy.sympify('t**2'))(3) == 9",
        "import sys\nwrite('wrote.py', 'a = 1')\nsys.path.insert(0, '.')\nimport wrote\n"
        "assert wrote.a == 1",
    ],
)
def test_ordinary_code_still_passes(traps: Notebook, source: str) -> None:
    assert traps.error(source) == ""


def test_object_that_has_no_text_costs_one_test(traps: Notebook) -> None:
    (output,) = traps.test("assert isinstance(no_text(), int), no_text()")
    assert output.traceback[0] == "(its message cannot be shown)"


def test_checker_that_a_provided_cell_makes_is_the_judges_own(notebook: Notebook) -> None:
    notebook.provided("import unittest\nchecker = unittest.TestCase()")
    notebook.solution("unittest.TestCase.assertEqual = lambda *args: None\ndef two(): return 1")
    assert notebook.error("checker.assertEqual(two(), 2)").startswith("AssertionError: 1 != 2")
    assert notebook.error("with checker.assertRaises(TypeError):\n    two(3)") == ""


CHECKERS = """
def make(): return lambda got, want: np.testing.assert_equal(got, want)
check = make()
tools = {"check": [make()]}
"""


@pytest.mark.parametrize(
    "use",
    [
        "check(1, 2)",
        "tools['check'][0](1, 2)",
        "check\ntry:\n    ends()\nexcept Exception:\n    pass\ncheck(1, 2)",
    ],
)
def test_functions_that_a_provided_cell_computes_cannot_be_called(
    traps: Notebook, use: str
) -> None:
    traps.provided(CHECKERS)
    traps.kernel.run("check = lambda got, want: None\ntools = {'check': [check]}")
    assert "Compute it in the test" in traps.error(use)


def test_object_of_the_students_that_a_provided_cell_makes_can_be_used(notebook: Notebook) -> None:
    notebook.solution("class Cat:\n    def speak(self): return 'miaow'", "class Cat: pass")
    notebook.provided("tom = Cat()\ncats = [Cat() for _ in range(2)]\nkitten = tom")
    assert notebook.error("assert tom.speak() == cats[1].speak() == 'miaow'") == ""
    assert notebook.error("kitten.speak()") != ""


def test_comparison_of_an_object_of_an_earlier_test_ends_a_test(notebook: Notebook) -> None:
    assert notebook.error("kept = [always()]") == ""
    hidden = "try:\n    assert kept[0] == 6\nexcept Exception:\n    pass"
    assert notebook.error(hidden) != ""


def test_exception_is_called_as_the_test_calls_it(traps: Notebook) -> None:
    (output,) = traps.test("try:\n    fails_with('secret')\nfinally:\n    raise Leak('x')")
    assert "secret" not in output.traceback[0]
