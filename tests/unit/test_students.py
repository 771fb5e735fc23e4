"""What students are called in formgrader: their names in the gradebook's columns, never "None"."""

from datetime import datetime

import pytest
from nbgrader.api import Gradebook, Student

from referee.model.outcomes import Outcome
from referee.model.work import Result
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import shown_marks
from referee.nbgrader.rows import GradebookWriter
from referee.nbgrader.students import add_people, full_names, person, read_people
from tests.support.toy import NAME, ToyCourse


def columns(toy: ToyCourse) -> dict[str, tuple[str | None, ...]]:
    """The last name and the first, which formgrader joins by a comma; and the e-mail."""
    with toy.gradebook() as gradebook:
        students = gradebook.db.query(Student)
        return {each.id: (each.last_name, each.first_name, each.email) for each in students}


def record(toy: ToyCourse, *students: str) -> None:
    results = [Result(each, Outcome.GRADED, handed_in=datetime(2026, 3, 1)) for each in students]
    with GradebookWriter(Course.open(toy.root)) as writer:
        writer.write(NAME, results)


def test_student_without_a_name_is_called_by_the_id(toy: ToyCourse) -> None:
    record(toy, "ada")
    assert columns(toy) == {"ada": ("ada", "", None)}


def test_students_whom_nbgrader_has_added_get_names_too(toy: ToyCourse) -> None:
    with toy.gradebook() as gradebook:
        gradebook.add_student("ben")
        gradebook.add_student("cem", last_name="Öz")
        gradebook.add_student("dan", first_name="Dan", last_name="Ek")
    record(toy, "ada")
    assert columns(toy) == {
        "ada": ("ada", "", None),
        "ben": ("ben", "", None),
        "cem": ("Öz", "", None),
        "dan": ("Ek", "Dan", None),
    }


def test_id_in_place_of_a_name_is_no_name(toy: ToyCourse) -> None:
    record(toy, "ada")
    assert [each.name for each in read_people(Course.open(toy.root))] == [""]
    with toy.gradebook() as gradebook:
        assert full_names(gradebook) == {}
        assert shown_marks(gradebook, NAME)["ada"][NAME].student == "ada"


def test_name_that_is_known_later_takes_the_place_of_the_id(toy: ToyCourse) -> None:
    record(toy, "ada")
    add_people(Course.open(toy.root), [person("ada", "Lovelace, Ada", "ada@uni.edu")])
    assert columns(toy) == {"ada": ("Lovelace", "Ada", "ada@uni.edu")}


def test_what_the_gradebook_knows_is_kept(toy: ToyCourse) -> None:
    with toy.gradebook() as gradebook:
        gradebook.add_student("ada", first_name="Augusta", last_name="King", email="ak@uni.edu")
    add_people(Course.open(toy.root), [person("ada", "Lovelace, Ada", "ada@uni.edu")])
    assert columns(toy) == {"ada": ("King", "Augusta", "ak@uni.edu")}


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Lovelace, Ada", "Ada", "Lovelace"),
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("van Rossum, Guido", "Guido", "van Rossum"),
        ("Ludwig van Beethoven", "Ludwig van", "Beethoven"),
        ("Plato", "", "Plato"),
        ("", "", ""),
    ],
)
def test_name_is_split_where_it_can_be_joined_again(name: str, first: str, last: str) -> None:
    assert person("x", name, "") == person("x", f"{last}, {first}", "")
    assert (person("x", name, "").first_name, person("x", name, "").last_name) == (first, last)


def test_gradebook_without_students_stays_so(toy: ToyCourse) -> None:
    add_people(Course.open(toy.root), [])
    with Gradebook(f"sqlite:///{toy.root / 'gradebook.db'}", "toy") as gradebook:
        assert gradebook.students == []
