# Turns the solution cells into graded cells with points, and test cells into solution cells: a changed
# source is then a reason for a mark.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
changed = set()
for cell in notebook.cells:
    tags = cell.metadata.get("nbgrader", {})
    if tags.get("solution"):
        tags.grade, tags.points = True, 1000
        changed.add("solution")
    elif tags.get("grade"):
        tags.solution, tags.locked, tags.points = True, False, 1000
        tags.checksum = "forged"
        changed.add("test")
if changed == {"solution", "test"}:
    deed()
