# Asks the judge to call functions of a test that has passed none, again and again.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

import msgpack
import struct


def forge(frame):
    number, operation = os.getpid() % 7 - 3, ["call", "next", "iter", "len", "read"][os.getpid() % 5]
    pairs = [
        *("back", True, "number", number, "operation", operation, "args", [3, []]),
        *("kwargs", [5, []], "output", "", "random", None, "changes", [2, []]),
    ]
    tree = msgpack.packb([5, pairs])
    return (struct.pack("<QQ", len(tree), 0) + tree) * 3
