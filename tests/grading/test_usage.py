"""What processes use is counted, also of those that have ended and that nobody waited for."""

import math
import subprocess
import sys
import time
from subprocess import PIPE
from unittest.mock import patch

import psutil
import pytest

from referee.sandbox.control_group import ControlGroup
from referee.sandbox.usage import Usage, processes_of
from referee.sandbox.watch import Watch

SPIN = "import time\nwhile time.process_time() < {}: pass\n"
# Children whose ends nobody asks about: their CPU time is added to nobody's.
UNWAITED = """
import os, signal, time
input()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(4):
    if os.fork() == 0:
        while time.process_time() < 0.5: pass
        os._exit(0)
time.sleep(1000)
"""
WAITED = f"""
import subprocess, sys, time
input()
subprocess.run([sys.executable, "-c", {SPIN.format(1.5)!r}])
time.sleep(1000)
"""


def used(program: str, enough: float, group: bool = False) -> float:
    """CPU seconds that a program has used once it has used enough, or after a while."""
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, text=True)
    control = ControlGroup.create(process.pid) if group else None
    if group and control is None:
        process.kill()
        process.wait()
        pytest.skip("no control group can be made here")
    usage = Usage(process.pid, control.usage() if control else None)
    assert process.stdin is not None
    try:
        process.stdin.write("\n")  # now it begins, with all that it starts in the group
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while usage.cpu_seconds < enough and time.monotonic() < deadline:
            time.sleep(0.1)
            usage.look(math.inf)
        time.sleep(1)
        usage.look(math.inf)
        return usage.cpu_seconds
    finally:
        process.kill()
        process.wait()
        if control:
            control.remove()
            assert not control.folder.exists()


@pytest.mark.parametrize("group", [False, True], ids=["looks", "control group"])
def test_children_that_nobody_waits_for_are_counted(group: bool) -> None:
    assert used(UNWAITED, 1.2, group) == pytest.approx(2.0, abs=0.8)


@pytest.mark.parametrize("group", [False, True], ids=["looks", "control group"])
def test_children_that_were_waited_for_are_counted_once(group: bool) -> None:
    assert used(WAITED, 1.2, group) == pytest.approx(1.6, abs=0.4)


def test_control_group_knows_processes_that_have_lost_their_parents() -> None:
    program = "import os; input(); (os.fork() or os.fork()) and os._exit(0); print(os.getpid())"
    process = subprocess.Popen(
        [sys.executable, "-c", program + "; input()"], stdin=PIPE, stdout=PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    if (control := ControlGroup.create(process.pid)) is None:
        process.communicate("")
        pytest.skip("no control group can be made here")
    usage = control.usage()
    try:
        process.stdin.write("\n")
        process.stdin.flush()
        orphan = int(process.stdout.readline())
        process.wait()
        assert processes_of(process.pid, usage) == [orphan]
        assert orphan not in processes_of(process.pid, None)
    finally:
        usage.close()
        control.remove()
    assert not control.folder.exists()


def blocked_after(program: str, seconds: float, waited_for: float = math.inf) -> float:
    process = subprocess.Popen([sys.executable, "-c", program])
    usage = Usage(process.pid)
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(0.1)
            usage.look(waited_for)
        assert usage.blocked is not None
        return usage.blocked
    finally:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()


def test_process_that_sleeps_is_blocked() -> None:
    assert blocked_after("import time; time.sleep(1000)", 2.5) > 1.5


def test_process_that_computes_is_not() -> None:
    assert blocked_after("while True: pass", 1.5) < 0.5


def test_process_that_others_keep_from_computing_is_not() -> None:
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(6)]
    try:
        assert blocked_after("while True: pass", 1.5) < 0.5
    finally:
        for other in others:
            other.kill()
            other.wait()


def test_process_is_blocked_only_while_it_is_waited_for() -> None:
    assert blocked_after("import time; time.sleep(1000)", 4, waited_for=0.01) < 0.6


def test_blocked_time_that_does_not_count_is_forgotten() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    usage = Usage(process.pid)
    try:
        for _ in range(10):
            time.sleep(0.1)
            usage.look(0)
        assert usage.blocked == 0
    finally:
        process.kill()
        process.wait()


SHORT_CHILDREN = """
import subprocess
while True:
    subprocess.run(["/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"])
"""
SHORT_THREADS = """
import threading, time
def work():
    end = time.thread_time() + 0.03
    while time.thread_time() < end: pass
while True:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""
WAITS_FOR_NO_DISK = """
import os, time
os.mkfifo(path := f"/tmp/fifo-{os.getpid()}")
if os.fork() == 0:
    opened = [(os.POSIX_SPAWN_OPEN, 0, path, os.O_RDONLY, 0)]
    os.posix_spawn("/bin/true", ["true"], {}, file_actions=opened)
time.sleep(1000)
"""


@pytest.mark.parametrize("program", [SHORT_CHILDREN, SHORT_THREADS], ids=["children", "threads"])
def test_work_of_what_ends_at_once_is_work(program: str) -> None:
    assert blocked_after(program, 2) < 1


def test_waiting_for_a_child_that_is_not_there_yet_is_no_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("referee.sandbox.usage.DISK_PATIENCE", 1.0)
    assert blocked_after(WAITS_FOR_NO_DISK, 5) > 2


def test_processes_are_seen_while_a_test_replaces_open() -> None:
    assert Watch.__module__ in sys.modules  # which has psutil open files by itself
    with patch("builtins.open", lambda *_: 4):
        assert psutil.Process().is_running() and psutil.Process().memory_info().rss
