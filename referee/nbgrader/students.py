"""The students of the gradebook, and what formgrader calls them."""

from collections.abc import Iterable
from dataclasses import dataclass

from nbgrader.api import Gradebook, Student
from sqlalchemy import and_, case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from referee.nbgrader.course import Course

MAX_NAME = 128  # characters of a first or a last name in the gradebook
MARKUP = frozenset('<>&"')  # formgrader writes ids and names into pages and scripts as they are
STUDENTS = Student.__table__  # loading nbgrader's objects computes the scores of each, too


@dataclass(frozen=True)
class Person:
    """What the gradebook knows of a student; what it does not know is empty."""

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """`Last, First`; empty if nobody has given the student a name."""
        return ", ".join(filter(None, (self.last_name, self.first_name)))

    @property
    def full_name(self) -> str:
        """`First Last`; empty if nobody has given the student a name."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


def person(student: str, name: str, email: str) -> Person:
    """Somebody whose name is `Last, First` or `First Last`."""
    name = "".join(char for char in name if char.isprintable() and char not in MARKUP)
    last, comma, first = name.partition(",")
    if not comma:  # joined again it is the name, wherever it was split
        first, _, last = name.rpartition(" ")
    return Person(student, first.strip()[:MAX_NAME], last.strip()[:MAX_NAME], email)


def read_people(course: Course) -> list[Person]:
    """The students of the gradebook."""
    with course.gradebook(only_read=True) as gradebook:
        return _people(gradebook.db)


def full_names(gradebook: Gradebook) -> dict[str, str]:
    """The names of students, of those that have one."""
    return {each.student: each.full_name for each in _people(gradebook.db) if each.full_name}


def add_people(course: Course, people: Iterable[Person]) -> None:
    """Add students, and of those who are there what the gradebook does not know yet."""
    with course.gradebook() as gradebook:
        there = {each.student: each for each in _people(gradebook.db)}
        for new in people:
            old = there.get(new.student)
            if old is None:
                gradebook.db.execute(insert(STUDENTS), {"id": new.student})
                old = Person(new.student)
            named = old if old.name else new
            known = {
                "first_name": named.first_name,
                "last_name": named.last_name,
                "email": old.email or new.email or None,
            }
            gradebook.db.execute(update(STUDENTS).where(STUDENTS.c.id == new.student), known)
        name_by_id(gradebook.db)
        gradebook.db.commit()


def name_by_id(db: Session) -> None:
    """Call students without a name by their ids: formgrader would say "None, None".

    The id stands in the column of the last name, and the first name is empty. The caller commits.
    """
    first, last = (func.coalesce(STUDENTS.c[name], "") for name in ("first_name", "last_name"))
    nameless = and_(first == "", last == "")
    incomplete = or_(STUDENTS.c.first_name.is_(None), STUDENTS.c.last_name.is_(None), nameless)
    names = {"first_name": first, "last_name": case((nameless, STUDENTS.c.id), else_=last)}
    db.execute(update(STUDENTS).where(incomplete).values(names))


def _people(db: Session) -> list[Person]:
    """All students, less the names that are their ids."""
    columns = ("id", "first_name", "last_name", "email", "lms_user_id")
    rows = db.execute(select(*(STUDENTS.c[name] for name in columns)).order_by(STUDENTS.c.id))
    people = (Person(*(value or "" for value in row)) for row in rows)
    return [
        Person(each.student, "", "", each.email, each.lms_id)
        if each.full_name == each.student
        else each
        for each in people
    ]
