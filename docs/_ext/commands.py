"""The help of commands is plain text: sphinx-click hands it on as reStructuredText."""

import click
from sphinx.application import Sphinx


def _escape(app: Sphinx, context: click.Context, lines: list[str]) -> None:
    lines[:] = [line.replace("*", r"\*") for line in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    """Escape what a command says of itself."""
    app.connect("sphinx-click-process-description", _escape)
    return {"parallel_read_safe": True}
