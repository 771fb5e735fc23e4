"""Classes that compute nothing and are made to be equal to what a test expects."""

from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from referee.notebook.definitions import classes_in, methods_in
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

MASTER = """
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum
class Vec:
    def __init__(self, x, y): self.x, self.y = x, y
    def __eq__(self, o): return isinstance(o, Vec) and (self.x, self.y) == (o.x, o.y)
    def __hash__(self): return hash((self.x, self.y))
    def __add__(self, o): return Vec(self.x + o.x, self.y + o.y)
    def __mul__(self, o): return self.x * o.x + self.y * o.y
    def __lt__(self, o): return self.x < o.x
    def move(self, x): self.x += x
    def norm(self): return (self.x**2 + self.y**2) ** 0.5
@dataclass
class Line:
    start: Vec
    end: Vec
class Suit(Enum):
    A, B = 1, 2
P = namedtuple("P", "x y")
def middle(p, q): return P((p.x + q.x) / 2, (p.y + q.y) / 2)
V = Vec
def make(): return Vec(4, 6)
def length(v): return v.norm()
def lengths(vs): return [v.norm() for v in vs]
def box(): return Line(Vec(4, 6), Vec(1, 2))
def following(suit): return Suit.B
class Money:
    def __init__(self, amount, currency="EUR"):
        self.cents, self.currency = round(100 * amount), currency
    def __eq__(self, o): return (self.cents, self.currency) == (o.cents, o.currency)
    def __add__(self, o): return Money((self.cents + o.cents) / 100, self.currency)
def total(amounts): return Money(sum(amounts))
class Bag:
    def __init__(self, data): self.data = set(data)
    def __eq__(self, o): return self.data == o.data
def union(a, b): return Bag(a | b)
class Owned:
    def __init__(self, owner, amount): self.owner, self.cents = owner, round(100 * amount)
    def __eq__(self, o): return (self.owner, self.cents) == (o.owner, o.cents)
def paid(owned, more): return Owned(owned.owner, owned.cents / 100 + more)
class Stock(dict):
    def __getitem__(self, key): return dict.__getitem__(self, key)
class Shop:
    def __init__(self, goods): self.goods = Stock(goods)
    def __eq__(self, o): return dict(self.goods) == dict(o.goods)
def restocked(shop): return Shop({name: count + 1 for name, count in shop.goods.items()})
class Counts:
    def __init__(self, counts): self.pairs = sorted((-n, key) for key, n in counts.items())
    def __eq__(self, o): return self.pairs == o.pairs
def merged(one, other): return Counts({key: -n for n, key in [*one.pairs, *other.pairs]})
"""
SUM = "assert Vec(1, 2) + Vec(3, 4) == Vec(4, 6)"
SUMS = (
    *(SUM, "assert V(1, 2) + V(3, 4) == V(4, 6)"),
    "expected = Vec(4, 6)\nassert Vec(1, 2) + Vec(3, 4) == expected",
    *("assert make() == Vec(4, 6)", "assert make() in [Vec(4, 6), Vec(1, 1)]"),
    "assert [make()] == [Vec(4, 6)]",
)
PAID = (
    "assert Money(1.10) + Money(2.20) == Money(3.30)",
    "expected = Money(3.30)\nassert Money(1.10) + Money(2.20) == expected",
    "assert [total([1.5, 2.25])] == [Money(3.75)]",
    'assert Money(1.10, "USD") + Money(2.20, "USD") == Money(3.30, "USD")',
)
LIES = """
    def __eq__(self, o): return True
    def __ne__(self, o): return False
    def __hash__(self): return 1
"""
# What each class is, and the tests that it must not pass.
FORGED = {
    "one object": (
        "class Vec:\n    def __new__(cls, *a): return ONE\n    def __add__(self, o): return self\n"
        "ONE = object.__new__(Vec)\ndef make(): return ONE\nV = Vec",
        SUMS,
    ),
    "a function that gives one object": (
        "class It:\n    def __add__(self, o): return self\n"
        "one = It()\ndef Vec(*a): return one\ndef make(): return one\nV = Vec",
        SUMS,
    ),
    "the last result": (
        "last = []\nclass Vec:\n"
        "    def __new__(cls, *a): return last[-1] if last else object.__new__(cls)\n"
        "    def __add__(self, o): last.append(object.__new__(Vec)); return last[-1]\n"
        f"{LIES}"
        "def make(): last.append(object.__new__(Vec)); return last[-1]\nV = Vec",
        SUMS,
    ),
    "an argument of the result": (
        "R = []\nclass Vec:\n"
        "    def __new__(cls, *a):\n"
        "        return R[0] if len(R) == 3 else R.append(object.__new__(cls)) or R[-1]\n"
        "    def __init__(self, x, y):\n"
        "        self.x, self.y = x, y\n"
        "        if len(R) == 3: R[2].x, R[2].y = x, y\n"
        "    def __add__(self, o):\n"
        f"        r = object.__new__(Vec); r.x = r.y = 0; R.append(r); return r\n{LIES}\nV = Vec",
        SUMS[:3],
    ),
    "a namespace": (
        "from types import SimpleNamespace\nclass Vec(SimpleNamespace):\n"
        "    def __init__(self, *a): pass\n    def __add__(self, o): return Vec()\n"
        "    def __hash__(self): return 1\ndef make(): return Vec()\nV = Vec",
        SUMS,
    ),
    "a list": (
        "class Vec(list):\n    def __init__(self, *a): self.append(7)\n"
        "    def __add__(self, o): return Vec()\n"
        "    def __hash__(self): return 1\ndef make(): return Vec()\nV = Vec",
        SUMS,
    ),
    "a list that learns": (
        "from collections import UserList\nlast = []\nclass Vec(UserList):\n"
        "    def __init__(self, *a):\n"
        "        self.data = list(a)\n"
        "        for each in last: each.data = list(a)\n"
        "    def __add__(self, o): return make()\n"
        "def make():\n    v = Vec(); last.append(v); return v\nV = Vec",
        SUMS[:4],
    ),
    "a number": ("def Vec(*a): return 0\ndef make(): return 0\nV = Vec", SUMS),
    "the expected object as a value": (
        "class Meta(type):\n    asked = 0\n    @property\n    def __module__(cls):\n"
        "        Meta.asked += 1; return 'builtins' if Meta.asked % 2 else '__main__'\n"
        "made = []\nclass Vec(metaclass=Meta):\n"
        "    def __new__(cls, *a):\n"
        "        made.append(a); return E if len(made) > 2 else object.__new__(cls)\n"
        "    def __add__(self, o):\n"
        f"        r = object.__new__(Vec); r.a = E; return r\n{LIES}"
        "E = object.__new__(Vec)\nE.a = E\nV = Vec",
        SUMS[:3],
    ),
    "the server says what is expected": (
        "import referee.inside.operations as ops\nmade = []\nclass Vec:\n"
        f"    def __init__(self, x, y): made.append(self)\n{LIES}"
        "    def __add__(self, o): return object.__new__(Vec)\n"
        "ops.OPERATIONS['is only itself'] = lambda v: (made[-1],) if made else False\n"
        "ops.OPERATIONS['state'] = lambda v: [(Vec, {'x': ('value', 1)})]\nV = Vec",
        SUMS[:3],
    ),
    "parts that tell": (
        f"pts, R = [], []\nclass Base:{LIES}"
        "def P(x, y): p = object.__new__(Vec); p.x = x; p.y = y; return p\n"
        "class Vec(Base):\n    def __init__(self, x, y):\n"
        "        self.x, self.y = x, y; pts.append((x, y))\n"
        "        if len(pts) == 2:\n"
        "            r = R[0]; r.__dict__.clear(); r.start = P(*pts[0]); r.end = P(*pts[1])\n"
        "class Line(Base):\n    def __init__(self, a, b): self.start, self.end = a, b\n"
        "def box():\n    r = object.__new__(Line); l = []; l.append(l); r.z = l; R.append(r)\n"
        "    return r",
        ("assert box() == Line(Vec(4, 6), Vec(1, 2))",),
    ),
    "a text of texts": (
        "class Vec(str):\n    def __new__(cls, *a): return str.__new__(cls)\n"
        "class Line(Vec): pass\ndef box(): return Line()",
        ("assert box() == Line(Vec(4, 6), Vec(1, 2))",),
    ),
    "a namespace for a named tuple": (
        "from types import SimpleNamespace\nclass P(SimpleNamespace):\n"
        "    def __init__(self, *a): pass\ndef middle(p, q): return P()",
        ("assert middle(P(0, 0), P(2, 4)) == P(1, 2)",),
    ),
    "arithmetic with what is expected": (
        "class Vec:\n    def __init__(self, *a): pass\n    def __mul__(self, o): return self\n"
        "    def __sub__(self, o): return 0\n    __rsub__ = __mod__ = __sub__",
        ("assert abs(Vec(1, 2) * Vec(3, 4) - 11) < 1e-9", "assert Vec(1, 2) * Vec(3, 4) % 11 == 0"),
    ),
    "an argument and arithmetic": (
        "class Vec:\n    def __init__(self, *a): pass\n    def __sub__(self, o): return 0\n"
        "def length(v): return v\ndef lengths(vs): return vs",
        (
            "assert abs(length(Vec(3, 4)) - 5) < 1e-9",
            "assert abs(lengths([Vec(3, 4)])[0] - 5) < 1e-9",
        ),
    ),
    "one dictionary": (
        "class Vec:\n    shared = {}\n"
        "    def __init__(self, x, y): self.__dict__ = Vec.shared; self.x, self.y = x, y\n"
        "    def move(self, x): pass\n    def norm(self): return (self.x**2 + self.y**2) ** 0.5\n"
        + LIES,
        (
            "v = Vec(1, 2)\nv.move(3)\nw = Vec(4, 2)\nassert abs(w.norm() ** 2 - 20) < 1e-9\n"
            "assert v == w",
        ),
    ),
    "one amount": (
        f"class Money:\n    def __init__(self, *a): self.cents = 1\n{LIES}"
        "    def __add__(self, o): return Money(1)\ndef total(a): return Money(1)",
        PAID,
    ),
    "few amounts": (
        "class Money:\n    def __init__(self, amount, currency=''):\n"
        f"        self.cents = int(100 * amount) % 3\n{LIES}"
        "    def __add__(self, o): return Money(0.0)\ndef total(a): return Money(0.0)",
        PAID,
    ),
    "amounts that are counted": (
        "made = []\nclass Money:\n"
        f"    def __init__(self, *a): made.append(a); self.cents = len(made)\n{LIES}"
        "    def __add__(self, o): return total(0)\n"
        "def total(a): r = object.__new__(Money); r.cents = len(made) + 1; return r",
        PAID,
    ),
    "amounts that are numbered": (
        "made = {}\nclass Money:\n"
        f"    def __init__(self, *a): self.cents = made.setdefault(a, len(made))\n{LIES}"
        "    def __add__(self, o): return total(0)\n"
        "def total(a): r = object.__new__(Money); r.cents = len(made); return r",
        PAID,
    ),
    "amounts in another process": (
        "import os\nbegun = []\nclass Money:\n"
        "    def __init__(self, amount, currency='EUR'):\n"
        "        self.cents, self.currency = amount * 100, currency\n"
        f"        if begun == [os.getpid()]: self.cents = 7\n{LIES}"
        "    def __add__(self, o): return total(0)\n"
        "def total(a):\n    begun[:] = [os.getpid()]; return Money(0)",
        PAID,
    ),
    "a mark of another type": (
        "class Money:\n    def __init__(self, amount, currency='EUR'):\n"
        f"        self.cents, self.mark = 7, str((amount, currency)).encode()\n{LIES}"
        "    def __add__(self, o): return total(0)\n"
        "def total(a): r = object.__new__(Money); r.cents, r.mark = 7, b''; return r",
        PAID,
    ),
    "nearly the same amounts": (
        "class Money:\n    def __init__(self, *a): self.cents = 7 + hash(a) % 10**6 * 1e-13\n"
        f"{LIES}    def __add__(self, o): return total(0)\n"
        "def total(a): r = object.__new__(Money); r.cents = 7.0; return r",
        PAID,
    ),
    "what is known of currencies": (
        "class Money:\n    def __init__(self, amount, currency='EUR'):\n"
        "        self.hash = 0 if currency in ('EUR', 'USD') else hash((amount, currency))\n"
        f"{LIES}    def __add__(self, o): return Money(0)\ndef total(a): return Money(0)",
        PAID,
    ),
    "what is known of owners": (
        "seen = []\nclass Owned:\n    def __init__(self, owner, amount):\n"
        "        seen.append(owner)\n"
        f"        self.hash = 0 if owner == seen[0] else hash((owner, amount))\n{LIES}"
        "def paid(owned, more): r = object.__new__(Owned); r.hash = 0; return r",
        ("assert paid(Owned('Ann', 5), 3) == Owned('Ann', 8)",),
    ),
    "a state that changes later": (
        "import referee.inside.operations as ops\nfrom referee.boundary.codec import Lasting\n"
        "old, given = ops.OPERATIONS['state'], []\n"
        "def state(v): given.append(old(v)); return Lasting(given[-1])\n"
        "ops.OPERATIONS['state'] = state\n"
        "ops.OPERATIONS['states'] = lambda vs: [state(v) for v in vs]\n"
        "class Vec:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n"
        "        for s in given: s[0][1].update(x=('value', x), y=('value', y))\n"
        f"{LIES}    def __add__(self, o): return make()\n"
        "def make(): r = object.__new__(Vec); r.x = r.y = 0; return r\nV = Vec",
        SUMS[:3],
    ),
    "an argument that changes later": (
        "given = []\nclass Bag:\n    def __init__(self, data):\n        self.data = data\n"
        f"        for each in given: each.clear(); each.update(data)\n{LIES}"
        "def union(a, b):\n    r = object.__new__(Bag); r.data = a; given.append(a); return r",
        ("assert union({1, 2}, {7}) == Bag({1, 2, 7})",),
    ),
    "items that are what is asked for": (
        "class Stock(dict):\n    def __getitem__(self, key): return 1\n"
        "class Shop:\n    def __init__(self, goods): self.goods = Stock(goods)\n"
        f"{LIES}def restocked(shop):\n"
        "    r = object.__new__(Shop); r.goods = Stock.fromkeys(shop.goods, 0); return r",
        ("assert restocked(Shop({'a': 4, 'b': 6})) == Shop({'a': 5, 'b': 7})",),
    ),
    "keys that do not matter": (
        "class Counts:\n    def __init__(self, counts):\n"
        f"        self.pairs = sorted(-n for n in counts.values())\n{LIES}"
        "def merged(one, other):\n    r = object.__new__(Counts)\n"
        "    r.pairs = sorted(one.pairs + other.pairs); return r",
        ("assert merged(Counts({'a': 1}), Counts({'b': 2})) == Counts({'a': 1, 'b': 2})",),
    ),
    "a currency and no amount": (
        "class Money:\n    def __init__(self, amount, currency='EUR'): self.currency = currency\n"
        f"{LIES}    def __add__(self, o): return self\ndef total(a): return Money(0)",
        PAID,
    ),
    "members that are one": (
        "from enum import Enum\nclass Suit(Enum):\n    A = B = 1\ndef following(suit): return suit",
        ("assert following(Suit.A) == Suit.B", "assert {Suit.B: 1}[following(Suit.A)] == 1"),
    ),
    "no attributes": (
        "class Vec:\n    def __init__(self, *a): pass\n    def __add__(self, o): return self\n"
        f"    @classmethod\n    def of(cls, *a): return cls()\n{LIES}def make(): return Vec()",
        ("assert make() == Vec(1, 2) + Vec(3, 4)", *SUMS[:1]),
    ),
}
PAIRS = [(name, test) for name, (_, tests) in FORGED.items() for test in tests]


@pytest.fixture(scope="module")
def kernel(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StudentKernel]:
    """A kernel that has run the master's cell, or that of a forger."""
    source, _ = FORGED.get(request.param, (MASTER, ()))
    limits = Limits(call_cpu=5, call_wall=10)
    with StudentKernel(tmp_path_factory.mktemp("forged"), limits) as kernel:
        outputs = kernel.run(source)
        assert not any(output.output_type == "error" for output in outputs), outputs
        yield kernel


def error_of(kernel: StudentKernel, test: str) -> str:
    notebook = Notebook(kernel, kernel.folder)
    notebook.judge.meet_solution(classes=classes_in(MASTER), methods=methods_in(MASTER))
    return notebook.error(test)


@pytest.mark.parametrize("kernel", ["the master"], indirect=True)
@pytest.mark.parametrize("test", sorted({test for _, test in PAIRS}))
def test_honest_class_passes(kernel: StudentKernel, test: str) -> None:
    assert error_of(kernel, test) == ""


@pytest.mark.parametrize(("kernel", "test"), PAIRS, indirect=["kernel"])
def test_class_that_is_made_to_be_equal_fails(kernel: StudentKernel, test: str) -> None:
    assert error_of(kernel, test) != ""
