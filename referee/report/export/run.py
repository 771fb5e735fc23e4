"""Exporting an assignment's marks or pages, and saying who is not in the file."""

import shlex
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.report.export.feedback_zip import find_pages, write_feedback_zip
from referee.report.export.students import Students
from referee.report.export.tables import (
    Table,
    as_csv,
    as_xlsx,
    gradescope_table,
    marks_table,
)
from referee.report.export.worksheets import Filled, Worksheet, fill_in, read_canvas, read_moodle
from referee.report.marks import Marks, read_marks
from referee.report.places import require_teachers_place
from referee.report.tables import print_look_again, say

Written = TypeVar("Written")
PLATFORMS = {"canvas": "Canvas", "moodle": "Moodle", "ilias": "ILIAS"}
WHO_IS_WHO = (
    "Say who is who with --roster FILE.csv: a line for each student with the id here, and what the "
    "platform's file has of them (uid, email or name). Or enter these marks on the platform. "
    "Whoever has handed in nothing and is in no roster is not known either."
)


@dataclass(frozen=True)
class Form:
    """What to export, and how: exactly one of the first six."""

    canvas: Path | None = None
    moodle: Path | None = None
    gradescope: bool = False
    csv: bool = False
    xlsx: bool = False
    feedback_zip: str | None = None
    by_question: bool = False
    partial: bool = False
    column: str = ""
    roster: Path | None = None
    output: Path | None = None

    def require_one(self) -> None:
        """Refuse none or several forms.

        Raises:
            RefereeError: it is not exactly one.

        """
        asked = (
            self.canvas,
            self.moodle,
            self.gradescope,
            self.csv,
            self.xlsx,
            self.feedback_zip,
        )
        if sum(map(bool, asked)) != 1:
            raise RefereeError(
                "say one form to export to: --canvas TEMPLATE.csv, --moodle WORKSHEET.csv, "
                "--gradescope, --csv, --xlsx or --feedback-zip moodle|canvas|ilias."
            )


def export(course: Course, assignment: str, form: Form, console: Console) -> bool:
    """Write the file, and say who is not in it and what is not final.

    Returns whether everybody has a place in it: each row, mark or page is somebody's.

    Raises:
        RefereeError: the form or a file is not one that can be used.

    """
    form.require_one()
    if form.feedback_zip is not None:
        return _export_pages(course, assignment, form, PLATFORMS[form.feedback_zip], console)
    marks = read_marks(course, assignment)
    if all(each.score is None for each in marks):
        say(
            console,
            f"Nobody has marks yet: `referee grade {shlex.quote(assignment)}` gives them.",
            "yellow",
        )
    print_look_again(console, marks)
    if form.canvas is not None:
        sheet = read_canvas(form.canvas, assignment, form.column)
        return _export_worksheet(course, assignment, form, "canvas", sheet, marks, console)
    if form.moodle is not None:
        sheet = read_moodle(form.moodle, form.column)
        return _export_worksheet(course, assignment, form, "moodle", sheet, marks, console)
    return _export_table(course, assignment, form, marks, console)


def _export_worksheet(
    course: Course,
    assignment: str,
    form: Form,
    platform: str,
    sheet: Worksheet,
    marks: list[Marks],
    console: Console,
) -> bool:
    students = Students(course, assignment, PLATFORMS[platform], form.roster)
    filled = fill_in(sheet, marks, students, form.partial)
    path = form.output or Path(f"{assignment}-{platform}.csv")
    _write(course, path, ".csv", lambda place: place.write_bytes(sheet.table.content()))
    say(console, f"Written: {path}. Students with marks in it: {filled.filled}")
    _print_gaps(console, filled, form.partial)
    if not filled.all_placed:
        say(console, WHO_IS_WHO, "yellow")
    most = marks[0].max_score if marks else 0.0
    if sheet.maximum is not None and sheet.maximum != most:
        say(
            console,
            f"{PLATFORMS[platform]} has a maximum of {sheet.maximum:g} points, the assignment one "
            f"of {most:g}. Points are not scaled: set the maximum there to {most:g}.",
            "yellow",
        )
    return filled.all_placed


def _print_gaps(console: Console, filled: Filled, partial: bool) -> None:
    """Say whose marks are not in the file, or are not final."""
    if filled.to_be_marked:
        what = "what is marked so far is in the file" if partial else "left out; --partial"
        names = ", ".join(filled.to_be_marked)
        say(console, f"A human has yet to mark ({what}): {names}", "yellow")
    for who, why in filled.not_matched:
        say(console, f"Not matched: {who}: {why}", "yellow")
    for student, status in filled.without_marks:
        say(console, f"Without marks: {student}: {status}", "yellow")
    if filled.without_row:
        names = ", ".join(filled.without_row)
        say(console, f"Has marks and is not in the file: {names}", "yellow")
    if filled.excused:
        names = ", ".join(filled.excused)
        say(console, f"Excused in the file, which stays so: {names}", "yellow")
    for student, before, now in filled.replaced:
        say(console, f"Replaces another mark of the file: {student}: {before}, now {now}", "yellow")
    if filled.too_high:
        names = ", ".join(filled.too_high)
        say(console, f"More than the platform's maximum, which may skip it: {names}", "yellow")


def _export_table(
    course: Course, assignment: str, form: Form, marks: list[Marks], console: Console
) -> bool:
    students = Students(course, assignment, "Gradescope", form.roster)
    make = gradescope_table if form.gradescope else marks_table
    table: Table = make(marks, students, form.by_question)
    ending = "xlsx" if form.xlsx else "csv"
    name = f"{assignment}-gradescope" if form.gradescope else assignment
    path = form.output or Path(f"{name}.{ending}")
    if form.xlsx:
        _write(course, path, ".xlsx", lambda place: place.write_bytes(as_xlsx(table, assignment)))
    else:
        _write(course, path, ".csv", lambda place: place.write_bytes(as_csv(table)))
    say(console, f"Written: {path}. Students in it: {len(marks)}")
    if waiting := [each.student for each in marks if each.to_be_marked]:
        say(console, f"Not final, a human has yet to mark: {', '.join(waiting)}", "yellow")
    if strangers := sorted(students.listed - {each.student for each in marks}):
        say(
            console,
            f"In {form.roster}, and nobody of the course, so not in the table: "
            f"{', '.join(strangers)}. Correct their ids there, or add them to the course: "
            "`nbgrader db student add ID`.",
            "yellow",
        )
    return not strangers


def _export_pages(
    course: Course, assignment: str, form: Form, platform: str, console: Console
) -> bool:
    feedback = course.root / course.directory.feedback_directory
    if not find_pages(course, assignment):
        raise RefereeError(
            f"there is no feedback page in {feedback}/*/{assignment}. Run `referee grade "
            f"{shlex.quote(assignment)}` first."
        )
    path = form.output or Path(f"{assignment}-feedback-{form.feedback_zip}.zip")
    students = Students(course, assignment, platform, form.roster)
    written = _write(
        course,
        path,
        ".zip",
        lambda place: write_feedback_zip(course, assignment, platform, students, place),
    )
    say(console, f"Written: {path}. Students with pages in it: {written.students}")
    if written.without_name:
        names = ", ".join(written.without_name)
        say(
            console,
            f"Not collected from {platform}, so that their pages have no name there and are not "
            f"in the zip: {names}. Collect {platform}'s archive with `referee collect`, or send "
            f"them what is in {course.directory.feedback_directory}/STUDENT/{assignment}.",
            "yellow",
        )
    return not written.without_name


def _write(course: Course, path: Path, suffix: str, write: Callable[[Path], Written]) -> Written:
    """Write a file as a whole, or leave the one that is there as it is.

    What is no file, such as /dev/stdout, is written to, and not replaced.

    Raises:
        RefereeError: it cannot be written, or should not: it is of the course, or students get it.

    """
    is_file = not path.is_symlink() and (path.is_file() or not path.exists())
    if path.is_file() or not path.exists():
        require_teachers_place(course, path, suffix, "marks or pages of all students")
    place = path.with_name(f"{path.name}.unfinished") if is_file else path
    try:
        written = write(place)
        if place != path:
            place.replace(path)
        return written
    except OSError as error:
        if place != path:
            with suppress(OSError):
                place.unlink()
        raise RefereeError(
            f"{path} cannot be written: {error.strerror}. Choose another file with -o."
        ) from None
