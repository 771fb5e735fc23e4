"""A real browser that opens pages and tells which scripts they run."""

import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from PIL import Image
from traitlets.config import Config

PLAYWRIGHT = find_spec("playwright") is not None  # `make attacks` installs it
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
needs_browser = pytest.mark.skipif(not (CHROMIUM and PLAYWRIGHT), reason="there is no browser")
SETTLING = 150  # milliseconds in which scripts of a page, and its pictures', may start


@contextmanager
def browser_page(scale: float = 1) -> Iterator[Any]:
    """A page of a browser, which Playwright drives; pictures of it are larger by a factor."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            context = browser.new_context(offline=True, device_scale_factor=scale)
            yield context.new_page()  # nothing is waited for
        finally:
            browser.close()


class Listener:
    """Opens files, and hears of each script that the browser compiles for them, inline or not."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.heard: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.on("Debugger.scriptParsed", self._hear)
        session.send("Debugger.enable")
        page.on("dialog", lambda dialog: dialog.dismiss())

    def _hear(self, event: dict[str, Any]) -> None:
        if event["url"]:  # what Playwright itself runs has none
            self.heard[event["hash"]] = f"{event['url'][:200]} line {event['startLine']}"

    def scripts(self, file: Path) -> dict[str, str]:
        """The scripts of a page: where each stands, by a hash of its text."""
        self.heard = {}
        self.page.goto(file.as_uri(), wait_until="load")
        open_details(self.page)
        self.page.wait_for_timeout(SETTLING)
        return dict(self.heard)


def keep_small(picture: Path) -> None:
    """Rewrite a screenshot with a palette: a third of the bytes, and the same to the eye."""
    with Image.open(picture) as image:
        see_through = image.mode == "RGBA"
        method = Image.Quantize.FASTOCTREE if see_through else Image.Quantize.MEDIANCUT
        small = image.quantize(64 if see_through else 256, method)
    small.save(picture, optimize=True)


def open_details(page: Any) -> None:
    """Unfold all that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


def accessibility_errors(page: Any) -> list[str]:
    """What axe finds wrong with a page, when all that is folded is open."""
    from axe_playwright_python.sync_playwright import Axe

    open_details(page)
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def formgrader_page(notebook: Path, config: Config, **names: str) -> str:
    """What formgrader makes of an autograded notebook, by its own template and exporter.

    `names` are whose it is, and of what, if that matters.
    """
    mine = Config(config)
    mine.HTMLExporter.template_name = "formgrade"
    mine.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    resources = {
        "assignment_id": "a", "notebook_id": "n", "submission_id": "s", "index": 0, "total": 1,
        "base_url": "", "student": "x", "last_name": "", "first_name": "", "notebook_path": "",
    } | names  # fmt: skip
    page, _ = HTMLExporter(config=mine).from_filename(str(notebook), resources=resources)
    return str(page)


def formgrader_pages(notebooks: Iterable[Path], config: Config) -> Iterator[str]:
    """What `formgrader_page` makes of each notebook, by two processes: it takes seconds of CPU."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield from pool.map(partial(formgrader_page, config=config), notebooks)
