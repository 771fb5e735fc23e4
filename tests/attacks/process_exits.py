# Ends the process with exit code 0 inside a function: it ended well, so it may look passed.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


def lie(result):
    print("all tests passed", flush=True)
    deed()
    os._exit(0)
