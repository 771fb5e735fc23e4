# Adds cells of its own that claim to be the test cells: the same ids, with `pass` as their source, before
# and after the real ones.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
import copy

for cell in list(notebook.cells):
    if cell.metadata.get("nbgrader", {}).get("grade") and cell.metadata.nbgrader.points:
        forged = copy.deepcopy(cell)
        forged.source = "pass"
        forged.id = f"forged-{cell.id}"[:64]
        place = notebook.cells.index(cell)
        notebook.cells.insert(place, forged)
        later = copy.deepcopy(forged)
        later.id = f"later-{cell.id}"[:64]
        later.source = "100"
        notebook.cells.append(later)
        deed()
