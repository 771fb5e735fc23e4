# Duplicates all cells, with the same ids: points may be given twice, or once to the wrong one.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
import copy

doubled = []
for cell in notebook.cells:
    second = copy.deepcopy(cell)
    if cell.metadata.get("nbgrader", {}).get("grade"):
        second.source = "pass"
        deed()
    doubled += [second, cell, copy.deepcopy(second)]
notebook.cells = doubled
