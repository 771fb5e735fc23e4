# Answers with nodes that are wrong in every way that comes to mind: unknown tags, missing fields,
# references to nothing and to themselves, keys that cannot be keys.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import zlib

nodes = [
    [99],
    [],
    [-1, 0],
    ["LIST", []],
    [[2], []],
    [None],
    [True, 0],
    [0, 10**9],
    [0, -1],
    [0, "0"],
    [1, 10**9],
    [1, -1],
    [1, None],
    [2],
    [2, 5],
    [2, [[0, 0]]],
    [3, [[0, 4]]],
    [4, [[2, []]]],
    [5, [1]],
    [5, [[2, []], 1]],
    [6, "<f8", [3], "X", True],
    [6, "<f8", [3], "C"],
    [6, "<f8", [10**6], "C", True],
    [7, "<f8", b""],
    [7, "<f8", "text"],
    [8, 5],
    [9, "1", None],
    [10, "f" * 100_000],
    [10, "no"],
    [11, 10**9, [2, []]],
    [11, None, 5],
    [11, 0, 5],
    [11, 0, [0, 0]],
    [12, 10**9, "dropout", True],
    [12, -1, "x" * 10**6, True],
    [12, 2**63, "", 1],
    [12, "0", 3, None],
]


def rewrite(node):
    # Half of the forks let the states of generators pass, so that results are forged too.
    if isinstance(node, list) and node[:1] == [6] and (os.getpid() % 2 or node[2:3] != [[624]]):
        return nodes[(zlib.crc32(repr(node).encode()) + os.getpid()) % len(nodes)]
    return node
