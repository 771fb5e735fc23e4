"""A built page loads nothing from another place: no fonts, no scripts, no pictures of a CDN."""

from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
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
    for path in sorted(Path(app.outdir).rglob("*.html")):
        if found := loaded_from_elsewhere(path.read_text()):
            raise ExtensionError(f"{path.name} loads something from elsewhere: {', '.join(found)}")
    for path in sorted(Path(app.outdir).rglob("*.css")):
        if "url(http" in path.read_text() or "url(//" in path.read_text():
            raise ExtensionError(f"{path.name} loads something from elsewhere")


def setup(app: Sphinx) -> dict[str, bool]:
    """Look at all pages when they are built."""
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True}
