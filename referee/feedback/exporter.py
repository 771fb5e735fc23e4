"""The exporter of feedback pages: Referee's, or those of a template that the course has."""

import html
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

import nbgrader
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from nbconvert.exporters import Exporter, HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from referee.feedback.code import SAME_CELLS, Budget, words
from referee.feedback.content import Content
from referee.feedback.render import rendered_page
from referee.feedback.texts import formatted

CONTENT = "referee"  # the key of a page's content in nbconvert's resources
# What a browser runs and loads on a course's own page: of scripts, MathJax alone.
MATHJAX = "https://cdnjs.cloudflare.com"
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="'
    f"default-src 'none'; script-src {MATHJAX} 'unsafe-eval'; style-src 'unsafe-inline'; "
    f"font-src {MATHJAX} data:; img-src data: https:; base-uri 'none'; form-action 'none'\">"
)


def with_policy(page: str) -> str:
    """A course's own page with its Content-Security-Policy."""
    return page if POLICY in page else page.replace("<head>", f"<head>\n{POLICY}", 1)


def has_own_template(exporter: HTMLExporter) -> bool:
    """Whether the course has a template of its own, and not nbgrader's."""
    file = exporter.template.filename
    return not file or Path(nbgrader.__file__).parent not in Path(file).parents


class FeedbackExporter(HTMLExporter):
    """Writes pages in bounded time."""

    def from_notebook_node(  # type: ignore[override] # as HTMLExporter's
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Make the page of a notebook; what it says besides is in the resources."""
        if has_own_template(self):
            return self._from_own_template(nb, resources, **kw)
        shown, resources = Exporter.from_notebook_node(self, nb, resources, **kw)
        content = resources.get(CONTENT)
        if not isinstance(content, Content):
            return self._from_own_template(nb, resources, **kw)
        return rendered_page(content, shown), resources

    def _from_own_template(
        self, nb: NotebookNode, resources: dict[str, Any] | None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook, less the pass of HTMLExporter that parses the whole page again."""
        self._budget = Budget()
        resources = self._init_resources(resources)
        data_type = WidgetsDataTypeFilter(
            notebook_metadata=self._nb_metadata, parent=self, resources=resources
        )
        self.register_filter("filter_data_type", data_type)
        self.register_filter("highlight_code", self._highlight)
        page, resources = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        return with_policy(page), resources

    def _highlight(self, source: str, language: str | None = None, metadata: Any = None) -> str:
        """Code in colours, or as it is where that would take too long."""
        coloured = self._budget.spend_on(_highlighted, source)
        if coloured is None:
            return f'<div class="highlight"><pre>{html.escape(source)}</pre></div>'
        return coloured

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.filters["markdown2html"] = _formatted
        return environment


@lru_cache(SAME_CELLS)
def _highlighted(source: str) -> str:
    """Code as nbconvert's templates have it.

    Raises:
        TimeoutError: it takes too long.

    """
    page = StringIO()
    HtmlFormatter(cssclass=" highlight hl-ipython3").format(words(source), page)
    return page.getvalue()


@pass_context
def _formatted(context: Context, source: str) -> str:
    return formatted(source, context.get("cell", {}).get("attachments"))
