"""The course as nbgrader and Referee see it. `nbgrader generate_config` lists every option."""

from referee import configure

c = get_config()

# nbgrader's own commands and formgrader grade in Referee's sandbox, too.
configure(c)

c.CourseDirectory.course_id = "course"

# What one submission may use, if the defaults do not fit: bytes, and seconds of CPU time.
# c.Limits.memory = 4 * 2**30
# c.Limits.cell_cpu = 30
# c.Limits.long_cells = ["training"]  # the names of cells that may take long_cell_cpu, 300
