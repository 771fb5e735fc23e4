# Registers functions that run when the kernel, or a fork of it, ends: atexit, finalizers, threading's own,
# and the destructor of an object. They leave a file and delay the end by a second each.
# %% from attacks/parts/stand_ins.py
# %% relu
import atexit
import os
import threading
import time
import weakref
from pathlib import Path


ran = []


def at_the_end(*args):
    try:
        Path("/tmp/referee-attack-exit").write_text("ran")
        Path("referee-attack-exit").write_text("ran")
    except OSError:
        pass
    ran.append(args)
    time.sleep(1)


def in_fork():
    time.sleep(0.1)
    if ran:
        deed()


class Finaliser:
    def __del__(self):
        at_the_end()


kept = Finaliser()
atexit.register(at_the_end)
threading._register_atexit(at_the_end)
weakref.finalize(kept, at_the_end)
os.register_at_fork(before=lambda: None, after_in_child=in_fork, after_in_parent=lambda: None)
get_ipython().atexit_operations = at_the_end
ended = Finaliser()
del ended  # runs it once: the kernel and its forks are ended without being asked
