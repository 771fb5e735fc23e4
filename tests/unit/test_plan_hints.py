"""What is known before a batch starts: how long a new submission may take, how many workers fit."""

import json
from pathlib import Path

import nbformat

from referee.batch.local import default_count
from referee.collect.fingerprint import loops_in
from referee.model.limits import GIB, Limits


def test_loops_of_a_new_submission_are_counted_as_a_hint_at_its_time(tmp_path: Path) -> None:
    source = "for x in y:\n    for a in b:\n        while c:\n            before(form)\n"
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "lines.ipynb")
    assert loops_in(tmp_path) == (1, 2)
    (tmp_path / "text.ipynb").write_text(json.dumps({"cells": [{"source": source}]}))
    (tmp_path / "notes.txt").write_text('"for')
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "lines.ipynb")
    assert loops_in(tmp_path) == (2, 4)


def test_workers_are_as_many_as_there_is_memory_for() -> None:
    assert default_count(Limits(memory=10_000 * GIB)) == 1
