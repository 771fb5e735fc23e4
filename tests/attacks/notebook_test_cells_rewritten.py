# Replaces the source of the test cells by `pass`, with the checksum that fits, and unlocks them.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
from nbgrader.utils import compute_checksum

for cell in notebook.cells:
    tags = cell.metadata.get("nbgrader", {})
    if tags.get("grade"):
        cell.source = "pass"
        tags.checksum = compute_checksum(cell)
        tags.locked = False
        deed()
