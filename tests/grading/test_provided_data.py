"""Data of a provided class, a named tuple or a `class Bag(dict)`, that a test passes."""

from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

GIVEN = """
from typing import NamedTuple
from collections import namedtuple, OrderedDict, defaultdict, Counter
import numpy as np
class P(NamedTuple):
    x: float
    y: float = 0
    def norm(self): return (self.x**2+self.y**2)**.5
Q = namedtuple("Q", "a b")
class Bag(dict):
    def size(self): return sum(self.values())
class Row(list):
    @property
    def first(self): return self[0]
class Tags(set):
    def big(self): return len(self) > 1
class Meters(float):
    def feet(self): return self*3
class Name(str):
    def shout(self): return self.upper()+"!"
class Od(OrderedDict):
    def keysum(self): return "".join(self)
class Vec(np.ndarray):
    def sq(self): return float((self**2).sum())
class Node:
    def __init__(self, p): self.p, self.bag = p, Bag(a=1)
class Named(list):
    def __init__(self, name, items): super().__init__(items); self.name = name
    def label(self): return self.name + str(len(self))
"""
STUDENT = """
def norm(p): return p.norm() + p.x
def first(q): return q.a
def size(b): return b.size()
def rowf(r): return r.first
def big(t): return t.big()
def feet(m): return m.feet()
def shout(n): return n.shout()
def keysum(o): return o.keysum()
def sq(v): return v.sq()
def deep(ps): return [p.x for p in ps]
def node(n): n.bag["z"]=5; return n.p.x + n.bag.size()
def same(b): return b
def add(b): b["k"]=9
def moved(p): return p._replace(x=7)
def label(n): return n.label()
def kind(v): return type(v).__name__
def made(): return Q(1,2)
def isit(v): return isinstance(v, P)
"""
PASSES = {
    "fields of a named tuple": ("s=Q(1,b=2); assert s.b==2 and isinstance(s,Q) and first(s)==1"),
    "result that is a named tuple": (
        "q = made(); assert q == Q(1, 2) and isinstance(q, Q) and type(q) is Q\n"
        "assert q.b == 2 and q._fields == ('a', 'b')"
    ),
    "method of a tuple": ("assert norm(P(3,4))==8"),
    "named tuple of collections": ("assert first(Q(1,2))==1"),
    "method of a dict": ("assert size(Bag(a=1,b=2))==3"),
    "property of a list": ("assert rowf(Row([5,6]))==5"),
    "method of a set": ("assert big(Tags({1,2}))"),
    "method of a float": ("assert feet(Meters(2.0))==6"),
    "method of a text": ("assert shout(Name('a'))=='A!'"),
    "ordered dict": ("assert keysum(Od(a=1,b=2))=='ab'"),
    "array": ("assert sq(np.array([1.,2.]).view(Vec))==5"),
    "in a list": ("assert deep([P(1),P(2)])==[1,2]"),
    "in an instance": (
        "n=Node(P(2,3)); assert node(n)==8 and n.bag=={'a':1,'z':5} and n.bag.size()==6"
    ),
    "very object": ("b=Bag(a=1); assert same(b) is b"),
    "changed by a call": ("b=Bag(a=1); add(b); assert b=={'a':1,'k':9} and b.size()==10"),
    "copy of a named tuple": ("m=moved(P(1,2)); assert m==P(7,2) and m.x==7 and m.norm()>7"),
    "attribute of a list": ("assert label(Named('n',[1,2]))=='n2'"),
    "class": ("assert kind(P(1))=='P' and kind(Bag())=='Bag' and kind([])=='list'"),
    "isinstance": ("assert isit(P(1)) and not isit((1,0))"),
    "in a dict": ("d={'p':P(1,2)}; assert norm(d['p'])>1"),
    "key": ("assert {P(1,2): 3}[moved(P(1,2))._replace(x=1)] == 3"),
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("provided")
    with StudentKernel(folder, Limits(call_cpu=3, call_wall=10, test_wall=10)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.provided(GIVEN)
        notebook.solution(STUDENT)
        yield notebook


@pytest.mark.parametrize("source", PASSES.values(), ids=PASSES)
def test_data_of_a_provided_class_have_it_there_too(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


@pytest.mark.parametrize(
    "own", ["P = 5", "P = dict", "class P: pass", "class P(tuple):\n    __new__ = None", "del P"]
)
def test_class_that_a_student_has_replaced_is_theirs(
    tmp_path_factory: pytest.TempPathFactory, own: str
) -> None:
    folder = tmp_path_factory.mktemp("replaced")
    with StudentKernel(folder, Limits(call_cpu=3, call_wall=10, test_wall=10)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.provided(GIVEN)
        notebook.solution(f"{own}\ndef total(p): return sum(p)")
        assert notebook.error("assert total(P(3, 4)) == 7") == ""
