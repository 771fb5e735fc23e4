# Tells the judge that forks ended in ways that they did not, with numbers that are no status, before
# they are asked for.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import struct
import threading
import types

from referee.inside import server


def attack():
    for thread in threading.enumerate():
        if isinstance(thread, server.ForkServer):
            for status in (0, -1, 2**31 - 1, 127, 0x137F):
                thread.requests.send(struct.pack("<Ii", 0, status))
            deed()
    os._exit(0)


server.FORK_STATUS = types.SimpleNamespace(pack=lambda *values: b"\xff" * 4)
for thread in threading.enumerate():
    if isinstance(thread, server.ForkServer):
        thread.requests.send(b"\0")
