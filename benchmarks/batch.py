"""Batches: against stock nbgrader, against what the cores can do, and on many simulated workers.

`python -m benchmarks.batch [SECTION ...] [--seed S]`; without sections, all of them. Run it on a
machine that has nothing else to do: figures are of one run, side by side.
"""

import argparse
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import dask
import nbformat
import psutil
from dask.system import CPU_COUNT
from distributed import Client, LocalCluster
from nbgrader.api import Gradebook

from benchmarks.cpu import Cost, run
from referee.batch.batch import Batch, Options
from referee.batch.cluster.connect import CONFIG
from referee.batch.cluster.workers import Workers
from referee.batch.interrupts import Interrupts
from referee.batch.jobs import Answer, Job, JobKind
from referee.batch.local import LocalWorkers
from referee.batch.view import WorkersView
from referee.collect.submissions import collect
from referee.grade.graders import Graders
from referee.model.events import ignore
from referee.model.work import Result, Work, from_bytes, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.scoring import score
from referee.record.journal import JournalLine, latest_lines
from referee.record.recorder import Recorder
from tests.support.generate import generate
from tests.support.solutions import ASSIGNMENT, REPO

BIN = Path(sys.executable).parent
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "optimization"\n'
SIMULATED = 10_000  # submissions, at most
ENOUGH = 40  # submissions for each simulated worker
TEMPLATE = "student-?????"  # a name as long as those of simulated students


def main() -> None:
    """Print the figures of the sections that are asked for."""
    sections: dict[str, Callable[[int], None]] = {
        "right": against_stock_on_right_submissions,
        "mix": against_stock_on_a_mix,
        "limit": against_the_limit,
        "start": start_up,
        "fixed": fixed_cost,
        "scaling": scaling,
        "simulation": simulation,
        "head": head_of_one_machine,
        "unchanged": nothing_new_to_grade,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(sections))
    parser.add_argument("--seed", type=int, default=4)
    args = parser.parse_args()
    os.environ.setdefault("DIGITS_DATA", str(REPO / "data/mnist"))
    print(f"{CPU_COUNT} cores, Python {platform.python_version()}, seed {args.seed}")
    print(f"{CPU_COUNT} busy loops at once run at {_speed_at_once():.2f} of the speed of one alone")
    for name in args.sections or sections:
        print(f"\n== {sections[name].__doc__}", flush=True)
        sections[name](args.seed)


def against_stock_on_right_submissions(seed: int) -> None:
    """8 right submissions with trainings: Referee and stock nbgrader, out of the box."""
    _against_stock(8, seed, "right")


def against_stock_on_a_mix(seed: int) -> None:
    """12 submissions as courses get them, a loop, a crash and a memory hog among them."""
    _against_stock(12, seed, "realistic")


def _against_stock(students: int, seed: int, mix: str) -> None:
    with course() as ours, course(STOCK) as theirs:
        for root in (ours, theirs):
            cohort = generate(root / "submitted", students, seed, mix)
            run([str(BIN / "nbgrader"), "generate_assignment", ASSIGNMENT], root, env=_env())
        referee = run([str(BIN / "referee"), "grade", ASSIGNMENT, "--unchecked"], ours, env=_env())
        stock = run([str(BIN / "nbgrader"), "autograde", ASSIGNMENT], theirs, env=_env())
        print(f"{'student':24} {'Referee':>8} {'stock':>8}  what it is")
        marks, stock_marks = _marks(ours), _marks(theirs)
        for handed in cohort:
            pair = [_shown(found.get(handed.student)) for found in (marks, stock_marks)]
            print(
                f"{handed.student:24} {pair[0]:>8} {pair[1]:>8}  {handed.kind}: {handed.solution}"
            )
        print(f"Referee {referee.wall:.1f} s, stock {stock.wall:.1f} s: ", end="")
        print(f"{stock.wall / referee.wall:.2f} times faster")
        _print_efficiency(ours, referee)


def against_the_limit(seed: int) -> None:
    """12 right submissions with trainings: student code's CPU seconds over cores and time."""
    with course() as root:
        generate(root / "submitted", 12, seed, "right")
        _print_efficiency(root, _grade(root))


# Run in place of `referee`: prints when a student's first cell begins.
FIRST_CELL = """
import sys, time
from referee.__main__ import load
sys.argv[1:] = ["grade", sys.argv[1], "--unchecked"]
run = load(sys.argv[1:])
from referee.batch.local import Graders
grade, seen = Graders.grade, []
def grade_and_print(self, content, on_cell):
    def cell(name):
        if name.startswith("own cell") and not seen:
            seen.append(name)
            print("FIRST", time.time(), flush=True)
        on_cell(name)
    return grade(self, content, cell)
Graders.grade = grade_and_print
run()
"""


def start_up(seed: int) -> None:
    """From the start of `referee grade` to the first cell of the first student, seconds."""
    with course() as root:
        generate(root / "submitted", 1, seed, "right", training=False)
        run([str(BIN / "nbgrader"), "generate_assignment", ASSIGNMENT], root, env=_env())
        times = []
        for _ in range(7):
            shutil.rmtree(root / "autograded", ignore_errors=True)
            command, begun = [sys.executable, "-c", FIRST_CELL, ASSIGNMENT], time.time()
            ran = subprocess.run(command, cwd=root, env=_env(), capture_output=True, text=True)
            (line,) = [line for line in ran.stdout.splitlines() if line.startswith("FIRST ")]
            times.append(float(line.split()[1]) - begun)
        print(f"median {statistics.median(times):.2f} s of {[round(t, 2) for t in times]}")


def fixed_cost(seed: int) -> None:
    """CPU seconds of a submission without trainings, everything counted."""
    with course() as root:
        generate(root / "submitted", 4, seed, "right", training=False)
        few = _grade(root)
        shutil.rmtree(root / "submitted")
        generate(root / "submitted", 24, seed + 1, "right", training=False)
        many = _grade(root)
        if few.cpu is None or many.cpu is None:
            print("not measured: control groups cannot be made here (be root)")
            return
        each = (many.cpu - few.cpu) / 20
        cells = _student_seconds(root) / 24
        print(f"{each:.2f} CPU s each, from the difference of 4 and 24 submissions; of these,")
        print(f"{cells:.2f} s are the notebook's own cells and the functions that tests call")


def scaling(seed: int) -> None:
    """The same 24 submissions without trainings, with one worker and with two."""
    times = {}
    for workers in (1, 2):
        with course() as root:
            generate(root / "submitted", 24, seed, "right", training=False)
            times[workers] = _grade(root, "--workers", str(workers)).wall
            print(f"{workers} workers: {times[workers]:.1f} s")
    print(f"ratio {times[1] / times[2]:.2f}")


def nothing_new_to_grade(seed: int) -> None:
    """300 graded submissions, run again."""
    with course() as root:
        _simulate(root, 300, 64, local=True)
        times = [_grade(root).wall for _ in range(5)]
        print(f"median {statistics.median(times):.2f} s of {[round(t, 2) for t in times]}")


def simulation(seed: int) -> None:
    """Simulated workers that only sleep, a second on average: what the head costs."""
    print("submissions  workers  each second  of ideal  head busy  its CPU, ms  MB at 1,000, end")
    for workers in (1, 4, 16, 64, 256):
        with course() as root:
            meter = _simulate(root, min(SIMULATED, ENOUGH * workers), workers)
        count, wall, cpu = len(meter.students), meter.wall, meter.cpu
        ideal = sum(map(_seconds, meter.students)) / workers
        print(
            f"{count:11} {workers:8} {count / wall:12.1f} {ideal / wall:9.0%} {cpu / wall:10.0%}"
            f" {1000 * cpu / count:12.1f} {meter.early:13.0f} {meter.megabytes():6.0f}",
            flush=True,
        )


def head_of_one_machine(seed: int) -> None:
    """10,000 submissions on this machine, whose graders only sleep: what the head costs."""
    with course() as root:
        meter = _simulate(root, SIMULATED, 64, local=True)
    count = len(meter.students)
    each, megabytes = 1000 * meter.cpu / count, meter.megabytes()
    print(f"{count} in {meter.wall:.0f} s, {each:.1f} CPU ms each; {megabytes:.0f} MB in the end")


class SleepingGraders(Graders):
    """Sleeps, and answers with a result that was computed once."""

    def __init__(self, answer: Path) -> None:
        self.answer = answer

    def grade(self, content: bytes, on_cell: Callable[[str], None] = ignore) -> Result:
        """Answer, after a while."""
        student = from_bytes(Work, content).student
        answer = _sleep_and_answer(self.answer, Job(JobKind.GRADE, student, content))
        return from_bytes(Result, answer.result)

    def close(self) -> None:
        """There is nothing to end."""


class SimulatedBatch(Batch):
    """A batch whose workers sleep, and answer with a result that was computed once."""

    def __init__(self, *args: Any, workers: int, answer: Path, local: bool) -> None:
        super().__init__(*args)
        self.simulated = workers
        self.answer = answer
        self.local = local
        self.function = partial(_sleep_and_answer, answer)

    @contextmanager
    def _new_workers(self, jobs: int, grades: bool) -> Iterator[Workers | LocalWorkers]:
        if self.local:
            with LocalWorkers(SleepingGraders(self.answer), self.simulated) as workers:
                yield workers
            return
        processes = min(4, self.simulated)
        threads = self.simulated // processes
        with dask.config.set(CONFIG):
            cluster = LocalCluster(
                n_workers=processes,
                threads_per_worker=threads,
                memory_limit=None,
                dashboard_address=None,
            )
            with cluster, Client(cluster, direct_to_workers=True) as client:
                yield Workers(client, self.function)


class Meter:
    """What the head uses, from when it has workers to the last submission that it records."""

    def __init__(self) -> None:
        self.process = psutil.Process()
        self.wall = self.cpu = self.early = 0.0
        self.students: list[str] = []

    def watch(self, workers: WorkersView) -> None:
        """Begin to count."""
        self.start = time.monotonic(), self._cpu()

    def recorded(self, line: JournalLine, *, now: bool) -> None:
        """Count a submission."""
        self.students.append(line.student)
        self.wall, self.cpu = time.monotonic() - self.start[0], self._cpu() - self.start[1]
        if len(self.students) == 1000:
            self.early = self.megabytes()

    def megabytes(self) -> float:
        """Of memory that the head has."""
        return self.process.memory_info().rss / 2**20

    def _cpu(self) -> float:
        return sum(self.process.cpu_times()[:2])

    def say(self, text: str) -> None:
        """Nothing is said."""


def _simulate(root: Path, submissions: int, workers: int, local: bool = False) -> Meter:
    """Grade copies of one submission, whose result is computed once."""
    generate(root / "submitted", 1, 1, "right", training=False)
    _grade(root)
    opened = Course.open(root)
    (first,) = collect(opened, ASSIGNMENT)
    answer = root / "answer"
    answer.write_bytes(to_bytes(replace(_result_of(opened, first.student), student=TEMPLATE)))
    for number in range(submissions):
        shutil.copytree(first.folder.parent, root / "submitted" / f"student-{number:05}")
    shutil.rmtree(first.folder.parent)
    meter, options = Meter(), Options(unchecked=True)
    with (
        Recorder(opened, ASSIGNMENT) as recorder,
        Interrupts(meter) as interrupts,
        ExitStack() as resources,
    ):
        SimulatedBatch(
            opened, recorder, collect(opened, ASSIGNMENT), options, meter, interrupts, resources,
            workers=workers, answer=answer, local=local,
        ).grade()  # fmt: skip
    return meter


def _result_of(opened: Course, student: str) -> Result:
    """The result of a submission that is recorded, as a worker has sent it."""
    line = latest_lines(opened, ASSIGNMENT)[student]
    folders = [
        opened.path(step, student, ASSIGNMENT)
        for step in (opened.directory.autograded_directory, opened.directory.feedback_directory)
    ]
    autograded, feedback = (
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders
    )
    executed = nbformat.reads(autograded[f"{ASSIGNMENT}.ipynb"].decode(), as_version=4)
    return Result(
        student,
        line.outcome,
        cells=line.cells,
        marks={ASSIGNMENT: score(executed)},
        autograded=autograded,
        feedback=feedback,
    )


def _seconds(student: str) -> float:
    """How long a simulated submission takes: about a second."""
    return random.Random(student).uniform(0.5, 1.5)


def _sleep_and_answer(answer: Path, job: Job) -> Answer:
    """What a worker does here: next to nothing, for all of them share this machine's cores."""
    time.sleep(_seconds(job.student))
    content = _content(answer).replace(TEMPLATE.encode(), job.student.encode(), 1)
    return Answer("simulated", content)


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


@contextmanager
def course(config: str = "") -> Iterator[Path]:
    """A course without submissions, with our configuration or another."""
    with tempfile.TemporaryDirectory(prefix="referee-bench-") as folder:
        root = Path(folder)
        shutil.copytree(REPO / "source", root / "source")
        shutil.copy(REPO / "digits.py", root)
        shutil.copy(REPO / "nbgrader_config.py", root)
        if config:
            (root / "nbgrader_config.py").write_text(config)
        # That of the course before; modules of a course count for whether it has changed.
        sys.modules.pop("digits", None)
        yield root


def _grade(root: Path, *options: str) -> Cost:
    cost = run(
        [str(BIN / "referee"), "grade", ASSIGNMENT, "--unchecked", *options], root, env=_env()
    )
    if cost.code:
        raise SystemExit(cost.output)
    return cost


def _env() -> dict[str, str]:
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    return os.environ | {"PATH": path}


def _speed_at_once() -> float:
    """How fast each core is while all are busy: the most that working in parallel can give."""
    program = (
        "import time; t, n = time.monotonic(), 0\nwhile time.monotonic() - t < 3: n += 1\nprint(n)"
    )

    def loops(count: int) -> float:
        running = [
            subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        return statistics.mean(int(process.communicate()[0]) for process in running)

    return statistics.median(loops(CPU_COUNT) / loops(1) for _ in range(3))


def _student_seconds(root: Path) -> float:
    """CPU seconds of sandboxes, of all submissions."""
    lines = latest_lines(Course.open(root), ASSIGNMENT).values()
    return sum(cell.cpu for line in lines for cell in line.cells)


def _print_efficiency(root: Path, cost: Cost) -> None:
    seconds = _student_seconds(root)
    share = seconds / CPU_COUNT / cost.wall
    print(f"student code {seconds:.1f} CPU s / {CPU_COUNT} cores / {cost.wall:.1f} s = {share:.2f}")
    if cost.cpu is not None:
        busy = cost.cpu / CPU_COUNT / cost.wall
        print(f"everything {cost.cpu:.1f} CPU s: the cores are busy for {busy:.2f} of the time")


def _marks(root: Path) -> dict[str, float]:
    """The points that the gradebook has, by student, of what was graded."""
    graded = [path.parent.name for path in (root / "autograded").glob(f"*/{ASSIGNMENT}")]
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "optimization") as gradebook:
        return {student: gradebook.find_submission(ASSIGNMENT, student).score for student in graded}


def _shown(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"


if __name__ == "__main__":
    main()
