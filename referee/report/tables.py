"""What the command line shows at the end: tables of marks and times, also as JSON."""

import json
import math
import os
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from referee.model.outcomes import Outcome
from referee.nbgrader.course import Course
from referee.record.journal import JournalLine
from referee.report.marks import Mark, Marks, to_look_at_again
from referee.report.timings import CellTiming, SubmissionTiming
from referee.text import printable_line

NARROWEST = 120  # columns; a table in a log should not be cut to the 80 of a terminal nobody has
GAP = 2  # characters between points
PADDING, EDGES = 3, 1  # characters around each column, and around the table
NO_BREAK = "\N{NO-BREAK SPACE}"
STAR = "*"
MAX_LOOSE = 10  # notebooks in the wrong place whose names are printed


def make_console() -> Console:
    """The console for the user's terminal, or for a log that is wide enough for the table."""
    console = Console(highlight=False)
    return (
        console
        if console.is_terminal
        else Console(highlight=False, width=max(console.width, NARROWEST))
    )


def say(console: Console, text: str, style: str = "") -> None:
    """Print a line; a long one is wrapped."""
    console.print(printable_line(text), style=style, markup=False)


def print_danger(console: Console) -> None:
    """Say that student code runs without a sandbox."""
    console.print(
        "WITHOUT A SANDBOX: student code can read, change and delete whatever you can, and reach "
        "the network.\nThis is recorded with each submission.",
        style="bold red",
    )


def print_loose_notebooks(
    console: Console, course: Course, assignment: str, notebooks: list[Path]
) -> None:
    """Say which notebooks of submitted/ are not graded, and where they should be."""
    submitted = course.directory.submitted_directory
    names = ", ".join(os.path.relpath(path, course.root) for path in notebooks[:MAX_LOOSE])
    more = len(notebooks) - MAX_LOOSE
    say(
        console,
        f"Not graded, for they lie in no folder {submitted}/STUDENT/{assignment}: {names}"
        f"{f' and {more} more' if more > 0 else ''}. Move them there if they are for {assignment}.",
        "yellow",
    )


def print_marks(console: Console, marks: list[Marks], lines: list[JournalLine]) -> None:
    """Print the table of marks; `lines` say how long each took and why one was not graded."""
    for table in _tables(console.width, marks, lines):
        console.print(table)
    _print_legend(console, marks)
    for line in lines:
        if line.outcome != Outcome.GRADED:
            text = printable_line(f"{line.student}: {line.outcome}. {line.why}")
            style = "yellow" if line.outcome.has_marks else "red"
            console.print(text, style=style, markup=False)
        for note in line.notes:
            console.print(printable_line(f"{line.student}: {note}"), style="yellow", markup=False)
    if unsafe := [printable_line(line.student) for line in lines if not line.sandboxed]:
        warning = f"\nGraded WITHOUT A SANDBOX: {', '.join(unsafe)}"
        console.print(warning, style="bold red", markup=False)


def _tables(width: int, marks: list[Marks], lines: list[JournalLine]) -> Iterator[Table]:
    """The table of marks; where points have no room in it, they are in tables of their own."""
    took = {line.student: f"{line.seconds:.1f}" for line in lines}
    names = [Text("maximum", "dim"), *(Text(printable_line(row.student)) for row in marks)]
    student = _Column("student", names, width // 3)
    most = _most(marks[0].max_score) if marks else Text()
    total = _Column("total", [most, *map(_total, marks)])
    status = _Column("status", [Text(), *map(_status, marks)], width // 4)
    seconds = _Column("seconds", ["", *(took.get(row.student, "") for row in marks)])
    questions = list(marks[0].questions.values()) if marks else []
    labels = [Text(mark.label) for mark in questions]
    maxima = [_most(mark.max_score) for mark in questions]
    rows = [labels, maxima, *(list(map(_points, row.questions.values())) for row in marks)]

    others = [student, total, status, seconds]
    room = width - sum(column.room for column in others) - EDGES
    if _width_of(rows) + PADDING <= room:
        yield _table([student, total, _points_column(rows), status, seconds])
        return
    yield _table(others)
    columns = max(1, (width - student.room - EDGES - PADDING + GAP) // _place(rows))
    blocks = math.ceil(len(labels) / columns)
    for number in range(blocks):
        first, last = (len(labels) * each // blocks for each in (number, number + 1))
        block = [row[first:last] for row in rows]
        yield _table([student, _points_column(block)])


class _Column:
    """A column of a table; what is wider than `most` goes on in the next line of its row."""

    def __init__(self, name: str | Text, texts: Sequence[str | Text], most: int | None = None):
        self.name = name
        self.texts = [Text(text) if isinstance(text, str) else text for text in texts]
        widest = max((text.cell_len for text in self.texts), default=0)
        self.width = max(len(name), widest if most is None else min(widest, most))
        self.room = self.width + PADDING


def _table(columns: list[_Column]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for column in columns:
        justify: JustifyMethod = "right" if column.name in ("total", "seconds") else "left"
        table.add_column(column.name, width=column.width, overflow="fold", justify=justify)
    for texts in zip(*(column.texts for column in columns), strict=True):
        table.add_row(*texts)
    return table


def _points_column(rows: list[list[Text]]) -> _Column:
    """One column for all points: each column of a table takes time in each row of a large class.

    The first of the rows is the header.
    """
    place = _place(rows)
    header, *texts = (
        Text("").join(Text(" " * (place - len(cell))) + cell for cell in row)[GAP:] for row in rows
    )
    return _Column(header, texts)


def _place(rows: list[list[Text]]) -> int:
    """Characters that a question takes, with the gap before it."""
    return GAP + max((len(cell) for row in rows for cell in row), default=0)


def _width_of(rows: list[list[Text]]) -> int:
    return _place(rows) * len(rows[0]) - GAP


def _as_one_word(text: str) -> str:
    """The text with spaces at which `_lines` ends no line."""
    return text.replace(" ", NO_BREAK)


def _lines(text: str, width: int) -> list[str]:
    """The lines of a text, which end in its spaces."""
    lines = textwrap.wrap(text, width, break_on_hyphens=False)
    return [line.replace(NO_BREAK, " ").strip() for line in lines]


def _print_legend(console: Console, marks: list[Marks]) -> None:
    """Say what the questions are called, a line for each notebook if there are several."""
    if not marks:
        return
    by_notebook: dict[str, list[str]] = {}
    for mark in marks[0].questions.values():
        shown = f"{mark.label} {mark.title} ({mark.max_score:g})"
        by_notebook.setdefault(mark.notebook, []).append(shown)
    for notebook, names in by_notebook.items():
        first = f"{notebook}: " if len(by_notebook) > 1 else ""
        for line in _lines(first + ", ".join(map(_as_one_word, names)), console.width):
            console.print(printable_line(line), markup=False)
    if any(mark.by_hand for row in marks for mark in row.questions.values()):
        console.print(f"{STAR} marked by hand", markup=False)
    print_look_again(console, marks)
    if waiting := [row for row in marks if row.to_be_marked]:
        points = sum(row.to_be_marked for row in waiting)
        console.print(
            f"To be marked by hand, in formgrader: {points:g} points of {len(waiting)} "
            f"{'students' if len(waiting) > 1 else 'student'}",
            style="yellow",
            markup=False,
        )


def print_look_again(console: Console, marks: list[Marks]) -> None:
    """Say which marks by hand are of what was handed in before."""
    if found := to_look_at_again(marks):
        say(
            console,
            "Marked by hand before something else was handed in, to be looked at again in "
            f"formgrader: {', '.join(found)}",
            "yellow",
        )


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


def _status(row: Marks) -> Text:
    outcome = Outcome(row.status)
    style = "" if outcome == Outcome.GRADED else "yellow" if outcome.has_marks else "bold red"
    said = [] if outcome == Outcome.NEEDS_MARKING and row.to_be_marked else [row.status]
    if row.to_be_marked:
        said.append(f"{row.to_be_marked:g} to be marked")
    return Text(", ".join(said), style)


def _most(points: float) -> Text:
    """What there is to get."""
    return Text(f"{points:g}", "dim")


def _total(row: Marks) -> Text:
    """The total; of those who have points to be marked, also of how many they are."""
    if row.score is None:
        return Text("-", "dim")
    text = Text(f"{row.score:g}", _colour(row.score, row.max_score - row.to_be_marked))
    return text.append(f" of {row.max_score - row.to_be_marked:g}") if row.to_be_marked else text


def _points(mark: Mark) -> Text:
    if mark.score is None:
        return Text("?", "yellow") if mark.to_be_marked else Text("-", "dim")
    text = f"{mark.score:g}{'+?' if mark.to_be_marked else ''}{STAR if mark.by_hand else ''}"
    return Text(text, _colour(mark.score, mark.max_score))


def _colour(score: float, max_score: float) -> str:
    return "green" if score >= max_score else "red" if score <= 0 else "yellow"


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
