# Finds the sockets among the kernel's open files and writes random bytes to each.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import stat


def attack():
    written = []
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                os.set_blocking(fd, False)
                written.append((fd, os.write(fd, os.urandom(64))))
                deed()
        except OSError as error:
            if error.errno != 9:
                written.append((fd, str(error)))
    return written


print(attack())
