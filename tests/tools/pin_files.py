"""`python -m tests.tools.pin_files`: write into the notebook which files belong beside it.

Its cell `setup` has the SHA-256 of each, to check what it downloads. `make release` runs this.
"""

import re
from hashlib import sha256
from pathlib import Path

import nbformat

from tests.support.solutions import MASTER

FILES = re.compile(r"^FILES = \{.*?^\}", re.DOTALL | re.MULTILINE)


def pinned(source: str, folder: Path) -> str:
    """The source of the cell with the files that this folder has now, and their SHA-256."""
    entries = [
        f'    "{path.name}": "{sha256(path.read_bytes()).hexdigest()}",\n'
        for path in sorted(folder.glob("*.py"))
    ]
    return FILES.sub(f"FILES = {{\n{''.join(entries)}}}", source)


def main() -> None:
    """Write the cell, if it is not right."""
    notebook = nbformat.read(MASTER, as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == "setup")
    if (new := pinned(cell.source, MASTER.parent)) != cell.source:
        cell.source = new
        MASTER.write_text(nbformat.writes(notebook) + "\n")
        print(f"{MASTER.name} has the SHA-256 of the files beside it as they are now")


if __name__ == "__main__":
    main()
