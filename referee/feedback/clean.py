"""Making HTML of other people harmless: it runs nothing, fetches nothing, and has no style."""

import html
import re

import nh3
from nbformat import NotebookNode

from referee.feedback.texts import formatted

WORDS = (
    "a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img "
    "ins kbd li ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead "
    "tr u ul"
)
TAGS = set(WORDS.split())
# What a page cannot show, in words; what stands in it is for browsers that cannot either.
NOT_SHOWN = {
    "audio": "a sound",
    "canvas": "a drawing",
    "embed": "a file",
    "iframe": "another page",
    "math": "a formula",
    "object": "a file",
    "script": "something interactive",
    "svg": "a drawing",
    "video": "a film",
}
WITHOUT_CONTENT = {*NOT_SHOWN, "style", "title", "template", "noscript"} - {"embed"}
OPENED = re.compile(rf"<({'|'.join(NOT_SHOWN)})\b", re.IGNORECASE)
SHOWN_PICTURES = ("data:image/png;", "data:image/jpeg;", "data:image/gif;")
LINKS = ("https:", "http:", "mailto:", "#")
SCHEMES = {"http", "https", "mailto", "data"}
ATTRIBUTES = {
    "*": {"title"},
    "a": {"href"},
    "img": {"alt", "height", "src", "width"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
NUMBERS = {"colspan", "height", "rowspan", "width"}
MAX_NUMBER = 4  # digits
NO_PICTURE = re.compile(r"<img(?![^>]* src=)[^>]*>")  # its attributes have no ">" any more
ALT = re.compile(r' alt="([^"]*)"')


def clean_html(page: str, forbidden: str = "") -> str:
    """HTML without what a browser would run or load, as a whole: what is open in it is closed.

    What was to be seen or heard of that is named, once each. `forbidden` is a character that no
    attribute may have.
    """

    def kept(tag: str, name: str, value: str) -> str | None:
        ok = _is_allowed(tag, name, value) and not (forbidden and forbidden in value)
        return value if ok else None

    cleaned = nh3.clean(
        _with_names(page),
        tags=TAGS,
        clean_content_tags=WITHOUT_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=kept,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    return NO_PICTURE.sub(_no_picture, cleaned).replace(
        "<th></th>", "<td></td>"
    )  # a header of nothing


def _with_names(page: str) -> str:
    """HTML in which words stand before the first of each of what a page cannot show."""
    named: set[str] = set()

    def before(tag: re.Match[str]) -> str:
        words = NOT_SHOWN[tag[1].lower()]
        if words in named:
            return tag[0]
        named.add(words)
        return f"<em>(not shown here: {words})</em>{tag[0]}"

    return OPENED.sub(before, page)


def _no_picture(tag: re.Match[str]) -> str:
    """What stands in the place of a picture that lies elsewhere, or is of a kind not known."""
    found = ALT.search(tag[0])
    about = f", {html.escape(html.unescape(found[1]))}" if found and found[1].strip() else ""
    return f"<em>(not shown here: a picture{about})</em>"


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if name in NUMBERS:
        return value.isascii() and value.isdigit() and len(value) <= MAX_NUMBER
    if name == "src":
        return value.startswith(SHOWN_PICTURES)
    return name != "href" or value.startswith(LINKS)


def clean_texts(nb: NotebookNode) -> None:
    """Replace students' texts by the HTML that they stand for, for pages that have scripts.

    It has no blank line, so that it is one block, and is not taken for Markdown again. A raw text
    is shown as it is, and not read as HTML, which takes the square of some texts' length. Texts
    that are locked are the instructor's own, and stay. Texts that cells show are replaced, too: if
    one had a picture that is not there, nbconvert would make no page.
    """
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            if (text := output.get("data", {}).pop("text/markdown", None)) is not None:
                output.data.setdefault("text/html", clean_html(formatted(text)))
        if cell.metadata.get("nbgrader", {}).get("locked"):
            continue
        if cell.cell_type == "raw":
            cell.source = f"<pre>{html.escape(cell.source)}</pre>"
        if cell.cell_type == "markdown":
            page = clean_html(formatted(cell.source, cell.get("attachments", {})))
            while "\n\n" in page:
                page = page.replace("\n\n", "\n&#10;")
            cell.source = f"<div>{page.strip()}</div>"
            cell.pop("attachments", None)
