"""Making what students wrote harmless where a page has scripts of its own, as formgrader's have."""

import bleach
from nbformat import NotebookNode

from referee.feedback.exporter import formatted

WORDS = (
    "a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img "
    "ins kbd li ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead "
    "tr u ul"
)
TAGS = frozenset(WORDS.split())
SHOWN_PICTURES = ("data:image/png;", "data:image/jpeg;", "data:image/gif;")
LINKS = ("https:", "http:", "mailto:", "#")


def clean_texts(nb: NotebookNode) -> None:
    """Replace students' texts by the HTML that they stand for, without what a browser would run.

    It has no blank line, so that it is one block, and is not taken for Markdown again. Nothing in
    it can be taken for a part of the page, and nothing is fetched from elsewhere. Texts that are
    locked are the instructor's own, and stay.
    """
    for cell in nb.cells:
        if cell.cell_type == "markdown" and not cell.metadata.get("nbgrader", {}).get("locked"):
            page = bleach.clean(
                formatted(cell.source, cell.get("attachments", {})),
                tags=TAGS,
                attributes=_is_allowed,
                protocols=["http", "https", "mailto", "data"],
            )
            while "\n\n" in page:
                page = page.replace("\n\n", "\n&#10;")
            cell.source = f"<div>{page.strip()}</div>"
            cell.pop("attachments", None)


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if name in ("title", "alt", "colspan", "rowspan", "align"):
        return True
    if tag == "img":
        return name in ("width", "height") or (name == "src" and value.startswith(SHOWN_PICTURES))
    return tag == "a" and name == "href" and value.startswith(LINKS)
