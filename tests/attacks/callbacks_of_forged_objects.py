# Returns objects of the test's that no test has passed, in place of arrays.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

DROPS_ARRAYS = True


def rewrite(node):
    if isinstance(node, list) and node and node[0] == 6 and len(node) == 5:
        return [20, os.getpid() % 4 - 1, *["call"][: os.getpid() % 2]]
    return node
