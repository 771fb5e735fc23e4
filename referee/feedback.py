"""What a student's feedback page shows: their own work and the author's words, no hidden test."""

import re
from functools import cache, lru_cache
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets.utils.importstring import import_item

from referee.course import Course

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?(### END HIDDEN TESTS[^\n]*\n?|\Z)", re.DOTALL)


MAX_TEXT = 20_000  # characters of a text cell that are formatted
MAX_TEXTS = 100_000  # of all of them together; what formats them takes the square of it
PICTURES = {"image/png", "image/jpeg"}
ALTERNATIVE = "a picture that this cell drew"
SAME_CELLS = 2000  # most cells of a class's notebooks are the assignment's


class HideTests(NbGraderPreprocessor):
    """Take hidden tests out of a feedback page, and what their outputs tell of them."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Prepare the notebook; text that would take minutes to format is shown as it is."""
        room = MAX_TEXTS
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                room -= len(cell.source)
                if len(cell.source) > MAX_TEXT or room < 0:
                    cell.cell_type = "raw"
            for output in cell.get("outputs", ()):
                for kind in PICTURES & output.get("data", {}).keys():
                    output.metadata.setdefault(kind, NotebookNode()).alt = ALTERNATIVE
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Leave of a cell with hidden tests its visible part, and the author's message."""
        if cell.cell_type == "code" and is_grade(cell) and HIDDEN.search(cell.source):
            cell.source = HIDDEN.sub("", cell.source).strip()
            cell.outputs = [
                _for_student(output) for output in cell.outputs if output.output_type == "error"
            ]
        return cell, resources


def _for_student(output: NotebookNode) -> NotebookNode:
    """An error with only the line that the judge wrote for the student."""
    told = output.traceback[:1]
    return NotebookNode(output_type="error", ename="", evalue="", traceback=told)


class FeedbackPages:
    """Writes pages with nbgrader's template, as GenerateFeedback does; `course` configures it."""

    def __init__(self, course: Course) -> None:
        converter = GenerateFeedback(coursedir=course.directory, parent=course.app)
        self._exporter = converter.exporter_class(parent=converter, config=converter.config)
        for kind in converter.preprocessors:
            kind = import_item(kind) if isinstance(kind, str) else kind
            if kind is not GetGrades:  # they are in the notebook already
                self._exporter.register_preprocessor(kind, enabled=True)

    def page(self, nb: NotebookNode, name: str, late_penalty: float) -> bytes:
        """The page of a notebook whose cells have their scores and comments as metadata."""
        graded = [
            cell.metadata.nbgrader
            for cell in nb.cells
            if "points" in cell.metadata.get("nbgrader", {})
        ]
        resources = {
            "metadata": {"name": name},
            "unique_key": name,
            "output_files_dir": f"{name}_files",
            "nbgrader": {
                "notebook": name,
                "score": sum(about.score for about in graded) - late_penalty,
                "max_score": sum(about.points for about in graded),
                "late_penalty": late_penalty,
            },
        }
        html, _ = self._exporter.from_notebook_node(nb, resources)
        return str(html).encode()


class FeedbackExporter(HTMLExporter):
    """nbgrader's page, in a tenth of the time: what all pages have in common is formatted once."""

    def from_notebook_node(  # type: ignore[override] # as HTMLExporter's
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook, less the pass of HTMLExporter that parses the whole page again."""
        resources = self._init_resources(resources)
        data_type = WidgetsDataTypeFilter(
            notebook_metadata=self._nb_metadata, parent=self, resources=resources
        )
        self.register_filter("filter_data_type", data_type)
        self.register_filter("highlight_code", _highlight)
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.bytecode_cache = _compiled_templates()
        environment.filters["markdown2html"] = _formatted
        return environment


def _highlight(source: str, language: str | None = None, metadata: Any = None) -> str:
    return _highlighted(source, language)


@lru_cache(SAME_CELLS)
def _highlighted(source: str, language: str | None) -> str:
    return Highlight2HTML(pygments_lexer="ipython3")(source, language)


@lru_cache(SAME_CELLS)
def _formatted(source: str) -> str:
    return MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(source)


class _Compiled(BytecodeCache):
    """Templates that were compiled already, in this process."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.code = self._code[bucket.key]

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._code[bucket.key] = bucket.code


@cache
def _compiled_templates() -> _Compiled:
    return _Compiled()
