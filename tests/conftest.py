"""What all tests share: where the digits are, one BLAS thread a kernel, and the toy course."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from referee.judge.guards import Guard
from tests.support.course import BIN
from tests.support.solutions import REPO
from tests.support.toy import ToyCourse, copy_of, make_toy

os.environ.setdefault("DIGITS_DATA", str(REPO / "data/mnist"))
os.environ.setdefault("HOME", str(Path.home()))  # some machines' CI has none; tests change it
os.environ["NBGRADER_EXECUTION"] = "test"  # keeps progress bars silent
os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ["PATH"]])  # nbgrader starts Alembic
LEFT_OUT = str(REPO / "tests/support/left_out")  # a second less for each program of nbgrader's
os.environ["PYTHONPATH"] = os.pathsep.join([LEFT_OUT, os.environ.get("PYTHONPATH", "")]).strip(":")
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

# Groups of tests that take minutes begin first, so that all workers end at about the same time.
LONG_GROUPS = (
    "attacks", "trainings", "right solutions", "cohort", "interruptions", "judge", "hostile batch",
    "blocked", "guides", "graders", "batch", "system calls", "odd inputs", "faults",
)  # fmt: skip
FOLDERS = {"grading": pytest.mark.grades, "assignment": pytest.mark.grades}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the folder or module that they lie in, and have the long groups begin first."""
    for item in items:
        for folder, mark in FOLDERS.items():
            if folder in item.path.parts:
                item.add_marker(mark)
        if item.path.stem.endswith("_in_browser"):
            item.add_marker(pytest.mark.browser)
    items.sort(key=_how_late)


def _how_late(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    if group is not None and group.args[0] in LONG_GROUPS:
        return LONG_GROUPS.index(group.args[0])
    return len(LONG_GROUPS) + (item.get_closest_marker("grades") is None)


@pytest.fixture(autouse=True)
def _no_test_cell_goes_on() -> Iterator[None]:
    """Have nothing that follows here be taken for the doing of a test cell that was judged here."""
    yield
    Guard.latest = None


@pytest.fixture(scope="session")
def released_toy(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """The toy course with its release made; tests leave it as it is, and work on copies."""
    return make_toy(tmp_path_factory.mktemp("released"))


@pytest.fixture
def toy(released_toy: ToyCourse, tmp_path: Path) -> ToyCourse:
    """A toy course of the test's own, that nobody has handed in to."""
    return copy_of(released_toy, tmp_path / "toy")
