"""What a sandbox shows, as bubblewrap is told of it."""

from pathlib import Path

import pytest

from referee.sandbox.bubblewrap import View, view_arguments
from referee.sandbox.errors import NoSandboxError


def test_folder_that_is_to_be_shown_and_is_not_there_is_named(tmp_path: Path) -> None:
    work, gone = tmp_path / "work", tmp_path / "gone"
    work.mkdir()
    with pytest.raises(NoSandboxError, match=f"read_only names {gone}, which is not there: make"):
        view_arguments(View(work, (gone,), {}, files=2**20))
    gone.mkdir()
    assert str(gone) in view_arguments(View(work, (gone,), {}, files=2**20))
