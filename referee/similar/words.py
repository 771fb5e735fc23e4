"""Code as words that stay the same when it is renamed, commented or laid out anew.

The words are found by one regular expression and not by Python's own tokenizer, which gives up at
the first thing that is no Python: a cell with a magic command, or one that was broken on purpose.
"""

import builtins
import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass

# Nothing is read twice (`++` and `*+` never give back), so any text takes time by its length only.
WORD = re.compile(
    r"""
    (?P<comment>\#[^\n]*+)
    |(?P<string>[rbfuRBFU]{0,2}(?:
        '{3}(?:[^'\\]++|\\.?|'(?!''))*+(?:'{3})?
        |"{3}(?:[^"\\]++|\\.?|"(?!""))*+(?:"{3})?
        |'(?:[^'\\\n]++|\\.?)*+'?
        |"(?:[^"\\\n]++|\\.?)*+"?))
    |(?P<number>\.?\d[\w.]*+)
    |(?P<name>[^\W\d]\w*+)
    |(?P<line>\n)
    |(?P<operator>\*\*=?|//=?|<<=?|>>=?|[-+*/%@&|^<>=!:]=|->|[^\s;\\])
    """,
    re.VERBOSE | re.DOTALL,
)
PYTHONS = {*keyword.kwlist, *dir(builtins)}
GIVEN = re.compile(r"\b(?:def|class)\s++(\w++)|\.(\w++)[^\S\n]*+=(?!=)")  # def x, class x, .x = 1
NAME, STRING = "a name", "a string"  # what all names, and all strings, are taken for


@dataclass(frozen=True)
class Words:
    """The words of a text: what each is taken for, and where it starts and ends."""

    alike: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.alike)


def names_given(sources: Iterable[str]) -> set[str]:
    """The names of functions, classes and attributes that some code defines."""
    return {name for source in sources for pair in GIVEN.findall(source) for name in pair if name}


def words_of(source: str, given: set[str], most: int) -> Words:
    """The first words of some code, `most` at most.

    All names are alike but Python's own, and those of attributes that are not among `given`: the
    names in a library cannot be changed. Comments, docstrings and line ends are no words.
    """
    alike: list[str] = []
    spans: list[tuple[int, int]] = []
    starts, depth, before = True, 0, ""  # whether a statement starts; open brackets; the last word
    for found in WORD.finditer(source):
        kind, text = found.lastgroup, found.group()
        if kind == "line":
            starts = starts or depth == 0
        elif kind != "comment" and not (kind == "string" and starts and _is_last(source, found)):
            if len(alike) == most:
                break
            if kind == "operator":
                depth = max(0, depth + (text in "([{") - (text in ")]}"))
            alike.append(_alike(kind, text, before == ".", given))
            spans.append(found.span())
            starts, before = False, text
    return Words(tuple(alike), tuple(spans))


def _alike(kind: str | None, text: str, is_attribute: bool, given: set[str]) -> str:
    if kind == "string":
        return STRING
    if kind != "name" or text in PYTHONS or (is_attribute and text not in given):
        return text
    return NAME


def _is_last(source: str, found: re.Match[str]) -> bool:
    """Whether nothing but a comment follows in the line, so that a string there does nothing."""
    end = source.find("\n", found.end())
    rest = source[found.end() : None if end < 0 else end].lstrip()
    return not rest or rest.startswith("#")
