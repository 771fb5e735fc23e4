"""What one submission may use; set in nbgrader_config.py as c.Limits.NAME."""

from traitlets import Float, Integer, List, Unicode
from traitlets.config import Configurable

MIB = 2**20
GIB = 2**30


class Limits(Configurable):
    """Limits of a sandbox and of what is run in it. Memory and files are in bytes."""

    memory = Integer(
        4 * GIB, help="Memory of one process, and of all processes of a sandbox together."
    ).tag(config=True)
    processes = Integer(64, help="Processes and threads of a sandbox.").tag(config=True)
    files = Integer(256 * MIB, help="What a sandbox may write, all files together.").tag(
        config=True
    )
    file_count = Integer(20_000, help="Files and folders that a sandbox may make.").tag(config=True)

    cell_cpu = Float(30.0, help="CPU seconds of a cell that is not a test.").tag(config=True)
    cell_wall = Float(120.0, help="Seconds of a cell that is not a test.").tag(config=True)
    long_cells = List(
        Unicode(), help="Grade ids of cells that may take longer, trainings for example."
    ).tag(config=True)
    long_cell_cpu = Float(300.0, help="CPU seconds of a cell that may take longer.").tag(
        config=True
    )
    long_cell_wall = Float(600.0, help="Seconds of a cell that may take longer.").tag(config=True)
    call_cpu = Float(
        20.0, help="CPU seconds of the calls of a test cell, up to one that hangs."
    ).tag(config=True)
    call_wall = Float(60.0, help="Seconds of them.").tag(config=True)
    hanging_call_cpu = Float(
        1.0, help="CPU seconds of each later call of a function that has hung in a test."
    ).tag(config=True)
    hanging_call_wall = Float(10.0, help="Seconds of each of them.").tag(config=True)
    test_wall = Float(400.0, help="Seconds of a test cell; some hanging calls fit in.").tag(
        config=True
    )
    notebook_cpu = Float(1800.0, help="CPU seconds of a notebook, restarts included.").tag(
        config=True
    )
    notebook_wall = Float(3600.0, help="Seconds of a notebook, restarts included.").tag(config=True)
    restarts = Integer(
        3, help="How often the kernel is started again after a cell that ended it."
    ).tag(config=True)

    output = Integer(1 * MIB, help="Characters of output of a cell; the rest is dropped.").tag(
        config=True
    )
    frame = Integer(
        1 * GIB, help="The arguments of one call, or its results, on their way to the student."
    ).tag(config=True)
