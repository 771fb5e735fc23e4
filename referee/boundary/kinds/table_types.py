"""What the columns of pandas are of: its dtypes, each of which crosses as an empty column of it."""

from typing import Any

from referee.boundary.kinds.columns import TYPES, column_of, made_column, pandas
from referee.boundary.kinds.kind import ValueKind


class TableTypeKind(ValueKind):
    """A dtype of pandas' own. Those of NumPy are kinds of arrays."""

    def __init__(self, name: str) -> None:
        self.path = f"pandas.{name}"

    def parts(self, value: Any) -> list[Any] | None:
        """An empty column; of categories that are not said yet, whether they are ordered."""
        if getattr(value, "categories", ()) is None:
            return [bool(value.ordered)]
        if getattr(value, "subtype", "") is None:  # of intervals of anything, there is no column
            return None
        return column_of(pandas().Series([], dtype=value))

    def make(self, *parts: Any) -> Any:
        """The dtype of this column."""
        if len(parts) == 1:
            (ordered,) = parts
            if type(ordered) is not bool:
                raise TypeError
            return pandas().CategoricalDtype(ordered=ordered)
        column = made_column(parts)
        if len(column):
            raise ValueError
        return column.dtype


KINDS = [*map(TableTypeKind, TYPES)]
