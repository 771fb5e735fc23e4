"""A confined process reads all but what is hidden, and writes where it may: real ones try."""

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from referee.sandbox.landlock import Confinement, all_but, landlock_version

pytestmark = pytest.mark.skipif(not landlock_version(), reason="this system has no Landlock")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("course/gradebook.db", "course/submitted/ada/a.ipynb", "course/source/m.ipynb",
                 "work/one/file", "work/two/file", "other/file"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("secret")
    return tmp_path


def confined(readable: list[Path], writable: list[Path], attempt: Callable[[], None]) -> str:
    """What an attempt fails with in a confined process, "" if it does not fail."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            Confinement(readable).enter(writable)
            attempt()
        except OSError as error:
            os.write(write, type(error).__name__.encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as said:
        return said.read()


def reads(path: Path) -> Callable[[], None]:
    return lambda: print(path.read_text() if path.is_file() else os.listdir(path))


@pytest.mark.parametrize("name", ["course/gradebook.db", "course/submitted/ada/a.ipynb", "work"])
def test_what_is_hidden_cannot_be_read(tree: Path, name: str) -> None:
    hidden = [tree / "course/gradebook.db", tree / "course/submitted", tree / "work"]
    denied = "PermissionError"
    assert confined(all_but(hidden), [], reads(tree / name)) == denied


@pytest.mark.parametrize("name", ["course/source/m.ipynb", "other/file", "other"])
def test_all_else_can_be_read(tree: Path, name: str) -> None:
    hidden = [tree / "course/gradebook.db", tree / "course/submitted", tree / "work"]
    assert confined(all_but(hidden), [], reads(tree / name)) == ""


def test_folder_may_have_more_files_than_a_process_may_have_open(tree: Path) -> None:
    for number in range(200):
        (tree / f"other-{number:03}").write_text("")

    def reads_the_last() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
        Confinement(all_but([tree / "work"])).enter([])
        (tree / "other-199").read_text()

    assert confined([Path("/")], [], reads_the_last) == ""


def test_part_of_what_is_hidden_can_be_shown_again(tree: Path) -> None:
    readable = [*all_but([tree / "work", tree / "work/one"]), tree / "work/one"]
    assert confined(readable, [], reads(tree / "work/one/file")) == ""
    assert confined(readable, [], reads(tree / "work/two/file")) == "PermissionError"


def test_nothing_can_be_written_but_what_is_said(tree: Path) -> None:
    everything = all_but([])
    other, work = tree / "other", tree / "work"
    assert confined(everything, [work], lambda: write(work / "new")) == ""
    assert confined(everything, [work], lambda: write(other / "new")) == "PermissionError"
    assert confined(everything, [work], lambda: write(other / "file")) == "PermissionError"


def write(path: Path) -> None:
    path.write_text("new")


def test_no_network_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        said = confined(all_but([]), [], lambda: socket.create_connection(address, 5).close())
        assert said == "PermissionError"


def test_what_a_confined_process_starts_is_confined_too(tree: Path) -> None:
    program = f"open({json.dumps(str(tree / 'work/one/file'))})"

    def start() -> None:
        subprocess.run([sys.executable, "-c", program], check=True, stderr=subprocess.DEVNULL)

    failed = False
    if (child := os.fork()) == 0:
        try:
            Confinement(all_but([tree / "work"])).enter([Path("/dev/null")])
            start()
        except subprocess.CalledProcessError:
            failed = True
        finally:
            os._exit(7 if failed else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
