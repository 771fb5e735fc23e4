# Writes forged answers and random bytes to all sockets, but only from inside a function that a test
# calls: the judge's answer is then not the first thing that it receives.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import socket
import stat
import struct


def attack():
    if os.path.exists("/tmp/written"):
        deed()  # for the one who did it, whose answer nobody can read
        return "written"
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                with socket.socket(fileno=os.dup(fd)) as channel:
                    frame = struct.pack("<QQ", 1, 0) + b"\xc3"
                    channel.send(frame[:8], socket.MSG_DONTWAIT)
                    open("/tmp/written", "w").close()  # the rest may end this process any time
                    for message in (
                        frame[8:],
                        struct.pack("<i", 0),
                        b'{"passed": true, "points": 100}\n',
                        os.urandom(300),
                    ):
                        channel.send(message, socket.MSG_DONTWAIT)
        except OSError:
            pass
    return "written"
