"""What happens while a submission is graded, as values that are handed on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from referee.model.explanation import Explanation
from referee.model.outcomes import Cause, Outcome, Trouble
from referee.model.work import CellTime


def ignore(*_: object) -> None:
    """Do nothing with what happened."""


@dataclass
class Events:
    """Notes and troubles for the teacher, and how long each cell took.

    `on_cell` is called with the name of each cell before it runs, and whether it is a test;
    `on_score` with the name of each test that has run, and its points. `explanations` are of tests
    that have failed, by name.
    """

    on_cell: Callable[[str, bool], None] = ignore
    on_score: Callable[[str, float | None], None] = ignore
    notes: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    cells: list[CellTime] = field(default_factory=list)
    explanations: dict[str, Explanation] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Tell the teacher something that costs nothing by itself."""
        self.notes.append(text)

    def trouble(self, cause: Cause, reason: str) -> None:
        """Tell the teacher of something that may cost points; the same thing once."""
        trouble = Trouble(cause, reason)
        if trouble not in self.troubles:
            self.troubles.append(trouble)

    @property
    def busy(self) -> bool:
        """Whether something was lost to wall-clock time alone."""
        return any(trouble.cause is Cause.WALL_TIME for trouble in self.troubles)

    def outcome(self) -> tuple[Outcome, str]:
        """The worst that happened, and all of it in words."""
        outcomes = [Outcome.GRADED, *(trouble.outcome for trouble in self.troubles)]
        reasons = list(dict.fromkeys(trouble.reason for trouble in self.troubles))
        return max(outcomes, key=lambda outcome: outcome.rank), "; ".join(reasons)
