# Hands in a notebook at the edge of the format: another minor version, ids of wrong length and content,
# unknown fields and cell types.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
notebook.nbformat_minor = 2
notebook["unknown"] = {"points": 100}
for number, cell in enumerate(notebook.cells):
    if cell.metadata.get("nbgrader", {}).get("grade"):
        cell["points"] = 1000
        if number % 3 == 0:
            cell.id = "x" * 10_000
        elif number % 3 == 1:
            cell.id = "<script>REFEREE-XSS</script>"
        else:
            del cell["id"]
        deed()
