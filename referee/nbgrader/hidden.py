"""What of a cell students have: what is in the release, and no more.

nbgrader's ClearHiddenTests takes the hidden tests out, by delimiters that a course may configure
and may change. So what is taken for released is in the release itself, too, where that is at hand.
"""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearHiddenTests
from traitlets.config import Config
from traitlets.utils.importstring import import_item


class HiddenTests:
    """Takes hidden tests out of cells, by the course's delimiters and its release.

    `release` is the folder of the released assignment, if there is one.
    """

    def __init__(self, config: Any, release: Path | None = None) -> None:
        steps = GenerateAssignment(config=config).preprocessors
        kinds = [import_item(step) if isinstance(step, str) else step for step in steps]
        own = [kind for kind in kinds if issubclass(kind, ClearHiddenTests)]
        # An exporter of pages sets an option of all steps that this one warns of.
        known = Config({name: config[name] for name in config if name != "NbConvertBase"})
        self._clear = (own or [ClearHiddenTests])[0](config=known)
        self._release = release
        self._lines: dict[str, dict[str, set[str]]] = {}  # by notebook and grade id

    def removed_from(self, source: str, notebook: str = "", grade_id: str = "") -> str:
        """The source of a cell as students get it.

        Of a cell with a region that has no end, which nbgrader refuses to release, nothing is left.
        """
        cell = NotebookNode(cell_type="code", source=source)
        try:
            self._clear._remove_hidden_test_region(cell)
        except RuntimeError:
            return ""
        text = str(cell.source)
        released = self._released_lines(notebook).get(grade_id)
        if released is None or released >= set(text.split("\n")):
            return text
        return "\n".join(line for line in text.split("\n") if line in released)

    def _released_lines(self, notebook: str) -> dict[str, set[str]]:
        if notebook not in self._lines:
            self._lines[notebook] = {}
            path = self._release / f"{notebook}.ipynb" if self._release and notebook else None
            if path is not None and path.is_file():
                for cell in nbformat.read(path, as_version=4).cells:
                    about = cell.metadata.get("nbgrader", {})
                    lines = set(cell.source.split("\n"))
                    self._lines[notebook][about.get("grade_id", "")] = lines
        return self._lines[notebook]
