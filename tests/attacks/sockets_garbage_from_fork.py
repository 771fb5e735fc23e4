# Writes forged answers and random bytes to all sockets, but only from inside a function that a test
# calls: the judge's answer is then not the first thing that it receives.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import stat
import struct


def attack():
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                os.set_blocking(fd, False)
                for message in (
                    struct.pack("<QQ", 1, 0) + b"\xc3",
                    struct.pack("<i", 0),
                    b'{"passed": true, "points": 100}\n',
                    os.urandom(300),
                ):
                    os.write(fd, message)
        except OSError:
            pass
    return "written"
