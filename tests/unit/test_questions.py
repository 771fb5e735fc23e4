"""The questions of an assignment: what they are called, in which order, and what they are worth."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from referee.model.assignment import Assignment, AssignmentCell, AssignmentNotebook
from referee.model.questions import Question, questions_of
from referee.nbgrader.released import ReleasedNotebooks, headings_in
from tests.support.toy import by_hand, question, solution, task, test


def notebook_of(name: str, cells: list[NotebookNode], folder: Path) -> AssignmentNotebook:
    """A notebook as the gradebook has it, with headings read from the file that is written."""
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    headings = ReleasedNotebooks(folder, None).of(name).headings
    marked = [cell for cell in cells if "nbgrader" in cell.metadata]
    return AssignmentNotebook(
        name,
        None,
        3,
        tuple(
            AssignmentCell(
                cell.metadata.nbgrader.grade_id,
                cell.cell_type,
                cell.metadata.nbgrader.locked,
                cell.source,
                cell.source,
                "",
                cell.metadata.nbgrader.get("points"),
                cell.metadata.nbgrader.solution,
                cell.metadata.nbgrader.task,
                headings[cell.metadata.nbgrader.grade_id],
            )
            for cell in marked
        ),
    )


def questions(folder: Path, **notebooks: list[NotebookNode]) -> tuple[Question, ...]:
    books = (notebook_of(name, cells, folder) for name, cells in notebooks.items())
    return questions_of(Assignment("homework", "", tuple(books)))


def text(source: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source)


def names(found: tuple[Question, ...]) -> list[str]:
    return [f"{question.label} {question.title}" for question in found]


def test_tests_of_one_stem_answers_and_tasks_are_questions(tmp_path: Path) -> None:
    cells = [*question("double", ""), by_hand("explain", 3), task("plot", 2), test("free", "", 0)]
    found = questions(tmp_path, book=cells)
    assert [(each.name, each.max_score, each.cells) for each in found] == [
        ("double", 5, ("double-visible", "double-hidden")),
        ("explain", 3, ("explain",)),
        ("plot", 2, ("plot",)),
    ]
    assert names(found) == ["Q1 double", "Q2 explain", "Q3 plot"]


def test_questions_under_one_heading_are_told_apart_by_their_names(tmp_path: Path) -> None:
    cells = [text("## Sums"), *question("double", ""), *question("halve", ""), text("## Words")]
    generated = [by_hand("cell-0123456789abcdef", 1), by_hand("cell-fedcba9876543210", 1)]
    assert names(questions(tmp_path, book=[*cells, *generated])) == [
        "Q1 Sums: double",
        "Q2 Sums: halve",
        "Q3 Words",
        "Q4 Words",
    ]


def test_title_and_number_are_those_of_the_heading_above(tmp_path: Path) -> None:
    cells = [
        text("# Homework 3\nHello."),
        text("## 7. Doubling, *forward* (5 points)\nText.\n```\n# a comment\n```\n### Hint"),
        *question("double", ""),
        text("A text without a heading"),
        text("## 9. Halving"),
        *question("halve", ""),
    ]
    assert names(questions(tmp_path, book=cells)) == ["Q7 Doubling, forward", "Q9 Halving"]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("## Q3 Batchnorm", "Q3 Batchnorm"),
        ("### Exercise 2.1: Sorting [2.5 pts]", "Q2.1 Sorting"),
        ("Question 4\n---", "Q4 explain"),
        ("# Aufgabe 5 (10 Punkte)", "Q5 explain"),
        ("## 3a) Why?", "Q3a Why?"),
        ("<h2>Task 6 \N{EN DASH} Why &amp; how</h2>", "Q6 Why & how"),
        ("## 3D plots", "Q1 3D plots"),
        ("## The exam of 2024", "Q1 The exam of 2024"),
        ("## The $L_2$ norm of `x` ([book](https://x.org)) ##", "Q1 The $L_2$ norm of x (book)"),
        ("no heading", "Q1 explain"),
    ],
)
def test_heading_is_read_as_people_write_it(tmp_path: Path, heading: str, name: str) -> None:
    assert names(questions(tmp_path, book=[text(heading), by_hand("explain", 1)])) == [name]


@pytest.mark.parametrize("second", ["## 1. Why, again", "## Why, again"])
def test_questions_are_counted_where_numbers_are_not_unique(tmp_path: Path, second: str) -> None:
    cells = [text("## 1. Why"), by_hand("why", 1), text(second), by_hand("again", 1)]
    assert names(questions(tmp_path, book=cells)) == ["Q1 Why", "Q2 Why, again"]


def test_questions_of_two_notebooks_are_counted_through(tmp_path: Path) -> None:
    one = [text("## 1. Why"), by_hand("q1", 1), by_hand("q2", 2)]
    found = questions(tmp_path, eins=one, zwei=[text("## 1. How"), by_hand("q1", 4)])
    assert names(found) == ["Q1 Why: q1", "Q2 Why: q2", "Q3 How"]
    assert [each.key for each in found] == ["eins/q1", "q2", "zwei/q1"]


def test_task_and_answer_may_have_their_heading_in_themselves(tmp_path: Path) -> None:
    cells = [text("# Homework"), task("plot", 2, "## 1. A plot\nDraw."), by_hand("explain", 1)]
    cells[2].source = "## 2. In words\nYOUR ANSWER HERE"
    assert names(questions(tmp_path, book=cells)) == ["Q1 A plot", "Q2 In words"]


def test_headings_of_the_master_in_solutions_are_not_read(tmp_path: Path) -> None:
    answer = by_hand("explain", 1)
    answer.source = "## It is 42"
    cells = [text("## In words"), answer, solution("f", "")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "book.ipynb")
    found = ReleasedNotebooks(tmp_path / "release", tmp_path).of("book")
    assert found.headings == {"explain": "In words", "f": "In words"}


def test_lines_of_code_are_no_headings() -> None:
    assert list(headings_in("    # indented\n~~~\n# fenced\n~~~\n#hashtag")) == []
