"""Every number that bounds a submission; set in nbgrader_config.py as c.Limits.NAME."""

from typing import Any

from traitlets import Float, Integer, List, Unicode
from traitlets.config import Configurable

MIB = 2**20
GIB = 2**30
LEAST_TIME = 0.1  # seconds; with none at all, everything would be stopped


def _setting(kind: Any, default: Any, text: str, least: float = 0) -> Any:
    least = max(least, LEAST_TIME) if kind is Float else least
    return kind(default, min=least, help=text).tag(config=True)


class Limits(Configurable):
    """What one submission may use. Memory and files are in bytes, times in seconds."""

    # A sandbox.
    memory = _setting(
        Integer,
        4 * GIB,
        "Memory of one process, and of all processes of a sandbox together.",
        least=64 * MIB,  # with less, no kernel starts
    )
    processes = _setting(Integer, 64, "Processes and threads of a sandbox.")
    files = _setting(Integer, 256 * MIB, "What a sandbox may write, all files together.")
    file_count = _setting(Integer, 20_000, "Files and folders that a sandbox may create.")
    open_files = _setting(Integer, 256, "Files that one process may have open at the same time.")

    # Cells that are not tests.
    cell_cpu = _setting(Float, 30.0, "CPU seconds of a cell that is not a test.")
    cell_wall = _setting(Float, 1200.0, "Wall-clock seconds of a cell that is not a test.")
    long_cells = List(
        Unicode(), help="Grade ids of cells that may take longer, for example trainings."
    ).tag(config=True)
    long_cell_cpu = _setting(Float, 300.0, "CPU seconds of a cell that may take longer.")
    long_cell_wall = _setting(Float, 3600.0, "Wall-clock seconds of a cell that may take longer.")

    blocked = _setting(
        Float,
        10.0,
        "Seconds in which nothing of a sandbox runs, or waits for a core or the disk, after which "
        "the cell or the call is stopped; one function has one and a half times as long in all. "
        "The limits on wall-clock time are for what is left.",
    )

    # Test cells, and their calls of the student's code.
    call_cpu = _setting(
        Float, 20.0, "CPU seconds for all calls made by one test cell, up to one that hangs."
    )
    call_wall = _setting(Float, 600.0, "Wall-clock seconds for all calls made by one test cell.")
    hanging_call_cpu = _setting(
        Float, 1.0, "CPU seconds of each later call of a function that has hung in a test."
    )
    hanging_call_wall = _setting(
        Float,
        0.5,
        "Wall-clock seconds, in each cell, of all later calls of a function that did nothing.",
    )
    test_wall = _setting(
        Float, 1800.0, "Wall-clock seconds of a test cell; leave room for several hanging calls."
    )
    test_cpu = _setting(Float, 120.0, "CPU seconds of a test cell's own code, outside of calls.")
    test_memory = _setting(
        Integer, 6 * GIB, "Memory that a test cell may take in the grading process."
    )
    lost_calls = _setting(
        Integer, 5, "Calls of one test cell that may be lost before the rest are not made."
    )
    calls_back = _setting(
        Integer,
        100_000,
        "How often the student's code may call functions of a test, in a fork of its kernel.",
    )
    calls_back_depth = _setting(
        Integer, 100, "How deep such calls may be in one another, with calls of the test between."
    )
    arguments = _setting(
        Integer, 64 * MIB, "Bytes of the arguments of one call, arrays not counted."
    )
    frame = _setting(
        Integer, 1 * GIB, "Bytes of the arrays in the arguments of one call, or in its results."
    )

    # A notebook.
    notebook_cpu = _setting(Float, 1800.0, "CPU seconds of a notebook, restarts included.")
    notebook_wall = _setting(Float, 14400.0, "Wall-clock seconds of a notebook, restarts included.")
    notebook_blocked = _setting(
        Float,
        30.0,
        "Idle seconds of a notebook's cells and of all calls together; each is stopped soon then.",
    )
    submission_wall = _setting(
        Float, 21600.0, "Wall-clock seconds of a submission: its notebooks, and all around them."
    )
    grading_memory = _setting(
        Integer, 8 * GIB, "Memory that a submission may take in its grading process, in all."
    )
    handling_cpu = _setting(
        Float, 60.0, "CPU seconds of reading a submission's notebooks, and of writing its pages."
    )
    restarts = _setting(Integer, 3, "Kernel restarts after cells that ended the kernel.")
    notebook_output = _setting(
        Integer, 16 * MIB, "Characters of output of all cells of a notebook; the rest is dropped."
    )
    output = _setting(Integer, 1 * MIB, "Characters of output of a cell; the rest is dropped.")
    printed = _setting(
        Integer, 1 * MIB, "Characters that a test cell, or one of its calls, prints."
    )
    messages = _setting(
        Integer, 2 * GIB, "Memory that reading one cell's messages may take in the grading process."
    )

    result = _setting(
        Integer, 256 * MIB, "Bytes of a submission's executed notebooks, and of its pages."
    )

    # What is handed in.
    notebook_file = _setting(Integer, 256 * MIB, "Bytes of a notebook's file.")
    submitted_files = _setting(Integer, 1000, "Files beside the notebook that are taken.")

    def values(self) -> dict[str, Any]:
        """All limits by name, as plain data."""
        return {name: getattr(self, name) for name in sorted(self.trait_names(config=True))}
