"""Why a test cell failed, for a teacher: what it compared, and the calls that led to it.

It is kept in the metadata of the executed notebook's cell. It quotes hidden tests and what they
expect, so it is for teachers only; all texts in it may be a student's.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")

VERSION = 1
METADATA = "referee"  # the key of a cell's and of a notebook's metadata


class FailedLine(Struct, frozen=True, omit_defaults=True):
    """A statement of a test cell that failed; `number` is the line that it begins in."""

    cell: str
    number: int
    source: str


class NamedValue(Struct, frozen=True, omit_defaults=True):
    """A value in short, and what the test calls it."""

    code: str
    value: str


class Difference(Struct, frozen=True, omit_defaults=True):
    """Where two values differ: `at` is a position, as Python writes it."""

    at: str
    got: str
    expected: str


class Comparison(Struct, frozen=True, omit_defaults=True):
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


class RecordedCall(Struct, frozen=True, omit_defaults=True):
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
    prepare: str = ""
    source: str = ""


class Explanation(Struct, frozen=True, omit_defaults=True):
    """Why a test cell failed.

    `calls` are the first ones and the last ones of `made`; `led_to_it` is the number of the one
    whose result failed. `values` are other values that the line uses. `notes` say what is missing
    in it.
    """

    line: FailedLine | None = None
    comparison: Comparison | None = None
    values: tuple[NamedValue, ...] = ()
    calls: tuple[RecordedCall, ...] = ()
    made: int = 0
    led_to_it: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def call(self) -> RecordedCall | None:
        """The call that led to the failure."""
        return next((call for call in self.calls if call.number == self.led_to_it), None)


class GradedWith(Struct, frozen=True, omit_defaults=True):
    """With which versions a notebook was graded."""

    versions: dict[str, str]


def to_metadata(value: Explanation | GradedWith) -> dict[str, Any]:
    """It as a notebook's metadata has it."""
    return {"version": VERSION, **msgspec.to_builtins(value)}


def explanation_from(metadata: Any) -> Explanation | None:
    """Read what to_metadata made of an explanation; None if it is of another version."""
    return _read(metadata, Explanation)


def graded_with(metadata: Any) -> GradedWith | None:
    """Read what to_metadata made; None if nothing was recorded, or by another version."""
    return _read(metadata, GradedWith)


def _read(metadata: Any, kind: type[T]) -> T | None:
    if not isinstance(metadata, dict) or metadata.get("version") != VERSION:
        return None
    try:
        return msgspec.convert(metadata, kind)
    except msgspec.ValidationError:
        return None
