"""What a student's cells show runs nothing in a page, and costs nobody anything."""

import html.parser
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from referee.grade.kernel import StudentKernel
from referee.grade.outputs import NOT_DRAWN
from referee.model.limits import Limits
from tests.support.toy import (
    CONFIG,
    NAME,
    NOTEBOOK,
    RIGHT,
    WITH_REFEREE,
    ToyCourse,
    by_hand,
    cells,
    make_toy,
)

pytestmark = pytest.mark.xdist_group("hostile outputs")

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHOW = "from IPython.display import display, HTML, Markdown, clear_output\n"
SCRIPT = "<script>document.title=1</script>"


def displayed(data: dict[str, str], metadata: object = None) -> str:
    """The source of a cell that sends this as it is."""
    return f"display({data!r}, metadata={metadata!r}, raw=True)"


OWN_CELLS = {
    "width": displayed({"image/png": PIXEL}, {"image/png": {"width": "1 onload=alert(1)"}}),
    "height": displayed(
        {"image/png": PIXEL}, {"image/png": {"height": "1 onerror=alert(1)", "alt": "x onload=1"}}
    ),
    "number": displayed({"image/png": PIXEL}, {"image/png": 5}),
    "svg": displayed({"image/svg+xml": f"<svg onload='alert(1)'>{SCRIPT}</svg>"}),
    "endless": displayed({"image/svg+xml": "<svg><g id='a'><use href='#a'/></g></svg>"}),
    "html": displayed({"text/html": f"<img src=x onerror=alert(1)>{SCRIPT}"}),
    "markdown": displayed(
        {"text/markdown": f"<iframe srcdoc='{SCRIPT}'></iframe> [a](javascript:alert(1))"}
    ),
    "latex": displayed({"text/latex": f"$\\href{{javascript:1}}{{x}}$</div>{SCRIPT}"}),
    "javascript": displayed({"application/javascript": "alert(1)", "text/plain": "a"}),
    "error": f"raise ValueError({SCRIPT!r})",
    "clearing": "for n in range(300):\n    clear_output(wait=True)\n    print('x' * 10_000, n)",
    "updating": (
        "shown = display('first', display_id=True)\n"
        "for n in range(5):\n    shown.update(f'state {n}')"
    ),
    "notebook": (
        "%matplotlib notebook\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    ),
    "blank lines": "pass\n" + " \n" * 12_000,
    "stars": "*" * 20_000,
    "fence": displayed({"text/markdown": "```python\n" + "a." * 9_000 + "\n```"}),
    "nested": displayed({"text/html": "<div>" * 40_000}),
    "flooding": "print('y' * 5_000_000)",
    "gif": (
        "from io import BytesIO\nfrom PIL import Image as Drawn\n"
        "from IPython.display import Image\ncontent = BytesIO()\n"
        "Drawn.new('P', (2, 3)).save(content, 'gif')\n"
        "display(Image(content.getvalue(), format='gif'))"
    ),
    "elsewhere": (
        "from IPython.display import Image\ndisplay(Image(url='https://elsewhere.example/a.png'))"
    ),
    "pdf": (
        "import matplotlib.pyplot as plt\n%config InlineBackend.figure_formats = ['pdf']\n"
        "plt.plot([1, 2])\nplt.show()"
    ),
    "sound": "from IPython.display import Audio\ndisplay(Audio([0.0, 0.5], rate=8000))",
    "film": "from IPython.display import Video\ndisplay(Video('https://elsewhere.example/a.mp4'))",
    "page": "from IPython.display import IFrame\ndisplay(IFrame('https://elsewhere.at', 9, 9))",
    "widget": (
        "display({'application/vnd.jupyter.widget-view+json': {'model_id': 'a'}, "
        "'text/plain': 'IntSlider(value=1)'}, raw=True)"
    ),
}


class Looked(html.parser.HTMLParser):
    """What a browser would run of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.runs += [f"{tag} {name}" for name in given if name.startswith("on")]
        if tag in ("iframe", "object", "embed", "form", "base"):
            self.runs.append(tag)
        if tag == "script" and given.get("type") != "text/x-mathjax-config":
            self.runs.append(f"script {given.get('src', 'inline')[:60]}")
        for name in ("src", "href"):
            if not given.get(name, "#").startswith(("#", "data:image", "https:", "mailto:")):
                self.runs.append(f"{tag} {name}={given[name][:40]}")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    course = make_toy(tmp_path_factory.mktemp("outputs"), CONFIG + WITH_REFEREE)
    for student, source in OWN_CELLS.items():
        course.submit(student, RIGHT, {"imports": SHOW + source})
    course.submit("plain", RIGHT)
    course.grade()
    return course


@pytest.fixture(scope="module")
def scores(graded: ToyCourse) -> dict[str, dict[str, Any]]:
    return graded.scores()


@pytest.mark.parametrize("student", OWN_CELLS)
def test_right_answers_beside_odd_outputs_have_all_points(
    scores: dict[str, dict[str, Any]], student: str
) -> None:
    assert (scores[student]["status"], scores[student]["score"]) == ("graded", 10)


@pytest.mark.parametrize("student", OWN_CELLS)
def test_page_runs_what_a_page_without_outputs_runs(graded: ToyCourse, student: str) -> None:
    assert Looked(graded.page(student)).runs == Looked(graded.page("plain")).runs


def test_svg_is_shown_as_an_image_which_runs_nothing(graded: ToyCourse) -> None:
    assert '<img src="data:image/svg+xml;base64,' in graded.page("svg")
    assert "<svg onload" not in graded.page("svg")


def test_gif_is_shown(graded: ToyCourse) -> None:
    assert '<img src="data:image/gif;base64,R0lGOD' in graded.page("gif")


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("elsewhere", "a picture"),
        ("pdf", "a figure in PDF (application/pdf)"),
        ("sound", "a sound"),
        ("film", "a film"),
        ("page", "another page"),
        ("widget", "a widget (application/vnd.jupyter.widget-view+json)"),
        ("javascript", "something interactive (application/javascript)"),
    ],
)
def test_page_names_what_it_does_not_show(graded: ToyCourse, student: str, said: str) -> None:
    assert f"(not shown here: {said})" in graded.page(student)


def shown(course: ToyCourse, student: str) -> str:
    notebook = json.loads(
        (course.root / "autograded" / student / NAME / f"{NAME}.ipynb").read_text()
    )
    own = next(cell for cell in notebook["cells"] if "nbgrader" not in cell["metadata"])
    return json.dumps(own["outputs"])


def test_drawing_without_an_end_is_on_no_page_and_in_no_notebook(graded: ToyCourse) -> None:
    assert NOT_DRAWN in graded.page("endless")
    assert "image/svg+xml" not in shown(graded, "endless")


def test_display_that_changes_is_kept_as_it_was_in_the_end(graded: ToyCourse) -> None:
    assert "state 4" in shown(graded, "updating")
    assert "first" not in shown(graded, "updating")


def test_display_that_a_later_cell_changes_is_kept_as_it_was_in_the_end(tmp_path: Path) -> None:
    with StudentKernel(tmp_path, Limits()) as kernel:
        (output,) = kernel.run("shown = display('first', display_id=True)")
        assert kernel.run("shown.update('last')") == []
    assert output.data["text/plain"] == "'last'"


def test_figure_of_an_interactive_display_is_a_picture(graded: ToyCourse) -> None:
    notebook = nbformat.read(graded.root / "autograded" / "notebook" / NOTEBOOK, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_output_that_is_cleared_takes_no_room(graded: ToyCourse) -> None:
    assert "299" in shown(graded, "clearing")
    assert "298" not in shown(graded, "clearing").replace("299", "")


def test_what_was_cut_says_so(graded: ToyCourse) -> None:
    output = shown(graded, "flooding")
    assert "more was shown than is kept" in output
    assert 1_000_000 < len(output) < 1_100_000


def test_outputs_of_all_cells_together_have_a_limit(tmp_path: Path) -> None:
    course = make_toy(tmp_path, CONFIG + "c.Limits.notebook_output = 100_000\n")
    path = course.submit("many", RIGHT)
    notebook = json.loads(path.read_text())
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": []}
    cell["execution_count"] = None
    notebook["cells"] += [
        {**cell, "source": "print('z' * 30_000)", "id": f"own-{n}"} for n in range(9)
    ]
    path.write_text(json.dumps(notebook))
    course.grade()
    assert course.scores()["many"]["score"] == 10
    assert (course.root / "autograded/many" / NAME / f"{NAME}.ipynb").stat().st_size < 120_000


def test_text_that_is_slow_to_format_is_shown_as_it_is(graded: ToyCourse) -> None:
    # Colours for the blank lines would take 80 s, and four times as long for twice as many.
    assert ">from IPython.display import display" in graded.page("blank lines")
    assert "<code>a.a.a.a." in graded.page("fence")
    assert "&lt;div&gt;&lt;div&gt;" in graded.page("nested")


def test_pasted_picture_is_on_the_page_and_costs_nothing(tmp_path: Path) -> None:
    course = make_toy(tmp_path, master=[*cells(), by_hand("explain", 3)])
    for student, attachments in {
        "pasted": {"image.png": {"image/png": PIXEL}},
        "lost": {},
        "odd": {"image.png": {"image/png": f"' onload='1{PIXEL}", "image/svg+xml": SCRIPT}},
    }.items():
        path = course.submit(student, RIGHT | {"explain": "![picture](attachment:image.png) of it"})
        notebook = json.loads(path.read_text())
        notebook["cells"][-1]["attachments"] = attachments
        path.write_text(json.dumps(notebook))
    course.grade()
    for student in ("pasted", "lost", "odd"):
        assert course.executed(student)["double-hidden"].outputs == []
        assert "of it" in course.page(student)
        assert not [what for what in Looked(course.page(student)).runs if " on" in what]
    assert f"data:image/png;base64,{PIXEL}" in course.page("pasted")


def test_picture_that_is_shown_very_often_is_not(tmp_path: Path) -> None:
    course = make_toy(tmp_path, master=[*cells(), by_hand("explain", 3)])
    many = "![](attachment:image.png) " * 700
    path = course.submit("ada", RIGHT | {"explain": many})
    notebook = json.loads(path.read_text())
    large = PIXEL.rstrip("=") + "A" * 400_000
    notebook["cells"][-1]["attachments"] = {"image.png": {"image/png": large}}
    path.write_text(json.dumps(notebook))
    course.grade()
    assert "attachment:image.png" in course.page("ada")
    assert len(course.page("ada")) < 2_000_000


def test_folder_with_the_notebooks_name_costs_itself_only(tmp_path: Path) -> None:
    course = make_toy(tmp_path)
    odd = course.submit("odd", RIGHT)
    odd.rename(odd.with_name("mine.ipynb"))
    odd.mkdir()
    (odd / "x.txt").write_text("in a folder")
    course.submit("ada", RIGHT)
    table = course.grade()
    assert {student: entry["score"] for student, entry in course.scores().items()} == {
        "ada": 10,
        "odd": 10,
    }
    assert "stands where there is a notebook" in " ".join(table.split())
