"""Arrays of NumPy's own subclasses, masked arrays and records, and what arrays are of: dtypes."""

from typing import Any

import numpy as np

from referee.boundary.dtypes import NUMBERS, described, dtype_of
from referee.boundary.frame import BoundaryError
from referee.boundary.kinds.kind import ValueKind


class MaskedArrayKind(ValueKind):
    """Data and a mask of the same shape."""

    path = "numpy.ma.MaskedArray"

    def parts(self, value: Any) -> list[Any] | None:
        """The data, the mask (None for none), what stands for what is masked, and how hard it is.

        Records that are masked field by field stay where they are.
        """
        data = np.asarray(value.data)
        if data.dtype.names is not None or described(data.dtype) is None:
            return None
        mask = None if value.mask is np.ma.nomask else np.asarray(value.mask)
        fill = None if value._fill_value is None else np.array([value.fill_value], data.dtype)
        return [data, mask, fill, value.hardmask]

    def make(self, *parts: Any) -> Any:
        """If the shapes agree."""
        data, mask, fill, hard = parts
        if type(data) is not np.ndarray or data.dtype.names is not None:
            raise TypeError
        if mask is not None and (mask.dtype != np.bool_ or mask.shape != data.shape):
            raise TypeError
        if fill is not None and (fill.dtype != data.dtype or fill.shape != (1,)):
            raise TypeError
        return np.ma.MaskedArray(
            data,
            mask=np.ma.nomask if mask is None else mask,
            fill_value=None if fill is None else fill[0],
            hard_mask=hard is True,
        )

    def update(self, value: Any, now: Any) -> None:
        """Take over data and mask."""
        if value.dtype != now.dtype or value.shape != now.shape:
            raise BoundaryError("an array that was passed has become one of another type or size")
        value.data[...] = now.data
        value.unshare_mask()
        value.soften_mask()
        value.mask = now.mask
        if now.hardmask:
            value.harden_mask()


class MaskedKind(ValueKind):
    """The one value that stands for a masked element."""

    path = "numpy.ma.core.MaskedConstant"

    def parts(self, value: Any) -> list[Any]:
        """There is only one."""
        return []

    def make(self, *parts: Any) -> Any:
        """The one that there is."""
        () = parts
        return np.ma.masked


class RecordArrayKind(ValueKind):
    """An array whose fields are attributes, too."""

    path = "numpy.rec.recarray"

    def parts(self, value: Any) -> list[Any] | None:
        """An ordinary array of fields."""
        plain = np.asarray(value)
        return [plain] if described(plain.dtype) is not None else None

    def make(self, *parts: Any) -> Any:
        """A view of an array of fields."""
        (plain,) = parts
        if type(plain) is not np.ndarray or plain.dtype.names is None:
            raise TypeError
        return plain.view(np.recarray)

    def update(self, value: Any, now: Any) -> None:
        """Take over all fields."""
        if value.dtype != now.dtype or value.shape != now.shape:
            raise BoundaryError("an array that was passed has become one of another type or size")
        value[...] = now


class MatrixKind(ValueKind):
    """An array of two dimensions whose `*` is the product of matrices."""

    path = "numpy.matrix"

    def parts(self, value: Any) -> list[Any] | None:
        """An ordinary array."""
        plain = np.asarray(value)
        return [plain] if described(plain.dtype) is not None else None

    def make(self, *parts: Any) -> Any:
        """A view of an array of two dimensions."""
        (plain,) = parts
        if type(plain) is not np.ndarray or plain.ndim != 2:
            raise TypeError
        return plain.view(np.matrix)

    def update(self, value: Any, now: Any) -> None:
        """Take over all numbers."""
        if value.dtype != now.dtype or value.shape != now.shape:
            raise BoundaryError("an array that was passed has become one of another type or size")
        value[...] = now


class DtypeKind(ValueKind):
    """What the items of an array are. NumPy has a class for each sort of them."""

    def __init__(self, name: str) -> None:
        self.path = f"numpy.dtypes.{name}"

    def parts(self, value: Any) -> list[Any] | None:
        """Its description; of Python's objects, it is none that an array could come with."""
        if value.char == OBJECTS:
            return [OBJECTS]
        description = described(value)
        stays = description is None or type(dtype_of(description)) is not type(value)
        return None if stays else [description]

    def make(self, *parts: Any) -> Any:
        """The type of this description."""
        (description,) = parts
        is_of_objects = type(description) is str and description == OBJECTS
        return np.dtype(OBJECTS) if is_of_objects else dtype_of(description)


OBJECTS = "O"
# Of two classes for numbers of one size, the one that NumPy makes of a description.
DTYPES = sorted({type(np.dtype(np.dtype(char).str)).__name__ for char in NUMBERS + "OSUVMm"})
KINDS = [MaskedArrayKind(), MaskedKind(), RecordArrayKind(), MatrixKind(), *map(DtypeKind, DTYPES)]
