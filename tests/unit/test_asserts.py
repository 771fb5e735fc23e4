"""Asserts of tests leave their operands behind when they fail, and do nothing else differently."""

import ast
from typing import Any

import pytest

from referee.judge.asserts import PREFIX, keep_operands, operands, values_of
from referee.judge.names import TestNamespace

NOTHING_ELSE: dict[str, Any] = {}


def run(source: str) -> dict[str, Any]:
    """Run a test's code with operands kept; return its names, raise its error."""
    names: dict[str, Any] = {"__name__": "test"}
    exec(compile(keep_operands(ast.parse(source)), "<test>", "exec"), names)
    return names


def left_behind(source: str) -> dict[str, Any]:
    """What the assert in the last line of some code has left behind, by its text."""
    names: dict[str, Any] = {}
    with pytest.raises(AssertionError):
        exec(compile(keep_operands(ast.parse(source)), "<test>", "exec"), names)
    statement = ast.parse(source).body[-1]
    assert isinstance(statement, ast.Assert)
    return {
        ast.unparse(node): value
        for node, value in values_of(statement.test, names).items()
        if not isinstance(node, ast.Constant)
    }


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("assert max(1, 2) == 3", {"max(1, 2)": 2}),
        ("a = [1]\nassert a[0] == len(a) + 1", {"a[0]": 1, "len(a) + 1": 2}),
        ("x = 5\nassert 0 < x < 4", {"x": 5}),
        ("assert isinstance(3, str)", {"str": str}),
        ("x = 1\nassert not x", {"x": 1}),
        ("x = 1\nassert x == 1 and x + 1 == 3", {"x": 1, "x + 1": 2}),
        ("x = 1\nassert x == 2 and x + 1 == 3", {"x": 1}),
        ("x = []\nassert x", {"x": []}),
        ("x = [1]\nassert all(x == [2] for _ in x)", {}),
        ("x = 1\nassert bool(x == 2)", {"x": 1}),
        ("assert (y := 3) == 4", {}),
        (
            "xs = [1, 2]\nassert [x + 1 for x in xs] == [2, 4]",
            {"[x + 1 for x in xs]": [2, 3], "[2, 4]": [2, 4]},
        ),
    ],
)
def test_failed_assert_leaves_its_operands(source: str, values: dict[str, Any]) -> None:
    assert left_behind(source) == values


def test_operand_that_was_not_evaluated_is_none_of_an_earlier_round() -> None:
    source = "for x in (1, 2):\n    assert x == 1 and x + 1 == 2"
    names: dict[str, Any] = {}
    with pytest.raises(AssertionError):
        exec(compile(keep_operands(ast.parse(source)), "<test>", "exec"), names)
    loop = ast.parse(source).body[0]
    assert isinstance(loop, ast.For)
    statement = loop.body[0]
    assert isinstance(statement, ast.Assert)
    assert next(iter(values_of(statement.test, names).values())) == 2
    assert names[f"{PREFIX}2"] is ...


def test_passed_assert_keeps_nothing_alive() -> None:
    names = run("x = [1]\nassert x == [1]\nassert len(x)")
    assert all(value is ... for name, value in names.items() if name.startswith(PREFIX))


def test_passed_assert_leaves_no_variable_in_a_function() -> None:
    names = run("def f(x):\n    assert x == 1 and x < 2\n    return locals(), dir()\nseen = f(1)")
    assert names["seen"] == ({"x": 1}, ["x"])


@pytest.mark.parametrize(
    "look",
    [
        "list(globals())", "sorted(globals().keys())", "[name for name, _ in globals().items()]",
        "list({**globals()})", "list(dict(globals()))", "list(globals().copy())", "dir()",
        "list(vars())", "list(locals())", "[str(globals())]",
        "[name for name in globals() if globals()[name] == 1]",
    ],
)  # fmt: skip
def test_test_that_asks_for_its_names_sees_no_operands(look: str) -> None:
    names = TestNamespace({"sorted": sorted}.__getitem__)
    source = f"x = 1\nassert x == 1\nassert [n for n in {look} if '@' in n] == [], {look}"
    exec(compile(keep_operands(ast.parse(source)), "<test>", "exec"), names)
    assert "x" in names
    assert len(names) == len(list(names)) == len(names.items()) == len(names.values())


def test_test_can_go_through_its_names_and_assert() -> None:
    names = TestNamespace(NOTHING_ELSE.__getitem__)
    source = "x = name = 1\nfor name in globals():\n    assert name == name"
    exec(compile(keep_operands(ast.parse(source)), "<test>", "exec"), names)


def test_namespace_forgets_operands() -> None:
    names = TestNamespace(NOTHING_ELSE.__getitem__)
    with pytest.raises(AssertionError):
        exec(compile(keep_operands(ast.parse("assert [1] == [2]")), "<test>", "exec"), names)
    assert names[f"{PREFIX}0"] == [1]
    names.forget_operands()
    assert f"{PREFIX}0" not in names


def test_operands_are_evaluated_once_and_in_their_order() -> None:
    source = """
seen = []
def note(value):
    seen.append(value)
    return value
assert note(1) < note(2) <= note(2) and not note(0)
def f():
    assert note(3) == note(3), note(4)
    return locals()
f()
class C:
    assert note(5)
    def method(self):
        assert self.value == note(6)
    value = 6
C().method()
"""
    names = run(source)
    assert names["seen"] == [1, 2, 2, 0, 3, 3, 5, 6]
    assert not [name for name in vars(names["C"]) if name.startswith("@")]


def test_message_and_line_of_a_failed_assert_are_as_they_were() -> None:
    source = "x = 1\nassert (\n    x ==\n    2\n), 'of a fraction'"
    with pytest.raises(AssertionError, match="of a fraction") as raised:
        run(source)
    with pytest.raises(AssertionError) as by_python:
        exec(compile(source, "<test>", "exec"), {})
    assert raised.traceback[-1].lineno == by_python.traceback[-1].lineno


def test_operands_in_functions_of_functions() -> None:
    run(
        "def outer():\n    x = 1\n    def inner():\n        nonlocal x\n        assert x == 1\n"
        "        x = 2\n    inner()\n    assert x == 2\nouter()"
    )


def test_operands_of_a_condition_are_its_parts() -> None:
    test = ast.parse("np.allclose(f(x), y, atol=1e-3)", mode="eval").body
    assert [ast.unparse(part) for part in operands(test)] == ["f(x)", "y"]
