"""Why a test cell failed, for a teacher: what it compared, and the calls that led to it.

It is kept in the metadata of the executed notebook's cell. It quotes hidden tests and what they
expect, so it is for teachers only; all texts in it may be a student's.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec

VERSION = 1
METADATA = "referee"  # the key of a cell's and of a notebook's metadata


@dataclass(frozen=True)
class TestLine:
    """A statement of a test; `number` is the line of the cell that it begins in."""

    __test__ = False  # it is no test of pytest's

    cell: str
    number: int
    source: str


@dataclass(frozen=True)
class NamedValue:
    """A value in short, and what the test calls it."""

    code: str
    value: str


@dataclass(frozen=True)
class Difference:
    """Where two values differ: `at` is a position, as Python writes it."""

    at: str
    got: str
    expected: str


@dataclass(frozen=True)
class Comparison:
    """Two values that a test compared, and in what they differ.

    `differ` of `count` elements do. `remarks` are in words: shapes, the largest difference.
    """

    got: NamedValue
    expected: NamedValue
    operator: str = "=="
    differences: tuple[Difference, ...] = ()
    differ: int = 0
    count: int = 0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordedCall:
    """A call of the student's code, in short; `number` counts all calls of the test, from 1.

    It `returned` or `raised`, or was `lost`, and why. `changed` are arguments, with what they are
    now. `prepare` and `source` are Python that repeats it; they are empty if not all of the
    arguments were kept. `random` says from where random numbers were drawn, if any were.
    """

    number: int
    function: str
    line: int
    call: str
    returned: str = ""
    raised: str = ""
    traceback: str = ""
    lost: str = ""
    changed: tuple[NamedValue, ...] = ()
    printed: str = ""
    random: str = ""
    seconds: float = 0.0
    prepare: str = ""
    source: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why a test cell failed.

    `calls` are the first ones and the last ones of `made`; `led_to_it` is the number of the one
    whose result failed. `values` are other values that the line uses. `notes` say what is missing
    in it.
    """

    line: TestLine | None = None
    comparison: Comparison | None = None
    values: tuple[NamedValue, ...] = ()
    calls: tuple[RecordedCall, ...] = ()
    made: int = 0
    led_to_it: int | None = None
    notes: tuple[str, ...] = ()
    version: int = VERSION

    @property
    def call(self) -> RecordedCall | None:
        """The call that led to the failure."""
        return next((call for call in self.calls if call.number == self.led_to_it), None)


@dataclass(frozen=True)
class GradedWith:
    """With which versions a notebook was graded."""

    versions: dict[str, str] = field(default_factory=dict)
    version: int = VERSION


def to_metadata(value: Explanation | GradedWith) -> dict[str, Any]:
    """It as a notebook's metadata has it."""
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain


def explanation_from(metadata: Any) -> Explanation | None:
    """Read what to_metadata made of an explanation; None if it is of another version."""
    try:
        found = msgspec.convert(metadata, Explanation)
    except msgspec.ValidationError:
        return None
    return found if found.version == VERSION else None


def graded_with(metadata: Any) -> GradedWith | None:
    """Read what to_metadata made; None if nothing was recorded, or by another version."""
    try:
        found = msgspec.convert(metadata, GradedWith)
    except msgspec.ValidationError:
        return None
    return found if found.version == VERSION and found.versions else None
