# Moves all test cells to the front, before anything can be wrong, and reverses the rest.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
others = [cell for cell in notebook.cells if cell not in tests]
notebook.cells = tests + others[::-1]
if tests:
    deed()
