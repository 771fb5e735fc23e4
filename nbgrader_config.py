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

# What one submission may use: memory and files in bytes, times in CPU seconds. A training takes 5
# to 30 of them; the rest is room for slow machines. The limits on wall-clock time keep their large
# defaults: a machine under load must not cost marks. referee/model/limits.py has all limits.
c.Limits.memory = 4 * 2**30
c.Limits.processes = 64
c.Limits.files = 256 * 2**20
c.Limits.cell_cpu = 30
c.Limits.long_cells = ["training_1", "training_2"]
c.Limits.long_cell_cpu = 300
c.Limits.call_cpu = 20
c.Limits.notebook_cpu = 1800
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

# What grading needs of this folder, beside this file and the assignment: it has a copy of them, on
# this machine too.
c.Workers.files = ["digits.py", "data/mnist"]
