"""What the command line shows: progress, the table of marks, and the marks as JSON."""

import json
import time
from dataclasses import asdict
from types import TracebackType

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from referee.doctor import OK, PROBLEM, WARNING, Finding
from referee.record import GRADED, JournalLine, Mark, Marks

NARROWEST = 120  # columns; a table in a log should not be cut to the 80 of a terminal nobody has


def make_console() -> Console:
    """The console for the user's terminal, or for a log that is wide enough for the table."""
    console = Console(highlight=False)
    return (
        console
        if console.is_terminal
        else Console(highlight=False, width=max(console.width, NARROWEST))
    )


class BatchProgress:
    """A bar with the time left where there is a terminal; one line a submission elsewhere."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.total = total
        self.done = 0
        self.start = time.monotonic()
        self.bar = Progress(
            TextColumn("Grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("", total=total)

    def __enter__(self) -> "BatchProgress":
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def advance(self, line: JournalLine) -> None:
        """Count a submission as done."""
        self.done += 1
        left = (time.monotonic() - self.start) / self.done * (self.total - self.done)
        eta = f"about {left:.0f} s left" if self.done < self.total else "done"
        self.bar.update(self.task, advance=1, description=eta)
        outcome = f"{line.student}: {line.status}, {line.seconds:.1f} s"
        self.bar.console.print(f"[{self.done}/{self.total}] {outcome}; {eta}", markup=False)


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
    table.add_column("student", overflow="fold")
    table.add_column("total", justify="right")
    for number in range(1, len(questions) + 1):
        table.add_column(f"Q{number}", justify="right")
    table.add_column("status")
    table.add_column("seconds", justify="right")
    for row in marks:
        cells = [_points(row.questions[question]) for question in questions]
        total = _points(Mark(row.score, row.max_score))
        status = Text(row.status, "" if row.status == GRADED else "bold red")
        table.add_row(Text(row.student), total, *cells, status, seconds.get(row.student, ""))

    console.print(table)
    if marks:
        points = marks[0].questions.items()
        legend = [
            f"Q{i} {name} ({mark.max_score:g})" for i, (name, mark) in enumerate(points, start=1)
        ]
        console.print(", ".join(legend), markup=False, soft_wrap=False)
    reasons = [(line.student, line.status, line.reason) for line in lines if line.status != GRADED]
    for student, why, reason in reasons:
        console.print(f"\n{student}: {why}. {reason}", style="red", markup=False)
    for line in lines:
        for note in line.notes:
            console.print(f"{line.student}: {note}", style="yellow", markup=False)
    if unsafe := [line.student for line in lines if not line.sandboxed]:
        warning = f"\nGraded WITHOUT A SANDBOX: {', '.join(unsafe)}"
        console.print(warning, style="bold red", markup=False)


def _points(mark: Mark) -> Text:
    if mark.score is None:
        return Text("-", "dim")
    style = "green" if mark.score == mark.max_score else "red" if mark.score == 0 else "yellow"
    return Text(f"{mark.score:g}", style)


def print_findings(console: Console, findings: list[Finding]) -> None:
    """Print the table of what `referee doctor` found, and below each problem what to do."""
    signs = {OK: "✓", WARNING: "!", PROBLEM: "✗"}
    if not console.encoding.startswith("utf"):
        signs = {OK: "ok", WARNING: "!", PROBLEM: "X"}
    styles = {OK: "green", WARNING: "yellow", PROBLEM: "bold red"}
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for column in ("", "check", "found"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        style = styles[finding.outcome]
        sign = Text(signs[finding.outcome], style)
        table.add_row(sign, Text(finding.name), Text(finding.found))
        if finding.remedy:
            table.add_row("", "", Text(finding.remedy, style))
    console.print(table)
    problems = sum(finding.outcome == PROBLEM for finding in findings)
    warnings = sum(finding.outcome == WARNING for finding in findings)
    if problems:
        console.print(f"This machine cannot grade yet: {problems} to mend.", style="bold red")
    else:
        told = f", with {warnings} to know of" if warnings else ""
        console.print(f"This machine can grade{told}.", style="green")


def findings_as_json(findings: list[Finding]) -> str:
    """What `referee doctor` found as a JSON list, one entry a check."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)


def marks_as_json(marks: list[Marks]) -> str:
    """The marks as a JSON list, one entry a student."""
    return json.dumps([asdict(row) for row in marks], indent=2)
