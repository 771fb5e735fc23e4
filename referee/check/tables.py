"""What `referee check` shows, also as JSON, and `referee grade` of a master that loses points."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from referee.batch.rehearsal import RehearsalFailedError
from referee.check.check import Checked, UsedByCell, failures_of
from referee.check.findings import CellFinding
from referee.check.master import CellRemarks
from referee.check.messages import Remark
from referee.model.limits import MIB
from referee.model.questions import GENERATED
from referee.nbgrader.course import Course

MOST_USED = 5  # cells in the table of times
MUCH = 0.5  # of a limit, from which on a student's code may reach it
MOST_REASON = 300  # characters
NARROW = 60  # columns of a terminal, below which a table has what matters most


def print_checked(console: Console, found: Checked) -> None:
    """Print what a check has found: what is wrong first, what is good to know after it."""
    _print_master(console, found)
    _print_release(console, found)
    _print_used(console, found.used)
    _print_by_hand(console, found)
    print_remarks(console, found.messages)
    said = {
        f"{each.cell}: {each.reason}" for each in (*found.lost, *found.failing, *found.given_away)
    }
    for note in found.notes:
        if note not in said:
            console.print(Text(f"Note: {note}", "yellow"))
    style, end = ("bold green", "sound") if found.is_sound else ("bold red", "not sound yet")
    console.print(Text(f"\n{found.assignment} is {end}.", style))


def checked_as_json(found: Checked) -> str:
    """It as a JSON object."""
    return json.dumps(asdict(found) | {"is_sound": found.is_sound}, indent=2)


def print_findings(console: Console, findings: Iterable[CellFinding], verb: str) -> None:
    """Print tests that lose or give points, or fail: where, why, and what to do."""
    for each in findings:
        points = each.points if verb == "gives" else each.max_points - each.points
        line = f", line {each.line}" if each.line else ""
        what = f"{verb} {points:g} of {each.max_points:g} points"
        if not each.max_points:
            what = "fails, and is worth no points: students read that they are wrong"
        where = f"{each.notebook}: {each.cell}{line} {what}"
        console.print()
        console.print(Text(where, "bold yellow"))
        for source in each.source.splitlines():
            console.print(Padding(Text(source, "cyan"), (0, 0, 0, 4), expand=False))
        console.print(Padding(Text(_cut(each.reason)), (0, 0, 0, 2), expand=False))
        console.print(Padding(Text(f"→ {each.remedy}", "green"), (0, 0, 0, 2), expand=False))


def print_failed_rehearsal(console: Console, course: Course, failed: RehearsalFailedError) -> None:
    """Print where the master's own solution has lost points."""
    print_findings(console, failures_of(course, failed), "loses")
    console.print()


def _print_master(console: Console, found: Checked) -> None:
    if found.problem:
        console.print(Text(f"The master cannot be graded: {found.problem}", "red"))
        return
    said = f"The master's own solution has {found.points:g} of {found.max_points:g} points."
    console.print(Text(said, "red" if found.lost else "green"))
    print_findings(console, (*found.lost, *found.failing), "loses")
    if found.lost or found.failing:
        console.print()


def _print_release(console: Console, found: Checked) -> None:
    if not found.given_away:
        console.print(Text("The release, with nothing written in it, has no points.", "green"))
        return
    points = sum(each.points for each in found.given_away)
    console.print(Text(f"The release, with nothing written in it, has {points:g} points.", "red"))
    print_findings(console, found.given_away, "gives")
    console.print()


def _print_used(console: Console, used: tuple[UsedByCell, ...]) -> None:
    columns = ("CPU s", "limit") if console.width < NARROW else ("seconds", "CPU s", "limit", "MiB")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    table.add_column("slowest cells", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    for cell in used[:MOST_USED]:
        style = "yellow" if cell.cpu > MUCH * cell.cpu_limit else ""
        texts = {
            "seconds": Text(f"{cell.seconds:.1f}"),
            "CPU s": Text(f"{cell.cpu:.1f}", style),
            "limit": Text(f"{cell.cpu_limit:g}"),
            "MiB": Text(f"{cell.memory / MIB:.0f}" if cell.memory else "-"),
        }
        table.add_row(Text(cell.cell), *(texts[column] for column in columns))
    if used:
        console.print(table)
    if slow := [cell.cell for cell in used if cell.cpu > MUCH * cell.cpu_limit]:
        said = (
            f"Students' code may be slower than yours: {', '.join(slow)} is near its limit "
            "(c.Limits.cell_cpu, long_cells, call_cpu in nbgrader_config.py)."
        )
        console.print(Text(said, "yellow"))


def _print_by_hand(console: Console, found: Checked) -> None:
    if found.by_hand:
        points = sum(each.points for each in found.by_hand)
        cells = ", ".join(f"{each.cell} ({each.points:g})" for each in found.by_hand)
        console.print(Text(f"A human marks {points:g} points: {cells}."))


def print_remarks(console: Console, cells: Iterable[CellRemarks]) -> None:
    """Print the remarks on messages: cells and lines by what is to be done about them.

    A name that nbgrader has made up is on no screen: the first of the lines is what to search for.
    """
    by_advice: dict[str, list[tuple[str, str]]] = {}
    number = 0
    for cell in cells:
        number += 1
        remarks: dict[str, list[Remark]] = {}
        for remark in cell.remarks:
            remarks.setdefault(remark.advice, []).append(remark)
        for advice, found in remarks.items():
            word = "line" if len(found) == 1 else "lines"
            lines = ", ".join(str(remark.line) for remark in found)
            source = found[0].source if GENERATED.fullmatch(cell.cell) else ""
            where = f"{cell.notebook}: {cell.cell}, {word} {lines}"
            by_advice.setdefault(advice, []).append((where, source))
    if not by_advice:
        say = "test cell say" if number == 1 else "test cells say"
        console.print(Text(f"The messages of {number} {say} what is wrong.", "green"))
        return
    console.print(
        Text("\nMessages that do not help the student who reads them (they cost nothing):")
    )
    for advice, places in by_advice.items():
        console.print(Padding(Text(advice, "yellow"), (0, 0, 0, 2), expand=False))
        for where, source in places:
            console.print(Padding(Text(where), (0, 0, 0, 4), expand=False))
            if source:
                line = Text(source, "cyan", no_wrap=True, overflow="ellipsis")
                console.print(Padding(line, (0, 0, 0, 6), expand=False))


def _cut(text: str) -> str:
    """The beginning of a reason, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_REASON else f"{line[:MOST_REASON]} ..."
