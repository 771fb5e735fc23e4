"""Writing a student's feedback page: their own work and the author's words, no hidden test.

A page is made of an executed notebook and of marks, and takes no kernel. It ends with a stamp: what
it was made of, so that a page which is out of date can be recognised.
"""

import hashlib
import html
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades
from traitlets.utils.importstring import import_item

from referee import __version__
from referee.feedback.exporter import FeedbackExporter, with_policy
from referee.feedback.hide import describe_pictures, hide_tests, keep_formatting_short
from referee.judge.verdict import Verdict
from referee.model.assignment import AssignmentNotebook
from referee.model.work import NotebookMarks, ShownMarks
from referee.nbgrader.course import Course
from referee.text import name_of

# What of nbgrader_config.py makes a difference to pages, and not to marks.
SECTIONS = ("GenerateFeedback", "HTMLExporter", "FeedbackExporter", "TemplateExporter")
STAMP = "<!-- made of {} -->\n"
STAMP_LENGTH = len(STAMP.format("0" * 64))


class FeedbackPages:
    """Writes the pages of a course with its template, as GenerateFeedback does.

    `look` says what pages are made with, the same on all machines; see page_look.
    """

    def __init__(self, course: Course, look: str) -> None:
        self._look = look
        converter = GenerateFeedback(coursedir=course.directory, parent=course.app)
        self._exporter = _exporter(converter)
        for step in converter.preprocessors:
            kind = import_item(step) if isinstance(step, str) else step
            if not issubclass(kind, GetGrades) and not kind.__module__.startswith("referee."):
                self._exporter.register_preprocessor(kind, enabled=True)

    def page(self, nb: NotebookNode, notebook: AssignmentNotebook, marks: ShownMarks) -> bytes:
        """The page of an executed notebook; the notebook stays as it is."""
        shown, name = nbformat.from_dict(nb), notebook.name
        hide_tests(shown, notebook)
        keep_formatting_short(shown)
        describe_pictures(shown)
        score, max_score = _put_marks(shown, marks)
        resources = {
            "metadata": {"name": name},
            "unique_key": name,
            "output_files_dir": f"{name}_files",
            "nbgrader": {
                "notebook": name,
                "score": score - marks.late_penalty,
                "max_score": max_score,
                "late_penalty": marks.late_penalty,
            },
        }
        page, _ = self._exporter.from_notebook_node(shown, resources)
        return self._stamped(with_policy(page), marks)

    def plain_page(
        self, nb: NotebookNode, notebook: AssignmentNotebook, marks: ShownMarks
    ) -> bytes:
        """A page with the marks and the verdicts as text, for a notebook that cannot be shown."""
        shown, name = nbformat.from_dict(nb), notebook.name
        hide_tests(shown, notebook)
        score, max_score = _put_marks(shown, marks)
        lines = [f"{name}: {score - marks.late_penalty:g} of {max_score:g} points"]
        if marks.late_penalty:
            lines.append(f"Late: {marks.late_penalty:g} points less")
        for cell in shown.cells:
            about = cell.metadata.get("nbgrader", {})
            if "points" in about:
                lines.append(f"{about.grade_id}: {about.score:g} of {about.points:g}")
                lines += [
                    f"    {Verdict.read(output).for_student}"
                    for output in cell.get("outputs", ())
                    if output.output_type == "error"
                ]
            if about.get("comment"):
                lines.append(f"{about.grade_id}: {about.comment}")
        text = html.escape("\n".join(lines))
        page = f"<!DOCTYPE html>\n<meta charset=utf-8>\n<title>{html.escape(name)}</title>\n"
        return self._stamped(f"{page}<pre>{text}</pre>", marks)

    def is_current(self, page: Path, marks: ShownMarks) -> bool:
        """Whether a page was made of these marks, with this template and these options."""
        expected = STAMP.format(self._digest(marks)).encode()
        try:
            with page.open("rb") as file:
                file.seek(-STAMP_LENGTH, 2)
                return file.read() == expected
        except OSError:
            return False

    def _stamped(self, page: str, marks: ShownMarks) -> bytes:
        return f"{page}\n{STAMP.format(self._digest(marks))}".encode(errors="replace")

    def _digest(self, marks: ShownMarks) -> str:
        made_of = [self._look, asdict(marks)]
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def page_look(course: Course) -> str:
    """A hash of what pages are made with: the version, the options, and the template's file.

    The head computes it and hands it to workers, for options may name folders.
    """
    converter = GenerateFeedback(coursedir=course.directory, parent=course.app)
    template = _exporter(converter).template.filename
    content = Path(template).read_bytes() if template and Path(template).is_file() else b""
    settings = {name: course.app.config.get(name, {}) for name in SECTIONS}
    made_with = [__version__, settings, hashlib.sha256(content).hexdigest()]
    text = json.dumps(made_with, sort_keys=True, default=name_of)
    return hashlib.sha256(text.encode()).hexdigest()


def _exporter(converter: GenerateFeedback) -> HTMLExporter:
    kind = converter.exporter_class
    if kind is HTMLExporter or not issubclass(kind, HTMLExporter):
        kind = FeedbackExporter  # HTMLExporter is nbgrader's default
    exporter = kind(parent=converter, config=converter.config)
    exporter.sanitize_html = True  # students' scripts do not run in it
    return exporter


def marks_to_show(marks: NotebookMarks) -> ShownMarks:
    """The autograder's marks as a student reads them, while no human has given any."""
    points = {cell: points or 0.0 for cell, points in marks.points.items()}
    return ShownMarks(points, dict(marks.comments), marks.late_penalty or 0.0)


def _put_marks(nb: NotebookNode, marks: ShownMarks) -> tuple[float, float]:
    """Put points and comments into a notebook's metadata; return its score and what it could be."""
    score = max_score = 0.0
    for cell in nb.cells:
        about: Any = cell.metadata.get("nbgrader")
        if about is None:
            continue
        if "points" in about:
            about.score = marks.points.get(about.grade_id, 0.0)
            score, max_score = score + about.score, max_score + about.points
        if about.grade_id in marks.comments:
            about.comment = marks.comments[about.grade_id]
    return score, max_score
