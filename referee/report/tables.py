"""What the command line shows at the end: tables of marks and times, also as JSON."""

import json
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from referee.model.outcomes import Outcome
from referee.record.journal import JournalLine
from referee.report.marks import Mark, Marks
from referee.report.timings import CellTiming, SubmissionTiming
from referee.text import printable_line

NARROWEST = 120  # columns; a table in a log should not be cut to the 80 of a terminal nobody has
WIDTH_OF_POINTS = 3  # characters: Q10, 100, 7.5


def make_console() -> Console:
    """The console for the user's terminal, or for a log that is wide enough for the table."""
    console = Console(highlight=False)
    return (
        console
        if console.is_terminal
        else Console(highlight=False, width=max(console.width, NARROWEST))
    )


def print_danger(console: Console) -> None:
    """Say that student code runs without a sandbox."""
    console.print(
        "WITHOUT A SANDBOX: student code can read, change and delete whatever you can, and reach "
        "the network.\nThis is recorded with each submission.",
        style="bold red",
    )


def print_marks(console: Console, marks: list[Marks], lines: list[JournalLine]) -> None:
    """Print the table of marks; `lines` say how long each took and why one was not graded."""
    questions = list(marks[0].questions) if marks else []
    seconds = {line.student: f"{line.seconds:.1f}" for line in lines}

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    table.add_column("student", overflow="fold", min_width=8)
    table.add_column("total", justify="right", min_width=5)
    # One column for all of them: each column of a table takes time in each row of a large class.
    numbers = [Text(f"Q{number}") for number in range(1, len(questions) + 1)]
    table.add_column(_aligned(numbers), no_wrap=True)
    table.add_column("status")
    table.add_column("seconds", justify="right")
    for row in marks:
        points = _aligned([_points(row.questions[question]) for question in questions])
        total = _points(Mark(row.score, row.max_score))
        table.add_row(
            Text(printable_line(row.student)),
            total,
            points,
            _status(row),
            seconds.get(row.student, ""),
        )

    console.print(table)
    if marks:
        legend = [
            f"Q{number} {name} ({mark.max_score:g})"
            for number, (name, mark) in enumerate(marks[0].questions.items(), start=1)
        ]
        console.print(", ".join(legend), markup=False, soft_wrap=False)
    for line in lines:
        if line.outcome != Outcome.GRADED:
            text = printable_line(f"{line.student}: {line.status}. {line.reason}")
            style = "yellow" if line.outcome.has_marks else "red"
            console.print(text, style=style, markup=False)
        for note in line.notes:
            console.print(printable_line(f"{line.student}: {note}"), style="yellow", markup=False)
    if unsafe := [printable_line(line.student) for line in lines if not line.sandboxed]:
        warning = f"\nGraded WITHOUT A SANDBOX: {', '.join(unsafe)}"
        console.print(warning, style="bold red", markup=False)


def print_timings(
    console: Console, cells: list[CellTiming], submissions: list[SubmissionTiming], most: int
) -> None:
    """Print the slowest cells and submissions; times are in seconds."""
    table = Table(
        box=box.SIMPLE_HEAD, padding=(0, 1), title="The slowest cells", title_justify="left"
    )
    for column in ("cell", "runs", "median", "longest", "whose", "all together"):
        table.add_column(column, justify="left" if column in ("cell", "whose") else "right")
    for cell in cells[:most]:
        times = [f"{seconds:.2f}" for seconds in (cell.median, cell.longest)]
        whose = Text(printable_line(cell.slowest_student))
        table.add_row(Text(cell.cell), str(cell.runs), *times, whose, f"{cell.total:.1f}")
    console.print(table)
    table = Table(
        box=box.SIMPLE_HEAD, padding=(0, 1), title="The slowest submissions", title_justify="left"
    )
    for column in ("student", "seconds", "CPU seconds", "slowest cell"):
        table.add_column(column, justify="right" if "seconds" in column else "left")
    for row in submissions[:most]:
        times = [f"{seconds:.1f}" for seconds in (row.seconds, row.cpu)]
        table.add_row(Text(printable_line(row.student)), *times, Text(row.slowest_cell))
    console.print(table)


def _aligned(cells: list[Text]) -> Text:
    """Texts in columns that are wide enough for points, each at the right of its column."""
    line = Text()
    for number, cell in enumerate(cells):
        room = WIDTH_OF_POINTS + 2 * (number > 0) - len(cell)
        line.append(" " * max(number > 0, room)).append(cell)
    return line


def _status(row: Marks) -> Text:
    outcome = Outcome(row.status)
    style = "" if outcome == Outcome.GRADED else "yellow" if outcome.has_marks else "bold red"
    return Text(row.status, style)


def _points(mark: Mark) -> Text:
    if mark.score is None:
        return Text("-", "dim")
    style = "green" if mark.score == mark.max_score else "red" if mark.score == 0 else "yellow"
    return Text(f"{mark.score:g}", style)


def marks_as_json(marks: list[Marks]) -> str:
    """The marks as a JSON list, one entry a student."""
    return json.dumps([asdict(row) for row in marks], indent=2)


def timings_as_json(cells: list[CellTiming], submissions: list[SubmissionTiming]) -> str:
    """The times as a JSON object with the lists `cells` and `submissions`."""
    lists = {
        "cells": [asdict(row) for row in cells],
        "submissions": [asdict(row) for row in submissions],
    }
    return json.dumps(lists, indent=2)
