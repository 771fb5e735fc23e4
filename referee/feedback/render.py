"""Writing a feedback page: one file with its styles, which runs nothing and loads nothing."""

import html
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from nbformat import NotebookNode

from referee.feedback.cells import Headings, anchor_of, box, shown_cells
from referee.feedback.code import Budget
from referee.feedback.content import Answer, Content, QuestionMarks
from referee.feedback.hide import MAX_TEXT
from referee.feedback.safe_texts import safe_line, safe_text

FOLDER = Path(__file__).parent / "template"
FILES = ("page.html", "page.css")
TOP_IN_ANSWER = 5  # the level of an answer's first headings: below "Your answer"


def rendered_page(content: Content, nb: NotebookNode) -> str:
    """The page of a notebook, from which what students should not read is gone."""
    budget = Budget()
    cells = shown_cells(nb, content, budget)
    page: str = _template().render(
        page=content,
        style=Markup(_style()),
        lost=[q for q in content.questions if q.lost and not q.unwritten],
        unwritten=[q for q in content.questions if q.lost and q.unwritten],
        waiting=[q for q in content.questions if q.waiting and not q.lost],
        full=[q for q in content.questions if not q.lost and not q.waiting],
        cells=cells,
        answer=lambda question, answer: _answer(question, answer, budget),
        coloured=lambda code: Markup(budget.coloured(code)),
    )
    return page


def _answer(question: QuestionMarks, answer: Answer, budget: Budget) -> Markup:
    """What a student wrote, with the lines marked that an exception came through."""
    if not answer.is_code:
        if len(answer.source) > MAX_TEXT:  # it would take long to format
            return Markup(box(html.escape(answer.source)))
        return Markup(Headings(TOP_IN_ANSWER).below(safe_text(answer.source)))
    lines = [line for reason in question.reasons for line in reason.lines]
    marked = {line.number for line in lines if line.cell == answer.name}
    shown = [
        f"<mark>{line}</mark>" if number in marked else line
        for number, line in enumerate(budget.coloured(answer.source).split("\n"), start=1)
    ]
    return Markup(box("\n".join(shown)))


def _points(points: float) -> str:
    """A number of points with its unit."""
    return f"{points:.4g} point" if points == 1 else f"{points:.4g} points"


def _day(moment: str) -> str:
    """A time as people write it."""
    return f"{datetime.fromisoformat(moment):%d %B %Y, %H:%M} UTC"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "anchor": anchor_of,
        "box": lambda text: Markup(box(text)),
        "day": _day,
        "number": lambda points: f"{points:.4g}",
        "percent": lambda part, whole: f"{100 * min(1, max(0, part / whole)):.3g}%",
        "points": _points,
        "title": lambda text: Markup(safe_line(text)),
    }
    return environment.get_template("page.html")


@cache
def _style() -> str:
    return (FOLDER / "page.css").read_text()
