"""Warnings of the student's code, given again where the test runs.

A test that looks for warnings (`warnings.catch_warnings`, `pytest.warns`, `assertWarns`) changes
what its own process does about them. So the student's process tells each warning by calling back,
before it goes on: the test's filters decide, and one that makes it an error ends the call.
"""

import re
import warnings
from typing import Any

from referee.boundary.messages import MAX_MESSAGE, shortened
from referee.judge.remote import StudentCode, exception_class

LOOKS_FOR_WARNINGS = re.compile(r"warn|deprecated_call", re.IGNORECASE)


class HeardWarnings:
    """Hears of the warnings of the student's code, while a test cell runs that looks for them."""

    def __init__(self, student: StudentCode) -> None:
        self._student = student
        self._given: dict[Any, Any] = {}  # as Python remembers them, to give each one once
        self._hear = self._warn  # one object for the whole cell

    def listen(self) -> None:
        """Hear of those of the next call, also of those that were shown before."""
        self._student.replace("showwarning", self._hear, "warnings")

    def _warn(self, message: Any, category: Any, _: Any = None, line: Any = 0, *__: Any) -> None:
        kind = exception_class(category, self._student.context.stand_ins)
        if kind is None or not issubclass(kind, Warning):
            raise TypeError("a warning of a class that is none")
        text = shortened(str(message), MAX_MESSAGE)
        warning = BaseException.__new__(kind, text)  # no constructor of a library's is run
        number = line if type(line) is int else 0
        # As if from a file that is not there: what a student calls theirs does not matter.
        place = ("<the student's notebook>", number, "__main__", self._given)
        warnings.warn_explicit(warning, kind, *place)
