"""What all tests share: where the digits are, and one BLAS thread a kernel as in a grading run."""

import os

import pytest

from tests.support.solutions import REPO

os.environ.setdefault("DIGITS_DATA", str(REPO / "data/mnist"))
os.environ["NBGRADER_EXECUTION"] = "test"  # keeps progress bars silent
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

FOLDERS = {"grading": pytest.mark.grades, "assignment": pytest.mark.grades}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the folder that they lie in."""
    for item in items:
        for folder, mark in FOLDERS.items():
            if folder in item.path.parts:
                item.add_marker(mark)
