# Closes all files of the kernel above standard error, and puts others in their place.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

null = os.open("/dev/full", os.O_RDWR)  # which reads like /dev/zero
for fd in range(3, 256):
    try:
        if fd != null and "socket" in os.readlink(f"/proc/self/fd/{fd}"):
            deed()  # which needs one of them to say so
            os.dup2(null, fd)
    except OSError:
        pass
