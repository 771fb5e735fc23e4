"""The check at the end of the notebook: which visible tests pass, in one line each.

`check` starts this file in a process of its own, `python notebook_check.py NOTEBOOK`. That process
runs the notebook's file from its first cell to its first training, and reports to the kernel in
lines of JSON. So it does not matter which cells were run before, and in which order.
"""

import io
import json
import os
import re
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

PATIENCE = 120.0  # seconds that a check may take; usually it takes a few
TRAINING = "training"  # the names of the cells that take minutes begin so
PASSED, FAILED, NOT_WRITTEN = "passed", "failed", "not written yet"
SAVE = "Save the notebook (Ctrl+S or Cmd+S), and run this cell again."
RUN_ALL = "Run all cells from the first one on, then this cell again."
WRITE = "Write the functions that say YOUR CODE HERE, and run their cells."
COLOURS = {PASSED: 32, FAILED: 31, NOT_WRITTEN: 33}  # of a terminal: green, red, yellow


class Verdict(NamedTuple):
    """What became of a test, and why."""

    status: str
    why: str = ""

    def line(self, test: str) -> str:
        """Return the line that is printed."""
        coloured = f"\x1b[{COLOURS[self.status]}m{self.status:<17}\x1b[0m"
        return f"{coloured}{test}: {self.why}" if self.why else f"{coloured}{test}"


class Cell(NamedTuple):
    """A code cell: its name, a title for humans, and whether students may change it."""

    name: str
    title: str
    source: str
    locked: bool

    @property
    def tested(self) -> str:
        """What the cell is a visible test of; empty for other cells."""
        return self.name.removesuffix("-visible") if self.name.endswith("-visible") else ""


def check() -> None:
    """Print which visible tests of this notebook pass, and how many.

    What counts is the notebook's file, as it was last saved. Where the file is not known, as in
    Colab, the tests that have been run in this kernel are called once more.
    """
    if "NBGRADER_EXECUTION" in os.environ:  # work is being graded, and nobody reads this
        return
    names = vars(sys.modules["__main__"])
    notebook = notebook_file(names)
    if notebook and not is_whole(notebook):
        print(f"{notebook.name} is no whole notebook yet. {SAVE}")
        return
    if notebook:
        saved = time.strftime("%H:%M:%S", time.localtime(notebook.stat().st_mtime))
        print(f"{notebook.name}, as it was saved at {saved}, run from its first cell:\n")
        verdicts = check_file(notebook)
        if changed := changed_since(notebook, names.get("In", [])):
            print(f"\nYou have last run another {', '.join(changed)} than the file has.")
            print(SAVE)
    else:
        print("The file of this notebook is not known here: these are the tests that you have run.")
        print("To be sure, restart the kernel and run all cells.\n")
        verdicts = check_kernel(names)
    print(in_all([verdict.status for verdict in verdicts], "file" if notebook else "kernel"))


def in_all(statuses: list[str], where: str) -> str:
    """Return how many tests have passed, and what to do if there was nothing to test."""
    if not statuses and where == "kernel":
        return f"You have run no test yet. {RUN_ALL}"
    if not statuses:
        return f"The file has no visible test before the first training. {SAVE}"
    counts = ", ".join(f"{statuses.count(status)} {status}" for status in COLOURS)
    lines = [f"\n{len(statuses)} visible tests without the trainings: {counts}."]
    if set(statuses) == {NOT_WRITTEN}:
        lines.append(f"The {where} has no answers yet. {WRITE} {SAVE if where == 'file' else ''}")
    lines.append("These are the visible tests; hidden tests give the points.")
    return "\n".join(line.rstrip() for line in lines)


def notebook_file(names: dict[str, Any]) -> Path | None:
    """Return the notebook's file, which VS Code and Jupyter name in the kernel's variables."""
    for name in ("__vsc_ipynb_file__", "__session__"):
        path = Path(str(names.get(name, "")))
        if path.suffix == ".ipynb" and path.is_file():
            return path.absolute()
    return None


def is_whole(notebook: Path) -> bool:
    """Return whether a file can be read as a notebook, which one that is being saved can not."""
    try:
        return bool(list(read_cells(notebook)))
    except (ValueError, KeyError, TypeError):
        return False


def check_file(notebook: Path) -> list[Verdict]:
    """Run a notebook's file in a process of its own; print its tests, and return the verdicts."""
    command = [sys.executable, __file__, str(notebook)]
    child = subprocess.Popen(
        command,
        cwd=notebook.parent,
        env=os.environ | {"MPLBACKEND": "Agg"},  # pictures without a screen
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    timer = threading.Timer(PATIENCE, child.kill)
    timer.start()
    verdicts, running = [], "at the beginning"
    try:
        for report in map(json.loads, child.stdout or ()):
            running = report["running"]
            if "verdict" in report:
                verdict = Verdict(*report["verdict"])
                print(verdict.line(report["title"]), flush=True)
                verdicts += [verdict] * report["counts"]
        too_late = timer.finished.is_set()
    finally:
        timer.cancel()
        child.kill()
        child.communicate()
    if running:
        trouble = f"takes more than {PATIENCE:g} seconds" if too_late else "ends Python"
        print(Verdict(FAILED, f"it {trouble}, and so ended the check").line(f"cell {running}"))
    return verdicts


def check_kernel(names: dict[str, Any]) -> list[Verdict]:
    """Call the visible tests that this kernel knows; print them, and return the verdicts."""
    verdicts = []
    for name, test in list(names.items()):
        tested = name.removeprefix("test_").removesuffix("_visible")
        if name == f"test_{tested}_visible" and not tested.startswith(TRAINING):
            error = None
            with redirect_stdout(io.StringIO()):
                try:
                    test()
                except Exception as raised:
                    error = raised
            verdicts.append(verdict_of(error, tested))
            print(verdicts[-1].line(tested))
    return verdicts


def verdict_of(error: BaseException | None, tested: str) -> Verdict:
    """Return the verdict on a test that has ended with this error, or with none."""
    if error is None:
        return Verdict(PASSED)
    function = traceback.extract_tb(error.__traceback__)[-1].name if error.__traceback__ else ""
    if isinstance(error, NotImplementedError):
        return Verdict(NOT_WRITTEN, "" if function == tested else f"it needs {function}")
    if isinstance(error, AssertionError):
        return Verdict(FAILED, sentence(str(error)))
    place = "" if function.startswith(("<", "test_")) else f" in {function}"
    return Verdict(FAILED, sentence(f"{type(error).__name__}{place}: {error}"))


def sentence(message: str) -> str:
    """Return what a message says in one line, without the tables of numbers in it."""
    if re.match(r"\s*(Not equal to|Arrays are not)", message):  # NumPy's words around a test's own
        message = message.strip().partition("\n")[2]
        message = re.split(r"\n *(?:Mismatched|Max |\(shapes|x and y|\+inf|nan )", message)[0]
    words = [line for line in message.splitlines() if line and not line.startswith(" ")]
    return textwrap.shorten("; ".join(words), 200, placeholder=" ...")


def changed_since(notebook: Path, inputs: list[str]) -> list[str]:
    """Return the functions of which the last input is another than the cell in the file."""
    sources = [cell.source.strip() for cell in read_cells(notebook)]
    last = {name: text.strip() for text in inputs for name in functions_in(text)}
    in_file = dict.fromkeys(name for source in sources for name in functions_in(source))
    return [name for name in in_file if name in last and last[name] not in sources]


def functions_in(source: str) -> list[str]:
    """Return the names of the functions that a cell defines."""
    return re.findall(r"^def (\w+)", source, flags=re.MULTILINE)


def read_cells(notebook: Path) -> Iterator[Cell]:
    """Yield a notebook's code cells before its first training."""
    heading, titles = "", set[str]()
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        marks = cell["metadata"].get("nbgrader", {})
        name = marks.get("grade_id", cell.get("id", "without a name"))
        if name.startswith(TRAINING) and cell["cell_type"] == "code":
            return
        if cell["cell_type"] == "markdown":
            for text in re.findall(r"^#+ (.*)", source, flags=re.MULTILINE):
                heading = re.sub(r" \(.*\)$", "", text)
        elif cell["cell_type"] == "code":
            new = Cell(name, heading, source, marks.get("locked", False))
            if new.tested and heading in titles:
                new = new._replace(title=f"{heading}, {new.tested}")
            titles |= {new.title} if new.tested else set()
            yield new


def run(notebook: Path) -> None:
    """Run a notebook's cells in this process, and report each test: what `check_file` reads."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what cells print is not shown
    sys.path.insert(0, str(notebook.parent))
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))

    def report(running: str, **more: Any) -> None:
        print(json.dumps({"running": running} | more), file=reports, flush=True)

    for cell in read_cells(notebook):
        report(cell.name)
        result = shell.run_cell(cell.source)
        error = result.error_before_exec or result.error_in_exec
        found = verdict_of(error, cell.tested)
        if cell.tested:
            report(cell.name, verdict=found, title=cell.title, counts=True)
        elif found.status == FAILED and not cell.locked:
            report(cell.name, verdict=found, title=f"cell {cell.name}", counts=False)
    report("")  # it has come to its end


if __name__ == "__main__":
    run(Path(sys.argv[1]))
