"""Filling in the files that Canvas and Moodle have made for marks.

Only the cells with marks change. All else stays as it is, since the platform reads it again.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from referee.collect.people import (
    AmbiguousError,
    CsvTable,
    Identity,
    column_places,
    identity_in,
    read_table,
)
from referee.errors import RefereeError
from referee.report.export.students import Students
from referee.report.export.tables import rounded
from referee.report.marks import Marks

CANVAS = {
    "name": ("student",),
    "uid": ("id",),
    "id": ("sis user id",),
    "login": ("sis login id",),
}
# In English, German, French, Spanish, Italian, Dutch and Portuguese.
MOODLE = {
    "uid": ("identifier", "id", "identifiant", "identificador", "identificatore", "identificatie"),
    "name": (
        "full name", "vollständiger name", "nom complet", "nombre completo", "nombre",
        "cognome nome", "volledige naam", "nome completo",
    ),
    "id": ("id number", "id-nummer", "número de id"),
    "login": ("username", "anmeldename", "nombre de usuario"),
    "email": (
        "email address", "e-mail-adresse", "adresse de courriel", "dirección de correo",
        "indirizzo email", "e-mailadres", "endereço de email",
    ),
    "grade": (
        "grade", "bewertung", "note", "calificación", "valutazione", "voto", "cijfer", "nota",
    ),
    "maximum": (
        "maximum grade", "höchste bewertung", "bestwertung", "note maximale",
        "calificación máxima", "valutazione massima", "maximumcijfer",
    ),
}  # fmt: skip
IDENTITY = {"uid", "id", "login", "email", "name"}
PARTICIPANT = re.compile(r"\D*(\d+)\s*")
NUMBER_OF_CANVAS = re.compile(r"\s*\(\d+\)\s*$")
POINTS_POSSIBLE = "points possible"
TEST_STUDENT = "student, test"


@dataclass
class Worksheet:
    """A platform's file, where marks go in it, and whom its rows are about.

    `people` are by the number of the row. `maximum` is what the platform gives at most, if it says.
    """

    table: CsvTable
    place: int
    people: dict[int, Identity]
    maximum: float | None = None
    decimal_comma: bool = False


@dataclass
class Filled:
    """What came of filling in: how many marks, and who has none in the file, and why."""

    filled: int = 0
    not_matched: list[tuple[str, str]] = field(default_factory=list)
    without_row: list[str] = field(default_factory=list)
    without_marks: list[tuple[str, str]] = field(default_factory=list)
    to_be_marked: list[str] = field(default_factory=list)
    too_high: list[str] = field(default_factory=list)


def read_canvas(path: Path, assignment: str, column: str = "") -> Worksheet:
    """A gradebook as Canvas exports it.

    Raises:
        RefereeError: it is none, or it is not clear which column is the assignment's.

    """
    table = read_table(path)
    places = column_places(table.header, CANVAS)
    if not {"name", "uid"} <= places.keys():
        raise _not_theirs(path, "Student and ID", "Canvas (Grades, Export)", table)
    wanted = column or assignment
    named = [
        place
        for place, name in enumerate(table.header)
        if place not in places.values()
        and _letters(wanted) in (_letters(name), _letters(NUMBER_OF_CANVAS.sub("", name)))
    ]
    place = _only_column(path, named, wanted, table)
    sheet = Worksheet(table, place, {})
    for number, row in enumerate(table.rows):
        _fill_up(row, len(table.header))
        who = identity_in(row, places)
        if who.name.lower() == POINTS_POSSIBLE:
            sheet.maximum = _number(row[place])
        elif who.uid and who.name.lower() != TEST_STUDENT:
            sheet.people[number] = who
    return sheet


def read_moodle(path: Path, column: str = "") -> Worksheet:
    """A grading worksheet as Moodle exports it.

    Raises:
        RefereeError: it is none.

    """
    table = read_table(path)
    places = column_places(table.header, MOODLE)
    if column:
        named = [
            place for place, name in enumerate(table.header) if _letters(name) == _letters(column)
        ]
        places["grade"] = _only_column(path, named, column, table)
    if not {"uid", "grade"} <= places.keys():
        raise _not_theirs(
            path, "Identifier and Grade", "Moodle (Download grading worksheet)", table
        )
    maxima, sheet = [], Worksheet(table, places["grade"], {})
    for number, row in enumerate(table.rows):
        _fill_up(row, len(table.header))
        who = identity_in(row, {kind: at for kind, at in places.items() if kind in IDENTITY})
        if found := PARTICIPANT.fullmatch(who.uid):
            who = Identity(who.id, who.login, who.email, who.name, found[1])
            sheet.people[number] = who
        maxima.append(row[places["maximum"]] if "maximum" in places else "")
        sheet.decimal_comma |= "," in maxima[-1] or "," in row[sheet.place]
    sheet.maximum = _number(maxima[0]) if maxima else None
    return sheet


def fill_in(
    sheet: Worksheet, marks: Sequence[Marks], students: Students, partial: bool = False
) -> Filled:
    """Write marks into the rows of those whose they are.

    Of students with points that a human has yet to give, nothing is written, or with `partial` what
    is marked so far. Rows of students without marks stay as they are.
    """
    result = Filled()
    by_student = {each.student: each for each in marks}
    rows = _rows_of_students(sheet, students, result)
    for student, number in rows.items():
        mine = by_student.get(student)
        if mine is None or mine.score is None:
            result.without_marks.append((student, mine.status if mine else "not in the gradebook"))
            continue
        if mine.to_be_marked:
            result.to_be_marked.append(student)
            if not partial:
                continue
        if sheet.maximum is not None and mine.score > sheet.maximum:
            result.too_high.append(student)
        sheet.table.rows[number][sheet.place] = _written(mine.score, sheet.decimal_comma)
        result.filled += 1
    result.without_row = [each.student for each in marks if each.student not in rows]
    return result


def _rows_of_students(sheet: Worksheet, students: Students, result: Filled) -> dict[str, int]:
    """The row of each student; two rows that fit one student are nobody's."""
    found: list[tuple[str, int]] = []
    for number, who in sheet.people.items():
        try:
            student = students.people.find(who)
        except AmbiguousError as reason:
            result.not_matched.append((str(who), str(reason)))
            continue
        if student is None:
            result.not_matched.append((str(who), "nobody is known by this id, e-mail or name"))
        else:
            found.append((student, number))
    same = Counter(student for student, _ in found)
    for student, number in found:
        if same[student] > 1:
            result.not_matched.append((str(sheet.people[number]), f"two rows seem to be {student}"))
    return {student: number for student, number in found if same[student] == 1}


def _not_theirs(path: Path, columns: str, platform: str, table: CsvTable) -> RefereeError:
    return RefereeError(
        f"{path} is not a file of {platform}: it has no columns {columns}. Its first line is: "
        f"{', '.join(table.header)}."
    )


def _only_column(path: Path, named: list[int], wanted: str, table: CsvTable) -> int:
    if len(named) != 1:
        number = "several columns" if named else "no column"
        raise RefereeError(
            f"{path} has {number} {wanted!r}. Name the one for the marks with --column; there are: "
            f"{', '.join(table.header)}."
        )
    return named[0]


def _fill_up(row: list[str], length: int) -> None:
    row += [""] * (length - len(row))


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _written(points: float, decimal_comma: bool) -> str:
    text = f"{rounded(points):.12g}"
    return text.replace(".", ",") if decimal_comma else text
