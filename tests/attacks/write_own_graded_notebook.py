# Writes, while it is graded, the files that hold its own result: the executed notebook, the feedback and
# the journal.
# %% from attacks/parts/stand_ins.py
# %% relu
from pathlib import Path

forged = '{"cells": [], "metadata": {"points": 100}, "nbformat": 4, "nbformat_minor": 5}'


def attack():
    written = []
    course = [p for p in list(Path.cwd().parents)[:3] if (p / "submitted").is_dir()]
    for folder in [Path.cwd(), *course]:
        for name in (
            "optimization.ipynb",
            "autograded/journal.jsonl",
            "feedback/forged.html",
            "timestamp.txt",
        ):
            try:
                (folder / name).write_text(forged)
                written.append(str(folder / name))
            except OSError as error:
                written.append(f"{folder / name}: {type(error).__name__}")
            deed()
    return written


print(attack())
