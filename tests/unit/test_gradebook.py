"""Marks in nbgrader's gradebook: written as rows, and read as nbgrader reads them."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from referee.model.outcomes import Outcome
from referee.model.work import NotebookMarks, Result
from referee.nbgrader.gradebook import notebook_of
from referee.nbgrader.hidden import HiddenTests
from referee.nbgrader.released import Released
from referee.nbgrader.rows import write_marks
from tests.support.course import BIN

NAME = "optimization"
WHEN = datetime(2024, 5, 6, 7, 8, 9)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with an assignment of one notebook, and another that nobody hands in."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader runs alembic by its name.
        patch.setenv("PATH", os.pathsep.join([str(BIN), os.environ["PATH"]]))
        made = Gradebook(f"sqlite:///{path}", "course")
    with made:
        for assignment in (NAME, "other"):
            made.add_assignment(assignment)
            made.add_notebook("book", assignment)
            made.add_grade_cell("test", "book", assignment, max_score=6, cell_type="code")
            made.add_solution_cell("dropout", "book", assignment)
            made.add_task_cell("essay", "book", assignment, max_score=4, cell_type="markdown")
    return path


@pytest.fixture
def gradebook(template: Path, tmp_path: Path) -> Iterator[Gradebook]:
    """A copy of it."""
    shutil.copy(template, tmp_path)
    with Gradebook(f"sqlite:///{tmp_path / template.name}", "course") as found:
        yield found


def result(student: str, points: float, outcome: Outcome = Outcome.GRADED) -> Result:
    marks = NotebookMarks({"test": points, "essay": None}, {"dropout": f"{points:g}"}, None)
    return Result(student, outcome, marks={"book": marks} if outcome.has_marks else {})


def write(gradebook: Gradebook, *results: tuple[Result, datetime | None]) -> None:
    handed_in = [replace(each, handed_in=when) for each, when in results]
    write_marks(gradebook.db, NAME, handed_in)
    gradebook.db.commit()
    gradebook.db.expire_all()


def test_marks_of_several_students_are_written_together(gradebook: Gradebook) -> None:
    write(gradebook, (result("ada", 6), WHEN), (result("bob", 2), None))
    ada, bob = (gradebook.find_submission(NAME, student) for student in ("ada", "bob"))
    assert (ada.score, bob.score) == (6, 2)
    assert (ada.max_score, bob.max_score) == (10, 10)
    assert (ada.timestamp, bob.timestamp) == (WHEN, None)
    assert [submission.student.id for submission in ada.assignment.submissions] == ["ada", "bob"]


def test_cells_for_humans_are_marked_as_such(gradebook: Gradebook) -> None:
    write(gradebook, (result("ada", 6), None))
    assert not gradebook.find_grade("test", "book", NAME, "ada").needs_manual_grade
    assert gradebook.find_grade("essay", "book", NAME, "ada").needs_manual_grade
    assert gradebook.find_comment("dropout", "book", NAME, "ada").auto_comment == "6"
    assert gradebook.find_comment("essay", "book", NAME, "ada").auto_comment is None


def test_grading_again_replaces_marks_and_keeps_what_humans_gave(gradebook: Gradebook) -> None:
    write(gradebook, (result("ada", 2), WHEN))
    gradebook.find_grade("essay", "book", NAME, "ada").manual_score = 3
    gradebook.find_comment("dropout", "book", NAME, "ada").manual_comment = "see me"
    gradebook.db.commit()
    write(gradebook, (result("bob", 1), WHEN), (result("ada", 6), None))
    ada = gradebook.find_submission(NAME, "ada")
    assert (ada.score, ada.timestamp.year) == (9, 2024)
    assert gradebook.find_grade("essay", "book", NAME, "ada").needs_manual_grade
    assert gradebook.find_comment("dropout", "book", NAME, "ada").comment == "see me"


def test_submission_that_cannot_be_graded_any_more_has_no_marks(gradebook: Gradebook) -> None:
    write(gradebook, (result("ada", 6), None))
    write(gradebook, (result("ada", 0, Outcome.UNREADABLE), None))
    assert gradebook.find_grade("test", "book", NAME, "ada").auto_score is None
    assert gradebook.find_submission(NAME, "ada").needs_manual_grade


def test_who_has_no_marks_is_a_student_without_a_submission(gradebook: Gradebook) -> None:
    write(
        gradebook,
        (result("ada", 0, Outcome.UNREADABLE), WHEN),
        (result("bob", 1), WHEN),
        (result("eve", 0, Outcome.UNKNOWN_STUDENT), None),
    )
    assert [student.id for student in gradebook.students] == ["ada", "bob"]
    assert [each.student_id for each in gradebook.find_assignment(NAME).submissions] == ["bob"]


def test_other_assignments_are_left_alone(gradebook: Gradebook) -> None:
    write(gradebook, (result("ada", 6), None))
    assert gradebook.find_assignment("other").submissions == []


def test_writing_twice_is_writing_once(gradebook: Gradebook) -> None:
    for _ in range(2):
        write(gradebook, (result("ada", 6), WHEN))
    (notebook,) = gradebook.find_submission(NAME, "ada").notebooks
    assert len(notebook.grades) == 2
    assert len(notebook.comments) == 2


def test_cell_without_a_checksum_is_one_of_the_assignment(
    gradebook: Gradebook, tmp_path: Path
) -> None:
    gradebook.add_source_cell("essay", "book", NAME, cell_type="markdown", locked=False)
    found = notebook_of(
        gradebook.find_notebook("book", NAME), HiddenTests(Config(), tmp_path), Released()
    )
    assert [(cell.name, cell.checksum) for cell in found.cells] == [("essay", "")]
