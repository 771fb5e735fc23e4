"""Where what is recorded lies until it is finished."""

import subprocess
import sys
from pathlib import Path

import pytest

IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
REPLACE_PAGES = """
import subprocess, sys
from pathlib import Path
from referee.model.work import Pages
from referee.nbgrader.course import Course
from referee.record.recorder import Recorder

root = Path(sys.argv[1])
subprocess.run(["mount", *sys.argv[2:], root / "feedback"], check=True)
recorder = Recorder(Course.open(root), "a")
recorder.pending.mkdir(parents=True)
recorder.replace_pages(Pages("ann", {"p.html": b"page"}))
assert (root / "feedback/ann/a/p.html").read_bytes() == b"page"
recorder.tidy_up()
assert [path.name for path in (root / "feedback").iterdir()] == ["ann"]
"""


@pytest.mark.parametrize("kind", ["another file system", "another mount"])
def test_pages_may_lie_elsewhere(tmp_path: Path, kind: str) -> None:
    if subprocess.run([*IN_A_NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "feedback").mkdir()
    (tmp_path / "elsewhere").mkdir()
    mount = {
        "another file system": ["-t", "tmpfs", "none"],
        "another mount": ["--bind", str(tmp_path / "elsewhere")],
    }
    command = [*IN_A_NAMESPACE, sys.executable, "-c", REPLACE_PAGES, str(tmp_path), *mount[kind]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
