"""`python -m tests.tools.picture_table [COURSE]`: write docs/pictures/table.png.

It shows what `referee scores optimization` prints in a terminal: `make grade` comes before it.
"""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.support.browser import browser_page, keep_small
from tests.support.course import BIN
from tests.support.solutions import ASSIGNMENT, REPO

PICTURE = REPO / "docs/pictures/table.png"
WIDTH = 104  # characters; so the table is one, and its text not too small in README
SCALE = 2  # pixels of the picture to one of a page: text stays sharp


def main(course: Path) -> None:
    """Print the table as in a terminal, and take a picture of it."""
    environment = os.environ | {
        "FORCE_COLOR": "1",
        "TERM": "xterm-256color",
        "COLUMNS": str(WIDTH),
        "TTY_COMPATIBLE": "1",
    }
    command = [str(BIN / "referee"), "scores", ASSIGNMENT]
    printed = subprocess.run(
        command, cwd=course, env=environment, check=True, stdout=subprocess.PIPE
    )
    console = Console(record=True, width=WIDTH, file=StringIO())
    console.print(Text.from_ansi(printed.stdout.decode().strip("\n")))
    drawing = console.export_svg(title=f"referee grade {ASSIGNMENT}")
    with browser_page(scale=SCALE) as page:
        page.set_content(f'<body style="margin: 0; width: 1000px">{drawing}</body>')
        page.locator("svg").screenshot(path=PICTURE, omit_background=True)
    keep_small(PICTURE)


main(Path(*sys.argv[1:2]).absolute())
