"""Summaries of values: short and quick whatever the value is, and whole where they can be."""

from collections import OrderedDict, namedtuple
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import PIL.Image
import pytest
import scipy.sparse
import sympy
from hypothesis import given

from referee.judge.objects import RemoteObject as Handle
from referee.judge.places import Place
from referee.judge.summaries import MOST_SOURCE, as_source, in_words, summary_of
from tests.support.bounds import ends
from tests.support.frames import TextsOnly, arrays, hashable_atoms, numpy_scalars, some, values

Point = namedtuple("Point", "x y")


class Hostile:
    """Its own words are never asked for."""

    def __repr__(self) -> str:
        raise AssertionError("its repr was called")

    __str__ = __len__ = __iter__ = __eq__ = __hash__ = __repr__  # type: ignore[assignment]


class HostileList(list[Any]):
    def __iter__(self) -> Any:
        raise AssertionError("its own iterator was called")

    __len__ = __repr__ = __iter__


def deep(depth: int = 50_000) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def in_itself() -> list[Any]:
    value: list[Any] = [1]
    value.append(value)
    return value


def shared() -> Any:
    """Which has 2 ** 50 leaves."""
    value: Any = "leaf"
    for _ in range(50):
        value = [value, value]
    return value


class HostileFrame(pd.DataFrame):
    """Raises whatever it is asked."""

    @property
    def shape(self) -> Any:
        raise RuntimeError


NASTY: dict[str, Callable[[], Any]] = {
    "hostile object": Hostile,
    "hostile list": lambda: HostileList([1, 2]),
    "objects in lists": lambda: [Hostile()] * 1000,
    "keys of a class": lambda: {1: Hostile(), (2, 3): Hostile()},
    "deep": deep,
    "in itself": in_itself,
    "shared": shared,
    "long list": lambda: list(range(10**6)),
    "long text": lambda: "x" * 10**7,
    "long bytes": lambda: b"x" * 10**7,
    "large set": lambda: set(range(10**5)),
    "large dict": lambda: dict.fromkeys(range(10**5), "x" * 10**4),
    "large int": lambda: 10**2000,
    "large fraction": lambda: Fraction(10**6000, 3),
    "large array": lambda: np.broadcast_to(np.float64(1), (10**6, 10**6)),
    "many dimensions": lambda: np.zeros((1,) * 60),
    "array of objects": lambda: np.array([Hostile(), None], dtype=object),
    "structured array": lambda: np.zeros(3, dtype=[("a", "f8"), ("b", "O")]),
    "array of long texts": lambda: np.array(["x" * 10**6] * 2),
    "dates": lambda: np.array(["2026-01-01"], dtype="datetime64[D]"),
    "empty": lambda: np.zeros((0, 3)),
    "masked": lambda: np.ma.masked_equal([1, 2, 3], 2),
    "handle": lambda: Handle(Place(1, "\x1b[31mevil\n" * 1000, TextsOnly())),
    "frame of hostile objects": lambda: pd.DataFrame({"a": [Hostile()] * 3}),
    "frame of a million rows": lambda: pd.DataFrame(np.broadcast_to(1.0, (10**6, 3))),
    "frame of many columns": lambda: pd.DataFrame(np.zeros((1, 10**5))),
    "frame of a subclass": lambda: HostileFrame({"a": [1]}),
    "series of long texts": lambda: pd.Series(["x" * 10**6] * 10),
    "index in colour": lambda: pd.Index(["\x1b[31m", "\ud800"], name="\ud800" * 10**5),
    "many categories": lambda: pd.CategoricalDtype([f"\x1b{n}" for n in range(10**4)]),
    "expression in colour": lambda: sympy.Symbol("\x1b[31m\ud800" * 10**5) + 1,
    "long expression": lambda: sympy.Add(*sympy.symbols("x:300")),
    "function": lambda: deep,
    "class": lambda: Hostile,
}


@pytest.mark.parametrize("make", NASTY.values(), ids=NASTY)
def test_nasty_values_have_short_summaries(make: Callable[[], Any]) -> None:
    value = make()
    with ends():
        summary = summary_of(value)
        words = in_words(summary)
        source = as_source(summary)
    assert 0 < len(words) < 700
    assert source is None or len(source) <= MOST_SOURCE
    words.encode()  # no lone surrogates


@some
@given(values)
def test_whatever_crosses_has_a_short_summary(value: Any) -> None:
    words = in_words(summary_of(value))
    assert len(words) < 1500
    words.encode()


plain = st.recursive(
    hashable_atoms | numpy_scalars | arrays(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(hashable_atoms, inner, max_size=4),
    ),
    max_leaves=8,
)


@some
@given(plain)
def test_python_of_a_summary_makes_the_same_value(value: Any) -> None:
    source = as_source(summary_of(value))
    if source is not None:
        again = eval(source, {"np": np, "nan": np.nan, "inf": np.inf})
        assert repr(again) == repr(value)
        assert in_words(summary_of(again)) == in_words(summary_of(value))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (42, "42"),
        (0.1 + 0.2, "0.30000000000000004"),
        (np.float64(2.5), "2.5"),
        (np.float32(2.5), "float32(2.5)"),
        ("a\x1b[31m\n", r"'a\x1b[31m\n'"),
        ([], "[]"),
        ((1,), "(1,)"),
        ({"W": [1, 2]}, "{'W': [1, 2]}"),
        (set(), "set()"),
        ({3, 1, 2}, "{1, 2, 3}"),
        (frozenset({1}), "frozenset({1})"),
        (OrderedDict(a=1), "{'a': 1}"),
        (Point(1, 2), "(1, 2)"),
        (np.array([[0.0, 6.0]]), "float64 (1, 2) [[0, 6]]"),
        (np.zeros((5, 7)), "float64 (5, 7) [0, 0, 0, 0, 0, 0, ...]"),
        (np.array(3), "int64 () 3"),
        (np.array([np.nan, np.inf]), "float64 (2,) [nan, inf]"),
        (np.array(["a", "b"]), "<U1 (2,) ['a', 'b']"),
        (Fraction(1, 3), "Fraction(1, 3)"),
        (pd.DataFrame({"a": [1], "b": ["x"]}), "DataFrame (1, 2): 'a' int64, 'b' str"),
        (pd.DataFrame(), "DataFrame (0, 0)"),
        (pd.Series([1.5, np.nan]), "Series float64 (2,) [1.5, nan]"),
        (pd.Index(["a"]), "Index str (1,) ['a']"),
        (pd.RangeIndex(9), "RangeIndex int64 (9,) [0, 1, 2, 3, 4, 5, ...]"),
        (pd.MultiIndex.from_tuples([(1, "a")]), "MultiIndex (1,) [(1, 'a')]"),
        (pd.Timestamp("2020-01-02"), "Timestamp('2020-01-02 00:00:00')"),
        (pd.CategoricalDtype(["a"]), "dtype category"),
        (np.dtype("f8"), "dtype float64"),
        (sympy.Symbol("x") ** 2 + 1, "x**2 + 1"),
        (scipy.sparse.csr_array(np.eye(2)), "csr_array float64 (2, 2), 2 stored"),
        (PIL.Image.new("RGB", (4, 3)), "a picture, RGB 4x3"),
        ({"t": pd.Series([1])}, "{'t': Series int64 (1,) [1]}"),
    ],
    ids=lambda part: (
        part if isinstance(part, str) else type(part).__name__
    ),  # a picture's text varies
)
def test_value_in_words(value: Any, words: str) -> None:
    assert in_words(summary_of(value)) == words


def test_what_was_left_out_is_counted() -> None:
    words = in_words(summary_of(list(range(1000))))
    assert words.startswith("[0, 1, 2, ")
    shown = words.count(",")
    assert words.endswith(f"... {1000 - shown} more]")


def test_objects_of_other_classes_are_named() -> None:
    assert in_words(summary_of([Hostile(), Hostile])) == "[<Hostile>, the class Hostile]"


def test_values_that_were_cut_have_no_python() -> None:
    assert as_source(summary_of(np.zeros(10_000))) is None
    assert as_source(summary_of([1, np.zeros(10_000)])) is None
    assert as_source(summary_of("x" * 10_000)) is None
    assert as_source(summary_of(Hostile())) is None


def test_summary_is_of_the_value_as_it_was() -> None:
    value = {"W": np.zeros(2)}
    summary = summary_of(value)
    value["W"] += 1
    assert in_words(summary) == "{'W': float64 (2,) [0, 0]}"
