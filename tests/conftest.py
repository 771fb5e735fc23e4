"""What all tests share: where the digits are, and one BLAS thread a kernel as in a grading run."""

import os

from tests.support.solutions import REPO

os.environ.setdefault("DIGITS_DATA", str(REPO / "data/mnist"))
os.environ["NBGRADER_EXECUTION"] = "test"  # keeps progress bars silent
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"
