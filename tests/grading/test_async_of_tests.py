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
class Counter:
    def __init__(self): self.value = 0
    async def add(self):
        value = self.value
        await asyncio.sleep(0)
        self.value = value + 1
class Careful(Counter):
    def __init__(self): super().__init__(); self.lock = asyncio.Lock()
    async def add(self):
        async with self.lock: await super().add()
async def slow(x):
    await asyncio.sleep(0.1)
    return x
async def in_order(log, name, steps):
    for step in range(steps):
        log.append((name, step))
        await asyncio.sleep(0)
async def gives_up(fetch, x):
    try: return await asyncio.wait_for(fetch(x), 0.05)
    except asyncio.TimeoutError: return "late"
async def first_of(fetch, xs):
    tasks = [asyncio.create_task(fetch(x)) for x in xs]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others: task.cancel()
    return done.pop().result()
async def twice(fetch, x): return await slow(await fetch(x))
async def fails(x):
    await asyncio.sleep(0)
    raise ValueError(x)
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
    "several at once": (
        "import asyncio, time\nasync def wait(x):\n    await asyncio.sleep(0.2)\n    return x\n"
        "begin = time.perf_counter()\nassert await many(wait, range(8)) == list(range(8))\n"
        "assert time.perf_counter() - begin < 1"
    ),
    "several of the student's at once": (
        "import asyncio, time\nbegin = time.perf_counter()\n"
        "assert await asyncio.gather(*map(slow, range(8))) == list(range(8))\n"
        "assert time.perf_counter() - begin < 0.6"
    ),
    "both at once": (
        "import asyncio, time\nasync def mine(): await asyncio.sleep(0.2)\n"
        "begin = time.perf_counter()\nawait asyncio.gather(mine(), slow(1), mine(), slow(2))\n"
        "assert time.perf_counter() - begin < 0.4"
    ),
    "the last one first": (
        "import asyncio\nlog = []\nasync def wait(x):\n    await asyncio.sleep(x / 10)\n"
        "    log.append(x)\nawait many(wait, [2, 1])\nassert log == [1, 2]"
    ),
    "a lock of the student's": (
        "import asyncio\ncounter = Careful()\n"
        "await asyncio.gather(*(counter.add() for _ in range(5)))\nassert counter.value == 5"
    ),
    "an update that is lost": (
        "import asyncio\ncounter = Counter()\n"
        "await asyncio.gather(*(counter.add() for _ in range(5)))\nassert counter.value == 1"
    ),
    "steps by turns": (
        "import asyncio\nlog = []\nasync def walk(name):\n    for step in range(2):\n"
        "        log.append((name, step))\n        await asyncio.sleep(0)\n"
        "await many(walk, 'ab')\n"
        "assert sorted(log[:2]) == [('a', 0), ('b', 0)] and len(log) == 4"
    ),
    "one that is given up": (
        "import asyncio\nended = []\nasync def wait(x):\n    try: await asyncio.sleep(x)\n"
        "    except asyncio.CancelledError:\n        ended.append(x)\n        raise\n"
        "    return x\n"
        "assert await gives_up(wait, 5) == 'late' and ended == [5] and await gives_up(wait, 0) == 0"
    ),
    "the student's that is given up": (
        "import asyncio\ntry:\n    await asyncio.wait_for(slow(1), 0.02)\n"
        "except asyncio.TimeoutError:\n    pass\nelse:\n    assert False"
    ),
    "the first of several": (
        "import asyncio\nasync def wait(x):\n    await asyncio.sleep(x)\n    return x\n"
        "assert await first_of(wait, [3, 0.05, 2]) == 0.05"
    ),
    "one that awaits the student's": (
        "async def fetch(x): return await slow(x) + 1\nassert await many(fetch, [1, 2]) == [2, 3]\n"
        "assert await twice(fetch, 3) == 4"
    ),
    "the student's that raises": (
        "import asyncio\nfound = await asyncio.gather(slow(1), fails(2), return_exceptions=True)\n"
        "assert found[0] == 1 and isinstance(found[1], ValueError) and found[1].args == (2,)"
    ),
    "tasks": (
        "import asyncio\ntask = asyncio.create_task(slow(3))\nawait asyncio.sleep(0)\n"
        "assert not task.done() and await task == 3"
    ),
    "a group of tasks": (
        "import asyncio\nasync def main():\n    async with asyncio.TaskGroup() as group:\n"
        "        tasks = [group.create_task(slow(x)) for x in (1, 2)]\n"
        "    return [task.result() for task in tasks]\nassert asyncio.run(main()) == [1, 2]"
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


def test_update_that_is_lost_between_coroutines_fails(notebook: Notebook) -> None:
    source = RIGHT["a lock of the student's"].replace("Careful", "Counter")
    assert notebook.error(source).startswith("AssertionError")


def test_what_it_gives_is_not_taken_for_something_else(notebook: Notebook) -> None:
    assert notebook.error(FETCH + "assert await one(fetch, 1) == 3").startswith("AssertionError")
