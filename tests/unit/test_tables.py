"""The table of marks: no name, total or status is cut off, however many questions there are."""

import io

import pytest
from rich.console import Console

from referee.model.outcomes import Outcome
from referee.record.journal import JournalLine
from referee.report.marks import Mark, Marks
from referee.report.tables import print_marks

STUDENTS = {
    "ada": Outcome.GRADED,
    "bob.with.a.long.name@students.university.example": Outcome.GRADER_FAULT,
    "\N{CJK UNIFIED IDEOGRAPH-738B}\N{CJK UNIFIED IDEOGRAPH-82B3}": Outcome.LOST_CELLS,
    "dora": Outcome.NEEDS_MARKING,
}


def marks(count: int, notebooks: tuple[str, ...] = ("book",)) -> list[Marks]:
    """Marks of four students for so many questions, of 2 points each."""
    rows = []
    for student, outcome in STUDENTS.items():
        questions = {
            f"{notebook}/q{number}": Mark(
                f"Q{place * count + number}",
                f"part {number}",
                notebook,
                1.5 if outcome.has_marks else None,
                2,
                0,
                False,
            )
            for place, notebook in enumerate(notebooks)
            for number in range(1, count + 1)
        }
        total, most = 1.5 * len(questions), 2.0 * len(questions)
        waiting = 8.0 if outcome is Outcome.NEEDS_MARKING else 0.0
        score = total if outcome.has_marks else None
        rows.append(Marks(student, str(outcome), score, most, waiting, 0.0, questions))
    return rows


def printed(rows: list[Marks], width: int, lines: tuple[JournalLine, ...] = ()) -> list[str]:
    """The lines of the table."""
    console = Console(width=width, file=io.StringIO(), highlight=False)
    print_marks(console, rows, list(lines))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("count", [1, 10, 40])
@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_cut_off(width: int, count: int) -> None:
    lines = printed(marks(count), width)
    text = " ".join(lines)
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    assert max(map(len, lines)) <= width
    for label in [f"Q{number} part {number} (2)" for number in range(1, count + 1)]:
        assert label in " ".join(text.split())
    points = [word for line in lines for word in line.split() if word == "1.5"]
    assert len(points) == 3 * count + 3 * (count == 1)  # whose totals are the same
    (row,) = [line for line in lines if line.split()[:1] == ["ada"] and "graded" in line]
    assert f"{1.5 * count:g}" in row.split()


def test_long_name_goes_on_in_the_next_line() -> None:
    lines = [line.split() for line in printed(marks(10), 80)]
    at = next(number for number, words in enumerate(lines) if words and words[0][:3] == "bob")
    assert lines[at][0] + lines[at + 1][0] == "bob.with.a.long.name@students.university.example"


def test_what_waits_for_a_human_is_beside_the_total() -> None:
    (row,) = [line for line in printed(marks(10), 120) if "dora" in line and "of" in line]
    assert "15 of 12" in row
    assert "8 to be marked" in row


def test_maximum_of_total_and_questions_is_in_the_first_row() -> None:
    rows = [line.split() for line in printed(marks(10), 120) if "maximum" in line]
    assert rows == [["maximum", "20"], ["maximum", *["2"] * 10]]


def test_questions_of_two_notebooks_are_told_apart() -> None:
    lines = printed(marks(1, ("eins", "zwei")), 80)
    assert "eins: Q1 part 1 (2)" in lines
    assert "zwei: Q2 part 1 (2)" in lines


@pytest.mark.parametrize("width", [40, 80])
def test_names_of_questions_are_not_broken(width: int) -> None:
    lines = "\n".join(printed(marks(40), width))
    assert all(f"Q{number} part {number} (2)" in lines for number in range(1, 41))


def test_points_by_hand_have_a_star() -> None:
    question = Mark("Q1", "essay", "book", 1, 2, 0, True)
    lines = printed([Marks("ada", "graded", 1, 2, 0, 0, {"essay": question})], 80)
    assert any("1*" in line.split() for line in lines)
    assert "* marked by hand" in lines


def test_points_by_hand_that_are_of_another_work_are_named() -> None:
    question = Mark("Q1", "essay", "book", 1, 2, 0, True, look_again=True)
    lines = printed([Marks("ada", "graded", 1, 2, 0, 0, {"essay": question})], 120)
    assert any("looked at again in formgrader: ada (Q1)" in line for line in lines)


def test_lateness_is_said_below_the_table() -> None:
    line = JournalLine("", "ada", "toy", "graded", "", 1.0, "", "", late=3600, late_penalty=4)
    assert "ada: late. handed in 1:00:00 late; it costs 4 points" in printed([], 80, (line,))
