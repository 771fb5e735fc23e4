"""Files that a student's code has written: what of them crosses, and where it is put."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from referee.boundary.files import MAX_BYTES, MAX_FILES, WrittenFile, read_all
from referee.boundary.frame import BoundaryError
from referee.inside.files import files_since
from referee.judge.files_of_test import FilesOfTest
from referee.judge.folder import WorkingFolder

TEXT = np.frombuffer(b"text", np.uint8)


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/passwd", "../up.txt", "a/../../up.txt", "", ".", "a//b.txt", ".hidden.txt"),
        *("a/.git/x.txt", "x\n.txt", "x\0.txt", "a/b/c/d/e/f.txt", "x" * 200, "~/x.txt", "-x.txt"),
    ],
)
def test_path_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(BoundaryError):
        WrittenFile.read((path, 1, 4, TEXT))


@pytest.mark.parametrize(
    "plain",
    [
        *(None, (), ("x.txt", 1, 4), ("x.txt", "1", 4, TEXT), (b"x.txt", 1, 4, TEXT)),
        *(("x.txt", 1, 4, b"text"), ("x.txt", 1, 4, TEXT.view("<u4")), ("x.txt", 1, -1, None)),
        *(("x.txt", 1, 2**60, None), ("x.txt", 1, 4, TEXT.reshape(2, 2))),
        *(("x.png", 1, 4, TEXT), ("x", 1, 4, np.frombuffer(b"\x80\x04.", np.uint8))),
    ],
)
def test_file_that_is_none_is_refused(plain: object) -> None:
    with pytest.raises(BoundaryError):
        WrittenFile.read(plain)


@pytest.mark.parametrize("path", ["/t/of-tests/tmp1/x.txt", "/t/of-tests/own.txt"])
def test_temporary_file_of_a_test_crosses_by_its_own_path(path: str) -> None:
    file = WrittenFile.read((path, 1, 4, TEXT), "/t/of-tests")
    assert (file.path, file.content) == (path, b"text")


@pytest.mark.parametrize(
    "path", ["/t/x.txt", "/t/of-tests", "/t/of-tests/", "/t/of-tests/../x.txt", "/t/of-tests//x"]
)
def test_path_beside_the_temporary_files_of_tests_is_refused(path: str) -> None:
    with pytest.raises(BoundaryError):
        WrittenFile.read((path, 1, 4, TEXT), "/t/of-tests")


def test_too_many_or_too_large_files_are_refused() -> None:
    with pytest.raises(BoundaryError):
        read_all([(f"{number}.txt", 1, 0, None) for number in range(MAX_FILES + 1)])
    half = np.zeros(MAX_BYTES // 2 + 1, np.uint8)
    with pytest.raises(BoundaryError):
        read_all([("a.txt", 1, 0, half), ("b.txt", 1, 0, half)])


def test_only_ordinary_files_that_are_new_cross(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("old.txt", "new.txt", "sub/in.csv", "given.txt", "program.py", "plain"):
        (tmp_path / name).write_text("text")
    (tmp_path / "bytes").write_bytes(b"\x80\x04.")
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    (tmp_path / "up").symlink_to("/")
    os.mkfifo(tmp_path / "waits.txt")
    known = {"old.txt": (tmp_path / "old.txt").stat().st_mtime_ns, "given.txt": 0}
    found = {file.path: file.content for file in read_all(files_since(known))}
    without = {"program.py": None, "bytes": None}
    assert found == {"new.txt": b"text", "sub/in.csv": b"text", "plain": b"text", **without}


def test_what_is_written_comes_before_many_files_that_were_handed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(MAX_FILES):
        (tmp_path / f"a{number}.txt").touch()
        os.utime(tmp_path / f"a{number}.txt", (1, 1))
    (tmp_path / "a.npy").write_bytes(bytes(MAX_BYTES))
    os.utime(tmp_path / "a.npy", (1, 1))
    (tmp_path / "out.csv").write_text("text")
    found = {file.path: file.content for file in read_all(files_since({}))}
    assert found["out.csv"] == b"text"


@pytest.mark.parametrize(
    "passed", [["in.txt"], [Path("in.txt")], [("./in.txt", 1)], ["in"], [{"name": "in.txt"}]]
)
def test_call_that_names_a_file_of_the_test_has_it_once(tmp_path: Path, passed: list[Any]) -> None:
    files = FilesOfTest(tmp_path)
    files.meet("in.txt", is_students=False)
    (tmp_path / "in.txt").write_text("content")
    (news,) = files.news(passed)
    assert (news.path, bytes(news.content)) == ("in.txt", b"content")
    assert files.news(passed) == []


def test_call_that_names_a_file_has_the_tests_folder_that_it_would_be_in(tmp_path: Path) -> None:
    files = FilesOfTest(tmp_path)
    for name in ("box", "box/mine.txt", "other"):
        files.meet(name, is_students=False)
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "mine.txt").write_text("content")
    (tmp_path / "other").mkdir()
    assert [news.path for news in files.news(["box/theirs.txt"])] == ["box"]


def test_file_that_no_call_names_stays_with_the_test(tmp_path: Path) -> None:
    files = FilesOfTest(tmp_path)
    files.meet("expected.txt", is_students=False)
    (tmp_path / "expected.txt").write_text("42")
    assert files.news(["", ".", "/expected.txt", "exp", 42, b"expected.txt"]) == []


def test_too_large_file_of_a_test_does_not_cross(tmp_path: Path) -> None:
    files = FilesOfTest(tmp_path)
    files.meet("in.txt", is_students=False)
    with (tmp_path / "in.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert files.news(["in.txt"]) == []


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    materials = tmp_path / "materials"
    (materials / "data").mkdir(parents=True)
    (materials / "data" / "given.txt").write_text("given")
    return WorkingFolder(tmp_path / "here", materials)


def test_test_that_writes_to_a_file_of_the_assignment_has_a_copy(folder: WorkingFolder) -> None:
    with folder.entered(lambda _: []):
        given = Path("data/given.txt").resolve()
        Path("data/given.txt").write_text("of the test")
        assert Path("data/given.txt").read_text() == "of the test"
        assert given.read_text() == "given"
        Path("data/given.txt").unlink()
        assert given.read_text() == "given"


def test_temporary_file_of_a_test_is_written_where_the_student_has_it(
    folder: WorkingFolder,
) -> None:
    written: list[WrittenFile] = []
    news = lambda _: [written.pop()] if written else []  # noqa: E731
    with folder.entered(news), tempfile.TemporaryDirectory() as made:
        written += [WrittenFile(f"{made}/deep/x.txt", 5, 4, b"text")]
        assert Path(made, "deep", "x.txt").read_text() == "text"
        assert os.listdir() == ["data"]


def test_file_of_the_students_follows_no_link_of_a_test(
    folder: WorkingFolder, tmp_path: Path
) -> None:
    written: list[WrittenFile] = []
    news = lambda _: [written.pop()] if written else []  # noqa: E731
    with folder.entered(news), tempfile.TemporaryDirectory() as made:
        Path(made, "link").symlink_to(tmp_path / "materials")
        written += [WrittenFile(f"{made}/link/x.txt", 5, 4, b"text")]
        assert not Path(made, "link", "x.txt").exists()


def test_test_finds_no_notebook_of_the_assignment(tmp_path: Path) -> None:
    """One of them is the master, with the hidden tests."""
    materials = tmp_path / "materials"
    (materials / "below").mkdir(parents=True)
    for name in ("master.ipynb", "below/other.ipynb", "data.csv"):
        (materials / name).touch()
    with WorkingFolder(tmp_path / "work", materials).entered(lambda _: []):
        assert os.listdir() == ["below", "data.csv"] or os.listdir() == ["data.csv", "below"]


def test_file_of_the_assignment_is_never_replaced(folder: WorkingFolder, tmp_path: Path) -> None:
    forged = WrittenFile("data/given.txt", 5, 6, b"forged")
    beside = WrittenFile("data/more.txt", 5, 4, b"more")
    below = WrittenFile("data/given.txt/x.txt", 5, 4, b"more")
    with folder.entered(lambda _: [forged, beside, below]):
        assert Path("data/given.txt").read_text() == "given"
        assert Path("data/more.txt").read_text() == "more"
    names = sorted(path.name for path in (tmp_path / "materials").rglob("*"))
    assert names == ["data", "given.txt"]


def test_lie_about_the_files_that_are_known_replaces_none(folder: WorkingFolder) -> None:
    def lie(known: dict[str, int]) -> list[WrittenFile]:
        known.clear()
        return [WrittenFile("data/given.txt", 1, 5, b"wrong")]

    with folder.entered(lie):
        assert Path("data/given.txt").read_text() == "given"


def test_file_that_the_masters_solution_writes_is_the_students(
    folder: WorkingFolder, tmp_path: Path
) -> None:
    folder.leave_to_student(["data/given.txt", "../up.txt", "data/none.txt"])
    written = WrittenFile("data/given.txt", 5, 5, b"wrong")
    with folder.entered(lambda known: [] if "data/given.txt" in known else [written]):
        assert Path("data/given.txt").read_text() == "wrong"
    assert (tmp_path / "materials" / "data" / "given.txt").read_text() == "given"
