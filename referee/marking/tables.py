"""What `referee mark` prints: groups, who got what, and the log."""

import shlex

from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from referee.marking.mark import Marked, TakenBack
from referee.marking.plan import Given
from referee.model.marking import Marking
from referee.record.markings import taken_back
from referee.report.class_report import ClassReport
from referee.report.tables import STAR, say
from referee.text import one_line, printable_line

MAX_MESSAGE = 300  # characters of a sentence


def print_groups(console: Console, report: ClassReport) -> None:
    """List the groups that can be marked."""
    table = _table(
        ("group", "left"),
        ("students", "right"),
        ("by hand", "right"),
        ("lost", "right"),
        ("reason", "left"),
    )
    for each in report.questions:
        for group in each.groups:
            by_hand = sum(hit.by_hand for hit in group.hits)
            stars = f"{by_hand}{STAR}" if by_hand else ""
            _add(
                table,
                group.id,
                str(len(group.hits)),
                stars,
                f"{group.lost:g}",
                _short(group.message),
            )
    if table.rows:
        console.print(table)
    if report.unreadable:
        names = ", ".join(report.unreadable)
        say(console, f"In no group, for their executed notebook is damaged: {names}", "yellow")
    name = shlex.quote(report.assignment)
    if not table.rows:
        if not report.handed.graded:
            _print_command(console, "Nobody has marks yet", f"referee grade {name}")
        elif not report.unreadable:
            say(console, "Nobody has lost points.")
        return
    _print_command(console, "Mark one", f"referee mark {name} GROUP --points back --why TEXT")


def print_marked(console: Console, assignment: str, marked: Marked) -> None:
    """Say who got what, or would get it, and how to take it back."""
    question, group = marked.question, marked.group
    say(console, f"{question.label} {question.title}, group {group.id}: {_short(group.message)}")
    changed = [each for each in marked.given if each.changes]
    if changed:
        table = _table(("student", "left"), ("before", "right"), ("after", "right"), ("", "left"))
        for each in changed:
            _add(table, each.student, f"{each.before:g}", f"{each.after:g}", _what(each))
        console.print(table)
    for why in dict.fromkeys(each.why_not for each in marked.given if each.why_not):
        names = ", ".join(each.student for each in marked.given if each.why_not == why)
        say(console, f"Not changed, {why}: {names}", "yellow")
    count = f"{len(changed)} of {len(marked.given)} students"
    if not marked.number:
        say(console, f"Nothing was changed. Without --dry-run, it is given to {count}.")
        return
    say(console, f"Given to {count}, as number {marked.number} of the log.")
    _print_next(console, assignment)
    name = shlex.quote(assignment)
    _print_command(console, "Take it back", f"referee mark {name} --undo {marked.number}")


def print_taken_back(console: Console, assignment: str, found: TakenBack) -> None:
    """Say who has what was before, and whose marks have changed since."""
    number, names = found.marking.number, ", ".join(found.students)
    if found.students and found.number:
        say(console, f"Number {number} is taken back, all is as it was before: {names}")
    elif found.students:
        say(console, f"Nothing was changed. Number {number} would be taken back from: {names}")
    elif not found.kept:
        say(console, f"Number {number} was taken back already. Nothing was changed.")
    if found.kept:
        say(
            console,
            f"Not taken back, marked by hand or in a later number since: {', '.join(found.kept)}. "
            "Take back later numbers first, or change the marks in formgrader.",
            "yellow",
        )
    if found.number:
        _print_next(console, assignment)


def print_log(console: Console, markings: list[Marking]) -> None:
    """Print who has given what, when and why, oldest first."""
    if not markings:
        say(console, "Nothing was given to a group yet.")
    gone = taken_back(markings)
    for each in markings:
        students = each.students
        what = f"took back number {each.takes_back}" if each.takes_back else each.given
        console.print(
            Text(printable_line(f"{each.number}  {each.at}  {each.by}: {what}"), "bold"),
        )
        say(console, f"   to {len(students)}: {', '.join(students)}")
        if not each.takes_back:
            say(console, f"   group {each.group}: {_short(each.message)}")
        if each.comment:
            say(console, f"   comment: {one_line(each.comment)}")
        if each.why:
            say(console, f"   why: {one_line(each.why)}")
        if each.number in gone:
            rest = set(students) - gone[each.number]
            said = f" but from {', '.join(sorted(rest))}" if rest else ""
            say(console, f"   taken back{said}", "yellow")


def _short(message: str) -> str:
    """A sentence in one line, cut where it is very long."""
    text = one_line(message)
    return text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]} …"


def _what(given: Given) -> str:
    comment = "comment" if given.comment else ""
    rest = ""
    if given.rest:
        rest = f"{given.rest:g} not given" if given.rest > 0 else f"{-given.rest:g} not taken"
        rest += ", no room for it"
    return ", ".join(filter(None, (comment, rest)))


def _print_next(console: Console, assignment: str) -> None:
    command = f"referee feedback {shlex.quote(assignment)}"
    _print_command(console, "Write pages and late penalties anew", command)


def _print_command(console: Console, what: str, command: str) -> None:
    """Print a command in one line, so that it can be copied."""
    console.print(printable_line(f"{what}: {command}"), markup=False, soft_wrap=True)


def _table(*columns: tuple[str, JustifyMethod]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for name, justify in columns:
        table.add_column(name, justify=justify, overflow="fold")
    return table


def _add(table: Table, *texts: str) -> None:
    table.add_row(*(Text(printable_line(text)) for text in texts))
