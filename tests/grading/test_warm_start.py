"""Kernels that are forked from one process: as fresh and as locked up as if each were started."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from traitlets.config import Config

from referee.errors import RefereeError
from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from referee.sandbox.environment import kernel_environment
from referee.sandbox.provisioner import SandboxProvisioner
from referee.sandbox.warm import Zygote
from tests.support.solutions import REPO

PATIENCE = 10.0  # seconds for processes to end
NAMESPACES = ("mnt", "pid", "net", "ipc", "uts")


@contextmanager
def kernel(folder: Path, **options: Any) -> Iterator[StudentKernel]:
    """A kernel in a sandbox, with options of the provisioner."""
    config = Config(SandboxProvisioner=options)
    limits = Limits(config=Config(Limits={"restarts": 0}))
    with StudentKernel(folder, limits, config) as student:
        yield student


@pytest.fixture
def student(tmp_path: Path) -> Iterator[StudentKernel]:
    with kernel(tmp_path) as started:
        yield started


def said(student: StudentKernel, code: str) -> str:
    """What the code prints in the kernel, and its error if it has one."""
    outputs = student.run(code)
    return "".join(output.get("text") or output.get("evalue", "") for output in outputs)


def answer(student: StudentKernel, expression: str, imports: str = "os") -> Any:
    """The value of an expression in the kernel."""
    text = said(student, f"import json, {imports}\nprint(json.dumps({expression}))")
    try:
        return json.loads(text)
    except ValueError:
        raise AssertionError(text) from None


def zygote() -> Zygote:
    assert Zygote._latest is not None
    return Zygote._latest


def kernel_of(student: StudentKernel) -> psutil.Process:
    return student._provisioner.watch.kernel


def processes_of(provisioner: SandboxProvisioner) -> list[psutil.Process]:
    return [psutil.Process(pid) for pid, _ in provisioner.watch.processes()]


def wait_for_end(processes: list[psutil.Process]) -> None:
    _, left = psutil.wait_procs(processes, timeout=PATIENCE)
    assert left == []


# Kernels of one process know nothing of one another.


@pytest.mark.parametrize(
    "draw",
    [
        "np.random.rand()",
        "np.random.default_rng().random()",
        "random.random()",
        "str(uuid.uuid4())",
        "list(multiprocessing.current_process().authkey)",
        "tempfile.mktemp()",
    ],
)
def test_kernels_draw_different_numbers_by_chance(tmp_path: Path, draw: str) -> None:
    imports = "random, uuid, tempfile, multiprocessing, numpy as np"
    drawn = []
    for _ in range(2):
        with kernel(tmp_path) as student:
            drawn.append(str(answer(student, draw, imports)))
    assert drawn[0] != drawn[1]


def test_nothing_that_a_kernel_leaves_is_in_the_next(tmp_path: Path) -> None:
    leave = (
        "left = 1; import os, numpy; numpy.left = 1; os.environ['LEFT'] = '1'\n"
        "for place in ('left', '/tmp/left', '/tmp/student/left'): open(place, 'w').close()\n"
    )
    look = (
        "['left' in globals(), hasattr(numpy, 'left'), 'LEFT' in os.environ]"
        "+ [os.path.exists(place) for place in ('left', '/tmp/left', '/tmp/student/left')]"
    )
    with kernel(tmp_path) as student:
        assert said(student, leave) == ""
        assert answer(student, look, "os, numpy") == [True] * 6
        with kernel(tmp_path) as other:
            assert answer(other, look, "os, numpy") == [False] * 6


def test_kernels_can_be_started_at_the_same_time(tmp_path: Path) -> None:
    both_started = threading.Barrier(2)

    def number_of(_: int) -> int:
        with kernel(tmp_path) as student:
            both_started.wait(60)
            return int(answer(student, "6 * 7"))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(number_of, range(2))) == [42, 42]


def test_kernels_share_no_memory_that_can_be_written(student: StudentKernel) -> None:
    maps = answer(student, "open('/proc/self/maps').read().splitlines()")
    assert [line for line in maps if re.match("rw.s", line.split()[1])] == []


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        (
            "from threading import *; Thread(target=Event().wait, daemon=True).start()",
            "started 1 threads",
        ),
        ("import mmap; kept = mmap.mmap(-1, 4096)", "shares memory with forks"),
    ],
)
def test_zygote_with_what_forks_would_share_ends_and_says_so(module: str, problem: str) -> None:
    code = f"{module}\nimport socket; from referee.inside import zygote\n"
    code += "zygote.serve(socket.socket(fileno=FD))"
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with ours, theirs:
        socket.send_fds(ours, [b"F"], [theirs.fileno()])
        command = [sys.executable, "-c", code.replace("FD", str(theirs.fileno()))]
        result = subprocess.run(
            command,
            pass_fds=[theirs.fileno()],
            input="\n",
            capture_output=True,
            text=True,
            cwd=REPO,
        )
    assert result.returncode == 1
    assert "a preloaded module" in result.stderr
    assert problem in result.stderr


# The sandbox holds as if the kernel had been started in it.


def test_kernel_sees_the_processes_of_its_sandbox_only(student: StudentKernel) -> None:
    commands = answer(
        student, "[open(f'/proc/{p}/comm').read() for p in os.listdir('/proc') if p.isdigit()]"
    )
    assert sorted(commands) == ["bwrap\n", "python\n", "sh\n"]


def test_kernel_has_no_powers(student: StudentKernel) -> None:
    lines = answer(student, "open('/proc/self/status').read().splitlines()")
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert 0 not in map(int, status["Uid"].split() + status["Gid"].split())
    if os.geteuid() == 0:
        assert status["Groups"].split() == []


def test_kernel_is_in_the_namespaces_of_its_sandbox(tmp_path: Path) -> None:
    with kernel(tmp_path) as student, kernel(tmp_path) as other:
        own, others, zygotes, first = (
            {name: os.readlink(f"/proc/{pid}/ns/{name}") for name in (*NAMESPACES, "user")}
            for pid in (
                kernel_of(student).pid,
                kernel_of(other).pid,
                zygote().pid,
                student._provisioner.watch.root.pid,
            )
        )
    assert own == first
    for name in NAMESPACES:
        assert own[name] not in (others[name], zygotes[name]), name
    assert os.geteuid() == 0 or own["user"] not in (others["user"], zygotes["user"])


def test_kernel_has_the_root_and_folder_of_its_sandbox(student: StudentKernel) -> None:
    assert answer(student, "os.getcwd()").startswith("/tmp/student/")
    assert set(answer(student, "os.listdir('/')")) <= {
        *("bin", "dev", "etc", "files", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp"),
        *("usr", "var"),
        *(Path(folder).parts[1] for folder in (sys.prefix, sys.base_prefix, str(REPO))),
    }


def test_no_file_descriptor_leads_out_of_the_sandbox(student: StudentKernel) -> None:
    folder = f"/proc/{kernel_of(student).pid}/fd"
    opened = {os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)}
    kinds = re.compile(r"/dev/null|(socket|pipe):\[\d+\]|anon_inode:\[(eventfd|eventpoll)\]")
    assert [path for path in opened if not kinds.fullmatch(path)] == []


def test_environment_is_the_sandboxs(tmp_path: Path) -> None:
    with kernel(tmp_path, environment={"MORE": "1"}) as student:
        initial = Path(f"/proc/{kernel_of(student).pid}/environ").read_text().split("\0")
        told = kernel_environment({"MORE": "1"}) | {"PWD": "/"}
        assert dict(entry.split("=", 1) for entry in initial if entry) == told
        assert answer(student, "dict(os.environ)").items() >= told.items()


def test_memory_holds_nothing_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFEREE_CANARY", "CANARY-environment")
    Zygote.of({}, ["numpy"])  # another one, so that the next is started with that environment
    with kernel(tmp_path) as student:
        content = memory_of(kernel_of(student).pid)
    assert b"matplotlib" in content
    for word in ("CANARY-environment", "nbgrader_config.py", "gradebook.db"):
        assert word.encode() not in content, word


def memory_of(pid: int) -> bytes:
    parts = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(number, 16) for number in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                memory.seek(start)
                parts.append(memory.read(end - start))
    return b"".join(parts)


def test_nothing_outside_can_be_signalled_or_traced(student: StudentKernel) -> None:
    assert answer(student, "os.getppid()") == 1
    outside = f"os.kill({zygote().pid}, 0)"
    assert "No such process" in said(student, f"import os; {outside}")
    said(student, "import os; os.kill(1, 9)")
    trace = "ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0)"
    assert answer(student, trace, "ctypes, os") == -1


def test_pythons_own_program_cannot_be_changed(student: StudentKernel) -> None:
    code = "import os; os.chmod('/proc/self/exe', 0o777)"
    assert re.search("Read-only|not permitted", said(student, code))


def test_kernel_finds_what_a_started_one_finds(student: StudentKernel) -> None:
    assert answer(student, "sys.executable", "sys") == sys.executable
    assert answer(student, "'' in sys.path and '/' in sys.path", "sys")
    assert answer(student, "__name__") == "__main__"
    assert answer(student, "oct(os.umask(0o022))") == "0o22"


# It does what a started kernel does.


@pytest.mark.parametrize("magic", ["", "%matplotlib inline\n"])
def test_figures_are_shown_inline(student: StudentKernel, magic: str) -> None:
    outputs = student.run(f"{magic}import matplotlib.pyplot as plt\nplt.plot([1, 2])")
    assert ["image/png" in output.get("data", {}) for output in outputs] == [False, True]
    (shown,) = student.run("plt.figure(); plt.plot([1]); plt.show()")
    assert "image/png" in shown.data


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_works(student: StudentKernel, method: str) -> None:
    code = (
        "import multiprocessing, operator, os\n"
        f"with multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        "    print(pool.starmap(operator.mul, [(6, 7), (2, 3)]))"
    )
    assert said(student, code) == "[42, 6]\n"


def test_commands_work(student: StudentKernel) -> None:
    assert said(student, "!echo hello") == "hello\n"
    code = (
        "import subprocess, sys; print(subprocess.check_output([sys.executable, '-c', 'print(6)']))"
    )
    assert said(student, code) == "b'6\\n'\n"


def test_coroutines_and_threads_work(student: StudentKernel) -> None:
    code = (
        "import asyncio, concurrent.futures\nawait asyncio.sleep(0.01)\n"
        "with concurrent.futures.ThreadPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, 2])))"
    )
    assert said(student, code) == "[1, 2]\n"


def test_numpy_computes_with_as_many_threads_as_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os, numpy as np; a = np.ones((999, 999))"
    code += "; before = len(os.listdir('/proc/self/task'))"
    for threads in (None, 1, 3):
        monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
        if threads is not None:
            monkeypatch.setenv("OPENBLAS_NUM_THREADS", str(threads))
        with kernel(tmp_path) as student:
            assert said(student, code) == ""
            started = "len((a @ a, os.listdir('/proc/self/task'))[1]) - before"
            cores = len(os.sched_getaffinity(0))
            assert answer(student, started) == min(threads or 1, cores) - 1


def test_module_that_is_not_there_is_not_preloaded(tmp_path: Path) -> None:
    with kernel(tmp_path, preload=["no_such_module", "colorsys"]) as student:
        assert answer(student, "'colorsys' in sys.modules", "sys") is True


# Whatever ends, nothing is left.


def test_sandbox_ends_with_its_kernel(student: StudentKernel) -> None:
    provisioner = student._provisioner
    assert provisioner.process is not None
    said(student, "import subprocess; subprocess.Popen(['sleep', '99'], start_new_session=True)")
    processes = [psutil.Process(provisioner.process.pid), *processes_of(provisioner)]
    assert len(processes) == 5
    said(student, "import os; os._exit(0)")
    wait_for_end(processes)


def test_sandbox_ends_with_its_kernel_when_nobody_asks(student: StudentKernel) -> None:
    processes = processes_of(student._provisioner)
    kernel_of(student).kill()
    wait_for_end(processes)


def test_all_end_with_the_grading_process(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tests.grading.test_warm_start import *\n"
        f"with kernel(Path({str(tmp_path)!r})) as student:\n"
        "    print(zygote().pid, kernel_of(student).pid, flush=True); time.sleep(99)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=REPO, stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        told = grader.stdout.readline().split()
        processes = [psutil.Process(int(pid)) for pid in told]
        processes += psutil.Process(grader.pid).children(recursive=True)
        assert len(set(processes)) >= 5
        grader.kill()
        wait_for_end(processes)


def test_zygote_that_was_ended_is_replaced(student: StudentKernel, tmp_path: Path) -> None:
    first = zygote()
    os.kill(first.pid, signal.SIGKILL)
    with kernel(tmp_path) as other:
        assert answer(other, "6 * 7") == 42
        assert zygote() is not first
    assert answer(student, "6 * 7") == 42  # its kernels live on


def test_zygote_that_ends_when_it_is_asked_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with kernel(tmp_path):
        first = zygote()
    looks_alive = iter([True])
    monkeypatch.setattr(first, "has_ended", lambda: not next(looks_alive, False))
    os.kill(first.pid, signal.SIGKILL)
    with kernel(tmp_path) as student:
        assert answer(student, "6 * 7") == 42
        assert zygote() is not first


def test_zygote_that_cannot_start_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    monkeypatch.setattr("referee.sandbox.warm.sys.executable", "/bin/false")
    with (
        pytest.raises(RefereeError, match="no kernel can be forked"),
        kernel(tmp_path, environment={"ANOTHER": "1"}),
    ):
        pass
    time.sleep(0.1)
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert left == []
