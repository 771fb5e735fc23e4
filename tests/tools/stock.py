"""The attack corpus against stock nbgrader: `python -m tests.tools.stock [NAME ...]`.

Prints a row of the table in docs/attacks.md for each attack. Every attack has a course of its own,
and all of nbgrader runs in a sandbox here, for nothing keeps these attacks from reaching out of it.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from referee.sandbox.bubblewrap import find_bubblewrap
from tests.grading.test_attacks import CANARY, VICTIM, plant_canaries
from tests.support.course import BIN, SampleCourse, hand_in, make_course
from tests.support.solutions import ASSIGNMENT, NOTEBOOK, REPO, TESTS, read_solution

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "optimization"
c.Execute.timeout = 30
"""
# What only Referee has to be attacked, and what would only harm the process that grades.
LEFT_OUT = ("boundary_", "sockets_", "process_", "files_with", "random_")
PATIENCE = 240  # seconds for one submission

GRADE = f"nbgrader autograde {ASSIGNMENT} --log-level=CRITICAL; nbgrader export --to marks.csv"


def main(names: list[str]) -> None:
    """Grade the attacks and print a row for each."""
    attacks = sorted((TESTS / "attacks").glob("*.py"))
    chosen = [
        attack
        for attack in attacks
        if (attack.stem in names if names else not attack.stem.startswith(LEFT_OUT))
    ]
    print("| attack | points of 100 | secrets read | marks of another changed |")
    print("|---|---|---|---|", flush=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for row in pool.map(grade_in_stock, chosen):
            print(row, flush=True)


def grade_in_stock(attack: Path) -> str:
    """Grade one attack and a victim with stock nbgrader, in a course of their own."""
    with tempfile.TemporaryDirectory(prefix="referee-stock-") as folder:
        course = make_course(Path(folder))
        plant_canaries(course)
        (course.root / "nbgrader_config.py").write_text(STOCK)
        course.run("nbgrader", "generate_assignment", ASSIGNMENT)
        hand_in(course, VICTIM, {"relu": "# CANARY-submission"})
        hand_in(course, attack.stem, read_solution(attack))
        marks = run_confined(course)
        executed = course.root / "autograded" / attack.stem / NOTEBOOK
        read = sorted(set(CANARY.findall(shown(executed)))) if executed.exists() else []
        others = "yes" if marks.get(VICTIM, "0.0") not in ("0.0", "0") else "no"
        points = marks.get(attack.stem, "no mark")
        return f"| `{attack.stem}` | {points} | {', '.join(read) or 'none'} | {others} |"


def run_confined(course: SampleCourse) -> dict[str, str]:
    """Run nbgrader where only the course can be written to; return the exported marks."""
    root, data = str(course.root), str(REPO / "data/mnist")
    command = [str(find_bubblewrap()), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    command += ["--tmpfs", "/tmp", "--bind", root, root, "--unshare-pid", "--unshare-net"]
    command += ["--die-with-parent", "--chdir", root, "--setenv", "HOME", f"{root}/home"]
    command += ["--setenv", "PATH", f"{BIN}:/usr/bin:/bin", "--setenv", "DIGITS_DATA", data]
    command += ["--setenv", "REFEREE_CANARY", "CANARY-environment", "sh", "-c", GRADE]
    try:
        subprocess.run(command, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return {}
    exported = course.root / "marks.csv"
    if not exported.exists():
        return {}
    header, *rows = [line.split(",") for line in exported.read_text().splitlines()]
    student, score = header.index("student_id"), header.index("score")
    return {row[student]: row[score] for row in rows}


def shown(executed: Path) -> str:
    """All that an executed notebook shows."""
    cells = json.loads(executed.read_text())["cells"]
    return json.dumps([cell.get("outputs") for cell in cells])


if __name__ == "__main__":
    main(sys.argv[1:])
