"""Texts as they are on a feedback page: harmless, and with formulas that need no script."""

import html
import re
from functools import lru_cache

from nbconvert.filters.markdown_mistune import IPythonRenderer

from referee.feedback.clean import LINKS, SHOWN_PICTURES, clean_html
from referee.feedback.formulas import mathml
from referee.feedback.texts import SAME_CELLS, Attachments, rendered

# A formula's place while the HTML around it is cleaned: characters of Unicode's private use.
OPEN, CLOSE = "\ue000", "\ue001"
PLACE = re.compile(f"{OPEN}([0-9]{{1,6}}){CLOSE}")
IN_TITLE = re.compile(r"\$([^$]+)\$")


def safe_text(source: str, attached: Attachments | None = None) -> str:
    """A text cell as HTML."""
    return _render(source, attached) if attached else _safe_text(source)


@lru_cache(SAME_CELLS)
def _safe_text(source: str) -> str:
    return _render(source, {})


def _render(source: str, attached: Attachments) -> str:
    formulas: dict[str, str] = {}
    text = source.replace(OPEN, "").replace(CLOSE, "")
    cleaned = clean_html(rendered(text, _PageRenderer(formulas, attached)), forbidden=OPEN)
    # Each formula has one place, whatever else looks like one.
    return PLACE.sub(lambda place: formulas.pop(place[1], ""), cleaned)


def safe_line(text: str) -> str:
    """A heading or another line of the author's as HTML, with its formulas."""
    parts = IN_TITLE.split(text)
    return "".join(
        mathml(part) if number % 2 else html.escape(part) for number, part in enumerate(parts)
    )


class _PageRenderer(IPythonRenderer):
    """Puts a place for each formula, and a link for each picture that lies elsewhere."""

    def __init__(self, formulas: dict[str, str], attached: Attachments) -> None:
        super().__init__(escape=False, attachments=attached, exclude_anchor_links=True)
        self._formulas = formulas
        self._attached = attached

    def block_code(self, code: str, info: str | None = None) -> str:
        """A block of code, without colours."""
        return f"<pre><code>{html.escape(code)}</code></pre>\n"

    def inline_math(self, body: str) -> str:
        """A formula in a line."""
        return self._place(mathml(body))

    def block_math(self, body: str) -> str:
        """A formula in a line of its own."""
        return self._place(mathml(body, block=True))

    def latex_environment(self, name: str, body: str) -> str:
        """A formula between begin and end."""
        return self._place(mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture; one that is not at hand is named."""
        if url.startswith("attachment:") and url.removeprefix("attachment:") not in self._attached:
            return html.escape(text or url)
        picture = str(super().image(text, url, title))
        if url.startswith(("attachment:", *SHOWN_PICTURES)):
            return picture
        name = html.escape(text or url)
        return f'<a href="{html.escape(url)}">{name}</a>' if url.startswith(LINKS) else name

    def _place(self, formula: str) -> str:
        number = str(len(self._formulas))
        self._formulas[number] = formula
        return f"{OPEN}{number}{CLOSE}"
