"""A submission is graded in a process of its own; what ends that costs this submission only.

Each test does something real to a real grading process: the judge is kept busy where no signal of
Python reaches it, memory is taken, processes are killed.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from referee.feedback.pages import page_look
from referee.grade import server_process
from referee.grade.api import settings_of
from referee.grade.graders import Graders
from referee.grade.server import GRADES, LOCK, main, remove_folder
from referee.model.limits import Limits
from referee.model.outcomes import Outcome
from referee.model.work import PageWork, Result, ShownMarks, SubmittedFile, Work, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_assignment
from referee.nbgrader.package import pack
from referee.sandbox.landlock import landlock_version
from tests.support.toy import CONFIG, NAME, RIGHT, ToyCourse, make_toy, question

pytestmark = pytest.mark.xdist_group("graders")

LIMITS = """
c.Limits.test_cpu = 1
c.Limits.grading_memory = 1 * 2**30
"""
# What a test computes from what a student returned, in C: Python's time limit cannot stop it.
# No signal of Python's ends the sum of what is no list.
SUM = "assert sum(range(double(1))) == 1, 'double: as a number of steps'"
# The cell takes a while: a process is killed while it runs, not later.
SLOW = "import time\ntime.sleep(3)\ndef halve(x):\n    return x / 2"
ALL = {"double-visible": 1, "double-hidden": 4, "halve-visible": 1, "halve-hidden": 4}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    master = [*question("double", SUM), *question("halve", "assert halve(5.0) == 2.5")]
    return make_toy(tmp_path_factory.mktemp("graders"), CONFIG + LIMITS, master)


@pytest.fixture(scope="module")
def graders(course: ToyCourse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graders]:
    with graders_of(course, tmp_path_factory.mktemp("scratch")) as graders:
        yield graders


@contextmanager
def graders_of(
    course: ToyCourse, folder: Path, *, grades: bool = True, **limits: float
) -> Iterator[Graders]:
    """Graders of the course, which are loaded, with these limits besides its own."""
    opened = Course.open(course.root)
    package = to_bytes(pack(opened, read_assignment(opened, NAME), page_look(opened)))
    known = Limits(parent=opened.app, **limits)
    with Graders(package, folder, known, settings_of(opened, grades=grades)) as graders:
        graders.wait()
        yield graders


def work(course: ToyCourse, answers: dict[str, str], own: dict[str, str] | None = None) -> bytes:
    content = course.submit("ada", RIGHT | answers, own).read_bytes()
    return to_bytes(Work("ada", {NAME: SubmittedFile(f"{NAME}.ipynb", content)}, {}))


def points(result: Result) -> dict[str, float | None]:
    return result.marks[NAME].points


def test_right_submission_has_all_points_and_a_page(course: ToyCourse, graders: Graders) -> None:
    cells: list[str] = []
    result = graders.grade(work(course, {}), cells.append)
    assert points(result) == ALL
    assert result.outcome == Outcome.GRADED
    assert b"halve" in result.feedback[f"{NAME}.html"]
    assert {"reading the notebook", "double-hidden", "writing feedback pages"} <= set(cells)


def test_test_that_nothing_inside_can_stop_costs_that_test(
    course: ToyCourse, graders: Graders
) -> None:
    result = graders.grade(work(course, {"double": "def double(x):\n    return 10**11"}))
    assert points(result) == ALL | {"double-hidden": 0}
    assert result.outcome == Outcome.OUT_OF_TIME
    assert result.reason == "double-hidden was stopped: judging a test cell took too much CPU time"
    assert b"this cell was stopped" in result.feedback[f"{NAME}.html"]


def test_cell_at_which_the_process_dies_is_not_run_again(
    course: ToyCourse, graders: Graders
) -> None:
    killed: list[str] = []

    def kill_at_halve(cell: str) -> None:
        if cell == "halve" and len(killed) < 2:
            killed.append(cell)
            _grading_process().kill()

    result = graders.grade(work(course, {"halve": SLOW}), kill_at_halve)
    assert len(killed) == 2
    assert points(result) == ALL | {"halve-visible": 0, "halve-hidden": 0}
    assert result.outcome == Outcome.LOST_CELLS
    assert "halve was stopped: the grading process failed" in result.reason


def test_process_that_somebody_kills_once_costs_nothing(
    course: ToyCourse, graders: Graders
) -> None:
    left = ["halve"]

    def kill_once(cell: str) -> None:
        if cell in left:
            left.remove(cell)
            _grading_process().kill()

    result = graders.grade(work(course, {"halve": SLOW}), kill_once)
    assert left == []
    assert points(result) == ALL
    assert result.outcome == Outcome.GRADED


def test_what_was_found_before_the_last_deadline_counts(course: ToyCourse, tmp_path: Path) -> None:
    stopped: list[psutil.Process] = []

    def stop_in_own_cell(cell: str) -> None:
        if cell.startswith("own cell"):
            stopped.append(_grading_process())
            stopped[0].send_signal(signal.SIGSTOP)

    sleeps = {"double-hidden": "import time; time.sleep(3)"}
    with graders_of(course, tmp_path, submission_wall=8.0) as graders:
        result = graders.grade(work(course, {}, sleeps), stop_in_own_cell)
    assert not stopped[0].is_running()
    assert points(result) == ALL | {"halve-visible": 0, "halve-hidden": 0}
    assert result.outcome == Outcome.OUT_OF_TIME
    assert result.reason == "grading took more than 8 seconds"
    assert set(result.autograded) == {f"{NAME}.ipynb"}
    page = result.feedback[f"{NAME}.html"].decode()
    assert "cannot be shown" in page
    assert "7 **" not in page, "nor does it show a hidden test"


def test_page_whose_process_dies_costs_no_marks(course: ToyCourse, graders: Graders) -> None:
    def kill_at_pages(cell: str) -> None:
        if cell == "writing feedback pages":
            _grading_process().kill()

    slow = {"double-hidden": "pass\n" + " \n" * 12_000}  # to colour: the page takes a while
    result = graders.grade(work(course, {}, slow), kill_at_pages)
    assert points(result) == ALL
    assert result.outcome == Outcome.GRADED
    assert "cannot be shown" in result.feedback[f"{NAME}.html"].decode()


def test_no_process_and_no_file_is_left(course: ToyCourse, graders: Graders) -> None:
    graders.grade(work(course, {"double": "def double(x):\n    return 10**11"}))
    (server,) = _servers()
    assert [child for child in server.children() if child.name() != "bwrap"] == []
    (folder,) = _folders(server)
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["course", "lock", "package", "settings"]


def test_nothing_is_left_elsewhere_where_the_folder_has_a_long_path(
    course: ToyCourse, tmp_path: Path
) -> None:
    seen: set[Path] = set()

    def kill_once(cell: str) -> None:
        if cell == "halve" and not seen:
            fork = _grading_process()
            seen.update(Path("/tmp").glob(f"referee-*/{fork.pid}"))
            fork.kill()

    long = tmp_path / ("long" * 20)
    long.mkdir()
    with graders_of(course, long) as graders:
        graders.grade(work(course, {"halve": SLOW}), kill_once)
        assert seen, "sockets need a short path"
        assert not any(folder.exists() for folder in seen)
    assert not any(folder.parent.exists() for folder in seen)


def test_server_that_was_started_ahead_grades(course: ToyCourse, tmp_path: Path) -> None:
    ahead = _forked_ahead()
    with graders_of(course, tmp_path) as graders:
        assert points(graders.grade(work(course, {}))) == ALL
        assert tmp_path in [folder.parent for folder in _folders(ahead)]
    assert not ahead.is_running()


def test_server_that_was_started_ahead_with_another_environment_is_replaced(
    course: ToyCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, ahead = _servers(), _forked_ahead()
    monkeypatch.setenv("OMP_NUM_THREADS", "2")  # as a course's configuration may do
    with graders_of(course, tmp_path):
        assert not ahead.is_running()
        (server,) = [server for server in _servers() if server not in before]
        assert server.environ()["OMP_NUM_THREADS"] == "2"


def test_server_imports_nothing_from_the_folder_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be that of a submission, with a module that is called as one of Python's."""
    (tmp_path / "select.py").write_text("open('imported', 'w')\nfrom _select import *")
    (tmp_path / "msgspec.py").write_text("open('imported', 'w')")
    monkeypatch.chdir(tmp_path)
    server = server_process.take()
    server.control.close()  # there is no work for it
    server.process.wait(60)
    assert not (tmp_path / "imported").exists()
    server.end()


def test_server_that_was_started_ahead_of_nothing_ends_with_its_parent() -> None:
    start = "from referee import __main__ as command; command.load(['grade'])"
    seen = "import psutil; print(*[child.pid for child in psutil.Process().children()])"
    ran = subprocess.run(
        [sys.executable, "-c", f"{start}; {seen}"], capture_output=True, text=True, check=True
    )
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(ran.stdout)).wait(30)


def test_server_that_is_forked_has_nothing_of_what_is_open_or_is_started_there(
    tmp_path: Path,
) -> None:
    """Nor does it import what lies in the folder where the command is started."""
    handed_down = os.memfd_create("of the shell", 0)
    (tmp_path / "fractions.py").write_text("open('imported', 'w')")
    program = (
        "import os, sys; from referee.grade import server_process\n"
        "def serve():\n"
        "    sys.modules.pop('fractions', None); import fractions\n"
        "    says = [os.getsid(0) == os.getpid(), *map(os.readlink, ['/proc/self/fd/1']),\n"
        f"            os.path.exists('/proc/self/fd/{handed_down}')]\n"
        "    open('says', 'w').write(repr(says))\n"
        "server_process.fork_ahead(serve)\n"
        "sys.exit(server_process._ahead.process.wait(60))"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=tmp_path, pass_fds=[handed_down], capture_output=True)
    os.close(handed_down)
    assert ran.returncode == 0
    assert (tmp_path / "says").read_text() == "[True, '/dev/null', False]"
    assert not (tmp_path / "imported").exists()


def test_server_that_is_killed_is_replaced(course: ToyCourse, graders: Graders) -> None:
    (server,) = _servers()
    server.kill()
    server.wait()
    assert points(graders.grade(work(course, {}))) == ALL


def test_server_that_is_killed_again_and_again_is_no_fault_of_the_submission(
    course: ToyCourse, graders: Graders
) -> None:
    killed: list[str] = []

    def kill_server(cell: str) -> None:
        if cell == "double" and len(killed) < 4:
            killed.append(cell)
            _servers()[0].kill()

    assert points(graders.grade(work(course, {}), kill_server)) == ALL
    assert len(killed) >= 2


def test_submission_that_others_end_again_and_again_has_no_marks(
    course: ToyCourse, graders: Graders
) -> None:
    def kill(cell: str) -> None:
        if cell == "reading the notebook":
            _grading_process().kill()

    long = json.loads(course.submit("ada", RIGHT).read_bytes())
    long["cells"] += [{"cell_type": "markdown", "metadata": {}, "source": "a"}] * 20_000
    content = json.dumps(long).encode()  # to read: the process is killed meanwhile, not later
    notebooks = {NAME: SubmittedFile(f"{NAME}.ipynb", content)}
    result = graders.grade(to_bytes(Work("ada", notebooks, {})), kill)
    assert result.outcome == Outcome.GRADER_FAULT
    assert result.marks == {}


def test_page_is_written_without_a_kernel(course: ToyCourse, graders: Graders) -> None:
    result = graders.grade(work(course, {}))
    marks = ShownMarks({"double-hidden": 3.0}, {"double": "nearly"})
    executed = {NAME: result.autograded[f"{NAME}.ipynb"]}
    pages = graders.write_pages(to_bytes(PageWork("ada", executed, {NAME: marks})))
    assert b"nearly" in pages.feedback[f"{NAME}.html"]


def test_server_for_pages_alone_has_no_libraries_of_kernels_loaded(
    course: ToyCourse, graders: Graders, tmp_path: Path
) -> None:
    result, before = graders.grade(work(course, {})), _servers()
    executed = {NAME: result.autograded[f"{NAME}.ipynb"]}
    with graders_of(course, tmp_path, grades=False) as others:
        (server,) = [server for server in _servers() if server not in before]
        pages = others.write_pages(to_bytes(PageWork("ada", executed, {NAME: ShownMarks({}, {})})))
        below = [child.cmdline() for child in server.children(recursive=True)]
    assert pages.feedback
    assert not [line for line in below if "referee.inside.zygote" in line]


REACH = """
import pathlib, socket
course = pathlib.Path({root!r})
def reached(what):
    try:
        what()
    except PermissionError:
        return False
    return True
assert not reached(lambda: (course / "gradebook.db").read_bytes()), "the gradebook"
assert not reached(lambda: list((course / "submitted").iterdir())), "submissions"
assert not reached(lambda: (course / "new.txt").write_text("x")), "a file of the course"
assert not reached(lambda: socket.create_connection(("127.0.0.1", {port}), 5)), "the network"
assert (course / "answers.txt").read_text() == "42", "what tests need"
assert pathlib.Path("/proc/self/status").exists() and pathlib.Path("/dev/null").open("w")
"""


@pytest.mark.skipif(not landlock_version(), reason="this system has no Landlock")
def test_grading_process_reaches_no_gradebook_no_submission_and_no_network(tmp_path: Path) -> None:
    """A hidden test is code in that process: this one tries."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reach = REACH.format(root=str(tmp_path), port=listener.getsockname()[1])
        course = make_toy(tmp_path, master=question("double", reach))
        (tmp_path / "answers.txt").write_text("42")
        course.submit("ada", RIGHT)
        course.grade()
    executed = course.executed("ada")["double-hidden"]
    assert executed.outputs == []
    assert course.scores()["ada"]["score"] == 5


def _servers() -> list[psutil.Process]:
    """The servers of this process, forked or started."""
    found, ours = [], psutil.Process().cmdline()
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # children of other tests may have ended
            if "referee.grade.server" in child.cmdline() or child.cmdline() == ours:
                found.append(child)
    return found


def _forked_ahead() -> psutil.Process:
    before = _servers()
    server_process.fork_ahead(partial(main, ahead=GRADES))
    (ahead,) = [server for server in _servers() if server not in before]
    return ahead


def _folders(server: psutil.Process) -> list[Path]:
    """Those of the locks that it holds: its own, and another's that was open when it was forked."""
    opened = [Path(opened.path) for opened in server.open_files()]
    return [path.parent for path in opened if path.name == "lock"]


def _grading_process() -> psutil.Process:
    """The one that is at work; all others of these tests have ended."""
    (fork,) = [
        child for server in _servers() for child in server.children() if "bwrap" not in child.name()
    ]
    return fork


def test_folder_in_which_somebody_still_writes_is_removed(tmp_path: Path) -> None:
    """A fork of a server that was killed, say, which ends a moment later."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / LOCK).touch()

    def write() -> None:
        for number in range(300):
            with suppress(OSError):
                (folder / f"{number}").mkdir()
            time.sleep(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    remove_folder(folder, tries=60)
    writer.join()
    assert not folder.exists()


def test_folder_that_cannot_be_removed_yet_keeps_its_lock(tmp_path: Path) -> None:
    """Without it, no later run would know the folder for one of a server's."""
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    (folder / "busy").mkdir(parents=True)
    elsewhere.mkdir()
    (folder / LOCK).touch()
    if subprocess.run(["mount", "--bind", elsewhere, folder / "busy"], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        remove_folder(folder)
        assert (folder / LOCK).exists()
    finally:
        subprocess.run(["umount", folder / "busy"], check=True)
    remove_folder(folder)
    assert not folder.exists()
