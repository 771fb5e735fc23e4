"""Test cells run where another event loop runs, as in the server of formgrader."""

import asyncio
import builtins

import pytest

from referee.judge.cells import TestCell
from referee.judge.judge import _execute


@pytest.mark.parametrize("source", ["6 * 7", "import asyncio\nawait asyncio.sleep(0, 6 * 7)"])
def test_test_runs_beside_another_loop_and_leaves_it_running(source: str) -> None:
    async def formgrader() -> object:
        names = {"__builtins__": builtins}
        value = _execute(TestCell("double-hidden", source, 1), names)  # type: ignore[arg-type]
        await asyncio.sleep(0)
        return value

    assert asyncio.run(formgrader()) == 42
