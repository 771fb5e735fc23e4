import ast
import gc

import pytest

from referee.notebook.syntax import syntax_tree

LONG = "\n".join(f"value_{number} = [a, b, c]" for number in range(3000))


class Parsing:
    """Garbage that parses something when it is collected."""

    collected = 0

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        Parsing.collected += 1
        ast.parse("a = 1")


def make_garbage() -> None:
    for _ in range(20):
        Parsing()


def test_garbage_that_parses_does_not_disturb_the_parser() -> None:
    make_garbage()
    before = Parsing.collected
    tree = syntax_tree(LONG)
    assert len(tree.body) == 3000
    assert Parsing.collected == before


def test_garbage_is_collected_afterwards() -> None:
    syntax_tree(LONG)
    assert gc.isenabled()


def test_a_collector_that_is_off_stays_off() -> None:
    gc.disable()
    try:
        syntax_tree("a = 1")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_is_no_python_is_an_error_and_the_collector_stays_on() -> None:
    with pytest.raises(SyntaxError):
        syntax_tree("a =")
    assert gc.isenabled()
