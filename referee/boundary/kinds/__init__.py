"""Values that cross as themselves, beside plain data: a small class for each kind of them.

`ALL` lists them. A library is used where a course has imported it, and is imported by nothing here.
"""

from inspect import isabstract
from types import ModuleType

import numpy as np

from referee.boundary.kinds import (
    annotations,
    containers,
    pictures,
    polynomials,
    sparse,
    standard,
    symbols,
    table_types,
    tables,
)
from referee.boundary.kinds import arrays as kinds_of_arrays
from referee.boundary.kinds.kind import Kinds, ValueKind

ALL = [
    *standard.KINDS,
    *containers.KINDS,
    *kinds_of_arrays.KINDS,
    *tables.KINDS,
    *table_types.KINDS,
    *sparse.KINDS,
    *symbols.KINDS,
    *pictures.KINDS,
    *polynomials.KINDS,
    *annotations.KINDS,
]
KINDS = Kinds(ALL)

__all__ = ["ALL", "KINDS", "Kinds", "ValueKind", "add_own", "has_instances_here"]


def has_instances_here(class_: type) -> bool:
    """Whether values of a library's class cross, or those of classes that inherit from it."""
    is_numpys = issubclass(class_, np.ndarray | np.generic)
    return is_numpys or KINDS.has_one_of(class_) or isabstract(class_)


def add_own(module: str, class_: str, source: str) -> None:
    """Know a kind of the course's own, from the source of its module."""
    own = ModuleType(module)
    exec(compile(source, f"<{module}>", "exec"), vars(own))
    KINDS.add(getattr(own, class_)())
