"""Who the students of an export are, as the gradebook, a roster and the collection say it."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from referee.collect.people import AmbiguousError, Identity, People, of_gradebook, on_platform
from referee.collect.records import Collected, read_live_records, read_records
from referee.collect.rosters import read_roster
from referee.nbgrader.course import Course
from referee.nbgrader.students import read_people
from referee.record.markings import read_markings


class Students:
    """The students of a course: `people` finds them, `identities` and `records` say who they are.

    `markings` are what was given to groups of them by hand, `listed` are those of the roster.
    A platform's own number counts only if it is of `platform`.
    """

    def __init__(self, course: Course, assignment: str, platform: str, roster: Path | None) -> None:
        self.people = People()
        self.markings = read_markings(course.root, assignment)
        self.identities: dict[str, Identity] = {}
        self.records: dict[str, Collected] = read_live_records(course, assignment)
        for student, record in self.records.items():
            is_here = record.platform == platform
            self._add(student, record.who if is_here else replace(record.who, uid=""))
        in_gradebook = read_people(course)
        for known in in_gradebook:
            self._add(known.student, of_gradebook(known, platform))
        names = [known.student for known in in_gradebook]
        on_roster = {} if roster is None else read_roster(roster, names).students
        self.listed = on_roster.keys()
        for student, who in on_roster.items():
            self._add(student, on_platform(who, platform))
        self._follow_the_renamed(read_records(course, assignment), platform)

    def _follow_the_renamed(self, records: dict[str, Collected], platform: str) -> None:
        """Give the records of students who are none any more to those who have their number now."""
        for before in records.keys() - self.records.keys():
            record = records[before]
            if record.platform != platform:
                continue
            with suppress(AmbiguousError):
                student = self.people.find(Identity(uid=record.who.uid))
                if student is not None:
                    self.records.setdefault(student, record)

    def _add(self, student: str, who: Identity) -> None:
        """Add what is known; what comes later is the better word for a name and an e-mail."""
        self.people.add(student, who)
        before = self.identities.get(student, Identity())
        self.identities[student] = Identity(
            who.id or before.id,
            who.login or before.login,
            who.email or before.email,
            who.name or before.name,
            who.uid or before.uid,
        )

    def of(self, student: str) -> Identity:
        """What is known of a student."""
        return self.identities.get(student, Identity())
