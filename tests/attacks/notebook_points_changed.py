# Changes the points in the metadata of the test cells: a thousand, a negative number, no number, infinity.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
points = [1000, -5, 1e308, "100", None, True, [5], float(2**70)]
for number, cell in enumerate(notebook.cells):
    if cell.metadata.get("nbgrader", {}).get("grade"):
        cell.metadata.nbgrader.points = points[number % len(points)]
        cell.metadata.nbgrader.max_score = cell.metadata.nbgrader.auto_score = 100
        deed()
