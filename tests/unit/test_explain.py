"""What `referee explain` prints, of texts that may be a student's; where it finds functions."""

from dataclasses import replace
from io import StringIO

import msgspec
import nbformat
import pytest
from rich.console import Console
from rich.text import Text

from referee.errors import RefereeError
from referee.feedback.losses import BY_HAND, Loss
from referee.feedback.reasons import NOT_WRITTEN
from referee.model.explanation import (
    Comparison,
    Difference,
    Explanation,
    FailedLine,
    GradedWith,
    NamedValue,
    RecordedCall,
    explanation_from,
    graded_with,
    to_metadata,
)
from referee.report.explain import LEAST_SCREEN, SCREEN, print_question, print_questions
from referee.report.reasons import (
    QuestionReasons,
    Reason,
    Source,
    StudentReasons,
    Total,
    source_of,
    sources_of,
)

EVIL = "\x1b[31mred\x1b]0;title\x07\r\nover\u202e\x9b2J"
CALL = RecordedCall(7, "double", 3, "double(21)", returned="21")
WHY = Explanation(
    FailedLine("double-hidden", 3, "assert double(21) == 42, 'of a whole number'"),
    Comparison(NamedValue("double(21)", "21"), NamedValue("42", "42")),
    calls=(CALL,),
    made=7,
    led_to_it=7,
)
REASON = Reason("double-hidden", 0, 4, True, "of a whole number", ("details",), WHY)
DOUBLE = QuestionReasons(
    "Q1", "double", "Twice a number", "toy", 1, 5, 0, False, False, (),
    (Loss("of a whole number", 4),), (REASON,),
    (Source("double", "double", 1, "def double(x):\n    return x"),),
)  # fmt: skip
HALVE = replace(DOUBLE, label="Q2", name="halve", title="Half", points=5, losses=(), reasons=())
FOUND = StudentReasons(
    "ada", "toy", Total(6, 10), "graded", "", "2026-01-01", {"referee": "1"}, (DOUBLE, HALVE)
)


def screen(question: QuestionReasons, *, width: int = 80, whole: bool = False) -> list[str]:
    """The lines that are printed of a question."""
    out = StringIO()
    print_question(Console(file=out, width=width), FOUND, question, whole=whole)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("points", "said"), [(5, "5 points are"), (1, "1 point is")])
def test_points_that_wait_for_a_human_are_not_lost(points: float, said: str) -> None:
    waiting = replace(DOUBLE, points=0, max_points=points, to_be_marked=points, for_humans=True)
    waiting = replace(waiting, losses=(), reasons=(), sources=())
    assert waiting.lost == 0
    assert f"{said} to be marked, in formgrader." in screen(waiting)


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (Total(6, 10), "ada, toy: 6 of 10 points"),
        (Total(4.5, 10, late_penalty=1.5), "ada, toy: 4.5 of 10 points (late penalty -1.5)"),
        (
            Total(6, 10, to_be_marked=2, late_penalty=1, extra_credit=1),
            "ada, toy: 6 of 10 points (extra credit +1, late penalty -1, 2 more to be marked)",
        ),
    ],
)
def test_head_has_the_total_of_the_table_and_says_what_is_in_it(total: Total, said: str) -> None:
    out = StringIO()
    print_questions(Console(file=out, width=100), replace(FOUND, total=total))
    assert out.getvalue().splitlines()[0] == said


def test_extra_credit_of_a_question_counts_as_in_the_table() -> None:
    assert screen(replace(DOUBLE, extra=2))[0].endswith("3 of 5 points (extra credit +2)")


def with_texts(text: str) -> QuestionReasons:
    """A question all of whose texts are this one."""
    call = RecordedCall(
        7, text, 3, text, returned=text, raised=text, traceback=text, printed=text, random=text,
        changed=(NamedValue(text, text),),
    )  # fmt: skip
    both = NamedValue(text, text)
    compared = Comparison(both, both, "==", (Difference(text, text, text),), 1, 2, (text,))
    why = Explanation(FailedLine(text, 3, text), compared, (both,), (call,), 7, 7, (text,))
    reason = Reason(text, 0, 4, True, text, (text,), why)
    unexplained = replace(reason, explanation=None)
    source = Source("double", text, 1, text)
    return replace(
        DOUBLE, title=text, name=text, label=text, reasons=(reason, unexplained), sources=(source,)
    )


def test_reason_is_on_the_screen() -> None:
    text = "\n".join(screen(DOUBLE))
    for part in (
        "ada, Q1 Twice a number (double): 1 of 5 points",
        "double-hidden: 0 of 4 points",
        "of a whole number",
        "line 3",
        "assert double(21) == 42",
        "got          double(21) = 21",
        "expected     42",
        "call         line 3: double(21)",
        "returned     21",
        "    return x",
    ):
        assert part in text


@pytest.mark.parametrize("whole", [False, True])
def test_no_text_reaches_the_terminal_as_it_is(whole: bool) -> None:
    text = "\n".join(screen(with_texts(EVIL), whole=whole))
    assert "red" in text
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("width", [80, 100])
def test_screen_has_forty_lines_whatever_is_in_it(width: int) -> None:
    long = with_texts("many words that fill a line\n" * 200)
    lines = screen(replace(long, reasons=long.reasons * 3), width=width)
    assert len(lines) <= SCREEN
    assert len(screen(long, width=width, whole=True)) > SCREEN


@pytest.mark.parametrize(("height", "most"), [(10, LEAST_SCREEN), (24, 24), (60, SCREEN)])
def test_screen_fits_in_the_terminal_above_the_prompt(height: int, most: int) -> None:
    long = with_texts("many words that fill a line\n" * 200)
    question = replace(long, label="Q1", name="double", title="Twice a number " * 6)
    terminal = Console(file=StringIO(), width=80, height=height, force_terminal=True)
    with terminal.capture() as printed:
        print_question(terminal, FOUND, replace(question, reasons=long.reasons * 9), whole=False)
    lines = Text.from_ansi(printed.get()).plain.splitlines()
    assert sum(max(1, -(-len(line) // 80)) for line in lines) < most


def test_low_terminal_has_sentence_values_and_the_end_of_the_function() -> None:
    sentence = "Look at the first line, and at what it does with a number below zero. " * 3
    body = "".join(f"    x += {number}\n" for number in range(40))
    source = Source("double", "double", 1, f"def double(x):\n{body}    return x")
    reason = replace(REASON, sentence=sentence.strip())
    question = replace(DOUBLE, reasons=(reason,) * 4, sources=(source,))
    terminal = Console(file=StringIO(), width=80, height=24, force_terminal=True)
    with terminal.capture() as printed:
        print_question(terminal, FOUND, question, whole=False)
    text = " ".join(Text.from_ansi(printed.get()).plain.split())
    more = "2 more tests have failed, see --all"
    for part in (sentence.strip(), "got double(21) = 21", "expected 42", "return x", more):
        assert part in text


def test_questions_that_lost_points_have_a_line_each() -> None:
    out = StringIO()
    print_questions(Console(file=out, width=100), FOUND)
    lines = out.getvalue().splitlines()
    assert lines[0] == "ada, toy: 6 of 10 points"
    assert lines[-1].split() == [
        "Q1",
        "Twice",
        "a",
        "number",
        "1",
        "of",
        "5",
        "of",
        "a",
        "whole",
        "number",
    ]


def test_answer_that_did_not_run_to_its_end_is_told_first() -> None:
    ended = "Your cell ended with ValueError in halve: bad"
    question = replace(DOUBLE, ended=(ended,))
    assert any(ended in line for line in screen(question)[:4])
    out = StringIO()
    print_questions(Console(file=out, width=100), replace(FOUND, questions=(question,)))
    assert ended in out.getvalue()
    assert "of a whole number" not in out.getvalue()


def test_how_a_cell_ended_that_is_not_written_is_not_said_to_be_read() -> None:
    ended = "Your cell ended with NotImplementedError"
    unwritten = replace(DOUBLE, losses=(Loss(NOT_WRITTEN, 4),), ended=(ended,))
    assert not [line for line in screen(unwritten) if ended in line]


def test_reason_that_is_cut_in_the_overview_ends_with_dots() -> None:
    question = replace(DOUBLE, losses=(Loss("many words that fill a line " * 20, 4),))
    out = StringIO()
    print_questions(Console(file=out, width=80), replace(FOUND, questions=(question,)))
    assert out.getvalue().splitlines()[-1].endswith(" ...")


def test_failed_test_of_a_question_with_all_points_is_said_to_cost_nothing() -> None:
    visible = replace(REASON, cell="double-visible", max_points=0)
    question = replace(DOUBLE, points=5, losses=(), reasons=(visible,))
    out = StringIO()
    print_questions(Console(file=out, width=100), replace(FOUND, questions=(question,)))
    assert out.getvalue().splitlines()[-1].endswith("5 of 5  Costs nothing: of a whole number")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_reason_of_a_question_is_not_cut_in_a_narrow_terminal(width: int) -> None:
    sentence = "double: of a whole number it is not the double. Look at the factor in the text."
    question = replace(DOUBLE, losses=(Loss(sentence, 4),))
    out = StringIO()
    print_questions(Console(file=out, width=width), replace(FOUND, questions=(question,)))
    lines = out.getvalue().splitlines()[3:]
    assert sentence in " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= width


def test_line_of_an_answer_for_a_human_has_the_comment_and_nothing_of_tests() -> None:
    """What the answer's own cell raised, or that it has no test, is no reason."""
    raised = replace(REASON, sentence="\x1b[31mTraceback")
    answer = replace(
        DOUBLE,
        for_humans=True,
        by_hand=True,
        losses=(Loss(BY_HAND, 4),),
        reasons=(raised,),
        comments=("One word is no proof.",),
    )
    out = StringIO()
    print_questions(Console(file=out, width=100), replace(FOUND, questions=(answer,)))
    assert (
        out.getvalue().splitlines()[-1].endswith("1* of 5  Marked by hand: One word is no proof.")
    )
    assert screen(answer)[0].endswith("1* of 5 points")
    assert "* marked by hand" in screen(answer)


def test_line_of_a_question_has_no_table() -> None:
    table = "double: 1 check fails\n       expected  got\nof 21\n                42   21"
    failed = replace(REASON, sentence=table)
    out = StringIO()
    found = replace(FOUND, questions=(replace(DOUBLE, losses=(), reasons=(failed,)), HALVE))
    print_questions(Console(file=out, width=100), found)
    assert out.getvalue().splitlines()[-1].endswith("1 of 5  double: 1 check fails")
    other = replace(failed, cell="double-visible", max_points=0)
    lines = screen(replace(DOUBLE, reasons=(REASON, other)))
    assert "double-visible: gives no points; double: 1 check fails" in lines


def test_what_the_student_reads_is_not_cut() -> None:
    sentence = "Look at the first line, and at what it does with a number below zero. " * 3
    long = Source("double", "double", 1, "def double(x):\n" + "    x += 1\n" * 50)
    reason = replace(REASON, sentence=sentence.strip())
    printed = " ".join(screen(replace(DOUBLE, reasons=(reason,), sources=(long,)), width=80))
    assert sentence.strip() in " ".join(printed.split())


def test_value_is_shown_once() -> None:
    twice = (NamedValue("x", "21"), NamedValue("x", "21"))
    reason = replace(REASON, explanation=msgspec.structs.replace(WHY, values=twice))
    text = "\n".join(screen(replace(DOUBLE, reasons=(reason,))))
    assert text.count("x = 21") == 1


def test_result_of_an_earlier_version_says_what_to_do() -> None:
    out = StringIO()
    before = replace(FOUND, versions={})
    print_question(Console(file=out, width=100), before, DOUBLE, whole=False)
    assert "referee grade toy --student ada --force" in out.getvalue()


@pytest.mark.parametrize(
    "wanted", ["Q1", "q1", "1", "double", "DOUBLE", "toy/double", "twice a number"]
)
def test_question_is_found_by(wanted: str) -> None:
    assert FOUND.question(wanted) == DOUBLE


def test_question_is_found_by_one_of_its_tests() -> None:
    other = replace(REASON, cell="double-visible")
    both = replace(DOUBLE, reasons=(REASON, other))
    found = replace(FOUND, questions=(both, HALVE)).question("double-visible")
    assert found.reasons == (other,)


def test_question_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(RefereeError, match=r"'treble'.*Q1 double, Q2 halve"):
        FOUND.question("treble")
    twice = replace(FOUND, questions=(DOUBLE, replace(DOUBLE, notebook="other", label="Q2")))
    with pytest.raises(RefereeError, match=r"Q1 \(toy\), Q2 \(other\)"):
        twice.question("double")


def test_metadata_is_read_as_it_was_written() -> None:
    assert explanation_from(to_metadata(WHY)) == WHY
    assert graded_with(to_metadata(GradedWith({"Referee": "1"}))) is not None


@pytest.mark.parametrize("odd", [None, "text", {"line": 3}, to_metadata(WHY) | {"version": 99}])
def test_metadata_of_another_version_is_none(odd: object) -> None:
    assert explanation_from(odd) is None
    assert graded_with(odd) is None


# ---- the student's function ----

CELLS = [
    ("", "import numpy as np"),
    (
        "double",
        "def half(x):\n    return x / 2\n\n\ndef double(x):\n    return x\n\nprint(double(2))",
    ),
    ("double-hidden", "def double(x):\n    pass"),
]


def cells(*sources: tuple[str, str]) -> list[nbformat.NotebookNode]:
    return [
        nbformat.v4.new_code_cell(
            source, metadata={"nbgrader": {"grade_id": name, "grade": name.endswith("hidden")}}
        )
        for name, source in sources
    ]


def test_function_is_found_without_what_stands_around_it() -> None:
    assert source_of("double", cells(*CELLS)) == Source(
        "double", "double", 5, "def double(x):\n    return x"
    )


def test_last_definition_counts() -> None:
    last = ("", "@cache\n@other\ndef double(\n    x,\n):\n    # why\n# not\n    return 3")
    found = source_of("double", cells(*CELLS, last))
    assert found is not None
    assert (found.line, found.text) == (1, last[1])


@pytest.mark.parametrize("source", ["double = lambda x: x", "class double:\n    pass"])
def test_other_definitions_are_found(source: str) -> None:
    found = source_of("double", cells(("double", source + "\n\nx = 1")))
    assert found is not None
    assert found.text == source


@pytest.mark.parametrize("name", ["treble", "", "a b", ".*", "doubl"])
def test_name_without_a_definition_has_none(name: str) -> None:
    assert source_of(name, cells(*CELLS)) is None


@pytest.mark.parametrize(
    ("raised", "traceback", "first"),
    [
        ("", "", "double"),
        ("ValueError", "", "half"),
        ("ValueError", "line 3, in half: y = double(x)\nline 2, in double: raise ...", "double"),
    ],
)
def test_function_that_the_question_asks_for_comes_first(
    raised: str, traceback: str, first: str
) -> None:
    half = RecordedCall(8, "half", 4, "half(21)", raised=raised, traceback=traceback)
    why = msgspec.structs.replace(WHY, calls=(CALL, half), made=8, led_to_it=8)
    reason = replace(REASON, explanation=why)
    found = list(sources_of("double", (reason,), cells(*CELLS)))
    assert found[0].function == first


def solution(name: str, source: str) -> nbformat.NotebookNode:
    (cell,) = cells((name, source))
    cell.metadata.nbgrader.solution = True
    return cell


TRAINING = "for batch in range(3):\n    accuracy = batch"


@pytest.mark.parametrize(
    ("answer", "test", "first"),
    [
        (TRAINING, "assert accuracy > 90", Source("", "training", 1, TRAINING)),
        (
            TRAINING,
            "def test():\n    assert accuracy > 90\ntest()",
            Source("", "training", 1, TRAINING),
        ),
        (TRAINING, "assert double(21) == 42", source_of("double", cells(*CELLS))),
        ("def train():\n    return 1", "assert train()", source_of("double", cells(*CELLS))),
        ("", "assert accuracy > 90", source_of("double", cells(*CELLS))),
    ],
)
def test_cell_whose_values_a_test_reads_comes_before_functions_of_others(
    answer: str, test: str, first: Source
) -> None:
    reason = replace(REASON, cell="training-hidden")
    notebook = [*cells(*CELLS), solution("training", answer), *cells(("training-hidden", test))]
    assert next(sources_of("training", (reason,), notebook)) == first


def test_cell_of_a_function_that_was_called_is_not_shown_twice() -> None:
    reason = replace(REASON, cell="double-hidden")
    notebook = [solution("double", "double = lambda x: x"), *cells(("double-hidden", "double(2)"))]
    (found,) = sources_of("double", (reason,), notebook)
    assert found.function == "double"
