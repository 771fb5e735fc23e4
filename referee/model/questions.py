"""The questions of an assignment: what table, feedback page and report name, in one numbering."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from referee.model.assignment import Assignment, AssignmentCell, AssignmentNotebook

# "7. Dropout", "Q3 Batchnorm", "Exercise 2.1: Sorting", "Aufgabe 5"
WORDS = (
    "Q|Question|Exercise|Ex|Problem|Task|Part|Section|Aufgabe|Teilaufgabe|Übung|Frage|Teil|Exercice"
    "|Ejercicio|Pregunta|Esercizio|Domanda|Opgave|Oefening|Vraag|Uppgift|Oppgave|Zadanie|Tehtävä"
)
NUMBER = re.compile(
    rf"(?:(?:{WORDS})\b\.?\s*|Q(?=\d))?(?P<number>\d{{1,2}}(?:\.\d{{1,2}})*(?-i:[a-z])?)(?!\w)[.:)]?"
    r"(?:\s*[-\N{EN DASH}\N{EM DASH}:]\s+|\s+|$)",
    re.IGNORECASE,
)
# "(10 points)", "[5 pts]", "(2,5 Punkte)"
POINTS = re.compile(
    r"\s*[(\[]\s*\d+(?:[.,]\d+)?\s*"
    r"(?:points?|pts?|marks?|credits?|Punkte?|Pkt|P|puntos?|punt[io]|pontos?|punten|poäng|poeng|pkt)"
    r"\.?\s*[)\]]",
    re.IGNORECASE,
)

GENERATED = re.compile(r"(cell|task)-[0-9a-f]{8,}")  # a grade id that nbgrader has made up


@dataclass(frozen=True)
class Question:
    """Something that is marked: test cells of one stem, an answer or a task that humans mark.

    `label` is short and unique in the assignment: Q7. `cells` are the names of its marked cells, in
    their order, and `max_score` is what they are worth. `key` is for programs.
    """

    label: str
    key: str
    notebook: str
    name: str
    title: str
    max_score: float
    cells: tuple[str, ...]


@cache
def question_of(grade_id: str) -> str:
    """The name of the question that a marked cell belongs to: `dropout` for dropout-hidden-2."""
    return re.split("-(?:visible|hidden)", grade_id)[0]


def number_of(heading: str) -> str:
    """The number that a heading begins with: `7` of "7. Dropout"; empty if there is none."""
    found = NUMBER.match(heading)
    return found["number"] if found else ""


def questions_of(assignment: Assignment) -> tuple[Question, ...]:
    """The questions that are worth points, in the order of notebooks and of cells in them.

    Titles are headings of the release, with the name where several questions have the same. Numbers
    of labels are those of the headings, where each question has one and no two have the same;
    otherwise the questions are counted.
    """
    groups = [group for notebook in assignment.notebooks for group in _groups(notebook)]
    groups = [group for group in groups if group.max_score > 0]
    titles = [(group.notebook, group.title) for group in groups]
    numbers = [number_of(group.heading) for group in groups]
    if "" in numbers or len(set(numbers)) < len(numbers):
        numbers = [str(count) for count in range(1, len(groups) + 1)]
    names = [group.name for group in groups]
    return tuple(
        Question(
            f"Q{number}",
            group.name if names.count(group.name) == 1 else f"{group.notebook}/{group.name}",
            group.notebook,
            group.name,
            _told_apart(group, titles),
            group.max_score,
            tuple(cell.name for cell in group.cells),
        )
        for number, group in zip(numbers, groups, strict=True)
    )


def _told_apart(group: "_Group", titles: list[tuple[str, str]]) -> str:
    """The title, and the name behind it if others of the notebook have the same.

    A name that nbgrader has made up says nothing.
    """
    is_clear = titles.count((group.notebook, group.title)) == 1 or GENERATED.fullmatch(group.name)
    return group.title if is_clear else f"{group.title}: {group.name}"


@dataclass(frozen=True)
class _Group:
    """The marked cells of a question, and the heading that it stands under."""

    notebook: str
    name: str
    heading: str
    cells: list[AssignmentCell]

    @property
    def max_score(self) -> float:
        return sum(cell.points or 0.0 for cell in self.cells)

    @property
    def title(self) -> str:
        """The heading without its number and its points; the name where nothing is left."""
        text = POINTS.sub("", self.heading)
        found = NUMBER.match(text)
        return text[found.end() if found else 0 :].strip() or self.name


def _groups(notebook: AssignmentNotebook) -> Iterator[_Group]:
    """The questions of a notebook; each stands where its first cell is, or its solution cell."""
    marked: dict[str, list[AssignmentCell]] = {}
    headings: dict[str, str] = {}
    for cell in notebook.cells:
        headings.setdefault(question_of(cell.name), cell.heading)
        if cell.points is not None:
            marked.setdefault(question_of(cell.name), []).append(cell)
    for name, cells in marked.items():
        yield _Group(notebook.name, name, headings[name], cells)
