"""What students write in text cells runs nothing in formgrader's pages, and stays readable."""

import nbformat
import pytest

from referee.feedback.clean import clean_texts
from referee.plugins import CleanTexts
from tests.support.toy import given, text_of

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def cleaned(text: str, **attachments: str) -> str:
    cell = nbformat.v4.new_markdown_cell(text)
    if attachments:
        cell.attachments = {f"{name}.png": {"image/png": p} for name, p in attachments.items()}
    clean_texts(nbformat.v4.new_notebook(cells=[cell]))
    return str(cell.source)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "[a](javascript:alert(1))",
        "<a href=' javascript:alert(1)'>a</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "</div></body><script>alert(1)</script>",
        "<details open ontoggle=alert(1)>a</details>",
        "<style>@import 'javascript:alert(1)'</style>",
        "<form action=javascript:alert(1)><button>a</button></form>",
        "<base href='https://elsewhere.example/'>",
        "<math><a xlink:href='javascript:alert(1)'>a</a></math>",
        "`</pre><script>alert(1)</script>`",
    ],
)
def test_what_a_browser_would_run_is_text(text: str) -> None:
    tags = [part.split(">")[0] for part in cleaned(text).split("<")[1:]]
    assert not [
        tag for tag in tags if "alert" in tag or tag.startswith(("script", "iframe", "base"))
    ]


def test_raw_text_is_shown_as_it_is() -> None:
    cell = nbformat.v4.new_raw_cell("a < b & <script>alert(1)</script>")
    clean_texts(nbformat.v4.new_notebook(cells=[cell]))
    assert text_of(cell.source) == "a < b & <script>alert(1)</script>"
    assert "<script" not in cell.source


def test_raw_text_of_the_instructors_stays() -> None:
    marks = given("mine", "").metadata
    mine = nbformat.v4.new_raw_cell("<b>Read this.</b>", metadata=marks)
    clean_texts(nbformat.v4.new_notebook(cells=[mine]))
    assert mine.source == "<b>Read this.</b>"


def test_text_keeps_its_form() -> None:
    page = cleaned(
        "# Title\n\n* one\n* **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[l](https://a.b)"
    )
    for part in ("<h1", "<li>one", "<strong>two", "<td>1</td>", '<a href="https://a.b">l</a>'):
        assert part in page


def test_formulas_and_comparisons_stay() -> None:
    assert "$a &lt; b_1 * c_2$" in cleaned("so $a < b_1 * c_2$ holds")


def test_code_with_blank_lines_is_one_block() -> None:
    page = cleaned("```\na = 1\n\n\nb = *args*\n```")
    assert "\n\n" not in page
    assert "*args*" in page


def test_pasted_pictures_are_shown() -> None:
    page = cleaned("![it](attachment:shot.png)", shot=PIXEL)
    assert f"data:image/png;base64,{PIXEL}" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<img src='https://a.b/c.png' alt='A < &quot;B'>", "a picture, A &lt; &quot;B"),
        ("<img src='c.png'>", "a picture"),
        ("<video src='a.mp4'>Use another browser.</video>", "a film"),
        ("<svg><circle r='1'/></svg><SVG></SVG>", "a drawing"),
    ],
)
def test_what_is_not_shown_is_named_once(text: str, said: str) -> None:
    assert cleaned(text).count(f"<em>(not shown here: {said})</em>") == 1


def test_what_is_for_other_browsers_is_not_shown() -> None:
    assert "Use" not in cleaned("<video src='a.mp4'>Use another browser.</video>")


def test_figure_that_formgrader_cannot_show_is_named() -> None:
    output = nbformat.v4.new_output("display_data", data={"image/gif": "R0lGODlh"})
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    nb, _ = CleanTexts().preprocess(nbformat.v4.new_notebook(cells=[cell]), {})
    assert nb.cells[0].outputs[0].data["text/plain"] == "(not shown here: a picture (image/gif))"


def test_names_of_a_student_are_text() -> None:
    names = {
        "student": "<b>",
        "last_name": "O'Neil<script>",
        "first_name": "",
        "notebook_path": '"',
    }
    _, resources = CleanTexts().preprocess(nbformat.v4.new_notebook(), names | {"index": 0})
    assert resources == {
        "student": "&lt;b&gt;",
        "last_name": "O&#x27;Neil&lt;script&gt;",
        "first_name": "",
        "notebook_path": "&quot;",
        "index": 0,
    }


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("![a](attachment:a.png)", "<pre>![a](attachment:a.png)</pre>"),
        (
            "*a* <script>1</script>",
            "<p><em>a</em> <em>(not shown here: something interactive)</em></p>",
        ),
    ],
)
def test_text_that_a_cell_shows_is_html(text: str, html: str) -> None:
    output = nbformat.v4.new_output("display_data", data={"text/markdown": text})
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    clean_texts(nbformat.v4.new_notebook(cells=[cell]))
    assert {kind: shown.strip() for kind, shown in output.data.items()} == {"text/html": html}
