"""Writing a feedback page, of what it says and of the notebook."""

import html
from functools import cache

from jinja2 import Template
from markupsafe import Markup
from nbformat import NotebookNode

from referee.feedback.cells import Headings, anchor_of, box, shown_cells
from referee.feedback.code import Budget
from referee.feedback.content import Answer, Content, QuestionMarks
from referee.feedback.hide import MAX_TEXT
from referee.feedback.look import COMMON, FOLDER, page_environment
from referee.feedback.safe_texts import safe_text

FILES = (*COMMON, "page.html", "page.css")
TOP_IN_ANSWER = 5  # the level of an answer's first headings: below "Your answer"


def rendered_page(content: Content, nb: NotebookNode) -> str:
    """The page of a notebook, from which what students should not read is gone."""
    budget = Budget()
    cells = shown_cells(nb, content, budget)
    page: str = _template().render(
        page=content,
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


@cache
def _template() -> Template:
    environment = page_environment(
        FOLDER, "page.css", anchor=anchor_of, box=lambda text: Markup(box(text))
    )
    return environment.get_template("page.html")
