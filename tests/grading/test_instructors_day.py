"""The instructor's day, in a browser: from Create Assignment to the feedback that students get."""

import getpass
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.browser import accessibility_errors, needs_browser
from tests.support.exchange import EXCHANGE, make_exchange
from tests.support.exports import zip_of
from tests.support.jupyter import (
    jupyter_server,
    open_menu,
    save,
    signed_in,
    take_picture,
    wait_for_kernel,
)
from tests.support.toy import (
    CONFIG,
    NAME,
    NOTEBOOK,
    RIGHT,
    WITH_REFEREE,
    ToyCourse,
    by_hand,
    make_toy,
    question,
)

pytestmark = [needs_browser, pytest.mark.xdist_group("instructor's day")]
MASTER = [
    nbformat.v4.new_markdown_cell("# Homework"),
    nbformat.v4.new_markdown_cell("## Q1. Twice as much"),
    *question("double", "assert double(21) == 42, 'double: twice 21 is 42'"),
    nbformat.v4.new_markdown_cell("## Q2. Half as much"),
    *question("halve", "assert halve(5.0) == 2.5, 'halve: half of 5 is 2.5'"),
    nbformat.v4.new_markdown_cell("## Q3. In words"),
    by_hand("explain", 3),
]
ME = getpass.getuser()  # who hands in by the exchange
ROSTER = f"""id,name,email
{ME},"Hopper, Grace",grace@uni.edu
ada,Ada Lovelace,ada@uni.edu
"""
WORDS = "One doubles, the other undoes it."
LOADED = "window.formgrader?.grades?.loaded && formgrader.comments.loaded"  # in formgrader's page
WHY = "Half of the class was ill."
COMMENT = "Good. Say also what happens to odd numbers."


class Day:
    """A course with an exchange, its server, and the instructor's browser."""

    def __init__(self, course: ToyCourse, student: ToyCourse, page: Any, address: str) -> None:
        self.course, self.student, self.page, self.address = course, student, page, address

    def formgrader(self, place: str) -> None:
        """Open a page of formgrader."""
        self.page.goto(f"{self.address}formgrader/{place}")
        self.page.locator(".dataTable #main-table").wait_for()  # it has all of its rows by then

    def press(self, row: str, button: str) -> str:
        """Press a button of a row of formgrader's table, and return its answer."""
        self.row(row).locator(f".{button} a").click()
        answer = self.page.locator(".modal-content")
        text = answer.locator(".modal-body").inner_text()
        assert answer.locator(".modal-title").inner_text() == "Success", text
        return str(text)

    def row(self, text: str) -> Any:
        """The row of formgrader's table that has this text."""
        return self.page.locator("#main-table tr", has_text=text)

    def file(self, path: str) -> None:
        """Open a file of the course."""
        self.page.goto((self.course.root / path).as_uri())


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    root = make_exchange(tmp_path)
    course = make_toy(root / "course", CONFIG + WITH_REFEREE + EXCHANGE, MASTER)
    student = ToyCourse(root / "student")
    student.root.mkdir()
    config = f"c = get_config()\n{EXCHANGE}c.CourseDirectory.course_id = 'toy'\n"
    (student.root / "nbgrader_config.py").write_text(config)
    with jupyter_server(course.root, root / "jupyter") as address, signed_in(address) as page:
        yield Day(course, student, page, address)


def test_from_create_assignment_to_feedback(day: Day) -> None:
    give_five_points_for_words(day)
    release(day)
    hand_in_by_the_exchange(day.student)
    collect(day)

    day.course.run("referee", "grade", NAME)
    names_states_and_marks_are_in_formgrader(day)
    day.formgrader(f"manage_submissions/{NAME}")
    answer = day.press("ada", "autograde")
    assert "ada: 5 of 15 points. Lost: 5 in Q2, 5 in Q3." in answer
    assert len(answer) < 200

    mark_by_hand(day)
    mark_a_group(day)
    assert "was written: 2" in day.course.run("referee", "feedback", NAME)
    feedback_page_has_mark_and_comment(day)
    day.formgrader(f"manage_submissions/{NAME}")
    day.press("Hopper, Grace", "release-feedback")
    day.student.run("nbgrader", "fetch_feedback", NAME)
    (fetched,) = (day.student.root / NAME / "feedback").rglob("*.html")
    assert COMMENT in fetched.read_text()


def give_five_points_for_words(day: Day) -> None:
    """The panel Create Assignment shows the master's cells; there, change what one is worth."""
    page = day.page
    page.goto(f"{day.address}lab/tree/source/{NOTEBOOK}")
    page.get_by_role("button", name="Select Kernel", exact=True).click()
    wait_for_kernel(page)
    open_menu(page, "Create assignment")
    total = page.locator(".nbgrader-TotalPointsInput")
    cells = page.locator(".nbgrader-CellWidget")
    assert cells.count() == len(MASTER)
    names = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in MASTER]
    shown = [
        cells.nth(place).locator("input[type=text]").input_value() for place in range(len(names))
    ]
    assert shown == names
    assert total.input_value() == "13"
    points = cells.nth(names.index("explain")).locator("input[type=number]")
    assert points.input_value() == "3"
    points.fill("5")
    points.press("Tab")
    assert total.input_value() == "15"
    page.locator(".jp-Notebook").click()
    save(page)


def release(day: Day) -> None:
    day.formgrader("manage_assignments")
    day.press(NAME, "assign")
    day.formgrader("manage_assignments")
    day.press(NAME, "release")


def hand_in_by_the_exchange(student: ToyCourse) -> None:
    student.run("nbgrader", "fetch_assignment", NAME)
    path = student.root / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = (RIGHT | {"explain": WORDS}).get(cell.id, cell.source)
    nbformat.write(notebook, path)
    student.run("nbgrader", "submit", NAME)


def collect(day: Day) -> None:
    """One submission from the exchange, another from a learning platform, with a roster."""
    day.formgrader("manage_assignments")
    day.press(NAME, "collect")
    notebook = day.course.released()
    for cell in notebook.cells:
        cell.source = RIGHT["double"] if cell.id == "double" else cell.source
    handed_in = {"Ada Lovelace_11_assignsubmission_file_/toy.ipynb": nbformat.writes(notebook)}
    zip_of(day.course.root / "moodle.zip", handed_in)
    (day.course.root / "roster.csv").write_text(ROSTER)
    day.course.run("referee", "collect", NAME, "moodle.zip", "--roster", "roster.csv")


def names_states_and_marks_are_in_formgrader(day: Day) -> None:
    day.formgrader(f"manage_submissions/{NAME}")
    for name, state, score in (
        ("Hopper, Grace", "needs manual grading", "10 / 15"),
        ("Lovelace, Ada", "graded", "5 / 15"),
    ):
        text = day.row(name).inner_text()
        assert state in text, text
        assert score in text, text
    assert "None, None" not in day.page.inner_text("body")
    # In the picture, Grace has not the login of whoever runs this.
    day.row("Hopper, Grace").get_by_text(ME, exact=True).evaluate(
        "cell => cell.innerText = 'grace'"
    )
    take_picture(day.page.locator(".dataTables_wrapper"), "formgrader")


def open_submission(day: Day, name: str) -> None:
    """Choose a student of formgrader's list, and wait for the marks that are there."""
    day.formgrader(f"gradebook/{NAME}/{NAME}")
    day.page.get_by_role("button", name="Show All Names").click()
    day.page.get_by_role("link", name=name).click()
    day.page.wait_for_function(LOADED)


def mark_by_hand(day: Day) -> None:
    """Type points and a comment into formgrader, which saves each when the field is left."""
    page = day.page
    open_submission(day, "Hopper, Grace")
    for field, text in (("#explain", "4"), ("#explain-comment", COMMENT)):
        with page.expect_response(lambda response: response.request.method == "PUT"):
            page.locator(field).fill(text)
            page.locator(field).press("Tab")
    assert WORDS in page.inner_text("#notebook")
    day.formgrader(f"manage_submissions/{NAME}")
    text = day.row("Hopper, Grace").inner_text()
    assert "14 / 15" in text
    assert "needs manual grading" not in text


def mark_a_group(day: Day) -> None:
    """Give points and a comment to all who lost points for a reason: formgrader says why."""
    groups = day.course.run("referee", "mark", NAME)
    (group,) = re.findall(r"Q2-\w+-\w+", groups)
    gift = ("--points=+1", "--comment", "Hand it in next week.", "--why", WHY, "--by", "Grace")
    day.course.run("referee", "mark", NAME, group, *gift)
    open_submission(day, "Lovelace, Ada")
    note = day.page.get_by_role("note")
    given = f"points +1 and a comment by Grace on {datetime.now(UTC):%Y-%m-%d}: {WHY}"
    assert given in note.inner_text()
    assert day.page.locator("#halve-visible").input_value() == "1"
    assert day.page.locator("#halve-comment").input_value() == "Hand it in next week."
    box = note.bounding_box()
    around = {"x": box["x"] - 20, "y": box["y"] - 70, "width": box["width"] + 40, "height": 510}
    take_picture(day.page, "marked-group", clip=around, full_page=True)


def feedback_page_has_mark_and_comment(day: Day) -> None:
    day.file(f"feedback/{ME}/{NAME}/{NAME}.html")
    text = day.page.inner_text("body")
    assert COMMENT in text
    assert "14 of 15 points" in text
    assert "Grace Hopper" in text
    take_picture(day.page, "feedback")  # as it opens: axe unfolds all of it
    assert accessibility_errors(day.page) == []
