"""What a test replaces in Python's modules, done in the student's process, too."""

import importlib
import warnings
from contextlib import suppress
from typing import Any

from referee.inside.library_settings import NOTHING, PLACES

# What Python itself ignores until a program says otherwise, which the test then does where it is.
IGNORED = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
OF_PYTHON: list[Any] = [("ignore", None, each, None, 0) for each in IGNORED]
OF_PYTHON += [("default", None, DeprecationWarning, "__main__", 0)]


class Patches:
    """What is replaced in modules, and what was there before."""

    def __init__(self) -> None:
        self._originals: dict[tuple[str, str], Any] = {}

    def replace(self, module: str, name: str, value: Any) -> None:
        """Give a name of a module another value."""
        self._remember(module, name)
        if module in PLACES:
            PLACES[module].set(name, value)
            return
        setattr(importlib.import_module(module), name, value)
        if module == "warnings":
            _let_all_be_heard()

    def remove(self, module: str, name: str) -> None:
        """Take a name of a module away."""
        self._remember(module, name)
        if module in PLACES:
            PLACES[module].remove(name)
            return
        with suppress(AttributeError):
            delattr(importlib.import_module(module), name)

    def restore(self, module: str, name: str) -> None:
        """Give a name what it had at first."""
        if (module, name) not in self._originals:
            return
        before = self._originals.pop((module, name))
        if before is NOTHING:
            self.remove(module, name)
        elif module in PLACES:
            PLACES[module].set(name, before)
        else:
            setattr(importlib.import_module(module), name, before)

    def original(self, module: str, name: str) -> Any:
        """What a name of a module was before a test has replaced it."""
        found = self._originals.get((module, name), NOTHING)
        return getattr(importlib.import_module(module), name) if found is NOTHING else found

    def _remember(self, module: str, name: str) -> None:
        if module in PLACES:
            found = PLACES[module].get(name)
        else:
            found = getattr(importlib.import_module(module), name, NOTHING)
        self._originals.setdefault((module, name), found)


def _let_all_be_heard() -> None:
    """Have warnings come that Python ignores, or has shown before; none that the notebook does."""
    while warnings.filters and warnings.filters[-1] in OF_PYTHON:
        warnings.filters.pop()  # type: ignore[attr-defined] # it is a list
    warnings.simplefilter("default", append=True)
