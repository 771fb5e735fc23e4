"""What all pages have in common, for students and for teachers: their frame, colours and words.

A page is one file with its styles, which runs nothing and loads nothing.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from referee.feedback.safe_texts import safe_line

FOLDER = Path(__file__).parent / "template"
COMMON = ("base.html", "base.css")


def page_environment(folder: Path, style: str, **filters: Callable[..., Any]) -> Environment:
    """Jinja with the templates of a folder, and the frame of all pages: `base.html`.

    `style` is the name of a file in the folder, with the styles that other pages do not have. All
    that is put into a template is escaped.
    """
    environment = Environment(
        loader=FileSystemLoader([folder, FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    files = FOLDER / "base.css", folder / style
    environment.globals["style"] = Markup("".join(path.read_text() for path in files))
    environment.filters |= {
        "day": _day,
        "number": _number,
        "percent": lambda part, whole: f"{100 * min(1, max(0, part / whole)):.3g}%",
        "points": _points,
        "title": lambda text: Markup(safe_line(text)),
        **filters,
    }
    return environment


def _number(points: float) -> str:
    """Four digits, or more of those before the point."""
    return f"{points:.4g}" if abs(points) < 1000 else f"{points:.0f}"


def _points(points: float) -> str:
    """A number of points with its unit."""
    return f"{_number(points)} point" if points == 1 else f"{_number(points)} points"


def _day(moment: str) -> str:
    """A time as people write it."""
    return f"{datetime.fromisoformat(moment):%d %B %Y, %H:%M} UTC"
