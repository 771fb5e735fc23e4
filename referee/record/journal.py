"""The journal: one line for each time that a submission was graded, and how that went."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from referee.model.outcomes import Outcome
from referee.model.work import CellTime
from referee.nbgrader.course import Course
from referee.record.disk import append_lines

PARTS_OF_A_TIME = [field.name for field in fields(CellTime)]


@dataclass(frozen=True)
class JournalLine:
    """How the grading of one submission went.

    `status` and `reason` do not say whether it was late, which can change; `late` does, in seconds,
    and `late_penalty` in points. `state` is a hash of all else that the result depends on; `cells`
    has the cells that ran.
    """

    id: str
    student: str
    assignment: str
    status: str
    reason: str
    seconds: float
    state: str
    graded_at: str
    log: str = ""
    notes: tuple[str, ...] = ()  # what was restored, left out or stopped
    sandboxed: bool = True
    cells: tuple[CellTime, ...] = ()
    late: float = 0.0
    late_penalty: float = 0.0
    handed_in: str = ""  # a hash of the submission's files
    points: float | None = None  # that tests gave, as the gradebook has them

    @property
    def outcome(self) -> Outcome:
        """What became of the submission."""
        graded = Outcome(self.status)
        late = self.late > 0 and graded.has_marks
        return max(graded, Outcome.LATE, key=lambda each: each.rank) if late else graded

    @property
    def why(self) -> str:
        """The reason for the outcome, in words."""
        if self.outcome.has_marks and self.late > 0:
            late = timedelta(seconds=round(self.late))
            said = f"handed in {late} late; it costs {self.late_penalty:g} points"
            return "; ".join(filter(None, [self.reason, said]))
        return self.reason


def journal_path(course: Course) -> Path:
    """The file with one JSON line for each time a submission was graded."""
    return course.root / course.directory.autograded_directory / "journal.jsonl"


def read_journal(course: Course, assignment: str = "") -> Iterator[JournalLine]:
    """The lines of one assignment or of all, oldest first.

    Left out are those that a crash has cut short, and those that are damaged otherwise.
    """
    path = journal_path(course)
    lines = _lines_in(path.read_bytes()) if path.exists() else ()
    return (line for line in lines if assignment in ("", line.assignment))


@lru_cache(1)  # a run reads it several times
def _lines_in(content: bytes) -> tuple[JournalLine, ...]:
    lines = []
    for text in content.splitlines():
        try:
            line = _from_plain(msgspec.json.decode(text))
            _ = line.why  # with its outcome
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            continue
        lines.append(line)
    return tuple(lines)


def latest_lines(course: Course, assignment: str) -> dict[str, JournalLine]:
    """The last line of each student."""
    return {line.student: line for line in read_journal(course, assignment)}


def append_to_journal(course: Course, lines: list[JournalLine]) -> None:
    """Add lines to the journal, for good."""
    append_lines(journal_path(course), (json.dumps(_plain(line)).encode() for line in lines))


def _plain(line: JournalLine) -> dict[str, Any]:
    """A line as JSON has it: a cell's name and times are a list."""
    # Not by dataclasses.astuple, which copies deeply: a fifth of what recording costs.
    return vars(line) | {"cells": [tuple(vars(cell).values()) for cell in line.cells]}


def _from_plain(plain: Any) -> JournalLine:
    """Read what _plain wrote, or an earlier version of it."""
    cells = [dict(zip(PARTS_OF_A_TIME, cell, strict=False)) for cell in plain.get("cells", ())]
    return msgspec.convert(plain | {"cells": cells}, JournalLine)
