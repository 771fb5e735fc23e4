"""One batch of all that students hand in by mistake: each gets its marks, or a reason."""

import copy
import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest

from referee.collect.fingerprint import state_of
from referee.nbgrader.course import Course
from referee.record.journal import latest_lines
from referee.text import printable_line
from tests.support.course import lost
from tests.support.toy import NAME, NOTEBOOK, RIGHT, ToyCourse, copy_of

FILE = f"{NAME}.ipynb"
ANSWERS = {"double": RIGHT["double"]}  # which leaves `halve` without points
DUE = "2026-03-01 12:00:00 UTC"

Notebook = dict[str, Any]
Make = Callable[[Path, Notebook], None]


@dataclass(frozen=True)
class Odd:
    """A submission: what makes its folder, its status, and what its reason or its notes say."""

    make: Make
    status: str
    told: str


ODD: dict[str, Odd] = {}


def odd(status: str = "graded", told: str = "") -> Callable[[Make], Make]:
    """Let a function make a submission, of a student of the same name."""

    def add(make: Make) -> Make:
        ODD[make.__name__] = Odd(make, status, told)
        return make

    return add


def write(folder: Path, notebook: Notebook) -> None:
    (folder / FILE).write_text(json.dumps(notebook))


def own_cell(**changes: Any) -> dict[str, Any]:
    """A code cell of a student's own."""
    cell = {"cell_type": "code", "id": "own", "metadata": {}, "source": "", "outputs": []}
    return cell | {"execution_count": None} | changes


@odd()
def clean(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)


# How the file is written.


def encoded(folder: Path, notebook: Notebook, encoding: str, newline: str = "\n") -> None:
    notebook["cells"][1]["source"] = "# größer\n" + "".join(notebook["cells"][1]["source"])
    text = json.dumps(notebook, indent=1, ensure_ascii=False).replace("\n", newline)
    (folder / FILE).write_bytes(text.encode(encoding))


ODD["byte order mark"] = Odd(partial(encoded, encoding="utf-8-sig"), "graded", "")
ODD["UTF-16"] = Odd(partial(encoded, encoding="utf-16"), "graded", "")
ODD["CRLF"] = Odd(partial(encoded, encoding="utf-8", newline="\r\n"), "graded", "")
ODD["latin-1"] = Odd(partial(encoded, encoding="latin-1"), "graded", "was read as Windows-1252")


def version_4(folder: Path, notebook: Notebook, minor: int) -> None:
    for cell in notebook["cells"]:
        del cell["id"]
    write(folder, notebook | {"nbformat_minor": minor})


for minor in range(5):
    ODD[f"nbformat 4.{minor}"] = Odd(partial(version_4, minor=minor), "graded", "")


@odd()
def nbformat_5(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook | {"nbformat": 5, "nbformat_minor": 0})


@odd()
def nbformat_3(folder: Path, notebook: Notebook) -> None:
    write(folder, nbformat.convert(nbformat.reads(json.dumps(notebook), as_version=4), 3))


@odd()
def nbformat_2(folder: Path, notebook: Notebook) -> None:
    old = nbformat.convert(nbformat.reads(json.dumps(notebook), as_version=4), 3)
    write(folder, old | {"nbformat": 2, "nbformat_minor": 0})


def content(folder: Path, _: Notebook, content: bytes) -> None:
    (folder / FILE).write_bytes(content)


for student, text, status, told in [
    ("empty", b"", "not a notebook", "is empty"),
    ("zeros", bytes(5000), "not a notebook", "is empty"),
    ("invalid JSON", b"{'cells': []}", "unreadable", "is damaged or cut short"),
    ("a list", b"[]", "not a notebook", "is JSON, but no notebook"),
    ("a number", b"7", "not a notebook", "is JSON, but no notebook"),
    ("without cells", b'{"nbformat": 4}', "not a notebook", "has no list of cells"),
    ("nested", b'{"cells":' + b"[" * 99_999, "unreadable", "is nested too deeply"),
    ("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not a notebook", "is something else"),
]:
    ODD[student] = Odd(partial(content, content=text), status, told)


@odd("unreadable", "is damaged or cut short: Unterminated string")
def truncated(folder: Path, notebook: Notebook) -> None:
    text = json.dumps(notebook)
    (folder / FILE).write_text(text[: text.index("is not None")])


# What is in the notebook.


@odd()
def without_ids(folder: Path, notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        del cell["id"]
    write(folder, notebook)


@odd()
def same_ids(folder: Path, notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "same"
    write(folder, notebook)


@odd()
def invalid_ids(folder: Path, notebook: Notebook) -> None:
    ids = ["", 7, None, "x" * 100, "ü", "a b", [], {}, "a\nb"]
    notebook["cells"] += [own_cell(id=f"own-{number}") for number in range(len(ids))]
    for cell, cell_id in zip(notebook["cells"], ids, strict=False):
        cell["id"] = cell_id
    write(folder, notebook)


@odd()
def sources_as_text(folder: Path, notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    write(folder, notebook)


@odd()
def line_ends_of_old_macs(folder: Path, notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r")
    write(folder, notebook)


@odd("graded", "1 of the cells are none and were left out")
def wrong_types(folder: Path, notebook: Notebook) -> None:
    notebook["cells"] += [
        own_cell(source=None),
        own_cell(source=7, metadata=None, outputs="x"),
        own_cell(source=["a = 1\n", None], metadata=[1], execution_count="one"),
        {},
        None,
    ]
    write(folder, notebook | {"metadata": 7})


@odd()
def unknown_types_of_cells(folder: Path, notebook: Notebook) -> None:
    for cell, kind in zip(notebook["cells"], ["heading", None, 7, "cod"] * 9, strict=False):
        cell["cell_type"] = kind
    write(folder, notebook)


@odd()
def huge_outputs(folder: Path, notebook: Notebook) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "TEXT"}
    notebook["cells"][1]["outputs"] = [output]
    (folder / FILE).write_text(json.dumps(notebook).replace("TEXT", "x" * 10**8))


@odd()
def thousands_of_cells(folder: Path, notebook: Notebook) -> None:
    for number in range(5000):
        kind = "code" if number % 2 else "markdown"
        source = ["# Notes", "", "text *text*", "x = 1"][number % 4 if number < 400 else 1]
        cell = {"cell_type": kind, "id": f"own-{number}", "metadata": {}, "source": source}
        notebook["cells"].append(
            cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        )
    write(folder, notebook)


@odd()
def lone_surrogates(folder: Path, notebook: Notebook) -> None:
    notebook["cells"].append(own_cell(source="print('\ud83d')"))
    notebook["cells"].append(own_cell(source="\udfff", cell_type="markdown"))
    write(folder, notebook)


@odd()
def NUL_and_control_characters(folder: Path, notebook: Notebook) -> None:  # noqa: N802
    text = "".join(map(chr, range(32)))
    notebook["cells"].append(own_cell(source=f"text = '{text}'"))
    notebook["cells"].append(own_cell(source=text, cell_type="markdown"))
    write(folder, notebook)


@odd()
def claims(folder: Path, notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        claimed = {"points": 1000, "grade": True, "solution": True, "locked": False}
        cell["metadata"]["nbgrader"] |= claimed
    kernel = {"name": "bash", "display_name": "Bash", "language": "bash"}
    write(folder, notebook | {"metadata": {"kernelspec": kernel, "nbgrader": claimed}})


@odd("graded, some cells failed", "no cell is the assignment's own")
def functions_in_a_blank_notebook(folder: Path, _: Notebook) -> None:
    cells = [nbformat.v4.new_code_cell(RIGHT["double"])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / FILE)


@odd("wrong assignment", f"no cell and no function of '{NAME}'")
def another_assignment(folder: Path, _: Notebook) -> None:
    mark = {"grade_id": "sorting", "grade": False, "solution": True, "locked": False}
    cell = own_cell(source="def sort(items): return items", metadata={"nbgrader": mark})
    write(folder, {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


# Where the notebook is.


@odd("graded", f"homework.ipynb is taken for {FILE}")
def another_name(folder: Path, notebook: Notebook) -> None:
    (folder / "homework.ipynb").write_text(json.dumps(notebook))


@odd("graded", f"caf\N{REPLACEMENT CHARACTER}.ipynb is taken for {FILE}")
def another_name_that_is_not_unicode(folder: Path, notebook: Notebook) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.ipynb")).write_text(json.dumps(notebook))


@odd("unreadable", "caf\N{REPLACEMENT CHARACTER}.ipynb is a hard link")
def hard_link_whose_name_is_not_unicode(folder: Path, _: Notebook) -> None:
    name = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.ipynb"))
    name.hardlink_to(folder.parents[2] / "source" / NOTEBOOK)


@odd()
def several_and_one_of_the_right_name(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    (folder / "old.ipynb").write_text("something else")


@odd("graded", f"b.ipynb is taken for {FILE}")
def several_and_one_that_belongs(folder: Path, notebook: Notebook) -> None:
    nbformat.write(nbformat.v4.new_notebook(), folder / "a.ipynb")
    (folder / "b.ipynb").write_text(json.dumps(notebook))


@odd("missing", "several could be meant: a.ipynb, b.ipynb")
def several_that_belong(folder: Path, notebook: Notebook) -> None:
    for name in ("a.ipynb", "b.ipynb"):
        (folder / name).write_text(json.dumps(notebook))


@odd("graded", f"{NAME}/{FILE} is taken for {FILE}")
def extra_folder(folder: Path, notebook: Notebook) -> None:
    (folder / NAME).mkdir()
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / f"._{FILE}").write_bytes(b"\0\5\x16\7")
    write(folder / NAME, notebook)


@odd("graded", f"{FILE}/{FILE} is taken for {FILE}")
def folder_of_its_name(folder: Path, notebook: Notebook) -> None:
    (folder / FILE).mkdir()
    write(folder / FILE, notebook)


@odd("missing", f"{FILE} is not there; found: .ipynb_checkpoints/")
def checkpoints(folder: Path, notebook: Notebook) -> None:
    (folder / ".ipynb_checkpoints").mkdir()
    write(folder / ".ipynb_checkpoints", notebook)


@odd("missing", f"{FILE} is not there; found: readme.txt")
def no_notebook(folder: Path, _: Notebook) -> None:
    (folder / "readme.txt").write_text("I could not export it")


@odd("missing", f"{FILE} is not there; found: an empty folder")
def empty_folder(folder: Path, _: Notebook) -> None:
    assert folder.is_dir()


@odd("missing", f"the folder {NAME} is not there; found: an empty folder")
def empty_folder_of_a_student(folder: Path, _: Notebook) -> None:
    folder.rmdir()


@odd("missing", f"the folder {NAME} is not there; found: {FILE}")
def notebook_beside_the_folder(folder: Path, notebook: Notebook) -> None:
    folder.rmdir()
    write(folder.parent, notebook)


# What is no file, and what lies elsewhere.


def linked(folder: Path, _: Notebook, to: str) -> None:
    (folder / FILE).symlink_to(to)


ODD["link to the master"] = Odd(
    partial(linked, to=f"../../../source/{NOTEBOOK}"), "unreadable", f"{FILE} is a link"
)
ODD["dangling link"] = Odd(partial(linked, to="nowhere"), "unreadable", f"{FILE} is a link")


@odd("unreadable", f"{FILE} is a hard link")
def hard_link_to_the_master(folder: Path, _: Notebook) -> None:
    (folder / FILE).hardlink_to(folder.parents[2] / "source" / NOTEBOOK)


@odd("not a notebook", f"{FILE} is not a file")
def pipe(folder: Path, _: Notebook) -> None:
    os.mkfifo(folder / FILE)


@odd("unreadable", "the folder is a link")
def folder_that_is_a_link(folder: Path, notebook: Notebook) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")
    write(folder, notebook)


@odd("graded", "a-pipe is a link or no file at all, and was left out")
def files_that_are_none(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    os.mkfifo(folder / "a-pipe")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "linked").symlink_to("/etc/passwd")
    (folder / "linked-folder").symlink_to("/etc")
    (folder / "hard").hardlink_to(folder.parents[2] / "source" / NOTEBOOK)
    with socket.socket(socket.AF_UNIX) as listener:
        place = os.open(folder, os.O_RDONLY)  # the names of sockets are at most 107 bytes
        listener.bind(f"/proc/self/fd/{place}/socket")
        os.close(place)


# Other files.


@odd("graded", "data.py/own.py stands where the assignment has a file, and was left out")
def folder_for_a_file(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    (folder / "data.py").mkdir()
    (folder / "data.py/own.py").write_text("raise SystemExit")


@odd("graded", "images stands where the assignment has a folder, and was left out")
def file_for_a_folder(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    (folder / "images").write_text("text")


ODD_NAMES = (
    "a b", "'\"", "new\nline", "😀 Zoë", "-rf", "[a-z]*?", "back\\slash 100% {0} $HOME",
    "..hidden", "x" * 200,
)  # fmt: skip


@odd()
def odd_names_of_files(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    for name in ODD_NAMES:
        (folder / name).write_text(name)
        (folder / f"folder {name}").mkdir()
        (folder / f"folder {name}" / name).write_text(name)
    Path(os.fsdecode(os.fsencode(folder) + b"/" + b"\xff" * 250)).touch()


@odd("graded", "large.bin is larger than what a submission may bring; left out")
def large_files(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    for name, size in (("large.bin", 2**40), ("medium.bin", 150 * 2**20)):
        with (folder / name).open("wb") as file:
            file.truncate(size)


@odd("graded", "11000 of 12000 other files were left out")
def very_many_files(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    (folder / "venv").mkdir()
    for number in range(12_000):
        (folder / "venv" / f"{number}.py").touch()


@odd("late", "handed in 1 day, 0:00:00 late")
def late(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    (folder / "timestamp.txt").write_text("2026-03-02 12:00:00.000000 UTC")


@odd()
def in_time(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    (folder / "timestamp.txt").write_text("2026-03-01 12:59:59+01:00\n")


@odd("graded", "timestamp.txt holds no date")
def invalid_timestamp(folder: Path, notebook: Notebook) -> None:
    write(folder, notebook)
    (folder / "timestamp.txt").write_bytes(b"\xff\xfeyesterday")


# Names of students.

for student in ODD_NAMES:
    ODD[student] = Odd(clean, "graded", "")
ODD["m\udcfcller"] = Odd(clean, "unreadable", "the folder's name is not UTF-8, rename it")


@dataclass
class OddCourse:
    """A course in which all of these were graded at once."""

    course: ToyCourse
    table: str = ""
    scores: dict[str, Any] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)  # reason and notes, by student
    submitted: tuple[str, str] = ("", "")  # a hash of it, before and after


def spelt_out(student: str) -> str:
    """A student's name as it is recorded."""
    return os.fsencode(student).decode(errors="backslashreplace")


@pytest.fixture(scope="module")
def graded(released_toy: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> OddCourse:
    course = copy_of(released_toy, tmp_path_factory.mktemp("odd"))
    course.run("nbgrader", "db", "assignment", "add", NAME, "--duedate", DUE)
    materials = course.root / "source" / NAME
    (materials / "data.py").write_text("")
    (materials / "images").mkdir()
    (materials / "images/picture.txt").write_text("a picture")

    submitted = course.root / "submitted"
    path = course.submit("clean", ANSWERS)
    notebook = json.loads(path.read_text())
    (submitted / "stray.ipynb").write_text(json.dumps(notebook))
    path.unlink()
    for student, case in ODD.items():
        folder = submitted / student / NAME
        folder.mkdir(parents=True, exist_ok=True)
        case.make(folder, copy.deepcopy(notebook))

    result = OddCourse(course)
    before = state_of(submitted)
    result.table = course.grade()
    result.submitted = (before, state_of(submitted))
    result.scores = course.scores()
    for student, line in latest_lines(Course.open(course.root), NAME).items():
        result.told[student] = "\n".join([line.why, *line.notes])
    return result


CASES = pytest.mark.parametrize("student", ODD, ids=lambda student: ascii(student)[1:-1][:50])
pytestmark = pytest.mark.xdist_group("odd inputs")


@CASES
def test_odd_input_has_its_status_and_a_reason(graded: OddCourse, student: str) -> None:
    name = spelt_out(student)
    assert graded.scores[name]["status"] == ODD[student].status, graded.told[name]
    assert ODD[student].told in graded.told[name]


@CASES
def test_odd_input_has_the_marks_of_what_is_in_it(graded: OddCourse, student: str) -> None:
    entry = graded.scores[spelt_out(student)]
    if ODD[student].status in ("graded", "graded, some cells failed", "late"):
        assert lost(entry) == {"halve": 0}
    else:
        assert entry["score"] is None


@CASES
def test_odd_input_has_a_line_in_the_table(graded: OddCourse, student: str) -> None:
    name = printable_line(spelt_out(student))
    assert f"] {name}: {ODD[student].status}, " in graded.table


def test_clean_submission_has_no_reason_and_no_notes(graded: OddCourse) -> None:
    assert graded.told["clean"] == ""


def test_nobody_else_has_a_line(graded: OddCourse) -> None:
    assert set(graded.scores) == set(graded.told) == {spelt_out(student) for student in ODD}


def test_grading_changes_nothing_that_was_handed_in(graded: OddCourse) -> None:
    before, after = graded.submitted
    assert before == after


def test_what_cannot_be_graded_is_not_graded_again_and_nothing_else_is(graded: OddCourse) -> None:
    journal = graded.course.root / "autograded/journal.jsonl"
    before = journal.read_text()
    graded.course.grade()
    assert journal.read_text() == before


def test_own_files_lie_beside_the_executed_notebook(graded: OddCourse) -> None:
    folder = graded.course.root / "autograded/odd_names_of_files" / NAME
    for name in ODD_NAMES:
        assert (folder / name).read_text() == name
        assert (folder / f"folder {name}" / name).read_text() == name
