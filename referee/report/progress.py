"""What a batch shows while it is under way."""

import time
from collections import Counter
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from referee.batch.view import WorkersView
from referee.model.outcomes import Outcome
from referee.record.journal import JournalLine
from referee.text import printable_line

MOST_WORKERS = 16  # that are shown with what they are doing


class BatchProgress:
    """A bar, the time left and what each worker does; without a terminal, a line a submission."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.total = total
        self.outcomes: Counter[Outcome] = Counter()
        self.graded = 0  # in this run, which is what the time left is estimated from
        self.start = time.monotonic()
        self.workers: WorkersView | None = None
        self.since: dict[tuple[str, str], float] = {}
        self.live = Live(
            console=console,
            get_renderable=self._picture,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> "BatchProgress":
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self.live.is_started:
            self.live.stop()

    @property
    def done(self) -> int:
        """How many submissions are done, those that had not changed included."""
        return self.outcomes.total()

    def recorded(self, line: JournalLine, *, now: bool = True) -> None:
        """Count a submission as done; `now` if it was graded in this run."""
        self.outcomes[line.outcome] += 1
        if not now:
            return
        self.graded += 1
        ending = f"; {self.time_left()}" if self.done < self.total else ""
        took = f"{line.outcome}, {line.seconds:.1f} s{ending}"
        text = printable_line(f"[{self.done}/{self.total}] {line.student}: {took}")
        self.console.print(text, markup=False, soft_wrap=True)

    def watch(self, workers: WorkersView) -> None:
        """Show what these workers are doing."""
        self.workers = workers

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(Text(text, "yellow"))  # a style of `print` is the bar's, too

    def time_left(self) -> str:
        """An estimate from the time that the submissions so far have taken."""
        if not self.graded:
            return "starting workers" if self.workers is None else "no estimate yet"
        seconds = (time.monotonic() - self.start) / self.graded * (self.total - self.done)
        return f"about {_duration(seconds)} left"

    def _picture(self) -> RenderableType:
        head = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(1, self.total), completed=self.done, width=40)
        elapsed = _duration(time.monotonic() - self.start)
        if not self.total:  # pages are written, and nothing is graded
            head.add_row("Writing feedback pages", elapsed)
            return head
        head.add_row("Grading", bar, f"{self.done}/{self.total}", elapsed, self.time_left())
        counts = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.most_common())
        return Group(head, Text(counts, "dim"), *self._doings())

    def _doings(self) -> list[Text]:
        doing = dict(self.workers.doing) if self.workers else {}
        now = time.monotonic()
        self.since = {at: self.since.get(at, now) for at in doing.values()}
        lines = [
            Text(
                printable_line(
                    f"  {student}: {cell or 'starting'} {now - self.since[student, cell]:.0f} s"
                )
            )
            for student, cell in list(doing.values())[:MOST_WORKERS]
        ]
        if len(doing) > MOST_WORKERS:
            lines.append(Text(f"  and {len(doing) - MOST_WORKERS} more workers", "dim"))
        return lines


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, hours = seconds / 60, seconds / 3600
    return f"{minutes:.0f} min" if minutes < 100 else f"{hours:.1f} h"
