# Tags the test cells with what nbclient obeys: do not run this cell, errors are expected here.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
for number, cell in enumerate(notebook.cells):
    if cell.metadata.get("nbgrader", {}).get("grade"):
        cell.metadata.tags = [["skip-execution"], ["raises-exception"]][number % 2]
        cell.metadata.tags += [
            "remove-cell",
            "remove-output",
            "hide-input",
            "nbval-skip",
            "parameters",
        ]
        cell.metadata["raises-exception"] = cell.metadata["editable"] = True
        cell.metadata["execution"] = {"timeout": 10**9}
        deed()
