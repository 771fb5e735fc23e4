# Answers with arrays of shapes that are negative, overflow, have too many dimensions, or are not
# numbers at all.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import zlib

shapes = [
    [-1],
    [2**62, 4],
    [0, 2**61],
    [1] * 200,
    [2**63],
    [-2, -6],
    [1.0],
    [None],
    "abc",
    [[1], [2]],
    {},
]


def rewrite(node):
    if isinstance(node, list) and node[:1] == [6] and len(node) == 5:
        if os.getpid() % 2 or node[2:3] != [[624]]:  # or only states of generators would be forged
            node[2] = shapes[(zlib.crc32(repr(node).encode()) + os.getpid()) % len(shapes)]
    return node
