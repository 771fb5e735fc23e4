"""What it takes to draw an SVG: a few lines of one can stand for a billion shapes.

A browser would draw them until it has no memory left, and with it the page that shows the picture.
So shapes are counted as often as they are drawn, which is what references multiply.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError, fromstring

MOST_SHAPES = 200_000
MOST_STYLE = 50_000_000  # characters of style sheets, each as often as there are elements
COSTS = {"filter": 2000, "mask": 100}  # shapes that take as long
EFFECT = re.compile("filter|mask|marker", re.IGNORECASE)
SHAPE = Element("path")
NO_DRAWING = ("id", "class")
ID = re.compile(r"[\w.:-]+")
REFERENCE = re.compile(rf"#({ID.pattern})")
IN_STYLES = re.compile(r"url\(|filter|mask|import|\\", re.IGNORECASE)  # references nobody counts
DATA = re.compile(r"\s*data:(?!\s*image/(png|jpeg|gif)[;,])", re.IGNORECASE)  # documents in it


def is_soon_drawn(text: str) -> bool:
    """Whether an SVG is one that a browser draws in bounded time."""
    if "<?xml-stylesheet" in text:
        return False
    try:
        root = fromstring(text)
    except (ParseError, ValueError):
        return False
    elements = list(root.iter())
    styles = "".join(each.text or "" for each in elements if _name(each.tag) == "style")
    if len(styles) * len(elements) > MOST_STYLE or IN_STYLES.search(styles):
        return False
    named = {name: each for each in reversed(elements) if (name := each.get("id")) is not None}
    if not all(map(ID.fullmatch, named)):
        return False
    return _shapes(root, named) <= MOST_SHAPES


def _shapes(root: Element, named: dict[str, Element]) -> int:
    """How many shapes it has, each as often as it is drawn; too many if it is drawn in a circle."""
    known: dict[Element, int] = {}
    begun: set[Element] = set()
    left = [root]
    while left:
        element = left[-1]
        if element in known:
            left.pop()
            continue
        parts = [*((each, 1) for each in element), *_drawn_again(element, named)]
        if element in begun:
            known[element] = 1 + sum(known[part] * times for part, times in parts)
            if known[element] > MOST_SHAPES:
                break
            continue
        begun.add(element)
        new = [part for part, _ in parts if part not in known]
        if not begun.isdisjoint(new):
            break
        left += new
    return known.get(root, MOST_SHAPES + 1)


def _drawn_again(element: Element, named: dict[str, Element]) -> Iterator[tuple[Element, int]]:
    """What an element refers to, and how often that is drawn for it."""
    for key, value in element.attrib.items():
        name = _name(key)
        if DATA.match(value) or (name == "style" and "\\" in value):
            yield element, 1  # a circle
        if name in NO_DRAWING or (name == "href" and _name(element.tag) == "a"):
            continue
        effect = EFFECT.search(f"{name} {value}")
        kind = effect[0].lower() if effect else ""
        if kind in COSTS:
            yield SHAPE, COSTS[kind]
        times = len(element.get("d", element.get("points", ""))) if kind == "marker" else 1
        for found in REFERENCE.findall(unquote(value)):
            if found in named:
                yield named[found], times * COSTS.get(kind, 1)


def _name(tag: object) -> str:
    """The name of an element or an attribute, without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
