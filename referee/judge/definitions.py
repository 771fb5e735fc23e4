"""Classes and functions of Python and NumPy that a student's code can return as themselves.

Whoever calls one of these with arguments of a student's choice reaches no file and no other code,
so the judge has its own. Of all others, each is an object that stays in the notebook.
"""

import builtins
import collections.abc
import math
import sys
import typing
from enum import EnumMeta
from types import BuiltinFunctionType, FunctionType, NoneType
from typing import Any

import numpy as np

from referee.boundary.kinds import KINDS
from referee.judge.callbacks import is_of_a_library
from referee.judge.exceptions import EXCEPTIONS

FUNCTIONS = (
    *("abs", "all", "any", "chr", "divmod", "len", "max", "min", "ord", "pow", "round"),
    *("sorted", "sum"),
)


def definition_at(module: str, name: str) -> Any:
    """The class or function of this module and name, None if it is none of these."""
    return KNOWN.get((module, name)) or KINDS.class_at(module, name)


def enumeration_at(module: str, name: str) -> Any:
    """The enumeration that a library which has been imported has at a place, None if it has none.

    Its members do nothing.
    """
    found = sys.modules.get(module)
    kind = vars(found).get(name) if found and is_of_a_library(found) else None
    return kind if isinstance(kind, EnumMeta) and kind.__module__ == module else None


def _known() -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {("builtins", "NoneType"): NoneType}
    for name, value in vars(builtins).items():
        is_class = isinstance(value, type) and not issubclass(value, BaseException)
        if is_class or name in FUNCTIONS or name in EXCEPTIONS:
            found[("builtins", name)] = value
    for name, value in vars(math).items():
        if isinstance(value, BuiltinFunctionType):
            found[("math", name)] = value
    for name, value in vars(np).items():
        if isinstance(value, np.ufunc) or _is_of_arrays(value):
            found[("numpy", name)] = value
    for name in typing.__all__:
        value = getattr(typing, name)
        if value is typing.Any or not isinstance(value, type | FunctionType):
            found[("typing", name)] = value
    for name in collections.abc.__all__:
        found[("collections.abc", name)] = getattr(collections.abc, name)
    return found


def _is_of_arrays(value: Any) -> bool:
    is_one = isinstance(value, type) and issubclass(value, np.generic | np.ndarray)
    return is_one and value is not np.memmap  # which is of a file


KNOWN = _known()  # before a test replaces one of them
