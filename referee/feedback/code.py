"""Code in colours, in bounded time: what finds its words takes the square of some texts' length."""

import html
import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from io import StringIO
from typing import Any

from ipython_pygments_lexers import IPython3Lexer
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String, Text

CELL_SECONDS, PAGE_SECONDS = 1.0, 10.0  # CPU time of colours in a cell, and on a page
SAME_CELLS = 2000  # most cells of a class's notebooks are the assignment's
WORDS_A_LOOK = 50  # words between two looks at the clock
PYTHON, IPYTHON = (kind(stripnl=False, ensurenl=False) for kind in (PythonLexer, IPython3Lexer))
# IPython's own, which take time. No blank is looked at twice.
MAGIC = re.compile(r"^[^\S\n]*[%!?]|[?][^\S\n]*$|=\s*[%!]", re.MULTILINE)
# The class of each kind of word that has a colour. Most words have none, which keeps pages small.
CLASSES = {
    Comment: "c",
    Keyword: "k",
    Literal: "s",
    Name.Builtin: "b",
    Name.Class: "f",
    Name.Decorator: "f",
    Name.Exception: "b",
    Name.Function: "f",
    Number: "n",
    Operator.Word: "k",
    String: "s",
}


class Budget:
    """CPU time that the colours of one page may take."""

    def __init__(self) -> None:
        self._seconds_left = PAGE_SECONDS

    def spend_on(self, colour: Callable[[str], str], source: str) -> str | None:
        """Code in colours, or None where that would take too long."""
        start = time.process_time()
        try:
            return colour(source) if self._seconds_left > 0 else None
        except TimeoutError:
            return None
        finally:
            self._seconds_left -= time.process_time() - start

    def coloured(self, source: str) -> str:
        """Code as HTML, in which no tag goes on from one line to the next."""
        found = self.spend_on(_coloured, source)
        return html.escape(source) if found is None else found


class HighlightInTime:
    """The filter of nbconvert's templates for code, which has no bound of its own: one a page."""

    def __init__(self) -> None:
        self._budget = Budget()

    def __call__(self, source: str, language: str = "", metadata: object = None) -> str:
        """Code as nbconvert's `Highlight2HTML` makes it, without colours where they take long."""
        found = self._budget.spend_on(_highlighted, source)
        return _highlighted_as([(Text, source)]) if found is None else found


def words(source: str) -> Iterator[tuple[Any, str]]:
    """The words of code, with their kinds.

    Raises:
        TimeoutError: it takes too long.

    """
    lexer = IPYTHON if MAGIC.search(source) else PYTHON
    deadline = time.process_time() + CELL_SECONDS
    for number, word in enumerate(lexer.get_tokens(source or " ")):
        if number % WORDS_A_LOOK == 0 and time.process_time() > deadline:
            raise TimeoutError
        yield word


@lru_cache(SAME_CELLS)
def _coloured(source: str) -> str:
    return "".join(_tagged(_class_of(kind), text) for kind, text in words(source))


def _highlighted(source: str) -> str:
    return _highlighted_as(words(source.strip("\n") + "\n"))


def _highlighted_as(tokens: Iterable[tuple[Any, str]]) -> str:
    page = StringIO()
    HtmlFormatter(cssclass=" highlight hl-ipython3").format(tokens, page)
    return page.getvalue()


@cache
def _class_of(kind: Any) -> str:
    """The class of a kind of word, or of what it is a kind of; empty if it has no colour."""
    while kind is not None and kind not in CLASSES:
        kind = kind.parent
    return CLASSES.get(kind, "")


def _tagged(name: str, text: str) -> str:
    if not name:
        return html.escape(text)
    parts = html.escape(text).split("\n")
    return "\n".join(f'<span class="{name}">{part}</span>' if part else "" for part in parts)
