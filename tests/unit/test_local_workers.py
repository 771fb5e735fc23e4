"""The workers of this machine: threads that hand jobs to graders. These graders grade nothing."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from referee.batch.jobs import Job, JobKind
from referee.batch.local import IdleCores, LocalWorkers
from referee.grade.graders import Graders
from referee.model.outcomes import Outcome
from referee.model.work import Result, from_bytes


class Scripted(Graders):
    """Does with each submission what a test says."""

    def __init__(self, script: Callable[[str], Result]) -> None:
        self.script = script
        self.at_once: list[int] = []
        self.running = 0
        self.lock = threading.Lock()

    def grade(self, content: bytes, on_cell: Callable[[str], None] = print) -> Result:
        student = content.decode()
        with self.lock:
            self.running += 1
            self.at_once.append(self.running)
        try:
            return self.script(student)
        finally:
            with self.lock:
                self.running -= 1

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lost something to wall-clock time alone may have lost it to others."""
    monkeypatch.setattr("referee.batch.local.machine_is_busy", lambda: True)


def jobs(students: str) -> Iterator[Job]:
    return iter([Job(JobKind.GRADE, student, student.encode()) for student in students])


def run(graders: Graders, students: str, stopping: Callable[[], bool] = bool) -> list[Result]:
    said: list[str] = []
    with LocalWorkers(graders, 3) as workers:
        ended = chain.from_iterable(workers.run(jobs(students), stopping, said.append))
        return [from_bytes(Result, content) for _, content in ended]


def test_all_are_done_three_at_a_time() -> None:
    def sleep(student: str) -> Result:
        time.sleep(0.1)
        return Result(student, Outcome.GRADED)

    graders = Scripted(sleep)
    assert sorted(result.student for result in run(graders, "abcdefg")) == list("abcdefg")
    assert max(graders.at_once) == 3


@pytest.mark.parametrize(("idle", "most"), [(2.0, 4), (0.2, 2)])
def test_spare_workers_work_while_cores_are_idle(
    monkeypatch: pytest.MonkeyPatch, idle: float, most: int
) -> None:
    def sleep(student: str) -> Result:
        time.sleep(0.1)
        return Result(student, Outcome.GRADED)

    monkeypatch.setattr("referee.batch.local.TICK", 0.01)
    monkeypatch.setattr(IdleCores, "idle", lambda self: idle)
    graders = Scripted(sleep)
    with LocalWorkers(graders, 2, spare=2) as workers:
        ended = list(chain.from_iterable(workers.run(jobs("abcdefghij"), bool, print)))
    assert len(ended) == 10
    assert max(graders.at_once) == most


def test_cores_with_busy_processes_are_not_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referee.batch.local.LATELY", 0.2)
    count = len(os.sched_getaffinity(0))
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        time.sleep(0.3)
        cores = IdleCores()
        assert cores.idle() == 0, "nothing is measured yet"
        time.sleep(0.5)
        assert 0 <= cores.idle() < 0.5 * count
    finally:
        for process in busy:
            process.kill()
            process.wait()


def test_what_the_machine_was_too_busy_for_is_done_again_alone() -> None:
    tried: list[str] = []

    def busy_once(student: str) -> Result:
        tried.append(student)
        time.sleep(0.05)
        return Result(student, Outcome.GRADED, busy=student in "bd" and tried.count(student) == 1)

    graders = Scripted(busy_once)
    results = run(graders, "abcdef")
    assert sorted(result.student for result in results) == list("abcdef")
    assert not any(result.busy for result in results)
    assert sorted(tried[-2:]) == ["b", "d"]
    assert graders.at_once[-2:] == [1, 1]


def test_what_was_slow_on_an_idle_machine_is_not_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("referee.batch.local.machine_is_busy", lambda: False)
    graders = Scripted(lambda student: Result(student, Outcome.OUT_OF_TIME, busy=True))
    assert len(run(graders, "ab")) == len(graders.at_once) == 2


def test_what_stays_busy_is_taken_as_it_is() -> None:
    graders = Scripted(lambda student: Result(student, Outcome.OUT_OF_TIME, busy=True))
    assert [result.outcome for result in run(graders, "ab")] == [Outcome.OUT_OF_TIME] * 2
    assert len(graders.at_once) == 4


def test_error_of_ours_is_tried_again_and_reported_in_the_end() -> None:
    tried: list[str] = []

    def fail(student: str) -> Result:
        tried.append(student)
        raise ValueError(f"a bug, for {student}")

    (result,) = run(Scripted(fail), "a")
    assert tried == ["a", "a"]
    assert result.outcome == Outcome.GRADER_FAULT
    assert result.log == "ValueError: a bug, for a"


def test_nothing_is_begun_when_the_run_should_end() -> None:
    graders = Scripted(lambda student: pytest.fail("it was begun"))
    assert run(graders, "abc", stopping=lambda: True) == []
