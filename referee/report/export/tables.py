"""Marks as a table for people and their spreadsheets: CSV, XLSX, and the layout of Gradescope.

What students have chosen, like their names, could begin like a formula, which a spreadsheet would
compute. In CSV it gets an apostrophe; in XLSX it is text, and says so.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter

from referee.model.outcomes import Outcome
from referee.record.markings import markings_of
from referee.report.export.students import Students
from referee.report.marks import Marks

Cell = str | float | None
Table = list[list[Cell]]
# At the beginning, and behind what a spreadsheet in another country takes for the end of a cell.
FORMULA = re.compile(r"(^\s*|[;,|\t\r\n]\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
DECIMALS = 4
CREATED = datetime(1980, 1, 1)


def marks_table(marks: Sequence[Marks], students: Students, by_question: bool) -> Table:
    """A row for each student, whether there is a submission or not, and a header."""
    header: list[Cell] = [
        "student", "name", "email", "status", "total", "max", "to be marked", "late penalty",
        "marked by hand",
    ]  # fmt: skip
    if by_question and marks:
        header += [
            f"{mark.label} {mark.title} ({mark.max_score:g})"
            for mark in marks[0].questions.values()
        ]
    return [header, *(_row(each, students, by_question) for each in marks)]


def _row(marks: Marks, students: Students, by_question: bool) -> list[Cell]:
    who = students.of(marks.student)
    row: list[Cell] = [
        marks.student,
        who.name,
        who.email,
        marks.status,
        rounded(marks.score),
        rounded(marks.max_score),
        rounded(marks.to_be_marked),
        rounded(marks.late_penalty),
        _by_hand(marks, students),
    ]
    return [*row, *_points(marks, by_question)]


def _by_hand(marks: Marks, students: Students) -> str:
    """The questions that a human has marked, and by whom, when and why, where the log knows it."""
    given: dict[str, list[str]] = {
        mark.label: [] for mark in marks.questions.values() if mark.by_hand
    }
    for marking in markings_of(students.markings, marks.student):
        given.setdefault(marking.question, []).append(marking.in_words())
    return "; ".join(": ".join([label, *said]) for label, said in given.items())


def gradescope_table(marks: Sequence[Marks], students: Students, by_question: bool) -> Table:
    """The marks in the columns in which Gradescope exports its own."""
    header: list[Cell] = [
        "Name", "SID", "Email", "Total Score", "Max Points", "Status", "Submission ID",
        "Submission Time",
    ]  # fmt: skip
    if by_question and marks:
        header += [
            f"{mark.label}: {mark.title} ({mark.max_score:g} pts)"
            for mark in marks[0].questions.values()
        ]
    rows: Table = []
    for each in marks:
        who, record = students.of(each.student), students.records.get(each.student)
        is_here = record is not None and record.platform == "Gradescope"
        row: list[Cell] = [
            who.name,
            who.id or each.student,
            who.email,
            rounded(each.score),
            rounded(each.max_score),
            _gradescope_status(each),
            str(record.attempt) if record and is_here else "",
            record.time if record and is_here else "",
        ]
        rows.append([*row, *_points(each, by_question)])
    return [header, *rows]


def _points(marks: Marks, by_question: bool) -> list[Cell]:
    return [rounded(mark.score) for mark in marks.questions.values()] if by_question else []


def _gradescope_status(marks: Marks) -> str:
    if marks.to_be_marked:
        return "Ungraded"
    if marks.score is not None:
        return "Graded"
    return "Missing" if marks.status == Outcome.MISSING else "Ungraded"


def rounded(points: float | None) -> float | None:
    """Points without the last digits of a computer's fractions."""
    return None if points is None else round(float(points), DECIMALS)


def as_csv(table: Table) -> bytes:
    """A table as CSV, which spreadsheets know to be UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in table:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\1'", text)


def as_xlsx(table: Table, title: str) -> bytes:
    """A table as an Excel workbook with one sheet."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": CREATED})  # or it is now: same marks, same file
        sheet = workbook.add_worksheet(NOT_IN_SHEET_NAMES.sub("_", title)[:31])
        bold = workbook.add_format({"bold": True})
        for number, row in enumerate(table):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell, None if number else bold)
                elif cell is not None:
                    sheet.write_number(number, place, cell)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(table) - 1, len(table[0]) - 1)
        sheet.autofit()
    return content.getvalue()
