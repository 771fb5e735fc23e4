"""A test cell of the master notebook, as the judge has it."""

import re
from dataclasses import dataclass, replace
from typing import Self

from referee.model.assignment import AssignmentCell

MASKS = re.compile(r"\bma\b|\bmasked|\.(mask|filled|compressed)\b")
# What tests name that look for missing values, or whose own columns have them. The functions that
# compare tables are among these, for they tell NA from data.
MISSING = re.compile(
    r"\bNA\b|isna|isnull|notna|notnull|dropna|fillna|skipna|hasnans|Int\d|Float\d|dtype|Dtype|"
    r"['\"](boolean|string)\b|\.equals\b|assert_(series|frame|index|extension_array)_equal"
)
PASS_COPIES = re.compile(r"^\s*#\s*referee:\s*pass copies\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class TestCell:
    """A graded test cell of the master notebook."""

    __test__ = False  # it is no test of pytest's

    grade_id: str
    source: str
    points: float
    has_hidden_tests: bool = False  # whether students have not seen all of it
    released: str = ""  # what they have of one with hidden tests

    @property
    def passes_copies(self) -> bool:
        """Whether its author wants no call to change what the test passes to it."""
        return PASS_COPIES.search(self.source) is not None

    @property
    def knows_masks(self) -> bool:
        """Whether it expects masked arrays, which are equal to everything where they are masked."""
        return MASKS.search(self.source) is not None

    @property
    def knows_missing(self) -> bool:
        """Whether it expects pandas' NA, which is equal to nothing, and unequal to nothing."""
        return MISSING.search(self.source) is not None

    @classmethod
    def of(cls, cell: AssignmentCell) -> Self:
        """The test of an assignment's cell."""
        is_hidden = cell.source != cell.released
        return cls(cell.name, cell.source, cell.points or 0.0, is_hidden, cell.released)

    @property
    def filename(self) -> str:
        """The name of the file that its code has."""
        return f"<{self.grade_id}>"

    def as_students_have_it(self) -> Self:
        """It without its hidden tests."""
        return replace(self, source=self.released) if self.has_hidden_tests else self
