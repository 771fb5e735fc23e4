# Closes all files of the kernel above standard error, and puts others in their place.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

null = os.open("/dev/zero", os.O_RDWR)
for fd in range(3, 256):
    try:
        if fd != null and "socket" in os.readlink(f"/proc/self/fd/{fd}"):
            os.dup2(null, fd)
    except OSError:
        pass
