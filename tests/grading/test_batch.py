"""A batch on workers: the same marks on any number of them, faults tried elsewhere, times kept."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, ClassVar

import nbformat
import pytest
from distributed import Client, LocalCluster, get_worker
from rich.console import Console

from referee.batch.cluster.connect import default_count
from referee.batch.cluster.jobs import Answer, Job, JobKind
from referee.batch.cluster.workers import Workers
from referee.collect.fingerprint import loops_in
from referee.model.limits import GIB, Limits
from referee.model.outcomes import Outcome
from referee.model.work import CellTime, Result, from_bytes, to_bytes
from referee.record.journal import JournalLine
from referee.report.progress import BatchProgress
from referee.report.timings import cell_timings, submission_timings
from tests.support.course import SampleCourse, make_course, only_what_counts
from tests.support.generate import generate
from tests.support.solutions import ASSIGNMENT, NOTEBOOK, REPO

SEED = 11


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> SampleCourse:
    """A course with submissions as courses get them, less trainings, not graded yet."""
    print(f"cohort of seed {SEED}")
    course = make_course(tmp_path_factory.mktemp("cohort"))
    path = course.root / "source" / NOTEBOOK
    master = only_what_counts(nbformat.read(path, as_version=4))
    master.cells = [cell for cell in master.cells if not cell.id.startswith("training")]
    nbformat.write(master, path)
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)
    generate(course.root / "submitted", 4, SEED, training=False)
    (course.root / "data").symlink_to(REPO / "data")  # for workers that know nothing of this folder
    return course


def results(course: SampleCourse, *options: str) -> tuple[Any, dict[str, list[Any]]]:
    """The marks and what executed notebooks show, after grading all anew."""
    course.run("referee", "grade", ASSIGNMENT, "--force", *options)
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
def alone(cohort: SampleCourse) -> tuple[Any, dict[str, list[Any]]]:
    """The results with one worker."""
    return results(cohort, "--workers", "1")


@pytest.mark.xdist_group("batch")
@pytest.mark.parametrize("workers", ["1", "2", "8"])
def test_results_are_the_same_on_any_number_of_workers(
    cohort: SampleCourse, alone: tuple[Any, dict[str, list[Any]]], workers: str
) -> None:
    assert differences(results(cohort, "--workers", workers), alone) == []


@pytest.mark.xdist_group("batch")
def test_results_are_the_same_on_a_cluster_without_shared_folders(
    cohort: SampleCourse, alone: tuple[Any, dict[str, list[Any]]], tmp_path: Path
) -> None:
    with dask_cluster(tmp_path) as address:
        assert differences(results(cohort, "--scheduler", address), alone) == []


@pytest.mark.xdist_group("batch")
def test_times_of_cells_and_submissions_are_kept(
    cohort: SampleCourse, alone: tuple[Any, dict[str, list[Any]]]
) -> None:
    told = json.loads(cohort.run("referee", "timings", ASSIGNMENT, "--json"))
    assert {row["student"] for row in told["submissions"]} == set(alone[0])
    cells = {row["cell"]: row for row in told["cells"]}
    assert cells["dropout-hidden"]["runs"] == len(alone[0])
    assert cells["dropout-hidden"]["longest"] >= cells["dropout-hidden"]["median"] > 0
    assert "dropout-hidden" in cohort.run("referee", "timings", ASSIGNMENT, "--most", "1000")


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


def test_workers_are_as_many_as_there_is_memory_for() -> None:
    assert default_count(Limits(memory=10_000 * GIB)) == 1


def line(student: str, outcome: Outcome = Outcome.GRADED, cells: Any = ()) -> JournalLine:
    return JournalLine("id", student, ASSIGNMENT, str(outcome), "", 2.0, "", "", cells=cells)


def test_slowest_cells_and_submissions_come_first() -> None:
    lines = [
        line("a", cells=(CellTime("one", 1.0, 0.5), CellTime("two", 3.0, 2.0))),
        line("b", cells=(CellTime("one", 2.0, 0.5), CellTime("two", 1.0, 1.0))),
    ]
    first, second = cell_timings(lines)
    assert (first.cell, first.runs, first.median, first.longest) == ("two", 2, 2.0, 3.0)
    assert (first.slowest_student, second.cell) == ("a", "one")
    assert [row.slowest_cell for row in submission_timings(lines)] == ["two", "one"]


def test_loops_of_a_new_submission_are_counted_as_a_hint_at_its_time(tmp_path: Path) -> None:
    source = "for x in y:\n    for a in b:\n        while c:\n            before(form)\n"
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "lines.ipynb")
    assert loops_in(tmp_path) == (1, 2)
    (tmp_path / "text.ipynb").write_text(json.dumps({"cells": [{"source": source}]}))
    (tmp_path / "notes.txt").write_text('"for')
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "lines.ipynb")
    assert loops_in(tmp_path) == (2, 4)


class FakeWorkers:
    """What a progress display sees of workers."""

    doing: ClassVar = {"tcp://1": ("ada", "training_1"), "tcp://2": ("bob", "dropout-hidden")}


def test_progress_shows_what_workers_do_the_time_left_and_outcomes() -> None:
    console = Console(force_terminal=True, width=100, record=True, file=StringIO())
    progress = BatchProgress(console, 10)
    progress.watch(FakeWorkers())
    progress.recorded(line("carol"), now=True)
    progress.recorded(line("dave", Outcome.OUT_OF_TIME), now=True)
    console.print(progress._picture())
    shown = console.export_text()
    for part in ("2/10", "left", "ada: training_1", "bob: dropout-hidden", "1 out of time"):
        assert part in shown


def test_progress_without_a_terminal_is_a_line_a_submission() -> None:
    console = Console(force_terminal=False, width=100, record=True, file=StringIO())
    with BatchProgress(console, 2) as progress:
        progress.recorded(line("ada\nbob"), now=True)
        progress.recorded(line("carol"), now=True)
    first, second = console.export_text().splitlines()
    assert first.startswith("[1/2] ada\N{REPLACEMENT CHARACTER}bob: graded, 2.0 s; about")
    assert second == "[2/2] carol: graded, 2.0 s"
