# Answers with extension types, time stamps and maps of msgpack, and with a pickle.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import pickle
import struct

import msgpack


class Bomb:
    def __reduce__(self):
        return os.system, (
            "echo ran > referee-attack-pickle; echo ran > /tmp/referee-attack-pickle",
        )


trees = [
    msgpack.packb(msgpack.ExtType(42, pickle.dumps(Bomb()))),
    msgpack.packb(msgpack.Timestamp(1, 2)),
    msgpack.packb({"value": True, "output": ""}),
    msgpack.packb(msgpack.ExtType(1, b"")),
    pickle.dumps(Bomb()),
    b"\xdf\xff\xff\xff\xff",
    b"\xdd\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xc1",
]


def forge(frame):
    tree = trees[os.getpid() % len(trees)]
    return struct.pack("<QQ", len(tree), 0) + tree
