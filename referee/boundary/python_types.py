"""Classes of Python's own whose instances both sides know by the name of their class.

They are functions, classes, generators and the like, which never cross themselves.
"""

import types
from typing import Any

_TYPES: tuple[type, ...] = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.MethodWrapperType,
    types.GeneratorType,
    types.CoroutineType,
    types.AsyncGeneratorType,
    types.ModuleType,
    types.CodeType,
    types.MappingProxyType,
    property,
    staticmethod,
    classmethod,
    type,
)
TYPES = {kind.__name__: kind for kind in _TYPES}


def type_name_of(value: Any) -> str:
    """What the other side hears of an object's class: of a class of Python's, its name.

    A class of the same name that is somebody's own is called with its module.
    """
    kind = type if isinstance(value, type) else type(value)
    name = kind.__name__
    return f"{kind.__module__}.{name}" if name in TYPES and TYPES[name] is not kind else name
