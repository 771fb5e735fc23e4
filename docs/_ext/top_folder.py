"""The files of the top folder that the site shows, as pages of project/, and links to them.

On GitHub, `../CONTRIBUTING.md` is the file. On the site, it is the page project/contributing.md,
which has the file's text.
"""

import posixpath
import re
from pathlib import Path

from sphinx.application import Sphinx

PAGES = {
    "project/changes": "CHANGELOG.md",
    "project/contributing": "CONTRIBUTING.md",
    "project/security": "SECURITY.md",
}
PAGE_OF = {file: f"docs/{page}.md" for page, file in PAGES.items()}
LINK = re.compile(r"\]\((?!\w+:|#)(?P<path>[^)#\s]+)(?P<anchor>#[\w-]+)?\)")


def _read(app: Sphinx, page: str, source: list[str]) -> None:
    """Put a file's text in the place of its page, and have links lead to pages."""
    if page in PAGES:
        file = Path(app.srcdir).parent / PAGES[page]
        app.env.note_dependency(file)
        source[0], folder = file.read_text(), "."
    else:
        folder = posixpath.dirname(f"docs/{page}")

    def on_the_site(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link["path"]))
        target = PAGE_OF.get(target, target)
        path = posixpath.relpath(target, posixpath.dirname(f"docs/{page}"))
        return f"]({path}{link['anchor'] or ''})"

    source[0] = LINK.sub(on_the_site, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Change each page when it is read."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}
