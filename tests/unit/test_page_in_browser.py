"""A feedback page in a real browser: as wide as the screen, accessible, valid; also in print."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from referee.boundary.messages import Raised
from referee.judge.exceptions import rebuilt
from referee.judge.verdict import Verdict
from tests.support.browser import accessibility_errors, browser_page, needs_browser
from tests.support.pages import displayed, failed, page_of, showing
from tests.support.toy import by_hand, given, question, solution, test

TIDY = shutil.which("tidy")
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WIDE = "x = " + " + ".join(["a_long_name"] * 30)
TABLE = "| a | | b |\n|---|---|---|\n| " + "wide_" * 60 + " | 1 | 2 |"
MASTER = [
    nbformat.v4.new_markdown_cell(f"# Homework\n## 7. Doubling\n$$\\sum_i {'x_i + ' * 60} 1$$"),
    given("picture", WIDE),
    *question("double", "assert double(2) == 4"),
    nbformat.v4.new_markdown_cell(f"## 8. A heading of {'manywordsinone' * 8} letters\n{TABLE}"),
    *question("halve", "assert halve(5) == 2.5"),
    nbformat.v4.new_markdown_cell("#### 9. In words"),
    by_hand("explain", 3),
    nbformat.v4.new_markdown_cell("## 10. Not done"),
    solution("todo", "raise NotImplementedError()"),
    test("todo-hidden", "1", 2),
    test("free", "assert False", 0),
]


def verdict(error: BaseException) -> Verdict:
    try:
        raise error
    except BaseException as raised:
        return Verdict.on(raised, ["a-test, line 1: assert double(4) is not None, 'nothing'"])


def rich_page() -> str:
    """A page with everything that a page may have."""
    with pytest.raises(AssertionError) as raised:
        np.testing.assert_allclose(np.arange(40.0), np.zeros(40), err_msg="double: of many")
    compared = Verdict.on(raised.value, [])
    line = f"line 2, in double: {WIDE}"
    own = verdict(rebuilt(Raised("ValueError", "ValueError", "shapes", line)))
    frame = (
        "<table><thead><tr><th></th><th>0</th></tr></thead><tr><th>1</th><td>2</td></tr></table>"
    )
    outputs = {
        "picture": displayed({"image/png": PIXEL}),
        "double": displayed({"text/html": frame}),
        "halve": nbformat.v4.new_output("stream", name="stdout", text="y" * 3000),
    }
    ended = {
        "double-visible": compared,
        "double-hidden": own,
        "free": verdict(
            AssertionError(
                f"free: 1 check fails\n expected  got\nit\n  [1]  {'2' * 28}  {'3' * 28}\n  1 of"
            )
        ),
    }
    cells = []
    for cell in MASTER:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name == "double":
            cell = nbformat.from_dict({**cell, "source": f"def double(x):\n    {WIDE}"})
        elif name == "halve":
            cell = nbformat.from_dict({**cell, "source": "def halve(x):\n    return x"})
        if name in ended:
            cell = failed(cell, ended[name])
        elif name in outputs:
            cell = showing(cell, outputs[name])
        cells.append(cell)
    return page_of(
        MASTER,
        cells,
        points={"halve-visible": 1.0, "halve-hidden": 4.0, "explain": None},
        comments={"halve": "Well done", "double": "Look again\nat the text"},
        late_penalty=1.0,
        extra_credit=0.5,
        student="ada_augusta_countess_of_lovelace_of_the_class_of_2026",
        handed_in="2026-03-01T12:30Z",
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(rich_page())
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browser_page() as page:
        yield page


@needs_browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_page_is_accessible_and_not_wider_than_the_screen(
    browser: Any, file: Path, width: int, scheme: str
) -> None:
    browser.set_viewport_size({"width": width, "height": 900})
    browser.emulate_media(color_scheme=scheme)
    browser.goto(file.as_uri())
    assert accessibility_errors(browser) == []
    assert browser.evaluate("document.documentElement.scrollWidth") == width


@needs_browser
@pytest.mark.xdist_group("browser")
def test_link_unfolds_the_notebook(browser: Any, file: Path) -> None:
    browser.goto(file.as_uri())
    assert not browser.locator("#cell-double").is_visible()
    browser.click("text=See it in your notebook >> nth=0")
    browser.wait_for_timeout(100)
    assert browser.locator("#cell-double").is_visible()


@needs_browser
@pytest.mark.xdist_group("browser")
def test_notebook_is_printed(browser: Any, file: Path) -> None:
    browser.goto(file.as_uri())
    browser.emulate_media(media="print")
    assert browser.locator("#cell-double").is_visible()
    browser.emulate_media(media="screen")


@needs_browser
@pytest.mark.xdist_group("browser")
def test_heading_is_printed_on_the_sheet_of_what_it_is_about(browser: Any, file: Path) -> None:
    browser.goto(file.as_uri())
    browser.emulate_media(media="print")
    breaks = "all => all.map(each => getComputedStyle(each).breakAfter)"
    assert set(browser.eval_on_selector_all("h2", breaks)) == {"avoid"}
    browser.emulate_media(media="screen")


@pytest.mark.skipif(TIDY is None, reason="there is no tidy")
def test_page_is_valid_html(file: Path) -> None:
    assert TIDY is not None
    command = [TIDY, "-quiet", "-errors", "--drop-empty-elements", "no", str(file)]
    assert subprocess.run(command, capture_output=True, text=True).stderr == ""


def test_page_is_one_small_file() -> None:
    assert len(rich_page()) < 30_000
