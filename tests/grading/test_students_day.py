"""The student's day, in a browser: from fetching the assignment to handing it in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.browser import needs_browser
from tests.support.course import make_course
from tests.support.exchange import EXCHANGE, make_exchange
from tests.support.jupyter import Lab, jupyter_server, open_menu, save, signed_in, take_picture
from tests.support.solutions import ASSIGNMENT, BANK, NOTEBOOK, RELEASE, read_solution

pytestmark = [needs_browser, pytest.mark.xdist_group("student's day")]
WRONG = read_solution(BANK / "wrong/dropout/not_scaled.py")["dropout"]
RIGHT = read_solution(BANK / "right/vectorised.py")["dropout"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a student of a course that has released Optimization to the exchange."""
    root = make_exchange(tmp_path_factory.mktemp("day"))
    (root / "course").mkdir()
    course = make_course(root / "course")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(EXCHANGE)
    (course.root / "release").symlink_to(RELEASE.parent.parent)
    course.run("nbgrader", "release_assignment", ASSIGNMENT)
    home = root / "student"
    home.mkdir()
    (home / "nbgrader_config.py").write_text(f"c = get_config()\n{EXCHANGE}")
    return home


@pytest.fixture
def lab(home: Path, tmp_path: Path) -> Iterator[tuple[Any, str]]:
    with jupyter_server(home, tmp_path) as address, signed_in(address) as page:
        yield page, address


def test_from_opening_to_handing_in(lab: tuple[Any, str], home: Path) -> None:
    page, address = lab
    fetch(page, address)

    notebook = Lab(page, address, NOTEBOOK, [cell.id for cell in cells_of(home / NOTEBOOK)])
    for cell in ("setup", "imports", "load", "dropout"):
        notebook.run(cell)
    assert notebook.run("dropout-visible") == "dropout is not written yet."

    notebook.write("dropout", WRONG)
    notebook.run("dropout")
    assert "expected" in notebook.run("dropout-visible")

    notebook.write("dropout", RIGHT)
    notebook.run("dropout")
    assert "dropout: all visible tests pass" in notebook.run("dropout-visible")
    notebook.cell("dropout-visible").locator(".jp-OutputArea-output").scroll_into_view_if_needed()
    take_picture(page, "student")

    save(page)
    said = notebook.run("check")
    assert re.search("passed +Q1. Dropout, forward", said)
    assert "1 passed, 0 failed, 16 not written yet" in said
    save(page)

    hand_in(page, address)
    (handed_in,) = (home.parent / "exchange").glob(f"{ASSIGNMENT}/inbound/*/{ASSIGNMENT}.ipynb")
    sources = {cell.id: cell.source for cell in cells_of(handed_in)}
    assert sources["dropout"] == RIGHT


def cells_of(notebook: Path) -> list[Any]:
    return list(nbformat.read(notebook, as_version=4).cells)


def open_assignment_list(page: Any, address: str) -> None:
    page.goto(f"{address}lab")
    open_menu(page, "Assignment List")


def fetch(page: Any, address: str) -> None:
    open_assignment_list(page, address)
    page.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    page.locator("#fetched_assignments_list").get_by_role("button", name="Submit").wait_for()


def hand_in(page: Any, address: str) -> None:
    open_assignment_list(page, address)
    page.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    page.locator("#submitted_assignments_list .list_item").first.wait_for()
