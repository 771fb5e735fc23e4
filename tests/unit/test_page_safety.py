"""What students write runs nothing on a feedback page, loads nothing, and looks like no part of it.

All of it is written in bounded time.
"""

import copy
import html.parser
import re

import nbformat
import pytest
from nbconvert.filters.highlight import Highlight2HTML

from referee.feedback.clean import clean_html
from referee.feedback.code import Budget, HighlightInTime
from referee.feedback.formulas import mathml
from referee.feedback.reasons import plain
from referee.feedback.safe_texts import safe_text
from tests.support.bounds import ends
from tests.support.pages import displayed, page_of, text_of
from tests.support.toy import by_hand, question

SCRIPT = "<script>alert(1)</script>"
MASTER = question("double", "1")
HOSTILE = [
    SCRIPT,
    "<img src=x onerror=alert(1)>",
    "<img src='https://elsewhere.example/x.png'>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>body { display: none } @import 'https://elsewhere.example'</style>",
    "<div style='position:fixed; inset:0' class='question' id='points'>over it</div>",
    "<link rel=stylesheet href='https://elsewhere.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
    "<base href='https://elsewhere.example/'>",
    "<form action='https://elsewhere.example'><button>a</button></form>",
    "<a href='javascript:alert(1)'>a</a> [a](javascript:alert(1))",
    "<math><a xlink:href='javascript:alert(1)'>a</a></math>",
    "</div></details></main></body>" + SCRIPT,
    "`</pre>" + SCRIPT + "`",
    "<details open ontoggle=alert(1)>a</details>",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "$\\href{javascript:alert(1)}{x}$ $\\style{position:fixed}{x}$ $\\class{question}{x}$",
    "$\\text{<script>alert(1)</script>}$ $$\\unicode{x3C}script>alert(1)$$",
    "<a title='$\\text{ onclick=alert(1) }$'>a</a>",
    "<a title='\ue0000\ue001'>a</a> $\\text{ onclick=alert(1) }$ &#xE000;0&#xE001;",
]


class Tags(html.parser.HTMLParser):
    """The tags of a page, each with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


PLAIN = page_of(MASTER)
ALLOWED_ATTRIBUTES = {name for _, attributes in Tags(PLAIN).found for name in attributes}


def require_harmless(page: str) -> None:
    """Look for what runs, loads, covers the page, or has a name of one of its parts."""
    tags = Tags(page).found
    names = [name for tag, attributes in tags for name in attributes]
    assert not [name for name in names if name.startswith("on") or name == "xlink:href"]
    forbidden = {"script", "iframe", "object", "embed", "form", "base", "link", "svg", "button"}
    assert not {tag for tag, _ in tags} & forbidden
    assert [tag for tag, _ in tags].count("style") == 1
    assert [tag for tag, _ in tags].count("meta") == 4
    for tag, attributes in tags:
        for name in ("src", "href"):
            address = attributes.get(name) or "#"
            assert address.startswith(("#", "data:image/", "https://", "http://", "mailto:")), tag
            assert name == "href" or address.startswith(("#", "data:image/"))
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    styles = [attributes["style"] for _, attributes in tags if "style" in attributes]
    assert all(re.fullmatch(r"width:[\d.]+%", style or "") for style in styles)
    assert page.count("</main>") == page.count("</body>") == 1
    in_notebook = page.split("<summary>Show it")[1]
    assert in_notebook.count('class="question"') == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_text_cell_is_harmless(text: str) -> None:
    require_harmless(page_of(MASTER, [nbformat.v4.new_markdown_cell(text), *MASTER]))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "kind", ["text/html", "text/markdown", "text/latex", "text/plain", "image/svg+xml", "image/png"]
)
def test_output_is_harmless(kind: str, text: str) -> None:
    cell = nbformat.v4.new_code_cell("1", outputs=[displayed({kind: text})])
    require_harmless(page_of(MASTER, [cell, *MASTER]))


@pytest.mark.parametrize("text", HOSTILE)
def test_code_answers_names_and_comments_are_harmless(text: str) -> None:
    error = nbformat.v4.new_output("error", ename=text, evalue=text, traceback=[text])
    stream = nbformat.v4.new_output("stream", name="stdout", text=text)
    answer = nbformat.from_dict({**MASTER[0], "source": text, "outputs": [error, stream]})
    raw = nbformat.v4.new_raw_cell(text)
    cells = [raw, answer, *MASTER[1:]]
    page = page_of(MASTER, cells, comments={"double": text}, student=text)
    require_harmless(page)
    assert text.split("\ue000")[0][:20] in text_of(page)


def test_page_forbids_scripts_and_what_lies_elsewhere() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', PLAIN)
    assert policy is not None
    assert policy[1].split("; ") == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert "http" not in PLAIN.replace("http-equiv", "")


def test_students_html_closes_what_it_opens() -> None:
    assert clean_html("<table><tr><td><ul><li>x") == (
        "<table><tbody><tr><td><ul><li>x</li></ul></td></tr></tbody></table>"
    )


# ---- formulas ----


def test_formula_is_mathml() -> None:
    page = safe_text(r"so $\frac{a}{b_1} < \hat\gamma$ holds" "\n\n$$\nx^2\n$$")
    assert '<math display="inline"><mrow><mfrac>' in page
    assert "<mo>&lt;</mo>" in page
    assert "\N{GREEK SMALL LETTER GAMMA}" in page
    assert '<math display="block"><mrow><msup>' in page


@pytest.mark.parametrize(
    "formula",
    [
        r"\newcommand{\x}{\y\y\y\y}\newcommand{\y}{\x\x\x\x}\x",
        r"\def\x{\x\x}\x",
        "{" * 3000,
        r"\sqrt{" * 300,
        r"\left(" * 300,
        r"\frac{1}{" * 200,
        "a'" * 900,
        r"\begin{matrix}" * 140,
        r"\mbox{$" * 280,
        "x" * 100_000,
        r"\rule{100em}{100em}" * 80,
        r"\hspace{-99em}",
    ],
    ids=lambda formula: formula[:20],
)
def test_hostile_formula_costs_no_time_and_no_room(formula: str) -> None:
    with ends():
        written = mathml(formula)
    assert len(written) < 60 * len(formula) + 1000
    assert "99em" not in written


def test_text_in_a_formula_has_no_backslash_before_a_sign() -> None:
    assert "<mtext>drop_prob</mtext>" in mathml(r"1 - \text{drop\_prob}")


def test_formula_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert mathml(r"\left( a < b") == r"<code>\left( a &lt; b</code>"


def test_formula_has_one_place() -> None:
    formula = "$" + "x^2 + " * 100 + "x$"
    page = safe_text(formula + "&#xE000;0&#xE001; " * 1000)
    assert page.count("<math") == 1


def test_answer_has_no_heading_like_the_pages() -> None:
    master = by_hand("words", 3)
    answer = copy.deepcopy(master)
    answer.source = "# Full points\n\n## Q1\n\n<h2>Points</h2>"
    page = page_of([master], [answer], points={"words": None})
    assert page.count("Full points</h5>") == page.count("Full points</h3>") == 1
    assert "Q1</h6>" in page and "<h6>Points</h6>" in page


def test_long_answer_is_shown_as_it_is() -> None:
    master = by_hand("words", 3)
    answer = copy.deepcopy(master)
    answer.source = "*a* " * 6000
    assert "<em>" not in page_of([master], [answer], points={"words": None})


# ---- code ----


def test_code_that_is_slow_to_colour_is_shown_as_it_is() -> None:
    source = "pass\n" + " \n" * 100_000
    with ends():
        assert Budget().coloured(source) == source


def test_code_on_formgraders_page_is_that_of_nbconvert() -> None:
    source = '\ndef f(x):\n    """One.\n\n    <b>Two\n    """\n    return f"{x}" @ 2\n%time f(1)\n'
    theirs = Highlight2HTML(pygments_lexer="ipython3")(source)
    assert HighlightInTime()(source) == theirs


def test_code_that_is_slow_to_colour_has_no_colours_on_formgraders_page() -> None:
    with ends():
        page = HighlightInTime()("%time <b>\n" + " \n" * 100_000)
    assert text_of(page).startswith("%time <b>\n \n")
    assert 'class="w"' not in page


def test_empty_lines_and_signs_for_terminals_take_no_time() -> None:
    with ends():
        Budget().coloured("x = 1" + "\n" * 100_000 + "y")
        text = "\x1b]" * 100_000 + "\x1b]0;title\x07a\x1b[31mb\x1b]c"
        assert plain(text) == "]" * 100_000 + "ab]c"


def test_no_tag_of_coloured_code_goes_over_a_lines_end() -> None:
    source = 'def f(x):\n    """One.\n\n    <b>Two\n    """\n    return f"{x}" @ 2 is not None'
    lines = Budget().coloured(source).split("\n")
    assert [text_of(line) for line in lines] == source.split("\n")
    assert all(line.count("<span") == line.count("</span>") for line in lines)


def test_picture_that_lies_elsewhere_is_a_link() -> None:
    page = safe_text("![a cat](https://elsewhere.example/cat.png) ![b](cat.png)")
    assert '<a href="https://elsewhere.example/cat.png">a cat</a> b' in page
    assert "<img" not in page


def test_table_of_pandas_has_no_style_and_stays_a_table() -> None:
    frame = "<div><style scoped>.dataframe th { color: red }</style><table border='1' class='x'>"
    assert clean_html(f"{frame}<tr><th>0</th></tr></table></div>") == (
        "<div><table><tbody><tr><th>0</th></tr></tbody></table></div>"
    )
