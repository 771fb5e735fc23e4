"""nbgrader's feedback page, in a tenth of the time: what all pages share is formatted once."""

import html
import time
from collections.abc import Iterator
from functools import cache, lru_cache
from io import StringIO
from types import CodeType
from typing import Any

from ipython_pygments_lexers import IPython3Lexer
from jinja2 import BytecodeCache, Environment, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import (
    InvalidNotebook,
    IPythonRenderer,
    MarkdownWithMath,
)
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

# What a browser runs and loads on a page: of scripts, MathJax alone, whatever else is on it.
MATHJAX = "https://cdnjs.cloudflare.com"
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="'
    f"default-src 'none'; script-src {MATHJAX} 'unsafe-eval'; style-src 'unsafe-inline'; "
    f"font-src {MATHJAX} data:; img-src data: https:; base-uri 'none'; form-action 'none'\">"
)
CELL_SECONDS, PAGE_SECONDS = 1.0, 10.0  # CPU time of colours in a cell, and on a page
MAX_BLOCK = 2000  # characters of code in a text that has colours
SAME_CELLS = 2000  # most cells of a class's notebooks are the assignment's


def with_policy(page: str) -> str:
    """The page with its Content-Security-Policy."""
    return page if POLICY in page else page.replace("<head>", f"<head>\n{POLICY}", 1)


class FeedbackExporter(HTMLExporter):
    """Writes pages with nbgrader's template, in bounded time."""

    def from_notebook_node(  # type: ignore[override] # as HTMLExporter's
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook, less the pass of HTMLExporter that parses the whole page again."""
        self._seconds_left = PAGE_SECONDS
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
        start = time.process_time()
        try:
            if self._seconds_left > 0:
                return _highlighted(source)
        except TimeoutError:
            pass
        finally:
            self._seconds_left -= time.process_time() - start
        return f'<div class="highlight"><pre>{html.escape(source)}</pre></div>'

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.bytecode_cache = _compiled_templates()
        environment.filters["markdown2html"] = _formatted
        return environment


@lru_cache(SAME_CELLS)
def _highlighted(source: str) -> str:
    """Code in colours, as HTML.

    Raises:
        TimeoutError: it takes too long; what finds its words takes the square of their number.

    """
    lexer, deadline = IPython3Lexer(), time.process_time() + CELL_SECONDS

    def words() -> Iterator[tuple[Any, str]]:
        for word in lexer.get_tokens(source or " "):
            if time.process_time() > deadline:
                raise TimeoutError
            yield word

    page = StringIO()
    HtmlFormatter(cssclass=" highlight hl-ipython3").format(words(), page)
    return page.getvalue()


@pass_context
def _formatted(context: Context, source: str) -> str:
    return formatted(source, context.get("cell", {}).get("attachments"))


def formatted(source: str, attached: dict[str, dict[str, str]] | None = None) -> str:
    """A text as HTML, with the pictures that are attached to it; scripts and all are left in."""
    return _render(source, attached) if attached else _formatted_text(source)


@lru_cache(SAME_CELLS)
def _formatted_text(source: str) -> str:
    return _render(source, {})


class Renderer(IPythonRenderer):
    """Leaves long code in a text without colours: its language, and so the time, is free."""

    def block_code(self, code: str, info: str | None = None) -> str:
        """A block of code."""
        if len(code) > MAX_BLOCK:
            return f"<pre>{html.escape(code)}</pre>\n"
        return str(super().block_code(code, info))


def _render(source: str, attached: dict[str, dict[str, str]]) -> str:
    renderer = Renderer(escape=False, attachments=attached)
    try:
        return str(MarkdownWithMath(renderer=renderer).render(source))
    except InvalidNotebook:  # it shows a picture that is not attached
        return f"<pre>{html.escape(source)}</pre>"


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
