"""What is recorded of the calls of a test: in short, the first and the last, and never an error."""

import base64
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from referee.boundary.messages import Call, Raised, Reply
from referee.boundary.shared import RandomStates
from referee.judge.call_log import FIRST, LAST, CallLog
from referee.judge.exceptions import CallLost, Loss
from referee.model.explanation import RecordedCall


def states(seed: int | None = None) -> Any:
    """The states of the generators after a seed, or a while later."""
    if seed is not None:
        np.random.seed(seed)
        random.seed(seed)
    return RandomStates().get()


@pytest.fixture(autouse=True)
def generators() -> Iterator[None]:
    kept = RandomStates()
    before = kept.get()
    yield
    kept.set(before)


def record(
    *args: Any, reply: Reply | None = None, changed: Any = (), before: Any = None, **kwargs: Any
) -> RecordedCall:
    """A call that was recorded, and led to a failure."""
    log = CallLog("<a-test>")
    log.begin("double", Call(None, args, kwargs), states() if before is None else before)
    log.answered(reply or Reply(), list(changed))
    assert log.notes == []
    (call,) = log.recorded(led_to_it=1)
    return call


def test_call_and_result_are_in_words() -> None:
    call = record(np.ones(2), rate=0.5, reply=Reply({"W": [1]}))
    assert call.call == "double(float64 (2,) [1, 1], rate=0.5)"
    assert call.returned == "{'W': [1]}"
    assert call.source == 'double(np.array([1.0, 1.0], "<f8"), rate=0.5)'


def test_exception_has_its_message_and_the_end_of_its_traceback() -> None:
    lines = "\n".join(f"line {number}, in f" for number in range(1000))
    call = record(reply=Reply(error=Raised("ValueError", "ShapeError", "no " * 1000, lines)))
    assert call.raised.startswith("ShapeError: no no")
    assert len(call.raised) <= 400
    assert call.traceback.startswith("...\nline ")
    assert call.traceback.endswith("line 999, in f")
    assert call.returned == ""


def test_call_without_an_answer_says_why() -> None:
    log = CallLog()
    log.begin("double", Call(None, (1,)), [])
    log.lost(CallLost(Loss.TAKES_TOO_LONG))
    log.begin("double", Call(None, (2,)), [])  # during which the test itself is stopped
    first, second = log.recorded(led_to_it=None)
    assert first.lost == "the code takes too long"
    assert second.lost == "it was not answered"


def test_changed_arguments_have_their_names() -> None:
    parameters = {"W": np.ones(2)}
    values = [1]
    call = record(values, P=parameters, changed=[values, parameters["W"], object()])
    names = [change.code for change in call.changed]
    assert names == ["argument 1", "argument P['W']", "a part of an argument"]


def test_printed_text_is_cut() -> None:
    assert record(reply=Reply(output="x" * 10_000)).printed == "x" * 300 + "..."


def test_seed_is_known_where_random_numbers_are_drawn_right_after_it() -> None:
    before = states(7741)
    np.random.rand()
    call = record(before=before, reply=Reply(random=states()))
    assert call.random == "NumPy's generator after np.random.seed(7741)"
    assert call.prepare == "np.random.seed(7741)"


def test_seed_that_a_call_sets_is_told() -> None:
    before = states(7741)
    call = record(before=before, reply=Reply(random=states(1)))
    assert call.random.endswith(", and set np.random.seed(1)")


def test_states_of_the_generators_are_kept_where_the_seed_is_not_known() -> None:
    states(7741)
    np.random.rand(), random.random()
    before = states()
    expected = np.random.rand(), random.random()
    call = record(before=before, reply=Reply(random=states()))
    assert call.random == "NumPy's generator and Python's generator"
    exec(call.prepare, {"np": np, "random": random, "base64": base64})
    assert (np.random.rand(), random.random()) == expected


def test_call_that_draws_no_random_numbers_says_nothing_of_them() -> None:
    assert record(reply=Reply(random=None)).random == ""


def test_first_and_last_calls_are_kept() -> None:
    log = CallLog()
    for number in range(1000):
        log.begin("double", Call(None, (number,)), [])
        log.answered(Reply(number), [])
    assert log.made == 1000
    numbers = [call.number for call in log.recorded(led_to_it=None)]
    assert numbers == [*range(1, FIRST + 1), *range(1001 - LAST, 1001)]


def test_call_whose_result_failed_is_found() -> None:
    log = CallLog()
    wanted = np.arange(3.0)
    for value in ((1, {"A": wanted}), np.ones(2), 3.5):
        log.begin("double", Call(None), [])
        log.answered(Reply(value), [])
    assert log.leading_to([wanted]) == 1
    assert log.leading_to([object(), wanted]) == 1
    assert log.leading_to([]) == 3
    wanted += 1  # which is another value by now
    assert log.leading_to([wanted]) == 3
    assert CallLog().leading_to([wanted]) is None


def made(*results: tuple[str, Any]) -> CallLog:
    """Calls of functions that have returned these values."""
    log = CallLog()
    for function, value in results:
        log.begin(function, Call(None), [])
        log.answered(Reply(value), [])
    return log


def test_call_is_found_whose_result_the_test_has_put_into_a_container() -> None:
    wanted = np.arange(3.0)
    log = made(("batchnorm", np.ones(3)), ("batchnorm_der", (wanted, 1)), ("batchnorm", wanted + 1))
    assert log.leading_to([{"right": [np.ones(2)]}, "dA", {"dA": wanted}]) == 2
    assert log.leading_to([{"all": [(1, wanted)]}]) == 2


def test_function_of_the_question_is_meant_where_no_value_is_known() -> None:
    log = made(("double", 1), ("halve", 2), ("double", 3), ("halve", 4))
    assert log.leading_to([], "double") == 3
    assert log.leading_to([], "triple") == 4


def test_call_without_an_answer_comes_before_the_function_of_the_question() -> None:
    log = made(("double", 1))
    log.begin("halve", Call(None), [])
    log.answered(Reply(error=Raised("ValueError", "ValueError", "no", "")), [])
    assert log.leading_to([], "double") == 2


def test_call_that_ended_the_test_comes_before_one_that_returned_its_argument() -> None:
    given = np.arange(3.0)
    log = made(("halve", given))
    log.begin("halve", Call(None, (given,)), [])
    log.answered(Reply(error=Raised("TypeError", "TypeError", "no", "")), [])
    assert log.leading_to([given]) == 1
    assert log.leading_to([given], by_call=True) == 2


def test_line_of_the_test_is_known() -> None:
    log = CallLog("<a-test>")
    source = "\n\ndef helper():\n    log.begin('double', call, [])\nhelper()"
    exec(compile(source, "<a-test>", "exec"), {"log": log, "call": Call(None)})
    log.begin("double", Call(None), [])
    assert [call.line for call in log.recorded(led_to_it=None)] == [4, 0]


def test_recording_that_fails_is_a_note() -> None:
    log = CallLog()
    for _ in range(100):
        log.begin("double", None, [])  # type: ignore[arg-type]
        log.answered(None, [])  # type: ignore[arg-type]
        log.lost(CallLost(Loss.KERNEL_ENDED))
    assert log.notes[0] == "call 1 is not recorded: AttributeError"
    assert len(log.notes) == 5
