"""The report for the teacher as a page: one file, in the look of the feedback pages."""

import os
import shlex
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup, escape

from referee.feedback.look import page_environment
from referee.nbgrader.course import Course
from referee.record.disk import replace_file
from referee.record.markings import taken_back
from referee.report.class_report import SMALL_CLASS, ClassReport
from referee.report.items import BANDS, alpha_band
from referee.report.messages import Group
from referee.report.places import place_of_page
from referee.text import printable_line

FOLDER = Path(__file__).parent / "template"
MAX_MESSAGE = 600  # characters of a sentence


def write_report(course: Course, report: ClassReport, path: Path | None = None) -> Path:
    """Write the page, to report/ASSIGNMENT.html of the course unless said otherwise.

    Raises:
        RefereeError: students could get what is written there, or there is no such folder.

    """
    path = place_of_page(course, path, report.assignment, "names and marks of all students")
    page = rendered_report(report, Links(course, report.assignment, path.absolute().parent))
    replace_file(path, page.encode(errors="replace"), path.with_suffix(".unfinished"))
    return path


class Links:
    """Links from a page in a folder to the files of students, as far as there are such files."""

    def __init__(self, course: Course, assignment: str, folder: Path) -> None:
        self._course = course
        self._assignment = assignment
        self._folder = folder

    def notebook(self, student: str, notebook: str) -> str:
        """The link to an executed notebook, or nothing."""
        return self._link(self._course.directory.autograded_directory, student, f"{notebook}.ipynb")

    def page(self, student: str, notebook: str, label: str) -> str:
        """The link to a question on a feedback page, or nothing."""
        directory = self._course.directory.feedback_directory
        link = self._link(directory, student, f"{notebook}.html")
        return f"{link}#{quote(label)}" if link else ""

    def similar(self) -> str:
        """The link to the page about similar code, or nothing."""
        return self._to(self._course.reports / f"{self._assignment}-similar.html")

    def _link(self, step: str, student: str, name: str) -> str:
        return self._to(self._course.path(step, student, self._assignment) / name)

    def _to(self, path: Path) -> str:
        if not path.is_file():
            return ""
        # Beginning with a dot, it is no address of another kind, whatever a folder is called.
        relative = os.path.relpath(path, self._folder)
        return quote(relative if relative.startswith(".") else f"./{relative}")


def rendered_report(report: ClassReport, links: Links) -> str:
    """The page."""

    def name(student: str) -> Markup:
        """A student's full name and ID; neither can turn the direction of what follows."""
        shown = report.names.get(student, "")
        text = f"{shown} ({student})" if shown else student
        return Markup(f"<bdi>{escape(printable_line(text))}</bdi>")

    page: str = (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            links=links,
            name=name,
            bands=BANDS,
            gone=taken_back(report.markings),
            small_class=SMALL_CLASS,
            label=f"{report.assignment}: report for teachers",
        )
    )
    return page


@cache
def _environment() -> Environment:
    return page_environment(
        FOLDER,
        "report.css",
        band=alpha_band,
        command=_command,
        correlation=_correlation,
        line=printable_line,
        message=_message,
        share=lambda share: f"{share:.0%}",
    )


def _message(text: str) -> str:
    """A sentence as a student reads it, with its lines, unless it is very long."""
    lines = "\n".join(map(printable_line, text.expandtabs(4).split("\n")))
    return lines if len(lines) <= MAX_MESSAGE else f"{lines[:MAX_MESSAGE]} …"


def _command(group: Group, assignment: str) -> str:
    """What a teacher can copy into a terminal: it says who would get what."""
    return f"referee mark {shlex.quote(assignment)} {group.id} --points back --why TEXT --dry-run"


def _correlation(value: float) -> str:
    """Two digits, with a minus that is as wide as a digit."""
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
