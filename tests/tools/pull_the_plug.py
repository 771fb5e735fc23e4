"""Pull the plug: interrupt real runs in every way, and see that the next run makes up for it.

`python -m tests.tools.pull_the_plug` takes half an hour. Each interruption is done to a copy of one
small course with real submissions; what is there after the next run must be what an undisturbed
run leaves. The fast and deterministic part is tests/grading/test_interruptions.py.
"""

import argparse
import ctypes
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack
import nbformat
import psutil

from tests.support.course import BIN, SampleCourse, hand_in, make_course, only_what_counts
from tests.support.solutions import ASSIGNMENT, BANK, NOTEBOOK, REPO, read_solution

QUESTIONS = ("dropout", "dropout_der", "batchnorm")
CELLS = {"imports", "load", "relu", "dropout", "dropout-hidden", "dropout_der"}
CELLS |= {"dropout_der-hidden", "dropout_der-hidden-edges", "batchnorm", "batchnorm-hidden"}
BROKEN = "not-json"  # a student whose notebook cannot be read
OTHERS: set[int] = set()  # processes that were there before
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
LONG = 300.0  # seconds that no run of this course takes

CLOCK_THAT_JUMPS = '''
"""The wall clock goes right until it jumps a day ahead, and later to a day behind."""
import os
import time

real, real_ns = time.time, time.time_ns
ahead, behind = map(float, os.environ["JUMPS"].split())


def jump():
    now = time.monotonic()
    return 0 if now < ahead else 86_400 if now < behind else -86_400


time.time = lambda: real() + jump()
time.time_ns = lambda: real_ns() + jump() * 10**9
'''


class ViolationError(AssertionError):
    """Something is not as it is after an undisturbed run."""


def require(condition: object, what: str) -> None:
    """Make sure of something that was promised."""
    if not condition:
        raise ViolationError(what)


@dataclass(frozen=True)
class SmallCourse(SampleCourse):
    """A course whose runs take seconds, and what is known of the processes in it."""

    temporary: Path = Path()  # the TMPDIR of all runs

    def start(self, *arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start `referee grade` in a session of its own, as a terminal would."""
        command = [str(BIN / "referee"), "grade", ASSIGNMENT, "--unchecked", *arguments]
        return self.start_command(command, env)

    def start_command(
        self, command: list[str], env: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a command in the course."""
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=os.environ | {"TMPDIR": str(self.temporary)} | (env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_listen_to_ctrl_c,
        )

    def grade(self, *arguments: str, code: int = 0, env: dict[str, str] | None = None) -> str:
        """Run `referee grade` to its end; return what it said, errors included."""
        return ended(self.start(*arguments, env=env), code)

    @property
    def unrecorded(self) -> Path:
        return self.root / "autograded/.unrecorded"

    def keeps_a_result(self) -> bool:
        """Whether there is a result that is not recorded yet."""
        return any(self.unrecorded.glob("*.msgpack"))

    @property
    def journal(self) -> list[dict[str, Any]]:
        """The journal's lines, less those cut short."""
        path = self.root / "autograded/journal.jsonl"
        lines = []
        for line in path.read_bytes().splitlines() if path.exists() else []:
            with suppress(ValueError):
                lines.append(json.loads(line))
        return lines

    def graded(self) -> set[str]:
        """The students that the journal has."""
        return {line["student"] for line in self.journal}

    def copy_to(self, root: Path) -> "SmallCourse":
        """A copy, in place of what was there."""
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.root, root, symlinks=True)
        return SmallCourse(root, temporary=self.temporary)


def _listen_to_ctrl_c() -> None:
    """What is started in the background would not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def small_course(root: Path, temporary: Path, students: int = 8) -> SmallCourse:
    """A course with three questions, and submissions that have different ones of them right."""
    root.mkdir(parents=True)
    temporary.mkdir(parents=True, exist_ok=True)
    course = SmallCourse(make_course(root).root, temporary=temporary)
    path = root / "source" / NOTEBOOK
    master = only_what_counts(nbformat.read(path, as_version=4))
    master.cells = [cell for cell in master.cells if cell.id in CELLS]
    nbformat.write(master, path)
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)
    right = read_solution(BANK / "right/vectorised.py")
    for number in range(students):
        solved = [name for bit, name in enumerate(QUESTIONS) if number >> bit & 1]
        hand_in(course, f"s{number}", {name: right[name] for name in ("relu", *solved)})
    when = root / "submitted/s1" / ASSIGNMENT / "timestamp.txt"
    when.write_text("2024-05-06 07:08:09.000000 UTC\n")
    broken = root / "submitted" / BROKEN / NOTEBOOK
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    return course


def ended(run: subprocess.Popen[str], code: int, within: float = LONG) -> str:
    """Wait for the end of a run, see that it has ended as it should, and return what it said."""
    try:
        said = "".join(run.communicate(timeout=within))
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        said = "".join(run.communicate())
        raise ViolationError(f"it has not ended in {within:g} s: {said}") from None
    require(run.returncode == code, f"exit code {run.returncode} instead of {code}: {said}")
    require("Traceback" not in said, f"a traceback: {said}")
    return said


def observed(course: SmallCourse, *, scores: bool = True) -> dict[str, Any]:
    """All that a run leaves in a course, less times and random names.

    `scores` are what the command prints, which takes two seconds.
    """
    printed = course.run("referee", "scores", ASSIGNMENT, "--json") if scores else ""
    return ({"marks": json.loads(printed)} if scores else {}) | {
        "rows": _rows(course.root / "gradebook.db"),
        "files": {
            str(path.relative_to(course.root)): _normalised(path)
            for step in ("autograded", "feedback")
            for path in sorted((course.root / step).glob("[!.]*/**/*"))
            if path.is_file()
        },
        "journal": sorted(
            (line["student"], line["status"], line["reason"], line["notes"], line["sandboxed"])
            for line in course.journal
        ),
        "left": sorted(path.name for path in course.unrecorded.glob("*")),
    }


def _rows(gradebook: Path) -> dict[str, list[Any]]:
    submission = (
        "JOIN submitted_notebook n ON n.id = x.notebook_id "
        "JOIN submitted_assignment s ON s.id = n.assignment_id "
        "JOIN base_cell b ON b.id = x.cell_id"
    )
    queries = {
        "students": "SELECT id FROM student",
        "submissions": "SELECT student_id, timestamp FROM submitted_assignment",
        "notebooks": "SELECT s.student_id, n.late_submission_penalty FROM submitted_notebook n "
        "JOIN submitted_assignment s ON s.id = n.assignment_id",
        "grades": "SELECT s.student_id, b.name, x.auto_score, x.manual_score, "
        f"x.needs_manual_grade FROM grade x {submission}",
        "comments": "SELECT s.student_id, b.name, x.auto_comment, x.manual_comment "
        f"FROM comment x {submission}",
        "all grades": "SELECT count(*) FROM grade",  # those of no submission as well
    }
    with sqlite3.connect(gradebook) as database:
        rows = {name: sorted(map(repr, database.execute(sql))) for name, sql in queries.items()}
        (fine,) = database.execute("PRAGMA integrity_check").fetchone()
    database.close()
    require(fine == "ok", f"the gradebook is damaged: {fine}")
    return rows


def _normalised(path: Path) -> str:
    text = path.read_text(errors="replace")
    return re.sub(r"0x[0-9a-f]{8,}|\d\d:\d\d:\d\d(\.\d+)?", "~", text)


def compare(course: SmallCourse, undisturbed: dict[str, Any]) -> None:
    """Make sure that a course is as after an undisturbed run."""
    found = observed(course)
    for name, expected in undisturbed.items():
        require_same(found[name], expected, name)
    left = sorted(str(path.relative_to(course.temporary)) for path in scratch(course.temporary))
    require(not left, f"scratch left behind: {left}")


def require_same(found: Any, expected: Any, name: str) -> None:
    """Make sure that two observations are the same, or say where they differ."""
    if found != expected:
        raise ViolationError(f"{name}: {_difference(expected, found)}")


def _difference(expected: Any, found: Any) -> str:
    if isinstance(expected, dict):
        names = sorted(expected.keys() | found.keys())
        differing = [name for name in names if expected.get(name) != found.get(name)]
        name = differing[0]
        return f"{differing}, e.g. {_difference(expected.get(name), found.get(name))}"
    if isinstance(expected, list) and isinstance(found, list):
        missing = [entry for entry in expected if entry not in found]
        more = [entry for entry in found if entry not in expected]
        return f"missing {missing}, more {more}, {len(found)} instead of {len(expected)}"[:2000]
    return f"{str(found)[:400]!r} instead of {str(expected)[:400]!r}"


def scratch(temporary: Path) -> list[Path]:
    """What is in the folder for temporary files, less what Dask always keeps there."""
    dasks = temporary / "dask-scratch-space"
    always = (dasks, dasks / "global.lock", dasks / "purge.lock")
    return [path for path in temporary.glob("**/*") if path not in always]


@contextmanager
def adopting() -> Iterator[None]:
    """Become the parent of processes whose own parents die, so that none can get lost."""
    OTHERS.update(child.pid for child in psutil.Process().children())  # a zygote of other tests
    libc = ctypes.CDLL(None)
    libc.prctl(SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(SUBREAPER, 0, 0, 0, 0)


def require_no_processes(besides: tuple[int, ...] = (), within: float = 15.0) -> float:
    """Wait until no process of a run is left; return how long that took.

    Only for those that are `adopting`; what belongs to one of the processes `besides` may stay.
    """
    start = time.monotonic()
    while left := _left(besides):
        if time.monotonic() - start > within:
            names = [f"{process.pid} {' '.join(process.cmdline())[:120]}" for process in left]
            for process in left:
                with suppress(psutil.Error):
                    process.kill()
            raise ViolationError(f"processes left behind: {names}")
        time.sleep(0.05)
    return time.monotonic() - start


def _left(besides: tuple[int, ...]) -> list[psutil.Process]:
    left = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            if child.pid in OTHERS.union(besides) or "pull_the_plug" in child.cmdline():
                continue
            if child.status() == psutil.STATUS_ZOMBIE:
                with suppress(ChildProcessError):
                    os.waitpid(child.pid, os.WNOHANG)
            else:
                left += [child, *child.children(recursive=True)]
    return left


def wait_for(condition: Callable[[], Any], what: str, within: float = 60.0) -> Any:
    """Wait until it holds, and return it."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        require(time.monotonic() < deadline, f"in {within:g} s there was no {what}")
        time.sleep(0.002)
    return found


def servers(head: int) -> list[psutil.Process]:
    """The process that has all loaded for a head, if it is there: grading processes' parent."""
    with suppress(psutil.Error):
        return list(filter(_is_server_or_fork, psutil.Process(head).children()))
    return []


def graders(head: int) -> list[psutil.Process]:
    """The processes on this machine that grade for a head, one a submission."""
    with suppress(psutil.Error):
        return [
            fork
            for server in servers(head)
            for fork in filter(_is_server_or_fork, server.children())
        ]
    return []


def _killed_one(processes: list[psutil.Process]) -> psutil.Process | None:
    """Kill the first one that grades and has not ended by itself; return it."""
    for process in filter(grading, processes):
        with suppress(psutil.NoSuchProcess):
            process.kill()
            return process
    return None


def _is_fork_of_server(process: psutil.Process | None) -> bool:
    with suppress(psutil.Error):
        if process is not None and (parent := process.parent()) is not None:
            return _is_server_or_fork(process) and _is_server_or_fork(parent)
    return False


def _is_server_or_fork(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        command, parent = process.cmdline(), process.parent()
        is_forked = parent is not None and parent.cmdline() == command
        return is_forked or "referee.grade.server" in command
    return False


def grading(process: psutil.Process) -> bool:
    """Whether a process has a sandbox: it, or one that it has started, is at a submission."""
    with suppress(psutil.Error):
        below = [process, *process.children(recursive=True)]
        return any(
            "bwrap" in child.name() and _is_fork_of_server(child.parent()) for child in below
        )
    return False


@contextmanager
def locked(gradebook: Path, how: str) -> Iterator[None]:
    """Lock the gradebook, as another program would."""
    database = sqlite3.connect(gradebook, isolation_level=None, timeout=30)
    try:
        database.execute(f"BEGIN {how}")
        yield
        database.execute("ROLLBACK")
    finally:
        database.close()


@dataclass
class Plug:
    """All ways to pull it. Each does its worst to a fresh course and returns what it did."""

    template: SmallCourse
    workplace: Path
    rounds: int
    seed: int
    random: random.Random
    undisturbed: dict[str, Any] = field(default_factory=dict)
    duration: float = 0.0
    table: list[tuple[str, int, int, float, str]] = field(default_factory=list)

    def fresh(self) -> SmallCourse:
        """A course that nothing was graded in."""
        return self.template.copy_to(self.workplace / "course")

    def run_undisturbed(self) -> None:
        """What there should be after any other run."""
        course = self.fresh()
        start = time.monotonic()
        course.grade()
        self.duration = time.monotonic() - start
        self.undisturbed = observed(course)
        compare(course, self.undisturbed)
        require_no_processes()

    def finish(self, course: SmallCourse, *arguments: str) -> None:
        """Run again, and see that all is as it should be."""
        course.grade(*arguments)
        require_no_processes()
        compare(course, self.undisturbed)

    def wait_in(self, course: SmallCourse) -> float:
        """Wait for a random instant of a run that is under way; return when that was."""
        start = time.monotonic()
        instant = start + self.random.uniform(3, self.duration)
        while time.monotonic() < instant and len(course.graded()) < 7:
            time.sleep(0.01)
        return time.monotonic() - start

    # 1. The head

    def head_killed(self) -> str:
        course = self.fresh()
        run = course.start()
        instant = self.random.uniform(0, self.duration)
        with suppress(subprocess.TimeoutExpired):
            run.wait(instant)
        run.kill()
        run.communicate()
        took = require_no_processes()
        done = len(course.graded())
        self.finish(course)
        return f"at {instant:.1f} s, {done} recorded, gone in {took:.1f} s"

    def head_killed_while_it_records(self) -> str:
        number = self.random.randrange(1, 7)
        course, run = next(filter(None, (self._recording(number) for _ in range(5))))
        time.sleep(self.random.uniform(0, 0.08))
        run.kill()
        run.communicate()
        require_no_processes()
        left = sorted(path.suffix or "folder" for path in course.unrecorded.iterdir())
        done = len(course.graded())
        self.finish(course)
        return f"{done} recorded, left {left}"

    def _recording(self, number: int) -> tuple[SmallCourse, subprocess.Popen[str]] | None:
        """A run that has recorded so many, and keeps more; None if we have looked too late."""
        course = self.fresh()
        run = course.start()
        wait_for(lambda: len(course.graded()) >= number, "recorded submission")
        wait_for(lambda: run.poll() is not None or course.keeps_a_result(), "kept result")
        if run.poll() is None:
            return course, run
        ended(run, 0)
        return None

    # 2. What grades on this machine

    def grader_killed(self) -> str:
        return self._killed(graders)

    def server_killed(self) -> str:
        return self._killed(servers)

    def _killed(self, those: Callable[[int], list[psutil.Process]]) -> str:
        course = self.fresh()
        run = course.start()
        wait_for(lambda: any(map(grading, those(run.pid))), "process that grades")
        time.sleep(self.random.uniform(0, 2))
        victim = wait_for(lambda: _killed_one(those(run.pid)), "process that grades")
        ended(run, 0)
        require_no_processes()
        compare(course, self.undisturbed)
        return f"{victim.pid}"

    # 3. A cluster

    def cluster(self) -> str:
        course = _with_digits(self.fresh())
        with Cluster(self.workplace / "cluster") as cluster:
            course.grade("--scheduler", cluster.address)
            compare(course, self.undisturbed)
            cluster.require_tidy()
        return "the same"

    def cluster_worker_killed(self) -> str:
        course = _with_digits(self.fresh())
        with Cluster(self.workplace / "cluster") as cluster:
            run = course.start("--scheduler", cluster.address)
            victim = cluster.workers[0]
            wait_for(lambda: grading(psutil.Process(victim.pid)), "worker that grades")
            kill_tree(victim)
            ended(run, 0)
            compare(course, self.undisturbed)
        return "went on with the other"

    def cluster_scheduler_killed(self) -> str:
        course = _with_digits(self.fresh())
        with Cluster(self.workplace / "cluster") as cluster:
            run = course.start("--scheduler", cluster.address)
            wait_for(lambda: len(course.graded()) >= 3, "recorded submission")
            start = time.monotonic()
            cluster.scheduler.kill()
            said = ended(run, 1, within=90)
            took = time.monotonic() - start
            require("scheduler" in said.splitlines()[-1], said)
        done = len(course.graded())
        require(done >= 3, "what was recorded is gone")
        self.finish(course)
        return f"ended in {took:.1f} s, {done} recorded"

    def cluster_worker_unfit(self) -> str:
        course = _with_digits(self.fresh())
        folder = self.workplace / "old"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text("import referee; referee.__version__ = '0.0.1'")
        with Cluster(self.workplace / "cluster", workers=1) as cluster:
            run = course.start("--scheduler", cluster.address)
            wait_for(lambda: len(course.graded()) >= 1, "recorded submission")
            cluster.add_worker({"PYTHONPATH": f"{folder}:{os.environ.get('PYTHONPATH', '')}"})
            said = ended(run, 0)
            require_same(said.count("cannot grade and is left out"), 1, said)
            compare(course, self.undisturbed)
        return "was left out"

    def cluster_without_workers(self) -> str:
        course = _with_digits(self.fresh())
        with Cluster(self.workplace / "cluster", workers=0) as cluster:
            run = course.start("--scheduler", cluster.address)
            assert run.stdout is not None
            while "Waiting for workers" not in (line := run.stdout.readline()):
                require(line, "it does not say that it waits")
            cluster.add_worker()
            ended(run, 0)
            compare(course, self.undisturbed)
        return "said so, and went on with the first worker"

    # 4. The gradebook is locked

    def gradebook_locked_for_a_while(self) -> str:
        course = self.fresh()
        how = self.random.choice(["EXCLUSIVE", "IMMEDIATE"])
        run = course.start()
        number = self.random.randrange(1, 8)
        wait_for(lambda: len(course.graded()) >= number, "recorded submission")
        seconds = self.random.uniform(2, 12)
        with locked(course.root / "gradebook.db", how):
            time.sleep(seconds)
        ended(run, 0)
        require_no_processes()
        compare(course, self.undisturbed)
        return f"{how} for {seconds:.0f} s after {number}"

    def gradebook_locked_for_long(self) -> str:
        course = self.fresh()
        how = self.random.choice(["EXCLUSIVE", "IMMEDIATE"])
        run = course.start()
        wait_for(lambda: len(course.graded()) >= 2, "recorded submission")
        with locked(course.root / "gradebook.db", how):
            said = ended(run, 1)
            require("gradebook" in said.splitlines()[-1] and "bug" not in said, said)
            files = course.unrecorded.glob("*.msgpack")
            kept = sum(len(msgpack.unpackb(path.read_bytes())) for path in files)
            recorded = len(course.graded())
            require(recorded + kept == 9, f"{recorded} recorded, {kept} kept")
            said = course.grade(code=1)
            require("gradebook" in said.splitlines()[-1] and "bug" not in said, said)
        start = time.monotonic()
        said = course.grade()
        require(not re.search(r"\[\d/9\].*left", said), f"graded again: {said}")
        compare(course, self.undisturbed)
        return f"{how}, {kept} kept, recorded in {time.monotonic() - start:.0f} s"

    # 5. The disk is full

    def disk_full(self) -> str:
        course = self.fresh()
        small = course.copy_to(self.workplace / "small")
        shutil.rmtree(small.root)
        small.root.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(small.root)]
        if subprocess.run(mount, capture_output=True).returncode:
            return "SKIPPED: a tmpfs cannot be mounted here"
        try:
            shutil.copytree(course.root, small.root, dirs_exist_ok=True, symlinks=True)
            room = self.random.randrange(20_000, 300_000)  # of about 700 kB that a run writes
            filler = small.root / "filler"
            free = shutil.disk_usage(small.root).free
            with filler.open("wb") as file:
                file.write(bytes(max(0, free - room)))
            said = small.grade(code=1)
            last = said.splitlines()[-1]
            require("bug" not in last and re.search("full|space", last), said)
            require_no_processes()
            done = len(small.graded())
            filler.unlink()
            self.finish(small)
        finally:
            subprocess.run(["umount", str(small.root)], check=True)
        return f"{room / 1e6:.1f} MB left, {done} recorded"

    # 6. The clock

    def clock_jumps(self) -> str:
        course = self.fresh()
        folder = self.workplace / "clock"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(CLOCK_THAT_JUMPS)
        instants = sorted(self.random.uniform(0, self.duration) for _ in range(2))
        jumps = " ".join(str(time.monotonic() + instant) for instant in instants)
        said = course.grade(env={"PYTHONPATH": str(folder), "JUMPS": jumps})
        require_no_processes()
        compare(course, self.undisturbed)
        require(max(line["seconds"] for line in course.journal) < LONG, "times by the wall clock")
        require(not re.search(r"about \d{4,}", said), f"estimates by the wall clock: {said}")
        return "a day ahead at {:.1f} s, two behind at {:.1f} s".format(*instants)

    # 7. Signals

    def ctrl_c(self) -> str:
        course = self.fresh()
        run = course.start()
        instant = self.wait_in(course)
        start = time.monotonic()
        os.killpg(run.pid, signal.SIGINT)
        said = ended(run, 130)
        took = time.monotonic() - start
        require_no_processes()
        lines = [line for line in said.splitlines() if "interrupted" in line]
        require(len(lines) == 1 and said.splitlines()[-1] == lines[0], said)
        require(not list(course.unrecorded.glob("*.msgpack")), "kept and not recorded")
        done = len(course.graded())
        self.finish(course)
        return f"at {instant:.1f} s, took {took:.1f} s, {done} recorded"

    def ctrl_c_twice(self) -> str:
        course = self.fresh()
        run = course.start()
        instant = self.wait_in(course)
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.3)
        start = time.monotonic()
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGINT)
        ended(run, 130, within=20)
        took = time.monotonic() - start
        require_no_processes(within=5)
        done = len(course.graded())
        self.finish(course)
        return f"at {instant:.1f} s, took {took:.1f} s, {done} recorded"

    def sigterm(self) -> str:
        course = self.fresh()
        run = course.start()
        instant = self.wait_in(course)
        start = time.monotonic()
        run.terminate()
        said = "".join(run.communicate(timeout=20))
        took = time.monotonic() - start
        require(run.returncode in (143, -signal.SIGTERM), f"exit code {run.returncode}: {said}")
        require("Traceback" not in said, said)
        require_no_processes(within=5)
        left = scratch(course.temporary)
        require(not left, f"scratch left behind: {left}")
        done = len(course.graded())
        self.finish(course)
        return f"at {instant:.1f} s, took {took:.1f} s, {done} recorded"

    # 8. Two at once

    def two_at_once(self) -> str:
        course = self.fresh()
        first = course.start()
        wait_for(lambda: (course.root / "autograded/.lock").exists(), "lock")
        time.sleep(self.random.uniform(0, self.duration / 2))
        said = ended(course.start(), 1)
        require("another `referee grade`" in said, said)
        ended(first, 0)
        require_no_processes()
        compare(course, self.undisturbed)
        return "the second was refused"

    # 9. What others do between two runs

    def others_between_runs(self) -> str:
        course = self.fresh()
        course.grade()
        for what, expected in BETWEEN_RUNS.items():
            before = {line["id"] for line in course.journal}
            expected.do(course)
            course.grade()
            after = course.journal
            again = {line["student"] for line in after if line["id"] not in before}
            require(again == expected.graded_again, f"{what}: {sorted(again)} were graded again")
            require(not list(course.unrecorded.glob("*")), f"{what}: something is left")
            found = observed(course)
            for name in ("marks", "rows", "files"):
                difference = found[name] != self.undisturbed[name]
                require(difference == expected.changes, f"{what}: {name}")
            if expected.undo:
                expected.undo(course)
                course.grade()
                found = observed(course)
                for name in ("marks", "rows", "files"):
                    require_same(found[name], self.undisturbed[name], f"{what}, undone: {name}")
        return ", ".join(BETWEEN_RUNS)


EVERYBODY = {*(f"s{number}" for number in range(8)), BROKEN}


@dataclass(frozen=True)
class Between:
    """What somebody does between two runs, and what the next run should make of it."""

    do: Callable[[SmallCourse], object]
    graded_again: set[str]
    changes: bool = False
    undo: Callable[[SmallCourse], object] | None = None


def _cut_journal(course: SmallCourse) -> None:
    path = course.root / "autograded/journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    last = next(line for line in lines if b'"s3"' in line)
    path.write_bytes(b"".join(line for line in lines if line is not last) + last[:-40])


def _change(course: SmallCourse, old: str, new: str) -> None:
    path = course.root / "submitted/s7" / NOTEBOOK
    path.write_text(path.read_text().replace(old, new))


def _away(course: SmallCourse, back: bool = False) -> None:
    here, away = course.root / "submitted/s6" / NOTEBOOK, course.root / "away"
    (away.rename(here) if back else here.rename(away))


BETWEEN_RUNS = {
    "nothing": Between(lambda course: None, set()),
    "last line of the journal cut short": Between(_cut_journal, {"s3"}),
    "journal deleted": Between(
        lambda course: (course.root / "autograded/journal.jsonl").unlink(), EVERYBODY
    ),
    "gradebook deleted": Between(lambda course: (course.root / "gradebook.db").unlink(), EVERYBODY),
    "autograded/s5 deleted": Between(
        lambda course: shutil.rmtree(course.root / "autograded/s5"), {"s5"}
    ),
    "feedback/ deleted": Between(lambda course: shutil.rmtree(course.root / "feedback"), set()),
    "notebook changed": Between(
        lambda course: _change(course, "def dropout(", "def dropin("),
        {"s7"},
        changes=True,
        undo=lambda course: _change(course, "def dropin(", "def dropout("),
    ),
    "notebook removed": Between(
        _away, {"s6"}, changes=True, undo=lambda course: _away(course, back=True)
    ),
}


def _with_digits(course: SmallCourse) -> SmallCourse:
    """Give it the files that workers elsewhere need; here the decoded digits do."""
    (course.root / "data").symlink_to(REPO / "data")
    return course


class Cluster:
    """A Dask scheduler and workers, as on other machines: folders and environments of their own."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        options = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
        self.scheduler = self._start("scheduler", "scheduler", *options)
        self.workers: list[subprocess.Popen[bytes]] = []
        for _ in range(workers):
            self.add_worker()

    def add_worker(self, env: dict[str, str] | None = None) -> None:
        """Start one more."""
        name = f"worker-{len(self.workers)}"
        options = [self.address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        self.workers.append(self._start(name, "worker", *options, more=env))

    def _start(
        self, name: str, *command: str, more: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        home = self.folder / name
        for folder in ("work", "home", "tmp"):
            (home / folder).mkdir(parents=True)
        env = {name: value for name, value in os.environ.items() if name != "DIGITS_DATA"}
        env |= {"HOME": str(home / "home"), "TMPDIR": str(home / "tmp")} | (more or {})
        with (home / "log").open("wb") as log:
            return subprocess.Popen(
                [str(BIN / "dask"), *command],
                cwd=home / "work",
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def require_tidy(self) -> None:
        """Make sure that nothing of the course has stayed at the workers."""
        names = [str(path) for path in self.folder.rglob("*")]
        left = [name for name in names if re.search(r"referee-|ipynb|gradebook", name)]
        require(not left, f"left at the workers: {left}")

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            kill_tree(process)
        require_no_processes()


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it has started."""
    with suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
    process.kill()
    process.wait()


def scenarios(rounds: int) -> dict[str, int]:
    """How often each is done."""
    return {
        "head_killed": rounds,
        "head_killed_while_it_records": max(1, rounds // 3),
        "grader_killed": max(1, rounds // 10),
        "server_killed": max(1, rounds // 10),
        "cluster": 1,
        "cluster_worker_killed": 1,
        "cluster_scheduler_killed": 1,
        "cluster_without_workers": 1,
        "cluster_worker_unfit": 1,
        "gradebook_locked_for_a_while": max(1, rounds // 10),
        "gradebook_locked_for_long": 1,
        "disk_full": max(1, rounds // 10),
        "clock_jumps": max(1, rounds // 10),
        "ctrl_c": max(1, rounds // 10),
        "ctrl_c_twice": max(1, rounds // 10),
        "sigterm": max(1, rounds // 10),
        "two_at_once": 1,
        "others_between_runs": 1,
    }


def main() -> int:
    """Pull the plug; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="of killing the head")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", metavar="NAME", help=f"one of {', '.join(scenarios(1))}")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="plug-") as folder, adopting():
        workplace = Path(folder)
        template = small_course(workplace / "template", workplace / "t")
        plug = Plug(template, workplace, options.rounds, options.seed, random.Random(options.seed))
        plug.run_undisturbed()
        print(f"an undisturbed run takes {plug.duration:.1f} s", flush=True)
        for name, times in scenarios(options.rounds).items():
            if options.only in (None, name):
                _repeat(plug, name, times)
    print(f"\n{'interruption':34}{'rounds':>7}{'wrong':>7}{'seconds':>9}")
    for name, times, wrong, seconds, _ in plug.table:
        print(f"{name.replace('_', ' '):34}{times:7}{wrong:7}{seconds:9.0f}")
    return 1 if any(wrong for _, _, wrong, _, _ in plug.table) else 0


def _repeat(plug: Plug, name: str, times: int) -> None:
    start, wrong, said = time.monotonic(), 0, ""
    for number in range(1, times + 1):
        plug.random.seed(f"{plug.seed} {name} {number}")
        try:
            said = getattr(plug, name)()
        except (AssertionError, subprocess.SubprocessError, OSError) as error:
            wrong += 1
            said = f"VIOLATION {type(error).__name__}: {error}"
            with suppress(ViolationError):
                require_no_processes(within=0)
            for path in plug.template.temporary.iterdir():
                shutil.rmtree(path, ignore_errors=True)
        print(f"{name} {number}/{times}: {said}", flush=True)
    plug.table.append((name, times, wrong, time.monotonic() - start, said))


if __name__ == "__main__":
    sys.exit(main())
