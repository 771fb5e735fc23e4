"""What of a test is hidden: what nbgrader's ClearHiddenTests takes out of it, and nothing else."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearHiddenTests
from traitlets.utils.importstring import import_item


class HiddenTests:
    """The hidden parts of tests, by the delimiters that the course has configured."""

    def __init__(self, config: Any) -> None:
        steps = GenerateAssignment(config=config).preprocessors
        kinds = [import_item(step) if isinstance(step, str) else step for step in steps]
        own = [kind for kind in kinds if issubclass(kind, ClearHiddenTests)]
        self._clear = (own or [ClearHiddenTests])[0](config=config)

    def removed_from(self, source: str) -> str:
        """The source of a cell as students get it.

        Of a cell with a region that has no end, which nbgrader refuses to release, nothing is left.
        """
        cell = NotebookNode(cell_type="code", source=source)
        try:
            self._clear._remove_hidden_test_region(cell)
        except RuntimeError:
            return ""
        return str(cell.source)
