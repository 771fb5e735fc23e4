"""`referee mark`: points and a comment for a group, as marks by hand, logged and taken back."""

import html
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from referee.errors import RefereeError
from referee.marking.mark import Marked, find_group, mark_group
from referee.marking.plan import BY_HAND, HAS_IT, LEFT_OUT, Gift
from referee.marking.points import Amount, CellPoints, Shares, shared
from referee.marking.tables import print_groups, print_log, print_marked, print_taken_back
from referee.nbgrader.course import markings_folder
from referee.record.markings import markings_path, read_markings
from referee.report.page import Links, rendered_report
from referee.report.reasons import read_reasons
from tests.support.browser import formgrader_page
from tests.support.classes import EVIL, WHOLE, record, result
from tests.support.desk import COMMENT, WHY, Desk, make_class_to_mark
from tests.support.pages import section, text_of
from tests.support.toy import NAME, NOTEBOOK, ToyCourse, copy_of
from tests.unit.test_page_safety import Tags


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A class that can be copied."""
    return make_class_to_mark(tmp_path_factory.mktemp("class"))


@pytest.fixture
def desk(graded: ToyCourse, tmp_path: Path) -> Desk:
    return Desk(copy_of(graded, tmp_path))


def outcomes(marked: Marked) -> dict[str, str]:
    """Why each student gets nothing, or the points of the question before and after."""
    return {
        each.student: each.why_not or f"{each.before:g} to {each.after:g}" for each in marked.given
    }


# ---- who gets what ----


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("+2", {"bob": "1 to 3", "cyd": "1 to 3", "eve": "0 to 2"}),
        ("+4.5", {"bob": "1 to 5", "cyd": "1 to 5", "eve": "0 to 4.5"}),
        ("=3", {"bob": "1 to 3", "cyd": "1 to 3", "eve": "0 to 3"}),
        ("=0", {"bob": "1 to 0", "cyd": "1 to 0", "eve": HAS_IT}),
        ("-1", {"bob": "1 to 0", "cyd": "1 to 0", "eve": HAS_IT}),
        ("back", {"bob": "1 to 5", "cyd": "1 to 5", "eve": "0 to 5"}),
    ],
)
def test_points_are_of_the_question(desk: Desk, points: str, expected: dict[str, str]) -> None:
    assert outcomes(desk.mark(points, dry_run=True)) == expected


def test_teacher_sees_by_whom_when_and_why_and_students_do_not(desk: Desk) -> None:
    desk.mark("+1", COMMENT)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    said = f"points +1 and a comment by Grace on {today}: {WHY}"
    assert {student: row["marked by hand"] for student, row in desk.csv().items()} == {
        "ada": "Q3", "bob": f"Q1: {said}", "cyd": f"Q1: {said}", "eve": f"Q1: {said}",
    }  # fmt: skip
    assert read_reasons(desk.course, NAME, "bob").question("Q1").given == (said,)
    assert WHY not in (desk.comment("bob") or "")
    desk.undo()
    assert desk.csv()["bob"]["marked by hand"] == ""


def test_formgrader_says_by_whom_when_and_why_until_it_is_taken_back(desk: Desk) -> None:
    def said(student: str) -> str:
        path = desk.toy.root / "autograded" / student / NOTEBOOK
        names = {"student": student, "assignment_id": NAME, "notebook_id": NAME}
        return formgrader_page(path, desk.course.app.config, **names)

    evil, today = "<script>alert(1)</script>", f"{datetime.now(UTC):%Y-%m-%d}"
    mark_group(desk.course, desk.report(), desk.group(), Gift("+1", COMMENT, "Grace", evil))
    note = "<b>Given to a group</b> (number 1): points +1 and a comment by Grace on "
    note += f"{today}: {html.escape(evil)}"
    page = said("bob")
    assert page.index('id="double-comment"') > page.index(note), "before the student's answer"
    assert evil not in page
    assert note not in said("ada")
    desk.undo()
    assert note not in said("bob")


def test_dry_run_changes_nothing(desk: Desk) -> None:
    before = desk.rows()
    assert desk.mark("+2", COMMENT, dry_run=True).number == 0
    assert desk.rows() == before
    assert read_markings(desk.course.root, NAME) == []


def test_points_above_the_maximum_are_not_given_and_named(desk: Desk) -> None:
    marked = desk.mark("+9")
    assert {each.student: each.rest for each in marked.given} == {"bob": 5, "cyd": 5, "eve": 4}
    assert desk.grade("bob")["score"] == 4


def test_points_above_the_maximum_can_be_extra_credit(desk: Desk) -> None:
    assert outcomes(desk.mark("+9", extra_credit=True))["bob"] == "1 to 10"
    assert (desk.grade("bob")["manual_score"], desk.grade("bob")["extra_credit"]) == (4, 5)
    desk.undo()
    assert (desk.grade("bob")["manual_score"], desk.grade("bob")["extra_credit"]) == (None, None)


def test_points_that_a_human_gave_are_changed_only_if_asked(desk: Desk) -> None:
    desk.give("bob", 1.5, "Mine.")
    marked = desk.mark("+1", COMMENT)
    assert (outcomes(marked)["bob"], marked.kept) == (BY_HAND, ("bob",))
    assert (desk.grade("bob")["manual_score"], desk.comment("bob")) == (1.5, "Mine.")
    assert outcomes(desk.mark("+1", overwrite=True))["bob"] == "2.5 to 3.5"


def test_marking_exits_with_3_if_somebody_keeps_what_a_human_has_given(desk: Desk) -> None:
    desk.give("bob", 1.5)
    mark = ("mark", NAME, desk.group(), "--points=+1", "--why", WHY, "--by", "Grace")
    assert "given to 2 of 3 students" in desk.toy.run_here(*mark, "--dry-run", code=3)
    assert "marked by hand already" in desk.toy.run_here(*mark, code=3)
    desk.give("cyd", 2.5)
    undo = ("mark", NAME, "--undo", "1", "--by", "Grace")
    assert "Not taken back" in desk.toy.run_here(*undo, code=3)


def test_comment_stands_behind_the_one_that_is_there(desk: Desk) -> None:
    desk.give("bob", None, "Mine.")
    desk.mark(comment=COMMENT)
    assert desk.comment("bob") == f"Mine.\n\n{COMMENT}"
    assert set(outcomes(desk.mark(comment=COMMENT)).values()) == {HAS_IT}, "and is there once"
    desk.undo()
    assert desk.comment("bob") == "Mine."
    assert desk.comment("cyd") is None


def test_comment_alone_is_also_for_those_who_were_marked_by_hand(desk: Desk) -> None:
    desk.give("bob", 1.5)
    desk.mark(comment=COMMENT)
    assert (desk.grade("bob")["manual_score"], desk.comment("bob")) == (1.5, COMMENT)


def test_answer_in_words_has_points_and_comment_in_one_cell(desk: Desk) -> None:
    with desk.toy.gradebook() as gradebook:
        gradebook.find_grade("explain", NAME, NAME, "bob").manual_score = 1
        gradebook.db.commit()
    group, before = desk.group("Marked by hand"), desk.rows()
    assert outcomes(desk.mark("+1", COMMENT, group=group, overwrite=True)) == {"bob": "1 to 2"}
    assert (desk.grade("bob", "explain")["score"], desk.comment("bob", "explain")) == (2, COMMENT)
    desk.undo()
    assert desk.rows() == before


def test_what_waits_for_a_human_is_still_waiting(desk: Desk) -> None:
    desk.mark("back", COMMENT)
    grade = desk.grade("bob", "explain")
    assert (grade["manual_score"], grade["needs_manual_grade"]) == (None, True)


def test_student_can_be_left_out(desk: Desk) -> None:
    assert outcomes(desk.mark("+1", without=("cyd",)))["cyd"] == LEFT_OUT
    with pytest.raises(RefereeError, match=r"not in the group .*: nobody"):
        desk.mark("+1", without=("nobody",))


def test_marks_survive_when_submissions_are_graded_again(desk: Desk) -> None:
    desk.mark("+2", COMMENT)
    record_again(desk)
    assert desk.grade("bob")["score"] == 2
    assert desk.comment("bob") == COMMENT


def record_again(desk: Desk) -> None:
    """Record the same results as if `referee grade --force` had run."""
    (desk.toy.root / "submitted" / "bob" / NAME).rmdir()
    record(desk.toy, result("bob", {"double-hidden": WHOLE}))


# ---- taking back ----


def test_who_was_marked_since_keeps_it_and_is_named(desk: Desk) -> None:
    desk.mark("+2", COMMENT)
    desk.give("cyd", 3.0, COMMENT)
    found = desk.undo()
    assert (found.students, found.kept) == (("bob", "eve"), ("cyd",))
    assert desk.grade("cyd")["score"] == 3
    assert desk.comment("bob") is None


def test_later_marking_is_to_be_taken_back_first(desk: Desk) -> None:
    desk.mark("+1", without=("eve",))
    desk.mark("+1", without=("eve",), overwrite=True)
    assert desk.undo(1).kept == ("bob", "cyd")
    assert desk.undo(2).students == ("bob", "cyd")
    assert desk.undo(1).students == ("bob", "cyd")
    assert desk.grade("bob")["manual_score"] is None


def test_number_that_was_taken_back_does_not_take_back_a_later_one(desk: Desk) -> None:
    desk.mark("+1")
    desk.undo(1)
    desk.mark("+1")
    assert desk.undo(1).kept == ("bob", "cyd", "eve")
    assert desk.undo(3).students == ("bob", "cyd", "eve")


def test_taking_back_twice_changes_nothing(desk: Desk) -> None:
    desk.mark("+1")
    desk.undo()
    before = desk.rows()
    again = desk.undo()
    assert (again.students, again.kept, again.number) == ((), (), 0)
    assert desk.rows() == before


def test_what_took_back_is_not_taken_back(desk: Desk) -> None:
    desk.mark("+1")
    desk.undo()
    with pytest.raises(RefereeError, match="took back number 1"):
        desk.undo(2)
    with pytest.raises(RefereeError, match="no number 7"):
        desk.undo(7)


# ---- groups ----


def test_id_is_the_same_while_nobody_joins_or_leaves(desk: Desk) -> None:
    group = desk.group()
    desk.mark("+1")
    assert desk.group() == group


def test_group_that_has_changed_is_refused_and_says_who_is_in_it(desk: Desk) -> None:
    group = desk.group()
    desk.give("cyd", 4.0)
    with pytest.raises(RefereeError, match=r"has changed .* Now it is Q1-\w+-\w+: bob, eve"):
        desk.mark("+1", group=group)
    stem = group.rpartition("-")[0]
    assert set(outcomes(desk.mark("+1", group=stem))) == {"bob", "eve"}


def test_group_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(RefereeError, match="'Q9-12345-1234' is no group of toy"):
        find_group(desk.report(), "Q9-12345-1234")
    with pytest.raises(RefereeError, match="nobody has lost points for its reason now"):
        find_group(desk.report(), "Q1-12345-1234")


@pytest.mark.parametrize("question", ["Q1", "q1", "double"])
def test_question_in_place_of_a_group_is_answered_with_its_groups(
    desk: Desk, question: str
) -> None:
    with pytest.raises(RefereeError, match=f"is a question. Say which of its .*{desk.group()}"):
        find_group(desk.report(), question)


@pytest.mark.parametrize(
    ("gift", "error"),
    [
        (Gift("", " ", "Grace", WHY), "nothing to give"),
        (Gift("+1", "", "Grace", ""), "--why"),
        (Gift("+1", "", "", WHY), "--by"),
        (Gift("1", "", "Grace", WHY), r"--points 1 is not clear\. Use \+2"),
    ],
)
def test_gift_that_is_not_clear_is_refused(desk: Desk, gift: Gift, error: str) -> None:
    with pytest.raises(RefereeError, match=error):
        mark_group(desk.course, desk.report(), desk.group(), gift)


# ---- the log, and what can go wrong ----


def test_log_has_old_and_new_values(desk: Desk) -> None:
    desk.give("bob", 1.0, "Mine.")
    desk.mark("=3", COMMENT, overwrite=True)
    (line,) = (desk.toy.root / "marking" / f"{NAME}.jsonl").read_text().splitlines()
    said = json.loads(line)
    assert (said["by"], said["why"], said["message"]) == ("Grace", WHY, WHOLE)
    changes = {each["cell"]: each for each in said["changes"] if each["student"] == "bob"}
    points = changes["double-hidden"]
    assert (points["old"]["points"], points["new"]["points"]) == (1.0, 2.0)
    comment = changes["double"]
    assert (comment["old"]["comment"], comment["new"]["comment"]) == (
        "Mine.",
        f"Mine.\n\n{COMMENT}",
    )


def test_line_that_a_crash_cut_short_costs_no_other(desk: Desk) -> None:
    desk.mark("+1")
    with markings_path(desk.toy.root, NAME).open("a") as log:
        log.write('{"number": 2, "at"')
    desk.mark("+1", overwrite=True)
    assert [each.number for each in read_markings(desk.course.root, NAME)] == [1, 2]


def test_log_is_out_of_reach_of_student_code(desk: Desk) -> None:
    assert markings_folder(desk.toy.root) in desk.course.private_paths()


LOCKS = {
    "from the beginning": "begin immediate",
    "at the end": "select * from grade",  # who reads lets others write until they commit
}


@pytest.mark.parametrize("statement", LOCKS.values(), ids=LOCKS)
def test_gradebook_that_somebody_uses_is_an_error_and_changes_nothing(
    desk: Desk, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.rows()
    # Nobody waits for five seconds here, as SQLite does.
    impatient = partial(sqlite3.connect, timeout=0.2)
    monkeypatch.setattr("sqlite3.dbapi2.connect", impatient)
    with closing(sqlite3.connect(desk.toy.root / "gradebook.db")) as other:
        using = other.execute(statement)
        using.fetchone()
        with pytest.raises(RefereeError, match=r"no mark was changed: .* database is locked"):
            desk.mark("+1")
        using.close()
    assert desk.rows() == before
    log = read_markings(desk.course.root, NAME)
    not_given = {each.takes_back for each in log}
    assert [each for each in log if not each.takes_back and each.number not in not_given] == []


def test_log_that_cannot_be_written_changes_nothing(desk: Desk) -> None:
    before = desk.rows()
    markings_folder(desk.toy.root).write_text("no folder")
    with pytest.raises(RefereeError, match=r"no mark was changed: the log .*jsonl"):
        desk.mark("+1")
    assert desk.rows() == before


# ---- what is printed ----


def printed(printing: Callable[..., None], *what: Any) -> str:
    console = Console(width=160, file=io.StringIO(), record=True)
    printing(console, *what)
    return " ".join(console.export_text().split())


def test_groups_are_listed_with_their_ids(desk: Desk) -> None:
    desk.give("bob", 1.0)
    said = printed(print_groups, desk.report())
    assert f"{desk.group()} 3 1* 12 {WHOLE}" in said
    assert f"referee mark {NAME} GROUP" in said


def test_student_whose_notebook_is_damaged_is_in_no_group_and_named(desk: Desk) -> None:
    (desk.toy.root / f"autograded/cyd/{NAME}/{NAME}.ipynb").write_text("{")
    assert "damaged: cyd" in printed(print_groups, desk.report())


def test_marked_group_is_printed_with_points_and_who_gets_nothing(desk: Desk) -> None:
    desk.give("cyd", 1.0)
    said = printed(print_marked, NAME, desk.mark("+9", COMMENT))
    assert "bob 1 5 comment, 5 not given, no room for it" in said
    assert f"Not changed, {BY_HAND}: cyd" in said
    assert "Given to 2 of 3 students, as number 1 of the log." in said
    assert f"referee mark {NAME} --undo 1" in said
    assert f"referee feedback {NAME}" in said


def test_taking_back_is_printed_with_who_keeps_the_mark(desk: Desk) -> None:
    desk.mark("+1")
    desk.give("cyd", 4.0)
    said = printed(print_taken_back, NAME, desk.undo())
    assert "Number 1 is taken back, all is as it was before: bob, eve" in said
    assert "marked by hand or in a later number since: cyd" in said
    log = printed(print_log, read_markings(desk.course.root, NAME))
    assert "Grace: points +1 to 3: bob, cyd, eve" in log
    assert f"why: {WHY} taken back but from cyd" in log


# ---- the report ----


def test_report_shows_what_was_given_by_hand(desk: Desk) -> None:
    desk.mark("+2", COMMENT)
    page = rendered_report(desk.report(), Links(desk.course, NAME, desk.course.reports))
    why = section(page, "Why points were lost")
    assert "3 students marked by hand*" in why
    assert "bob \N{MINUS SIGN}2* page" in why
    given = section(page, "Given to groups by hand")
    assert "+2 and a comment, 3 students. Grace" in given
    assert all(part in given for part in (WHY, WHOLE, COMMENT, "bob, cyd, eve"))


def test_nothing_that_is_given_is_markup(graded: ToyCourse, tmp_path: Path) -> None:
    toy, name = copy_of(graded, tmp_path), f"{EVIL}\u202e"
    record(toy, result(name, {"double-hidden": f"{WHOLE} {EVIL}"}))
    desk = Desk(toy)
    gift = Gift("+1", f"{EVIL}\u202e", EVIL, EVIL)
    mark_group(desk.course, desk.report(), desk.group(f"{WHOLE} {EVIL}"), gift)
    page = rendered_report(desk.report(), Links(desk.course, NAME, desk.course.reports))
    assert "script" not in {tag for tag, _ in Tags(page).found}
    assert "\u202e" not in page
    assert EVIL in text_of(page)
    assert "\u202e" not in toy.run("referee", "mark", NAME, "--log")


# ---- points and cells ----

CELLS = (CellPoints("a", 1, 3), CellPoints("b", 0, 4))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (1, Shares({"a": 2}, 0)),
        (3, Shares({"a": 3, "b": 1}, 0)),
        (9, Shares({"a": 3, "b": 4}, 3)),
        (-0.5, Shares({"a": 0.5}, 0)),
        (-3, Shares({"a": 0}, -2)),
        (0, Shares({}, 0)),
    ],
)
def test_points_go_to_the_first_cell_with_room(more: float, expected: Shares) -> None:
    assert shared(more, CELLS) == expected


def test_cell_with_more_than_its_maximum_keeps_it() -> None:
    assert shared(1, [CellPoints("a", 5, 3)]) == Shares({}, 1)


@pytest.mark.parametrize("text", ["2", "++2", "+", "+-1", "=1e9", "+nan", "back 2", "+1,5"])
def test_amount_that_is_not_clear_is_refused(text: str) -> None:
    with pytest.raises(RefereeError, match="is not clear"):
        Amount.parse(text)
