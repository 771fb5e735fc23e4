"""What the report for the teacher says of a class: who, how much, why, and what needs a human."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from referee.model.marking import Marking
from referee.model.outcomes import Outcome
from referee.model.questions import Question, questions_of
from referee.model.work import ShownMarks
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_assignment, read_shown_marks
from referee.record.journal import JournalLine, latest_lines
from referee.record.markings import read_markings
from referee.report.distribution import Distribution, distribution
from referee.report.items import Item, Points, complete, cronbach_alpha, items
from referee.report.marks import Marks, read_marks
from referee.report.messages import Group, Losses, groups_of, read_messages
from referee.report.timings import (
    CellTiming,
    SubmissionTiming,
    cell_timings,
    submission_timings,
)

SMALL_CLASS = 30  # students; of fewer, item statistics are little more than chance
MOST_TIMES = 10  # cells and submissions that are listed


@dataclass(frozen=True)
class Standing:
    """A student, what became of the submission, and why."""

    student: str
    status: str
    why: str


@dataclass(frozen=True)
class Handed:
    """Who handed in, and what became of it; each list is sorted by student.

    `graded` have marks. Of these, `late` came late, `lost` are graded without something that
    failed, and `waiting` have points that a human has yet to give. `failed` could not be graded.
    """

    students: int
    graded: tuple[Standing, ...]
    late: tuple[Standing, ...]
    lost: tuple[Standing, ...]
    waiting: tuple[Standing, ...]
    failed: tuple[Standing, ...]
    pending: tuple[Standing, ...]
    missing: tuple[Standing, ...]

    @property
    def handed_in(self) -> int:
        """How many have handed in something."""
        return self.students - len(self.missing)

    @property
    def need_a_human(self) -> int:
        """How many have something that no program will do."""
        return len({each.student for each in (*self.waiting, *self.failed)})


@dataclass(frozen=True)
class QuestionReport:
    """A question: its statistics, who left it as it was released, and why points were lost.

    `unwritten` are students; `waiting` are those with points to be marked by hand, and `by_hand`
    those with points that a human has given.
    """

    question: Question
    item: Item
    unwritten: tuple[str, ...]
    waiting: tuple[str, ...]
    by_hand: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def lost(self) -> float:
        """Points that the class has lost."""
        return sum(group.lost for group in self.groups)

    @property
    def not_written(self) -> float | None:
        """The share of those who left it as it was released, of those who have a mark of it."""
        if not self.item.students:
            return None
        return len(set(self.unwritten) - set(self.waiting)) / self.item.students

    @property
    def reasons_unknown(self) -> bool:
        """Whether points were lost, and nothing can be read of why."""
        return not self.groups and self.item.full is not None and self.item.full < 1

    @property
    def doubt(self) -> str:
        """What may be wrong with the question or its tests; mostly nothing."""
        if self.item.students > 1 and self.item.none == 1:
            return "nobody has a point of it"
        against = self.item.discrimination is not None and self.item.discrimination < 0
        if against and self.item.students >= SMALL_CLASS:
            return "those who did well on it did worse on all others"
        return ""


@dataclass(frozen=True)
class Reliability:
    """Cronbach's alpha of so many students and questions.

    `left_out` are students without all marks. `of_writers` is alpha without the students who have
    written nothing, and None if there are none or too many of them.
    """

    alpha: float | None
    students: int
    questions: int
    left_out: int
    wrote_nothing: int
    of_writers: float | None

    @property
    def is_small(self) -> bool:
        """Whether the class is too small for this to say much."""
        return self.students < SMALL_CLASS


@dataclass(frozen=True)
class Times:
    """Where the time went: the slowest cells and submissions; CPU seconds of all sandboxes."""

    cells: tuple[CellTiming, ...]
    submissions: tuple[SubmissionTiming, ...]
    cpu: float


@dataclass(frozen=True)
class ClassReport:
    """A class and an assignment. `names` are full names by student, of those that have one.

    `notes` are by student; `unsafe` were graded without a sandbox, `unreadable` have a damaged
    notebook in autograded/. `made_at` is a time in UTC, ISO 8601.
    """

    assignment: str
    max_score: float
    made_at: str
    names: dict[str, str]
    handed: Handed
    totals: Distribution | None
    unfinished_totals: int
    questions: tuple[QuestionReport, ...]
    reliability: Reliability
    times: Times
    notes: dict[str, tuple[str, ...]]
    unsafe: tuple[str, ...]
    unreadable: dict[str, str]
    markings: tuple[Marking, ...] = ()


def read_class(course: Course, assignment: str) -> ClassReport:
    """Read all there is to say of an assignment; nothing is executed."""
    found = read_assignment(course, assignment)
    rows = read_marks(course, assignment)
    graded = [row for row in rows if row.score is not None]
    students = {row.student for row in rows}
    lines = {
        student: line
        for student, line in latest_lines(course, assignment).items()
        if student in students
    }
    shown = read_shown_marks(course, assignment)
    read = read_messages(
        course, found, {row.student: shown[row.student] for row in graded if row.student in shown}
    )
    questions, points = questions_of(found), _points(graded)
    return ClassReport(
        assignment,
        sum(question.max_score for question in questions),
        f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        _names(shown),
        _handed(rows, lines),
        distribution([row.score for row in graded if row.score is not None], _worth(rows)),
        sum(row.to_be_marked > 0 for row in graded),
        _questions(questions, points, graded, read.losses),
        _reliability(points, graded, read.losses),
        _times(lines.values()),
        {student: line.notes for student, line in sorted(lines.items()) if line.notes},
        tuple(sorted(student for student, line in lines.items() if not line.sandboxed)),
        read.unreadable,
        tuple(read_markings(course.root, assignment)),
    )


def _worth(rows: list[Marks]) -> float:
    return rows[0].max_score if rows else 0.0


def _names(shown: dict[str, dict[str, ShownMarks]]) -> dict[str, str]:
    names = {student: mark.student for student, of in shown.items() for mark in of.values()}
    return {student: name for student, name in names.items() if name and name != student}


def _handed(rows: list[Marks], lines: dict[str, JournalLine]) -> Handed:
    standings = {row.student: _standing(row, lines.get(row.student)) for row in rows}

    def those(wanted: Iterable[Marks]) -> tuple[Standing, ...]:
        return tuple(standings[row.student] for row in wanted)

    graded = [row for row in rows if row.score is not None]
    rest = [row for row in rows if row.score is None]
    return Handed(
        len(rows),
        those(graded),
        those(row for row in graded if row.student in lines and lines[row.student].late > 0),
        those(
            row
            for row in graded
            if row.student in lines
            and Outcome(lines[row.student].status).rank > Outcome.NEEDS_MARKING.rank
        ),
        those(row for row in graded if row.to_be_marked > 0),
        those(row for row in rest if row.status not in (Outcome.MISSING, Outcome.PENDING)),
        those(row for row in rest if row.status == Outcome.PENDING),
        those(row for row in rest if row.status == Outcome.MISSING),
    )


def _standing(row: Marks, line: JournalLine | None) -> Standing:
    """What the journal says, whose status is not replaced by that of points to be marked."""
    if line is None:
        return Standing(row.student, row.status, "")
    return Standing(row.student, str(line.outcome), line.why)


def _points(graded: list[Marks]) -> Points:
    """Points of the students' questions; nan where a human has yet to give some of them."""
    rows = [
        [
            np.nan if mark.score is None or mark.to_be_marked > 0 else mark.score
            for mark in row.questions.values()
        ]
        for row in graded
    ]
    columns = len(graded[0].questions) if graded else 0
    return np.array(rows, dtype=np.float64).reshape(len(graded), columns)


def _questions(
    questions: tuple[Question, ...],
    points: Points,
    graded: list[Marks],
    losses: tuple[Losses, ...],
) -> tuple[QuestionReport, ...]:
    if not graded:
        points = np.empty((0, len(questions)))
    statistics = items(points, np.array([question.max_score for question in questions]))
    by_question: dict[str, list[Losses]] = {}
    for each in losses:
        by_question.setdefault(each.question, []).append(each)
    return tuple(
        QuestionReport(
            question,
            item,
            tuple(each.student for each in by_question.get(question.label, ()) if each.unwritten),
            tuple(row.student for row in graded if row.questions[question.key].to_be_marked > 0),
            tuple(row.student for row in graded if row.questions[question.key].by_hand),
            groups_of(by_question.get(question.label, ())),
        )
        for question, item in zip(questions, statistics, strict=True)
    )


def _reliability(points: Points, graded: list[Marks], losses: tuple[Losses, ...]) -> Reliability:
    blank = {each.student for each in losses if each.unwritten}
    blank -= {each.student for each in losses if each.written}
    writes = np.array([row.student not in blank for row in graded], bool)
    used, rows = complete(points)
    wrote_nothing = int((~writes).sum())
    return Reliability(
        cronbach_alpha(points),
        len(rows),
        len(used),
        len(graded) - len(rows),
        wrote_nothing,
        cronbach_alpha(points[writes]) if wrote_nothing else None,
    )


def _times(lines: Iterable[JournalLine]) -> Times:
    ran = [line for line in lines if line.cells]
    return Times(
        tuple(cell_timings(ran)[:MOST_TIMES]),
        tuple(submission_timings(ran)[:MOST_TIMES]),
        sum(cell.cpu for line in ran for cell in line.cells),
    )
