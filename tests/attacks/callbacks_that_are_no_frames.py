# Sends calls back whose number, operation, arguments and changes are none.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

import msgpack
import struct

WRONG = [
    {"number": "0"}, {"operation": "__globals__"}, {"args": [2, []]}, {"kwargs": [5, [1, 2]]},
    {"back": 1}, {"changes": [2, [[3, [0, [5, []]]]]]}, {"random": [2, []]}, {"more": 1},
]


def forge(frame):
    fields = {
        **{"back": True, "number": 0, "operation": "call", "args": [3, []], "kwargs": [5, []]},
        **{"output": "", "random": None, "changes": [2, []]},
        **WRONG[os.getpid() % len(WRONG)],
    }
    tree = msgpack.packb([5, [part for pair in fields.items() for part in pair]])
    return struct.pack("<QQ", len(tree), 0) + tree
