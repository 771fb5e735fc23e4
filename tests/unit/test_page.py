"""The feedback page: marks first, then what was lost and why, then the notebook."""

import re
from base64 import b64encode
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest
from msgspec.structs import replace
from nbformat import NotebookNode

from referee.boundary.messages import Raised
from referee.feedback.pages import FeedbackPages
from referee.feedback.reasons import NOT_SHOWN
from referee.judge.exceptions import CallLost, Loss, rebuilt
from referee.judge.verdict import Verdict
from referee.model.assignment import Assignment
from referee.model.explanation import (
    METADATA,
    Comparison,
    Difference,
    Explanation,
    FailedLine,
    NamedValue,
    to_metadata,
)
from referee.model.work import ShownMarks
from referee.nbgrader.course import Course
from tests.support.pages import failed, notebook_of, page_of, section, showing, text_of
from tests.support.toy import by_hand, given, question, solution, test

LOST, FULL, OTHERS = "Where points were lost", "Full points", "Tests without points"
MASTER = [
    nbformat.v4.new_markdown_cell("# Homework\n## 7. Doubling"),
    *question("double", "SECRET = double(21)\nassert SECRET == 42"),
    nbformat.v4.new_markdown_cell("## 9. Halving $x_1$"),
    *question("halve", "assert halve(5) == 2.5"),
]
FULL_POINTS = {"halve-visible": 1.0, "halve-hidden": 4.0}
WROTE = "def double(x):\n    y = x + x\n    return helper(y) * 1234"


def verdict_of(error: BaseException, *lines: str) -> Verdict:
    try:
        raise error
    except BaseException as raised:
        return Verdict.on(raised, list(lines))


def raised_at(*lines: str, kind: str = "ValueError", message: str = "got SECRET") -> Verdict:
    """The verdict on an exception of the student's code, which came through these lines."""
    return verdict_of(rebuilt(Raised(kind, kind, message, "\n".join(lines))))


def executed(**ended: Verdict | NotebookNode | str) -> list[NotebookNode]:
    """The master's cells with these sources, and with these outputs; "-" is written "_"."""
    cells = []
    for cell in MASTER:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        how = ended.get(name.replace("-", "_"))
        if isinstance(how, Verdict):
            cell = failed(cell, how)
        elif isinstance(how, str):
            cell = nbformat.from_dict({**cell, "source": how})
        elif how is not None:
            cell = showing(cell, how)
        cells.append(cell)
    return cells


# ---- the marks ----


def test_there_is_a_bar_for_each_question_in_the_notebooks_order_and_numbering() -> None:
    page = page_of(MASTER, points=FULL_POINTS | {"double-visible": 1.0})
    points = section(page, "Points")
    assert "Q7 Doubling 1 of 5 \N{MINUS SIGN}4 Q9 Halving x1 5 of 5" in points
    links = re.findall(r'<a href="#(Q\d+)"><span class="what">', page)
    assert links == ["Q7", "Q9"]
    assert all(f'id="{link}"' in page for link in links)


def test_total_has_late_penalty_and_extra_credit_as_lines_of_their_own() -> None:
    head = text_of(
        page_of(
            MASTER,
            points=FULL_POINTS,
            late_penalty=2.0,
            extra_credit=0.5,
            student="Ada <b>",
            handed_in="2026-03-01T12:30Z",
        )
    )
    for part in (
        "3.5 of 10 points",
        "2 points taken off, because it came late",
        "0.5 points extra credit",
        "Ada <b>",
        "Handed in on 01 March 2026, 12:30 UTC",
    ):
        assert part in head


def test_what_waits_for_a_human_is_not_lost() -> None:
    page = page_of([*MASTER, by_hand("explain", 3)], points=FULL_POINTS | {"explain": None})
    assert "5 of 10 points so far" in text_of(page)
    assert "3 points to be marked by a human" in text_of(page)
    assert "Q3 Halving x1: explain: 3 points to be marked" in section(page, "Still to be marked")
    assert "Q3" not in section(page, LOST)


def test_marks_and_comments_by_hand_are_shown() -> None:
    comment = {"double": "Nearly: <i>it</i> is the other way"}
    marks = {"points": {"double-hidden": 2.0}, "comments": comment, "by_hand": ("double-hidden",)}
    page = page_of(MASTER, executed(double=WROTE), **marks)
    lost = section(page, LOST)
    assert "Comment: Nearly: <i>it</i> is the other way" in lost
    assert "2* of 5 " in section(page, "Points")
    assert "* marked by hand" in section(page, "Points")
    assert "Marked by hand: 2 of 5 points" in lost


def test_reason_stays_until_a_human_has_given_back_all_of_the_points() -> None:
    cells = executed(double=WROTE, double_hidden=verdict_of(AssertionError("double is halved")))

    def page(points: float) -> str:
        given_back = {"double-visible": 1.0, "double-hidden": points}
        return page_of(MASTER, cells, points=given_back, by_hand=("double-hidden",))

    lost = section(page(1.5), LOST)
    assert "Marked by hand: 2.5 of 5 points" in lost
    assert "double is halved" in lost
    assert "double is halved" not in section(page(4.0), FULL)


def test_test_that_passed_is_no_reason_for_what_a_human_took() -> None:
    marks = {"points": {"double-visible": 1.0, "double-hidden": 1.5}, "by_hand": ("double-hidden",)}
    lost = section(page_of(MASTER, executed(double=WROTE), **marks), LOST)
    assert "Marked by hand: 2.5 of 5 points" in lost
    assert "A test gives" not in lost


def test_nbgraders_own_comment_is_not_a_comment() -> None:
    page = page_of(MASTER, executed(double=WROTE), comments={"double": "No response."})
    assert "No response" not in page


# ---- what was lost ----


def test_authors_sentence_stands_beside_the_students_code() -> None:
    verdict = verdict_of(AssertionError("double: of a whole number"), "double-hidden, line 2: x")
    page = page_of(MASTER, executed(double=WROTE, double_hidden=verdict), points=FULL_POINTS)
    lost = section(page, LOST)
    assert "Q7 Doubling: 0 of 5 points" in lost
    assert "double: of a whole number 4 points lost" in lost
    assert "y = x + x" in lost
    assert "halve" not in lost
    assert "Q9 Halving x1: 5 points" in section(page, FULL)


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("double: halve gives the other half. Look at it and at `helper_of_all`.",
         ["halve", "helper_of_all"]),
        ("double: halves are wrong, and so are helper and halve_it", []),
        ("double: double, double-visible and print are no other functions", []),
    ],
)  # fmt: skip
def test_other_functions_that_a_sentence_names_are_linked(sentence: str, named: list[str]) -> None:
    master = [given("helpers", "def helper_of_all(x):\n    return x"), *MASTER]
    verdict = verdict_of(AssertionError(sentence), "double-hidden, line 2: x")
    cells = [master[0], *executed(double=WROTE, double_hidden=verdict)]
    page = page_of(master, cells, points=FULL_POINTS)
    (links,) = re.findall(r"Named above, in your notebook: (.*)", page) or [""]
    found = re.findall(r'<a href="#([^"]*)">(\w+)</a>', links)
    assert [function for _, function in found] == named
    assert all(f'id="{anchor}"' in page for anchor, _ in found)


def test_nothing_of_a_hidden_test_is_on_the_page() -> None:
    verdict = raised_at("line 1, in f: SECRET", "line 2, in double: y = x + x")
    page = page_of(MASTER, executed(double=WROTE, double_hidden=verdict))
    assert "SECRET" not in page
    assert "Your code raised ValueError" in section(page, LOST)


def test_line_that_raised_is_told_and_marked() -> None:
    verdict = raised_at("line 2, in double: y = x + x")
    page = page_of(MASTER, executed(double=WROTE, double_hidden=verdict))
    assert "It was raised in line 2 of double: y = x + x" in section(page, LOST)
    assert "<mark>    y = x + x</mark>" in page


def test_lines_are_counted_as_python_counts_them() -> None:
    verdict = raised_at("line 3, in double: y = x + x")
    page = page_of(MASTER, executed(double=f"s = 'a\u2028b\x0c'\n{WROTE}", double_hidden=verdict))
    assert "It was raised in line 3 of double: y = x + x" in section(page, LOST)
    assert "<mark>    y = x + x</mark>" in page


def test_answer_with_a_pasted_picture_is_formatted_and_names_it() -> None:
    master = by_hand("words", 3)
    answer = nbformat.from_dict({**master, "source": "**Mine** ![shot](attachment:a.png)"})
    answer.attachments = {"a.png": {"image/png": "iVBORw0KGgo="}}
    page = page_of([master], [answer], points={"words": None})
    assert page.count("<strong>Mine</strong> shot") == 1
    assert page.count("<img") == 1  # in the notebook


def test_of_a_hidden_test_two_lines_are_told_at_most() -> None:
    lines = ("line 1, in double: def double(x):", "line 2, in double: y = x + x")
    elsewhere = ("line 1, in halve: def halve(x):", "line 3, in halve: return x / 3")
    verdict = raised_at(*lines, *elsewhere)
    halve = "def halve(x):\n    x\n    return x / 3"
    page = page_of(MASTER, executed(double=WROTE, halve=halve, double_hidden=verdict))
    assert "It came through line 2 of double" in section(page, LOST)
    assert "It was raised in line 3 of halve" in section(page, LOST)
    assert "line 1 of" not in section(page, LOST)


@pytest.mark.parametrize(
    "claimed",
    [
        "line 2, in double: y = 42",
        "line 3, in double: y = x + x",
        "line 9999999, in double: y = x + x",
        "y = x + x",
        "line 2, in double: <script>",
    ],
)
def test_line_that_the_notebook_does_not_have_is_not_told(claimed: str) -> None:
    page = page_of(MASTER, executed(double=WROTE, double_hidden=raised_at(claimed)))
    assert "raised in line" not in page
    assert "<mark>" not in page


def test_visible_test_shows_what_was_expected_and_got_in_a_table() -> None:
    with pytest.raises(AssertionError) as raised:
        np.testing.assert_allclose([1.0, 5.0], [1.0, 2.0], err_msg="double: of two")
    line = "double-visible, line 1: assert double(4) is not None, 'it returns nothing'"
    verdict = Verdict.on(raised.value, [line])
    page = page_of(MASTER, executed(double=WROTE, double_visible=verdict))
    lost = section(page, LOST)
    assert "double: of two 1 point lost expected array([1., 2.]) got array([1., 5.])" in lost
    assert "assert double(4) is not None" in lost
    assert '<th scope="row">expected</th>' in page


def explained_page(line: str, compared: Comparison, of: str = "double-visible") -> str:
    """The page of a test that failed in a line, of which the judge has recorded more."""
    cells = executed(double=WROTE, **{of.replace("-", "_"): verdict_of(AssertionError("wrong"))})
    (cell,) = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == of]
    why = Explanation(FailedLine(of, 1, line), compared)
    cell.metadata[METADATA] = NotebookNode(to_metadata(why))
    return page_of(MASTER, cells)


ONE = Comparison(NamedValue("double(4)", "<b>16</b>"), NamedValue("8", "8"))
MANY = Comparison(
    NamedValue("double(A)", "an array"),
    NamedValue("B", "another"),
    "allclose",
    (Difference("[0, 1]", "16.0", "8.0"),),
    1,
    4,
    ("got is 2 times what was expected",),
)


@pytest.mark.parametrize(
    ("compared", "said"),
    [
        (ONE, "Wrong 1 point lost double(4) expected got 8 <b>16</b>"),
        (replace(ONE, operator="<"), "double(4) expected got < 8 <b>16</b>"),
        (MANY, "double(A): 1 of 4 values differ expected got [0, 1] 8.0 16.0 got is 2 times"),
    ],
)
def test_what_any_visible_test_compared_is_shown(compared: Comparison, said: str) -> None:
    lost = section(explained_page("assert double(4) == 8", compared), LOST)
    assert said.casefold() in lost.casefold()


def test_what_a_hidden_test_compared_is_on_no_page() -> None:
    for line, cell in (("assert SECRET == 8", "double-visible"), ("assert 1", "double-hidden")):
        page = explained_page(line, ONE, cell)
        assert "wrong" in section(page, LOST)
        assert "16" not in text_of(page)


def page_of_lines(lines: list[str], number: int) -> str:
    """The page of a test of these lines, which has failed in one of them."""
    heading, function = MASTER[:2]
    hidden = test("double-hidden", "\n".join(lines), 4)
    verdict = verdict_of(AssertionError(), f"double-hidden, line {number}: {lines[number - 1]}")
    failing = failed(hidden, verdict)
    why = Explanation(FailedLine("double-hidden", number, lines[number - 1]), ONE)
    failing.metadata[METADATA] = NotebookNode(to_metadata(why))
    answer = nbformat.from_dict({**function, "source": WROTE})
    return page_of([heading, function, hidden], [heading, answer, failing])


BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["assert double(4) == 8", BEGIN, "assert double(5) == 10", END], 1),
        (["assert (", "    double(4) == 8", ")", BEGIN, "double(5)", END], 2),
    ],
)
def test_what_a_line_before_all_hidden_ones_compared_is_shown(
    lines: list[str], number: int
) -> None:
    lost = section(page_of_lines(lines, number), LOST)
    assert "double(4) expected got 8 <b>16</b>" in lost
    assert "assert" in lost


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["double(1)", BEGIN, "assert double(4) == 8", END], 3),
        (["double(1)", BEGIN, "double(5)", END, "assert double(4) == 8"], 5),
        (["for x in [1, 2]:", "    assert double(4) == 8", BEGIN, "    double(5)", END], 2),
        (["double(1)", BEGIN, "assert double(4) == 8", "if (", END], 3),
    ],
)
def test_what_a_hidden_line_or_one_after_it_compared_is_on_no_page(
    lines: list[str], number: int
) -> None:
    assert "16" not in text_of(page_of_lines(lines, number))


CHECKS = """double: 2 checks fail
         expected  got
A must be twice
  [0, 1]       42   12
  [1, 1]        4   -1
  2 of 9 entries differ; shape (3, 3), float64
its name must be kept
             'a'  'b'
and: C"""


def test_table_in_a_visible_tests_message_is_a_table() -> None:
    verdict = verdict_of(AssertionError(CHECKS))
    page = page_of(MASTER, executed(double=WROTE, double_visible=verdict))
    lost = section(page, LOST)
    assert "double: 2 checks fail 1 point lost A must be twice expected got" in lost
    assert "[0, 1] 42 12 [1, 1] 4 -1 2 of 9 entries differ" in lost
    assert "its name must be kept expected got 'a' 'b' and: C" in lost
    assert '<th scope="row">[0, 1]</th> <td>42</td> <td>12</td>' in page


def test_message_of_another_form_stays_as_it_is() -> None:
    message = "double: of two\n   expected  got\n   1  2  3  4"
    verdict = verdict_of(AssertionError(message))
    page = page_of(MASTER, executed(double=WROTE, double_visible=verdict))
    assert "<pre>   expected  got\n   1  2  3  4</pre>" in page


def test_exception_of_a_visible_and_a_hidden_test_is_told_once() -> None:
    verdict = raised_at("line 2, in double: y = x + x", message="no shape")
    cells = executed(double=WROTE, double_visible=verdict, double_hidden=verdict)
    lost = section(page_of(MASTER, cells), LOST)
    assert "Your code raised ValueError: no shape 5 points lost" in lost
    assert lost.count("It was raised in line 2") == 1


def test_exception_in_a_visible_test_has_its_message() -> None:
    verdict = raised_at("line 2, in double: y = x + x", message="no <such> shape")
    page = page_of(MASTER, executed(double=WROTE, double_visible=verdict))
    assert "Your code raised ValueError: no <such> shape" in section(page, LOST)


def test_same_message_is_said_once_and_the_one_with_most_points_first() -> None:
    many = [
        *question("double", "hidden"),
        test("double-hidden-2", "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS", 3),
        test("double-hidden-3", "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS", 2),
    ]
    messages = {"double-hidden": "first", "double-hidden-2": "second", "double-hidden-3": "second"}
    cells = [
        failed(cell, verdict_of(AssertionError(messages[name])))
        if (name := cell.metadata.nbgrader.grade_id) in messages
        else nbformat.from_dict({**cell, "source": WROTE})
        for cell in many
    ]
    lost = section(page_of(many, cells, points={"double-visible": 1.0}), LOST)
    assert re.search(r"second 5 points lost .*first 4 points lost", lost)


@pytest.mark.parametrize("loss", [Loss.TAKES_TOO_LONG, Loss.PROCESS_ENDED])
def test_lost_time_and_crashes_are_told_in_plain_words(loss: Loss) -> None:
    verdict = verdict_of(CallLost(loss, detail="SECRET"))
    lost = section(page_of(MASTER, executed(double=WROTE, double_hidden=verdict)), LOST)
    assert "Your code" in lost.split("Why")[1][:12]
    assert "4 points lost" in lost
    assert "SECRET" not in lost


def test_cell_that_was_stopped_or_failed_says_so_first() -> None:
    stopped = Verdict.stopped("this cell was stopped: it used more than 10 CPU seconds")
    wrote = solution("double", WROTE)
    undefined = verdict_of(NameError("name 'double' is not defined", name="double"))
    cells = executed(double_hidden=undefined)
    cells[1] = failed(wrote, stopped)
    lost = section(page_of(MASTER, cells), LOST)
    assert re.search(r"This cell was stopped.*Your notebook does not define double", lost)
    error = nbformat.v4.new_output(
        "error", ename="SyntaxError", evalue="bad", traceback=["\x1b[31mline 2\x1b[0m", "    y = ("]
    )
    cells[1] = showing(wrote, error)
    page = page_of(MASTER, cells)
    assert "Your cell ended with SyntaxError: bad" in section(page, LOST)
    assert "<summary>The traceback</summary><pre>line 2\n    y = (</pre></details>" in page


def test_cells_of_a_question_that_were_stopped_alike_are_told_once() -> None:
    stopped = Verdict.stopped("this cell was stopped: it used more than 10 CPU seconds")
    more = solution("double-2", "twice = double(2)")
    cells = executed(double_hidden=verdict_of(AssertionError("wrong")))
    cells[1] = failed(solution("double", WROTE), stopped)
    cells.insert(2, failed(more, stopped))
    lost = section(page_of([*MASTER[:2], more, *MASTER[2:]], cells), LOST)
    assert lost.count("This cell was stopped") == 1


def test_cell_that_failed_in_an_answer_to_another_question_names_its_function() -> None:
    other = [
        solution("triple", "def triple(x):\n    ..."),
        test("triple-hidden", "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS", 1),
    ]
    master = [*MASTER, *other]
    frames = [
        "Cell In[3], line 1\n",
        "Cell In[2], line 2, in \x1b[36mdouble\x1b[39m(x)\n",
        "Cell In[1], line 9, in helper(x)",
    ]
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="bad", traceback=frames)
    cells = [
        *executed(double=WROTE),
        showing(solution("triple", "y = double(1)"), error),
        failed(other[1], verdict_of(NameError("y"))),
    ]
    lost = section(page_of(master, cells), LOST)
    assert "Your cell ended with ValueError in double: bad" in lost
    assert "Named above, in your notebook: double" in lost


def test_exception_without_a_message_ends_the_sentence() -> None:
    error = nbformat.v4.new_output("error", ename="KeyboardInterrupt", evalue="", traceback=["x"])
    cells = executed(double_hidden=verdict_of(AssertionError("wrong")))
    cells[1] = showing(solution("double", WROTE), error)
    lost = section(page_of(MASTER, cells), LOST)
    assert "Your cell ended with KeyboardInterrupt" in lost
    assert "KeyboardInterrupt:" not in lost


def test_part_of_a_tests_points_is_told() -> None:
    page = page_of(MASTER, executed(double=WROTE), points={"double-hidden": 3.0})
    assert "A test gives 3 of its 4 points 1 point lost" in section(page, LOST)


# ---- what is not written yet ----


def test_function_as_it_was_released_is_not_written_yet() -> None:
    verdict = raised_at(
        "line 14, in double: raise NotImplementedError()", kind="NotImplementedError"
    )
    page = page_of(
        MASTER, executed(double_visible=verdict, double_hidden=verdict), points=FULL_POINTS
    )
    assert section(page, "Not written yet: 5 points").count("Q7 Doubling: 5 points") == 1
    assert section(page, LOST) == ""
    assert "NotImplementedError" not in text_of(page).split("Your notebook")[0]


def test_function_that_still_raises_not_implemented_is_not_written_yet() -> None:
    source = "def double(x):\n    # I had no time.\n    raise NotImplementedError()"
    verdict = raised_at(
        "line 3, in double: raise NotImplementedError()", kind="NotImplementedError"
    )
    page = page_of(MASTER, executed(double=source, double_visible=verdict, double_hidden=verdict))
    assert "Q7 Doubling: 5 points" in section(page, "Not written yet: 10 points")


def test_function_that_needs_another_one_says_which() -> None:
    halve = "def halve(x):\n    raise NotImplementedError()"
    line = "line 2, in halve: raise NotImplementedError()"
    verdict = raised_at(line, kind="NotImplementedError")
    page = page_of(MASTER, executed(double=WROTE, halve=halve, double_hidden=verdict))
    assert "It needs halve, which is not written yet 4 points lost" in section(page, LOST)


# ---- tests without points ----


def test_tests_without_points_are_listed_if_they_failed_only() -> None:
    master = [
        *MASTER,
        solution("relu", "def relu(x):\n    return None"),
        test("relu-visible", "assert relu(1) == 1", 0),
        test("relu-hidden", "### BEGIN HIDDEN TESTS\nassert 1\n### END HIDDEN TESTS", 0),
    ]
    assert section(page_of(master), OTHERS) == ""
    cells = [*executed(), *master[-3:]]
    cells[-1] = failed(cells[-1], verdict_of(AssertionError("relu: of negative numbers")))
    warning = nbformat.v4.new_output("stream", name="stderr", text="RuntimeWarning")
    cells[-2] = showing(cells[-2], warning)
    page = page_of(master, cells)
    assert "Test relu-visible: failed" not in text_of(page)
    assert "Test relu-hidden: failed" in text_of(page)
    others = section(page, OTHERS)
    assert "relu: of negative numbers Named above, in your notebook: relu relu-hidden" in others
    assert "relu-visible" not in others


# ---- the notebook ----


def test_notebook_is_folded_below_and_leads_back_to_its_questions() -> None:
    page = page_of(MASTER, executed(double=WROTE))
    assert page.index('id="lost"') < page.index('<details class="notebook">')
    assert re.search(r"Test double-hidden: 0 of 4 points\s+Back to Q7", text_of(page))
    assert '<a href="#cell-double">See it in your notebook</a>' in page
    assert page.count('id="cell-double"') == 1


def test_cell_whose_name_has_blanks_can_be_linked() -> None:
    cell = given("blank", "1")
    cell.metadata.nbgrader.grade_id = "a b"
    assert 'id="cell-a_20_b"' in page_of([cell, *MASTER])


def test_levels_of_headings_rise_by_one() -> None:
    texts = ["# One", "#### Four", "###### Six", "<h5>Five</h5>", "## Two"]
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    levels = [
        int(level) for level in re.findall(r"<h([1-6])[ >]", page_of(MASTER, [*cells, *MASTER]))
    ]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert levels.count(1) == 1


def test_notebook_that_cannot_be_shown_is_not_taken_for_unwritten() -> None:
    page = page_of(MASTER, [nbformat.v4.new_markdown_cell(NOT_SHOWN), *MASTER], points=FULL_POINTS)
    assert text_of(page).split("Points")[0].count(NOT_SHOWN) == 1
    assert section(page, "Not written yet") == ""
    assert "The reason is not known any more 5 points lost" in section(page, LOST)
    assert "BEGIN SOLUTION" not in section(page, LOST)


def test_long_outputs_are_cut_in_the_middle() -> None:
    stream = [
        nbformat.v4.new_output(
            "stream", name="stdout", text=f"first {n}" + "y" * 20_000 + f"{n} last"
        )
        for n in range(40)
    ]
    page = page_of(MASTER, [showing(given("much", "1"), *stream), *MASTER])
    for part in (
        "first 0y",
        "y0 last",
        "12,013 characters are left out here",
        "first 39y",
        "y39 last",
    ):
        assert part in page
    assert len(page) < 130_000


# ---- a course's own template ----


def test_template_of_the_course_is_used(tmp_path: Path) -> None:
    (tmp_path / "templates/mine").mkdir(parents=True)
    (tmp_path / "templates/mine/conf.json").write_text('{"base_template": "base"}')
    (tmp_path / "templates/mine/index.html.j2").write_text(
        "<head></head>{{ resources.nbgrader.score }} points, by the course's own template"
    )
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'toy'\n"
        "c.HTMLExporter.template_name = 'mine'\n"
        f"c.HTMLExporter.extra_template_basedirs = [{str(tmp_path / 'templates')!r}]\n"
    )
    notebook = notebook_of(MASTER)
    assignment = Assignment("homework", "", (notebook,))
    pages = FeedbackPages(Course.open(tmp_path), assignment, "look")
    made = nbformat.v4.new_notebook(cells=executed(double=WROTE))
    page = pages.page(made, notebook, ShownMarks(dict(FULL_POINTS), {})).decode()
    assert "5.0 points, by the course's own template" in page
    assert "Content-Security-Policy" in page


def test_picture_beside_the_assignments_notebook_is_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    source = tmp_path / "source/homework"
    source.mkdir(parents=True)
    (source / "net.png").write_bytes(b"a picture")
    (source / "large.png").write_bytes(b"x" * 300_000)
    notebook = notebook_of(MASTER)
    pages = FeedbackPages(Course.open(tmp_path), Assignment("homework", "", (notebook,)), "look")
    text = "![The network](net.png) ![Large](large.png) ![Other](../../x.png)"
    cells = [nbformat.v4.new_markdown_cell(text), *executed(double=WROTE)]
    made = nbformat.v4.new_notebook(cells=cells)
    page = pages.page(made, notebook, ShownMarks(dict(FULL_POINTS), {})).decode()
    encoded = b64encode(b"a picture").decode()
    assert f'<img src="data:image/png;base64,{encoded}" alt="The network"' in page
    assert page.count("<img") == 1
    assert made.cells[0].source == text
