"""SVG that a browser would draw for ever is told from what programs draw."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest

from referee.notebook.drawings import is_soon_drawn

LINKS = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
GRAPHVIZ = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<g id="node1"><a xlink:href="#node1"><text fill="#000000">a</text></a></g></svg>"""


def svg(inner: str) -> str:
    return f"<svg {LINKS}>{inner}</svg>"


def nested(kind: str, reference: str, levels: int = 9) -> str:
    """A drawing of ten billion shapes: each level has ten times the one before."""
    inner = f"<{kind} id='a0'><rect width='9' height='9'/></{kind}>"
    for level in range(1, levels):
        inner += f"<{kind} id='a{level}'>{reference.format(level - 1) * 10}</{kind}>"
    return svg(inner + reference.format(levels - 1))


ENDLESS = {
    "uses": nested("g", "<use xlink:href='#a{}'/>"),
    "uses in other letters": nested("g", "<use href='&#35;%61{}'/>"),
    "patterns": nested("pattern", "<rect fill='url(#a{})'/>"),
    "masks": nested("mask", "<rect style='mask: url(#a{})'/>"),
    "clips": nested("clipPath", "<rect clip-path='url(\"#a{}\")'/>"),
    "set later": nested("g", "<use><set attributeName='href' to='#a{}'/></use>"),
    "markers": nested("marker", f"<path d='M0 0{'L1 1' * 9}' marker-mid='url(#a{{}})'/>", 5),
    "filters": svg("<filter id='f'><feMorphology/></filter>" + "<g filter='url(#f)'/>" * 200),
    "functions": svg("<g style='filter: blur(9999px)'/>" * 200),
    "style sheet": svg("<style>" + "rect:not(a ~ *){x: 1}" * 9000 + "</style>" + "<g/>" * 9000),
    "reference in a style sheet": svg("<style>rect{fill: url(#a)}</style>"),
    "reference in a style, in code": svg("<rect style='fill: \\75rl(#a)'/>"),
    "document in it": svg("<image href=' data:image/svg+xml,%3Csvg/%3E'/>"),
    "circle": svg("<g id='a'><use href='#a'/></g>"),
    "odd name": svg("<g id='a b'/>"),
    "style sheet beside it": "<?xml-stylesheet href='data:text/css,'?>" + svg(""),
    "no end": "<svg><g>",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_drawing_without_an_end_is_not_soon_drawn(name: str) -> None:
    assert not is_soon_drawn(ENDLESS[name])


def drawn() -> dict[str, str]:
    """What programs draw."""
    found = {"graphviz": GRAPHVIZ, "shadow": svg("<filter id='f'/><rect filter='url(#f)'/>")}
    random = np.random.default_rng(0)
    for name in ("points", "hatches", "formula", "picture"):
        figure, axes = plt.subplots()
        match name:
            case "points":
                axes.scatter(*random.normal(size=(2, 5000)))
            case "hatches":
                axes.bar([1, 2], [3, 4], hatch="//")
            case "formula":
                axes.set_title(r"$\frac{x}{y}$")
            case "picture":
                axes.imshow(random.random((50, 50)))
        file = io.StringIO()
        figure.savefig(file, format="svg")
        plt.close(figure)
        found[name] = file.getvalue()
    return found


DRAWN = drawn()


@pytest.mark.parametrize("name", DRAWN)
def test_what_programs_draw_is_soon_drawn(name: str) -> None:
    assert is_soon_drawn(DRAWN[name])


def test_deep_drawing_is_read() -> None:
    assert is_soon_drawn(svg("<g>" * 100_000 + "</g>" * 100_000))
