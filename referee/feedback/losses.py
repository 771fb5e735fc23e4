"""The sentences for lost points that a student reads, as the report and explain have them too."""

from dataclasses import dataclass, replace

from referee.feedback.content import Content, QuestionMarks
from referee.feedback.reasons import NOT_WRITTEN, Reason, message_of

BY_HAND = "Marked by hand"
NOT_RECORDED = "No reason is recorded"
NOT_EXECUTED = "No executed notebook is there any more; `referee grade` makes it again"
NOT_LOST = 1e-9  # points: less than this is rounding


@dataclass(frozen=True)
class Loss:
    """A sentence, the points that it stands for, and the test cells that say so.

    There are no cells where it is about the whole question.
    """

    sentence: str
    points: float
    cells: tuple[str, ...] = ()


def losses_of(question: QuestionMarks) -> tuple[Loss, ...]:
    """Why a question has lost points: each sentence once, in the order of the page."""
    if question.unwritten:
        return (Loss(NOT_WRITTEN, question.lost),) if question.lost else ()
    losses: dict[str, Loss] = {}
    for reason in question.reasons:
        if reason.points > NOT_LOST:
            text = _sentence(reason)
            known = losses.get(text, Loss(text, 0.0))
            losses[text] = replace(
                known, points=known.points + reason.points, cells=(*known.cells, *reason.cells)
            )
    rest = question.lost - sum(loss.points for loss in losses.values())
    if rest > NOT_LOST:
        text = BY_HAND if question.by_hand else NOT_RECORDED
        losses[text] = Loss(text, rest)
    return tuple(losses.values())


def not_handed_in(notebook: str) -> str:
    """Why a whole notebook has lost its points."""
    return f"{notebook}.ipynb was not handed in"


def said_of_tests(content: Content) -> dict[str, str]:
    """What a page says of each test cell that failed, by the name of the cell."""
    said = {cell: other.reason.text for other in content.others for cell in other.cells}
    for question in content.questions:
        for reason in question.reasons:
            for cell in reason.cells:
                said[cell] = NOT_WRITTEN if question.unwritten else reason.text
    return said


def _sentence(reason: Reason) -> str:
    """The text, and the cell that raised an exception, which the page names below it."""
    if not reason.lines:
        return message_of(reason)
    return f"{message_of(reason)}, in {reason.lines[-1].cell or 'a cell of their own'}"
