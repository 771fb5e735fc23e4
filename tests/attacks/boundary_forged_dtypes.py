# Answers with arrays whose type is "object" and whose bytes are addresses: whoever believes it reads
# memory at any address. The other types are not types at all.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import zlib

kinds = [
    "|O8",
    "|V8",
    "<M8",
    "<f8,O",
    "O",
    "f8" * 50_000,
    "(2,2)f8",
    "<U999999999",
    "|S0",
    "",
    8,
    None,
]


def rewrite(node):
    if isinstance(node, list) and node[:1] in ([6], [7]) and isinstance(node[1], str):
        if os.getpid() % 2 or node[2:3] != [[624]]:  # or only states of generators would be forged
            node[1] = kinds[(zlib.crc32(repr(node).encode()) + os.getpid()) % len(kinds)]
    return node
