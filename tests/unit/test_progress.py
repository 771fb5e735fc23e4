"""Progress: what a terminal and a log show while a batch is graded."""

from io import StringIO
from typing import ClassVar

from rich.console import Console

from referee.model.outcomes import Outcome
from referee.report.progress import BatchProgress
from tests.support.journal import journal_line


class FakeWorkers:
    """What a progress display sees of workers."""

    doing: ClassVar = {"tcp://1": ("ada", "double"), "tcp://2": ("bob", "halve-hidden")}


def test_progress_shows_what_workers_do_the_time_left_and_outcomes() -> None:
    console = Console(force_terminal=True, width=100, record=True, file=StringIO())
    progress = BatchProgress(console, 10)
    progress.watch(FakeWorkers())
    progress.recorded(journal_line("carol"), now=True)
    progress.recorded(journal_line("dave", Outcome.OUT_OF_TIME), now=True)
    console.print(progress._picture())
    shown = console.export_text()
    for part in ("2/10", "left", "ada: double", "bob: halve-hidden", "1 out of time"):
        assert part in shown


def test_progress_without_a_terminal_is_a_line_a_submission() -> None:
    console = Console(force_terminal=False, width=100, record=True, file=StringIO())
    with BatchProgress(console, 2) as progress:
        progress.recorded(journal_line("ada\nbob"), now=True)
        progress.recorded(journal_line("carol"), now=True)
    first, second = console.export_text().splitlines()
    assert first.startswith("[1/2] ada\N{REPLACEMENT CHARACTER}bob: graded, 2.0 s; about")
    assert second == "[2/2] carol: graded, 2.0 s"
