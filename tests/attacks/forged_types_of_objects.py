# Says of all that it is an object of the notebook: a function, a type, a module, a method.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

DROPS_ARRAYS = True

KINDS = ["function", "type", "module", "method", "generator", "coroutine", "numpy.ndarray", ""]


def rewrite(node):
    if isinstance(node, list) and node and node[0] == 6 and len(node) == 5:
        return [12, os.getpid() % 5, KINDS[os.getpid() % len(KINDS)], True]
    return node
