"""Marking a group of students, and taking it back: one transaction, and a line in the log.

The line is written before the transaction is committed. After a crash between the two, the log has
a marking that did not take place; never is there one that the log does not know.
"""

import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from referee.errors import RefereeError
from referee.marking.plan import BY_HAND, Gift, Given, Plan, require_name
from referee.model.marking import Change, Marking, Place
from referee.model.questions import Question
from referee.nbgrader.by_hand import HandMarks, locked_hand_marks
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_assignment
from referee.record.markings import append_marking, read_markings, taken_back
from referee.report.class_report import ClassReport
from referee.report.messages import Group
from referee.text import nearest, printable_line, what_there_is


@dataclass(frozen=True)
class Marked:
    """A group that was marked, under a number of the log; 0 if nothing was changed."""

    question: Question
    group: Group
    given: tuple[Given, ...]
    number: int

    @property
    def kept(self) -> tuple[str, ...]:
        """Students who get nothing, because a human has given them points already."""
        return tuple(each.student for each in self.given if each.why_not == BY_HAND)


def mark_group(
    course: Course, report: ClassReport, group_id: str, gift: Gift, *, dry_run: bool = False
) -> Marked:
    """Give a group points and a comment, or with `dry_run` say who would get what.

    Raises:
        RefereeError: there is no such group, nothing to give, or the gradebook or the log cannot
            be written. No mark has changed.

    """
    gift.require_something()
    question, group = find_group(report, group_id)
    _require_members(group, gift.without)
    assignment = read_assignment(course, report.assignment)
    notebook = next(book for book in assignment.notebooks if book.name == question.notebook)
    with locked_hand_marks(course, assignment.name) as marks:
        plan = Plan(notebook, question, gift, marks)
        given = tuple(plan.of(hit) for hit in group.hits)
        changes = tuple(change for each in given for change in each.changes)
        if dry_run or not changes:
            return Marked(question, group, given, 0)
        marking = Marking(
            _next_number(read_markings(course.root, assignment.name)),
            _now(),
            gift.by,
            gift.why.strip(),
            group.id,
            group.message,
            gift.points,
            gift.comment.strip(),
            changes,
        )
        _commit(course, assignment.name, marks, marking)
    return Marked(question, group, given, marking.number)


def find_group(report: ClassReport, group_id: str) -> tuple[Question, Group]:
    """The group with an id; its stem names it whoever is in it.

    Raises:
        RefereeError: there is none, or it has other students than the id says.

    """
    for each in report.questions:
        for group in each.groups:
            if group_id in (group.id, group.stem):
                return each.question, group
            if group_id.startswith(f"{group.stem}-"):
                names = printable_line(", ".join(sorted(hit.student for hit in group.hits)))
                raise RefereeError(
                    f"the group {group_id} has changed since you saw it. Now it is {group.id}: "
                    f"{names}. Run `referee report {shlex.quote(report.assignment)}` and look "
                    f"again, or mark {group.id}."
                )
    raise _no_group(report, group_id)


def _no_group(report: ClassReport, wanted: str) -> RefereeError:
    """What to say instead: the groups of a question, if its label or its name was given."""
    name = report.assignment
    for each in report.questions:
        question = each.question
        if wanted.casefold() in (question.label.casefold(), question.name.casefold()):
            ids = ", ".join(group.id for group in each.groups)
            return RefereeError(
                f"{wanted} is a question. Say which of its groups: {ids}. "
                f"`referee mark {shlex.quote(name)}` has the reasons."
                if ids
                else f"{wanted} is a question without groups: no reason is known for which "
                "somebody has lost points of it."
            )
        if wanted.startswith(f"{question.label}-"):
            return RefereeError(
                f"{name} has no group {wanted}: nobody has lost points for its reason now. "
                f"`referee mark {shlex.quote(name)}` lists the groups there are."
            )
    names = [
        name
        for each in report.questions
        for name in (each.question.label, each.question.name, *(group.id for group in each.groups))
    ]
    return RefereeError(
        f"{wanted!r} is no group of {name}. {nearest(wanted, names)}`referee mark "
        f"{shlex.quote(name)}` lists the groups there are."
    )


@dataclass(frozen=True)
class TakenBack:
    """A marking, whose students have again what they had before.

    `kept` are students whose marks a human has changed since: they keep them. `number` is that of
    the line in the log, 0 if nothing was changed.
    """

    marking: Marking
    students: tuple[str, ...]
    kept: tuple[str, ...]
    number: int


def take_back(
    course: Course, assignment: str, number: int, by: str, why: str, *, dry_run: bool = False
) -> TakenBack:
    """Restore what the students of a marking had before, but for those who were marked since.

    Raises:
        RefereeError: there is no such marking, it took something back itself, or the gradebook or
            the log cannot be written. No mark has changed.

    """
    require_name(by)
    with locked_hand_marks(course, assignment) as marks:
        markings = read_markings(course.root, assignment)
        marking = _find_marking(markings, assignment, number)
        later = _changed_later(markings, number)
        changed = {
            change.student
            for change in marking.changes
            if not _has(marks, change) or change.place in later
        }
        before = {change.student for change in marking.changes if not _has(marks, change.reversed)}
        restored = tuple(
            _as_before(marks, change) for change in marking.changes if change.student not in changed
        )
        students = tuple(sorted({change.student for change in restored}))
        kept = tuple(sorted(changed & before))
        if dry_run or not restored:
            return TakenBack(marking, students, kept, 0)
        line = Marking(
            _next_number(markings), _now(), by, why.strip(), marking.group, marking.message,
            "", "", restored, takes_back=number,
        )  # fmt: skip
        _commit(course, assignment, marks, line)
    return TakenBack(marking, students, kept, line.number)


def _find_marking(markings: list[Marking], assignment: str, number: int) -> Marking:
    found = next((each for each in markings if each.number == number), None)
    if found is None:
        raise RefereeError(
            f"the log of {assignment} has no number {number}. "
            f"`referee mark {shlex.quote(assignment)} --log` shows it."
        )
    if found.takes_back:
        raise RefereeError(
            f"number {number} took back number {found.takes_back}. Mark the group again instead: "
            f"`referee mark {shlex.quote(assignment)}` lists the groups there are."
        )
    return found


def _has(marks: HandMarks, change: Change) -> bool:
    """Whether a cell is marked as a change has left it."""
    return marks.mark(change.place) == change.new


def _changed_later(markings: list[Marking], number: int) -> set[Place]:
    """Cells that a later marking has changed, as far as it was not taken back."""
    gone = taken_back(markings)
    return {
        change.place
        for each in markings
        for change in each.changes
        if each.number > number
        and not each.takes_back
        and change.student not in gone.get(each.number, ())
    }


def _as_before(marks: HandMarks, change: Change) -> Change:
    """What takes a change back; a mark that was to be looked at again since still is."""
    back, now = change.reversed, marks.mark(change.place)
    waits = back.new.waits or (now.waits and back.new.points is not None)
    return replace(back, new=replace(back.new, waits=waits))


def _require_members(group: Group, students: tuple[str, ...]) -> None:
    if strangers := sorted(set(students) - {hit.student for hit in group.hits}):
        raise RefereeError(
            f"not in the group {group.id}: {', '.join(strangers)}. Correct --except. "
            f"{what_there_is(strangers[0], (hit.student for hit in group.hits))}"
        )


def _next_number(markings: list[Marking]) -> int:
    return 1 + max((each.number for each in markings), default=0)


def _commit(course: Course, assignment: str, marks: HandMarks, marking: Marking) -> None:
    """Change marks, and say so in the log; also if it could not be done in the end."""
    marks.write(marking.changes)
    append_marking(course, assignment, marking)
    try:
        marks.commit()
    except BaseException:
        undone = tuple(change.reversed for change in marking.changes)
        why = "It was not done: the gradebook could not be written."
        append_marking(
            course,
            assignment,
            replace(
                marking, number=marking.number + 1, why=why, takes_back=marking.number,
                changes=undone,
            ),
        )  # fmt: skip
        raise


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
