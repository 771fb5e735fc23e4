"""Feedback pages: a student reads what the author wrote for them, and no hidden test."""

import pytest

from tests.support.toy import ToyCourse, given, make_toy, question

pytestmark = pytest.mark.xdist_group("feedback")

HIDDEN = """wanted_numbers = np.array([2, 4, 30])
got = double(np.array([1, 2, 15]))
np.testing.assert_array_equal(got, wanted_numbers, "double: of an array")"""
SCRIPT = "from IPython.display import HTML\ndisplay(HTML('<script>steal()</script>shown'))\n"
WRONG = "def double(x): return 1234 * x"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A submission with one mistake and with a script in its output, graded."""
    master = [given("imports", "import numpy as np"), *question("double", HIDDEN)]
    course = make_toy(tmp_path_factory.mktemp("feedback"), master=master)
    course.submit("wrong", {"double": SCRIPT + WRONG})
    course.grade()
    return course


@pytest.fixture(scope="module")
def page(course: ToyCourse) -> str:
    """The text of the feedback page."""
    return course.page_text("wrong")


def test_page_shows_the_authors_message(page: str) -> None:
    assert "double: of an array" in page


def test_page_shows_no_hidden_test(page: str) -> None:
    for secret in ("wanted_numbers", "assert_array_equal", "np.array([1, 2, 15])"):
        assert secret in HIDDEN
        assert secret not in page
    assert "Hidden tests of double run here" in page


def test_page_shows_nothing_that_was_compared(page: str) -> None:
    for part in ("ACTUAL", "DESIRED", "Mismatched", "18510"):
        assert part not in page


def test_page_shows_visible_tests(page: str) -> None:
    assert "assert double(4) is not None, 'it returns nothing'" in page


def test_page_runs_no_script_of_a_student(course: ToyCourse, page: str) -> None:
    assert "shown" in page
    assert "<script>steal()" not in course.page("wrong")


def test_nbgraders_own_command_writes_the_same_page(course: ToyCourse, page: str) -> None:
    ours = course.page("wrong").partition("<!-- made of")[0].strip()
    course.run("nbgrader", "generate_feedback", "toy", "--force", "--log-level=ERROR")
    assert course.page("wrong").strip() == ours
