# A thread of the kernel takes the judge's request for a fork, with the socket that comes with it, before
# the kernel's own thread can, and answers "all is well" itself.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import socket
import stat
import struct
import threading


def take_requests(fd):
    with socket.socket(fileno=os.dup(fd)) as control:
        while True:
            message, fds, *_ = socket.recv_fds(control, 64, 4)
            if not message:
                return
            for channel in fds:
                os.write(channel, struct.pack("<QQ", 1, 0) + b"\xc3")
                os.close(channel)
            control.send(struct.pack("<i", 0))
            if fds:
                deed()


for fd in map(int, os.listdir("/proc/self/fd")):  # without the copies that are made here
    try:
        is_unix = stat.S_ISSOCK(os.fstat(fd).st_mode)
        with socket.socket(fileno=os.dup(fd)) as probe:
            if probe.family == socket.AF_UNIX and probe.getsockname() in ("", b"") and is_unix:
                threading.Thread(target=take_requests, args=(fd,), daemon=True).start()
    except OSError:
        pass
