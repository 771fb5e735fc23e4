# Renames the test cells, so that a grader does not find them and adds none; takes ids away, exchanges the
# ids of tests and solutions.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
renamed = set()
for cell in notebook.cells:
    tags = cell.metadata.get("nbgrader", {})
    if tags.get("grade_id", "").endswith("-visible"):
        tags.grade_id = tags.grade_id.replace("-visible", "-hidden")
    elif "hidden" in tags.get("grade_id", ""):
        tags.grade_id = tags.grade_id.replace("hidden", "visible")
        renamed.add("test")
    if cell.id in ("dropout", "dropout-hidden"):
        cell.id = {"dropout": "dropout-hidden", "dropout-hidden": "dropout"}[cell.id]
        renamed.add(cell.id)
if renamed == {"test", "dropout", "dropout-hidden"}:
    deed()
