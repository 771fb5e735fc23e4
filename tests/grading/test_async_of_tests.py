"""Asynchronous functions of a test, which the student's code awaits."""

from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

STUDENT = """
import asyncio

async def one(fetch, x): return await fetch(x)
async def many(fetch, xs): return await asyncio.gather(*map(fetch, xs))
async def all_of(coroutines): return await asyncio.gather(*coroutines)
async def in_time(fetch, x): return await asyncio.wait_for(fetch(x), 5)
async def of(api): return await api.get(3)
def in_a_loop(fetch, x): return asyncio.run(fetch(x))
def is_async(function): return asyncio.iscoroutinefunction(function)
async def safe(fetch, x):
    try: return await fetch(x)
    except OSError: return None
"""
FETCH = "import asyncio\nasync def fetch(x):\n    await asyncio.sleep(0)\n    return x + 1\n"
RIGHT = {
    "awaited": FETCH + "assert await one(fetch, 1) == 2",
    "run": FETCH + "assert asyncio.run(one(fetch, 1)) == 2",
    "several": FETCH + "assert await many(fetch, [1, 2]) == [2, 3]",
    "in time": FETCH + "assert await in_time(fetch, 1) == 2",
    "in a loop of the student's": FETCH + "assert in_a_loop(fetch, 1) == 2",
    "known as asynchronous": FETCH + "assert is_async(fetch) and not is_async(lambda: 1)",
    "coroutines": FETCH + "assert await all_of([fetch(1), fetch(2)]) == [2, 3]",
    "that raises": (
        "async def fetch(x): raise ConnectionError('no')\nassert await safe(fetch, 1) is None"
    ),
    "a method": (
        "class Api:\n    async def get(self, x): return x * 2\nassert await of(Api()) == 6"
    ),
    "an AsyncMock": (
        "from unittest.mock import AsyncMock\napi = AsyncMock()\napi.get.return_value = 9\n"
        "assert await of(api) == 9\napi.get.assert_awaited_once_with(3)"
    ),
    "what it does": (
        "log = []\nasync def fetch(x): log.append(x)\nawait many(fetch, 'ab')\n"
        "assert log == ['a', 'b']"
    ),
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("async")
    with StudentKernel(folder, Limits(call_cpu=3, call_wall=10, test_wall=10)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.solution(STUDENT)
        yield notebook


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT)
def test_asynchronous_function_of_a_test_is_awaited(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


def test_what_it_gives_is_not_taken_for_something_else(notebook: Notebook) -> None:
    assert notebook.error(FETCH + "assert await one(fetch, 1) == 3").startswith("AssertionError")
