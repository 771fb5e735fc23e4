"""The first code cell of the notebook, where there is nothing but the notebook."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest

from tests.support.solutions import RELEASE

FILES = sorted(path.name for path in RELEASE.parent.glob("*.py"))


@pytest.fixture
def source() -> str:
    """The cell as students get it; it comes before all other code."""
    notebook = nbformat.read(RELEASE, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.id == "setup"
    return first.source


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder on the web, and its address."""
    folder = tmp_path_factory.mktemp("served")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/course"
    server.shutdown()
    server.server_close()


def run(source: str, folder: Path, url: str = "") -> str:
    """Run the cell in a folder; return the sentence that it ends with, if any.

    -S: without the packages of this environment, for it has digits.py.
    """
    source = source.replace('COURSE_URL = ""', f'COURSE_URL = "{url}"')
    wrapped = (
        f"try:\n    exec({source!r}, globals())\n"
        "except Exception as error:\n    print(*error._render_traceback_())"
    )
    command = [sys.executable, "-S", "-c", wrapped]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert not result.stderr
    return result.stdout.strip()


def test_missing_files_are_named_in_one_sentence(source: str, tmp_path: Path) -> None:
    said = run(source, tmp_path)
    assert said.startswith(f"{' and '.join(FILES)} must be in {tmp_path}, the folder of this")
    assert "\n" not in said
    assert not list(tmp_path.iterdir())


def test_missing_files_come_from_the_courses_address(
    source: str, tmp_path: Path, served: tuple[Path, str]
) -> None:
    folder, url = served
    (folder / "course").symlink_to(RELEASE.parent)
    assert run(source, tmp_path, url) == ""
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (RELEASE.parent / name).read_bytes()
    assert run(source, tmp_path) == "", "nothing is missing any more"


def test_another_file_than_the_notebook_knows_is_not_kept(
    source: str, tmp_path: Path, served: tuple[Path, str]
) -> None:
    folder, url = served
    (folder / "course").mkdir()
    (folder / "course/digits.py").write_text("get_mnist = print")
    said = run(source, tmp_path, url)
    assert f"{url}/digits.py gave another file, which was not kept" in said
    assert not list(tmp_path.iterdir())


def test_address_that_does_not_answer_is_named(
    source: str, tmp_path: Path, served: tuple[Path, str]
) -> None:
    _, url = served
    said = run(source, tmp_path, url)
    assert f"{url}/digits.py did not give it (HTTP Error 404" in said
    assert "\n" not in said


def test_one_thread_is_set_before_numpy_is_loaded(source: str, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text("")
    told = "import os, sys\nprint('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    command = ["env", "-u", "OPENBLAS_NUM_THREADS", sys.executable, "-c", f"{source}\n{told}"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.stdout == "False 1\n", result.stderr
