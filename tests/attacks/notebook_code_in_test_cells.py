# Puts code into the test cells, in front of what stands there: if the grader runs the test cells of the
# file that was handed in, it runs outside of the sandbox and leaves a file.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
line = (
    "import os, pathlib\n"
    "pathlib.Path('/tmp/referee-attack-ran-outside').write_text(str(os.getpid()))\n"
    "pathlib.Path('referee-attack-ran-outside').write_text(str(os.getpid()))\n"
    "raise SystemExit(0)\n"
)
for cell in notebook.cells:
    if cell.metadata.get("nbgrader", {}).get("locked") and cell.cell_type == "code":
        cell.source = line + cell.source
        deed()
