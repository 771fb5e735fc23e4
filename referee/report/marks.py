"""The marks, as nbgrader's gradebook has them: what counts, and what a human has yet to give."""

from dataclasses import dataclass

from referee.collect.submissions import find_submissions
from referee.model.assignment import Assignment
from referee.model.outcomes import Outcome
from referee.model.questions import Question, question_of, questions_of
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import CellScore, read_assignment, read_scores
from referee.record.journal import latest_lines


@dataclass(frozen=True)
class Mark:
    """Points of a question: the sum of its cells.

    `to_be_marked` are those of `max_score` that a human has yet to give; `score` is None if these
    are all of them, or if the submission was not graded. `by_hand` if a human has given some, and
    `look_again` if that was before something else was handed in.
    """

    label: str
    title: str
    notebook: str
    score: float | None
    max_score: float
    to_be_marked: float
    by_hand: bool
    look_again: bool = False


@dataclass(frozen=True)
class Marks:
    """What a student has for an assignment. `status` says what became of the submission.

    `score` is what `nbgrader export` says: extra credit counts, and `late_penalty` is taken off.
    """

    student: str
    status: str
    score: float | None
    max_score: float
    to_be_marked: float
    late_penalty: float
    questions: dict[str, Mark]

    def in_words(self) -> str:
        """A line: `ada: 87 of 100 points. Lost: 13 in Q7.`"""
        marked = self.max_score - self.to_be_marked
        words = [f"{self.student}: {self.score or 0.0:g} of {marked:g} points"]
        for what, points in (("Lost", _lost), ("To be marked by hand", _waiting)):
            parts = [(points(mark), mark.label) for mark in self.questions.values()]
            if any(each for each, _ in parts):
                words.append(f"{what}: {', '.join(f'{n:g} in {q}' for n, q in parts if n)}")
        if self.late_penalty:
            words.append(f"Taken off for being late: {self.late_penalty:g}")
        return f"{'. '.join(words)}."


def to_look_at_again(marks: list[Marks]) -> list[str]:
    """Whose marks by hand are of what they had handed in before: `ada (Q2, Q5)`."""
    labels = {
        row.student: [mark.label for mark in row.questions.values() if mark.look_again]
        for row in marks
    }
    return [f"{student} ({', '.join(found)})" for student, found in labels.items() if found]


def _lost(mark: Mark) -> float:
    return max(0.0, mark.max_score - mark.to_be_marked - (mark.score or 0.0))


def _waiting(mark: Mark) -> float:
    return mark.to_be_marked


def read_marks(course: Course, assignment: str) -> list[Marks]:
    """The marks of every student the gradebook or submitted/ knows, sorted by student."""
    sheet = _Sheet(read_assignment(course, assignment))
    with_folder = {submission.student for submission in find_submissions(course, assignment)}
    outcomes = {name: line.outcome for name, line in latest_lines(course, assignment).items()}
    found = read_scores(course, assignment)
    by_student: dict[str, list[CellScore]] = {}
    for cell in found.cells:
        by_student.setdefault(cell.student, []).append(cell)
    marks = []
    for student in sorted((with_folder | found.students) - course.exclude_students):
        outcome = outcomes.get(student)
        if student in by_student and _has_marks(course, assignment, student, outcome):
            status = outcome if outcome and outcome.has_marks else Outcome.GRADED
            penalty = found.late_penalties.get(student, 0.0)
            marks.append(sheet.filled_in(student, status, by_student[student], penalty))
        else:
            status = _without_marks(outcome, student in with_folder)
            marks.append(sheet.empty(student, status))
    return marks


def _has_marks(course: Course, assignment: str, student: str, outcome: Outcome | None) -> bool:
    """Whether the last grading gave marks, also if it was nbgrader's own command that graded."""
    if outcome is not None and outcome.has_marks:
        return True
    # Referee leaves no such folder of what it could not grade.
    return course.path(course.directory.autograded_directory, student, assignment).is_dir()


def _without_marks(outcome: Outcome | None, has_folder: bool) -> Outcome:
    if outcome is not None and not outcome.has_marks:
        return outcome
    return Outcome.PENDING if has_folder else Outcome.MISSING


class _Sheet:
    """The questions of an assignment and what they are worth, to be filled in for a student."""

    def __init__(self, assignment: Assignment) -> None:
        self._questions = questions_of(assignment)
        self._points = {
            (notebook.name, cell.name): cell.points or 0.0
            for notebook in assignment.notebooks
            for cell in notebook.cells
        }
        self._max_score = sum(self._points.values())

    def empty(self, student: str, status: Outcome) -> Marks:
        """The marks of somebody who has none."""
        marks = {
            each.key: Mark(each.label, each.title, each.notebook, None, each.max_score, 0.0, False)
            for each in self._questions
        }
        return Marks(student, str(status), None, self._max_score, 0.0, 0.0, marks)

    def filled_in(
        self, student: str, status: Outcome, cells: list[CellScore], penalty: float
    ) -> Marks:
        """The marks of a submission; `penalty` is what being late costs."""
        by_question: dict[tuple[str, str], list[CellScore]] = {}
        for cell in cells:
            by_question.setdefault((cell.notebook, question_of(cell.cell)), []).append(cell)
        marks = {
            each.key: self._mark(each, by_question.get((each.notebook, each.name), []))
            for each in self._questions
        }
        waiting = self._waiting(cells)
        if waiting:
            status = max(status, Outcome.NEEDS_MARKING, key=lambda outcome: outcome.rank)
        total = max(0.0, sum(cell.counts for cell in cells) - penalty)
        return Marks(student, str(status), total, self._max_score, waiting, penalty, marks)

    def _mark(self, question: Question, cells: list[CellScore]) -> Mark:
        waiting = self._waiting(cells)
        score = None if waiting >= question.max_score else sum(cell.counts for cell in cells)
        by_hand = any(cell.by_hand is not None or cell.extra for cell in cells)
        return Mark(
            question.label,
            question.title,
            question.notebook,
            score,
            question.max_score,
            waiting,
            by_hand,
            any(cell.is_of_another_work for cell in cells),
        )

    def _waiting(self, cells: list[CellScore]) -> float:
        """Points that a human has yet to give."""
        return sum(
            self._points.get((cell.notebook, cell.cell), 0.0) for cell in cells if cell.waits
        )
