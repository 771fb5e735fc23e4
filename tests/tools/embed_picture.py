"""`python -m tests.tools.embed_picture`: put docs/pictures/network.svg into the notebook, as PNG.

PNG, because formgrader's pages and some editors show no SVG in a text. Chromium draws it.
"""

import subprocess
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from PIL import Image

from tests.support.browser import CHROMIUM
from tests.support.solutions import MASTER, REPO

SVG = REPO / "docs/pictures/network.svg"
SIZE, SCALE = "1100,520", 1.5
COLOURS = 32  # the picture is flat: with so few, it takes a third of the bytes


def drawn(svg: Path) -> bytes:
    """The picture as PNG."""
    with TemporaryDirectory() as folder:
        png = Path(folder) / "drawn.png"
        options = [f"--window-size={SIZE}", f"--force-device-scale-factor={SCALE}"]
        options += ["--headless", "--no-sandbox", "--hide-scrollbars", f"--screenshot={png}"]
        subprocess.run([str(CHROMIUM), *options, svg.as_uri()], check=True, capture_output=True)
        small = BytesIO()
        flat = Image.open(png).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        flat.save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Write the picture into the master."""
    notebook = nbformat.read(MASTER, as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == "network-picture")
    cell.attachments = {"network.png": {"image/png": b64encode(drawn(SVG)).decode()}}
    MASTER.write_text(nbformat.writes(notebook) + "\n")


if __name__ == "__main__":
    main()
