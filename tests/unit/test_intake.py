"""Reading submissions: whatever lies there becomes a plain notebook, or a reason why not."""

import copy
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from referee.collect.fingerprint import state_of
from referee.collect.intake import read_submission
from referee.model.assignment import Assignment, AssignmentCell, AssignmentNotebook
from referee.model.limits import Limits
from referee.model.outcomes import Outcome, Refused
from referee.model.work import SubmittedFile
from referee.notebook.parse import parse_notebook, parse_notebooks
from tests.support.solutions import ASSIGNMENT, RELEASE

LIMITS = Limits(files=2**20)
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
RELEASED = json.loads(RELEASE.read_text())
EXPECTED = Assignment(
    ASSIGNMENT,
    "",
    (
        AssignmentNotebook(
            ASSIGNMENT,
            None,
            3,
            tuple(
                AssignmentCell(
                    name=cell["metadata"]["nbgrader"]["grade_id"],
                    cell_type=cell["cell_type"],
                    source="".join(cell["source"]),
                    released="".join(cell["source"]),
                    locked=cell["metadata"]["nbgrader"]["locked"],
                    checksum="",
                    points=cell["metadata"]["nbgrader"].get("points"),
                    solution=cell["metadata"]["nbgrader"]["solution"],
                    task=False,
                )
                for cell in RELEASED["cells"]
                if "nbgrader" in cell["metadata"]
            ),
        ),
    ),
)
SOURCES = ["".join(cell["source"]) for cell in RELEASED["cells"]]
NOBODY = 65534  # a user who may read nothing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder of the assignment, empty."""
    path = tmp_path / "student" / ASSIGNMENT
    path.mkdir(parents=True)
    return path


@dataclass
class Taken:
    """What is taken of a submission: on the head, its files; on a worker, its notebooks."""

    notebooks: dict[str, NotebookNode]
    files: dict[str, bytes]
    notes: list[str]


def taken(folder: Path) -> Taken:
    intake = read_submission(folder, EXPECTED, LIMITS)
    notebooks = parse_notebooks(intake.notebooks, EXPECTED, intake.notes)
    return Taken(notebooks, intake.files, intake.notes)


def refused(folder: Path) -> Refused:
    with pytest.raises(Refused) as error:
        taken(folder)
    assert error.value.reason.isprintable()
    return error.value


def read(folder: Path, content: bytes | Any) -> Taken:
    """What is taken of a notebook with this content, which may be JSON's value."""
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / NOTEBOOK).write_bytes(content)
    return taken(folder)


def cells_of(intake: Taken) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in intake.notebooks[ASSIGNMENT].cells]


# Texts of one notebook: how editors and systems write it.


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_notebook_in_any_unicode_encoding_is_read(
    folder: Path, encoding: str, newline: str
) -> None:
    text = json.dumps(RELEASED, indent=1, ensure_ascii=False).replace("\n", newline)
    intake = read(folder, text.encode(encoding))
    assert [source for _, source in cells_of(intake)] == SOURCES
    assert intake.notes == []


def test_notebook_that_is_not_unicode_is_read_with_a_note(folder: Path) -> None:
    notebook = copy.deepcopy(RELEASED)
    notebook["cells"][7]["source"] = "# größer als für möglich gehalten"
    intake = read(folder, json.dumps(notebook, ensure_ascii=False).encode("cp1252", "ignore"))
    assert intake.notebooks[ASSIGNMENT].cells[7].source == "# größer als für möglich gehalten"
    assert intake.notes == [
        f"{NOTEBOOK} is not UTF-8 and was read as Windows-1252; letters may differ"
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_notebook_of_an_old_format_has_the_same_code(folder: Path, version: int) -> None:
    notebook = nbformat.convert(nbformat.read(RELEASE, as_version=4), 3)
    if version == 2:  # what a notebook of 2011 has: no version but the first, no headings
        notebook.nbformat, notebook.nbformat_minor = 2, 0
    # As files have it: texts are lists of lines.
    intake = read(folder, nbformat.versions[version].writes_json(notebook).encode())
    code = [source for kind, source in cells_of(intake) if kind == "code"]
    cells = zip(RELEASED["cells"], SOURCES, strict=True)
    assert code == [source for cell, source in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("minor", range(6))
def test_notebook_of_any_minor_format_is_read(folder: Path, minor: int) -> None:
    notebook = copy.deepcopy(RELEASED) | {"nbformat_minor": minor}
    for cell in notebook["cells"]:
        if minor < 5:
            del cell["id"]
    assert [source for _, source in cells_of(read(folder, notebook))] == SOURCES


@pytest.mark.parametrize("version", [5, 99, 4.0, "4", None, True, [], 10**30])
def test_notebook_that_has_cells_is_read_whatever_format_it_claims(
    folder: Path, version: Any
) -> None:
    intake = read(folder, RELEASED | {"nbformat": version, "nbformat_minor": version})
    assert [source for _, source in cells_of(intake)] == SOURCES


# Contents that are no notebook.


@pytest.mark.parametrize(
    ("content", "outcome", "told"),
    [
        (b"", Outcome.NOT_A_NOTEBOOK, "is empty"),
        (b" \r\n\t", Outcome.NOT_A_NOTEBOOK, "is empty"),
        (bytes(4096), Outcome.NOT_A_NOTEBOOK, "is empty"),  # after a full disk
        (b"[1, 2]", Outcome.NOT_A_NOTEBOOK, "is JSON, but no notebook"),
        (b"12", Outcome.NOT_A_NOTEBOOK, "is JSON, but no notebook"),
        (b"null", Outcome.NOT_A_NOTEBOOK, "is JSON, but no notebook"),
        (b'"text"', Outcome.NOT_A_NOTEBOOK, "is JSON, but no notebook"),
        (b"{}", Outcome.NOT_A_NOTEBOOK, "has no list of cells"),
        (b'{"cells": {}}', Outcome.NOT_A_NOTEBOOK, "has no list of cells"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", Outcome.NOT_A_NOTEBOOK, "is something else"),
        (b"PK\3\4" + bytes(range(256)), Outcome.NOT_A_NOTEBOOK, "is something else"),
        (b"<html><body>404", Outcome.NOT_A_NOTEBOOK, "is something else"),
        (RELEASE.read_bytes()[:5000], Outcome.UNREADABLE, "is damaged or cut short"),
        (b"{'cells': []}", Outcome.UNREADABLE, "is damaged or cut short"),
        (b'{"cells": ' + b"[" * 100_000, Outcome.UNREADABLE, "is nested too deeply"),
        (b'{"cells": ' + b"1" * 5_000, Outcome.UNREADABLE, "a number of more than 4,300 digits"),
        (b'\xff\xfe{\x00"', Outcome.UNREADABLE, "is not utf-16 text"),
        (b'{"nbformat": 3, "worksheets": 7}', Outcome.UNREADABLE, "cannot be converted"),
    ],
)
def test_file_that_is_no_notebook_is_refused_with_a_reason(
    folder: Path, content: bytes, outcome: Outcome, told: str
) -> None:
    (folder / NOTEBOOK).write_bytes(content)
    error = refused(folder)
    assert error.outcome == outcome
    assert told in error.reason


def test_notebook_that_is_too_large_is_not_read(folder: Path) -> None:
    with (folder / NOTEBOOK).open("wb") as file:
        file.truncate(2**31)
    assert refused(folder).reason == f"{NOTEBOOK} is too large: 2048 MiB"


def test_notebook_that_takes_very_much_memory_is_refused(folder: Path) -> None:
    (folder / NOTEBOOK).write_bytes(b'{"cells": [' + b"{}," * 40_000_000 + b"{}]}")
    error = refused(folder)
    assert error.outcome == Outcome.UNREADABLE
    assert error.reason == f"{NOTEBOOK} takes more memory to read than a notebook may"


def test_notebook_of_another_assignment_is_refused(folder: Path) -> None:
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def sort(items): pass")])
    other.cells[0].metadata.nbgrader = {"grade_id": "sort", "solution": True}
    (folder / NOTEBOOK).write_text(nbformat.writes(other))
    error = refused(folder)
    assert error.outcome == Outcome.WRONG_ASSIGNMENT
    assert error.reason == f"the notebook has no cell and no function of {ASSIGNMENT!r}"


def test_notebook_in_one_cell_is_taken_where_it_has_a_function_of_the_masters() -> None:
    cell = replace(EXPECTED.notebooks[0].cells[0], source="# YOUR CODE HERE", defines=("sort",))
    notebook = replace(EXPECTED.notebooks[0], cells=(cell,))
    merged = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def sort(items): pass")])
    file = SubmittedFile(NOTEBOOK, nbformat.writes(merged).encode())
    notes: list[str] = []
    parse_notebooks({ASSIGNMENT: file}, replace(EXPECTED, notebooks=(notebook,)), notes)
    assert notes == ["no cell is the assignment's own; they are added behind the student's"]


def sheets(**named: str) -> tuple[Assignment, dict[str, SubmittedFile]]:
    """An assignment with a question in each of three notebooks; names, with what they contain."""
    asked = EXPECTED.notebooks[0].cells[0]
    notebooks, files = [], {}
    for name in ("a", "b", "c"):
        cell = replace(asked, name=f"of-{name}", source=f"# Write {name} here.")
        notebooks.append(AssignmentNotebook(name, None, 3, (cell,)))
        answer = nbformat.v4.new_code_cell(f"{named[name]} = 1")
        answer.metadata.nbgrader = {"grade_id": f"of-{named[name]}"}
        nb = nbformat.v4.new_notebook(cells=[answer])
        files[name] = SubmittedFile(f"{name}.ipynb", nbformat.writes(nb).encode())
    return replace(EXPECTED, notebooks=tuple(notebooks)), files


@pytest.mark.parametrize("order", ["abc", "bac", "cba", "bca"])
def test_notebooks_under_each_others_names_are_taken_by_their_cells(order: str) -> None:
    notes: list[str] = []
    assignment, files = sheets(**dict(zip("abc", order, strict=True)))
    notebooks = parse_notebooks(files, assignment, notes)
    assert {name: nb.cells[0].source for name, nb in notebooks.items()} == {
        name: f"{name} = 1" for name in "abc"
    }
    assert len(notes) == sum(one != other for one, other in zip("abc", order, strict=True))


@pytest.mark.parametrize("order", ["abb", "bcc", "aab", "dbc"])
def test_notebook_that_is_there_twice_is_refused_under_another_name(order: str) -> None:
    assignment, files = sheets(**dict(zip("abc", order, strict=True)))
    with pytest.raises(Refused, match="the notebook has no cell and no function of"):
        parse_notebooks(files, assignment, [])


# Cells.


def with_cell(**changes: Any) -> dict[str, Any]:
    """The release, with changes to its cell relu; what is ... is taken away."""
    notebook = copy.deepcopy(RELEASED)
    cell = notebook["cells"][7] | changes
    notebook["cells"][7] = {name: value for name, value in cell.items() if value is not ...}
    return notebook


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a\nb", "a\nb"),
        (["a\n", "b"], "a\nb"),
        (["a\n", None, 7, "b"], "a\nb"),
        ("a\r\nb", "a\nb"),
        ("a\0b", "a\0b"),
        ("'\ud800'", "'?'"),
        (None, ""),
        (12, ""),
        ({"a": "b"}, ""),
        (..., ""),
    ],
)
def test_source_of_a_cell_becomes_text(folder: Path, source: Any, text: str) -> None:
    intake = read(folder, with_cell(source=source))
    assert cells_of(intake)[7] == ("code", text)


@pytest.mark.parametrize("kind", ["heading", "", None, 7, ["code"], {}, ...])
def test_cell_of_an_unknown_type_is_text(folder: Path, kind: Any) -> None:
    assert cells_of(read(folder, with_cell(cell_type=kind)))[7] == ("raw", SOURCES[7])


@pytest.mark.parametrize("metadata", [None, 7, [], "x", {"nbgrader": None}, {"nbgrader": [1]}, ...])
def test_metadata_of_a_wrong_type_is_left_out(folder: Path, metadata: Any) -> None:
    intake = read(folder, with_cell(metadata=metadata))
    assert intake.notebooks[ASSIGNMENT].cells[7].metadata == {}


def test_of_metadata_only_the_grade_id_is_taken(folder: Path) -> None:
    claims = {"grade_id": "relu", "points": 1000, "grade": True, "locked": False}
    intake = read(folder, with_cell(metadata={"nbgrader": claims, "tags": ["x"]}))
    assert intake.notebooks[ASSIGNMENT].cells[7].metadata == {"nbgrader": {"grade_id": "relu"}}


def test_tag_of_cells_that_are_not_run_is_taken(folder: Path) -> None:
    intake = read(folder, with_cell(metadata={"tags": ["hide-input", "skip-execution"]}))
    assert intake.notebooks[ASSIGNMENT].cells[7].metadata == {"tags": ["skip-execution"]}


@pytest.mark.parametrize("cell_id", [None, 7, "", "x" * 65, "a b", "relu\n", "ü", []])
def test_invalid_id_of_a_cell_is_replaced(folder: Path, cell_id: Any) -> None:
    intake = read(folder, with_cell(id=cell_id))
    assert intake.notebooks[ASSIGNMENT].cells[7].id == "cell-7"


def test_ids_are_given_once(folder: Path) -> None:
    notebook = copy.deepcopy(RELEASED)
    for cell, cell_id in zip(
        notebook["cells"], ["cell-1", None, "cell-2-", "x", "x"], strict=False
    ):
        cell["id"] = cell_id
    ids = [cell.id for cell in read(folder, notebook).notebooks[ASSIGNMENT].cells]
    assert len(set(ids)) == len(ids)


def test_what_is_no_cell_is_left_out_with_a_note(folder: Path) -> None:
    cells = [None, 7, *RELEASED["cells"], [], "x"]
    intake = read(folder, RELEASED | {"cells": cells})
    assert [source for _, source in cells_of(intake)] == SOURCES
    assert intake.notes == ["4 of the cells are none and were left out"]


# Which file is the notebook.


@pytest.mark.parametrize(
    "name",
    ["homework.ipynb", f"{ASSIGNMENT} (1).ipynb", f"a/b/{NOTEBOOK}", f"{NOTEBOOK}/{NOTEBOOK}"],
)
def test_only_notebook_is_taken_with_a_note_wherever_it_is(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(RELEASE.read_bytes())
    intake = taken(folder)
    assert [source for _, source in cells_of(intake)] == SOURCES
    assert intake.notes == [f"{name} is taken for {NOTEBOOK}, which is not there"]


def test_files_beside_a_notebook_in_an_extra_folder_stay_beside_it(folder: Path) -> None:
    (folder / "unpacked/images").mkdir(parents=True)
    (folder / "unpacked" / NOTEBOOK).write_bytes(RELEASE.read_bytes())
    for name in ("unpacked/helper.py", "unpacked/images/a.png", "readme.txt"):
        (folder / name).write_text(name)
    assert taken(folder).files == {
        "readme.txt": b"readme.txt",
        "helper.py": b"unpacked/helper.py",
        "images/a.png": b"unpacked/images/a.png",
    }


def test_notebook_whose_name_is_not_unicode_is_taken_under_one_that_is(folder: Path) -> None:
    (folder / os.fsdecode(b"caf\xe9.ipynb")).write_bytes(RELEASE.read_bytes())
    notebooks = read_submission(folder, EXPECTED, LIMITS).notebooks
    assert notebooks == {
        ASSIGNMENT: SubmittedFile("caf\N{REPLACEMENT CHARACTER}.ipynb", RELEASE.read_bytes())
    }


def test_reason_why_a_notebook_whose_name_is_not_unicode_is_refused_is_unicode(
    folder: Path,
) -> None:
    (folder / os.fsdecode(b"caf\xe9.ipynb")).write_bytes(RELEASE.read_bytes())
    (folder.parent / "other.ipynb").hardlink_to(folder / os.fsdecode(b"caf\xe9.ipynb"))
    assert refused(folder).reason.startswith("caf\N{REPLACEMENT CHARACTER}.ipynb is a hard link")


def test_timestamp_of_the_collector_counts_more_than_one_in_an_extra_folder(folder: Path) -> None:
    (folder / "unpacked").mkdir()
    (folder / "unpacked" / NOTEBOOK).write_bytes(RELEASE.read_bytes())
    (folder / "unpacked/timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
    assert taken(folder).files == {"timestamp.txt": b"2026-01-01 00:00:00 UTC"}


def test_notebook_of_the_right_name_is_taken_of_several(folder: Path) -> None:
    for name in ("a.ipynb", "z.ipynb"):
        (folder / name).write_text("something else")
    assert read(folder, RELEASED).notes == []


def test_notebook_that_belongs_to_the_assignment_is_taken_of_several(folder: Path) -> None:
    (folder / "a.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    (folder / "b.ipynb").write_bytes(RELEASE.read_bytes())
    (folder / "c.ipynb").write_text("something else")
    assert taken(folder).notes == [f"b.ipynb is taken for {NOTEBOOK}, which is not there"]


def test_none_is_taken_of_several_that_all_belong(folder: Path) -> None:
    for name in ("a.ipynb", "b.ipynb"):
        (folder / name).write_bytes(RELEASE.read_bytes())
    error = refused(folder)
    assert error.outcome == Outcome.MISSING
    assert error.reason == f"{NOTEBOOK} is not there, and several could be meant: a.ipynb, b.ipynb"


def test_what_jupyter_keeps_for_itself_is_not_taken(folder: Path) -> None:
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / NOTEBOOK).write_bytes(RELEASE.read_bytes())
    assert refused(folder).reason == f"{NOTEBOOK} is not there; found: .ipynb_checkpoints/"


def test_empty_folder_is_missing_its_notebook(folder: Path) -> None:
    error = refused(folder)
    assert error.outcome == Outcome.MISSING
    assert error.reason == f"{NOTEBOOK} is not there; found: an empty folder"


def test_notebook_beside_the_folder_of_the_assignment_is_named(folder: Path) -> None:
    folder.rmdir()
    (folder.parent / NOTEBOOK).write_bytes(RELEASE.read_bytes())
    error = refused(folder)
    assert error.outcome == Outcome.MISSING
    assert error.reason == f"the folder {ASSIGNMENT} is not there; found: {NOTEBOOK}"


def test_many_files_are_not_all_named(folder: Path) -> None:
    for number in range(1000):
        (folder / f"{number:03}.txt").touch()
    assert refused(folder).reason.endswith("008.txt, 009.txt and 990 more")


# Things that are no files, and files that are elsewhere.


def hard_link(path: Path) -> None:
    (path.parent.parent / "master.ipynb").write_bytes(RELEASE.read_bytes())
    path.hardlink_to(path.parent.parent / "master.ipynb")


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        short = os.open(path.parent, os.O_RDONLY)  # the names of sockets are at most 107 bytes
        listener.bind(f"/proc/self/fd/{short}/{path.name}")
        os.close(short)


@pytest.mark.parametrize(
    ("make", "outcome", "told"),
    [
        (lambda path: path.symlink_to(RELEASE), Outcome.UNREADABLE, "is a link"),
        (lambda path: path.symlink_to("nowhere"), Outcome.UNREADABLE, "is a link"),
        (lambda path: path.symlink_to("/dev/zero"), Outcome.UNREADABLE, "is a link"),
        (hard_link, Outcome.UNREADABLE, "is a hard link"),
        (os.mkfifo, Outcome.NOT_A_NOTEBOOK, "is not a file"),
        (unix_socket, Outcome.UNREADABLE, "cannot be read"),
        (Path.mkdir, Outcome.MISSING, f"is not there; found: {NOTEBOOK}/"),
    ],
    ids=["link", "dangling", "device", "hard link", "pipe", "socket", "folder"],
)
def test_notebook_that_is_no_file_of_its_own_is_refused(
    folder: Path, make: Any, outcome: Outcome, told: str
) -> None:
    make(folder / NOTEBOOK)
    error = refused(folder)
    assert error.outcome == outcome
    assert told in error.reason


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.symlink_to(RELEASE),
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.symlink_to("/etc"),
        lambda path: path.symlink_to("."),
        hard_link,
        os.mkfifo,
        unix_socket,
    ],
    ids=["link", "dangling", "folder", "loop", "hard link", "pipe", "socket"],
)
def test_file_that_is_none_of_its_own_is_left_out_with_a_note(folder: Path, make: Any) -> None:
    make(folder / "data.csv")
    intake = read(folder, RELEASED)
    assert intake.files == {}
    assert intake.notes == ["data.csv is a link or no file at all, and was left out"]


@pytest.mark.parametrize("level", ["assignment", "student"])
def test_folder_that_is_a_link_is_not_read(folder: Path, tmp_path: Path, level: str) -> None:
    (folder / NOTEBOOK).write_bytes(RELEASE.read_bytes())
    other = tmp_path / "other"
    if level == "student":
        other.symlink_to(folder.parent)
    else:
        other.mkdir()
        (other / ASSIGNMENT).symlink_to(folder)
    error = refused(other / ASSIGNMENT)
    assert error.outcome == Outcome.UNREADABLE
    assert error.reason == "the folder is a link to another, which is not read"


# Other files.


def test_file_larger_than_the_room_is_left_out_and_smaller_ones_are_taken(folder: Path) -> None:
    (folder / "large.bin").write_bytes(bytes(LIMITS.files + 1))
    (folder / "small.txt").write_text("small")
    intake = read(folder, RELEASED)
    assert intake.files == {"small.txt": b"small"}
    assert intake.notes == ["large.bin is larger than what a submission may bring; left out"]


@pytest.mark.parametrize(
    "name",
    ["new\nline", "[a-z]*?", "back\\slash", "100%", "-rf", "..", " ", "😀", "'\"", "x" * 250],
)
def test_file_of_any_name_is_taken(folder: Path, name: str) -> None:
    (folder / f"{name}.txt").write_text("text")
    assert read(folder, RELEASED).files == {f"{name}.txt": b"text"}


def test_of_very_many_files_those_next_to_the_notebook_are_taken(folder: Path) -> None:
    (folder / ".venv").mkdir()
    for number in range(1100):
        (folder / ".venv" / f"{number}.py").touch()
    (folder / "data.csv").write_text("1, 2")
    intake = read(folder, RELEASED)
    assert intake.files["data.csv"] == b"1, 2"
    assert len(intake.files) == 1000
    assert intake.notes == ["101 of 1101 other files were left out"]


def test_name_that_is_not_utf8_is_changed_to_one_that_is(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/" + b"\xff" * 200)).touch()
    assert read(folder, RELEASED).files == {"_" * 200: b""}


def test_file_in_very_many_folders_is_left_out(folder: Path) -> None:
    (folder / "/".join("d" * 60)).mkdir(parents=True)
    (folder / "/".join("d" * 60) / "data.csv").touch()
    intake = read(folder, RELEASED)
    assert intake.files == {}
    assert "too deep in folders" in intake.notes[0]


def test_folders_deeper_than_python_can_recurse_are_no_trouble(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=place)
        inner = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    assert "too deep in folders" in read(folder, RELEASED).notes[0]
    assert state_of(folder)
    subprocess.run(["rm", "-rf", folder], check=True)  # pytest could not


@pytest.mark.parametrize(
    "text", ["2026-03-01 12:00:00.123 UTC", "2026-03-01 12:00:00+01:00\n", "2026-03-01 12:00"]
)
def test_timestamp_is_taken(folder: Path, text: str) -> None:
    (folder / "timestamp.txt").write_text(text)
    assert read(folder, RELEASED).files == {"timestamp.txt": text.encode()}


@pytest.mark.parametrize(
    "content",
    [b"", b"yesterday", b"\xff\xfe", b"2026-13-41", b"1 " * 100_000],
    ids=["empty", "words", "binary", "no date", "long"],
)
def test_timestamp_that_is_none_is_left_out_with_a_note(folder: Path, content: bytes) -> None:
    (folder / "timestamp.txt").write_bytes(content)
    intake = read(folder, RELEASED)
    assert intake.files == {}
    assert intake.notes == ["timestamp.txt holds no date and was left out"]


# What may not be read.


@pytest.fixture
def closed() -> Iterator[Path]:
    """A student's folder, read by a user who is not its owner and not root."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "student" / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).write_bytes(RELEASE.read_bytes())
        Path(place).chmod(0o755)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
            yield folder
            os.seteuid(0)
        else:
            yield folder
        for path in (folder.parent, folder):
            path.chmod(0o755)


def close(path: Path, mode: int = 0) -> None:
    """Take the permissions of a path, as its owner."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    path.chmod(mode)
    os.seteuid(user)


@pytest.mark.parametrize(
    ("level", "mode"),
    [("assignment", 0), ("assignment", 0o444), ("student", 0), ("student", 0o444)],
)
def test_closed_folder_is_unreadable(closed: Path, level: str, mode: int) -> None:
    close(closed if level == "assignment" else closed.parent, mode)
    error = refused(closed)
    assert error.outcome == Outcome.UNREADABLE
    assert error.reason == "the folder cannot be read: Permission denied"
    assert state_of(closed)


def test_closed_notebook_is_unreadable(closed: Path) -> None:
    close(closed / NOTEBOOK)
    error = refused(closed)
    assert error.outcome == Outcome.UNREADABLE
    assert error.reason == f"{NOTEBOOK} cannot be read: Permission denied"
    assert state_of(closed)


def test_closed_file_is_left_out_with_a_note(closed: Path) -> None:
    os.seteuid(os.getuid())
    (closed / "data.csv").touch(0o600)
    close(closed / "data.csv")
    os.seteuid(NOBODY if os.getuid() == 0 else os.getuid())
    assert taken(closed).notes == ["data.csv cannot be read and was left out"]


# Anything at all.

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)
NAMES = ["cells", "nbformat", "worksheets", "metadata", "source", "cell_type", "id", "nbgrader"]
LIKE_NOTEBOOKS = st.recursive(
    VALUES | st.sampled_from(["code", "markdown", "relu", "def relu(Z): pass", 3, 4]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=30,
)


def gives_a_valid_notebook_or_a_reason(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "student" / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).write_bytes(content)
        try:
            notebook = parse_notebook(NOTEBOOK, content, [])
        except Refused as error:
            assert error.reason
        else:
            nbformat.validate(notebook)
            nbformat.writes(notebook).encode()
            with_reason_or_taken(folder)


def with_reason_or_taken(folder: Path) -> None:
    try:
        taken(folder)
    except Refused as error:
        assert error.outcome == Outcome.WRONG_ASSIGNMENT


@given(VALUES | LIKE_NOTEBOOKS)
@settings(max_examples=150, deadline=None)
def test_any_json_gives_a_valid_notebook_or_a_reason(value: Any) -> None:
    gives_a_valid_notebook_or_a_reason(json.dumps(value).encode())


@given(st.binary(max_size=200) | st.text().map(str.encode))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_a_valid_notebook_or_a_reason(content: bytes) -> None:
    gives_a_valid_notebook_or_a_reason(content)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all values in a JSON value."""
    yield way
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*way, name))


SMALL = RELEASED | {"cells": RELEASED["cells"][6:10]}
PLACES = list(places(SMALL))[1:]


@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES | st.just(...)), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_damage_leaves_a_valid_notebook_or_a_reason(
    damages: list[tuple[tuple[Any, ...], Any]],
) -> None:
    notebook: Any = copy.deepcopy(SMALL)
    for (*way, last), value in damages:
        place = notebook
        try:
            for name in way:
                place = place[name]
            if value is ...:
                del place[last]
            else:
                place[last] = value
        except (LookupError, TypeError):
            continue  # an earlier damage has taken the place
    gives_a_valid_notebook_or_a_reason(json.dumps(notebook).encode())


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=5), st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_damage_of_the_file_leaves_a_valid_notebook_or_a_reason(
    position: int, damage: bytes, cut: bool
) -> None:
    content = json.dumps(SMALL).encode()
    position %= len(content)
    rest = b"" if cut else content[position + len(damage) :]
    gives_a_valid_notebook_or_a_reason(content[:position] + damage + rest)
