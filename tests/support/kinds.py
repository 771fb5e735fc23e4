"""Values of kinds that cross, liars that look like them, and parts that make none of them."""

import datetime
import functools
import ipaddress
import typing
import uuid
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PosixPath, PurePosixPath, PureWindowsPath
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import PIL.Image
import scipy.sparse
import sympy
from numpy.polynomial import Chebyshev, Hermite, HermiteE, Laguerre, Legendre, Polynomial
from sympy import S

from referee.boundary.frame import Tag
from referee.boundary.kinds.columns import TYPES
from referee.boundary.kinds.symbols import OF_EXPRESSIONS
from tests.support.frames import array_node, facts, kind_node

BERLIN = ZoneInfo("Europe/Berlin")
COLUMNS = {
    "whole": [1, 2, 3],
    "small": np.array([1, 2, 3], "u1"),
    "floats": [1.5, np.nan, -0.0],
    "truth": [True, False, True],
    "complex": [1j, 2, 3],
    "text": ["a", None, "ü\ud800"],
    "text of old": np.array(["a", None, np.nan], object),
    "text with missing": pd.array(["a\0b", None, "c\x1f"], dtype="string"),
    "objects": np.array([1, "a", None], object),
    "containers": [[1], [2, [3]], {"a": {1}}],
    "missing": [pd.NaT, pd.NA, 1],
    "days": pd.date_range("2020-01-01", periods=3),
    "seconds": np.array(["2020-01-01", "NaT", "9999-01-01"], "M8[s]"),
    "zone": pd.date_range("2020-10-25", periods=3, freq="h", tz="Europe/Berlin"),
    "offset": pd.to_datetime(["2020-01-01T00:00+02:00"] * 3),
    "spans": pd.to_timedelta([1, 2, None], "D"),
    "categories": pd.Categorical(["b", None, "a"], ["b", "a", "c"], ordered=True),
    "categories of numbers": pd.Categorical([3, 1, 3]),
    "bins": pd.cut([1, 5, 9], [0, 4, 8]),
    "nullable": pd.array([1, None, 3], dtype="UInt8"),
    "nullable floats": pd.array([1.5, None, 3], dtype="Float32"),
    "nullable truth": pd.array([True, None, False]),
    "months": pd.period_range("2020-01", periods=3, freq="M"),
}
FRAME = pd.DataFrame(COLUMNS)
INDEXES = [
    pd.RangeIndex(2, 20, 3, name="r"),
    pd.Index([3, 1, 3]),
    pd.Index([1.5, np.nan]),
    pd.Index([True, False]),
    pd.Index(["a", None, "b"], name=("x", 1)),
    pd.Index([1, "a", (1, 2)]),
    pd.Index([], dtype=object),
    pd.Index([1, pd.NA], dtype="Int64"),
    pd.date_range("2020", periods=4),
    pd.date_range("2020", periods=4, freq="ME", tz=BERLIN),
    pd.DatetimeIndex(["2020-01-02", None, "2020-01-01"]),
    pd.timedelta_range("1D", periods=3),
    pd.period_range("2020-01", periods=3, freq="M"),
    pd.interval_range(0, 4),
    pd.CategoricalIndex(list("aab"), categories=list("bca")),
    pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["n", None]),
    pd.MultiIndex.from_tuples([], names=["a", "b"]),
]
ATTRIBUTED = pd.DataFrame({"a": [1]})
ATTRIBUTED.attrs["unit"] = ["m"]
FIELDS = np.dtype([("a", "<i4"), ("b", ">f8", (2,)), ("c", [("d", "?"), ("e", "U3")])])
ITEMS = np.array([(1, [2, 3], (True, "a")), (4, [5, 6], (False, ""))], FIELDS)

MATRIX = np.array([[0, 1.5, 0, 0], [2, 0, 0, 3]])
PICTURE = PIL.Image.fromarray(np.arange(60, dtype="u1").reshape(4, 5, 3))
MODES = ("1", "L", "LA", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16")
x, y = sympy.symbols("x y")
n = sympy.Symbol("n", integer=True, positive=True)
f = sympy.Function("f")
EXPRESSIONS = [
    *(sympy.Integer(0), sympy.Integer(1), sympy.Integer(-1), sympy.Integer(10**400)),
    *(sympy.Rational(1, 2), sympy.Rational(-1, 3), sympy.Float("0.1", 30), sympy.Float(-1e300)),
    *(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan, sympy.pi, sympy.E, sympy.I),
    *(sympy.GoldenRatio, sympy.EulerGamma, sympy.Catalan, sympy.true, sympy.false),
    *(S.EmptySet, S.UniversalSet, S.Reals, S.Integers, S.Naturals, S.Naturals0, S.Rationals),
    *(S.Complexes, x, n, sympy.Symbol("A", commutative=False)),
    *(x + x * y, x**2, sympy.Add(x, x, evaluate=False), sympy.sqrt(2) * x, (x + 1) ** n / (x - 1)),
    *(
        getattr(sympy, name)(x)
        for name in OF_EXPRESSIONS
        if name not in ("Add", "Mul", "Pow")
        and name not in ("Mod", "atan2", "binomial", "beta", "Max", "Min", "KroneckerDelta")
    ),
    *(x % y, sympy.atan2(x, y), sympy.binomial(n, 2), sympy.beta(x, y), sympy.Max(x, y, 1)),
    *(sympy.Min(x, y), sympy.KroneckerDelta(x, n)),
    *(sympy.Eq(x, y), sympy.Ne(x, y), x < y, x <= y, x > 1, x >= 1),
    *((x < 1) & (y > 2), (x < 1) | (y > 2), ~sympy.And(x < 1, y < 1)),
    *(sympy.Not(x, evaluate=False), sympy.Xor(x < 1, y < 1), sympy.Implies(x < 1, y < 1)),
    *(f(x).diff(x, 2) + f(x), sympy.Eq(f(x).diff(x), f(x)), f(x).diff(x)),
    sympy.Piecewise((x, x < 1), (0, True)),
    *(sympy.FiniteSet(1, 2), sympy.Interval.open(-sympy.oo, 1), sympy.Union(S.Naturals, {-3})),
    sympy.Union(sympy.Interval(0, 1), sympy.Interval(2, 3)),
    sympy.Intersection(S.Reals, sympy.FiniteSet(x), evaluate=False),
    sympy.Complement(S.Reals, sympy.FiniteSet(0), evaluate=False),
    *(sympy.Integral(x**2, (x, 0, 1)), sympy.Sum(n, (n, 1, sympy.oo)), sympy.Product(n, (n, 1, 5))),
    *(sympy.Limit(1 / x, x, 0), sympy.Lambda((x, y), x * y), sympy.Tuple(x, 1)),
    sympy.ImageSet(sympy.Lambda(n, n * sympy.pi), S.Integers),
    *(sympy.Matrix([[1, x], [0, 2]]), sympy.ImmutableMatrix([[1]]), sympy.Matrix(0, 3, [])),
]


EXAMPLES: dict[str, Any] = {
    "Fraction": Fraction(1, 3),
    "Decimal": Decimal("1.50"),
    "slice": slice(1, None, "a"),
    "range": range(1, 9, 2),
    "date": datetime.date(2020, 1, 2),
    "timedelta": datetime.timedelta(1, 2, 3),
    "datetime": datetime.datetime(2020, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
    "time": datetime.time(1, 2, tzinfo=datetime.UTC),
    "timezone": datetime.timezone(datetime.timedelta(hours=-1.5)),
    "timezone with a name": datetime.timezone(datetime.timedelta(0), "here"),
    "UTC": datetime.UTC,
    "ZoneInfo": BERLIN,
    "UUID": uuid.UUID(int=2**127 + 5),
    **{
        f"IPv{each.version} {type(each).__name__[4:]}": each
        for make in (ipaddress.ip_address, ipaddress.ip_interface, ipaddress.ip_network)
        for each in (make("10.0.0.1"), make("fe80::1"))
    },
    "ellipsis": ...,
    "NotImplemented": NotImplemented,
    **{f"array of {letter}": array(letter, [1, 2, 3]) for letter in "bBhHiIlLqQfd"},
    "poly1d": np.poly1d([1, 2.5, 3], variable="y"),
    **{
        f"{kind.__name__}": kind([1, 2j, 3], domain=[0, 2], window=[-3, 3], symbol="z")
        for kind in (*(Polynomial, Chebyshev, Legendre, Laguerre, Hermite, HermiteE),)
    },
    **{
        f"annotation {hint}": hint
        for hint in (
            *(list[int], dict[str, list[float]], tuple[int, ...], int | None, list[int] | str),
            *(typing.Optional[int], typing.Union[int, str], typing.List[int]),  # noqa: UP006, UP007, UP045
            *(typing.Callable[[int, str], float], typing.Callable[..., int]),
            typing.Literal["a", 1],
        )
    },
    "Path": Path("a/../b.txt"),
    "path of a temporary file": Path("/tmp/x/of-tests/tmp1/a.txt"),
    "PurePosixPath": PurePosixPath("/a/b"),
    "PureWindowsPath": PureWindowsPath("c:/a"),
    "bytearray": bytearray(b"abc"),
    "memoryview": memoryview(b"abc"),
    "memoryview of a picture": memoryview(bytes(range(24))).cast("B", (2, 3, 4)),
    "deque": deque([1, [2]], 5),
    "Counter": Counter("aab"),
    "OrderedDict": OrderedDict(b=1, a=2),
    "defaultdict": defaultdict(list, {1: [2]}),
    "keys of a dict": {"b": 1, "a": 2}.keys(),
    "items of a dict": {"b": 1, "a": [2]}.items(),
    "masked array": np.ma.masked_array([1.5, 2, 3], [False, True, False], fill_value=9),
    "masked array without a mask": np.ma.masked_array([[1, 2]]),
    "masked": np.ma.masked,
    **{
        f"{type(dtype).__name__}": dtype
        for dtype in map(np.dtype, (*"?bBhHiIlLefdFDO", "S3", "U3", "M8[D]", "m8[s]"))
    },
    "dtype of fields": FIELDS,
    "dtype of the other byte order": np.dtype(">f8"),
    **{
        f"{type(dtype).__name__} of {name}": dtype
        for name, dtype in FRAME.dtypes.items()
        if not isinstance(dtype, np.dtype)
    },
    **{
        name: getattr(pd, name)()
        for name in TYPES
        if name.endswith(("8Dtype", "16Dtype", "32Dtype", "64Dtype"))
    },
    "dtype of intervals": pd.IntervalDtype("int64", "left"),
    "categories in their order": pd.CategoricalDtype(["b", "a"], ordered=True),
    "categories that nobody has said": pd.CategoricalDtype(ordered=True),
    "dtypes of a frame": FRAME.dtypes,
    "matrix": np.matrix([[1.5, 2]]),
    "records": np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    **{f"column of {name}": FRAME[name] for name in COLUMNS},
    **{f"{type(index).__name__} {number}": index for number, index in enumerate(INDEXES)},
    "frame": FRAME,
    "frame on its side": FRAME[["whole", "text", "zone"]].T,
    "frame with labels": FRAME[["whole"]].set_index(INDEXES[9][:3]),
    "frame of two levels": pd.DataFrame(np.eye(4), INDEXES[-2], INDEXES[-2]),
    "frame with equal labels": pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]),
    "frame with attributes": ATTRIBUTED,
    "empty frame": pd.DataFrame(),
    "frame without columns": pd.DataFrame(index=["a", "b"]),
    "frame without rows": pd.DataFrame(columns=["a", "b"]),
    "groups": FRAME.groupby("truth")[["whole"]].agg(["sum", "mean"]),
    "description": FRAME[["whole", "floats"]].describe(),
    "counts": FRAME["whole"].value_counts(),
    "series with a name": pd.Series([1, 2], name=("a", 1)),
    "Timestamp": pd.Timestamp("2020-10-25 02:30+01:00").tz_convert(BERLIN),
    "Timestamp in seconds": pd.Timestamp("9999-01-01").as_unit("s"),
    "Timedelta": pd.Timedelta(5, "ns"),
    "Period": pd.Period("2020-02", freq="M"),
    "Interval": pd.Interval(0, 1.5, closed="both"),
    "NaT": pd.NaT,
    "NA": pd.NA,
    **{
        name: getattr(scipy.sparse, name)(MATRIX)
        for form in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
        for name in (f"{form}_matrix", f"{form}_array")
    },
    "empty matrix": scipy.sparse.csr_array((0, 3)),
    "places that repeat": scipy.sparse.coo_array(([1, 2], ([0, 0], [1, 1])), shape=(2, 2)),
    "picture": PICTURE,
    **{f"picture in {mode}": PIL.Image.new(mode, (5, 3)) for mode in MODES},
    "picture with a palette": PICTURE.convert("P"),
    "picture of nothing": PIL.Image.new("RGB", (0, 3)),
    **{f"{type(each).__name__} {number}": each for number, each in enumerate(EXPRESSIONS)},
}


# pandas makes them, and fails when it computes with them.
SWAPPED = {
    "numbers": (pd.Series(np.array([1.5, 2], ">f8")), pd.Series([1.5, 2])),
    "times": (
        pd.Series(np.array(["2020-01-01", "NaT"], ">M8[s]")),
        pd.Series(np.array(["2020-01-01", "NaT"], "M8[s]")),
    ),
    "intervals": (
        pd.Series(pd.arrays.IntervalArray.from_arrays(*np.array([[1, 3], [2, 4]], ">i8"))),
        pd.Series(pd.arrays.IntervalArray.from_arrays([1, 3], [2, 4])),
    ),
}


def same(back: Any, value: Any) -> None:
    """Assert that two values cannot be told apart, as the library that they are of sees it."""
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(back, value, check_freq=True)
        assert back.attrs == value.attrs
    elif isinstance(value, pd.Series):
        pd.testing.assert_series_equal(back, value)
    elif isinstance(value, pd.Index):
        pd.testing.assert_index_equal(back, value, exact=True)
        assert getattr(back, "freq", None) == getattr(value, "freq", None)
    elif value is np.ma.masked:
        assert back is value
    elif isinstance(value, np.ma.MaskedArray):
        assert repr(back) == repr(value)
        assert back.fill_value == value.fill_value
    elif isinstance(value, np.ndarray):
        assert facts(np.asarray(back)) == facts(np.asarray(value))
    elif isinstance(value, memoryview | PIL.Image.Image):
        assert back == value
    elif scipy.sparse.issparse(value):
        assert (back.shape, back.dtype, back.nnz) == (value.shape, value.dtype, value.nnz)
        assert np.array_equal(back.toarray(), value.toarray())
    elif isinstance(value, sympy.Basic | sympy.MatrixBase):
        assert back == value or value is sympy.nan
        assert sympy.srepr(back) == sympy.srepr(value)
    else:
        assert repr(back) == repr(value)
        assert getattr(back, "unit", None) == getattr(value, "unit", None)


# ---- what stays where it is ----


class Frame(pd.DataFrame):
    """Equal to everything."""

    def equals(self, other: object) -> bool:
        return True

    __eq__ = equals


class Column(pd.Series):
    """Passes for a Series."""


class Queue(deque[Any]):
    """Equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


class Half(Fraction):
    """Passes for a Fraction."""


class Place(PosixPath):
    """Equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = PosixPath.__hash__


class Letters(pd.CategoricalDtype):
    """Passes for a dtype."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = pd.CategoricalDtype.__hash__


class Moment(pd.Timestamp):
    """Passes for a Timestamp."""


class DataFrame:
    """Has the name of another class."""

    columns = ("a",)


DataFrame.__module__ = "pandas"


class Number(sympy.Integer):
    """Equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class Matrix(sympy.Matrix):
    """Passes for a Matrix."""


class Sparse(scipy.sparse.csr_matrix):
    """Passes for a matrix."""


class Picture(PIL.Image.Image):
    """Passes for a picture."""


LIARS = {
    "Number": sympy.Basic.__new__(Number),
    "Matrix": Matrix([[1]]),
    "Sparse": Sparse(MATRIX),
    "Picture": Picture(),
    "Frame": Frame({"a": [1]}),
    "Column": Column([1]),
    "Letters": Letters(["a"]),
    "Queue": Queue([1]),
    "Half": Half(1, 2),
    "Place": Place("a"),
    "DataFrame": DataFrame(),
}


class Thing:
    """Does not cross."""


class Zone(datetime.tzinfo):
    """A time zone of one's own."""

    def utcoffset(self, when: Any) -> datetime.timedelta:
        return datetime.timedelta(hours=1)

    dst = tzname = utcoffset  # type: ignore[assignment]


ITSELF: deque[Any] = deque()
ITSELF.append(ITSELF)
STAY = {
    "frame of objects": pd.DataFrame({"a": [Thing()]}),
    "frame of liars": pd.DataFrame({"a": [[LIARS["Queue"]]]}),
    "frame named by objects": pd.DataFrame([[1]], columns=pd.Index([Thing()])),
    "frame that refuses equal labels": pd.DataFrame({"a": [1]}).set_flags(
        allows_duplicate_labels=False
    ),
    "column of very many objects": pd.Series([(1,)] * 10**5),
    "dtype of sparse columns": pd.SparseDtype(),
    "dtype of intervals of anything": pd.IntervalDtype(),
    "sparse column": pd.Series(pd.arrays.SparseArray([0, 1])),
    "long range": pd.RangeIndex(2**60),
    "frame of nothing, 2**60 times": pd.DataFrame(index=pd.RangeIndex(2**60)),
    "frequency with holidays": pd.bdate_range("2020", periods=3, freq="C", holidays=["2020-01-02"]),
    "zone of one's own": datetime.datetime(2020, 1, 1, tzinfo=Zone()),
    "masked records": np.ma.masked_array(ITEMS),
    "view of floats": memoryview(b"12345678").cast("d"),
    "array of objects": np.array([None]),
    "absolute path": Path("/a"),
    "dtype of wide floats": np.dtype("g"),
    "dtype of sevens of seconds": np.dtype("m8[7s]"),
    "dtype of objects in fields": np.dtype([("a", object)]),
    "matrix of 2**60 rows": scipy.sparse.coo_array(([1.0], ([0], [0])), shape=(2**60, 1)),
    "dummy": sympy.Dummy("x"),
    "polynomial": sympy.Poly(x**2),
    "expression with a liar": sympy.Add(x, LIARS["Number"], evaluate=False),
    "wide number": sympy.Integer(10) ** 10**4,
    "deep expression": functools.reduce(lambda inner, _: sympy.sin(inner), range(150), x),
    "expression of many parts": functools.reduce(
        lambda inner, _: sympy.Add(inner, inner, evaluate=False), range(60), x
    ),
}

# ---- forged parts ----


def column(*parts: Any) -> list[Any]:
    return [Tag.LIST, list(parts)]


def items(*nodes: Any) -> list[Any]:
    return [Tag.TUPLE, list(nodes)]


def labels(start: Any, stop: Any, step: Any = 1) -> list[Any]:
    return [Tag.LIST, [start, stop, step, items(None)]]


def series(rows: Any, content: Any, name: Any = None) -> list[Any]:
    return kind_node("pandas.Series", rows, items(name), content, items())


def frame(rows: Any, names: Any, *columns: Any) -> list[Any]:
    return kind_node("pandas.DataFrame", rows, names, [Tag.LIST, list(columns)], items())


def index(content: Any, kind: str = "Index", frequency: Any = None) -> list[Any]:
    return kind_node(f"pandas.{kind}", items(None), frequency, content)


def steps(*each: list[Any]) -> list[Any]:
    return [Tag.LIST, [[Tag.LIST, list(step)] for step in each]]


def expression(*each: list[Any], kind: str = "Add") -> list[Any]:
    return kind_node(f"sympy.{kind}", steps(*each))


ONE, X, TRUE = ["Integer", 1], ["Symbol", "x", [Tag.LIST, []]], ["constant", "BooleanTrue"]


def sparse(form: str, shape: list[Any], *arrays_: Any) -> list[Any]:
    return kind_node(f"scipy.sparse.{form}", [Tag.LIST, shape], *arrays_)


def picture(mode: Any, width: Any, height: Any, palette: Any = None, form: Any = None) -> list[Any]:
    pixels = array_node("|u1", [3])
    return kind_node("PIL.Image.Image", mode, [Tag.LIST, [width, height]], pixels, palette, form)


THREE = array_node("<i8", [3])
INT = ("builtins", "int")
NUMBERS = column("plain", THREE)
BYTES = np.arange(3, dtype="<i8").tobytes()
LETTERS = index(column("objects", items("a", "b")))
LONG = kind_node("pandas.RangeIndex", 0, 2**60, 1, items(None))
FORGED: dict[str, Any] = {
    "absolute path": kind_node("pathlib.PosixPath", "/etc/passwd"),
    "path out of a folder of tests": kind_node("pathlib.PosixPath", "/tmp/of-tests/../../etc/x"),
    "path of bytes": kind_node("pathlib.PosixPath", b"a"),
    "path of 5000 letters": kind_node("pathlib.PurePosixPath", "a" * 5000),
    "matrix of one dimension": (kind_node("numpy.matrix", THREE), BYTES),
    "matrix of a list": kind_node("numpy.matrix", [Tag.LIST, [1]]),
    "dtype of another class": kind_node("numpy.dtypes.Float32DType", "<f8"),
    "dtype of no description": kind_node("numpy.dtypes.ObjectDType", "|O8"),
    "dtype of 2**60 bytes": kind_node("numpy.dtypes.StrDType", f"<U{2**58}"),
    "dtype of fields outside of it": kind_node(
        "numpy.dtypes.VoidDType",
        [Tag.LIST, [4, [Tag.LIST, [[Tag.LIST, ["a", "<f8", [Tag.LIST, []], 0]]]]]],
    ),
    "dtype of a column that is not empty": (kind_node("pandas.Int64Dtype", *NUMBERS[1]), BYTES),
    "dtype of another column": kind_node("pandas.Int64Dtype", "plain", array_node("<i8", [0])),
    "dtype of an Int8 for an Int64": kind_node(
        "pandas.Int64Dtype", "masked", array_node("|i1", [0]), array_node("|b1", [0])
    ),
    "dtype of categories in a list": kind_node("pandas.CategoricalDtype", [Tag.LIST, []]),
    "dtype of a name": kind_node("pandas.DatetimeTZDtype", "datetime64[ns, Mars]"),
    "dtype of nothing": kind_node("pandas.CategoricalDtype"),
    "class for a dtype": kind_node("numpy.dtypes.Float32DType", None),
    "series shorter than its index": (series(labels(0, 4), NUMBERS), BYTES),
    "series of 2**60 rows": (series(labels(0, 2**60), NUMBERS), BYTES),
    "series of two dimensions": (
        series(labels(0, 3), column("plain", array_node("<i8", [3, 1]))),
        BYTES,
    ),
    "series of no dimension": (
        series(labels(0, 3), column("plain", array_node("<i8", []))),
        BYTES[:8],
    ),
    "series of no form": series(labels(0, 0), column("pickle", b"x")),
    "series of a list": series(labels(0, 0), 3),
    "series with a list for a name": series(
        labels(0, 0), column("objects", items()), [Tag.LIST, []]
    ),
    "index that is none": series([Tag.LIST, []], column("objects", items())),
    "index of text": series("abc", column("objects", items("a", "b", "c"))),
    "range in floats": series(labels(0.0, 3.0, 1.0), NUMBERS),
    "range of step 0": series(labels(0, 3, 0), NUMBERS),
    "frame of 2**60 rows and no columns": frame(labels(0, 2**60), labels(0, 0)),
    "frame with more names": (frame(labels(0, 3), labels(0, 2), NUMBERS), BYTES),
    "frame of uneven columns": (
        frame(labels(0, 3), labels(0, 2), NUMBERS, column("objects", items(1))),
        BYTES,
    ),
    "frame in a column": frame(labels(0, 1), labels(0, 1), frame(labels(0, 0), labels(0, 0))),
    "frame that contains itself": frame(
        labels(0, 1), labels(0, 1), column("objects", items([Tag.REFERENCE, 0]))
    ),
    "frame of an object": frame(
        labels(0, 1), labels(0, 1), column("objects", items([Tag.HANDLE, 0, "x", True]))
    ),
    "column of another array": (
        [Tag.LIST, [THREE, series(labels(0, 3), column("plain", [Tag.REFERENCE, 1]))]],
        BYTES,
    ),
    "objects as numbers": series(labels(0, 1), column("plain", array_node("|O", [1]))),
    "text as numbers": (series(labels(0, 1), column("plain", array_node("<U1", [1]))), b"a\0\0\0"),
    "dates in hours": (series(labels(0, 1), column("plain", array_node("<M8[h]", [1]))), b"\0" * 8),
    "long range": LONG,
    "index of another class": (index(NUMBERS, "DatetimeIndex"), BYTES),
    "frequency of other dates": (
        index(column("plain", array_node("<M8[s]", [3])), "DatetimeIndex", "D"),
        BYTES,
    ),
    "frequency of holidays": (
        index(column("plain", array_node("<M8[s]", [3])), "DatetimeIndex", "C"),
        BYTES,
    ),
    "frequency of a million years": (
        index(column("plain", array_node("<M8[s]", [3])), "DatetimeIndex", "999999999YE"),
        BYTES,
    ),
    "codes without categories": (
        series(labels(0, 3), column("categories", False, LETTERS, THREE)),
        np.array([0, 1, 2], "<i8").tobytes(),
    ),
    "codes below": (
        series(labels(0, 3), column("categories", False, LETTERS, THREE)),
        np.array([0, 1, -2], "<i8").tobytes(),
    ),
    "categories in 2**60 numbers": series(
        labels(0, 0),
        column(
            "categories", False, kind_node("pandas.RangeIndex", 0, 2**60, 1, items(None)), THREE
        ),
    ),
    "categories of one name": (
        series(
            labels(0, 3),
            column("categories", False, index(column("objects", items("a", "a", "b"))), THREE),
        ),
        BYTES,
    ),
    "mask of another length": (
        series(labels(0, 3), column("masked", THREE, array_node("|b1", [1]))),
        BYTES + b"\0" * 40 + b"\1",
    ),
    "mask of numbers": (series(labels(0, 3), column("masked", THREE, THREE)), BYTES * 2),
    "text of another number": (
        series(
            labels(0, 3),
            column("text", "\0", array_node("|u1", [3]), array_node("|u1", [3])),
        ),
        b"abc" + b"\0" * 64,
    ),
    "text missing in a way of its own": (
        series(
            labels(0, 1),
            column("text", "\0", array_node("|u1", [1]), array_node("|u1", [1])),
        ),
        b"a" + b"\0" * 63 + b"\x09",
    ),
    "storage of its own": series(labels(0, 0), column("texts", "os", "NA", "\0", THREE, THREE)),
    "zone in a file": (
        series(labels(0, 3), column("zoned", "../../etc/passwd", array_node("<M8[s]", [3]))),
        BYTES,
    ),
    "zone of a day and more": (
        series(labels(0, 3), column("zoned", 1e9, array_node("<M8[s]", [3]))),
        BYTES,
    ),
    "period of any name": (series(labels(0, 3), column("periods", "D" * 10**6, THREE)), BYTES),
    "intervals the wrong way": (
        series(labels(0, 3), column("intervals", "left", NUMBERS, NUMBERS)),
        np.array([3, 4, 5], "<i8").tobytes() + b"\0" * 40 + BYTES,
    ),
    "intervals of complex numbers": (
        series(
            labels(0, 2),
            column(
                "intervals",
                "left",
                column("plain", array_node("<c16", [2])),
                column("plain", array_node("<c16", [2])),
            ),
        ),
        np.arange(8, dtype="<f8").tobytes(),
    ),
    "level that is a list": kind_node(
        "pandas.MultiIndex", [Tag.LIST, [[Tag.LIST, []]]], [Tag.LIST, [THREE]], items(None)
    ),
    "codes of no level": (
        kind_node("pandas.MultiIndex", [Tag.LIST, [LETTERS]], [Tag.LIST, [THREE]], items(None)),
        np.array([0, 1, 2], "<i8").tobytes(),
    ),
    "no levels": kind_node("pandas.MultiIndex", [Tag.LIST, []], [Tag.LIST, []], items()),
    "Timestamp in years": kind_node("pandas.Timestamp", 2**62, "Y", None),
    "Timestamp that is missing": kind_node("pandas.Timestamp", -(2**63), "ns", None),
    "Timestamp in text": kind_node("pandas.Timestamp", "now", "ns", None),
    "Timedelta of text": kind_node("pandas.Timedelta", "1D", "ns"),
    "Interval of text": kind_node("pandas.Interval", "a", [Tag.LIST, []], "left"),
    "NaT with a part": kind_node("pandas._libs.tslibs.nattype.NaTType", 1),
    "deque of more than fit": kind_node("collections.deque", 1, items(1, 2)),
    "deque of a negative length": kind_node("collections.deque", -1, items()),
    "deque in itself": kind_node("collections.deque", None, items([Tag.REFERENCE, 0])),
    "Counter of half a pair": kind_node("collections.Counter", items(1)),
    "Counter of lists": kind_node("collections.Counter", items([Tag.LIST, []], 1)),
    "keys that are lists": kind_node("builtins.dict_keys", items([Tag.LIST, []])),
    "keys without a tuple": kind_node("builtins.dict_keys", "ab"),
    "keys in themselves": kind_node("builtins.dict_keys", items([Tag.REFERENCE, 0])),
    "items of half a pair": kind_node("builtins.dict_items", items(1)),
    "defaultdict of a module": kind_node("collections.defaultdict", "os", items()),
    "bytes of numbers": (kind_node("builtins.bytearray", THREE), BYTES),
    "memoryview of bytes": kind_node("builtins.memoryview", b"abc", True, [Tag.LIST, [3]]),
    "memoryview of another shape": (
        kind_node("builtins.memoryview", array_node("|u1", [3]), True, [Tag.LIST, [2, 2]]),
        b"abc",
    ),
    "mask of another shape": (
        kind_node("numpy.ma.MaskedArray", THREE, array_node("|b1", [2]), None, False),
        BYTES + b"\0" * 42,
    ),
    "mask that is none": (kind_node("numpy.ma.MaskedArray", THREE, THREE, None, False), BYTES * 3),
    "records without fields": (kind_node("numpy.rec.recarray", THREE), BYTES),
    "zone of no name": kind_node("datetime.datetime", "2020-01-01", 0, "Mars/Base"),
    "expression of nothing": expression(),
    "expression of two": expression(ONE, ONE),
    "expression of another class": expression(ONE),
    "expression of any class": expression(ONE, ["eval", 1], kind="Add"),
    "expression of a builder": expression(ONE, ["sympify", 1], kind="Integer"),
    "expression in text": kind_node("sympy.Add", "x + 1"),
    "text as a step": kind_node("sympy.Add", [Tag.LIST, ["x", "y"]]),
    "more arguments than there are": expression(ONE, ["Add", 2]),
    "arguments below none": expression(ONE, ["Add", -1]),
    "sum of a condition": expression(ONE, TRUE, ["Add", 2]),
    "condition of a number": expression(ONE, ["Not", 1], kind="Not"),
    "deep tree": expression(X, *[["sin", 1]] * 10**5, kind="sin"),
    "tree of many steps": expression(*[ONE] * 10**5, ["Add", 10**5]),
    "number of a million digits": expression([*ONE[:1], [Tag.INT, "f" * 10**6]], kind="Integer"),
    "number in text": kind_node("sympy.core.numbers.Integer", steps(["Integer", "1"])),
    "fraction of nothing": kind_node("sympy.core.numbers.Rational", steps(["Rational", 1, 0])),
    "wide exponent": kind_node("sympy.core.numbers.Float", steps(["Float", 0, 1, 10**9, 53])),
    "precision of a million": kind_node(
        "sympy.core.numbers.Float", steps(["Float", 0, 1, 0, 10**6])
    ),
    "constant of any module": kind_node("sympy.core.numbers.Pi", steps(["constant", "os"])),
    "name in a list": expression(["Symbol", [Tag.LIST, []], [Tag.LIST, []]], kind="Symbol"),
    "assumptions that contradict": expression(
        ["Symbol", "x", [Tag.LIST, [[Tag.LIST, [each, True]] for each in ("real", "imaginary")]]],
        kind="Symbol",
    ),
    "assumptions in text": expression(
        ["Symbol", "x", [Tag.LIST, [[Tag.LIST, ["real", "yes"]]]]], kind="Symbol"
    ),
    "function of a long name": expression(X, ["function", "f" * 10**6, 1], ["sin", 1], kind="sin"),
    "interval to a function": expression(
        ONE, X, ["sin", 1], *[["constant", "BooleanFalse"]] * 2, ["Interval", 4], kind="Interval"
    ),
    "integral of cases": expression(
        *(X, X, TRUE, ["ExprCondPair", 2], ["Piecewise", 1], ["sin", 1], X),
        *(["Tuple", 1], ["Integral", 2]),
        kind="Integral",
    ),
    "matrix of other elements": kind_node("sympy.MutableDenseMatrix", 2, 2, steps(ONE)),
    "matrix of no columns and 2**60 rows": kind_node("sympy.MutableDenseMatrix", 2**60, 0, steps()),
    "sparse matrix of 2**60 columns": (
        sparse("csr_matrix", [0, 2**60], array_node("<f8", [0]), THREE, THREE),
        BYTES + b"\0" * 40 + BYTES,
    ),
    "sparse matrix with other rows": (
        sparse("csr_matrix", [9, 3], THREE, THREE, THREE),
        (BYTES + b"\0" * 40) * 2 + BYTES,
    ),
    "place outside": (
        sparse("coo_array", [2, 3], THREE, THREE, THREE),
        (BYTES + b"\0" * 40) * 2 + BYTES,
    ),
    "place before": (
        sparse("coo_array", [3, 3], THREE, THREE, THREE),
        (BYTES + b"\0" * 40) * 2 + (-np.arange(3, dtype="<i8")).tobytes(),
    ),
    "list of 2**30 rows": (
        sparse("lil_matrix", [2**30, 3], THREE, THREE, THREE),
        (BYTES + b"\0" * 40) * 2 + BYTES,
    ),
    "sparse matrix of text": (
        sparse("coo_array", [3, 3], array_node("<U1", [1]), THREE, THREE),
        (b"a\0\0\0" + b"\0" * 60 + BYTES + b"\0" * 40) + BYTES,
    ),
    "sparse matrix in floats": (
        sparse("coo_array", [3.0, 3], THREE, THREE, THREE),
        (BYTES + b"\0" * 40) * 2 + BYTES,
    ),
    "diagonals of one place": (
        sparse("dia_array", [3, 3], array_node("<i8", [3, 1]), THREE),
        BYTES + b"\0" * 40 + b"\0" * 24,
    ),
    "picture of more pixels": (picture("RGB", 2, 1), b"abc"),
    "picture of 2**60 pixels": (picture("1", 2**30, 2**30), b"abc"),
    "picture of negative size": (picture("RGB", -1, -1), b"abc"),
    "picture of any mode": (picture("X", 1, 1), b"abc"),
    "picture of any format": (picture("RGB", 1, 1, form="EXE"), b"abc"),
    "picture with another palette": (
        picture("RGB", 1, 1, array_node("|u1", [3])),
        b"abc" + b"\0" * 61 + b"abc",
    ),
    "timezone of a day": kind_node("datetime.timezone", 1, 0, 0, None),
    "timezone named by a list": kind_node("datetime.timezone", 0, 0, 0, [Tag.LIST, []]),
    "zone as a number": kind_node("zoneinfo.ZoneInfo", 3600.0),
    "zone that is a file": kind_node("zoneinfo.ZoneInfo", "../../etc/passwd"),
    "address of a number": kind_node("ipaddress.IPv4Address", 5),
    "address of a million letters": kind_node("ipaddress.IPv6Address", "f" * 10**6),
    "network for an address": kind_node("ipaddress.IPv4Address", "10.0.0.0/8"),
    "UUID of no digits": kind_node("uuid.UUID", "x" * 32),
    "ellipsis with a part": kind_node("types.ellipsis", 1),
    "array of letters": (kind_node("array.array", "u", array_node("|u1", [4])), b"abcd"),
    "array of half a number": (kind_node("array.array", "i", array_node("|u1", [3])), b"abc"),
    "polynomial of two dimensions": (
        kind_node("numpy.poly1d", array_node("<i8", [3, 1]), "x"),
        BYTES,
    ),
    "polynomial of text": (kind_node("numpy.poly1d", array_node("<U1", [1]), "x"), b"a\0\0\0"),
    "polynomial of a wide domain": (
        kind_node("numpy.polynomial.Polynomial", THREE, THREE, THREE, "x"),
        (BYTES + b"\0" * 40) * 2 + BYTES,
    ),
    "annotation of nothing": kind_node("types.GenericAlias", items()),
    "annotation of a number": kind_node("types.GenericAlias", items(1, 2)),
    "annotation of an object": kind_node(
        "types.GenericAlias", items([Tag.HANDLE, 0, "type", True], 1)
    ),
    "annotation in itself": kind_node("types.GenericAlias", items([Tag.REFERENCE, 0], 1)),
    "union of numbers": kind_node("types.UnionType", items(1, 2)),
    "union of one": kind_node("types.UnionType", items([Tag.HANDLE, 0, "type", True, *INT])),
    "any name of typing": kind_node("typing._GenericAlias", "get_type_hints", items(1)),
    "another form of typing": kind_node("typing._GenericAlias", "Literal", items(1)),
    "dates in a set of parts": kind_node("datetime.date", [Tag.SET, []], 1, 1),
}

# ---- changes ----


def grow(frame: Any) -> None:
    frame["twice"] = frame["a"] * 2
    frame.loc[len(frame)] = [9] * frame.shape[1]


def rename(frame: Any) -> None:
    frame.columns = ["b"]
    frame.index = list("xyz")


CHANGED: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "a cell": (lambda: pd.DataFrame({"a": [1, 2, 3]}), lambda x: x.__setitem__("a", [4, 5, 6])),
    "a frame that grows": (lambda: pd.DataFrame({"a": [1, 2, 3]}), grow),
    "labels": (lambda: pd.DataFrame({"a": [1, 2, 3]}), rename),
    "a column less": (
        lambda: pd.DataFrame({"a": [1, 2, 3], "b": 1}),
        lambda x: x.__delitem__("a"),
    ),
    "another type": (
        lambda: pd.DataFrame({"a": ["1", "2"]}),
        lambda x: x.__setitem__("a", x["a"].astype(int)),
    ),
    "a series": (lambda: pd.Series([1, 2], name="a"), lambda x: x.__setitem__(0, 7)),
    "a series' name": (lambda: pd.Series([1, 2]), lambda x: setattr(x, "name", "b")),
    "a deque": (lambda: deque([1, 2], 3), lambda x: x.extend([3, 4])),
    "a Counter": (lambda: Counter("aab"), lambda x: x.subtract("ab")),
    "an OrderedDict": (lambda: OrderedDict(a=1, b=2), lambda x: x.move_to_end("a")),
    "a defaultdict": (lambda: defaultdict(list), lambda x: x["a"].append(1)),
    "an array": (lambda: array("i", [1, 2]), lambda x: x.append(3)),
    "a polynomial": (lambda: Polynomial([1, 2]), lambda x: setattr(x, "coef", x.coef * 2)),
    "a poly1d": (lambda: np.poly1d([1, 2]), lambda x: x.__setitem__(0, 5)),
    "a bytearray": (lambda: bytearray(b"abc"), lambda x: x.extend(b"d")),
    "a mask": (
        lambda: np.ma.masked_array([1, 2, 3], [False, True, False]),
        lambda x: x.__setitem__(0, np.ma.masked),
    ),
    "records": (lambda: EXAMPLES["records"].copy(), lambda x: x.a.fill(7)),
    **{
        f"a {form} matrix": (
            functools.partial(getattr(scipy.sparse, f"{form}_matrix"), MATRIX),
            lambda x: x.__setitem__((0, 1), 7),
        )
        for form in ("csr", "csc", "lil", "dok")
    },
    "a picture": (lambda: PIL.Image.new("L", (2, 2)), lambda x: x.putpixel((0, 1), 7)),
    "a matrix of expressions": (
        lambda: sympy.Matrix([[1, x], [0, 2]]),
        lambda matrix: matrix.__setitem__((0, 0), x + 1),
    ),
}
