"""Files of a submission that can lie beside one another, the assignment's and the notebooks."""

from pathlib import Path

import pytest

from referee.grade.layout import consistent_files, write_files
from referee.model.events import Events

NOTEBOOK = Path("toy.ipynb")


def laid_out(folder: Path, *submitted: str) -> tuple[set[str], list[str]]:
    """What lies in a folder in the end, and the notes."""
    events = Events()
    materials = {Path("data.csv"): b"ours", Path("lib/help.py"): b"ours"}
    files = consistent_files(dict.fromkeys(submitted, b"theirs"), materials, [NOTEBOOK], events)
    write_files(folder / "new", files)
    (folder / "new" / NOTEBOOK).write_bytes(b"executed")
    found = {str(path.relative_to(folder / "new")) for path in (folder / "new").rglob("*.*")}
    assert (folder / "new/lib/help.py").read_bytes() == b"ours"
    return found - {"toy.ipynb", "data.csv", "lib/help.py"}, events.notes


def test_files_beside_one_another_are_kept(tmp_path: Path) -> None:
    assert laid_out(tmp_path, "a.txt", "sub/b.txt", "lib/c.py") == (
        {"a.txt", "sub/b.txt", "lib/c.py"},
        [],
    )


def test_the_assignments_file_replaces_one_of_the_same_name(tmp_path: Path) -> None:
    assert laid_out(tmp_path, "data.csv", "lib/help.py") == (set(), [])


@pytest.mark.parametrize(
    ("submitted", "kept", "note"),
    [
        (["toy.ipynb/x.txt"], set(), "toy.ipynb/x.txt stands where there is a notebook"),
        (["toy.ipynb"], set(), "toy.ipynb stands where there is a notebook"),
        (["data.csv/x.txt"], set(), "data.csv/x.txt stands where the assignment has a file"),
        (["lib"], set(), "lib stands where the assignment has a folder"),
        (["a.d", "a.d/b.txt"], {"a.d"}, "a.d/b.txt stands where there is a file"),
        (["a.d/b.txt", "a.d"], {"a.d", "a.d/b.txt"}, "a.d stands where there is a folder"),
        (["x.d/y.d/z.txt", "x.d/y.d"], {"x.d", "x.d/y.d", "x.d/y.d/z.txt"}, "x.d/y.d stands"),
    ],
)
def test_name_in_the_way_is_left_out_with_a_note(
    tmp_path: Path, submitted: list[str], kept: set[str], note: str
) -> None:
    found, notes = laid_out(tmp_path, *submitted)
    assert found == kept
    assert len(notes) == 1
    assert notes[0].startswith(note)
