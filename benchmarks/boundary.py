"""What it costs to judge tests outside the student's kernel, side by side with inside of it."""

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from referee.judge.remote import CallClock, StudentCode
from referee.judge.requests import ForkRequests
from referee.sandbox.watch import SAME_LOOK
from tests.support.kernel import ReferenceKernel, reference_kernel

ROUNDS = 5
CALLS = 500
LARGE = np.zeros((60_000_000 // 8,))  # 60 MB

FUNCTIONS = """
def same(value): return value
def size(value): return value.size
def make(count): return np.ones(count // 8)
def add_one(value): value += 1
def rows(table): return len(table)
def table(): return TABLE.copy()
"""
TABLE = """
import pandas as pd
TABLE = pd.DataFrame({f"x{i}": np.arange(100_000.0) + i for i in range(6)})
TABLE["text"] = [f"name {i}" for i in range(100_000)]
TABLE["kind"] = pd.Categorical(["a", "b", "c", None] * 25_000)
TABLE["when"] = pd.date_range("2020", periods=100_000, freq="min", tz="UTC")
TABLE["count"] = pd.array([1, 2, 3, None] * 25_000, dtype="Int64")
"""


def main() -> None:
    """Print all figures."""
    with reference_kernel() as kernel:
        compare_test_cells(kernel)
        time_looks(kernel)
        kernel.run(TABLE + FUNCTIONS)
        time_forks(kernel)
        time_calls(kernel)


def compare_test_cells(kernel: ReferenceKernel) -> None:
    """The master's test cells, trainings excepted, in the kernel and by the judge."""
    cells = kernel.test_cells()
    inside, outside = [], []
    for _ in range(ROUNDS):
        for cell in cells:
            inside.append(seconds(partial(kernel.run, kernel.cells[cell].source)))
            outside.append(seconds(partial(kernel.judged, cell)))
    medians = statistics.median(inside), statistics.median(outside)
    totals = sum(inside) / ROUNDS, sum(outside) / ROUNDS
    print(f"{len(cells)} test cells, {ROUNDS} rounds        in the kernel   by the judge   ratio")
    print_row("median of a cell", *medians)
    print_row("all cells", *totals)


def time_looks(kernel: ReferenceKernel) -> None:
    """What is seen of a sandbox's processes, five times a second, while and after tests run."""
    watch, times = kernel.kernel._provisioner.watch, []
    for _ in range(50):
        time.sleep(SAME_LOOK)  # a look sooner would take what the last one has found
        times.append(seconds(watch._look))
    print_figure("a look at the sandbox's processes", times)


def time_forks(kernel: ReferenceKernel) -> None:
    """From the request for a fork until its first answer, and its end."""
    times = []
    for _ in range(50):
        start = time.perf_counter()
        student = open_student(kernel)
        student.take_random_states()
        times.append(time.perf_counter() - start)
        student.close()
    print_figure("one fork, to its first answer", times)


def time_calls(kernel: ReferenceKernel) -> None:
    """Calls within one test cell."""
    student = open_student(kernel)
    student.take_random_states()
    same, size, make, add_one = map(student.look_up, ("same", "size", "make", "add_one"))
    small = np.ones((5, 7))
    print_figure("call, 5 x 7 array", [seconds(lambda: same(small)) for _ in range(CALLS)])
    network = {f"W{layer}": np.ones((100, 100)) for layer in range(5)}
    print_figure("call, network of 0.4 MB", [seconds(lambda: same(network)) for _ in range(50)])
    print_figure("60 MB to the student", [seconds(lambda: size(LARGE)) for _ in range(ROUNDS)])
    print_figure("60 MB back", [seconds(lambda: make(LARGE.nbytes)) for _ in range(ROUNDS)])
    print_figure("60 MB changed in place", [seconds(lambda: add_one(LARGE)) for _ in range(ROUNDS)])
    names: dict[str, pd.DataFrame] = {}
    exec(TABLE, {"np": np}, names)
    rows, table = map(student.look_up, ("rows", "table"))
    there = [seconds(lambda: rows(names["TABLE"])) for _ in range(ROUNDS)]
    print_figure("table of 100,000 x 10 there", there)
    print_figure("table of 100,000 x 10 back", [seconds(table) for _ in range(ROUNDS)])
    student.close()


def open_student(kernel: ReferenceKernel) -> StudentCode:
    """A test cell's view of the kernel."""
    provisioner = kernel.kernel._provisioner
    requests = ForkRequests(provisioner.requests)
    before = provisioner.watch.processes()
    return StudentCode(
        lambda _: requests.fork(60, CallClock(time.monotonic() + 60), 2**30),
        lambda: provisioner.watch.end_processes_since(before),
    )


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def print_row(name: str, inside: float, outside: float) -> None:
    """A figure of both sides, in milliseconds, and their ratio."""
    print(f"{name:34}{inside * 1000:14.1f} ms{outside * 1000:12.1f} ms{outside / inside:8.2f}")


def print_figure(name: str, times: list[float]) -> None:
    """The median and the largest, in milliseconds."""
    median = statistics.median(times) * 1000
    print(f"{name:34}{median:14.2f} ms median, {max(times) * 1000:.1f} ms at most of {len(times)}")


if __name__ == "__main__":
    main()
