# Sends SIGSTOP, SIGTERM and SIGKILL to its process group, and leaves its session for another before.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import signal
import sys

for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM):
    signal.signal(sign, signal.SIG_IGN)


def attack():
    if "referee.boundary.student" in sys.modules:
        os.killpg(os.getpgrp(), signal.SIGTERM)
        os.killpg(os.getpgrp(), signal.SIGKILL)
    return "the group lives"


print(attack() if "referee.boundary.student" not in sys.modules else "later")
