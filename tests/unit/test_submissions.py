"""Whose work lies in submitted/, and which notebook is which, however their names are written."""

import os
import unicodedata
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from referee.batch.plan import Plan
from referee.collect.intake import read_submission
from referee.collect.submissions import collect, find_submissions, loose_notebooks
from referee.errors import RefereeError
from referee.model.assignment import Assignment, AssignmentCell, AssignmentNotebook
from referee.model.limits import Limits
from referee.model.outcomes import Refused
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import GradebookState
from referee.nbgrader.scoring import LatePenalties
from tests.support.toy import NAME, ToyCourse, question

LIMITS = Limits()


def nfd(name: str) -> str:
    """A name as a Mac writes it, in a zip for example."""
    return unicodedata.normalize("NFD", name)


def cells_of(notebook: str) -> list[NotebookNode]:
    """The cells of a notebook; all have the same names in all notebooks."""
    cells = question("double", "")
    for cell in cells:
        cell.source += f"\n# this line is to be found in {notebook} only"
    return cells


def assignment(*notebooks: str) -> Assignment:
    books = []
    for name in notebooks:
        cells = [
            AssignmentCell(cell.id, "code", False, cell.source, cell.source, "", 1, False, False)
            for cell in cells_of(name)
        ]
        books.append(AssignmentNotebook(name, None, 3, tuple(cells)))
    return Assignment("homework", "", tuple(books))


def hand_in(folder: Path, name: str, content: str) -> None:
    """Write the notebook with the cells of `content` under a name."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells_of(content)), path)


TWO = assignment("eins", "zwei")


@pytest.mark.parametrize("name", ["zwei (1).ipynb", "Homework of Ada.ipynb", "more/zwei.ipynb"])
def test_notebook_under_another_name_is_found_by_its_cells(tmp_path: Path, name: str) -> None:
    hand_in(tmp_path, "eins.ipynb", "eins")
    hand_in(tmp_path, name, "zwei")
    intake = read_submission(tmp_path, TWO, LIMITS)
    assert intake.notebooks.keys() == {"eins", "zwei"}
    assert intake.notes == [f"{name} is taken for zwei.ipynb, which is not there"]
    assert intake.missing == []


def test_all_notebooks_may_have_other_names(tmp_path: Path) -> None:
    hand_in(tmp_path, "eins - Ada.ipynb", "eins")
    hand_in(tmp_path, "zwei - Ada.ipynb", "zwei")
    notebooks = read_submission(tmp_path, TWO, LIMITS).notebooks
    assert {name: file.name for name, file in notebooks.items()} == {
        "eins": "eins - Ada.ipynb",
        "zwei": "zwei - Ada.ipynb",
    }


def test_what_is_left_over_is_named(tmp_path: Path) -> None:
    hand_in(tmp_path, "eins.ipynb", "eins")
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notes.ipynb")
    intake = read_submission(tmp_path, TWO, LIMITS)
    assert intake.missing == ["zwei.ipynb is not there; left over: notes.ipynb"]


def test_none_is_taken_of_two_that_could_be_meant(tmp_path: Path) -> None:
    hand_in(tmp_path, "eins.ipynb", "eins")
    for name in ("zwei (1).ipynb", "zwei (2).ipynb"):
        hand_in(tmp_path, name, "zwei")
    intake = read_submission(tmp_path, TWO, LIMITS)
    assert intake.notebooks.keys() == {"eins"}
    assert intake.missing == [
        "zwei.ipynb is not there, and several could be meant: zwei (1).ipynb, zwei (2).ipynb"
    ]


def test_copy_of_one_notebook_is_not_taken_for_the_other(tmp_path: Path) -> None:
    hand_in(tmp_path, "eins.ipynb", "eins")
    hand_in(tmp_path, "eins (1).ipynb", "eins")
    intake = read_submission(tmp_path, TWO, LIMITS)
    assert intake.notebooks.keys() == {"eins"}
    assert intake.missing == ["zwei.ipynb is not there; left over: eins (1).ipynb"]


def test_reason_names_what_is_there_if_nothing_is_found(tmp_path: Path) -> None:
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notes.ipynb")
    with pytest.raises(Refused) as refused:
        read_submission(tmp_path, TWO, LIMITS)
    assert refused.value.reason == "eins.ipynb and zwei.ipynb are not there; found: notes.ipynb"


@pytest.mark.parametrize("in_gradebook", [str, nfd], ids=["NFC", "NFD"])
@pytest.mark.parametrize("handed_in", [str, nfd], ids=["NFC", "NFD"])
def test_accents_may_be_written_in_either_way(
    tmp_path: Path, in_gradebook: type[str], handed_in: type[str]
) -> None:
    name = in_gradebook("Aufgabe é")
    hand_in(tmp_path, handed_in("Aufgabe é.ipynb"), name)
    hand_in(tmp_path, "zwei.ipynb", "zwei")
    intake = read_submission(tmp_path, assignment(name, "zwei"), LIMITS)
    assert intake.notebooks.keys() == {name, "zwei"}
    assert (intake.notes, intake.missing) == ([], [])


@pytest.mark.parametrize("handed_in", [str, nfd], ids=["NFC", "NFD"])
@pytest.mark.parametrize("in_source", [str, nfd], ids=["NFC", "NFD"])
def test_folders_of_students_and_assignments_are_found_in_either_way(
    toy: ToyCourse, in_source: type[str], handed_in: type[str]
) -> None:
    name = in_source("Übung 1")
    (toy.root / "source" / name).mkdir()
    folder = toy.root / "submitted" / handed_in("Zoë") / handed_in("Übung 1")
    folder.mkdir(parents=True)
    course = Course.open(toy.root)
    (submission,) = find_submissions(course, course.spelt("Übung 1"))
    assert (submission.student, submission.assignment) == ("Zoë", name)
    assert submission.folder == folder


def test_two_students_whose_names_look_the_same_stay_two(toy: ToyCourse) -> None:
    for student in ("Zoë", nfd("Zoë")):
        (toy.root / "submitted" / student / "toy").mkdir(parents=True)
    found = find_submissions(Course.open(toy.root), "toy")
    assert {each.student for each in found} == {"Zoë", nfd("Zoë")}


@pytest.mark.parametrize("handed_in", [str, nfd], ids=["NFC", "NFD"])
def test_student_is_called_as_the_gradebook_writes_the_name(
    toy: ToyCourse, handed_in: type[str]
) -> None:
    """A second student of the same name would be without the marks by hand of the first."""
    with toy.gradebook() as gradebook:
        gradebook.add_student(nfd("Zoë"))
    (toy.root / "submitted" / handed_in("Zoë") / "toy").mkdir(parents=True)
    (submission,) = find_submissions(Course.open(toy.root), "toy")
    assert submission.student == nfd("Zoë")


def test_student_who_is_in_the_gradebook_twice_is_the_one_in_nfc(toy: ToyCourse) -> None:
    with toy.gradebook() as gradebook:
        for student in ("Zoë", nfd("Zoë")):
            gradebook.add_student(student)
    (toy.root / "submitted" / nfd("Zoë") / "toy").mkdir(parents=True)
    (submission,) = find_submissions(Course.open(toy.root), "toy")
    assert submission.student == "Zoë"


@pytest.mark.parametrize("typed", [str, nfd], ids=["NFC", "NFD"])
@pytest.mark.parametrize("in_gradebook", [str, nfd], ids=["NFC", "NFD"])
def test_student_may_be_named_in_either_way(
    toy: ToyCourse, in_gradebook: type[str], typed: type[str]
) -> None:
    with toy.gradebook() as gradebook:
        gradebook.add_student(in_gradebook("Zoë"))
    for student in ("ada", "Zoë"):
        (toy.root / "submitted" / student / "toy").mkdir(parents=True)
    (submission,) = collect(Course.open(toy.root), "toy", [typed("Zoë")])
    assert submission.student == in_gradebook("Zoë")


@pytest.mark.parametrize("name", ["__MACOSX", "lost+found", "@eaDir"])
@pytest.mark.parametrize("inside", [".", "toy"])
def test_folder_of_a_program_is_no_student(toy: ToyCourse, name: str, inside: str) -> None:
    for student in ("ada", name):
        (toy.root / "submitted" / student / inside).mkdir(parents=True)
    assert [each.student for each in find_submissions(Course.open(toy.root), "toy")] == ["ada"]


def test_notebook_outside_of_a_submission_is_found(toy: ToyCourse) -> None:
    for name in (
        "lost.ipynb",
        ".lost.ipynb",
        "ada/lost.ipynb",
        "ben/lost.ipynb",
        "ada/toy/x.ipynb",
    ):
        path = toy.root / "submitted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    course = Course.open(toy.root)
    loose = [os.path.relpath(path, toy.root) for path in loose_notebooks(course, "toy")]
    assert loose == ["submitted/lost.ipynb", "submitted/ada/lost.ipynb"]
    assert [each.student for each in find_submissions(course, "toy")] == ["ada", "ben"]


def test_looking_a_section_of_the_configuration_up_makes_nothing_due(toy: ToyCourse) -> None:
    def what_results_depend_on() -> str:
        return Plan(course, known, [], LatePenalties(course)).grader

    course = Course.open(toy.root)
    known = GradebookState(assignment("eins"))
    before = what_results_depend_on()
    assert not course.app.config.InstantiateTests  # which traitlets adds to the configuration
    assert "InstantiateTests" in course.app.config
    assert what_results_depend_on() == before


def test_submissions_of_an_assignment_that_was_renamed_are_named(toy: ToyCourse) -> None:
    toy.submit("ada", {})
    for folder in ("source/other", "submitted/ada/other"):
        (toy.root / folder).mkdir()
    (toy.root / "source" / NAME).rename(toy.root / "source" / "new name")
    with pytest.raises(RefereeError, match=f"submissions of {NAME}, and no such assignment"):
        collect(Course.open(toy.root), "new name")
