"""Pages for the teacher in a real browser: as wide as the screen, accessible, valid HTML."""

import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from referee.marking.mark import mark_group
from referee.marking.plan import Gift
from referee.model.outcomes import Outcome
from referee.nbgrader.course import Course
from referee.report.class_report import read_class
from referee.report.page import write_report
from referee.similar.compare import Cell, Solution, compare
from referee.similar.page import write_page
from referee.similar.sources import Found
from tests.support.browser import accessibility_errors, browser_page, needs_browser
from tests.support.classes import EVIL, WHOLE, make_class, record, refused, result
from tests.support.copies import record_copies
from tests.support.independent import independent_class
from tests.support.toy import NAME

TIDY = shutil.which("tidy")
LONG = "manywordsinone" * 12


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with long names and sentences, and with all of its parts."""
    toy = make_class(tmp_path_factory.mktemp("class"))
    course = record(
        toy,
        result("ada"),
        result(LONG, {"double-hidden": LONG, "double-visible": EVIL}, notes=(LONG,)),
        result("bob", {"double-hidden": WHOLE}),
        refused("bad", Outcome.UNREADABLE, LONG),
        explained={"ada": 3, "bob": 0},
        late={"bob": 60.0},
    )
    record_copies(course, NAME, 60)
    with toy.gradebook() as gradebook:
        gradebook.add_student("nobody")
    report = read_class(course, NAME)
    (group,) = (each.id for each in report.questions[0].groups if each.message == WHOLE)
    mark_group(course, report, group, Gift("+1", f"{EVIL}\n{LONG}", LONG, LONG))
    return write_report(course, read_class(course, NAME))


@pytest.fixture(scope="module")
def similar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page about similar code, with long names and lines, and with all of its parts."""
    toy = make_class(tmp_path_factory.mktemp("similar"))
    solutions = independent_class(20, random.Random(1))
    first, second, *_ = solutions
    first = replace(first, author=LONG)
    part = replace(second, author="part", cells=(*solutions[2].cells, second.cells[-1]))
    known = Solution("known", second.cells, known=True)
    wide = (Cell(LONG, first.cells[-1].source.replace("\n", f"  # {LONG}\n")), *first.cells)
    copy = replace(first, author=EVIL, cells=wide)
    comparison = compare([first, copy, part, known, *solutions[1:], Solution("empty", ())])
    found = Found(comparison.solutions, (), {"bad": LONG})
    return write_page(Course.open(toy.root), NAME, found, comparison)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browser_page() as page:
        yield page


@needs_browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("page", ["file", "similar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_page_is_accessible_and_not_wider_than_the_screen(
    browser: Any, page: str, width: int, scheme: str, request: pytest.FixtureRequest
) -> None:
    file: Path = request.getfixturevalue(page)
    browser.set_viewport_size({"width": width, "height": 900})
    browser.emulate_media(color_scheme=scheme)
    browser.goto(file.as_uri())
    assert accessibility_errors(browser) == []
    assert browser.evaluate("document.documentElement.scrollWidth") == width


@needs_browser
@pytest.mark.xdist_group("browser")
def test_no_column_of_the_times_is_cut(browser: Any, file: Path) -> None:
    browser.set_viewport_size({"width": 1440, "height": 900})
    browser.goto(file.as_uri())
    tables = browser.locator(".halves .scroll").evaluate_all(
        "tables => tables.map(each => each.scrollWidth - each.clientWidth)"
    )
    assert tables == [0, 0]


@needs_browser
@pytest.mark.xdist_group("browser")
def test_names_are_printed(browser: Any, file: Path) -> None:
    browser.goto(file.as_uri())
    assert not browser.locator(".who >> text=bob >> nth=0").is_visible()
    browser.emulate_media(media="print")
    assert browser.locator(".who >> text=bob >> nth=0").is_visible()
    browser.emulate_media(media="screen")


@pytest.mark.skipif(TIDY is None, reason="there is no tidy")
@pytest.mark.parametrize("page", ["file", "similar"])
def test_page_is_valid_html(page: str, request: pytest.FixtureRequest) -> None:
    file: Path = request.getfixturevalue(page)
    assert TIDY is not None
    command = [TIDY, "-quiet", "-errors", "--drop-empty-elements", "no", str(file)]
    assert subprocess.run(command, capture_output=True, text=True).stderr == ""
