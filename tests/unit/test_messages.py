"""`referee check`: messages that do not help a student are found, good ones are left alone."""

from io import StringIO

import nbformat
import pytest
from rich.console import Console

from referee.check.master import CellRemarks
from referee.check.messages import thin_messages
from referee.check.tables import print_remarks
from tests.support.solutions import MASTER

GOOD = "double: the result is wrong for whole numbers. Look at the factor in the text."


def advice(source: str) -> list[str]:
    """What is said about a test cell that students see."""
    return [found.advice for found in thin_messages(source, released=source)]


def advice_on_hidden(source: str) -> list[str]:
    """What is said about a test cell of which students see nothing."""
    return [found.advice for found in thin_messages(source, released="")]


@pytest.mark.parametrize(
    "check",
    [
        "assert double(2) == 4, {!r}",
        "npt.assert_allclose(double(2), 4, err_msg={!r})",
        "np.testing.assert_array_equal(double(2), 4, {!r})",
        "assert_equal(double(2), 4, {!r})",
        "raise AssertionError({!r})",
        "message = {!r}\nassert double(2) == 4, message",
    ],
)
def test_message_is_found_wherever_a_check_takes_it(check: str) -> None:
    assert advice(check.format(GOOD)) == []
    assert "names what was compared" in advice(check.format("double: x"))[0]
    assert "no reason" in advice(check.format(""))[0]


@pytest.mark.parametrize(
    "check",
    ["assert double(2) == 4", "npt.assert_equal(double(2), 4)", "raise AssertionError"],
)
def test_check_without_a_message_is_named_with_its_line(check: str) -> None:
    (found,) = thin_messages(f"x = 2\n{check}", "")
    assert (found.line, found.message) == (2, "")
    assert "no reason" in found.advice


@pytest.mark.parametrize(
    "message",
    [
        "dropout, train: A_out",
        "relu of a random array",
        "W1",
        "batchnorm of rows with small variance",
    ],
)
def test_message_without_a_verb_only_names_something(message: str) -> None:
    assert "names what was compared" in advice(f"assert x, {message!r}")[0]


def test_negated_verb_is_one() -> None:
    assert advice('assert x, "You haven\'t identified the largest numbers correctly."') == []


@pytest.mark.parametrize(("name", "said"), [("double", ""), ("cell-a1c300a8a17bc32e", "assert x")])
def test_line_is_quoted_where_nothing_else_says_which_cell_it_is(name: str, said: str) -> None:
    console = Console(file=StringIO(), width=40)
    print_remarks(console, [CellRemarks("hw", name, tuple(thin_messages("y = 1\nassert x", "")))])
    assert isinstance(console.file, StringIO)
    assert said in console.file.getvalue()
    assert ("assert" in console.file.getvalue()) == bool(said)


def test_short_message_is_asked_where_to_look() -> None:
    assert "where to look" in advice("assert x, 'relu changes Z'")[0]


def test_names_in_a_message_are_no_words() -> None:
    assert (
        "where to look" in advice("assert x, 'W1 must be A_hat * gamma1 + beta1 for bnorm_list'")[0]
    )


def test_message_in_another_language_is_only_counted() -> None:
    german = "Das Ergebnis hat eine falsche Form. Siehe unter Formen im Text."
    assert advice(f"assert x, {german!r}") == []
    assert advice("assert x, 'Falsche Form'") != []


def test_message_that_the_source_does_not_tell_is_left_alone() -> None:
    assert (
        advice("def same(got, message):\n    assert got == 4, message\nsame(double(2), 'x')") == []
    )


def test_function_of_the_cell_with_the_name_of_a_comparison_is_none() -> None:
    source = f"def assert_equal(a, b):\n    assert a == b, {GOOD!r}\nassert_equal(double(2), 4)"
    assert advice(source) == []


def test_text_of_a_name_counts_where_it_is_in_the_source() -> None:
    loop = "for case in ['in test mode', 'with drop_prob 0']:"
    assert advice(f"{loop}\n    assert x, f'dropout changes the values {{case}}'") == []


HIDDEN = {
    "what is called": "assert y == 4, f'double gives {double(2)}, look at the factor in the text'",
    "what came back": "y = double(2)\nassert y == 4, f'double gives {y}, look at the factor there'",
    "its shape": "assert y == 4, f'the result has the shape {y.shape}, look at Shapes in the text'",
    "a name of the notebook": "assert y == 4, f'your accuracy is {trAcc}, look at the last line'",
    "an exception": "try:\n    y = double(2)\nexcept ValueError as error:\n"
    "    raise AssertionError(f'double cannot be called, and it says {error}')",
}


@pytest.mark.parametrize("source", HIDDEN.values(), ids=HIDDEN)
def test_value_that_a_hidden_test_prints_is_named(source: str) -> None:
    assert "computes" in advice_on_hidden(source)[0]
    assert advice(source) == [], "in a visible test it is welcome"


@pytest.mark.parametrize(
    "loop",
    [
        "for key in ['W1', 'b1']:",
        "for key, _ in [('W1', 2), ('b1', 3)]:",
        "for got, key in zip(values, ['W1', 'b1']):",
        "for l in range(3):\n  for key in (f'W{l}', f'b{l}'):",
    ],
)
def test_name_of_a_key_is_no_value_of_a_hidden_test(loop: str) -> None:
    source = f"{loop}\n    assert P[key], f'the entry {{key}} is wrong, look at the formula'"
    assert advice_on_hidden(source) == []


def test_name_that_is_made_of_itself_ends_the_search() -> None:
    assert advice("text = text + 'x'\nassert y, text") == []
    source = "a = b\nb = a\nassert y, f'the result is wrong, look at {a} of it'"
    assert len(advice_on_hidden(source)) == 1


def test_magic_that_no_test_can_use_is_said() -> None:
    assert "%run cannot be used in a test cell" in advice("%run double.py")[0]


def test_messages_of_the_assignment_say_what_is_wrong_and_where_to_look() -> None:
    for cell in nbformat.read(MASTER, as_version=4).cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            released = cell.source.split("### BEGIN HIDDEN TESTS")[0]
            assert thin_messages(cell.source, released) == [], cell.id
