"""A teacher's desk: a class of which some read the same sentence, and short ways to mark them."""

import csv
import sqlite3
from pathlib import Path
from typing import Any

from referee.marking.mark import Marked, TakenBack, mark_group, take_back
from referee.marking.plan import Gift
from referee.nbgrader.course import Course
from referee.report.class_report import ClassReport, read_class
from referee.report.export.run import Form, export
from referee.report.tables import make_console
from tests.support.classes import FRACTION, WHOLE, make_class, record, result
from tests.support.toy import NAME, ToyCourse

HALF = {"double-hidden": WHOLE, "halve-hidden": FRACTION}
COMMENT, WHY = "Look at the factor.", "the test is too strict"


def make_class_to_mark(root: Path) -> ToyCourse:
    """A class of which bob, cyd and eve read WHOLE; nobody has marked anything but ada's words."""
    toy = make_class(root)
    record(
        toy,
        result("ada"),
        result("bob", {"double-hidden": WHOLE}),
        result("cyd", HALF),
        result("eve", {"double-hidden": WHOLE, "double-visible": WHOLE}),
        explained={"ada": 3},
    )
    return toy


class Desk:
    """A teacher's desk: the course, and short ways to mark, take back and look."""

    def __init__(self, toy: ToyCourse) -> None:
        self.toy = toy
        self.course = Course.open(toy.root)

    def report(self) -> ClassReport:
        return read_class(self.course, NAME)

    def group(self, message: str = WHOLE) -> str:
        """The id of the group with this message."""
        groups = [group for each in self.report().questions for group in each.groups]
        (found,) = (group.id for group in groups if group.message == message)
        return found

    def mark(self, points: str = "", comment: str = "", **more: Any) -> Marked:
        dry_run, group = more.pop("dry_run", False), more.pop("group", "") or self.group()
        gift = Gift(points, comment, "Grace", WHY, **more)
        return mark_group(self.course, self.report(), group, gift, dry_run=dry_run)

    def undo(self, number: int = 1, **more: Any) -> TakenBack:
        return take_back(self.course, NAME, number, "Grace", "", **more)

    def grade(self, student: str, cell: str = "double-hidden") -> dict[str, Any]:
        """A grade as formgrader gets it, and its score."""
        with self.toy.gradebook() as gradebook:
            found = gradebook.find_grade(cell, NAME, NAME, student)
            return found.to_dict() | {"score": found.score}

    def comment(self, student: str, cell: str = "double") -> str | None:
        """A comment as formgrader gets it."""
        with self.toy.gradebook() as gradebook:
            found = gradebook.find_comment(cell, NAME, NAME, student).to_dict()["manual_comment"]
        return None if found is None else str(found)

    def give(self, student: str, points: float | None, comment: str | None = None) -> None:
        """Give points and a comment as formgrader does."""
        with self.toy.gradebook() as gradebook:
            grade = gradebook.find_grade("double-hidden", NAME, NAME, student)
            grade.manual_score, grade.needs_manual_grade = points, False
            gradebook.find_comment("double", NAME, NAME, student).manual_comment = comment
            gradebook.db.commit()

    def rows(self) -> list[tuple[Any, ...]]:
        """All that the gradebook has of grades and comments."""
        with sqlite3.connect(self.toy.root / "gradebook.db") as db:
            tables = ("grade", "comment")
            return [row for name in tables for row in db.execute(f"select * from {name}")]

    def csv(self) -> dict[str, dict[str, str]]:
        """The rows of `referee export --csv --by-question`, by student."""
        path = self.toy.root / f"{NAME}.csv"
        export(self.course, NAME, Form(csv=True, by_question=True, output=path), make_console())
        with path.open(encoding="utf-8-sig") as file:
            return {row["student"]: row for row in csv.DictReader(file)}
