"""A course's folders, as its configuration has them: obeyed, or refused by name."""

from pathlib import Path

import pytest

from referee.errors import RefereeError
from referee.model.assignment import Assignment
from referee.nbgrader.course import Course
from referee.nbgrader.package import pack


def opened(root: Path, option: str = "", below: str = "") -> Course:
    (root / below).mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(f"c = get_config()\n{option}\n")
    return Course.open(root / below)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("root", "/elsewhere"),
        ("directory_structure", "{nbgrader_step}/{assignment_id}/{student_id}"),
        ("directory_structure", "{assignment_id}/{nbgrader_step}/{student_id}"),
    ],
)
def test_folders_that_would_be_ignored_are_refused_by_name(
    tmp_path: Path, option: str, value: str
) -> None:
    with pytest.raises(RefereeError, match=f"c.CourseDirectory.{option} is .*take the option out"):
        opened(tmp_path, f"c.CourseDirectory.{option} = {value!r}")


def test_root_that_is_the_folder_of_the_configuration_is_no_other(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "course")
    course = opened(tmp_path / "course", f"c.CourseDirectory.root = '{tmp_path / 'link'}'")
    assert course.root == tmp_path / "course"


def test_path_of_the_database_begins_at_the_course(tmp_path: Path) -> None:
    course = opened(tmp_path, "c.CourseDirectory.db_url = 'sqlite:///marks.db'", below="a/b")
    assert course.directory.db_url == f"sqlite:///{tmp_path / 'marks.db'}"
    assert tmp_path / "marks.db" in course.private_paths()


def test_files_of_an_assignment_elsewhere_are_in_the_copy_of_a_course(tmp_path: Path) -> None:
    source = tmp_path / "elsewhere"
    (source / "a/data").mkdir(parents=True)
    (source / "a/data/numbers.csv").write_text("1,2")
    root = f"c.CourseDirectory.root = '{tmp_path / 'course'}'\n"
    course = opened(tmp_path / "course", f"{root}c.CourseDirectory.source_directory = '{source}'")
    copy = pack(course, Assignment("a", "", ())).unpack(tmp_path / "copy")
    assert copy.materials("a").resolve() == tmp_path / "copy/source/a"
    assert (copy.materials("a") / "data/numbers.csv").read_text() == "1,2"
