"""A submission's folder as it is graded in: no file of it comes from where a link leads."""

from pathlib import Path

from referee.grade.layout import remove_links


def test_links_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    submitted, materials, copied = (tmp_path / name for name in ("submitted", "source", "copied"))
    for folder in (submitted / "own", materials, copied / "own"):
        folder.mkdir(parents=True)
    (submitted / "data.csv").write_text("own")
    (submitted / "own/data.csv").write_text("own")
    (submitted / "linked.txt").symlink_to(secret)
    (submitted / "hard.txt").hardlink_to(secret)
    (submitted / "folder").symlink_to(tmp_path)
    for name in ("data.csv", "own/data.csv", "linked.txt", "hard.txt", "digits.py"):
        (copied / name).write_text("copied")
    (copied / "folder").mkdir()
    (copied / "folder/secret.txt").write_text("secret")
    (materials / "digits.py").symlink_to(secret)

    assert remove_links(copied, submitted, materials) == [
        "folder/secret.txt", "hard.txt", "linked.txt",
    ]  # fmt: skip
    left = {str(path.relative_to(copied)) for path in copied.rglob("*") if path.is_file()}
    assert left == {"data.csv", "own/data.csv", "digits.py"}
