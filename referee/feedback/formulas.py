"""Formulas as MathML, which browsers show without a script; students write them, too.

What the library makes is built anew from a closed list of elements and attributes, so that no
formula links to anything, runs anything or covers another part of the page.
"""

import html
import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

MAX_FORMULA = 2000  # characters; the library takes the square of the length of some
MAX_DEPTH = 60  # of elements in each other
# Macros can stand for texts of any length, and for themselves.
ESCAPED = re.compile(r"\\([_#$%&{}])")  # in a text, where the library leaves the backslash
MACROS = re.compile(r"\\(?:(?:re|provide)?newcommand|[egx]?def|let|DeclareMathOperator)")
WORDS = (
    "mrow mi mn mo mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot mtable "
    "mtr mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts none"
)
ELEMENTS = frozenset(WORDS.split())
LENGTH = r"-?[0-2]?(\.\d{1,3})?em"
ATTRIBUTES = {
    "accent": "true|false",
    "columnalign": r"(left|center|right)( (left|center|right)){0,20}",
    "displaystyle": "true|false",
    "fence": "true|false",
    "form": "prefix|infix|postfix",
    "linethickness": "0",
    "mathvariant": "[a-z-]{1,30}",
    "maxsize": LENGTH,
    "minsize": LENGTH,
    "movablelimits": "true|false",
    "notation": "[a-z ]{1,60}",
    "scriptlevel": "[+-]?[0-2]",
    "separator": "true|false",
    "stretchy": "true|false",
    "width": LENGTH,
}
ALLOWED = {name: re.compile(values) for name, values in ATTRIBUTES.items()}


@lru_cache(2000)
def mathml(formula: str, *, block: bool = False) -> str:
    """A LaTeX formula as MathML; as it is where it cannot be read, or is too long."""
    try:
        if len(formula) > MAX_FORMULA or MACROS.search(formula):
            raise ValueError("it would take too long")
        display = "block" if block else "inline"
        found = Converter(display=display).convert_to_element(formula)
        parts = "".join(_written(part, MAX_DEPTH) for part in found)
        return f'<math display="{display}">{parts}</math>'
    except Exception:  # of the library, which raises what comes
        return f"<code>{html.escape(formula.strip())}</code>"


def _written(element: Element, depth: int) -> str:
    if depth == 0:
        raise ValueError("it is too deep")
    tag = element.tag if element.tag in ELEMENTS else "mrow"
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in ALLOWED and ALLOWED[name].fullmatch(value)
    )
    # The library writes many characters as entities of its own.
    text = html.unescape(element.text or "")
    if tag == "mtext":
        text = ESCAPED.sub(r"\1", text)
    inside = "".join(_written(part, depth - 1) for part in element)
    return f"<{tag}{attributes}>{html.escape(text)}{inside}</{tag}>"
