"""Results that cannot be recorded, and pages that cannot be made, cost nobody else anything."""

from pathlib import Path
from typing import Any

import pytest

from referee.batch.plan import Plan
from referee.collect.submissions import collect
from referee.feedback.pages import FeedbackPages
from referee.grade.messages import Grade, Graded
from referee.grade.workplace import Workplace
from referee.model.outcomes import Outcome
from referee.model.work import NotebookMarks, Result, SubmittedFile, Work, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import GradebookState, read_assignment
from referee.nbgrader.package import pack
from referee.nbgrader.scoring import LatePenalties
from referee.record.journal import latest_lines
from referee.record.recorder import GradedSubmission, PendingResults, Recorder
from tests.support.toy import NAME, RIGHT, ToyCourse, make_toy

pytestmark = pytest.mark.xdist_group("recording")


@pytest.fixture
def course(tmp_path: Path) -> ToyCourse:
    return make_toy(tmp_path)


def graded(
    student: str, *files: str, points: float = 4.0, state: str = "state"
) -> GradedSubmission:
    marks = {NAME: NotebookMarks({"double-hidden": points}, {})}
    result = Result(
        student,
        Outcome.GRADED,
        marks=marks,
        autograded=dict.fromkeys(files, b"a"),
        feedback={"a": b""},
    )
    return GradedSubmission(to_bytes(result), result, state, {})


def test_result_that_cannot_be_recorded_costs_its_own_submission(course: ToyCourse) -> None:
    opened = Course.open(course.root)
    with Recorder(opened, NAME) as recorder:
        three = [graded("ada", "a.txt"), graded("odd", "a", "a/b"), graded("carol", "c.txt")]
        lines = recorder.record(recorder.keep(three))
        assert recorder.postponed() == []
    outcomes = {line.student: line.outcome for line in lines}
    assert outcomes == {"ada": "graded", "odd": "grader fault", "carol": "graded"}
    assert set(latest_lines(opened, NAME)) == {"ada", "odd", "carol"}
    with opened.gradebook() as gradebook:
        assert gradebook.find_submission(NAME, "ada").score == 4
        assert gradebook.find_submission(NAME, "carol").score == 4
    assert (course.root / "autograded/carol" / NAME / "c.txt").is_file()
    (kept,) = (course.root / "autograded/.unrecorded/failed").iterdir()
    reason = next(line.reason for line in lines if line.student == "odd")
    assert str(kept) in reason, "it says where the result is kept"


def test_folder_that_cannot_be_written_ends_the_run_and_loses_nothing(course: ToyCourse) -> None:
    opened = Course.open(course.root)
    (course.root / "feedback").write_text("in the way of a folder")
    with Recorder(opened, NAME) as recorder:
        kept = recorder.keep([graded("ada", "a.txt"), graded("carol", "c.txt")])
        with pytest.raises(OSError, match="feedback"):
            recorder.record(kept)
        (course.root / "feedback").unlink()
        (path,) = recorder.postponed()
        lines = recorder.record(PendingResults.read(path))
    assert {line.outcome for line in lines} == {Outcome.GRADED}


def test_older_copy_of_the_gradebook_has_submissions_graded_again(course: ToyCourse) -> None:
    def record(points: float) -> None:
        graded_now = graded("ada", "a.txt", points=points, state=plan().states["ada"])
        with Recorder(opened, NAME) as recorder:
            recorder.record(recorder.keep([graded_now]))

    def plan() -> Plan:
        known = GradebookState.read(opened, NAME)
        return Plan(opened, known, collect(opened, NAME), LatePenalties(opened))

    def due() -> list[str]:
        return [submission.student for submission in plan().split(force=False)[0]]

    opened = Course.open(course.root)
    course.submit("ada", RIGHT)
    record(0.0)
    gradebook = course.root / "gradebook.db"
    older = gradebook.read_bytes()
    assert due() == []
    record(4.0)
    assert due() == []
    gradebook.write_bytes(older)
    assert due() == ["ada"]


def test_what_is_set_aside_outlives_the_next_run(course: ToyCourse) -> None:
    opened = Course.open(course.root)
    with Recorder(opened, NAME) as recorder:
        recorder.record(recorder.keep([graded("odd", "a", "a/b")]))
    with Recorder(opened, NAME) as recorder:
        recorder.tidy_up()
    assert len(list((course.root / "autograded/.unrecorded/failed").iterdir())) == 1


def test_page_that_cannot_be_made_is_a_plain_one(
    course: ToyCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise RecursionError("too deep")

    path = course.submit("ada", RIGHT | {"halve": "def halve(x): return '<b>'"})
    opened = Course.open(course.root)
    package = pack(opened, read_assignment(opened, NAME))
    workplace = Workplace(package, tmp_path / "workplace")
    monkeypatch.setattr(FeedbackPages, "page", fail)
    work = Work("ada", {NAME: SubmittedFile(f"{NAME}.ipynb", path.read_bytes())}, {})
    said: list[Any] = []
    workplace.answer(Grade(work), tmp_path / "scratch", said.append)
    result = next(report.result for report in said if isinstance(report, Graded))
    pages = said[-1].pages
    assert result.outcome == Outcome.GRADED
    assert result.marks[NAME].points["double-hidden"] == 4
    assert pages.problem == "the feedback page is a plain one: RecursionError: too deep"
    page = pages.feedback[f"{NAME}.html"].decode()
    assert "halve-hidden: 0 of 4" in page
    assert "halve: of a fraction" in page
    assert "halve(5.0)" not in page, "nor does it show a hidden test"
