"""Why a student has lost points: read from the marks and from the executed notebooks."""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from referee.collect.submissions import find_submissions
from referee.errors import RefereeError
from referee.feedback.content import Content, QuestionMarks, content_of
from referee.feedback.losses import Loss, losses_of, not_handed_in, said_of_tests
from referee.judge.verdict import Verdict
from referee.model.explanation import METADATA, Explanation, explanation_from, graded_with
from referee.model.questions import Question, question_of, questions_of
from referee.model.work import ShownMarks
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_assignment, read_shown_marks
from referee.notebook.definitions import defined_in, names_used_in, needs_of
from referee.record.journal import JournalLine, latest_lines
from referee.record.markings import markings_of, read_markings
from referee.report.marks import Mark, Marks, read_marks
from referee.text import nearest, spelt_as_in, what_there_is

# A question that is on no page: its tests give no points.
NOTHING = QuestionMarks("", "", 0.0, 0.0, 0.0, False, False, (), (), ())


@dataclass(frozen=True)
class Source:
    """A function of the student's: the name of its cell, and its text from a line of the cell.

    Or a whole cell, without the name of a function.
    """

    function: str
    cell: str
    line: int
    text: str


@dataclass(frozen=True)
class Reason:
    """Why a marked cell has not all points: `sentence` is what the student reads.

    `detail` is the rest of the verdict, and `explanation` what was recorded, if anything was.
    """

    cell: str
    points: float
    max_points: float
    failed: bool
    sentence: str
    detail: tuple[str, ...]
    explanation: Explanation | None

    @property
    def lost(self) -> float:
        """Points that it has cost."""
        return self.max_points - self.points


@dataclass(frozen=True)
class QuestionReasons:
    """A question of a student: its points, why some are lost, and the functions concerned.

    It has no label if its tests give no points. `for_humans` if it has no test, and `by_hand` if a
    human has given points of it; `to_be_marked` are the points that wait for a human; `comments`
    are for the student; `extra` is extra credit. `losses` are what the student and the report say
    of the whole question, and `reasons` have more of each test. `ended` are sentences about answers
    that did not run to their end. `given` are lines of the log of what was given to groups: by
    whom, when and why.
    """

    label: str
    name: str
    title: str
    notebook: str
    points: float
    max_points: float
    to_be_marked: float
    for_humans: bool
    by_hand: bool
    comments: tuple[str, ...]
    losses: tuple[Loss, ...]
    reasons: tuple[Reason, ...]
    sources: tuple[Source, ...]
    extra: float = 0.0
    given: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()

    @property
    def lost(self) -> float:
        """Points that were lost."""
        return self.max_points - self.points - self.to_be_marked

    @property
    def heading(self) -> str:
        """Its label and its title."""
        return f"{self.label} {self.title}".strip()


@dataclass(frozen=True)
class Total:
    """A student's points as the table of marks has them: extra credit counts, late penalties too.

    `score` is of `max_score`, the points that do not wait for a human.
    """

    score: float
    max_score: float
    to_be_marked: float = 0.0
    late_penalty: float = 0.0
    extra_credit: float = 0.0


@dataclass(frozen=True)
class StudentReasons:
    """All questions of a student in an assignment. `versions` are empty if nothing was recorded."""

    student: str
    assignment: str
    total: Total
    status: str
    reason: str
    graded_at: str
    versions: dict[str, str]
    questions: tuple[QuestionReasons, ...]

    def question(self, wanted: str) -> QuestionReasons:
        """A question by its label, its name, its title, or one of its cells.

        With the name of a cell, the reasons are those of this cell.

        Raises:
            RefereeError: there is no such question, or several could be meant.

        """
        for names in (_labels, _names, _titles):
            found = [each for each in self.questions if wanted.casefold() in names(each)]
            if len(found) == 1:
                return found[0]
            if len(found) > 1:
                meant = ", ".join(f"{each.label} ({each.notebook})" for each in found)
                raise RefereeError(f"{wanted!r} can be several questions: {meant}. Use the label.")
        for each in self.questions:
            if alone := tuple(reason for reason in each.reasons if reason.cell == wanted):
                return replace(each, reasons=alone)
        there_are = ", ".join(f"{each.label} {each.name}".strip() for each in self.questions)
        meant = nearest(wanted, [name for each in self.questions for name in _known_by(each)])
        raise RefereeError(
            f"there is no question {wanted!r} in {self.assignment!r}. {meant}There are: "
            f"{there_are}. The name of a test cell is understood too."
        )


def _known_by(question: QuestionReasons) -> list[str]:
    """A question's names, and those of its cells."""
    names = [question.label, question.name, question.title]
    return [*filter(None, names), *(reason.cell for reason in question.reasons)]


def _labels(question: QuestionReasons) -> set[str]:
    label = question.label.casefold()
    return {label, label.removeprefix("q")} - {""}


def _names(question: QuestionReasons) -> set[str]:
    name = question.name.casefold()
    return {name, f"{question.notebook.casefold()}/{name}"}


def _titles(question: QuestionReasons) -> set[str]:
    return {question.title.casefold()}


def read_reasons(course: Course, assignment: str, student: str) -> StudentReasons:
    """Why a student has lost points of an assignment.

    Raises:
        RefereeError: there is no such student, or nothing of theirs was graded.

    """
    marks = read_shown_marks(course, assignment)
    student = spelt_as_in(marks, student)
    line = latest_lines(course, assignment).get(student)
    read = read_assignment(course, assignment)
    books = {book.name: book for book in read.notebooks}
    there = read_executed_notebooks(course, assignment, student)
    executed = {name: nb for name, nb in there if name in books}
    if student not in marks or not executed:
        raise RefereeError(_why_there_is_nothing(course, assignment, student, line, set(marks)))
    found = graded_with(next(iter(executed.values())).metadata.get(METADATA))
    worth_points = questions_of(read)
    (row,) = (row for row in read_marks(course, assignment) if row.student == student)
    given_to = markings_of(read_markings(course.root, assignment), student)
    questions: list[QuestionReasons] = []
    for notebook, nb in executed.items():
        given = marks[student].get(notebook, ShownMarks({}, {}))
        asked = [question for question in worth_points if question.notebook == notebook]
        page = content_of(nb, books[notebook], worth_points, given, assignment)
        for question in (*asked, *_without_points(notebook, nb, asked)):
            reasons = _reasons_of(question, nb, given.points, page)
            extra = _extra(row.questions.get(question.key), reasons.points)
            said = tuple(each.in_words() for each in given_to if each.question == question.label)
            questions.append(replace(reasons, extra=extra, given=said))
    questions += [_not_handed_in(each) for each in worth_points if each.notebook not in executed]
    return StudentReasons(
        student,
        assignment,
        _total(row, questions),
        line.status if line else "graded by nbgrader",
        line.reason if line else "",
        line.graded_at.replace("T", " ").replace("+00:00", " UTC") if line else "",
        found.versions if found else {},
        tuple(questions),
    )


def _not_handed_in(question: Question) -> QuestionReasons:
    """A question of a notebook that is missing."""
    sentence, worth = not_handed_in(question.notebook), question.max_score
    lost = (Loss(sentence, worth),)
    reason = Reason(question.name, 0.0, worth, True, sentence, (), None)
    named = (question.label, question.name, question.title, question.notebook)
    return QuestionReasons(*named, 0.0, worth, 0.0, False, False, (), lost, (reason,), ())


def _total(marks: Marks, questions: list[QuestionReasons]) -> Total:
    return Total(
        marks.score or 0.0,
        marks.max_score - marks.to_be_marked,
        marks.to_be_marked,
        marks.late_penalty,
        sum(question.extra for question in questions),
    )


def _extra(mark: Mark | None, points: float) -> float:
    """Extra credit of a question: what the table has more than the points of its cells."""
    return 0.0 if mark is None or mark.score is None else round(mark.score - points, 6)


def executed_folder(course: Course, assignment: str, student: str) -> Path:
    """The folder of a student's executed notebooks and files."""
    return course.path(course.directory.autograded_directory, student, assignment)


def read_executed(course: Course, assignment: str, student: str, notebook: str) -> NotebookNode:
    """An executed notebook."""
    path = executed_folder(course, assignment, student) / f"{notebook}.ipynb"
    return nbformat.read(path, as_version=4)


def read_executed_notebooks(
    course: Course, assignment: str, student: str
) -> Iterator[tuple[str, NotebookNode]]:
    """The executed notebooks of a student, by their names."""
    for path in sorted(executed_folder(course, assignment, student).glob("*.ipynb")):
        if path.is_file() and not path.is_symlink():
            yield path.stem, read_executed(course, assignment, student, path.stem)


def _without_points(notebook: str, nb: NotebookNode, others: list[Question]) -> Iterator[Question]:
    """The tests that give no points, and belong to no question that does."""
    known = {cell for question in others for cell in question.cells}
    groups: dict[str, list[str]] = {}
    for cell in nb.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade") and about.grade_id not in known:
            groups.setdefault(question_of(about.grade_id), []).append(about.grade_id)
    for name, cells in groups.items():
        yield Question("", name, notebook, name, name, 0.0, tuple(cells))


def _why_there_is_nothing(
    course: Course, assignment: str, student: str, line: JournalLine | None, marked: set[str]
) -> str:
    """Why nothing can be explained, and what to do."""
    again = f"`referee grade {shlex.quote(assignment)} --student {shlex.quote(student)}`"
    if line is not None and not line.outcome.has_marks:
        return f"{student!r} has no marks of {assignment!r}: {line.status}. {line.reason}"
    handed_in = {submission.student for submission in find_submissions(course, assignment)}
    if student in handed_in:
        return f"{student!r} has no result of {assignment!r} yet. Run {again}."
    known = sorted(handed_in | marked)
    there_are = what_there_is(student, known) if known else "Nobody has handed in."
    return f"there is no submission of {assignment!r} by {student!r}. {there_are}"


def _reasons_of(
    question: Question, nb: NotebookNode, points: dict[str, float | None], page: Content
) -> QuestionReasons:
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in nb.cells}
    marked = [(name, cells[name]) for name in question.cells if name in cells]
    found = {name: points.get(name, 0.0) for name, _ in marked}  # None waits for a human
    said = said_of_tests(page)
    reasons = [
        _reason(name, cell, given, said.get(name, ""))
        for name, cell in marked
        if (given := found[name]) is not None
    ]
    tested = [cell for _, cell in marked if not cell.metadata.nbgrader.get("solution")]
    failed = [reason for reason in reasons if reason.failed or reason.lost > 0]
    failed.sort(key=lambda reason: -reason.lost)
    shown = next((each for each in page.questions if each.label == question.label), NOTHING)
    return QuestionReasons(
        question.label,
        question.name,
        question.title,
        question.notebook,
        sum(reason.points for reason in reasons),
        question.max_score,
        sum(_worth(cell) for name, cell in marked if found[name] is None),
        not any(cell.cell_type == "code" for cell in tested),
        shown.by_hand,
        shown.comments,
        losses_of(shown),
        tuple(failed),
        tuple(sources_of(question.name, failed, nb.cells)),
        ended=tuple(reason.text for reason in shown.reasons if not reason.cells),
    )


def _reason(name: str, cell: NotebookNode, points: float, said: str) -> Reason:
    """A test; `said` is what the page says of it, less what it shows as a table."""
    errors = [output for output in cell.get("outputs", ()) if output.output_type == "error"]
    verdict = Verdict.read(errors[0]) if errors else None
    return Reason(
        name,
        points,
        _worth(cell),
        bool(errors),
        _as_read(verdict, said) if verdict else "",
        verdict.for_teacher if verdict else (),
        explanation_from(cell.metadata[METADATA]) if METADATA in cell.metadata else None,
    )


def _as_read(verdict: Verdict, said: str) -> str:
    """The sentence of the page, and the table of a message, which has lines of its own there."""
    first, *table = verdict.for_student.split("\n")
    return said if "\n" in said else "\n".join((said or first, *table))


def _worth(cell: NotebookNode) -> float:
    """The points that a cell can give."""
    return float(cell.metadata.nbgrader.get("points", 0.0))


def sources_of(
    asked: str, reasons: Sequence[Reason], cells: list[NotebookNode]
) -> Iterator[Source]:
    """What of the student's led to failures, in this order.

    Of functions, the one that the question asks for comes first where a test has called it, and
    others after it, and no call has failed; or where it has raised the exception of another one
    that was called. A cell whose values a test reads comes before functions of other cells. Where
    that is nothing, it is what a test has called before: it made the object with the method.
    """
    functions = dict.fromkeys(_functions_behind(asked, reasons))
    found = [each for name in functions if (each := source_of(name, cells)) is not None]
    answer = _answer_to(reasons[0].cell, cells) if reasons else None
    if answer is not None and all(each.cell != answer.cell for each in found):
        yield answer
    elif not found:
        earlier = (source_of(name, cells) for name in _functions_before(reasons))
        yield from islice(filter(None, earlier), 1)
    yield from found


def _functions_behind(asked: str, reasons: Iterable[Reason]) -> Iterator[str]:
    for explanation in (reason.explanation for reason in reasons):
        call = explanation.call if explanation else None
        if explanation is None or call is None:
            continue
        called = {each.function for each in explanation.calls}
        failed = call.raised or call.lost
        if (asked in called and not failed) or f", in {asked}: " in call.traceback:
            yield asked
        yield call.function.partition(".")[0]  # the class of a method


def _functions_before(reasons: Iterable[Reason]) -> Iterator[str]:
    for explanation in (reason.explanation for reason in reasons):
        for call in reversed(explanation.calls if explanation else ()):
            yield call.function.partition(".")[0]


def _answer_to(test: str, cells: list[NotebookNode]) -> Source | None:
    """The last solution cell before a test, if the test reads values that the cell computes."""
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    if test not in names:
        return None
    place = names.index(test)
    for cell in reversed(cells[:place]):
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and about.get("solution") and not about.get("grade"):
            bound = set[str]().union(*(binds for binds, _ in names_used_in(cell.source)))
            values = bound.difference(defined_in(cell.source))
            reads = values & needs_of(cells[place].source)
            return Source("", about.get("grade_id", ""), 1, cell.source) if reads else None
    return None


def source_of(function: str, cells: list[NotebookNode]) -> Source | None:
    """The last definition of a function, or of something else, by its name in a notebook."""
    if not function.isidentifier():
        return None
    begin = re.compile(rf"(?:async\s+def|def|class)\s+{function}\b|{function}\s*=[^=]")
    for cell in reversed(cells):
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or (about.get("grade") and not about.get("solution")):
            continue
        lines = cell.source.split("\n")
        for first in range(len(lines) - 1, -1, -1):
            if begin.match(lines[first]):
                while first and lines[first - 1].startswith("@"):
                    first -= 1
                text = "\n".join(_definition(lines[first:]))
                return Source(function, about.get("grade_id", ""), first + 1, text)
    return None


def _definition(lines: list[str]) -> list[str]:
    """The lines of a definition: all until something else begins at the left margin."""
    kept: list[str] = []
    for line in lines:
        begins = line[:1] not in ("", " ", "\t", "#", ")", "]", "}")
        inside = kept and not kept[-1].startswith("@")
        if begins and inside:
            break
        kept.append(line)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept
