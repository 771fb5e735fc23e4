"""What is said of a test that failed: a line for the student, and more for the teacher."""

import socket
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from nbformat import NotebookNode

from referee.boundary.frame import FrameLimits
from referee.boundary.messages import Call, Raised
from referee.inside.server import Session, describe
from referee.judge.exceptions import CallLost, Loss, ProcessEnd, StudentsWords, rebuilt
from referee.judge.verdict import Verdict


def verdict(error: BaseException, *lines: str) -> Verdict:
    """The verdict on an error that was raised, as the judge makes it."""
    try:
        raise error
    except BaseException as raised:
        return Verdict.on(raised, list(lines))


def test_verdict_is_read_from_the_output_that_holds_it() -> None:
    made = verdict(AssertionError("of a fraction"), "a-test, line 2: assert secret")
    output = made.to_output()
    assert isinstance(output, NotebookNode)
    assert Verdict.read(output) == made


def test_output_for_a_student_has_their_line_and_nothing_else() -> None:
    output = verdict(AssertionError("of a fraction"), "assert secret == 1").output_for_student()
    assert output.traceback == ["of a fraction"]
    assert "secret" not in str(output)


def test_message_of_the_students_exception_is_for_the_teacher_only() -> None:
    made = verdict(rebuilt(Raised("ValueError", "ShapeError", "got SECRET", "line 1, in f")))
    assert made.for_student == "your code raised ValueError"
    assert "ShapeError: got SECRET" in made.for_teacher
    assert "line 1, in f" in made.for_teacher


def test_call_that_does_not_fit_the_students_function_asks_for_its_arguments() -> None:
    raised = Raised("TypeError", "TypeError", "f() takes 1 argument, not SECRET", "")
    said = verdict(rebuilt(raised)).for_student
    assert said.startswith("your code raised TypeError. Does the function take the arguments")
    assert "SECRET" not in said


def unpack(result: Any) -> None:
    _, _ = result


@pytest.mark.parametrize("check", [unpack, lambda result: result.get_title(), len])
def test_function_that_returns_nothing_is_asked_for_its_return(check: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, AttributeError)) as raised:
        check(None)
    assert "Is there a return" in Verdict.on(raised.value, []).for_student


@pytest.mark.parametrize(
    ("check", "hint"),
    [
        (lambda: {"SECRET": 1}["SECRET 2"], "all the keys"),
        (lambda: [1][1], "as many items"),
        (lambda: 1 + "SECRET", "of the type"),  # type: ignore[operator]
        (lambda: np.zeros(3).SECRET, "of the type"),  # type: ignore[attr-defined]
        (lambda: np.zeros(3) + np.zeros(2), "the shape"),
    ],
)
def test_test_that_cannot_go_on_with_a_result_says_what_to_look_at(
    check: Callable[[], Any], hint: str
) -> None:
    with pytest.raises(Exception) as raised:
        check()
    said = Verdict.on(raised.value, []).for_student
    assert hint in said
    assert "SECRET" not in said


def test_comparison_of_arrays_tells_the_student_the_authors_words() -> None:
    with pytest.raises(AssertionError) as raised:
        np.testing.assert_allclose([1.0], [2.0], err_msg="the mask of dropout")
    made = Verdict.on(raised.value, [])
    assert made.for_student == "the mask of dropout"
    assert "Mismatched" in made.message


@pytest.mark.parametrize("loss", Loss)
def test_lost_call_is_said_to_both(loss: Loss) -> None:
    lost = CallLost(loss, ProcessEnd(3 << 8), detail="SECRET")
    made = verdict(lost)
    assert made.for_student == lost.for_student
    assert "your" in lost.for_student
    assert "your" not in lost.for_teacher
    assert "(exit code 3)" in lost.for_student
    assert "SECRET" not in made.for_student
    assert "SECRET" in made.for_teacher


def test_call_has_hung_by_the_clock_or_by_cpu_time() -> None:
    assert CallLost(Loss.TAKES_TOO_LONG).hung
    assert CallLost(Loss.PROCESS_ENDED, ProcessEnd(24)).hung  # SIGXCPU
    assert not CallLost(Loss.PROCESS_ENDED, ProcessEnd(11)).hung  # SIGSEGV


def test_students_traceback_has_no_frame_of_ours() -> None:
    def students_own() -> None:
        raise ValueError("of the student")

    ours, theirs = socket.socketpair()
    with ours, theirs:
        session = Session(theirs, {}, FrameLimits(), 1000)
        try:
            session._do(Call(students_own))
        except ValueError as error:
            lines = describe(error).traceback
    assert "in students_own" in lines
    assert "in _do" not in lines


SECRET = "called with [3, 4, 2] and 'relu'\nand é and so on, which is quite long"
QUOTES = {
    "repr": lambda error: f"none of them works: {error!r}",
    "str": lambda error: f"none of them works: {error}",
    "message": lambda error: f"none of them works: {error.args[0]}",
    "repr of the message": lambda error: f"none of them works: {error.args[0]!r}",
    "list": lambda error: f"none of them works: {[error]}",
    "ascii": lambda error: f"none of them works: {error!a}",
    "first line": lambda error: f"none of them works: {str(error).splitlines()[0]}",
    "cut": lambda error: f"none of them works: {str(error)[:25]}",
    "twice": lambda error: f"none of them works: {error}, {error}",
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("kind", ["ValueError", "KeyError", "of their own"])
def test_what_a_students_exception_says_is_on_no_page(quote: Callable[..., str], kind: str) -> None:
    words, error = StudentsWords(), rebuilt(Raised(kind, "E", SECRET, ""))
    words.remember(error, SECRET)
    for message in ("", "W1", "a", "no such layer"):
        words.remember(ValueError(message), message)
    told = words.taken_out_of(quote(error), "the source of the test")
    assert told.startswith("none of them works: ")
    assert type(error).__name__ in told
    assert not any(part in told for part in ("called", "relu", "3, 4", "so on"))


def test_words_of_the_author_stay() -> None:
    words = StudentsWords()
    for message in ("W1", "gamma", "", "shape mismatch: (2, 3)", "0"):
        words.remember(KeyError(message), message)
    said = "a network [3, 0], 5 samples: the trained gamma of W1 has another shape"
    assert words.taken_out_of(said, said) == said


def test_more_messages_than_are_remembered_leave_what_the_author_wrote() -> None:
    words = StudentsWords()
    for number in range(1001):
        words.remember(ValueError(), f"message {number}")
    source = 'assert x, "the mask"\nassert x, f"none works: {problem}"'
    assert words.taken_out_of("the mask", source) == "the mask"
    told = words.taken_out_of("none works: message 1000", source)
    assert told == "the result is not what was expected"
