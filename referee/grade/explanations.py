"""Keeping with an executed notebook why its tests failed: in the metadata of their cells.

nbgrader copies files that lie beside an executed notebook into the folder of feedback, and never
the notebook itself. Pages are made from its cells and outputs.
"""

import platform
from dataclasses import dataclass

import msgspec
import numpy as np
from msgspec.structs import replace
from nbformat import NotebookNode

from referee import __version__
from referee.model.explanation import METADATA, Explanation, GradedWith, to_metadata

MOST_OF_A_CELL = 8 * 2**10  # bytes
MOST_OF_A_NOTEBOOK = 96 * 2**10


def begin(nb: NotebookNode) -> None:
    """Say with which versions the notebook is graded; take out what its student may have said."""
    for part in (nb, *nb.cells):
        part.metadata.pop(METADATA, None)
    versions = {
        "Referee": __version__, "Python": platform.python_version(), "NumPy": np.__version__,
    }  # fmt: skip
    nb.metadata[METADATA] = NotebookNode(to_metadata(GradedWith(versions)))


@dataclass
class ExplanationRoom:
    """How many bytes of explanations a notebook may still take."""

    left: int = MOST_OF_A_NOTEBOOK

    def keep(self, cell: NotebookNode, explanation: Explanation) -> None:
        """Keep with a test cell why it failed, as much of it as there is room for."""
        room = min(self.left, MOST_OF_A_CELL)
        for shorter in _shorter_and_shorter(explanation):
            size = len(msgspec.json.encode(shorter))
            if size <= room:
                self.left -= size
                cell.metadata[METADATA] = to_metadata(shorter)
                return


def _shorter_and_shorter(explanation: Explanation) -> tuple[Explanation, ...]:
    """The explanation whole, with fewer calls, and with none."""
    call = explanation.call
    cut = (*explanation.notes, "there was no room for all calls")
    alone = replace(explanation, calls=(call,) if call else (), notes=cut)
    without_source = tuple(
        replace(each, prepare="", source="", traceback="") for each in alone.calls
    )
    return (
        explanation,
        alone,
        replace(alone, calls=without_source),
        replace(alone, calls=()),
        Explanation(explanation.line, notes=cut),
        Explanation(notes=cut),
    )
