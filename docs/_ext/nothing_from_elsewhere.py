"""A built page loads nothing from another place: no fonts, no scripts, no pictures of a CDN."""

import re
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
URL = re.compile(r"url\([\"']?((?:https?:)?//[^)\"']+)")  # in a style sheet
LINKS_THAT_LOAD = {"stylesheet", "preload", "modulepreload", "icon", "preconnect", "dns-prefetch"}


class Loads(HTMLParser):
    """Collects the addresses from which a page loads something."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attribute of this tag that loads something."""
        found = dict(attrs)
        if tag == "link" and LINKS_THAT_LOAD & set((found.get("rel") or "").split()):
            self.addresses.append(found.get("href") or "")
        elif tag in LOADS:
            self.addresses.append(found.get(LOADS[tag]) or "")


def loaded_from_elsewhere(page: str) -> list[str]:
    """Addresses on other machines from which a page of HTML loads something."""
    loads = Loads()
    loads.feed(page)
    return [each for each in loads.addresses if "//" in each.split("?")[0]]


def _check(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    for path in sorted(Path(app.outdir).rglob("*")):
        if path.suffix not in (".html", ".css"):
            continue
        text = path.read_text()
        found = loaded_from_elsewhere(text) if path.suffix == ".html" else URL.findall(text)
        if found:
            getLogger(__name__).warning("%s loads from elsewhere: %s", path.name, ", ".join(found))
            app.statuscode = 1  # it was set before this


def setup(app: Sphinx) -> dict[str, bool]:
    """Look at all pages when they are built."""
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True}
