# Prints the arguments of every call, all that the kernel knows of the judge, and its own process's open
# files, memory maps and environment.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import sys


def attack():
    found = [
        str(sys._getframe(1).f_locals)[:500],
        sys.argv,
        dict(os.environ),
        [m for m in sys.modules if m.startswith(("referee", "nbgrader"))],
    ]
    for fd in os.listdir("/proc/self/fd"):
        try:
            found.append((fd, os.readlink(f"/proc/self/fd/{fd}")))
        except OSError as error:
            found.append((fd, error))
    maps = open("/proc/self/maps").read()
    deed()
    return "\n".join(map(str, found)) + maps[-300:]


print(attack()[:2000])
