"""The pages that `make docs` has built, in a real browser: accessible, and as wide as the screen.

That they load nothing from elsewhere, `make docs` itself checks; the browser has no network either.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browser import CHROMIUM, PLAYWRIGHT, accessibility_errors, browser_page
from tests.support.guides import DOCS

SITE = DOCS / "_build/html"
FILES = sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)

pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and PLAYWRIGHT), reason="there is no browser"),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browser_page() as page:
        yield page


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SITE)))
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_page_of_the_site_is_accessible_and_not_wider_than_the_screen(
    browser: Any, file: Any, width: int, scheme: str
) -> None:
    browser.set_viewport_size({"width": width, "height": 900})
    browser.emulate_media(color_scheme=scheme)
    browser.goto(file.as_uri())
    browser.wait_for_function("document.getAnimations().length === 0")  # colours fade in
    assert accessibility_errors(browser) == []
    assert browser.evaluate("document.documentElement.scrollWidth") == width


def test_search_finds_a_page(browser: Any) -> None:
    if not FILES:
        pytest.skip("`make docs` has not been run")
    browser.goto((SITE / "search.html").as_uri() + "?q=roster")
    browser.locator("#search-results li a >> text=Learning platforms").first.wait_for()
