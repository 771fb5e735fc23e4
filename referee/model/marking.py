"""Marks and comments by hand, given to a group of students at once: who got what, by whom, why."""

from dataclasses import dataclass, field

Place = tuple[str, str, str]  # student, notebook, cell


@dataclass(frozen=True)
class HandMark:
    """What a human has given for a cell: points instead of the autograder's, extra ones, a comment.

    `waits` if nbgrader lists the cell as one that a human has to look at; no part of the mark.
    """

    points: float | None = None
    extra: float | None = None
    comment: str | None = None
    waits: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Change:
    """What a human has given a student for a cell, before and after."""

    student: str
    notebook: str
    cell: str
    old: HandMark
    new: HandMark

    @property
    def place(self) -> Place:
        """Whose cell it is."""
        return self.student, self.notebook, self.cell

    @property
    def reversed(self) -> "Change":
        """The change that takes it back."""
        return Change(self.student, self.notebook, self.cell, self.new, self.old)


@dataclass(frozen=True)
class Marking:
    """What was given to a group at once, or taken back: a line of the log.

    `at` is a time in UTC, ISO 8601. `group` is the group's id and `message` the sentence that its
    students read; `points` is what was asked for, and `comment` what they read now. `takes_back` is
    the number of an earlier marking, or 0.
    """

    number: int
    at: str
    by: str
    why: str
    group: str
    message: str
    points: str
    comment: str
    changes: tuple[Change, ...]
    takes_back: int = 0

    @property
    def question(self) -> str:
        """The label of the question: a group's id begins with it."""
        return self.group.rsplit("-", 2)[0]

    @property
    def given(self) -> str:
        """What was asked for, in words."""
        points = f"points {self.points}" if self.points else ""
        return " and ".join(filter(None, (points, "a comment" if self.comment else "")))

    def in_words(self) -> str:
        """What was given, by whom, when and why."""
        return f"{self.given} by {self.by} on {self.at[:10]}: {' '.join(self.why.split())}"

    @property
    def students(self) -> list[str]:
        """Those who got something, or from whom it was taken back."""
        return sorted({change.student for change in self.changes})
