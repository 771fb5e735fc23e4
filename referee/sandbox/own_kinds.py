"""Kinds of values that cross the boundary for one course, from a module of its own."""

import inspect
from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module

from referee.boundary.kinds import add_own
from referee.errors import RefereeError

MAX_SOURCE = 2**14  # characters; each kernel is given all of it


def add_own_kinds(names: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """Know these kinds in this process; return what a kernel needs to know them, too.

    Raises:
        RefereeError: a name is not one of a kind, as MODULE:CLASS.

    """
    return tuple(_added(name) for name in names)


@lru_cache
def _added(name: str) -> tuple[str, str, str]:
    module, _, class_ = name.partition(":")
    try:
        source = inspect.getsource(import_module(module))
        add_own(module, class_, source)
    except Exception as error:
        raise RefereeError(
            f"c.SandboxProvisioner.kinds has {name!r}, which is no MODULE:CLASS of a kind of values"
            f" ({type(error).__name__}: {error}). Correct it, or the module; if workers miss the"
            " module, list its file in c.Workers.files."
        ) from None
    if len(source) > MAX_SOURCE:
        raise RefereeError(
            f"c.SandboxProvisioner.kinds has {name!r}, whose module has {len(source)} characters: "
            f"keep kinds in a module of their own, of at most {MAX_SOURCE}."
        )
    return module, class_, source
