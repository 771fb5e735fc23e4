"""Runs that are cut off, locked out or ended: nothing is lost, and the next run goes on.

`python -m tests.tools.pull_the_plug` does the same at random, and more, for half an hour.
"""

import os
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy.orm import Session

from referee.model.outcomes import Outcome
from referee.model.work import NotebookMarks, Result, to_bytes
from referee.nbgrader.course import Course, GradebookUnavailableError
from referee.record.recorder import GradedSubmission, PendingResults, Recorder
from tests.support.bounds import ends
from tests.support.solutions import ASSIGNMENT
from tests.tools.pull_the_plug import (
    SmallCourse,
    adopting,
    compare,
    ended,
    graders,
    grading,
    locked,
    observed,
    require_no_processes,
    scratch,
    servers,
    small_course,
    wait_for,
)

pytestmark = pytest.mark.xdist_group("interruptions")

CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir")  # audit events of changes to files
CRASHED = 86  # an exit code
IMPATIENT = (
    "import sys, referee.batch.batch; referee.batch.batch.LOCKED_PATIENCE = 1.0\n"
    f"sys.argv = ['referee', 'grade', {ASSIGNMENT!r}, '--unchecked']\n"
    "from referee.cli import main; main()"
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCourse]:
    """A course that nothing was graded in."""
    folder = tmp_path_factory.mktemp("interrupted")
    # A folder for temporary files with a short name: those of sockets have 107 characters.
    with tempfile.TemporaryDirectory(prefix="plug-") as temporary:
        yield small_course(folder / "template", Path(temporary), students=3)


@pytest.fixture(scope="module")
def graded(template: SmallCourse) -> SmallCourse:
    """The same after a run that nobody disturbed."""
    course = template.copy_to(template.root.with_name("graded"))
    course.grade()
    return course


@pytest.fixture(scope="module")
def undisturbed(graded: SmallCourse) -> dict[str, Any]:
    """What such a run leaves."""
    return observed(graded)


@pytest.fixture
def course(template: SmallCourse) -> Iterator[SmallCourse]:
    """A course to disturb a run in; no process is left of it."""
    with adopting():
        yield template.copy_to(template.root.with_name("course"))
        require_no_processes()


# Recording, without a run: what is recorded is made up here.


def result(points: float, files: dict[str, bytes]) -> Result:
    """What a worker sends back."""
    marks = NotebookMarks({"dropout-hidden": points}, {"dropout": f"{points:g} points"}, None)
    return Result(
        "ada",
        Outcome.GRADED,
        handed_in=datetime(2024, 5, 6, 7, 8, 9),
        marks={ASSIGNMENT: marks},
        autograded=files,
        feedback=files,
    )


def as_graded(result: Result) -> GradedSubmission:
    return GradedSubmission(to_bytes(result), result, "state", {})


FIRST = result(2, {"page.html": b"before"})
SECOND = result(6, {"folder/page.html": b"after"})


def record(course: Course, what: Result) -> None:
    """Keep a result and record it."""
    with Recorder(course, ASSIGNMENT) as recorder:
        recorder.record(recorder.keep([as_graded(what)]))


def go_on(course: Course) -> int:
    """Record what is left, as the next run does; return how many results that were."""
    with Recorder(course, ASSIGNMENT) as recorder:
        recorder.tidy_up()
        postponed = recorder.postponed()
        for path in postponed:
            recorder.record(PendingResults.read(path))
        return len(postponed)


def crash_before_step(number: int, work: Callable[[], None]) -> bool:
    """Do the work in a process that ends at once before its step of that number, if it has one.

    A step is whatever opens a file to write, changes a folder, or commits to the gradebook.
    """
    process = os.fork()
    if process:
        _, status = os.waitpid(process, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, CRASHED)
        return code == CRASHED
    try:
        steps = iter(range(number))

        def step() -> None:
            if next(steps, None) is None:
                os._exit(CRASHED)

        def on_event(event: str, arguments: tuple[Any, ...]) -> None:
            if event in CHANGES or (event == "open" and set(str(arguments[1])) & set("wa+")):
                step()

        def commit(session: Session, real: Callable[[Session], None] = Session.commit) -> None:
            step()
            real(session)
            step()

        Session.commit = commit  # type: ignore[method-assign, assignment]
        sys.addaudithook(on_event)
        work()
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.parametrize("earlier", [[], [FIRST]], ids=["first time", "graded again"])
def test_recording_that_is_cut_off_anywhere_is_done_as_a_whole_or_not_at_all(
    template: SmallCourse, earlier: list[Result]
) -> None:
    # In memory, where fsync takes no time; a crash of a process loses nothing that was written.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        record_with_crashes(template.copy_to(Path(folder) / "course"), earlier)


def record_with_crashes(course: SmallCourse, earlier: list[Result]) -> None:
    """Crash before each step of recording in turn, go on, and see what there is then."""
    opened = Course.open(course.root)
    for what in earlier:
        record(opened, what)
    before = observed(course, scores=False)
    before_course = course.copy_to(course.root.with_name("before"))
    record(opened, SECOND)
    after = observed(course, scores=False)
    before_course.copy_to(course.root)

    number = 0
    while crash_before_step(number, lambda: record(opened, SECOND)):
        expected = after if go_on(opened) else None
        found = observed(course, scores=False)
        if expected is None:  # it was not kept yet, or recorded to its end
            expected = after if len(found["journal"]) > len(before["journal"]) else before
        for name, what_there_is in found.items():
            assert what_there_is == expected[name], f"{name}, after a crash before step {number}"
        number += 1
        before_course.copy_to(course.root)
    assert number > 20, "steps were not counted"


def test_result_of_another_assignment_that_was_cut_off_is_recorded_for_that(
    course: SmallCourse,
) -> None:
    opened = Course.open(course.root)
    with opened.gradebook() as gradebook:
        gradebook.add_assignment("other")
    with Recorder(opened, ASSIGNMENT) as recorder:
        recorder.keep([as_graded(SECOND)])
    with Recorder(opened, "other") as recorder:
        (path,) = recorder.postponed()
        (line,) = recorder.record(PendingResults.read(path))
    assert line.assignment == ASSIGNMENT
    with opened.gradebook() as gradebook:
        (submission,) = gradebook.find_assignment(ASSIGNMENT).submissions
        assert submission.score == 6
        assert gradebook.find_assignment("other").submissions == []


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_result_is_kept_while_the_gradebook_is_locked(course: SmallCourse, how: str) -> None:
    opened = Course.open(course.root)
    with Recorder(opened, ASSIGNMENT) as recorder:
        kept = recorder.keep([as_graded(SECOND)])
        with locked(course.root / "gradebook.db", how), pytest.raises(GradebookUnavailableError):
            recorder.record(kept)
    assert course.journal == []
    assert go_on(opened) == 1
    with opened.gradebook() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "ada").score == 6


def test_gradebook_that_stays_locked_is_an_error_of_one_line_and_loses_nothing(
    course: SmallCourse,
) -> None:
    opened = Course.open(course.root)
    with Recorder(opened, ASSIGNMENT) as recorder:
        recorder.keep([as_graded(SECOND)])
    with locked(course.root / "gradebook.db", "IMMEDIATE"):
        said = ended(course.start_command([sys.executable, "-c", IMPATIENT]), code=1)
    assert re.match("referee: error: the gradebook .* cannot be used", said.splitlines()[-1])
    assert go_on(opened) == 1


def test_second_run_in_a_course_is_refused_and_changes_nothing(course: SmallCourse) -> None:
    opened = Course.open(course.root)
    with Recorder(opened, ASSIGNMENT) as recorder:
        kept = recorder.keep([as_graded(SECOND)])
        said = course.grade(code=1)
        assert kept.path.exists()
    assert "another `referee grade` is at work" in said
    assert course.journal == []


# Runs of the command


def test_head_that_is_killed_while_it_records_loses_nothing(
    course: SmallCourse, undisturbed: dict[str, Any]
) -> None:
    run = course.start()
    wait_for(lambda: course.graded() - {"not-json"}, "recorded submission")
    wait_for(lambda: next(course.unrecorded.glob("*.msgpack"), None), "kept result")
    run.kill()
    run.communicate()
    require_no_processes()
    course.grade()
    compare(course, undisturbed)


def test_head_that_is_killed_at_any_time_loses_nothing(
    course: SmallCourse, undisturbed: dict[str, Any]
) -> None:
    instant = random.uniform(0, 8)
    print(f"killed after {instant:.2f} s")
    run = course.start()
    time.sleep(instant)
    run.kill()
    run.communicate()
    require_no_processes()
    course.grade()
    compare(course, undisturbed)


@pytest.mark.parametrize("those", [graders, servers], ids=["grading process", "its parent"])
def test_process_that_is_killed_costs_nobody_anything(
    course: SmallCourse,
    undisturbed: dict[str, Any],
    those: Callable[[int], list[psutil.Process]],
) -> None:
    run = course.start()
    victims = wait_for(lambda: list(filter(grading, those(run.pid))), "grading process")
    victims[0].kill()
    ended(run, code=0)
    compare(course, undisturbed)


def test_ctrl_c_ends_a_run_that_the_next_one_goes_on_with(
    course: SmallCourse, undisturbed: dict[str, Any]
) -> None:
    run = course.start("--workers", "1")
    wait_for(lambda: course.graded() - {"not-json"}, "recorded submission")
    os.killpg(run.pid, signal.SIGINT)
    said = ended(run, code=130)
    assert said.splitlines()[-1].startswith("referee: interrupted")
    assert len(course.graded()) < 4
    assert list(course.unrecorded.iterdir()) == []
    course.grade()
    compare(course, undisturbed)


@pytest.mark.parametrize("loading", ["command", "workers"])
def test_ctrl_c_while_it_starts_makes_no_noise(course: SmallCourse, loading: str) -> None:
    run = course.start()
    wait_for(lambda: servers(run.pid), "server")
    if loading == "workers":
        wait_for(lambda: list(course.temporary.glob("referee-grading-*/lock")), "server's folder")
    os.killpg(run.pid, signal.SIGINT)
    said = ended(run, code=130)
    assert said.splitlines()[-1].startswith("referee: interrupted")
    assert course.graded() == set()


def test_ctrl_c_twice_ends_a_run_at_once(course: SmallCourse) -> None:
    run = course.start()
    wait_for(lambda: any(map(grading, graders(run.pid))), "grading process")
    for _ in range(2):
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.2)
    with ends(waiting=True):
        said = ended(run, code=130)
    assert said.splitlines()[-1].startswith("referee: interrupted")


def test_scratch_of_a_killed_run_is_removed_by_one_that_has_nothing_to_grade(
    graded: SmallCourse,
) -> None:
    run = graded.start("--force")
    wait_for(lambda: any(map(grading, graders(run.pid))), "grading process")
    for server in servers(run.pid):  # or it may have time to tidy up
        server.kill()
    run.kill()
    run.communicate()
    require_no_processes()
    assert list(scratch(graded.temporary)) != []
    graded.grade()
    assert list(scratch(graded.temporary)) == []


def test_executed_notebook_that_is_gone_is_made_again_and_nothing_else(
    graded: SmallCourse, undisturbed: dict[str, Any]
) -> None:
    folder = graded.root / "autograded/s2"
    before = graded.journal
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    graded.grade()
    assert [line["student"] for line in graded.journal[len(before) :]] == ["s2"]
    assert observed(graded)["files"] == undisturbed["files"]
