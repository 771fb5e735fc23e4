"""Sparse matrices and arrays of SciPy, by their own arrays."""

import sys
from typing import Any

import numpy as np

from referee.boundary.kinds.kind import ValueKind, array, whole

NUMBERS = "biufc"
MAX_SIDE = 2**31  # rows, columns
MAX_ROWS = 2**20  # of a matrix that stores each row by itself, empty ones too
DIMENSIONS = {"bsr": 3, "dia": 2}  # of the data
COMPRESSED = ("csr", "csc", "bsr")


class SparseKind(ValueKind):
    """A matrix or an array in one of SciPy's forms."""

    def __init__(self, form: str, class_: str) -> None:
        self.path = f"scipy.sparse.{form}_{class_}"
        self.form = form

    def parts(self, value: Any) -> list[Any] | None:
        """The shape, the data, and where they belong."""
        if value.dtype.kind not in NUMBERS or not self._has_room(value.shape):
            return None
        if self.form in COMPRESSED:
            return [list(value.shape), np.asarray(value.data), value.indices, value.indptr]
        if self.form == "dia":
            return [list(value.shape), np.asarray(value.data), value.offsets]
        found = value.tocoo()
        return [list(value.shape), np.asarray(found.data), *found.coords]

    def make(self, *parts: Any) -> Any:
        """If all places are within the shape."""
        shape, data, *places = parts
        self._check(shape, data, places)
        library: Any = sys.modules["scipy.sparse"]
        made_as = getattr(library, self.path.rpartition(".")[2])
        if self.form in COMPRESSED:
            made = made_as((data, *places), shape=tuple(shape))
            made.check_format(full_check=True)
            return made
        if self.form == "dia":
            return made_as((data, *places), shape=tuple(shape))
        return made_as(library.coo_array((data, tuple(places)), shape=tuple(shape)))

    def _check(self, shape: Any, data: Any, places: Any) -> None:
        whole(*shape)
        if not self._has_room(shape):
            raise ValueError
        if len(places) != (1 if self.form == "dia" else 2):
            raise ValueError
        array(data, NUMBERS, DIMENSIONS.get(self.form, 1))
        for each in places:
            array(each, "i")

    def _has_room(self, shape: Any) -> bool:
        rows = MAX_ROWS if self.form in ("lil", "dok") else MAX_SIDE
        return len(shape) == 2 and 0 <= shape[0] < rows and 0 <= shape[1] < MAX_SIDE

    def update(self, value: Any, now: Any) -> None:
        """Become like another one."""
        type(value).__init__(value, now)


KINDS = [
    SparseKind(form, class_)
    for form in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
    for class_ in ("matrix", "array")
]
