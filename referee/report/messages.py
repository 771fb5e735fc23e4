"""Which message hit whom: of each question, the students who read the same sentence."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from referee.feedback.content import content_of
from referee.feedback.losses import NOT_EXECUTED, NOT_LOST, Loss, losses_of, not_handed_in
from referee.model.assignment import Assignment
from referee.model.questions import Question, questions_of
from referee.model.work import ShownMarks
from referee.nbgrader.course import Course
from referee.report.reasons import read_executed_notebooks
from referee.text import one_line


@dataclass(frozen=True)
class Hit:
    """A student, and the points that a message stands for.

    `cells` are the test cells that say so, none where the message is about the whole question.
    `by_hand` if a human has given points of the question.
    """

    student: str
    lost: float
    cells: tuple[str, ...] = ()
    by_hand: bool = False


@dataclass(frozen=True)
class Group:
    """The students of a question who read the same sentence, those first who lost most by it.

    `question` is its label.
    """

    question: str
    message: str
    hits: tuple[Hit, ...]

    @property
    def id(self) -> str:
        """A short name that changes when a student joins or leaves the group."""
        return f"{self.stem}-{_hash(sorted(hit.student for hit in self.hits))[:4]}"

    @property
    def stem(self) -> str:
        """What the id begins with, whoever is in the group."""
        return f"{self.question}-{_hash(self.message)[:5]}"

    @property
    def lost(self) -> float:
        """Points that all of them have lost."""
        return sum(hit.lost for hit in self.hits)


@dataclass(frozen=True)
class Losses:
    """What a student reads of a question, by its label.

    `unwritten` if there is no answer at all, and `written` if there is one of the student's own;
    neither, if the question has no cell to fill in.
    """

    student: str
    question: str
    unwritten: bool
    written: bool
    lost: tuple[Loss, ...]
    by_hand: bool


@dataclass(frozen=True)
class AllLosses:
    """What all students read of all questions; `unreadable` says whose notebook is damaged."""

    losses: tuple[Losses, ...]
    unreadable: dict[str, str]


def read_messages(
    course: Course, assignment: Assignment, marks: dict[str, dict[str, ShownMarks]]
) -> AllLosses:
    """What students read of their losses, from executed notebooks and marks."""
    found: list[Losses] = []
    unreadable: dict[str, str] = {}
    for student, of_notebooks in marks.items():
        try:
            found += list(_losses(course, assignment, student, of_notebooks))
        except Exception as error:  # whatever a file can hold that nobody should have changed
            unreadable[student] = one_line(error)
    return AllLosses(tuple(found), unreadable)


def groups_of(losses: Iterable[Losses]) -> tuple[Group, ...]:
    """The groups of each question, those first that cost most points."""
    hits: dict[tuple[str, str], list[Hit]] = {}
    for each in losses:
        for loss in each.lost:
            hit = Hit(each.student, loss.points, loss.cells, each.by_hand)
            hits.setdefault((each.question, loss.sentence), []).append(hit)
    groups = (
        Group(question, message, tuple(sorted(some, key=lambda hit: (-hit.lost, hit.student))))
        for (question, message), some in hits.items()
    )
    return tuple(sorted(groups, key=lambda group: (-group.lost, group.message)))


def _hash(of: object) -> str:
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()


def _losses(
    course: Course, assignment: Assignment, student: str, marks: dict[str, ShownMarks]
) -> Iterator[Losses]:
    questions = questions_of(assignment)
    executed = dict(read_executed_notebooks(course, assignment.name, student))
    for notebook in assignment.notebooks:
        shown = marks.get(notebook.name, ShownMarks({}, {}))
        if notebook.name in executed:
            nb = executed[notebook.name]
            content = content_of(nb, notebook, questions, shown, assignment.name)
            for each in content.questions:
                written = bool(each.answers) and not each.unwritten
                yield Losses(
                    student,
                    each.label,
                    each.unwritten,
                    written,
                    losses_of(each),
                    each.by_hand,
                )
        else:
            mine = [question for question in questions if question.notebook == notebook.name]
            for question in mine:
                # Who has handed in nothing at all has no marks, and is not here.
                why = not_handed_in(notebook.name) if executed else NOT_EXECUTED
                lost = _lost_without_notebook(question, shown, why)
                by_hand = any(cell in shown.by_hand for cell in question.cells)
                yield Losses(student, question.label, False, False, lost, by_hand)


def _lost_without_notebook(question: Question, marks: ShownMarks, why: str) -> tuple[Loss, ...]:
    points = [marks.points.get(cell, 0.0) for cell in question.cells]
    lost = question.max_score - sum(each or 0.0 for each in points)
    if lost > NOT_LOST and None not in points:
        return (Loss(why, lost),)
    return ()
