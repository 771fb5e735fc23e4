"""What `referee explain` prints: why points were lost, on one screen, and all of it after that.

All texts may be a student's: each line is made printable before it reaches a terminal.
"""

import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec
from rich.console import Console
from rich.text import Text

from referee.feedback.losses import BY_HAND
from referee.feedback.reasons import NOT_WRITTEN
from referee.model.explanation import Comparison, Explanation, FailedLine, RecordedCall
from referee.report.marks import Marks
from referee.report.reasons import QuestionReasons, Reason, Source, StudentReasons, Total
from referee.report.tables import STAR
from referee.text import printable_line

SCREEN = 40  # lines, at most
LEAST_SCREEN = 20  # lines, in a terminal however low
MOST_SOURCE = 24  # lines of a function that a reason makes room for
MOST_SENTENCE = 4  # lines of what the student reads, which are kept where all else is cut
LEAST_SOURCE = 8  # and has room for in any case
LABEL = 12  # columns
MOST_HEADING = 40  # columns
LEAST_ROOM = 24  # columns for a reason beside its question
MOST_OTHERS = 6  # failed tests that have a line each


@dataclass(frozen=True)
class Detail:
    """How much is printed of a reason: lines of a value, of a statement, of a traceback; values."""

    lines: int
    statement: int
    traceback: int
    differences: int
    values: int


ALL = Detail(10_000, 10_000, 10_000, 10_000, 10_000)
# What is tried on the first screen, until the student's function has room beside it.
LESS_AND_LESS = (Detail(2, 4, 5, 4, 3), Detail(2, 2, 3, 2, 2), Detail(1, 2, 3, 1, 1))
LEAST = Detail(1, 1, 1, 0, 0)  # where there is no room for more, even with little of the function


def print_questions(console: Console, found: StudentReasons) -> None:
    """Print the questions that have lost points, a line each."""
    _print(console, [*_head(found), *_overview(found, console.width)])


def print_question(
    console: Console, found: StudentReasons, question: QuestionReasons, *, whole: bool
) -> None:
    """Print why a question has lost points: what fits on a screen, or the whole of it."""
    head = list(_head(found, question))
    if question.for_humans:
        lines = list(_for_humans(question, console.width))
    elif not question.reasons:
        lines = [*_given(question, console.width), ("No test of this question has failed.", "")]
    else:
        head += _given(question, console.width)
        for sentence in () if _is_unwritten(question) else question.ended:
            head += _labelled("student", sentence, console.width, 2)
        room = _height(console) - sum(_rows(text, console.width) for text, _ in head) - 2
        lines = (
            list(_whole(question, console.width))
            if whole
            else _first_screen(question, console.width, room)
        )
    _print(console, head + lines)


def print_hint(console: Console, assignment: str, marks: list[Marks]) -> None:
    """Say below a table of marks how to see the class, and why points were lost, if any were."""
    if any(row.score is not None for row in marks):
        text = f"The class at a glance: referee report {shlex.quote(assignment)}"
        console.print(Text(text, "dim"), soft_wrap=True)  # so that commands can be copied
    if any(row.score is not None and row.score < row.max_score for row in marks):
        text = f"Why points were lost: referee explain {shlex.quote(assignment)} STUDENT QUESTION"
        console.print(Text(text, "dim"), soft_wrap=True)


def question_as_json(found: StudentReasons, question: QuestionReasons | None) -> str:
    """It as a JSON object: of a student, or of one of their questions."""
    questions = found.questions if question is None else (question,)
    return msgspec.json.format(msgspec.json.encode(replace(found, questions=questions))).decode()


Line = tuple[str, str]  # a text and its style


def _height(console: Console) -> int:
    """The lines of a screen: what has scrolled away when the prompt is back is not read."""
    height = console.height if console.is_terminal else SCREEN
    return min(SCREEN, max(LEAST_SCREEN, height))


def _rows(text: str, width: int) -> int:
    """The rows that a line takes in a terminal."""
    return max(1, -(-len(text) // width))


def _print(console: Console, lines: Iterable[Line]) -> None:
    for text, style in lines:
        console.print(Text(printable_line(text.expandtabs(4)), style), soft_wrap=True)


# ---- the head, and a line a question ----


def _head(found: StudentReasons, question: QuestionReasons | None = None) -> Iterator[Line]:
    if question is None:
        yield f"{found.student}, {found.assignment}: {_in_words(found.total)}", "bold"
    else:
        name = question.heading
        if question.name.casefold() not in name.casefold():
            name += f" ({question.name})"
        yield f"{found.student}, {name}: {_points(question)}", "bold"
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    yield f"{found.status.capitalize()} {found.graded_at}; {versions or 'versions unknown'}", "dim"
    if found.reason:
        yield found.reason, "yellow"
    if not found.versions:
        whose = f"{shlex.quote(found.assignment)} --student {shlex.quote(found.student)}"
        again = f"referee grade {whose} --force"
        yield "It was graded by a version that did not record calls and values.", ""
        yield f"Run `{again}` to have them.", ""


def _in_words(total: Total) -> str:
    """A total as the table of marks has it, and what is in it beside the points of questions."""
    parts = []
    if total.extra_credit:
        parts.append(f"extra credit {total.extra_credit:+g}")
    if total.late_penalty:
        parts.append(f"late penalty {-total.late_penalty:g}")
    if total.to_be_marked:
        parts.append(f"{total.to_be_marked:g} more to be marked")
    points = f"{total.score:g} of {total.max_score:g} points"
    return f"{points} ({', '.join(parts)})" if parts else points


def _overview(found: StudentReasons, width: int) -> Iterator[Line]:
    lost = [each for each in found.questions if each.lost > 0 or each.to_be_marked or each.reasons]
    if not any(question.lost > 0 for question in lost):
        yield "No points were lost.", "green"
    if lost:
        yield "", ""
    headings = [textwrap.shorten(each.heading, MOST_HEADING, placeholder="...") for each in lost]
    wide = max(map(len, headings), default=0)
    for question, heading in zip(lost, headings, strict=True):
        points = "no points"
        if question.max_points:
            points = f"{_score(question)} of {question.max_points:g}"
        yield from _beside(f"{heading:{wide}}  {points:>9}  ", _why(question), width)


def _beside(head: str, text: str, width: int) -> Iterator[Line]:
    """A text behind what it is about, or below it where there is no room."""
    indent = len(head) if width - len(head) >= LEAST_ROOM else 4
    room = max(LEAST_ROOM, width - indent)
    lines = _wrapped(text, room, MOST_SENTENCE) if text else []
    first = lines.pop(0) if lines and indent == len(head) else ""
    yield f"{head}{first}".rstrip(), ""
    for line in lines:
        yield f"{'':{indent}}{line}", ""


def _why(question: QuestionReasons) -> str:
    """Why points are lost, or not given yet, in a few words."""
    if question.losses and question.ended and not _is_unwritten(question):
        return _begin(question.ended[0])
    if question.losses:
        costly = max(question.losses, key=lambda loss: loss.points)
        said = [costly.sentence, *(question.comments if costly.sentence == BY_HAND else ())]
        return ": ".join(_begin(text) for text in said)
    if question.to_be_marked:
        return f"{_counted(question.to_be_marked)} to be marked by a human"
    if not question.reasons or question.for_humans:
        return ""
    sentence = _begin(question.reasons[0].sentence)
    costs_nothing = question.max_points and question.lost <= 0
    return f"Costs nothing: {sentence}" if costs_nothing else sentence


def _is_unwritten(question: QuestionReasons) -> bool:
    """Whether that is all that the student reads: how a released cell ends says no more."""
    return any(loss.sentence == NOT_WRITTEN for loss in question.losses)


def _for_humans(question: QuestionReasons, width: int) -> Iterator[Line]:
    yield "A human marks this question; no test has run.", ""
    if question.to_be_marked:
        verb = "is" if question.to_be_marked == 1 else "are"
        yield f"{_counted(question.to_be_marked)} {verb} to be marked, in formgrader.", ""
    if any(loss.sentence == NOT_WRITTEN for loss in question.losses):
        yield from _labelled("student", NOT_WRITTEN, width, 1)
    yield from _given(question, width)


def _given(question: QuestionReasons, width: int) -> Iterator[Line]:
    """What a human has given."""
    if question.by_hand:
        yield f"{STAR} {BY_HAND.lower()}", ""
    for line in question.given:
        yield from _labelled("given", line, width, MOST_SENTENCE)
    for comment in question.comments:
        yield from _labelled("comment", comment, width, MOST_SENTENCE)


def _score(question: QuestionReasons) -> str:
    """Points as in the table of marks, with a star if a human has given some of them."""
    return f"{question.points + question.extra:g}{STAR if question.by_hand else ''}"


# ---- a question ----


def _first_screen(question: QuestionReasons, width: int, room: int) -> list[Line]:
    """The first failed test, the student's function as far as there is room, and other tests."""
    first, *others = question.reasons
    more = list(_others(others, min(MOST_OTHERS, (room - 12) // 4), width))
    room -= len(more)
    source = question.sources[0] if question.sources else None
    needed = min(MOST_SOURCE, 2 + len(_without_docstring(source.text))) if source else 0
    for detail in LESS_AND_LESS:
        lines = list(_reason(first, width, detail))
        if len(lines) + needed <= room:
            break
    most = room - min(needed, LEAST_SOURCE)
    if len(lines) > most:
        lines = list(_reason(first, width, LEAST))[:most]
    if source is not None:
        lines += _source(source, room - len(lines))
    lines += more
    lines.append(("More: --all (all of it, all calls), --replay FILE.ipynb", "dim"))
    return [(_cut(text.expandtabs(4), width), style) for text, style in lines]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 4]} ..."


def _whole(question: QuestionReasons, width: int) -> Iterator[Line]:
    for reason in question.reasons:
        yield from _reason(reason, width, ALL)
    for source in question.sources:
        yield from _source(source)


def _counted(points: float) -> str:
    """A number of points with its unit."""
    return f"{points:g} point" if points == 1 else f"{points:g} points"


def _others(others: list[Reason], most: int, width: int) -> Iterator[Line]:
    """A line for each of so many tests, the last of which says how many there are more."""
    shown = others if len(others) <= most else others[: max(0, most - 1)]
    for reason in shown:
        yield from _in_brief(reason, width)
    if left := len(others) - len(shown):
        tests = "test has" if left == 1 else "tests have"
        yield f"{left} more {tests} failed, see --all", "yellow"


def _in_brief(reason: Reason, width: int) -> Iterator[Line]:
    text = f"{reason.cell}: {_points(reason)}; {_begin(reason.sentence)}"
    yield textwrap.shorten(text, width, placeholder="..."), "yellow"


def _points(of: QuestionReasons | Reason) -> str:
    if not of.max_points:
        return "gives no points"
    extra = of.extra if isinstance(of, QuestionReasons) else 0.0
    score = _score(of) if isinstance(of, QuestionReasons) else f"{of.points:g}"
    points = f"{score} of {of.max_points:g} points"
    return f"{points} (extra credit {extra:+g})" if extra else points


def _begin(sentence: str) -> str:
    """Its first line: a table can follow."""
    return sentence.strip().partition("\n")[0]


def _reason(reason: Reason, width: int, detail: Detail) -> Iterator[Line]:
    """Why one test has failed."""
    yield "", ""
    yield f"{reason.cell}: {_points(reason)}", "bold yellow"
    if reason.failed and reason.max_points > 0 and reason.lost <= 0:
        yield from _labelled("", "It has failed; its points are from a human.", width, 1)
    if reason.sentence:
        most = max(MOST_SENTENCE, detail.lines)
        yield from _labelled("student", reason.sentence, width, most)
    if reason.explanation is None or reason.explanation.line is None:
        for text in reason.detail:
            yield from _labelled("", text, width, detail.lines)
    if reason.explanation is not None:
        yield from _explanation(reason.explanation, reason.detail[-1:], width, detail)


def _explanation(
    explanation: Explanation, error: Iterable[str], width: int, detail: Detail
) -> Iterator[Line]:
    call = explanation.call
    by_call = call is not None and bool(call.raised or call.lost)
    if explanation.line is not None:
        yield from _statement(explanation.line, detail)
    for text in error:
        if not text.startswith("AssertionError") and not by_call:
            yield from _labelled("error", text, width, detail.lines)
    if explanation.comparison is not None:
        yield from _comparison(explanation.comparison, width, detail)
    values = () if by_call and detail is not ALL else explanation.values
    texts = list(dict.fromkeys(f"{value.code} = {value.value}" for value in values))
    for text in texts[: detail.values]:
        yield from _labelled("with", text, width, detail.lines)
    if call is not None:
        yield from _call(call, width, detail)
    if detail is ALL:
        yield from _all_calls(explanation, width)
        for note in explanation.notes:
            yield from _labelled("note", note, width, detail.lines)


def _statement(line: FailedLine, detail: Detail) -> Iterator[Line]:
    lines = line.source.split("\n")
    shown = lines[: detail.statement]
    for number, text in enumerate(shown):
        label = f"line {line.number}" if number == 0 else ""
        dots = " ..." if number == len(shown) - 1 and len(shown) < len(lines) else ""
        yield f"  {label:{LABEL}} {text}{dots}", "cyan"


def _comparison(compared: Comparison, width: int, detail: Detail) -> Iterator[Line]:
    operator = compared.operator if len(compared.operator) < 8 else ""
    for label, side in (("got", compared.got), ("expected", compared.expected)):
        text = side.value if side.code in ("", side.value) else f"{side.code} = {side.value}"
        if label == "expected" and operator not in ("", "==", "is"):
            text = f"{operator} {text}"
        yield from _labelled(label, text, width, detail.lines)
    remarks = list(compared.remarks)
    if compared.count > 1 and compared.differ:
        remarks.insert(0, f"{compared.differ} of {compared.count} values differ")
    if remarks:
        yield from _labelled("differs", "; ".join(remarks), width, max(2, detail.lines))
    shown = compared.differences[: detail.differences]
    at = max((len(each.at) for each in shown), default=0)
    got = max((len(each.got) for each in shown), default=0)
    for each in shown:
        text = f"{each.at:{at}}  got {each.got:{got}}  expected {each.expected}"
        yield from _labelled("", text, width, detail.lines)


def _call(call: RecordedCall, width: int, detail: Detail) -> Iterator[Line]:
    """The call that led to a failure."""
    where = f"line {call.line}: " if call.line else ""
    yield from _labelled("call", f"{where}{call.call}", width, detail.lines)
    yield from _labelled(*_outcome(call), width, detail.lines)
    for value in call.changed[: detail.values]:
        yield from _labelled("changed", f"{value.code} is now {value.value}", width, detail.lines)
    if call.printed:
        text = " / ".join(call.printed.strip().split("\n"))
        yield from _labelled("printed", text, width, detail.lines)
    if call.random:
        yield from _labelled("random", f"used {call.random}", width, detail.lines)
    lines = call.traceback.split("\n") if call.traceback else []
    for text in lines[-detail.traceback :]:
        yield from _labelled("", text, width, detail.lines)


def _outcome(call: RecordedCall) -> tuple[str, str]:
    if call.lost:
        return "no answer", call.lost
    if call.raised:
        return "raised", call.raised
    return "returned", call.returned


def _all_calls(explanation: Explanation, width: int) -> Iterator[Line]:
    kept = len(explanation.calls)
    some = "" if kept == explanation.made else f"; {kept} were kept, the first and the last"
    yield f"  All calls of the test: {explanation.made}{some}", "bold"
    for call in explanation.calls:
        text = " ".join((call.call, *_outcome(call)))
        for value in call.changed:
            text += f", and changed {value.code} to {value.value}"
        if call.printed:
            text += f", and printed {call.printed!r}"
        text += f" [line {call.line}]"
        yield from _labelled(f"{call.number}.", text, width, ALL.lines)


def _source(source: Source, most: int | None = None) -> Iterator[Line]:
    """A function of the student's; of a long one its beginning and its end, in so many lines."""
    where = f"cell {source.cell}" if source.cell else "a cell of the student's own"
    lines = source.text.split("\n") if most is None else _without_docstring(source.text)
    head, tail, left = lines, [], 0
    if most is not None and len(lines) > most - 2:
        room = max(3, most - 3)
        head, tail = lines[: room // 3], lines[-(room - room // 3) :]
        left = len(lines) - room
    yield "", ""
    what = f"{source.function} ({where}, line {source.line})" if source.function else where
    yield f"The student's {what}:", "bold"
    for text in head:
        yield f"  {text}", ""
    if left:
        yield f"  ... {left} lines, see --all ...", "dim"
    for text in tail:
        yield f"  {text}", ""


DOCSTRING = re.compile(r'\n[ \t]*[rR]?("""|\'\'\').*?\1[ \t]*(?=\n)', re.DOTALL)


def _without_docstring(text: str) -> list[str]:
    """The lines of a function, without the text at its beginning and without empty lines."""
    head, _, _ = text.partition(":\n")
    found = DOCSTRING.match(text, len(head) + 1)
    if found is not None:
        text = text[: found.start()] + text[found.end() :]
    return [line for line in text.split("\n") if line.strip()]


def _labelled(label: str, text: str, width: int, most: int) -> Iterator[Line]:
    """A text behind a label, in at most so many lines."""
    room = max(20, width - LABEL - 3)
    for number, line in enumerate(_wrapped(text, room, most)):
        yield f"  {label if number == 0 else '':{LABEL}} {line}", ""


def _wrapped(text: str, room: int, most: int) -> list[str]:
    """Its lines, so wide and so many at most; where some are left out, dots say so."""
    lines = [
        part
        for line in text.split("\n")
        for part in textwrap.wrap(line, room, break_on_hyphens=False) or [""]
    ]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: room - 4] + " ..."]
    return lines
