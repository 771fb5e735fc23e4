"""How large a notebook's file is at least, which is known before it is written."""

import nbformat
import pytest

from referee.grade.workplace import _least_size, _written


@pytest.mark.parametrize(
    "source",
    ["", "x", "\n" * 50_000, "x = 1\n" * 50_000, "é\n" * 50_000, '"\\\t\n' * 9000, "\r\x85"],
)
def test_notebook_is_no_smaller_than_what_is_said_before(source: str) -> None:
    cells = [nbformat.v4.new_code_cell(source), nbformat.v4.new_markdown_cell(source)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert _least_size(notebook) <= len(_written(notebook))


def test_blank_lines_count_in_full() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n" * 50_000)])
    assert _least_size(notebook) > 0.99 * len(_written(notebook))
