"""The students of a course, as a CSV file lists them: a roster, or a file of Canvas or Moodle."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from referee.collect.people import Identity, own_name
from referee.collect.sheets import sheet_of
from referee.collect.tables import CsvTable, column_places, identity_in, read_table
from referee.errors import RefereeError
from referee.text import Spellings, in_nfc


@dataclass(frozen=True)
class Roster:
    """The students of a course by id, and who else is listed, but without id, login and e-mail."""

    students: dict[str, Identity]
    without_id: list[str]


def read_roster(path: Path, known: Iterable[str] = ()) -> Roster:
    """The students of a CSV file, by the id that they have in the course.

    The columns are found by their usual names (COLUMNS). A student's id in the course is the id,
    or else the login, or else the e-mail. A gradebook of Canvas and a grading worksheet of Moodle
    are rosters too; who has none of these there is called what `collect` calls them without a
    roster. Students of the course, `known`, are called as they are there, accents and all.

    Raises:
        RefereeError: it cannot be read, or has no such columns, or an id twice.

    """
    table = read_table(path)
    read = sheet_of(table)
    people = (who for _, who in read(table)) if read else _rows(path, table)
    spellings = Spellings(known)
    found: dict[str, Identity] = {}
    without_id = []
    for who in people:
        student = own_name(who) if read else in_nfc(who.id or who.login or who.email)
        student = spellings.of(student)
        if student in found:
            raise RefereeError(f"{path} has {student!r} twice. Keep one of the two lines.")
        if student:
            found[student] = who
        elif who != Identity():
            without_id.append(str(who))
    return Roster(found, without_id)


def _rows(path: Path, table: CsvTable) -> Iterator[Identity]:
    places = column_places(table.header)
    if not places.keys() & {"id", "login", "email"}:
        raise RefereeError(
            f"{path} has no column id, login or email; its first line is: "
            f"{', '.join(table.header)}. Give the columns such names."
        )
    yield from (identity_in(row, places) for row in table.rows)
