"""Hidden tests stay hidden: by whatever delimiters, with our configuration and with nbgrader's."""

from pathlib import Path

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from referee.feedback.pages import FeedbackPages
from referee.model.assignment import Assignment, AssignmentNotebook
from referee.model.work import ShownMarks
from referee.nbgrader.course import Course
from referee.nbgrader.hidden import HiddenTests
from tests.support.solutions import REPO
from tests.support.toy import (
    BEGIN,
    CONFIG,
    END,
    NAME,
    RIGHT,
    WITH_REFEREE,
    ToyCourse,
    cells,
    given,
    make_toy,
    text_of,
)

SECRETS = ("double(21) == 42", "halve(5.0) == 2.5", "assert double(21)", "assert halve(5.0)")
Pair = tuple[str, str]
HASHES: Pair = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
ONE_HASH: Pair = ("# BEGIN HIDDEN TESTS", "# END HIDDEN TESTS")
NO_BLANK: Pair = ("  #BEGIN HIDDEN TESTS", "    #END HIDDEN TESTS")
TEXT_BEHIND: Pair = ("## BEGIN HIDDEN TESTS (of the edges)", "## END HIDDEN TESTS here")
OWN: Pair = ("# >>> secret", "# <<< secret")
OWN_CONFIG = """
c.ClearHiddenTests.begin_test_delimeter = ">>> secret"
c.ClearHiddenTests.end_test_delimeter = "<<< secret"
"""
DELIMITERS = {  # of the two questions, and what the course's configuration says of them
    "hashes": (HASHES, ONE_HASH, ""),
    "blanks": (NO_BLANK, TEXT_BEHIND, ""),
    "a course's own": (OWN, OWN, OWN_CONFIG),
}
ANSWERS = {
    "wrong": {"double": "def double(x): return x", "halve": "def halve(x): return 'half'"},
    "raising": {
        "double": "def double(x): raise ValueError(f'got {x}')",
        "halve": "def halve(x):\n    import traceback; traceback.print_stack()\n    return 1 / 0",
    },
    "hanging": {"double": "def double(x):\n    while True: pass", "halve": RIGHT["halve"]},
    "ending": {"double": "import os\ndef double(x): os._exit(0)", "halve": RIGHT["halve"]},
    "nothing": {"double": "", "halve": ""},
}


QUICK = "c.Limits.call_cpu, c.Limits.call_wall = 1, 3\n"


@pytest.mark.parametrize("delimiters", DELIMITERS.values(), ids=DELIMITERS)
def test_no_line_of_a_hidden_test_is_on_a_page(
    delimiters: tuple[Pair, Pair, str], tmp_path: Path
) -> None:
    of_double, of_halve, config = delimiters
    nbgraders_own = CONFIG + QUICK + config
    course = make_toy(tmp_path, nbgraders_own, cells(of_double, of_halve))
    for student, answers in ANSWERS.items():
        course.submit(student, answers)
    course.grade()
    require_hidden(course)
    wrong = course.executed("wrong")["double-hidden"]
    assert wrong.outputs[0].output_type == "error"
    assert SECRETS[0] in wrong.source, "the teacher sees all of it"
    assert "double: of a whole number" in course.page("wrong"), "the author's sentence is shown"

    (course.root / "nbgrader_config.py").write_text(nbgraders_own + WITH_REFEREE)
    course.run("referee", "feedback", NAME, "--force")
    require_hidden(course)
    generate_feedback(course)
    require_hidden(course)


def generate_feedback(course: ToyCourse) -> None:
    """Have nbgrader write the pages, as formgrader's button does."""
    opened = Course.open(course.root)
    done = NbGraderAPI(opened.directory, parent=opened.app).generate_feedback(NAME)
    assert done["success"], done["log"]


def require_hidden(course: ToyCourse) -> None:
    """Look for hidden tests on all pages; and for what of the tests is not hidden."""
    for student in ANSWERS:
        page = course.page_text(student)
        assert not [secret for secret in SECRETS if secret in page]
        assert "Hidden tests of double run here." in page
        assert "is not None" in page, "visible tests are shown"


def test_delimiters_that_change_after_grading_show_nothing(tmp_path: Path) -> None:
    course = make_toy(tmp_path, CONFIG)
    for student, answers in ANSWERS.items():
        course.submit(student, answers if student != "hanging" else {})
    course.grade()
    new = 'c.ClearHiddenTests.begin_test_delimeter = "SECRET"\n'
    (course.root / "nbgrader_config.py").write_text(CONFIG + WITH_REFEREE + new)
    course.run("referee", "feedback", NAME, "--force")
    require_hidden(course)
    generate_feedback(course)
    require_hidden(course)


def test_hidden_part_of_a_provided_cell_is_not_shown(tmp_path: Path) -> None:
    source = f"shown = 1\n{BEGIN}\nnot_shown = 2; print('nor this')\n{END}"
    config = CONFIG + "c.ClearHiddenTests.enforce_metadata = False\n"
    course = make_toy(tmp_path, config, [given("provided", source), *cells()])
    course.submit("ada", RIGHT)
    course.grade()
    assert "shown = 1" in course.page_text("ada")
    assert "not_shown" not in course.page_text("ada")
    assert "nor this" not in course.page_text("ada")


def test_hidden_test_would_be_seen_here_if_it_were_on_a_page() -> None:
    cell = nbformat.v4.new_code_cell("assert double(21) == 42")
    notebook = AssignmentNotebook("book", None, 3, ())
    pages = FeedbackPages(Course.open(REPO), Assignment("homework", "", (notebook,)), "look")
    made = nbformat.v4.new_notebook(cells=[cell])
    page = pages.page(made, notebook, ShownMarks({}, {})).decode()
    assert SECRETS[0] in text_of(page)


def test_region_without_an_end_is_not_shown() -> None:
    assert HiddenTests(Config()).removed_from("a = 1\n### BEGIN HIDDEN TESTS\nsecret") == ""
