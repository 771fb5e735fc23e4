"""The report for the teacher: who is where, which message hit whom, and what it shows of it."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from referee.errors import RefereeError
from referee.feedback.content import QuestionMarks
from referee.feedback.losses import NOT_EXECUTED, Loss, losses_of
from referee.feedback.reasons import CodeLine, Reason
from referee.model.outcomes import Outcome
from referee.nbgrader.course import Course
from referee.report.class_report import ClassReport, read_class
from referee.report.distribution import distribution
from referee.report.page import Links, rendered_report, write_report
from referee.report.reasons import read_reasons
from tests.support.classes import (
    EVIL,
    FRACTION,
    MASTER,
    WHOLE,
    make_class,
    record,
    refused,
    result,
)
from tests.support.copies import record_copies
from tests.support.pages import section, text_of
from tests.support.toy import NAME, ToyCourse, copy_of
from tests.unit.test_page_safety import Tags

HALF = {"double-hidden": WHOLE, "halve-hidden": FRACTION}


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """The course that nobody has handed in to."""
    return make_class(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def course(toy: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class of nine, with everything that can happen to a submission."""
    mine = copy_of(toy, tmp_path_factory.mktemp("graded"))
    with mine.gradebook() as gradebook:
        gradebook.add_student("ada", first_name="Ada", last_name="Lovelace")
        gradebook.add_student("nobody")
    (mine.root / "submitted" / "new" / NAME).mkdir(parents=True)
    return record(
        mine,
        result("ada"),
        result("bob", {"double-hidden": WHOLE}),
        result("cyd", HALF, notes=("a cell was moved",)),
        result("dan", {"double-hidden": "another"}),
        result("empty", dict.fromkeys(HALF, "x"), untouched=True),
        refused("bad", Outcome.UNREADABLE, f"toy.ipynb is {EVIL}"),
        replace(result("slow"), outcome=Outcome.OUT_OF_TIME, reason="halve: too long"),
        late={"bob": 3600.0},
        explained={"ada": 3, "bob": 1, "cyd": 0, "empty": 0, "slow": 3},
    )


@pytest.fixture(scope="module")
def report(course: Course) -> ClassReport:
    return read_class(course, NAME)


@pytest.fixture(scope="module")
def page(course: Course, report: ClassReport) -> str:
    return rendered_report(report, Links(course, NAME, course.reports))


def students(rows: tuple[object, ...]) -> list[str]:
    return [row.student for row in rows]  # type: ignore[attr-defined]


def test_each_student_is_where_they_belong(report: ClassReport) -> None:
    handed = report.handed
    assert (handed.students, handed.handed_in) == (9, 8)
    assert students(handed.graded) == ["ada", "bob", "cyd", "dan", "empty", "slow"]
    assert students(handed.late) == ["bob"]
    assert students(handed.lost) == ["slow"]
    assert students(handed.waiting) == ["dan"]
    assert students(handed.failed) == ["bad"]
    assert students(handed.pending) == ["new"]
    assert students(handed.missing) == ["nobody"]
    assert handed.need_a_human == 2


def test_question_that_nobody_got_is_to_be_looked_at(toy: ToyCourse, tmp_path: Path) -> None:
    both = {"halve-hidden": FRACTION, "halve-visible": FRACTION}
    course = record(copy_of(toy, tmp_path), result("ada", both), result("bob", both))
    report = read_class(course, NAME)
    assert [each.question.label for each in report.questions if each.doubt] == ["Q2"]
    page = rendered_report(report, Links(course, NAME, course.reports))
    assert "Q2 Halving: nobody has a point of it." in section(page, "What needs a human")


def test_exception_is_grouped_by_the_cell_that_raised_it() -> None:
    lines = (CodeLine("double", 1, "def"), CodeLine("halve", 2, "return x / 0"))
    text = "Your code raised ZeroDivisionError: division by zero"
    raised = Reason(text, 4, lines=lines, cells=("halve-hidden",))
    question = QuestionMarks("Q1", "Doubling", 1, 5, 0, False, False, (raised,), (), ())
    sentence = "Your code raised ZeroDivisionError, in halve"
    assert losses_of(question) == (Loss(sentence, 4, ("halve-hidden",)),)


def test_command_writes_the_report(toy: ToyCourse, tmp_path: Path) -> None:
    mine = copy_of(toy, tmp_path)
    record(mine, result("ada"))
    assert "for teachers only" in mine.run("referee", "report", NAME)
    assert "ada" in (mine.root / "report" / f"{NAME}.html").read_text()


def test_students_who_read_the_same_sentence_are_a_group(report: ClassReport) -> None:
    double, halve, explain = report.questions
    found = {
        group.message: [(hit.student, hit.lost) for hit in group.hits] for group in double.groups
    }
    assert found == {
        WHOLE: [("bob", 4), ("cyd", 4)],
        "another": [("dan", 4)],
        "It is not written yet": [("empty", 4)],
    }
    assert [group.lost for group in double.groups] == [8, 4, 4]
    assert [group.message for group in halve.groups] == ["It is not written yet", FRACTION]
    assert [(g.message, g.lost) for g in explain.groups] == [
        ("Marked by hand", 5),
        ("It is not written yet", 3),
    ]


def test_explain_has_the_sentences_of_the_report(report: ClassReport, course: Course) -> None:
    of_report = {
        (hit.student, group.question, group.message, hit.lost)
        for question in report.questions
        for group in question.groups
        for hit in group.hits
    }
    of_explain = {
        (student, question.label, loss.sentence, loss.points)
        for student in ("ada", "bob", "cyd", "dan", "empty", "slow")
        for question in read_reasons(course, NAME, student).questions
        for loss in question.losses
    }
    assert of_explain == of_report


def test_points_that_a_human_took_are_said_to_be(toy: ToyCourse, tmp_path: Path) -> None:
    mine = copy_of(toy, tmp_path)
    course = record(mine, result("ada"))
    with mine.gradebook() as gradebook:
        gradebook.find_grade("double-hidden", NAME, NAME, "ada").manual_score = 1.5
        gradebook.db.commit()
    (group,) = read_class(course, NAME).questions[0].groups
    assert (group.message, group.lost) == ("Marked by hand", 2.5)


def test_statistics_leave_out_who_has_no_marks(report: ClassReport) -> None:
    double, _, explain = report.questions
    assert double.item.students == 6
    assert double.item.difficulty == pytest.approx((5 + 1 + 1 + 1 + 1 + 5) / 30)
    assert (double.unwritten, explain.item.students, explain.waiting) == (("empty",), 5, ("dan",))
    reliable = report.reliability
    assert (reliable.students, reliable.questions, reliable.left_out) == (5, 3, 1)
    assert reliable.is_small


def test_page_says_what_is_left_out_and_warns_of_small_classes(page: str) -> None:
    said = section(page, "Questions")
    assert "of 5 students and 3 questions. 1 student is left out" in said
    assert "Caution: 5 students only." in said
    assert "Without the 3 students who have no mark" in section(page, "Totals")


def test_page_is_for_teachers_and_says_so(page: str) -> None:
    assert "For teachers only." in text_of(page)


def test_page_says_what_needs_a_human_and_why(page: str) -> None:
    said = section(page, "What needs a human")
    assert f"Unreadable: 1 student bad: toy.ipynb is {EVIL}" in said
    assert "To be marked by hand: 1 student Q3 In words: 1 student dan" in said
    assert "Out of time: 1 student slow: halve: too long" in said
    assert "cyd: a cell was moved" in said


def test_page_names_students_and_links_to_their_files(page: str, course: Course) -> None:
    said = section(page, "Why points were lost")
    assert f"{WHOLE} 2 students \N{MINUS SIGN}8 bob \N{MINUS SIGN}4 page notebook cyd" in said
    links = [tag["href"] for name, tag in Tags(page).found if name == "a"]
    files = [unquote(link.partition("#")[0]) for link in links if link and link[0] != "#"]
    assert f"../feedback/bob/{NAME}/{NAME}.html" in files
    assert f"../autograded/cyd/{NAME}/{NAME}.ipynb" in files
    assert all((course.reports / file).resolve().is_file() for file in files)


def test_histogram_is_also_a_table(page: str) -> None:
    said = section(page, "Totals")
    assert "Points Students 0 to under 1.3 0" in said
    assert "11.7 to 13 2" in said


def test_page_says_where_the_time_went(page: str) -> None:
    assert "double-hidden 1.50 1.50 slow" in section(page, "Time")


def test_nothing_that_a_student_wrote_is_markup(toy: ToyCourse, tmp_path: Path) -> None:
    mine, name = copy_of(toy, tmp_path), "<img src=x onerror=alert(1)>\u202e' \"#?%2e"
    with mine.gradebook() as gradebook:
        gradebook.add_student(name, first_name=EVIL, last_name="\u202eevil\x1b")
    course = record(mine, result(name, {"double-hidden": f"{EVIL}\n\x1b[31m"}, notes=(EVIL,)))
    page = rendered_report(read_class(course, NAME), Links(course, NAME, course.reports))
    tags = Tags(page).found
    assert {tag for tag, _ in tags}.isdisjoint({"script", "img", "iframe"})
    assert not [key for _, keys in tags for key in keys if key.startswith("on")]
    assert not re.search("[\u202e\x1b]", page)
    links = [keys["href"] or "" for tag, keys in tags if tag == "a"]
    assert all(link.startswith(("#", "../")) for link in links)
    assert sum(name in unquote(link) for link in links) == 2
    assert "default-src 'none'" in page


def test_page_loads_nothing(page: str) -> None:
    loading = {"script", "link", "img", "iframe", "object", "embed"}
    assert loading.isdisjoint(tag for tag, _ in Tags(page).found)
    assert not re.search(r"url\(|@import|https?:", page)


def test_hidden_tests_are_not_on_the_page(page: str) -> None:
    hidden = [line for cell in MASTER for line in cell.source.split("\n") if "assert " in line]
    assert hidden and not any(line in text_of(page) for line in hidden)


def test_class_without_marks_has_a_report(toy: ToyCourse, tmp_path: Path) -> None:
    course = record(copy_of(toy, tmp_path), refused("bad", Outcome.NOT_A_NOTEBOOK, "it is empty"))
    report = read_class(course, NAME)
    assert report.totals is None
    page = rendered_report(report, Links(course, NAME, course.reports))
    assert "bad: it is empty" in section(page, "What needs a human")


def test_assignment_that_nobody_handed_in_has_a_report(toy: ToyCourse) -> None:
    course = Course.open(toy.root)
    report = read_class(course, NAME)
    assert (report.handed.students, report.totals) == (0, None)
    page = rendered_report(report, Links(course, NAME, course.reports))
    assert "Handed in 0 of 0" in section(page, "The class")


def test_damaged_notebook_costs_its_own_reasons_only(toy: ToyCourse, tmp_path: Path) -> None:
    mine = copy_of(toy, tmp_path)
    course = record(mine, result("ada", HALF), result("bob", HALF))
    (mine.root / f"autograded/ada/{NAME}/{NAME}.ipynb").write_text('{"cells": [')
    report = read_class(course, NAME)
    assert list(report.unreadable) == ["ada"]
    assert [hit.student for hit in report.questions[0].groups[0].hits] == ["bob"]


def test_report_is_not_written_where_students_could_get_it(course: Course) -> None:
    report = read_class(course, NAME)
    for folder in ("release", "feedback", "submitted", f"source/{NAME}"):
        with pytest.raises(RefereeError, match="names and marks of all students"):
            write_report(course, report, course.root / folder / "report.html")
    with pytest.raises(RefereeError, match=r"ends with \.html"):
        write_report(course, report, course.root / "report.txt")


def test_report_is_written_beside_the_folders_of_the_course(course: Course) -> None:
    path = write_report(course, read_class(course, NAME))
    assert path == course.root / "report" / f"{NAME}.html"
    assert [each.name for each in course.reports.iterdir()] == [path.name]


def test_reports_are_out_of_reach_of_student_code(course: Course) -> None:
    assert course.reports in course.private_paths()


def test_class_of_300_has_one_report(toy: ToyCourse, tmp_path: Path) -> None:
    course = record(copy_of(toy, tmp_path), result("ada"), result("bob", HALF), result("cyd", HALF))
    record_copies(course, NAME, 300)
    report = read_class(course, NAME)
    write_report(course, report)
    assert len(report.handed.graded) == 300
    assert [len(group.hits) for group in report.questions[0].groups] == [200]


def test_totals_are_in_ten_bins_and_one_above() -> None:
    found = distribution([0, 9.9, 10, 99, 100, 105], 100)
    assert found is not None
    counts = [each.students for each in found.bins]
    assert counts == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1]
    assert [each.label for each in found.bins][-2:] == ["90 to 100", "more than 100"]


def test_one_total_has_no_deviation() -> None:
    found = distribution([7], 10)
    assert found is not None
    assert (found.mean, found.median, found.deviation) == (7, 7, None)


def test_no_totals_have_no_distribution() -> None:
    assert distribution([], 10) is None
    assert distribution([0], 0) is None


def test_report_links_to_the_page_about_similar_code_if_there_is_one(
    course: Course, report: ClassReport, page: str
) -> None:
    assert "referee similar" in section(page, "What needs a human")
    course.reports.mkdir(exist_ok=True)
    (course.reports / f"{NAME}-similar.html").touch()
    linked = rendered_report(report, Links(course, NAME, course.reports))
    assert f'<a href="./{NAME}-similar.html">' in linked


def test_executed_notebooks_that_are_gone_are_not_called_missing(tmp_path: Path) -> None:
    toy = make_class(tmp_path)
    course = record(toy, result("bob", {"double-hidden": WHOLE}))
    shutil.rmtree(toy.root / "autograded/bob")
    (question, *_) = read_class(course, NAME).questions
    (group,) = question.groups
    assert group.message == NOT_EXECUTED
