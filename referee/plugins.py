"""What nbgrader's own commands load by name, once a course's configuration has it.

`referee.configure(c)` puts these into the configuration. They are thin: the work is done by the
same functions that `referee grade` uses.
"""

import html
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins.zipcollect import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Integer, List, Unicode

from referee.collect.placing import match_exports, read_placed
from referee.collect.records import read_records
from referee.errors import RefereeError
from referee.feedback.clean import clean_texts
from referee.feedback.code import HighlightInTime
from referee.feedback.content import content_of
from referee.feedback.exporter import CONTENT, FeedbackExporter
from referee.feedback.hide import (
    describe_pictures,
    hide_tests,
    keep_formatting_short,
    name_what_is_not_shown,
)
from referee.grade.kernel import StudentKernel
from referee.grade.layout import remove_links
from referee.grade.run import run_cells
from referee.judge.exceptions import Interrupted
from referee.judge.judge import Judge
from referee.model.assignment import PYTHON, AssignmentNotebook
from referee.model.events import Events
from referee.model.limits import Limits
from referee.model.questions import questions_of
from referee.model.work import BESIDE_PAGES
from referee.nbgrader.answers import RESULT, shorten_answer
from referee.nbgrader.course import Course, course_root
from referee.nbgrader.gradebook import assignment_of, notebook_of, refusal, shown_marks
from referee.nbgrader.hidden import HiddenTests
from referee.nbgrader.released import ReleasedNotebooks
from referee.nbgrader.students import name_by_id
from referee.nbgrader.timeout import obey_timeout
from referee.nbgrader.timestamps import MAX_TIMESTAMP, TIMESTAMP, not_understood, read_timestamp
from referee.notebook.pictures import GIF
from referee.notebook.restore import restore
from referee.record.markings import markings_of, read_markings
from referee.report.formgrader import say_who_marked
from referee.report.marks import read_marks
from referee.text import printable_line

__all__ = [
    "AutogradeExporter",
    "CleanTexts",
    "CollectExports",
    "Execute",
    "ExtractExports",
    "FeedbackExporter",
    "HideTests",
    "HighlightInTime",
    "PagesOnly",
    "RestoreCells",
    "SayMarks",
    "SayWhoMarked",
]

IN_FORMGRADER = "submission_id"  # is in the resources of its pages only
NAMES_IN_FORMGRADER = ("student", "first_name", "last_name", "notebook_path")
Preprocessed = tuple[NotebookNode, dict[str, Any]]


class AutogradeExporter(NotebookExporter):
    """Writes graded notebooks. nbgrader makes one each time that it begins to grade."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        shorten_answer(self.log)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> Preprocessed:
        """Grade a notebook that is a file.

        Raises:
            RefereeError: it is a link.

        """
        _require_no_link(Path(filename))
        return super().from_filename(filename, resources, **options)


class RestoreCells(NbGraderPreprocessor):
    """Brings the assignment's cells back, in place of nbgrader's OverwriteCells."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Preprocessed:
        """Put the cells in the assignment's order.

        Raises:
            RefereeError: the notebook is a link, which could lead to the master itself.

        """
        name = resources["nbgrader"]["notebook"]
        _require_no_link(Path(resources["metadata"]["path"]) / f"{name}.ipynb")
        _correct_timestamp(self, resources)
        events = Events()
        restore(nb, _assignment_notebook(self, resources), events)
        _warn(self.log, events)
        return nb, resources


class Execute(NbGraderPreprocessor):
    """Executes a notebook in a sandbox and its tests outside, in place of nbgrader's Execute."""

    timeout = Integer(
        allow_none=True, help="Seconds of a cell, as with nbgrader; see referee.nbgrader.timeout."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Preprocessed:
        """Run all cells, in order, and put what they show into the notebook.

        Raises:
            NoSandboxError: this machine cannot sandbox student code.
            RefereeError: the notebook is not in Python.

        """
        folder = Path(resources["metadata"]["path"])
        materials = _folder(self, "source", resources)
        submitted = _folder(self, "submitted", resources)
        assert materials is not None
        assert submitted is not None
        for removed in remove_links(folder, submitted, materials):
            self.log.warning("%s is a link, not a file, and was left out", removed)
        notebook = _assignment_notebook(self, resources)
        if notebook.language != PYTHON:
            raise RefereeError(refusal(notebook))
        obey_timeout(self.config)
        events, limits = Events(), Limits(config=self.config)
        kernel = StudentKernel(folder, limits, self.config, events)
        with Interrupted.by_ctrl_c(), kernel:
            run_cells(nb, notebook, Judge(materials, limits), kernel, events)
        _warn(self.log, events)
        return nb, resources


class SayMarks(NbGraderPreprocessor):
    """Says in a line how many points a submission has, and where it has lost some."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Preprocessed:
        """Log it, if this is the submission's last notebook; the notebook stays as it is."""
        names, converter = resources["nbgrader"], _converter(self)
        if converter is not None and Path(converter.notebooks[-1]).stem == names["notebook"]:
            course = Course(Path(converter.coursedir.root), converter)
            with course.gradebook() as gradebook:
                name_by_id(gradebook.db)
                gradebook.db.commit()
            marks = read_marks(course, names["assignment"])
            mine = next(each for each in marks if each.student == names["student"])
            self.log.info(printable_line(mine.in_words()), extra=RESULT)
        return nb, resources


class PagePreprocessor(NbGraderPreprocessor):
    """A step on the way to a page. Exporters of pages set this option of all of their steps."""

    display_data_priority = List(Unicode()).tag(config=True)


class HideTests(PagePreprocessor):
    """Takes hidden tests out of a feedback page, and what their outputs tell of them.

    FeedbackExporter finds in the resources what else the page says.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Preprocessed:
        """Prepare the notebook for the page."""
        names = resources["nbgrader"]
        name, student, title = names["notebook"], names["student"], names["assignment"]
        with Gradebook(names["db_url"]) as gradebook:
            marks = shown_marks(gradebook, title, student)[student][name]
            assignment = assignment_of(gradebook, title, *_release(self, resources))
        notebook = next(book for book in assignment.notebooks if book.name == name)
        resources[CONTENT] = content_of(
            nb,
            notebook,
            questions_of(assignment),
            marks,
            title,
            alone=len(assignment.notebooks) == 1,
        )
        hide_tests(nb, notebook)
        keep_formatting_short(nb)
        describe_pictures(nb)
        name_what_is_not_shown(nb)
        return nb, resources


class PagesOnly(PagePreprocessor):
    """Leaves of the files in a feedback folder the pages, and what nbgrader releases them by.

    nbgrader copies all that lies beside the executed notebook: data, the course's own modules.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Preprocessed:
        """Remove the copies; the notebook stays as it is."""
        copied, folder = (_folder(self, name, resources) for name in ("autograded", "feedback"))
        if copied is not None and folder is not None:
            pages = {f"{path.stem}.html" for path in copied.glob("*.ipynb")}
            for path in sorted(copied.rglob("*"), reverse=True):  # what is in a folder comes first
                copy = folder / path.relative_to(copied)
                if copy.is_dir() and not copy.is_symlink():
                    with suppress(OSError):
                        copy.rmdir()
                elif str(copy.relative_to(folder)) not in {*pages, *BESIDE_PAGES}:
                    copy.unlink(missing_ok=True)
        return nb, resources


class ExtractExports(ExtractorPlugin):
    """Unpacks exports of learning platforms for `nbgrader zip_collect`, as `referee collect` does.

    Each student gets a folder in the extracted ones.
    """

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack all zip files of a folder, and take the files that lie there unpacked."""
        if _has_names_of_its_own(self):
            super().extract(archive_path, extracted_path)
            return
        directory = self.parent.coursedir
        course, assignment = Course(Path(directory.root), self.parent), directory.assignment_id
        found = sorted(Path(archive_path).iterdir())
        archives = [path for path in found if path.suffix == ".zip"]
        archives += [Path(archive_path)] if len(archives) < len(found) else []
        records = read_records(course, assignment)
        students, collection = match_exports(course, assignment, archives, records)
        for student, handed_in in students.items():
            files, _, left_out = read_placed(course, assignment, handed_in)
            collection.left_out += left_out
            for path, content in files.items():
                target = Path(extracted_path) / student / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        for entry in (*collection.not_placed, *collection.left_out):
            self.log.warning("%s: %s", printable_line(entry.name), entry.reason)


class CollectExports(FileNameCollectorPlugin):
    """Says whose the files are that ExtractExports has unpacked."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """The student, the file's name and when it was handed in; None for the file with that."""
        if _has_names_of_its_own(self):
            return super().collect(submitted_file)
        extracted = Path(self.parent._format_collect_path(self.parent.extracted_directory))
        path = Path(submitted_file).absolute().relative_to(extracted.absolute())
        if len(path.parts) < 2 or path.parts[1:] == (TIMESTAMP,):
            return None
        found = {"student_id": path.parts[0], "file_id": str(Path(*path.parts[1:]))}
        stamp = extracted / path.parts[0] / TIMESTAMP
        return found | ({"timestamp": stamp.read_text().strip()} if stamp.is_file() else {})


class CleanTexts(Preprocessor):
    """Makes students' texts harmless in formgrader, which cleans outputs only."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Preprocessed:
        """Prepare the notebook for the page, and the student's names, which it has as they are."""
        keep_formatting_short(nb)
        name_what_is_not_shown(nb, without=(GIF,))
        clean_texts(nb)
        for name in NAMES_IN_FORMGRADER:
            if isinstance(text := resources.get(name), str):
                resources[name] = html.escape(text)
        return nb, resources


class SayWhoMarked(Preprocessor):
    """Says on formgrader's page what was given to the student in a group, by whom, when and why."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Preprocessed:
        """Add texts to the notebook; after CleanTexts, which has escaped the student's names."""
        if IN_FORMGRADER not in resources:
            return nb, resources
        if (root := course_root(Path(resources["metadata"]["path"]))) is not None:
            student, assignment = html.unescape(resources["student"]), resources["assignment_id"]
            try:
                given = markings_of(read_markings(root, assignment), student)
            except OSError as error:
                self.log.warning("%s cannot be read: %s", error.filename, error.strerror)
            else:
                say_who_marked(nb, resources["notebook_id"], given, student)
        return nb, resources


def _has_names_of_its_own(plugin: ExtractorPlugin | FileNameCollectorPlugin) -> bool:
    """Whether the course says itself how files are named; then nbgrader's own way is kept."""
    return bool(plugin.config.FileNameCollectorPlugin.get("named_regexp", ""))


def _require_no_link(path: Path) -> None:
    if path.is_symlink():
        raise RefereeError(f"{path} is a link to something else, which is not read")


def _assignment_notebook(
    step: NbGraderPreprocessor, resources: dict[str, Any]
) -> AssignmentNotebook:
    names, (hidden, released) = resources["nbgrader"], _release(step, resources)
    with Gradebook(names["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        return notebook_of(notebook, hidden, released.of(names["notebook"]))


def _folder(step: NbGraderPreprocessor, name: str, resources: dict[str, Any]) -> Path | None:
    """The folder of this assignment or submission in one of nbgrader's, if it is in a course."""
    course, names = _directory(step), resources["nbgrader"]
    if course is None:
        return None
    student = "." if name in ("source", "release") else names["student"]
    directory = getattr(course, f"{name}_directory")
    return Path(course.format_path(directory, student, names["assignment"])).absolute()


def _correct_timestamp(step: NbGraderPreprocessor, resources: dict[str, Any]) -> None:
    """Replace nbgrader's reading of timestamp.txt by ours; what being late costs comes later."""
    folder, names = _folder(step, "submitted", resources), resources["nbgrader"]
    path = folder / TIMESTAMP if folder is not None else None
    if path is None or path.is_symlink() or not path.is_file():
        return
    zone = str(step.config.Exchange.get("timezone", "UTC"))
    with path.open("rb") as file:
        timestamp = read_timestamp(file.read(MAX_TIMESTAMP + 1), zone)
    if timestamp.unclear:
        step.log.warning(not_understood(timestamp.unclear))
    with Gradebook(names["db_url"]) as gradebook:
        found = gradebook.find_submission(names["assignment"], names["student"])
        found.timestamp = timestamp.handed_in
        gradebook.db.commit()


def _release(
    step: NbGraderPreprocessor, resources: dict[str, Any]
) -> tuple[HiddenTests, ReleasedNotebooks]:
    """What of the assignment's cells students have."""
    release = _folder(step, "release", resources)
    released = ReleasedNotebooks(release, _folder(step, "source", resources))
    return HiddenTests(step.config, release), released


def _directory(step: NbGraderPreprocessor) -> CourseDirectory | None:
    """The folders of the course that a step is run in, if it is run in one."""
    converter = _converter(step)
    return None if converter is None else converter.coursedir


def _converter(step: NbGraderPreprocessor) -> Any:
    """What runs the step in a course, if it is run in one: nbgrader's converter."""
    owner = step.parent
    while owner is not None and not hasattr(owner, "coursedir"):
        owner = owner.parent
    return owner


def _warn(log: Any, events: Events) -> None:
    """Log what a teacher should know."""
    reasons: Iterable[str] = (trouble.reason for trouble in events.troubles)
    for text in (*events.notes, *reasons):
        log.warning(text)
