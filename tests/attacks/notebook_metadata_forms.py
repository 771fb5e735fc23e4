# Gives the cells nbgrader metadata of forms that do not exist: other schema versions, other types,
# ids with paths, all cells the same id.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
forms = [
    {"schema_version": 1},
    {"schema_version": 99, "grade_id": "dropout-hidden"},
    {"schema_version": "3"},
    [],
    "text",
    5,
    {"grade_id": None},
    {
        "grade_id": "../../x",
        "grade": True,
        "points": 5,
        "solution": False,
        "locked": True,
        "schema_version": 3,
        "task": False,
    },
    {"grade_id": ["a"]},
    {"grade": "yes", "grade_id": "a b"},
]
for number, cell in enumerate(notebook.cells):
    if cell.metadata.get("nbgrader", {}).get("grade"):
        cell.metadata["nbgrader"] = forms[number % len(forms)]
        deed()
