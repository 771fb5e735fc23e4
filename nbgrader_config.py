"""The course as nbgrader and Referee see it. `nbgrader generate_config` lists every option."""

import os

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - given by nbgrader

c.CourseDirectory.course_id = "optimization"

# Limits of one cell, in seconds. A training takes 5 to 30 s; the rest is room for slow machines.
c.Execute.timeout = 300
c.Execute.iopub_timeout = 60

# Kernels keep their remarks about themselves out of the log of a grading run.
c.Execute.extra_arguments = ["--log-level=ERROR"]

# NumPy's threads gain nothing on matrices of this size, and fight each other when several
# submissions are graded at once.
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# nbgrader's own steps; Referee's RestoreCells brings deleted cells and lost metadata back.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "referee.sanitise.RestoreCells",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# nbgrader's own steps, with Referee's Execute in place of nbgrader's: warnings cost no points.
c.Autograde.autograde_preprocessors = [
    "referee.run.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
