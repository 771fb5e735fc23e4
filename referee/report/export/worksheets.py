"""Filling in the files that Canvas and Moodle have made for marks.

Only the cells with marks change. All else stays as it is, since the platform reads it again.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from referee.collect.people import AmbiguousError, Identity
from referee.collect.sheets import (
    CANVAS,
    POINTS_POSSIBLE,
    is_canvas,
    moodle_places,
    people_of_canvas,
    people_of_moodle,
)
from referee.collect.tables import CsvTable, column_places, read_table
from referee.errors import RefereeError
from referee.report.export.students import Students
from referee.report.export.tables import rounded
from referee.report.marks import Marks

MARKS = ("grade", "maximum")
EXCUSED = "EX"  # what Canvas has in place of a mark; a mark there would take it back
READ_ONLY = "(read only)"  # what Canvas says in place of the maximum
NUMBER_OF_CANVAS = re.compile(r"\s*\(\d+\)\s*$")


@dataclass
class Worksheet:
    """A platform's file, where marks go in it, and its rows with whom they are about.

    `maximum` is what the platform gives at most, if it says.
    """

    table: CsvTable
    place: int
    people: list[tuple[list[str], Identity]]
    maximum: float | None = None
    decimal_comma: bool = False


@dataclass
class Filled:
    """What came of filling in: how many marks, and who has none in the file, and why.

    `without_row` are students with marks.
    """

    filled: int = 0
    not_matched: list[tuple[str, str]] = field(default_factory=list)
    without_row: list[str] = field(default_factory=list)
    without_marks: list[tuple[str, str]] = field(default_factory=list)
    to_be_marked: list[str] = field(default_factory=list)
    too_high: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    replaced: list[tuple[str, str, str]] = field(default_factory=list)  # with both marks

    @property
    def all_placed(self) -> bool:
        """Whether each row is a student's, and each student with marks has a row."""
        return not (self.not_matched or self.without_row)


def read_canvas(path: Path, assignment: str, column: str = "") -> Worksheet:
    """A gradebook as Canvas exports it.

    Raises:
        RefereeError: it is none, or it is not clear which column is the assignment's.

    """
    table = read_table(path)
    places = column_places(table.header, CANVAS)
    if not is_canvas(places):
        raise _not_theirs(path, "Student and ID", "Canvas (Grades, Export)", table)
    wanted = column or assignment
    named = [
        place
        for place, name in enumerate(table.header)
        if place not in places.values()
        and _letters(wanted) in (_letters(name), _letters(NUMBER_OF_CANVAS.sub("", name)))
    ]
    place = _only_column(path, named, wanted, table)
    name = places["name" if "name" in places else "last"]
    maximum = next((row[place] for row in table.rows if _is_points_possible(row[name])), "")
    if maximum.strip().lower() == READ_ONLY:
        raise RefereeError(
            f"{path} says that the column {table.header[place]!r} is read-only: Canvas does not "
            "import it. Name the assignment's own column with --column."
        )
    return Worksheet(table, place, list(people_of_canvas(table)), _number(maximum))


def read_moodle(path: Path, column: str = "") -> Worksheet:
    """A grading worksheet as Moodle exports it.

    Raises:
        RefereeError: it is none.

    """
    table = read_table(path)
    places = moodle_places(table)
    if column:
        named = [
            place for place, name in enumerate(table.header) if _letters(name) == _letters(column)
        ]
        places["grade"] = _only_column(path, named, column, table)
    if not {"uid", "grade"} <= places.keys():
        raise _not_theirs(
            path, "Identifier and Grade", "Moodle (Download grading worksheet)", table
        )
    numbers = [row[places[kind]] for row in table.rows for kind in MARKS if kind in places]
    maxima = [row[places["maximum"]] for row in table.rows if "maximum" in places]
    return Worksheet(
        table,
        places["grade"],
        list(people_of_moodle(table)),
        _number(maxima[0]) if maxima else None,
        decimal_comma=any("," in number for number in numbers),
    )


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
    for student, row in rows.items():
        mine = by_student.get(student)
        if mine is None or mine.score is None:
            result.without_marks.append((student, mine.status if mine else "not in the gradebook"))
            continue
        if row[sheet.place].strip().upper() == EXCUSED:
            result.excused.append(student)
            continue
        if mine.to_be_marked:
            result.to_be_marked.append(student)
            if not partial:
                continue
        if sheet.maximum is not None and mine.score > sheet.maximum:
            result.too_high.append(student)
        before, row[sheet.place] = row[sheet.place], _written(mine.score, sheet.decimal_comma)
        if (was := _number(before)) is not None and was != _number(row[sheet.place]):
            result.replaced.append((student, before.strip(), row[sheet.place]))
        result.filled += 1
    result.without_row = [
        each.student for each in marks if each.score is not None and each.student not in rows
    ]
    return result


def _rows_of_students(sheet: Worksheet, students: Students, result: Filled) -> dict[str, list[str]]:
    """The row of each student; two rows that fit one student are nobody's."""
    found: list[tuple[str, Identity, list[str]]] = []
    for row, who in sheet.people:
        try:
            student = students.people.find(who)
        except AmbiguousError as reason:
            result.not_matched.append((str(who), str(reason)))
            continue
        if student is None:
            result.not_matched.append((str(who), "nobody is known by this id, e-mail or name"))
        else:
            found.append((student, who, row))
    same = Counter(student for student, _, _ in found)
    for student, who, _ in found:
        if same[student] > 1:
            result.not_matched.append((str(who), f"two rows seem to be {student}"))
    return {student: row for student, _, row in found if same[student] == 1}


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


def _is_points_possible(name: str) -> bool:
    return name.strip().lower() == POINTS_POSSIBLE


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
