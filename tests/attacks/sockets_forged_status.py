# Tells the judge that forks ended in ways that they did not, with numbers that are no status, before
# they are asked for.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import struct
import threading
import types

from referee.boundary import student


def attack():
    for thread in threading.enumerate():
        if isinstance(thread, student.ForkServer):
            for status in (0, -1, 2**31 - 1, 127, 0x137F):
                thread.requests.send(struct.pack("<i", status))
            deed()
    os._exit(0)


student.struct = types.SimpleNamespace(pack=lambda form, *values: b"\xff" * 4)
for thread in threading.enumerate():
    if isinstance(thread, student.ForkServer):
        thread.requests.send(b"\0")
