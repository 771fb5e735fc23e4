"""What a feedback page says: the marks, and for each question why points were lost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from nbformat import NotebookNode

from referee.feedback.reasons import (
    NOT_SHOWN,
    NOT_WRITTEN,
    Answers,
    Functions,
    Reason,
    reasons_of_answer,
    reasons_of_test,
    told_once,
    what_of,
)
from referee.model.assignment import AssignmentCell, AssignmentNotebook
from referee.model.questions import Question, question_of
from referee.model.work import ShownMarks
from referee.nbgrader.scoring import NO_ANSWER


@dataclass(frozen=True)
class Answer:
    """A cell that the student filled in: its name, and what is in it."""

    name: str
    source: str
    is_code: bool


@dataclass(frozen=True)
class QuestionMarks:
    """A question: its points so far, those that wait for a human, and why the others were lost.

    `score` has no extra credit. `unwritten` if there is no answer at all.
    """

    label: str
    title: str
    score: float
    max_score: float
    waiting: float
    by_hand: bool
    unwritten: bool
    reasons: tuple[Reason, ...]
    comments: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def lost(self) -> float:
        """Points that were lost for good, unless somebody changes the mark."""
        return max(0.0, self.max_score - self.waiting - self.score)


@dataclass(frozen=True)
class Other:
    """Tests that are worth nothing and failed for the same reason: their cells."""

    cells: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True)
class CellMarks:
    """A cell of the assignment: its question's label or nothing, and its points if it is marked."""

    question: str
    tested: bool
    score: float | None
    max_score: float | None

    @property
    def marked(self) -> bool:
        """Whether it is worth points."""
        return bool(self.max_score)


@dataclass(frozen=True)
class Content:
    """A page: whose, of what, and the marks; `others` are tests without points that failed;
    `notice` is for all of it.

    `notebook` is empty where the assignment has one only. `cells` are the assignment's by name, as
    they are labelled: the question, and the points that the cell has and could have.
    """

    assignment: str
    notebook: str
    marks: ShownMarks
    questions: tuple[QuestionMarks, ...]
    others: tuple[Other, ...]
    notice: str
    cells: dict[str, CellMarks]

    @property
    def score(self) -> float:
        """Points that count, as nbgrader counts them."""
        marks = self.marks
        given = sum(points or 0.0 for points in marks.points.values())
        return given + marks.extra_credit - marks.late_penalty

    @property
    def max_score(self) -> float:
        """Points there are, those that wait for a human included."""
        return sum(cell.max_score or 0.0 for cell in self.cells.values())

    @property
    def waiting(self) -> float:
        """Points that wait for a human."""
        return sum(
            cell.max_score or 0.0
            for cell in self.cells.values()
            if cell.marked and cell.score is None
        )


def content_of(
    nb: NotebookNode,
    notebook: AssignmentNotebook,
    questions: Sequence[Question],
    marks: ShownMarks,
    assignment: str,
    *,
    alone: bool = True,
) -> Content:
    """What to say of an executed notebook, in which nothing is hidden yet.

    `questions` are the assignment's; `alone` if it has no other notebook.
    """
    answers, mine = Answers(nb, notebook), [q for q in questions if q.notebook == notebook.name]
    belongs = _questions_of_cells(notebook)
    functions = Functions(notebook)
    found = [_question(each, notebook, belongs, answers, marks, functions) for each in mine]
    labels = {question.name: question.label for question in mine}
    return Content(
        assignment,
        "" if alone else notebook.name,
        marks,
        tuple(found),
        tuple(_others(notebook, {question.name for question in mine}, belongs, answers, functions)),
        "" if answers.are_known else NOT_SHOWN,
        {
            cell.name: CellMarks(
                labels.get(belongs.get(cell.name, ""), ""),
                cell.tested,
                marks.points.get(cell.name),
                cell.points,
            )
            for cell in notebook.cells
        },
    )


def answer_cells(notebook: AssignmentNotebook, question: str) -> tuple[str, ...]:
    """The cells of a question that students fill in, by its name: where comments on it belong."""
    belongs = _questions_of_cells(notebook)
    return tuple(
        cell.name
        for cell in notebook.cells
        if (cell.solution or cell.task) and belongs.get(cell.name) == question
    )


def _questions_of_cells(notebook: AssignmentNotebook) -> dict[str, str]:
    """The name of the question that each cell to fill in, and each marked cell, belongs to.

    A cell to fill in without tests of its own name belongs to the tests that come next.
    """
    names = {question_of(cell.name) for cell in notebook.cells if cell.points is not None}
    found, following = {}, ""
    for cell in reversed(notebook.cells):
        if cell.points is not None:
            following = question_of(cell.name)
        if cell.points is not None or cell.solution:
            own = question_of(cell.name)
            found[cell.name] = own if own in names else following
    return found


def _question(
    question: Question,
    notebook: AssignmentNotebook,
    belongs: dict[str, str],
    answers: Answers,
    marks: ShownMarks,
    functions: Functions,
) -> QuestionMarks:
    cells = [cell for cell in notebook.cells if belongs.get(cell.name) == question.name]
    to_fill_in = [cell for cell in cells if cell.solution]
    marked = [cell for cell in cells if cell.points is not None]
    points = {cell.name: marks.points.get(cell.name) for cell in marked}
    reasons = list(_reasons(to_fill_in, marked, answers, marks))
    own = tuple(cell.name for cell in to_fill_in)
    return QuestionMarks(
        question.label,
        question.title,
        sum(given or 0.0 for given in points.values()),
        question.max_score,
        sum(cell.points or 0.0 for cell in marked if points[cell.name] is None),
        any(cell.name in marks.by_hand for cell in marked),
        _unwritten(to_fill_in, reasons, answers),
        tuple(functions.named_in(reason, own) for reason in reasons),
        tuple(_comments(cells, marks)),
        tuple(
            Answer(cell.name, answers.cells[cell.name].source, cell.cell_type == "code")
            for cell in to_fill_in
            if cell.name in answers.cells and answers.are_known
        ),
    )


def _unwritten(to_fill_in: list[AssignmentCell], reasons: list[Reason], answers: Answers) -> bool:
    """Whether there is no answer: the cells are as released, or still say that they are to be."""
    if not answers.are_known:
        return False
    untouched = bool(to_fill_in) and all(answers.untouched(cell) for cell in to_fill_in)
    costly = [reason for reason in reasons if reason.points]
    return untouched or (bool(costly) and all(each.text == NOT_WRITTEN for each in costly))


def _reasons(
    to_fill_in: list[AssignmentCell],
    marked: list[AssignmentCell],
    answers: Answers,
    marks: ShownMarks,
) -> Iterator[Reason]:
    """Why the cells of a question have lost points; first, why an answer did not run to its end.

    What a human took has no reason here; what a failed test took is one until all is given back.
    """
    own = tuple(cell.name for cell in to_fill_in)
    ran = [cell for cell in to_fill_in if cell.name in answers.cells]
    yield from told_once(chain.from_iterable(reasons_of_answer(cell, answers) for cell in ran))
    failed: list[Reason] = []
    for cell in marked:
        given = marks.points.get(cell.name)
        lost = 0.0 if given is None else max(0.0, (cell.points or 0.0) - given)
        by_hand = cell.name in marks.by_hand
        if not answers.are_known and lost:
            failed.append(Reason("The reason is not known any more", lost, cells=(cell.name,)))
        elif cell.tested and (lost or not by_hand):
            reasons = reasons_of_test(cell, lost, answers, own, by_hand=by_hand)
            failed += [replace(reason, cells=(cell.name,)) for reason in reasons]
    yield from told_once(failed)


def _comments(cells: list[AssignmentCell], marks: ShownMarks) -> Iterator[str]:
    for cell in cells:
        comment = marks.comments.get(cell.name)
        if comment and comment != NO_ANSWER:
            yield comment


def _others(
    notebook: AssignmentNotebook,
    known: set[str],
    belongs: dict[str, str],
    answers: Answers,
    functions: Functions,
) -> Iterator[Other]:
    """Tests of questions that are worth nothing, as far as they failed: each reason once."""
    cells: dict[str, list[str]] = {}
    reasons: list[Reason] = []
    for cell in notebook.cells:
        question = belongs.get(cell.name, "")
        if cell.tested and question not in known:
            own = tuple(name for name, of in belongs.items() if of == question)
            for reason in reasons_of_test(cell, 0.0, answers, own):
                cells.setdefault(what_of(reason), []).append(cell.name)
                reasons.append(reason)
    for reason in told_once(reasons):
        yield Other(tuple(cells[what_of(reason)]), functions.named_in(reason, own=()))
