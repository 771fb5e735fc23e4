"""What `referee explain` prints: why points were lost, on one screen, and all of it after that.

All texts may be a student's: each line is made printable before it reaches a terminal.
"""

import json
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from referee.model.explanation import Comparison, Explanation, RecordedCall, TestLine
from referee.report.marks import Marks
from referee.report.reasons import QuestionReasons, Reason, Source, StudentReasons
from referee.text import printable_line

SCREEN = 40  # lines
LEAST_SOURCE = 8  # lines of a function
LABEL = 12  # columns
MOST_OTHERS = 6  # failed tests that have a line each
MOST_LINES = 2  # of a value
MOST_STATEMENT = 4  # lines of a test's statement
MOST_TRACEBACK = 5
EVERYTHING = 10_000


def print_questions(console: Console, found: StudentReasons) -> None:
    """Print the questions that have lost points, a line each."""
    _print(console, [*_head(found), *_overview(found, console.width)])


def print_question(
    console: Console, found: StudentReasons, question: QuestionReasons, *, whole: bool
) -> None:
    """Print why a question has lost points: what fits on a screen, or the whole of it."""
    lines = list(_head(found, question))
    if question.by_hand:
        lines += _by_hand(question)
    elif not question.reasons:
        lines.append(("No test of this question has failed.", ""))
    elif whole:
        lines += _whole(question, console.width)
    else:
        lines += _first_screen(question, console.width, SCREEN - len(lines) - 2)
    if not whole and question.reasons and not question.by_hand:
        lines.append(("More: --all (all calls, all failed tests), --replay FILE.ipynb", "dim"))
    _print(console, lines)


def print_hint(console: Console, assignment: str, marks: list[Marks]) -> None:
    """Say below a table of marks how to see why points were lost, if any were."""
    if any(row.score is not None and row.score < row.max_score for row in marks):
        text = f"Why points were lost: referee explain {assignment} STUDENT QUESTION"
        console.print(text, style="dim", markup=False)


def question_as_json(found: StudentReasons, question: QuestionReasons | None) -> str:
    """It as a JSON object: of a student, or of one of their questions."""
    questions = found.questions if question is None else (question,)
    plain = asdict(found) | {"questions": [asdict(each) for each in questions]}
    return json.dumps(plain, indent=2)


Line = tuple[str, str]  # a text and its style


def _print(console: Console, lines: Iterable[Line]) -> None:
    for text, style in lines:
        console.print(Text(printable_line(text.expandtabs(4)), style), soft_wrap=True)


# ---- the head, and a line a question ----


def _head(found: StudentReasons, question: QuestionReasons | None = None) -> Iterator[Line]:
    if question is None:
        points = sum(each.points for each in found.questions)
        most = sum(each.max_points for each in found.questions)
        yield f"{found.student}, {found.assignment}: {points:g} of {most:g} points", "bold"
    else:
        name = f"{question.label} {question.title}"
        if question.name.casefold() not in question.title.casefold():
            name += f" ({question.name})"
        points_of = f"{question.points:g} of {question.max_points:g} points"
        yield f"{found.student}, {name}: {points_of}", "bold"
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    graded = f" {found.graded_at}" if found.graded_at else ""
    yield f"{found.status.capitalize()}{graded}; {versions or 'versions unknown'}", "dim"
    if found.reason:
        yield found.reason, "yellow"
    if not found.versions:
        again = f"referee grade {found.assignment} --student {found.student} --force"
        yield "It was graded by a version that did not record calls and values.", ""
        yield f"Run `{again}` to have them.", ""


def _overview(found: StudentReasons, width: int) -> Iterator[Line]:
    lost = [question for question in found.questions if question.lost > 0]
    if not lost:
        yield "No points were lost.", "green"
        return
    yield "", ""
    for question in lost:
        name = f"{question.label} {question.title}"
        points = f"{question.points:g} of {question.max_points:g}"
        why = "marked by a human" if question.by_hand else ""
        for reason in question.reasons[:1]:
            why = reason.sentence or "not all points of its last line"
        yield f"{textwrap.shorten(name, 36):36}  {points:>10}  {why}"[: max(60, width)], ""


def _by_hand(question: QuestionReasons) -> Iterator[Line]:
    yield "A human marks this question; no test has run.", ""
    for comment in question.comments:
        yield from _labelled("comment", comment, 100, EVERYTHING)


# ---- a question ----


def _first_screen(question: QuestionReasons, width: int, room: int) -> list[Line]:
    """The first failed test, the student's function as far as there is room, and other tests."""
    first, *others = question.reasons
    more = [line for reason in others[:MOST_OTHERS] for line in _in_brief(reason, width)]
    room -= len(more)
    needed = LEAST_SOURCE if question.sources else 0
    lines = list(_reason(first, width, whole=False))[: room - needed]
    for source in question.sources[:1]:
        lines += _source(source, room - len(lines))
    lines += more
    return [(_cut(text.expandtabs(4), width), style) for text, style in lines]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 4]} ..."


def _whole(question: QuestionReasons, width: int) -> Iterator[Line]:
    for reason in question.reasons:
        yield from _reason(reason, width, whole=True)
    for source in question.sources:
        yield from _source(source, EVERYTHING)


def _in_brief(reason: Reason, width: int) -> Iterator[Line]:
    points = f"{reason.points:g} of {reason.max_points:g} points"
    text = f"{reason.cell}: {points}; {reason.sentence}"
    yield textwrap.shorten(text, width, placeholder="..."), "yellow"


def _reason(reason: Reason, width: int, *, whole: bool) -> Iterator[Line]:
    """Why one test has failed."""
    most = EVERYTHING if whole else MOST_LINES
    yield "", ""
    yield f"{reason.cell}: {reason.points:g} of {reason.max_points:g} points", "bold yellow"
    if reason.failed and reason.lost <= 0:
        yield from _labelled("", "It has failed, and its points were given by hand.", width, most)
    if reason.sentence:
        yield from _labelled("student", reason.sentence, width, most)
    if reason.explanation is None or reason.explanation.line is None:
        for text in reason.detail:
            yield from _labelled("", text, width, most)
    if reason.explanation is not None:
        yield from _explanation(reason.explanation, reason.detail[-1:], width, whole=whole)


def _explanation(
    explanation: Explanation, error: Iterable[str], width: int, *, whole: bool
) -> Iterator[Line]:
    most = EVERYTHING if whole else MOST_LINES
    call = explanation.call
    if explanation.line is not None:
        yield from _statement(explanation.line, whole=whole)
    for text in error:
        if not text.startswith("AssertionError") and not (call and (call.raised or call.lost)):
            yield from _labelled("error", text, width, most)
    if explanation.comparison is not None:
        yield from _comparison(explanation.comparison, width, most)
    for value in explanation.values if whole else explanation.values[:3]:
        yield from _labelled("with", f"{value.code} = {value.value}", width, most)
    if call is not None:
        yield from _call(call, width, whole=whole)
    if whole and explanation.calls:
        yield from _all_calls(explanation, width)
    for note in explanation.notes:
        yield from _labelled("note", note, width, most)


def _statement(line: TestLine, *, whole: bool) -> Iterator[Line]:
    lines = line.source.split("\n")
    shown = lines if whole else lines[:MOST_STATEMENT]
    label = f"line {line.number}"
    for number, text in enumerate(shown):
        dots = " ..." if number == len(shown) - 1 and len(shown) < len(lines) else ""
        yield f"  {label if number == 0 else '':{LABEL}} {text}{dots}", "cyan"


def _comparison(compared: Comparison, width: int, most: int) -> Iterator[Line]:
    for label, side in (("got", compared.got), ("expected", compared.expected)):
        operator = "" if compared.operator in ("==", "is") else f"{compared.operator} "
        operator = operator if label == "expected" and len(operator) < 8 else ""
        same = side.code in ("", side.value)
        text = side.value if same else f"{side.code} = {side.value}"
        yield from _labelled(label, f"{operator}{text}", width, most)
    remarks = list(compared.remarks)
    if compared.count > 1:
        remarks.insert(0, f"{compared.differ} of {compared.count} values differ")
    if remarks:
        yield from _labelled("differs", "; ".join(remarks), width, most)
    if compared.differences:
        at = max(len(each.at) for each in compared.differences)
        got = max(len(each.got) for each in compared.differences)
        for each in compared.differences:
            text = f"{each.at:{at}}  got {each.got:{got}}  expected {each.expected}"
            yield from _labelled("", text, width, most)


def _call(call: RecordedCall, width: int, *, whole: bool) -> Iterator[Line]:
    """The call that led to a failure."""
    most = EVERYTHING if whole else MOST_LINES
    where = f"   (line {call.line})" if call.line else ""
    yield from _labelled("call", f"{call.call}{where}", width, most)
    yield from _labelled(*_outcome(call), width, most)
    for value in call.changed:
        yield from _labelled("changed", f"{value.code} is now {value.value}", width, most)
    if call.printed:
        yield from _labelled("printed", " / ".join(call.printed.split("\n")), width, most)
    if call.random:
        yield from _labelled("random", f"numbers drawn {call.random}", width, most)
    lines = call.traceback.split("\n") if call.traceback else []
    for text in lines if whole else lines[-MOST_TRACEBACK:]:
        yield from _labelled("", text, width, 1 if not whole else most)


def _outcome(call: RecordedCall) -> tuple[str, str]:
    if call.lost:
        return "no answer", f"{call.lost} ({call.seconds:.1f} s)"
    if call.raised:
        return "raised", call.raised
    return "returned", call.returned


def _all_calls(explanation: Explanation, width: int) -> Iterator[Line]:
    kept = len(explanation.calls)
    some = "" if kept == explanation.made else f"; {kept} were kept, the first and the last"
    yield f"  All calls of the test: {explanation.made}{some}", "bold"
    for call in explanation.calls:
        label, outcome = _outcome(call)
        text = f"{call.call} {label} {outcome}"
        for value in call.changed:
            text += f", and changed {value.code} to {value.value}"
        if call.printed:
            text += f", and printed {call.printed!r}"
        text += f" [line {call.line}, {1000 * call.seconds:.0f} ms]"
        yield from _labelled(f"{call.number}.", text, width, EVERYTHING)


def _source(source: Source, most: int) -> Iterator[Line]:
    where = f"cell {source.cell}" if source.cell else "a cell of the student's own"
    lines = source.text.split("\n")
    shown = lines if len(lines) <= most - 2 else lines[: max(3, most - 3)]
    yield "", ""
    yield f"The student's {source.function} ({where}, line {source.line}):", "bold"
    for text in shown:
        yield f"  {text}", ""
    if left := len(lines) - len(shown):
        yield f"  ... {left} more lines", "dim"


def _labelled(label: str, text: str, width: int, most: int) -> Iterator[Line]:
    """A text behind a label, in at most so many lines."""
    room = max(20, width - LABEL - 3)
    lines = [
        part
        for line in text.split("\n")
        for part in textwrap.wrap(line, room, break_on_hyphens=False, drop_whitespace=True) or [""]
    ]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: room - 4] + " ..."]
    for number, line in enumerate(lines):
        yield f"  {label if number == 0 else '':{LABEL}} {line}", ""
