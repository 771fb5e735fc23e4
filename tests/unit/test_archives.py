"""Archives that want to do harm: what is left out, what is refused, and that nothing is written."""

import io
import os
import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from referee.collect import archives
from referee.collect.archives import Damaged, open_archive
from referee.errors import RefereeError
from tests.support.exports import folder_of, zip_of

MOST = 2**30


def left_out(path: Path) -> dict[str, str]:
    return {each.name: each.reason for each in open_archive(path).left_out}


@pytest.mark.parametrize(
    "name",
    ["../evil.ipynb", "a/../../evil", "/etc/evil", "C:/evil", "C:\\evil", "..\\evil", "a\\..\\b"],
)
def test_name_that_leads_out_is_left_out(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path / "a.zip", {name: "x", "good.ipynb": "y"})
    assert left_out(path) == {name: "its name leads out of the archive"}
    assert list(open_archive(path).sizes) == [PurePosixPath("good.ipynb")]


@pytest.mark.parametrize(
    "name", ["a\nb.ipynb", "a\x1b[2J.ipynb", "a\u202egnp.ipynb", "a\x00.ipynb"]
)
def test_name_with_control_characters_is_left_out(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        info = zipfile.ZipInfo("-" * len(name))
        info.filename = name
        file.writestr(info, "x")
    (reason,) = left_out(path).values()
    assert "cannot be printed" in reason


@pytest.mark.parametrize(
    "name", ["x" * 256, "é" * 128, "/".join("a" * 60), "/".join(["b" * 250] * 5)]
)
def test_name_that_is_too_long_is_left_out(tmp_path: Path, name: str) -> None:
    (reason,) = left_out(zip_of(tmp_path / "a.zip", {name: "x"})).values()
    assert "too long" in reason


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK])
def test_links_and_devices_in_a_zip_are_left_out(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("link.ipynb")
    info.external_attr = (kind | 0o644) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    assert left_out(tmp_path / "a.zip") == {"link.ipynb": "it is a link, or no file"}


def test_links_in_a_folder_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    folder = folder_of(tmp_path / "folder", {"good.ipynb": "y"})
    (folder / "soft.ipynb").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    os.link(tmp_path / "secret", folder / "hard.ipynb")
    assert left_out(folder).keys() == {"soft.ipynb", "up", "hard.ipynb"}


def test_bomb_by_ratio_is_left_out(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"bomb.ipynb": b"0" * 2**25})
    (reason,) = left_out(path).values()
    assert reason == "it would grow to 32 MiB, as a bomb does"


def test_bomb_by_total_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TOTAL", 2**16)
    path = zip_of(tmp_path / "a.zip", {f"{n}.ipynb": b"0" * 2**14 for n in range(5)})
    with pytest.raises(RefereeError, match="is refused: unpacked"):
        open_archive(path)


def test_archive_of_100_000_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for number in range(100_000):
            file.writestr(zipfile.ZipInfo(f"{number}"), b"")
    with pytest.raises(RefereeError, match="it has 100000 files, more than 50000"):
        open_archive(path)


def test_encrypted_file_is_left_out(tmp_path: Path) -> None:
    content = bytearray(zip_of(tmp_path / "a.zip", {"secret.ipynb": "x"}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert left_out(tmp_path / "a.zip") == {"secret.ipynb": "it is encrypted"}


def test_file_that_is_larger_than_it_says_is_not_read(tmp_path: Path) -> None:
    content = bytearray(zip_of(tmp_path / "a.zip", {"lie.ipynb": b"0" * 5000}).read_bytes())
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 10)
    (tmp_path / "a.zip").write_bytes(content)
    archive = open_archive(tmp_path / "a.zip")
    with pytest.raises(Damaged, match="cannot be read"):
        archive.read(PurePosixPath("lie.ipynb"), MOST)


def test_damaged_file_costs_only_itself(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"a.ipynb": os.urandom(500), "b.ipynb": "fine"})
    content = bytearray(path.read_bytes())
    content[100] ^= 0xFF
    path.write_bytes(content)
    archive = open_archive(path)
    with pytest.raises(Damaged):
        archive.read(PurePosixPath("a.ipynb"), MOST)
    assert archive.read(PurePosixPath("b.ipynb"), MOST) == b"fine"


def test_file_larger_than_the_limit_is_not_read(tmp_path: Path) -> None:
    archive = open_archive(zip_of(tmp_path / "a.zip", {"a.ipynb": "12345"}))
    with pytest.raises(Damaged, match="larger than"):
        archive.read(PurePosixPath("a.ipynb"), 4)


def test_second_file_of_a_name_is_left_out(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w") as file,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        file.writestr("a.ipynb", "first")
        file.writestr("a.ipynb", "second")
    archive = open_archive(tmp_path / "a.zip")
    assert archive.read(PurePosixPath("a.ipynb"), MOST) == b"first"
    assert [each.reason for each in archive.left_out] == ["another file has the same name"]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Zoë Größe", "utf-8"),
        ("李 明", "utf-8"),
        ("Zoë Größe", "cp437"),
        ("Zoë Größe", "cp1252"),
        ("Åse Œvre", "cp1252"),
        ("Ávila Conceição", "cp850"),
    ],
)
def test_names_in_other_encodings_are_read(tmp_path: Path, name: str, encoding: str) -> None:
    raw = name.encode(encoding)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(f"{'#' * len(raw)}/a.ipynb", "x")
    (tmp_path / "a.zip").write_bytes(content.getvalue().replace(b"#" * len(raw), raw))
    archive = open_archive(tmp_path / "a.zip")
    assert list(archive.sizes) == [path := PurePosixPath(f"{name}/a.ipynb")]
    assert archive.read(path, MOST) == b"x"


def test_ending_of_a_notebook_is_read_in_capitals(tmp_path: Path) -> None:
    zip_of(tmp_path / "a.zip", {"ada/A.IPYNB": "x", "ada/DATA.CSV": "y"})
    names = [str(path) for path in open_archive(tmp_path / "a.zip").sizes]
    assert names == ["ada/A.ipynb", "ada/DATA.CSV"]


def test_archive_without_a_file_is_refused_by_name(tmp_path: Path) -> None:
    zip_of(tmp_path / "a.zip", {})
    (tmp_path / "folder").mkdir()
    for name in ("a.zip", "folder"):
        with pytest.raises(RefereeError, match=f"{name} has no files in it"):
            open_archive(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(RefereeError, match=r"a\.zip is not a zip file"):
        open_archive(path)


def test_what_is_neither_a_file_nor_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(RefereeError, match="neither a zip file nor a folder"):
        open_archive(tmp_path / "pipe.zip")
