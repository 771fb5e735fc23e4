"""A batch on workers: the same marks on any number of them, faults tried elsewhere, times kept."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import nbformat
import pytest
from distributed import Client, LocalCluster, get_worker

from referee.batch.cluster.workers import Workers
from referee.batch.jobs import Answer, Job, JobKind
from referee.model.outcomes import Outcome
from referee.model.work import Result, from_bytes, to_bytes
from tests.support.course import lost
from tests.support.toy import NAME, NOTEBOOK, RIGHT, ToyCourse, copy_of

# Kernels draw other numbers each time, and what is shown is compared.
SEED = "np.random.seed(11)"
ANSWERS = {
    "right": RIGHT,
    "wrong": RIGHT | {"double": "def double(x): return 3 * x"},
    "Zoë O'Brien": RIGHT | {"halve": "def halve(x):\n    print('half of', x)\n    return x / 2"},
    "draws": RIGHT | {"double": "print(np.random.rand(3))\ndef double(x): return np.random.rand()"},
    "raises": RIGHT | {"halve": "def halve(x): raise ValueError(f'not {x}')"},
    "untouched": {},
}


@pytest.fixture(scope="module")
def cohort(released_toy: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course with submissions of several kinds, not graded yet."""
    course = copy_of(released_toy, tmp_path_factory.mktemp("cohort"))
    for student, answers in ANSWERS.items():
        course.submit(student, answers, own={"imports": SEED})
    return course


def results(course: ToyCourse, *options: str) -> tuple[Any, dict[str, list[Any]]]:
    """The marks and what executed notebooks show, after grading all anew."""
    course.grade("--force", *options)
    shown = {
        path.parts[-3]: [in_order(cell) for cell in nbformat.read(path, as_version=4).cells]
        for path in sorted((course.root / "autograded").glob(f"*/{NOTEBOOK}"))
    }
    return course.scores(), shown


def in_order(cell: nbformat.NotebookNode) -> list[Any]:
    """A cell's outputs, its streams whole and first: how ipykernel mixes the two is chance."""
    outputs = cell.get("outputs", [])
    streams = {output.name: "" for output in outputs if output.output_type == "stream"}
    for output in outputs:
        if output.output_type == "stream":
            streams[output.name] += output.text
    others = [output for output in outputs if output.output_type != "stream"]
    return [*sorted(streams.items()), *others]


def differences(
    one: tuple[Any, dict[str, list[Any]]], other: tuple[Any, dict[str, list[Any]]]
) -> list[str]:
    """Where two results differ, a line each."""
    told = [
        f"{student}: {one[0].get(student)} and {other[0].get(student)}"
        for student in sorted(one[0].keys() | other[0].keys())
        if one[0].get(student) != other[0].get(student)
    ]
    for student in sorted(one[1].keys() | other[1].keys()):
        for index, (a, b) in enumerate(zip_longest(one[1][student], other[1][student])):
            if a != b:
                told.append(f"{student}, cell {index}: {str(a)[:2000]} and {str(b)[:2000]}")
    return told


@pytest.fixture(scope="module")
def alone(cohort: ToyCourse) -> tuple[Any, dict[str, list[Any]]]:
    """The results with one worker."""
    return results(cohort, "--workers", "1")


@pytest.mark.xdist_group("batch")
def test_submissions_of_several_kinds_have_several_marks(
    alone: tuple[Any, dict[str, list[Any]]],
) -> None:
    marks = {student: lost(entry) for student, entry in alone[0].items()}
    assert marks == {
        "right": {},
        "wrong": {"double": 1},
        "Zoë O'Brien": {},
        "draws": {"double": 1},
        "raises": {"halve": 0},
        "untouched": {"double": 0, "halve": 0},
    }


@pytest.mark.xdist_group("batch")
@pytest.mark.parametrize("workers", ["1", "2", "8"])
def test_results_are_the_same_on_any_number_of_workers(
    cohort: ToyCourse, alone: tuple[Any, dict[str, list[Any]]], workers: str
) -> None:
    assert differences(results(cohort, "--workers", workers), alone) == []


@pytest.mark.xdist_group("batch")
def test_results_are_the_same_on_a_cluster_without_shared_folders(
    cohort: ToyCourse, alone: tuple[Any, dict[str, list[Any]]], tmp_path: Path
) -> None:
    with dask_cluster(tmp_path) as address:
        assert differences(results(cohort, "--scheduler", address), alone) == []


@pytest.mark.xdist_group("batch")
def test_times_of_cells_and_submissions_are_kept(
    cohort: ToyCourse, alone: tuple[Any, dict[str, list[Any]]]
) -> None:
    told = json.loads(cohort.run("referee", "timings", NAME, "--json"))
    assert {row["student"] for row in told["submissions"]} == set(alone[0])
    cells = {row["cell"]: row for row in told["cells"]}
    assert cells["double-hidden"]["runs"] == len(alone[0])
    assert cells["double-hidden"]["longest"] >= cells["double-hidden"]["median"] > 0
    assert "double-hidden" in cohort.run("referee", "timings", NAME, "--most", "1000")


@contextmanager
def dask_cluster(folder: Path) -> Iterator[str]:
    """A scheduler and two workers, each with a folder, a home and temporary files of its own."""
    processes = []

    def start(name: str, *command: str) -> None:
        home = folder / name
        home.mkdir()
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home)}
        log = (home / "log").open("w")
        processes.append(
            subprocess.Popen([sys.executable, "-m", *command], cwd=home, env=env, stderr=log)
        )

    file = folder / "scheduler.json"
    try:
        start(
            "s", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
            "--no-dashboard", "--scheduler-file", str(file),
        )  # fmt: skip
        while not file.exists() or not file.read_text():
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        for name in ("a", "b"):
            start(name, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard")
        yield address
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def fails_once(job: Job) -> Answer:
    """A grader that fails on its first try on each submission, and tells where it was."""
    here, tried = get_worker().address, Path(job.work.decode()) / job.student
    if not tried.exists():
        tried.write_text(here)
        result = Result(job.student, Outcome.GRADER_FAULT, "a bug")
        return Answer(here, to_bytes(result), failed=True)
    return Answer(here, to_bytes(Result(job.student, Outcome.GRADED, reason=here)))


def raises(job: Job) -> Answer:
    raise ValueError(f"a bug, for {job.student}")


def jobs(students: str, work: str = "") -> Iterator[Job]:
    return iter([Job(JobKind.GRADE, student, work.encode()) for student in students])


def graded(workers: Workers, jobs: Iterator[Job]) -> list[Result]:
    answered = chain.from_iterable(workers.run(jobs, lambda: False, print))
    return [from_bytes(Result, content) for _, content in answered]


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.mark.xdist_group("two workers")
def test_grader_fault_is_tried_again_on_another_worker(two_workers: Client, tmp_path: Path) -> None:
    works = jobs("abcdef", str(tmp_path))
    done = graded(Workers(two_workers, fails_once), works)
    assert sorted(result.student for result in done) == list("abcdef")
    for result in done:
        assert result.outcome == Outcome.GRADED
        assert result.reason != (tmp_path / result.student).read_text()


@pytest.mark.xdist_group("two workers")
def test_grader_fault_is_reported_with_its_log_in_the_end(two_workers: Client) -> None:
    works = jobs("ab")
    done = graded(Workers(two_workers, raises), works)
    assert sorted(result.log for result in done) == [
        "ValueError: a bug, for a", "ValueError: a bug, for b",
    ]  # fmt: skip
    assert {result.outcome for result in done} == {Outcome.GRADER_FAULT}


@pytest.mark.xdist_group("two workers")
def test_batch_that_should_stop_starts_nothing_more(two_workers: Client, tmp_path: Path) -> None:
    works = jobs("abc", str(tmp_path))
    assert list(Workers(two_workers, fails_once).run(works, lambda: True, print)) == []
    assert len(list(works)) == 3
