"""Feedback pages: a student reads what the author wrote for them, and no hidden test."""

import pytest

from tests.support.course import hand_in, make_course
from tests.support.solutions import ASSIGNMENT

pytestmark = pytest.mark.xdist_group("feedback")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The feedback page of a submission with one mistake and with a script in its output."""
    course = make_course(tmp_path_factory.mktemp("feedback"))
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)
    script = "from IPython.display import HTML\ndisplay(HTML('<script>steal()</script>shown'))\n"
    wrong = "def dropout(A, drop_prob, mode='train'): return 3 * A, (drop_prob, mode, A)"
    hand_in(course, "wrong", {"dropout": script + wrong})
    course.run("referee", "grade", ASSIGNMENT)
    return (course.root / f"feedback/wrong/{ASSIGNMENT}/{ASSIGNMENT}.html").read_text()


def test_page_shows_the_authors_message(page: str) -> None:
    assert "dropout, train: A_out" in page


def test_page_shows_no_hidden_test_and_nothing_that_was_compared(page: str) -> None:
    assert "mask_expected = np.where" not in page
    assert "default_rng(21)" not in page
    assert "Hidden tests of dropout run here" in page


def test_page_shows_visible_tests(page: str) -> None:
    assert "test_dropout_visible" in page


def test_page_runs_no_script_of_a_student(page: str) -> None:
    assert "shown" in page
    assert "<script>steal()" not in page
