"""Texts of notebooks, which are Markdown with HTML and formulas in it, as HTML.

What is in them is left in: see `clean`.
"""

import html
from functools import lru_cache

from nbconvert.filters.markdown_mistune import (
    InvalidNotebook,
    IPythonRenderer,
    MarkdownWithMath,
)

MAX_BLOCK = 2000  # characters of code in a text that has colours
SAME_CELLS = 2000  # most cells of a class's notebooks are the assignment's
Attachments = dict[str, dict[str, str]]  # pictures, by name and kind


def formatted(source: str, attached: Attachments | None = None) -> str:
    """A text as HTML, with the pictures that are attached to it; formulas are left as they are."""
    return _render(source, attached) if attached else _formatted(source)


@lru_cache(SAME_CELLS)
def _formatted(source: str) -> str:
    return _render(source, {})


def _render(source: str, attached: Attachments) -> str:
    return rendered(source, Renderer(escape=False, attachments=attached))


def rendered(source: str, renderer: IPythonRenderer) -> str:
    """A text as a renderer makes HTML of it."""
    try:
        return str(MarkdownWithMath(renderer=renderer).render(source))
    except InvalidNotebook:  # it shows a picture that is not attached
        return f"<pre>{html.escape(source)}</pre>"


class Renderer(IPythonRenderer):
    """Leaves long code in a text without colours: its language, and so the time, is free."""

    def block_code(self, code: str, info: str | None = None) -> str:
        """A block of code."""
        if len(code) > MAX_BLOCK:
            return f"<pre>{html.escape(code)}</pre>\n"
        return str(super().block_code(code, info))
