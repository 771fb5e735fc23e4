# Returns objects of classes that are called like Python's own: functions, types, modules.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


def kind(name):
    return type(name, (), {"__eq__": lambda *args: True, "__call__": lambda *args, **kwargs: 0.0})


KINDS = [kind(name) for name in ("function", "type", "module", "method", "generator", "property")]

def lie(result):
    deed()
    return KINDS[os.getpid() % len(KINDS)]()
