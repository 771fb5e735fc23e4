"""Values that cross as themselves, beside plain data: a small class for each kind of them.

`ALL` lists them. A library is used where a course has imported it, and is imported by nothing here.
"""

from referee.boundary.kinds import arrays as kinds_of_arrays
from referee.boundary.kinds import containers, pictures, sparse, standard, symbols, tables
from referee.boundary.kinds.kind import Kind, Kinds

ALL = [
    *standard.KINDS,
    *containers.KINDS,
    *kinds_of_arrays.KINDS,
    *tables.KINDS,
    *sparse.KINDS,
    *symbols.KINDS,
    *pictures.KINDS,
]
KINDS = Kinds(ALL)

__all__ = ["ALL", "KINDS", "Kind", "Kinds"]
