"""The course as nbgrader and Referee see it. `nbgrader generate_config` lists every option."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from digits import cache_folder, get_mnist
from referee import configure

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - given by nbgrader

configure(c)  # nbgrader's own commands and formgrader use Referee too

c.CourseDirectory.course_id = "optimization"

# What one submission may use: memory and files in bytes, times in seconds. A training takes 5 to
# 30 s of CPU time; the rest is room for slow machines. See referee/model/limits.py for all limits.
c.Limits.memory = 4 * 2**30
c.Limits.processes = 64
c.Limits.files = 256 * 2**20
c.Limits.cell_cpu, c.Limits.cell_wall = 30, 120
c.Limits.long_cells = ["training_1", "training_2"]
c.Limits.long_cell_cpu, c.Limits.long_cell_wall = 300, 600
c.Limits.call_cpu, c.Limits.call_wall, c.Limits.test_wall = 20, 60, 400
c.Limits.notebook_cpu, c.Limits.notebook_wall = 1800, 3600
c.Limits.output = 2**20

# Every sandbox shows the decoded digits, read-only; or the files, where they cannot be stored.
if not cache_folder().is_dir():
    get_mnist()
files = Path(os.environ.get("DIGITS_DATA") or Path(__file__).parent / "data/mnist").absolute()
shown = cache_folder() if cache_folder().is_dir() else files
c.SandboxProvisioner.read_only = [str(shown)]
c.SandboxProvisioner.environment = {
    "DIGITS_CACHE": str(cache_folder().parent),
    "DIGITS_DATA": str(files),
}

c.Doctor.checks = ["digits_check:check_digits"]

# What workers on other machines need of this folder, beside this file and the assignment.
c.Workers.files = ["digits.py", "data/mnist"]

# NumPy's threads gain nothing on matrices of this size, and fight each other when several
# submissions are graded at once.
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")
